from stdnum.th import tin

from common import digits, found

FORMATS = {"th_pin": (found(lambda: digits(13, "012345678"), tin.is_valid), tin.is_valid, None)}

from stdnum.ma import ice

from common import digits, found

FORMATS = {"ma_ice": (found(lambda: digits(15), ice.is_valid), lambda v: ice.is_valid(v) and len(set(v)) > 1, None)}

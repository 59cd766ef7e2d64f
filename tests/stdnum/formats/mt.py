from stdnum.mt import vat

from common import digits, found

FORMATS = {"mt_vat": (found(lambda: digits(8, "123456789"), vat.is_valid), vat.is_valid, None)}

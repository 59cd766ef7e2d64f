from stdnum.cy import vat

from common import R, UPPER, digits, found

FORMATS = {"cy_vat": (found(lambda: digits(8, "013459") + R.choice(UPPER), vat.is_valid), vat.is_valid, None)}

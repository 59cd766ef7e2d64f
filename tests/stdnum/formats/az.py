from stdnum.az import voen

from common import R, digits, found

FORMATS = {
    "az_voen": (found(lambda: digits(9, "123456789") + R.choice("12"), voen.is_valid), lambda v: len(v) == 10 and voen.is_valid(v) and v[:2] != "00", None),
}

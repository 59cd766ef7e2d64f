from stdnum import luhn, verhoeff
from stdnum.in_ import aadhaar, epic, gstin, pan, vid

from common import ALNUM, R, UPPER, digits, some


def make_gstin():
    body = "%02d" % R.randrange(1, 38) + make_pan() + R.choice("123456789ABC") + "Z"
    return body + luhn.calc_check_digit(body, ALNUM)


def make_pan():
    return some(UPPER, 3) + R.choice("ABCFGHLJPTK") + some(UPPER, 1) + digits(4) + some(UPPER, 1)


def make_epic():
    body = digits(6)
    return some(UPPER, 3) + body + luhn.calc_check_digit(body)


FORMATS = {
    "in_aadhaar": (lambda: (lambda b: b + verhoeff.calc_check_digit(b))(digits(11, "23456789")), aadhaar.is_valid, None),
    "in_vid": (lambda: (lambda b: b + verhoeff.calc_check_digit(b))(digits(15, "23456789")), vid.is_valid, None),
    "in_pan": (make_pan, pan.is_valid, None),
    "in_gstin": (make_gstin, gstin.is_valid, None),
    "in_epic": (make_epic, epic.is_valid, None),
}

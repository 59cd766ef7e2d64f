from stdnum import luhn
from stdnum.ca import bc_phn, bn, sin

from common import R, digits, found


def make_bn():
    body = digits(8)
    body += luhn.calc_check_digit(body)
    return body + R.choice(["", R.choice(["RC", "RM", "RP", "RT"]) + digits(4)])


FORMATS = {
    "ca_sin": (found(lambda: digits(9), sin.is_valid), lambda v: sin.is_valid(v) and len(set(v)) > 1, None),
    "ca_bn": (make_bn, lambda v: bn.is_valid(v) and len(set(v[:9])) > 1, None),
    "ca_bc_phn": (found(lambda: "9" + digits(9), bc_phn.is_valid), bc_phn.is_valid, None),
}

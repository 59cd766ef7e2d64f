from stdnum.ie import pps, vat

from common import R, UPPER, digits


def make_pps():
    body = digits(7)
    if R.random() < 0.5:
        return body + vat.calc_check_digit(body) + R.choice(["", "W", "T", "X"])
    last = R.choice("ABH")
    return body + vat.calc_check_digit(body + last) + last


def make_vat():
    body = digits(7)
    if R.random() < 0.3:
        body = digits(1) + R.choice(UPPER + "+*") + digits(5)
        return "IE" + body + vat.calc_check_digit(body[2:] + body[0])
    last = R.choice(["", "A", "H"])
    return "IE" + body + vat.calc_check_digit(body + last) + last


FORMATS = {
    "ie_pps": (make_pps, pps.is_valid, None),
    "ie_vat": (make_vat, vat.is_valid, None),
}

from stdnum.me import pib

from common import digits


def make_pib():
    body = digits(7, "0123")
    return body + pib.calc_check_digit(body)


FORMATS = {
    "me_pib": (make_pib, lambda v: pib.is_valid(v) and len(set(v)) > 1, None),
}

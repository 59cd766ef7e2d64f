from stdnum.pe import cui, ruc

from common import R, digits


def make_ruc():
    body = R.choice(["10", "15", "17", "20"]) + digits(8)
    return body + ruc.calc_check_digit(body)


def make_cui():
    body = digits(8)
    return body + R.choice(cui.calc_check_digits(body))


FORMATS = {
    "pe_ruc": (make_ruc, ruc.is_valid, None),
    "pe_cui": (make_cui, lambda v: len(v) == 9 and cui.is_valid(v), None),
}

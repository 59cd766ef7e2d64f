from stdnum.ar import cbu, cuit

from common import R, digits


def make_cuit():
    body = R.choice(cuit._cuit_tpes) + digits(8)
    return body + cuit.calc_check_digit(body)


def make_cbu():
    bank, account = digits(7), digits(13)
    return bank + cbu.calc_check_digit(bank) + account + cbu.calc_check_digit(account)


FORMATS = {
    "ar_cuit": (make_cuit, cuit.is_valid, None),
    "ar_cbu": (make_cbu, lambda v: cbu.is_valid(v) and len(set(v)) > 1, None),
}

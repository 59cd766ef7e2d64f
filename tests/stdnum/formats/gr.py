from stdnum import luhn
from stdnum.gr import amka, vat

from common import a_date, digits


def make_amka():
    body = a_date(1930, 2023).strftime("%d%m%y") + digits(4)
    return body + luhn.calc_check_digit(body)


def make_afm():
    body = digits(8)
    return body + vat.calc_check_digit(body)


FORMATS = {
    "gr_amka": (make_amka, amka.is_valid, None),
    "gr_afm": (make_afm, lambda v: len(v) == 9 and vat.is_valid(v) and len(set(v)) > 1, None),
}

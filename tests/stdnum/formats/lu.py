from datetime import date

from stdnum import luhn, verhoeff
from stdnum.lu import tva

from common import a_date, digits


def make_matricule():
    body = a_date().strftime("%Y%m%d") + digits(3)
    return body + luhn.calc_check_digit(body) + verhoeff.calc_check_digit(body)


def own_matricule(value):
    """The twelfth digit is Luhn's over the first eleven, the thirteenth Verhoeff's over the same (CTIE)."""
    date(int(value[:4]), int(value[4:6]), int(value[6:8]))
    return 1870 <= int(value[:4]) <= 2099 and luhn.is_valid(value[:12]) and verhoeff.is_valid(value[:11] + value[12])


def make_tva():
    body = digits(6)
    return body + tva.calc_check_digits(body)


FORMATS = {"lu_tva": (make_tva, lambda v: tva.is_valid(v) and int(v) > 0, None), "lu_matricule": (make_matricule, own_matricule, None)}

from stdnum import ean
from stdnum.dk import cpr, cvr

from common import R, a_date, digits, found


def make_cpr():
    birth = a_date(1930, 2024)
    return birth.strftime("%d%m%y") + digits(1, "456789" if birth.year >= 2000 else "0123") + digits(3)


def own_cpr(value):
    """Without python-stdnum's comparison with today's date, which would make the outcome change from day to day."""
    if not value.isdigit() or len(value) != 10:
        return False
    try:
        cpr.get_birth_date(value)
    except cpr.InvalidComponent:
        return False
    return True


def make_cvr():
    return ("DK" if R.random() < 0.3 else "") + digits(8, "123456789")


def make_gln():
    body = "57" + digits(10)
    return body + ean.calc_check_digit(body)


FORMATS = {
    "dk_cpr": (make_cpr, own_cpr, range(0, 6)),
    "dk_cvr": (found(make_cvr, cvr.is_valid), lambda v: cvr.is_valid(v) and len(set(v)) > 1, None),
    "dk_ean_lokation": (make_gln, lambda v: v[:2] == "57" and ean.is_valid(v), None),
}

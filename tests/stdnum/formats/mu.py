from stdnum.mu import nid

from common import R, UPPER, a_date, digits


def own_nid(value):
    return value.isascii() and value.upper() == value and nid.is_valid(value)


def make_nid():
    body = R.choice(UPPER) + a_date().strftime("%d%m%y") + digits(6)
    return body + nid.calc_check_digit(body)


FORMATS = {"mu_nid": (make_nid, own_nid, None)}

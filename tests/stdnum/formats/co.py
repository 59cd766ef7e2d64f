from stdnum.co import nit

from common import R, digits


def make_nit():
    body = digits(R.choice([8, 9, 10]), "123456789")
    return body + nit.calc_check_digit(body)


FORMATS = {"co_nit": (make_nit, lambda v: nit.is_valid(v) and len(set(v)) > 1, None)}

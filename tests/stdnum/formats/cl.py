from stdnum.cl import rut

from common import R, digits


def make_rut():
    body = digits(R.choice([7, 8]), "123456789")
    return body + rut.calc_check_digit(body)


FORMATS = {"cl_rut": (make_rut, lambda v: rut.is_valid(v) and len(set(v)) > 1, None)}

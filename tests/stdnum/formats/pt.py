from stdnum.iso7064 import mod_97_10
from stdnum.pt import cc, nif

from common import ALNUM, R, digits, some, weighted

PRIMES = (29, 23, 19, 17, 13, 11, 7, 5, 3, 2)


def make_nif():
    body = digits(8, "123456789")
    return R.choice(["", "PT"]) + body + nif.calc_check_digit(body)


def make_cc():
    body = digits(9) + some(ALNUM, 2)
    return body + cc.calc_check_digit(body)


def own_niss_check(body):
    return str(9 - weighted(body, PRIMES) % 10)


def own_niss(value):
    return value.isdigit() and value[0] in "12" and own_niss_check(value[:10]) == value[10]


def make_niss():
    body = digits(10, "12")
    return body + own_niss_check(body)


def make_nib():
    return (lambda body: body + mod_97_10.calc_check_digits(body))(digits(19))


FORMATS = {
    "pt_nif": (make_nif, nif.is_valid, None),
    "pt_cc": (make_cc, lambda v: len(v) == 12 and cc.is_valid(v), None),
    "pt_niss": (make_niss, own_niss, None),
    "pt_nib": (make_nib, lambda v: v.isdigit() and mod_97_10.is_valid(v), None),
}

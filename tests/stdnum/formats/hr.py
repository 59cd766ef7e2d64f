from stdnum.hr import oib
from stdnum.iso7064 import mod_11_10

from common import digits


def make_oib():
    body = digits(10)
    return body + mod_11_10.calc_check_digit(body)


FORMATS = {"iso7064_mod11_10": (make_oib, oib.is_valid, None)}

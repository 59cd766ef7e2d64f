from stdnum.do import rnc

from common import digits, found


def own_rnc(value):
    # some numbers were issued with wrong check digits; python-stdnum lists them
    return rnc.is_valid(value) and len(set(value)) > 1 and rnc.calc_check_digit(value[:-1]) == value[-1]


FORMATS = {"do_rnc": (found(lambda: digits(9, "145"), own_rnc), own_rnc, None)}

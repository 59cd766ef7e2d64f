from stdnum.gh import tin

from common import R, digits


def own_tin(value):
    return value.isascii() and value.upper() == value and value[3:10].isdigit() and tin.is_valid(value)


def make_tin():
    body = R.choice("PCGQV") + "00" + digits(7)
    return body + tin.calc_check_digit(body)


FORMATS = {"gh_tin": (make_tin, own_tin, None)}

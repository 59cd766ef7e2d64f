from stdnum.tr import tckimlik, vkn

from common import digits


def make_tckn():
    body = digits(9, "123456789")
    return body + tckimlik.calc_check_digits(body)


def make_vkn():
    body = digits(9)
    return body + vkn.calc_check_digit(body)


FORMATS = {
    "tr_tckn": (make_tckn, tckimlik.is_valid, None),
    "tr_vkn": (make_vkn, vkn.is_valid, None),
}

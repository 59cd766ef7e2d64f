from stdnum.jp import cn as jp_cn, in_ as jp_in

from common import digits, weighted


def make_jp_licence():
    body = digits(10)
    return body + own_jp_licence_check(body) + digits(1)


def own_jp_licence_check(body):
    rest = weighted(body, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return "0" if rest in (0, 1) else str(11 - rest)


def own_jp_licence(value):
    return value.isdigit() and own_jp_licence_check(value[:10]) == value[10]


def make_juminhyo():
    body = digits(10)
    return body + own_juminhyo_check(body)


def own_juminhyo_check(body):
    rest = weighted(reversed(body), (2, 3, 4, 5, 6, 7, 2, 3, 4, 5)) % 11
    return "0" if rest <= 1 else str(11 - rest)


def own_juminhyo(value):
    return own_juminhyo_check(value[:10]) == value[10]


FORMATS = {
    "jp_my_number": (lambda: (lambda b: b + jp_in.calc_check_digit(b))(digits(11)), jp_in.is_valid, None),
    "jp_corporate_number": (lambda: (lambda b: jp_cn.calc_check_digit(b) + b)(digits(12)), jp_cn.is_valid, None),
    "jp_driving_licence": (make_jp_licence, own_jp_licence, None),
    "jp_juminhyo": (make_juminhyo, own_juminhyo, None),
}

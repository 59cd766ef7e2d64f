from stdnum.cn import ric, uscc

from common import ALNUM, DIGITS, R, a_date, digits, some


def make_ric():
    body = R.choice(REGIONS) + a_date(1990, 2015).strftime("%Y%m%d") + digits(3)
    return body + ric.calc_check_digit(body + "0")


def make_uscc():
    body = R.choice(["91", "92", "93", "51", "52", "11", "12"]) + R.choice(REGIONS) + some("0123456789ABCDEFGHJKLMNPQRTUWXY", 9)
    return body + uscc.calc_check_digit(body)


def make_org_code():
    body = some(DIGITS if R.random() < 0.6 else ALNUM, 8)
    return body + own_org_check(body)


def own_org_check(body):
    rest = 11 - sum(ALNUM.index(c) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2))) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def own_org_code(value):
    return own_org_check(value[:8]) == value[8]

REGIONS = ["110101", "310104", "320102", "330102", "440103", "510104", "610102", "370102"]

FORMATS = {
    "cn_ric": (make_ric, ric.is_valid, range(10, 18)),
    "cn_uscc": (make_uscc, uscc.is_valid, range(8, 18)),
    "cn_org_code": (make_org_code, own_org_code, None),
}

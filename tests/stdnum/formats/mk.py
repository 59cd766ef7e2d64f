from stdnum.mk import edb

from common import R, digits


def make_edb():
    body = digits(12, "45")
    return R.choice(["", "MK"]) + body + edb.calc_check_digit(body)


FORMATS = {
    "mk_edb": (make_edb, lambda v: edb.is_valid(v) and len(set(v)) > 1, None),
}

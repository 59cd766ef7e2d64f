from stdnum.md import idno

from common import digits


def make_idno():
    body = digits(12, "12")
    return body + idno.calc_check_digit(body)


FORMATS = {
    "md_idno": (make_idno, lambda v: idno.is_valid(v) and len(set(v)) > 1, None),
}

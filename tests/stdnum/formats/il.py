from stdnum import luhn
from stdnum.il import hp, idnr

from common import R, digits


def make_id():
    body = digits(8, "0235")
    return body + luhn.calc_check_digit(body)


def own_id(value):
    """stdnum fills numbers up with zeros; ours are written out with all nine digits. Its company number is this one with a 5."""
    return len(value) == 9 and (hp if value[0] == "5" else idnr).is_valid(value) and len(set(value)) > 1


FORMATS = {
    "il_id": (make_id, own_id, None),
}

from stdnum import luhn

from common import digits


def make_id():
    body = digits(9, "12")
    return body + luhn.calc_check_digit(body)


FORMATS = {
    # Absher: citizens have a 1, residents a 2, and the last digit is Luhn's.
    "sa_national_id": (make_id, lambda v: v[0] in "12" and luhn.is_valid(v) and len(set(v)) > 1, None),
}

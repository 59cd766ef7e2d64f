from stdnum.ee import ik
from stdnum.lt import asmens, pvm

from common import R, a_date, digits, found


def make_ak():
    birth = a_date(1900, 2024)
    body = R.choice("56" if birth.year >= 2000 else "34") + birth.strftime("%y%m%d") + digits(3)
    return body + ik.calc_check_digit(body + "0")


def own_ak(value):
    """Without the first digit 9, whose numbers have no date (asmens.py takes them)."""
    return value[0] != "9" and asmens.is_valid(value)


def own_company(value):
    """The algorithm is that of VAT numbers (pvm.py) without their digit 1 in the last place but one."""
    return value.isdigit() and len(value) == 9 and len(set(value)) > 1 and pvm.calc_check_digit(value[:8]) == value[8]


def make_pvm():
    body = digits(7) + "1" if R.random() < 0.5 else digits(10) + "1"
    return ("LT" if R.random() < 0.4 else "") + body + pvm.calc_check_digit(body)


FORMATS = {
    "baltic_personal_code": (make_ak, own_ak, None),
    "lt_company": (found(lambda: digits(9, "123"), own_company), own_company, None),
    "lt_pvm": (make_pvm, pvm.is_valid, None),
}

from stdnum.ee import ik, kmkr, registrikood

from common import R, a_date, digits, found


def make_ik():
    birth = a_date(1900, 2024)
    body = R.choice("56" if birth.year >= 2000 else "34") + birth.strftime("%y%m%d") + digits(3)
    return body + ik.calc_check_digit(body + "0")


FORMATS = {
    "baltic_personal_code": (make_ik, ik.is_valid, None),
    "ee_registrikood": (found(lambda: digits(8, "1789"), registrikood.is_valid), lambda v: registrikood.is_valid(v) and len(set(v)) > 1, None),
    "ee_kmkr": (found(lambda: "EE10" + digits(7), kmkr.is_valid), lambda v: v[:2] == "EE" and kmkr.is_valid(v), range(2, 11)),
}

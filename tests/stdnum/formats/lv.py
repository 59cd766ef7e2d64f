from stdnum.lv import pvn

from common import R, a_date, digits, found


def make_pk():
    if R.random() < 0.3:
        return "32" + digits(9)
    birth = a_date(1930, 2017)
    body = birth.strftime("%d%m%y") + ("2" if birth.year >= 2000 else "1") + digits(3)
    return body + pvn.calc_check_digit_pers(body)


def own_pk(value):
    """Codes from 32 on (since July 2017) carry no check digit according to the register, though python-stdnum computes one."""
    if not value.isdigit() or len(value) != 11:
        return False
    return value[:2] == "32" or value[6] in "012" and value[0] in "0123" and pvn.is_valid(value)


FORMATS = {
    "lv_pk": (make_pk, own_pk, None),
    "lv_pvn": (found(lambda: digits(11, "4569"), pvn.is_valid), lambda v: v[0] > "3" and pvn.is_valid(v), None),
}

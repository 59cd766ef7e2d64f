from stdnum.at import tin, uid, vnr

from common import R, a_date, digits, found


def make_vnr():
    while True:
        value = digits(3, "123456789") + "0" + a_date(1930, 2023).strftime("%d%m%y")
        check = vnr.calc_check_digit(value)
        if len(check) == 1:
            return value[:3] + check + value[4:]


def oracle_vnr(value):
    # python-stdnum does not look at the birth date; months 13 to 15 are given when a day's numbers are used up.
    return vnr.is_valid(value) and 1 <= int(value[4:6]) <= 31 and 1 <= int(value[6:8]) <= 15


def make_uid():
    body = "U" + digits(7)
    return R.choice(["", "AT"]) + body + uid.calc_check_digit(body)


FORMATS = {
    "at_svnr": (make_vnr, oracle_vnr, None),
    "at_tin": (found(lambda: digits(9), tin.is_valid), tin.is_valid, None),
    "at_uid": (make_uid, uid.is_valid, None),
}

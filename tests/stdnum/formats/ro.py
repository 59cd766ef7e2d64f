import re

from stdnum.ro import cf, cnp, cui, onrc

from common import R, a_date, digits

COUNTIES = [*range(1, 41), 51, 52]


def make_cnp():
    born = a_date()
    first = R.choice("12" if born.year < 2000 else "56") if R.random() < 0.9 else R.choice("789")
    body = first + born.strftime("%y%m%d") + "%02d" % R.choice([*range(1, 49), 51, 52]) + digits(3)
    return body + cnp.calc_check_digit(body)


def make_cui():
    body = digits(R.randrange(5, 10), "123456789")
    return R.choice(["", "RO"]) + body + cui.calc_check_digit(body)


def own_cui(value):
    """Stricter than stdnum: a number of two to four digits is any number; a personal code (CNP) is another rule's."""
    return cf.is_valid(value) and 5 <= len(value.removeprefix("RO")) <= 10 and value[0] != "-"


def make_onrc():
    if R.random() < 0.5:
        return "%s%02d/%d/%d" % (R.choice("JFC"), R.choice(COUNTIES), R.randrange(1, 99999), R.randrange(1991, 2025))
    body = R.choice("JFC") + "%d%s" % (R.randrange(1991, 2024), digits(6)) + "%02d" % R.choice(COUNTIES)
    return body + onrc._calc_check_digit(body + "0")


def own_onrc(value):
    """As stdnum, but without its clock (no year is too late), and without its normalising of separators."""
    if re.fullmatch(r"[JFC]\d{1,2}/\d{1,5}/\d{4}", value):
        return onrc.is_valid(value)
    if not re.fullmatch(r"[JFC]\d{13}", value):
        return False
    year, county = int(value[1:5]), int(value[11:13])
    counties = COUNTIES if year < 2024 else [*COUNTIES, 0] if year == 2024 else [0]
    return 1990 <= year <= 2099 and county in counties and onrc._calc_check_digit(value) == value[13]


FORMATS = {
    "ro_cnp": (make_cnp, cnp.is_valid, None),
    "ro_cui": (make_cui, own_cui, None),
    "ro_onrc": (make_onrc, own_onrc, None),
}

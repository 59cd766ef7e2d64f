from datetime import date

from stdnum.kr import brn, rrn

from common import DIGITS, a_date, digits, found, some, weighted


def born(value):
    century = {"1": 1900, "2": 1900, "3": 2000, "4": 2000, "5": 1900, "6": 1900, "7": 2000, "8": 2000}[value[6]]
    return date(century + int(value[:2]), int(value[2:4]), int(value[4:6]))


def own_rrn(value):
    """Since October 2020 the last six digits are random (Enforcement Rules of the Resident Registration Act, article 2),
    so the check digit and the place are asked only of those born before. Citizens only: 1 to 4, and nobody born before 1900
    or from 2040 on."""
    if len(value) != 13 or not value.isascii() or value[6] not in "1234" or not value.isdigit():
        return False
    return born(value).year < 2040 and (born(value) >= date(2020, 10, 1) or rrn.is_valid(value))


def own_frn(value):
    """Numbers of foreigners have had no check digit since October 2020, whatever the year of birth."""
    return len(value) == 13 and value.isascii() and value.isdigit() and value[6] in "5678" and bool(born(value))


def own_brn(value):
    """python-stdnum checks the shape only. National Tax Service: weights 1, 3, 7 and the tens of five times the ninth digit."""
    total = weighted(value, (1, 3, 7, 1, 3, 7, 1, 3, 5)) + int(value[8]) * 5 // 10
    return brn.is_valid(value) and len(value) == 10 and (total + int(value[9])) % 10 == 0


def own_crn(value):
    """Supreme Court rules on the numbers of juristic persons: weights 1 and 2 in turn, modulo 10."""
    return (len(value) == 13 and value.isascii() and value.isdigit()
            and (weighted(value[:12], (1, 2) * 6) + int(value[12])) % 10 == 0)


def make_rrn():
    day = a_date(1930, 2026)
    return day.strftime("%y%m%d") + digits(7, "12" if day.year < 2000 else "34")


FORMATS = {
    "kr_rrn": (found(make_rrn, own_rrn), own_rrn, None),
    "kr_frn": (found(lambda: a_date().strftime("%y%m%d") + digits(7, "5678"), own_frn), own_frn, None),
    "kr_brn": (found(lambda: digits(10, "123456789"), own_brn), own_brn, None),
    "kr_crn": (found(lambda: some(DIGITS, 13), own_crn), own_crn, None),
}

from datetime import date

from common import R, a_date, digits, found, weighted


def own_check(body):
    """Government resolution 565 of 11.06.2003: two rows of weights; a number whose second sum gives 10 is not issued."""
    rest = weighted(body, range(1, 12)) % 11
    return weighted(body, (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)) % 11 if rest == 10 else rest


def own_iin(value):
    century = {"0": 2000, "1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}[value[6]]
    date(century + int(value[:2]), int(value[2:4]), int(value[4:6]))
    return value.isdigit() and len(value) == 12 and own_check(value[:11]) == int(value[11])


def make_iin():
    born = a_date()
    return born.strftime("%y%m%d") + R.choice("34" if born.year < 2000 else "56") + digits(5)


def own_bin(value):
    return (value.isdigit() and len(value) == 12 and 1 <= int(value[2:4]) <= 12 and value[4] in "456" and value[5] in "0123"
            and own_check(value[:11]) == int(value[11]))


def make_bin():
    return a_date(1995, 2024).strftime("%y%m") + R.choice("456") + R.choice("0123") + digits(6)


FORMATS = {
    "kz_iin": (found(make_iin, own_iin), own_iin, None),
    "kz_bin": (found(make_bin, own_bin), own_bin, None),
}

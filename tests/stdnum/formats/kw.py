from datetime import date

from common import R, a_date, digits, found, weighted


def own_civil_id(value):
    """Public Authority for Civil Information: century, birth, order, and weights modulo 11; remainders that give 10 or 11 are not
    issued."""
    date({"1": 1800, "2": 1900, "3": 2000}[value[0]] + int(value[1:3]), int(value[3:5]), int(value[5:7]))
    check = 11 - weighted(value[:11], (2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)) % 11
    return value.isdigit() and len(value) == 12 and str(check) == value[11]


def make_civil_id():
    born = a_date()
    return ("2" if born.year < 2000 else "3") + born.strftime("%y%m%d") + digits(5)


FORMATS = {
    "kw_civil_id": (found(make_civil_id, own_civil_id), own_civil_id, None),
}

from datetime import date

from common import R, a_date, digits

LETTERS = "WABCDEFGHIJKLMNOPQRSTUV"
DECADES = "0123456789ABCDEFGHIJKLMNOPQRST"


def own_nid_check(body):
    """Decision 827/2003 of the Council of Ministers: weights 1, 1, 2, …, 8 modulo 23, W standing for 0."""
    values = [int(c) if c.isdigit() else LETTERS.index(c) for c in body]
    return LETTERS[sum(v * w for v, w in zip(values, (1, 1, 2, 3, 4, 5, 6, 7, 8))) % 23]


def make_nid():
    born = a_date(1900, 2023)
    month = born.month + R.choice([0, 0, 50, 50, 30, 80])
    body = DECADES[(born.year - 1800) // 10] + "%d%02d%02d" % (born.year % 10, month, born.day) + digits(3)
    return body + own_nid_check(body)


def own_nid(value):
    month = int(value[2:4])
    month -= next((shift for shift in (80, 50, 30) if month > shift), 0)
    date(1800 + DECADES.index(value[0]) * 10 + int(value[1]), month, int(value[4:6]))
    return value[0].isalpha() and value[1:9].isdigit() and own_nid_check(value[:9]) == value[9]


FORMATS = {
    "al_nid": (make_nid, own_nid, None),
}

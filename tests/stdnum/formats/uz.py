from datetime import date

from common import R, a_date, digits, icao


def make_pinfl():
    born = a_date()
    body = R.choice("34" if born.year < 2000 else "56") + born.strftime("%d%m%y") + digits(6)
    return body + icao(body)


def own_pinfl(value):
    """Ministry of Internal Affairs of Uzbekistan: sex and century, birth, district, order, and the control digit of ICAO Doc 9303."""
    century = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}[value[0]]
    date(century + int(value[5:7]), int(value[3:5]), int(value[1:3]))
    return value.isdigit() and len(value) == 14 and icao(value[:13]) == value[13]


FORMATS = {
    "uz_pinfl": (make_pinfl, own_pinfl, None),
}

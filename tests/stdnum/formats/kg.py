from datetime import date

from common import R, a_date, digits


def own_pin(value):
    """Ministry of Digital Development: sex, birth with four digits of the year, order. The last digit's making is not published."""
    year = int(value[5:9])
    date(year, int(value[3:5]), int(value[1:3]))
    return value.isdigit() and len(value) == 14 and value[0] in "12" and 1900 <= year < 2100


FORMATS = {
    "kg_pin": (lambda: R.choice("12") + a_date().strftime("%d%m%Y") + digits(5), own_pin, range(0, 9)),
}

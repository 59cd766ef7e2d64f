from datetime import date

from common import a_date, digits


def own_nida(value):
    """National Identification Authority: date of birth with the century, postcode, order and two digits."""
    return (len(value) == 20 and value.isascii() and value.isdigit() and "1900" <= value[:4] <= "2099"
            and bool(date(int(value[:4]), int(value[4:6]), int(value[6:8]))))


FORMATS = {"tz_nida": (lambda: a_date().strftime("%Y%m%d") + digits(12), own_nida, None)}

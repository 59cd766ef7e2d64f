from datetime import date

from common import a_date, digits


def own_id(value):
    """Identification Act 21 of 1996: date of birth and five digits. A leap day needs a leap year in one of the centuries."""
    return (len(value) == 11 and value.isascii() and value.isdigit()
            and bool(date(2000 + int(value[:2]), int(value[2:4]), int(value[4:6]))))


FORMATS = {"na_id": (lambda: a_date().strftime("%y%m%d") + digits(5), own_id, None)}

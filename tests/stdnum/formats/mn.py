from datetime import date

from common import a_date, digits, some

LETTERS = "АБВГДЕЁЖЗИЙКЛМНОӨПРСТУҮФХЦЧШЩЪЫЬЭЮЯ"


def own_register(value):
    """Law on civil registration: two letters, date of birth (month 20 more from 2000 on), sex and check digit."""
    if len(value) != 10 or any(c not in LETTERS for c in value[:2]) or not value[2:].isascii() or not value[2:].isdigit():
        return False
    month = int(value[4:6])
    return bool(date((2000 if month > 20 else 1900) + int(value[2:4]), month - 20 if month > 20 else month, int(value[6:8])))


def make_register():
    born = a_date()
    month = born.month + (20 if born.year > 1999 else 0)
    return some(LETTERS, 2) + f"{born.year % 100:02}{month:02}{born.day:02}" + digits(2)


FORMATS = {"mn_register": (make_register, own_register, None)}

from datetime import date

from common import R, a_date, digits


def make_kennitala():
    birth = a_date(1930, 2024)
    day = birth.day + (40 if R.random() < 0.3 else 0)
    return "%02d%02d%02d" % (day, birth.month, birth.year % 100) + digits(3, "23456789") + ("0" if birth.year >= 2000 else "9")


def own_kennitala(value):
    """Without the check digit in the ninth place: since 18 February 2026 Þjóðskrá issues numbers that have none."""
    if not value.isdigit() or len(value) != 10 or value[9] not in "890":
        return False
    day = int(value[:2])
    try:
        date({"8": 1800, "9": 1900, "0": 2000}[value[9]] + int(value[4:6]), int(value[2:4]), day - 40 if day > 40 else day)
    except ValueError:
        return False
    return True


FORMATS = {"is_kennitala": (make_kennitala, own_kennitala, range(0, 6))}

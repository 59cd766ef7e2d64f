from stdnum import luhn
from stdnum.no import fodselsnummer, kontonr, orgnr

from common import R, a_date, digits, found, weighted


def make_fodselsnummer():
    birth = a_date(1900, 2024)
    series = "%03d" % (R.randrange(500, 1000) if birth.year >= 2000 else R.randrange(500))
    kind = R.random()
    day = birth.day + (40 if kind < 0.2 else 0)
    month = birth.month + (40 if kind > 0.9 else 0)
    body = "%02d%02d%02d" % (day, month, birth.year % 100) + series
    body += fodselsnummer.calc_check_digit1(body)
    return body + fodselsnummer.calc_check_digit2(body)


def own_fodselsnummer(value):
    """Without python-stdnum's comparison with today's date, which would make the outcome change from day to day."""
    if not value.isdigit() or len(value) != 11:
        return False
    try:
        fodselsnummer.get_birth_date(value)
    except fodselsnummer.InvalidComponent:
        return False
    return value[9] == fodselsnummer.calc_check_digit1(value) and value[10] == fodselsnummer.calc_check_digit2(value)


def make_kontonr():
    if R.random() < 0.1:
        body = digits(6)
        return "0000" + body + luhn.calc_check_digit(body)
    return digits(11, "123456789")


def own_kontonr(value):
    return len(value) == 11 and len(set(value)) > 1 and kontonr.is_valid(value)


def own_orgnr(value):
    """Numbers begin with 8 or 9 (Brønnøysundregistrene)."""
    return value[0] in "89" and orgnr.is_valid(value)


def own_duf(value):
    """The year, six digits, and the remainder in two digits (UDI)."""
    return (value.isdigit() and len(value) == 12 and value[:2] in ("19", "20")
            and weighted(value[:10], (4, 6, 3, 2, 4, 6, 3, 2, 7, 5)) % 11 == int(value[10:]))


FORMATS = {
    "no_duf": (found(lambda: "%d" % R.randrange(1990, 2026) + digits(6) + "%02d" % R.randrange(11), own_duf), own_duf, None),
    "no_fodselsnummer": (found(make_fodselsnummer, own_fodselsnummer), own_fodselsnummer, None),
    "no_kontonr": (found(make_kontonr, own_kontonr), own_kontonr, None),
    "no_orgnr": (found(lambda: digits(9, "89"), own_orgnr), own_orgnr, None),
}

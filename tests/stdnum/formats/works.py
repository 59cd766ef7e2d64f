from stdnum import casrn, figi, grid, imo, isan, isbn, iso6346, issn

from common import ALNUM, DIGITS, R, UPPER, digits, found, some


def make_isbn():
    if R.random() < 0.5:
        body = R.choice(["978", "979"]) + digits(9)
        return body + isbn_13(body)
    body = digits(9)
    return body + isbn_10(body)


def isbn_13(body):
    return str(-sum(int(d) * (1, 3)[i % 2] for i, d in enumerate(body)) % 10)


def isbn_10(body):
    check = -sum(int(d) * (10 - i) for i, d in enumerate(body)) % 11
    return "X" if check == 10 else str(check)


def make_issn():
    body = digits(7)
    return body + issn.calc_check_digit(body)


def make_imo():
    body = digits(6, DIGITS[1:])
    return body + imo.calc_check_digit(body)


def make_cas():
    body = digits(R.randint(2, 7), DIGITS[1:]) + "-" + digits(2)
    return body + "-" + casrn.calc_check_digit(body.replace("-", ""))


def make_figi():
    body = R.choice(["BB", "NR", "KK"]) + "G" + some("BCDFGHJKLMNPQRSTVWXYZ" + DIGITS, 8)
    return body + figi.calc_check_digit(body)


def make_container():
    body = some(UPPER, 3) + R.choice("UJZ") + digits(6)
    return body + iso6346.calc_check_digit(body)


def container(value):
    """ISO 6346:2022, 3.1: the owner code is three letters; python-stdnum takes digits there as well."""
    return value[:3].isalpha() and iso6346.is_valid(value)


FORMATS = {
    "isbn": (make_isbn, isbn.is_valid, None),
    "issn": (make_issn, issn.is_valid, None),
    "imo_number": (make_imo, imo.is_valid, None),
    "cas_number": (make_cas, casrn.is_valid, None),
    "figi": (make_figi, figi.is_valid, None),
    "container_number": (make_container, container, None),
    "grid": (found(lambda: "A1" + some(ALNUM, 16), grid.is_valid), grid.is_valid, None),
    "isan": (found(lambda: some(DIGITS + "ABCDEF", 16) + R.choice(ALNUM), isan.is_valid), isan.is_valid, None),
}

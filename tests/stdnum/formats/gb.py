from datetime import date

from stdnum.gb import nhs, upn, utr, vat as gb_vat

from common import DIGITS, R, a_date, digits, found, some, weighted


def make_gb_vat():
    while True:
        value = digits(9)
        if gb_vat.is_valid(value):
            return value + (digits(3) if R.random() < 0.2 else "")


def make_upn():
    body = str(R.choice(list(upn._la_numbers))) + digits(9 - 1)
    body += R.choice(DIGITS + "ABCDEFGHJKLMNPQRTUVWXYZ")
    return upn.calc_check_digit(body) + body


def make_nino():
    while True:
        value = some("ABCEGHJKLMNOPRSTWXYZ", 1) + some("ABCEGHJKLMNPRSTWXYZ", 1)
        if value not in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ"):
            return value + digits(6) + R.choice("ABCD")


def own_nino(value):
    return (value[:2].isalpha() and value[0] not in "DFIQUV" and value[1] not in "DFIQUVO" and value[:2] not in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ")
            and value[2:8].isdigit() and value[8] in "ABCD")


def own_nhs(value):
    return nhs.is_valid(value) and len(set(value)) > 1


def make_nhs():
    while True:
        body = digits(9, "4679")
        check = nhs.checksum(body + "0")
        if (11 - check) % 11 < 10:
            return body + str((11 - check) % 11)


def make_chi():
    while True:
        body = a_date().strftime("%d%m%y") + digits(3)
        check = nhs.checksum(body + "0")
        if (11 - check) % 11 < 10:
            return body + str((11 - check) % 11)


def own_chi(value):
    try:
        date(2000, int(value[2:4]), int(value[:2]))
    except ValueError:
        return False
    return nhs.is_valid(value)


def make_utr():
    body = digits(9)
    return utr.calc_check_digit(body) + body


PRIMES = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)


def make_mpan():
    body = "%02d" % R.choice([*range(10, 24)]) + digits(10)
    return body + str(weighted(body, PRIMES) % 11 % 10)


def own_mpan(value):
    """The first two digits are the distribution network: 10 to 23 are the licensed areas, 24 to 39 independent networks."""
    return value.isdigit() and len(value) == 13 and 10 <= int(value[:2]) <= 39 and str(weighted(value, PRIMES) % 11 % 10) == value[12]


def own_hcn(value):
    """NHS Data Dictionary, HEALTH AND CARE NUMBER: 320 000 001 to 399 999 999 and a check digit."""
    return value.isdigit() and len(value) == 10 and 320 <= int(value[:3]) <= 399 and nhs.is_valid(value)


FORMATS = {
    "gb_nhs": (make_nhs, own_nhs, None),
    "gb_chi": (make_chi, own_chi, None),
    "gb_nino": (make_nino, own_nino, None),
    "gb_utr": (make_utr, utr.is_valid, None),
    "gb_vat": (make_gb_vat, gb_vat.is_valid, None),
    "gb_upn": (make_upn, upn.is_valid, None),
    "gb_mpan": (make_mpan, own_mpan, None),
    "gb_hcn": (found(lambda: str(R.randrange(320, 400)) + digits(7), own_hcn), own_hcn, None),
}

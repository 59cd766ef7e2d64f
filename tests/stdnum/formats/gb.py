from datetime import date

from stdnum.gb import nhs, upn, utr, vat as gb_vat

from common import DIGITS, R, a_date, digits, some


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


FORMATS = {
    "gb_nhs": (make_nhs, own_nhs, None),
    "gb_chi": (make_chi, own_chi, None),
    "gb_nino": (make_nino, own_nino, None),
    "gb_utr": (make_utr, utr.is_valid, None),
    "gb_vat": (make_gb_vat, gb_vat.is_valid, None),
    "gb_upn": (make_upn, upn.is_valid, None),
}

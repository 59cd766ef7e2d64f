from stdnum.iso7064 import mod_97_10
from stdnum.pl import nip, pesel, regon

from common import ALNUM, R, UPPER, a_date, digits, found, some, weighted


def make_pesel():
    birth = a_date(1900, 2024)
    month = birth.month + (20 if birth.year >= 2000 else 0)
    body = "%02d%02d%02d" % (birth.year % 100, month, birth.day) + digits(4)
    return body + pesel.calc_check_digit(body)


def make_regon():
    body = digits(8)
    body += regon.calc_check_digit(body)
    if R.random() < 0.5:
        body += digits(4)
        body += regon.calc_check_digit(body)
    return body


def own_dowod(value):
    if any(c in "OQ" for c in value[:3]) or not value[:3].isalpha() or not value[3:].isdigit():
        return False
    return sum(ALNUM.index(c) * w for c, w in zip(value, (7, 3, 1, 9, 7, 3, 1, 7, 3))) % 10 == 0


def own_pwz(value):
    return value[0] != "0" and weighted(value[1:], range(1, 7)) % 11 == int(value[0])


def make_nrb():
    account = digits(24)
    return mod_97_10.calc_check_digits(account + "PL") + account


def own_nrb(value):
    return value.isdigit() and mod_97_10.is_valid(value[2:] + "PL" + value[:2])


# The letters of court codes and their values, which follow the Polish alphabet.
KW = "0123456789XABCDEFGHIJKLMNOPRSTUWYZ"


def own_kw_check(body):
    return str(sum(KW.index(c) * (1, 3, 7)[i % 3] for i, c in enumerate(body)) % 10)


def make_kw():
    letters = KW[11:]
    body = some(letters, 2) + digits(1) + some(letters, 1) + digits(8)
    return body + own_kw_check(body)


def own_kw(value):
    shape = value[:2].isalpha() and value[2].isdigit() and value[3].isalpha() and value[4:].isdigit() and "X" not in value
    return shape and own_kw_check(value[:12]) == value[12]


FORMATS = {
    "pl_pesel": (make_pesel, pesel.is_valid, None),
    "pl_nip": (found(lambda: digits(10), nip.is_valid), lambda v: nip.is_valid(v) and len(set(v)) > 1, None),
    "pl_regon": (make_regon, lambda v: regon.is_valid(v) and len(set(v)) > 1, None),
    "pl_dowod": (found(lambda: some(UPPER, 3) + digits(6), own_dowod), own_dowod, None),
    "pl_pwz": (found(lambda: digits(7), own_pwz), own_pwz, None),
    "pl_nrb": (make_nrb, own_nrb, None),
    "pl_kw": (make_kw, own_kw, None),
}

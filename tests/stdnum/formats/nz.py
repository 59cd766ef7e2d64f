from stdnum import ean
from stdnum.nz import bankaccount, ird

from common import R, digits, found, some

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def own_nhi(value):
    """HISO 10046:2023: three letters, three digits, check digit modulo 11; or two digits, a letter and a check letter modulo 23."""
    if len(value) != 7 or not value.isascii():
        return False
    number = [int(c) if c.isdigit() else LETTERS.index(c) + 1 for c in value]
    shape = "".join("9" if c.isdigit() else "A" for c in value)
    total = sum(n * w for n, w in zip(number, (7, 6, 5, 4, 3, 2)))
    if shape == "AAA9999":
        return total % 11 != 0 and (11 - total % 11) % 10 == number[6]
    return shape == "AAA99AA" and 23 - total % 23 == number[6]


def own_bankaccount(value):
    """Banks open branches faster than a list is kept: the bank and its check are asked for, the branch is not.
    Without one of the algorithms there is no check, and no finding."""
    number = value[:13] + value[13:].zfill(3)
    return (len(value) in (15, 16) and value.isascii() and value.isdigit()
            and bankaccount._algorithms.get(value[:2], "X") != "X" and bankaccount._calc_checksum(number) == 0)


def own_nzbn(value):
    """A global location number of GS1 New Zealand (prefix 94)."""
    return value.startswith("94") and len(value) == 13 and ean.is_valid(value)


def make_account():
    return R.choice([b for b, a in bankaccount._algorithms.items() if a != "X"]) + digits(R.choice((13, 14)))


def make_ird():
    return str(R.randrange(10_000_001, 150_000_000))


FORMATS = {
    "nz_ird": (found(make_ird, ird.is_valid), ird.is_valid, None),
    "nz_nhi": (found(lambda: some(LETTERS, 3) + (digits(4) if R.random() < 0.5 else digits(2) + some(LETTERS, 2)), own_nhi),
               own_nhi, None),
    "nz_bankaccount": (found(make_account, own_bankaccount), own_bankaccount, None),
    "nz_nzbn": (found(lambda: "94" + digits(11), own_nzbn), own_nzbn, None),
}

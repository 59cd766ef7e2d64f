from datetime import date

from stdnum.hu import anum

from common import R, a_date, digits, found, weighted


def own_szemelyi(value):
    """Weights 1–10 for those born until 1996, 10–1 later; the remainder 10 is not issued (1996. évi XX. törvény, 2. melléklet)."""
    if not value.isdigit() or len(value) != 11 or value[0] not in "12345678":
        return False
    year = int(value[1:3])
    late = value[0] in "3478" or year >= 97
    century = 2000 if value[0] in "3478" else 1900
    try:
        date(century + year, int(value[3:5]), int(value[5:7]))
    except ValueError:
        return False
    return weighted(value[:10], range(10, 0, -1) if late else range(1, 11)) % 11 == int(value[10])


def make_szemelyi():
    birth = a_date(1930, 2024)
    return R.choice("12" if birth.year < 2000 else "34") + birth.strftime("%y%m%d") + digits(4)


def own_taj(value):
    return value.isdigit() and len(value) == 9 and len(set(value)) > 1 and weighted(value, (3, 7) * 4) % 10 == int(value[8])


def own_adoazonosito(value):
    return value.isdigit() and len(value) == 10 and value[0] == "8" and weighted(value[:9], range(1, 10)) % 11 == int(value[9])


COUNTIES = ["%02d" % n for n in (*range(2, 21), *range(22, 45), 51)]


def make_adoszam():
    body = found(lambda: digits(8, "12"), anum.is_valid)()
    return body if R.random() < 0.3 else body + digits(1, "12345") + R.choice(COUNTIES)


def own_adoszam(value):
    if not value.isdigit() or len(value) not in (8, 11) or len(set(value[:8])) == 1:
        return False
    return anum.is_valid(value[:8]) and (len(value) == 8 or value[8] in "12345" and value[9:] in COUNTIES)


def own_account(value):
    parts = value[:8], value[8:]
    return (value.isdigit() and len(value) in (16, 24) and set(value[:8]) != {"0"}
            and all(weighted(part, (9, 7, 3, 1) * 4) % 10 == 0 for part in parts))


def make_account():
    bank = found(lambda: digits(8, "1"), lambda v: weighted(v, (9, 7, 3, 1) * 2) % 10 == 0)()
    return bank + found(lambda: digits(R.choice((8, 16))), lambda v: weighted(v, (9, 7, 3, 1) * 4) % 10 == 0)()


def own_oktatasi(value):
    return value.isdigit() and len(value) == 11 and value[0] == "7" and weighted(value[:10], range(1, 11)) % 11 == int(value[10])


FORMATS = {
    "hu_oktatasi": (found(lambda: "7" + digits(10), own_oktatasi), own_oktatasi, None),
    "hu_szemelyi": (found(make_szemelyi, own_szemelyi), own_szemelyi, None),
    "hu_taj": (found(lambda: digits(9), own_taj), own_taj, None),
    "hu_adoazonosito": (found(lambda: "8" + digits(9, "345"), own_adoazonosito), own_adoazonosito, None),
    "hu_adoszam": (make_adoszam, own_adoszam, None),
    "hu_account": (make_account, own_account, None),
}

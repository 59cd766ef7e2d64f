from datetime import date

from stdnum.id import npwp

from common import R, a_date, digits, found

PROVINCES = "11 12 13 14 15 16 17 18 19 21 31 32 33 34 35 36 51 52 53 61 62 63 64 65 71 72 73 74 75 76 81 82 91 92 93 94 95 96".split()


def own_nik(value):
    """Regencies split year by year, so only the province is asked for, with those founded since python-stdnum's list was made.
    A day is 1 to 31, or 41 to 71: the remainder by 40 would let 1 to 31 after 80 pass."""
    if len(value) != 16 or not value.isascii() or not value.isdigit() or value[:2] not in PROVINCES:
        return False
    day, month, year = int(value[6:8]), int(value[8:10]), int(value[10:12])
    return value[2:4] != "00" and value[12:] != "0000" and bool(date(2000 + year, month, day - 40 if day > 40 else day))


def own_npwp(value):
    """Sixteen digits that do not begin with 0 are a NIK."""
    return own_nik(value) if len(value) == 16 and value[0] != "0" else npwp.is_valid(value)


def make_nik():
    born = a_date()
    return R.choice(PROVINCES) + digits(4) + f"{born.day + R.choice((0, 40)):02}" + born.strftime("%m%y") + digits(4)


FORMATS = {
    "id_nik": (found(make_nik, own_nik), own_nik, None),
    "id_npwp": (found(lambda: R.choice(("", "0")) + digits(15), own_npwp), own_npwp, None),
}

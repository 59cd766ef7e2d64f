from stdnum.si import ddv, emso, maticna

from common import R, a_date, digits, found


def make_emso():
    birth = a_date(1930, 2024)
    body = birth.strftime("%d%m") + "%03d" % (birth.year % 1000) + digits(2, "5") + digits(3)
    return body + emso.calc_check_digit(body)


def own_emso(value):
    """Born from 1900 to 2099: python-stdnum takes years at both ends in which no holder was born."""
    return (int(value[4:7]) >= 900 or int(value[4:7]) < 100) and emso.is_valid(value)


def make_ddv():
    return ("SI" if R.random() < 0.4 else "") + digits(8, "123456789")


def own_maticna(value):
    return maticna.is_valid(value) and len(set(value[:7])) > 1


FORMATS = {
    "si_emso": (found(make_emso, own_emso), own_emso, None),
    "si_davcna": (found(make_ddv, ddv.is_valid), ddv.is_valid, None),
    "si_maticna": (found(lambda: digits(R.choice((7, 10)), "12356"), maticna.is_valid), own_maticna, None),
}

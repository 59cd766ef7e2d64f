from stdnum.si import ddv, maticna

from common import R, digits, found


def make_ddv():
    return ("SI" if R.random() < 0.4 else "") + digits(8, "123456789")


def own_maticna(value):
    return maticna.is_valid(value) and len(set(value[:7])) > 1


FORMATS = {
    "si_davcna": (found(make_ddv, ddv.is_valid), ddv.is_valid, None),
    "si_maticna": (found(lambda: digits(R.choice((7, 10)), "12356"), maticna.is_valid), own_maticna, None),
}

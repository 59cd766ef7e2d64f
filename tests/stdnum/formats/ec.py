from stdnum.ec import ci, ruc

from common import R, digits, found


def province():
    return "%02d" % R.choice([*range(1, 25), 30])


def shape():
    return province() + R.choice("01234569") + digits(7) + R.choice(["001", "002", digits(3)])


FORMATS = {
    "ec_ci": (found(lambda: province() + digits(1, "0123456") + digits(7), ci.is_valid), ci.is_valid, None),
    "ec_ruc": (found(shape, ruc.is_valid), ruc.is_valid, None),
}

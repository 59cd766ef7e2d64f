from stdnum.sn import ninea

from common import R, digits, found


def make_ninea():
    cofi = R.choice("012") + R.choice("ABCDEFGHJKLMNPQRSTUVWZ") + digits(1)
    return digits(R.choice([7, 9])) + (cofi if R.random() < 0.5 else "")


FORMATS = {"sn_ninea": (found(make_ninea, ninea.is_valid), ninea.is_valid, None)}

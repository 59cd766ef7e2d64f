from stdnum.iso7064 import mod_97_10
from stdnum.nl import bsn, btw, onderwijsnummer

from common import R, digits, found


def make_btw():
    if R.random() < 0.5:
        return found(lambda: digits(9), bsn.is_valid)() + "B" + "%02d" % R.randrange(1, 100)
    return found(lambda: digits(9) + "B" + "%02d" % R.randrange(2, 99), lambda v: mod_97_10.is_valid("NL" + v))()


FORMATS = {
    "nl_bsn": (found(lambda: digits(9), bsn.is_valid), lambda v: bsn.is_valid(v) and len(set(v)) > 1, None),
    "nl_btw": (make_btw, btw.is_valid, None),
    "nl_onderwijsnummer": (found(lambda: "10" + digits(7), onderwijsnummer.is_valid), onderwijsnummer.is_valid, None),
}

from stdnum.tn import mf

from common import R, digits


def make_mf():
    return digits(7) + R.choice("ABCDEFGHJKLMNPQRSTVWXYZ") + R.choice("APBDN") + R.choice("MPCN") + "000"


# the form without VAT code, category and establishment is too short to be told from other numbers
FORMATS = {"tn_mf": (make_mf, lambda v: len(v) == 13 and mf.is_valid(v), None)}

from stdnum import ean
from stdnum.ch import esr, uid, vat

from common import R, digits, found


def make_ean13():
    body = R.choice(["756", "7601", "400"]) + digits(9)
    return body[:12] + ean.calc_check_digit(body[:12])


def make_vat():
    return found(lambda: "CHE" + digits(9), uid.is_valid)() + R.choice(["MWST", "TVA", "IVA", "TPV"])


def make_esr():
    body = digits(26)
    return body + esr.calc_check_digit(body)


FORMATS = {
    "ean13": (make_ean13, lambda v: len(v) == 13 and ean.is_valid(v) and len(set(v)) > 1, None),
    "ch_uid": (found(lambda: "CHE" + digits(9), uid.is_valid), uid.is_valid, None),
    "ch_vat": (make_vat, vat.is_valid, None),
    "ch_esr": (make_esr, esr.is_valid, None),
}

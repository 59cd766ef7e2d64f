from stdnum.sv import nit

from common import a_date, digits, found, weighted


def own_dui(value):
    """RNPN: the sum of the first eight digits times 9 to 2, and the check digit, is a multiple of 10."""
    return value.isdigit() and (weighted(value[:8], range(9, 1, -1)) + int(value[8])) % 10 == 0 and len(set(value)) > 1


FORMATS = {
    "sv_nit": (found(lambda: digits(4, "019") + a_date().strftime("%d%m%y") + digits(4), nit.is_valid), nit.is_valid, None),
    "sv_dui": (found(lambda: digits(9), own_dui), own_dui, None),
}

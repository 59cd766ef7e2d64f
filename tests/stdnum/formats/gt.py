from stdnum.gt import nit

from common import R, digits, found, weighted


def own_dpi(value):
    """RENAP: the sum of the first eight digits times 2 to 9, modulo 11, is the ninth; then department and town."""
    return (value.isdigit() and 1 <= int(value[9:11]) <= 22 and value[11:] != "00"
            and weighted(value[:8], range(2, 10)) % 11 == int(value[8]))


FORMATS = {
    "gt_nit": (found(lambda: digits(7, "123456789") + R.choice("0123456789K"), nit.is_valid), nit.is_valid, None),
    "gt_dpi": (found(lambda: digits(9) + "%02d%02d" % (R.randrange(1, 23), R.randrange(1, 20)), own_dpi), own_dpi, None),
}

from stdnum.tw import ubn

from common import R, UPPER, digits, found

LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"


def own_id(value):
    """Ministry of the Interior: the letter stands for 10 to 35; residents have 8 or 9, or (until 2020) A to D as second character."""
    if len(value) != 10 or not value.isascii() or value[1] not in "1289ABCD" or not value[2:].isdigit():
        return False
    number = str(LETTERS.index(value[0]) + 10)
    number += (value[1] if value[1].isdigit() else str(LETTERS.index(value[1]) % 10)) + value[2:]
    return sum(int(d) * w for d, w in zip(number, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def own_ubn(value):
    """Since April 2023 the sum is asked to divide by 5, no longer by 10 (Ministry of Finance, Fiscal Information Agency)."""
    rest = ubn.calc_checksum(value) % 5
    return len(value) == 8 and value.isascii() and value.isdigit() and (rest == 0 or value[6] == "7" and rest == 4)


FORMATS = {
    "tw_id": (found(lambda: R.choice(UPPER) + R.choice("1289ABCD") + digits(8), own_id), own_id, None),
    "tw_ubn": (found(lambda: digits(8), own_ubn), own_ubn, None),
}

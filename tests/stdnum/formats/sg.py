from stdnum.sg import uen

from common import R, UPPER, digits, found, some, weighted


def own_nric(value):
    """Immigration and Checkpoints Authority: offset by series, letter by the remainder modulo 11."""
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "XWUTRQPNJLK"}[value[0]]
    offset = {"S": 0, "T": 4, "F": 0, "G": 4, "M": 3}[value[0]]
    return len(value) == 9 and value.isascii() and letters[(offset + weighted(value[1:8], (2, 7, 6, 5, 4, 3, 2))) % 11] == value[8]


def own_plate(value):
    """Land Transport Authority: the last two letters of the prefix and four digits, modulo 19."""
    prefix = value[:-1].rstrip("0123456789")
    number = value[len(prefix):-1]
    if not (value.isascii() and 1 <= len(prefix) <= 3 and 1 <= len(number) <= 4 and number[0] != "0" and prefix.isalpha() and prefix.isupper()):
        return False
    parts = [ord(c) - 64 for c in prefix[-2:]]
    parts = [0] * (2 - len(parts)) + parts + [int(d) for d in number.zfill(4)]
    return "AZYXUTSRPMLKJHGEDCB"[sum(p * w for p, w in zip(parts, (9, 4, 5, 4, 3, 2))) % 19] == value[-1]


def make_plate():
    return "S" + some(UPPER, R.choice((1, 2))) + str(R.randrange(1, 10_000)) + some("AZYXUTSRPMLKJHGEDCB", 1)


def make_uen():
    kind = R.randrange(3)
    if kind == 0:
        body = digits(8)
        return body + uen.calc_business_check_digit(body)
    if kind == 1:
        body = str(R.randrange(1950, 2026)) + digits(5)
        return body + uen.calc_local_company_check_digit(body)
    body = "T" + f"{R.randrange(0, 26):02}" + R.choice(uen.OTHER_UEN_ENTITY_TYPES) + digits(4)
    return body + uen.calc_other_check_digit(body)


def own_uen(value):
    """The year is asked to lie between 1900 and 2099 instead of before today: a check must not depend on the clock."""
    if len(value) == 10 and value[0] == "T":
        return value[1:3].isdigit() and uen.is_valid("R" + value[1:9] + other("R" + value[1:9])) and other(value) == value[9]
    if len(value) == 10 and value[:4].isdigit():
        return "1900" <= value[:4] <= "2099" and value[:9].isdigit() and uen.calc_local_company_check_digit(value[:9]) == value[9]
    return value.isupper() and value.isascii() and uen.is_valid(value)


def other(value):
    return uen.calc_other_check_digit(value[:9])


FORMATS = {
    "sg_nric": (found(lambda: some("STFGM", 1) + digits(7) + some(UPPER, 1), own_nric), own_nric, None),
    "sg_uen": (make_uen, own_uen, None),
    "sg_plate": (found(make_plate, own_plate), own_plate, None),
}

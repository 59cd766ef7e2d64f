from stdnum.eu import at_02, banknote, ecnumber, eic

from common import ALNUM, DIGITS, R, UPPER, digits, found, some


def make_creditor():
    head = R.choice(("DE", "FR", "NL", "ES", "IT", "AT", "BE", "PL")) + "00" + R.choice(("ZZZ", some(ALNUM, 3))) + some(DIGITS, R.randrange(8, 16))
    return head[:2] + at_02.calc_check_digits(head) + head[4:]


def own_creditor(value):
    """With the parts that python-stdnum leaves open: country, check digits, business code (EPC 262-08)."""
    return (value[:2].isalpha() and value[2:4].isdigit() and 8 <= len(value) <= 35 and all(c in ALNUM for c in value)
            and at_02.is_valid(value))


def make_banknote():
    return R.choice("EFHJMNPRSTUVWXYZ") + (some(UPPER, 1) + digits(10) if R.random() < 0.6 else digits(11))


def make_eic():
    body = digits(2) + R.choice("XYZTWVA") + some(ALNUM + "-", 12)
    return body + eic.calc_check_digit(body)


def own_eic(value):
    """The third character is the kind of object (ENTSO-E, EIC Reference Manual)."""
    return value[:2].isdigit() and value[2] in "XYZTWVA" and eic.is_valid(value)


def make_ecnumber():
    body = digits(6, "245679")
    return body + ecnumber.calc_check_digit(body)


def own_ecnumber(value):
    """The remainder 10 has no digit; python-stdnum takes its first figure for it (numbers with it are not used)."""
    total = sum((i + 1) * int(n) for i, n in enumerate(value[:6])) % 11
    return total < 10 and len(set(value)) > 1 and ecnumber.is_valid(value)


FORMATS = {
    "eu_sepa_creditor": (make_creditor, own_creditor, None),
    "eu_banknote": (found(make_banknote, banknote.is_valid), banknote.is_valid, None),
    "eu_eic": (found(make_eic, own_eic), own_eic, None),
    "eu_ec_number": (found(make_ecnumber, own_ecnumber), own_ecnumber, None),
}

from stdnum import luhn
from stdnum.us import ein, rtn, ssn

from common import R, UPPER, digits


def make_npi():
    body = digits(9, "12")
    return body + luhn.calc_check_digit("80840" + body)


def own_npi(value):
    return value[0] in "12" and luhn.is_valid("80840" + value)


def make_dea():
    body = R.choice("ABCDEFGHJKLMPRSTUX") + R.choice(UPPER + "9") + digits(6)
    d = [int(c) for c in body[2:]]
    return body + str((d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10)


def own_dea(value):
    d = [int(c) for c in value[2:]]
    return (value[0] in "ABCDEFGHJKLMPRSTUX" and value[1] in UPPER + "9"
            and (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6])


def make_rtn():
    body = R.choice(["%02d" % n for n in [*range(1, 13), *range(21, 33), *range(61, 73), 80]]) + digits(6)
    return body + rtn.calc_check_digit(body)


def own_rtn(value):
    first = int(value[:2])
    return rtn.is_valid(value) and (first <= 12 or 21 <= first <= 32 or 61 <= first <= 72 or first == 80) and value != "0" * 9


def own_ssn(value):
    return ssn.is_valid(value) and len(set(value)) > 1


def own_itin(value):
    return value.isdigit() and value[0] == "9" and int(value[3:5]) in {*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)}


FORMATS = {
    "us_ssn": (lambda: digits(9), own_ssn, None),
    "us_itin": (lambda: "9" + digits(8), own_itin, None),
    "us_ein": (lambda: digits(9), ein.is_valid, None),
    "us_npi": (make_npi, own_npi, None),
    "us_dea": (make_dea, own_dea, range(2, 9)),
    "us_aba_routing": (make_rtn, own_rtn, None),
}

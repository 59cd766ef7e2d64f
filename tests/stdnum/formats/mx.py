from stdnum.mx import curp, rfc

from common import R, a_date, digits, some

CONSONANTS = "BCDFGHJKLMNPQRSTVWXYZ"


def make_curp():
    birth = a_date(1930, 2023)
    body = some(CONSONANTS, 4) + birth.strftime("%y%m%d") + R.choice("HM") + R.choice(sorted(curp._valid_states)) + some(CONSONANTS, 3)
    body += digits(1) if birth.year < 2000 else some(CONSONANTS, 1)
    return body + curp.calc_check_digit(body)


def oracle_curp(value):
    # python-stdnum knows H and M only; X has been given since 2023 (Instructivo normativo para la asignación de la CURP).
    if value[10] == "X":
        known = curp.is_valid(value[:10] + "H" + value[11:], validate_check_digits=False)
        return known and curp.calc_check_digit(value) == value[-1]
    return curp.is_valid(value)


def make_rfc():
    body = some(CONSONANTS, R.choice([3, 4])) + a_date(1930, 2023).strftime("%y%m%d") + some("123456789ABCDEFGHIJKLMNOPQRSTUV", 2)
    return body + rfc.calc_check_digit(body) if rfc.calc_check_digit(body) in "0123456789A" else make_rfc()


CLABE = (3, 7, 1) * 6


def own_clabe_check(body):
    return str(-sum(int(d) * w % 10 for d, w in zip(body, CLABE)) % 10)


def make_clabe():
    body = digits(17)
    return body + own_clabe_check(body)


FORMATS = {
    "mx_curp": (make_curp, oracle_curp, None),
    "mx_rfc": (make_rfc, lambda v: len(v) >= 12 and rfc.is_valid(v, validate_check_digits=True), None),
    "mx_clabe": (make_clabe, lambda v: v.isdigit() and own_clabe_check(v[:17]) == v[17:] and len(set(v)) > 1, None),
}

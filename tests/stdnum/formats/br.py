from stdnum.br import cnpj, cpf

from common import ALNUM, DIGITS, R, digits, some, weighted


def make_cnpj():
    body = some(DIGITS if R.random() < 0.7 else ALNUM, 8) + "000" + digits(1, "123")
    return body + cnpj.calc_check_digits(body)


def make_cpf():
    body = digits(9)
    return body + cpf._calc_check_digits(body)

PIS = (3, 2, 9, 8, 7, 6, 5, 4, 3, 2)

def make_pis():
    body = digits(10, "12")
    return body + str((11 - weighted(body, PIS) % 11) % 11 % 10)


def own_pis(value):
    return len(set(value)) > 1 and str((11 - weighted(value, PIS) % 11) % 11 % 10) == value[10]


def make_renavam():
    body = "00" + digits(8)
    return body + str(weighted(body, PIS) * 10 % 11 % 10)


def own_renavam(value):
    return len(set(value)) > 1 and str(weighted(value, PIS) * 10 % 11 % 10) == value[10]


def own_titulo_digits(body, state):
    d1 = weighted(body, range(2, 10)) % 11
    d2 = None
    d1 = 1 if d1 == 0 and state in ("01", "02") else 0 if d1 == 10 else d1
    d2 = (int(state[0]) * 7 + int(state[1]) * 8 + d1 * 9) % 11
    d2 = 1 if d2 == 0 and state in ("01", "02") else 0 if d2 == 10 else d2
    return "%d%d" % (d1, d2)


def make_titulo():
    body, state = digits(8), "%02d" % R.randrange(1, 29)
    return body + state + own_titulo_digits(body, state)


def own_titulo(value):
    return 1 <= int(value[8:10]) <= 28 and own_titulo_digits(value[:8], value[8:10]) == value[10:]


def own_cns(value):
    return value[0] in "12789" and weighted(value, range(15, 0, -1)) % 11 == 0


def make_cns():
    while True:
        value = digits(15, "12789")
        if own_cns(value):
            return value


def own_cnh_digits(body):
    d1 = weighted(body, range(9, 0, -1)) % 11
    less = 2 if d1 >= 10 else 0
    d1 = 0 if d1 >= 10 else d1
    d2 = weighted(body, range(1, 10)) % 11
    return "%d%d" % (d1, 0 if d2 >= 10 else (d2 - less) % 11 % 10)


def make_cnh():
    body = digits(9)
    return body + own_cnh_digits(body)


def own_cnh(value):
    return len(set(value)) > 1 and own_cnh_digits(value[:9]) == value[9:]


FORMATS = {
    "br_cpf": (make_cpf, lambda v: cpf.is_valid(v) and len(set(v)) > 1, None),
    "br_cnpj": (make_cnpj, lambda v: cnpj.is_valid(v) and v[12:].isdigit() and len(set(v)) > 1, None),
    "br_pis": (make_pis, own_pis, None),
    "br_titulo": (make_titulo, own_titulo, None),
    "br_cns": (make_cns, own_cns, None),
    "br_cnh": (make_cnh, own_cnh, None),
    "br_renavam": (make_renavam, own_renavam, None),
}

from stdnum.es import ccc, cif, cups, dni, nie, nif, referenciacatastral

from common import DIGITS, R, UPPER, digits, found, some


def make_dni():
    body = digits(8)
    return body + dni.calc_check_digit(body)


def make_nie():
    body = R.choice("XYZ") + digits(7)
    return body + nie.calc_check_digit(body)


def make_cif():
    body = R.choice("ABCDEFGHJNPQRSUVW") + digits(7)
    return body + R.choice(cif.calc_check_digits(body))


def make_nif():
    body = digits(7)
    return R.choice([make_dni, make_nie, make_cif, lambda: R.choice("KLM") + body + dni.calc_check_digit(body)])()


def make_ccc():
    body = digits(20)
    check = ccc.calc_check_digits(body)
    return body[:8] + check + body[10:]


def make_cups():
    body = "ES" + digits(16)
    return body + cups.calc_check_digits(body) + R.choice(["", R.choice(DIGITS) + R.choice("FPRCXYZ")])


def make_catastral():
    body = digits(7) + some(UPPER, 2) + digits(4) + some(UPPER, 1) + digits(4)
    return body + referenciacatastral.calc_check_digits(body)


def own_nuss(value):
    if not value.isdigit() or value[:2] == "00":
        return False
    province, order = value[:2], str(int(value[2:10]))
    # Orders below ten million are written with a leading zero that the check leaves out.
    return int(province + order.zfill(7)) % 97 == int(value[10:])


FORMATS = {
    "es_dni": (make_dni, dni.is_valid, None),
    "es_nie": (make_nie, nie.is_valid, None),
    "es_nif": (make_nif, nif.is_valid, None),
    "es_cif": (make_cif, cif.is_valid, None),
    "es_ccc": (make_ccc, lambda v: ccc.is_valid(v) and len(set(v)) > 1, None),
    "es_cups": (make_cups, cups.is_valid, None),
    "es_catastral": (make_catastral, referenciacatastral.is_valid, None),
    "es_nuss": (found(lambda: digits(12), own_nuss), own_nuss, None),
}

from stdnum import luhn
from stdnum.fr import nif, nir, siren, siret, tva

from common import ALNUM, R, UPPER, digits, some


def make_nir():
    department = R.choice(["%02d" % R.randrange(1, 96), "2A", "2B"])
    department = department.replace("20", "21")
    body = R.choice("12") + "%02d%02d" % (R.randrange(100), R.randrange(1, 13)) + department
    body += "%03d%03d" % (R.randrange(1, 990), R.randrange(1, 999))
    return body + nir.calc_check_digits(body)


def own_nir(value):
    month = int(value[3:5])
    return (nir.is_valid(value) and (1 <= month <= 12 or 20 <= month <= 42 or month >= 50) and value[5:7] not in ("00", "96")
            and value[0] in "123478")


def make_siren():
    body = digits(8, "345678")
    return body + luhn.calc_check_digit(body)


def make_siret():
    if R.random() < 0.1:
        return "356000000" + digits(5)  # La Poste, whose digits sum to a multiple of 5
    body = make_siren() + "000" + digits(1)
    return body + luhn.calc_check_digit(body)


def make_tva():
    if R.random() < 0.7:
        value = make_siren()
        return "%02d" % (int(value + "12") % 97) + value
    alphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    while True:
        value = some(alphabet, 2) + make_siren()
        if tva.is_valid(value):
            return value


def make_rib():
    bank, branch, account = digits(5), digits(5), some(ALNUM, 11)
    return bank + branch + account + own_rib_key(bank + branch + account)


def own_rib_key(body):
    table = dict(zip(UPPER, "12345678912345678923456789"))
    plain = "".join(table.get(c, c) for c in body)
    return "%02d" % (97 - (89 * int(plain[:5]) + 15 * int(plain[5:10]) + 3 * int(plain[10:21])) % 97)


def own_rib(value):
    return value[:10].isdigit() and value[21:].isdigit() and own_rib_key(value[:21]) == value[21:]


FORMATS = {
    "fr_nir": (make_nir, own_nir, range(7, 15)),
    "fr_nif": (lambda: (lambda b: b + nif.calc_check_digits(b))(digits(10, "0123")), nif.is_valid, None),
    "fr_siren": (make_siren, siren.is_valid, None),
    "fr_siret": (make_siret, siret.is_valid, None),
    "fr_tva": (make_tva, tva.is_valid, None),
    "fr_rib": (make_rib, own_rib, None),
}

from datetime import date

from stdnum.de import idnr, leitweg, vat as de_vat
from stdnum.iso7064 import mod_11_10, mod_97_10

from common import ALNUM, DIGITS, R, UPPER, a_date, digits, icao, some, weighted


def make_idnr():
    body = R.sample(DIGITS, 9)
    body.append(R.choice(body))
    R.shuffle(body)
    body = "".join(body)
    return body + mod_11_10.calc_check_digit(body)


def make_leitweg():
    head = R.choice(["%02d" % R.randrange(1, 17), "99"]) + digits(R.randrange(0, 7))
    head += "-" + some(ALNUM, R.randrange(1, 12))
    return head + "-" + mod_97_10.calc_check_digits(head.replace("-", ""))

AUSWEIS = "0123456789CFGHJKLMNPRTVWXYZ"

def make_ausweis():
    body = R.choice("CFGHJKLMNPRTVWXYZ") + some(AUSWEIS, 8)
    return body + icao(body)


def own_ausweis(value):
    return (len(value) == 10 and value[0] in "CFGHJKLMNPRTVWXYZ" and all(c in AUSWEIS for c in value[:9])
            and value[9] == icao(value[:9]))


def make_kvnr():
    body = some(UPPER, 1) + digits(8)
    return body + own_kvnr_check(body)


def own_kvnr_check(body):
    plain = "%02d" % (ord(body[0]) - 64) + body[1:9]
    return str(sum(sum(map(int, str(int(d) * (1 + i % 2)))) for i, d in enumerate(plain)) % 10)


def own_kvnr(value):
    return value[0] in UPPER and value[1:].isdigit() and own_kvnr_check(value) == value[9]

RV_AREAS = [2, 3, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 38, 39, 40, 42, 43, 44,
            48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75,
            76, 77, 78, 79, 80, 81, 82, 89]

def own_rvnr_check(body):
    plain = body[:8] + "%02d" % (ord(body[8]) - 64) + body[9:11]
    weights = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
    return str(sum(sum(map(int, str(int(d) * w))) for d, w in zip(plain, weights)) % 10)


def make_rvnr():
    body = "%02d" % R.choice(RV_AREAS) + a_date().strftime("%d%m%y") + some(UPPER, 1) + digits(2)
    return body + own_rvnr_check(body)


def own_rvnr(value):
    try:
        date(2000, int(value[4:6]), int(value[2:4]))
    except ValueError:
        return False
    return int(value[:2]) in RV_AREAS and own_rvnr_check(value) == value[11]


def make_lanr():
    body = digits(6)
    return body + own_lanr_check(body) + "%02d" % R.randrange(1, 100)


def own_lanr_check(body):
    return str((10 - weighted(body, (4, 9, 4, 9, 4, 9)) % 10) % 10)


def own_lanr(value):
    return value.isdigit() and own_lanr_check(value[:6]) == value[6] and value[7:] != "00"


def make_ik():
    body = R.choice(["10", "26", "30", "46", "51"]) + digits(6)
    return body + own_ik_check(body)


def own_ik_check(body):
    return str(sum(sum(map(int, str(int(d) * (2 - i % 2)))) for i, d in enumerate(body[2:8])) % 10)


def own_ik(value):
    return value.isdigit() and own_ik_check(value[:8]) == value[8] and value[:2] != "00"


def make_fuehrerschein():
    body = some(UPPER, 1) + some(ALNUM, 8)
    return body + own_fuehrerschein_check(body) + R.choice(DIGITS + UPPER)


def own_fuehrerschein_check(body):
    rest = sum((ALNUM.index(c)) * w for c, w in zip(body, range(9, 0, -1))) % 11
    return "X" if rest == 10 else str(rest)


def own_fuehrerschein(value):
    return value[0] in UPPER and own_fuehrerschein_check(value[:9]) == value[9]


FORMATS = {
    "de_steuer_id": (make_idnr, idnr.is_valid, None),
    "de_ust_idnr": (lambda: (lambda b: b + mod_11_10.calc_check_digit(b))(digits(8, "123456789")), de_vat.is_valid, None),
    "de_personalausweis": (make_ausweis, own_ausweis, None),
    "de_kvnr": (make_kvnr, own_kvnr, None),
    "de_rvnr": (make_rvnr, own_rvnr, None),
    "de_lanr": (make_lanr, own_lanr, None),
    "de_ik": (make_ik, own_ik, None),
    "de_leitweg_id": (make_leitweg, leitweg.is_valid, None),
    "de_fuehrerschein": (make_fuehrerschein, own_fuehrerschein, None),
}

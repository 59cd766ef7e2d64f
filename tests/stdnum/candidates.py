#!/usr/bin/env python3
"""Prints candidate values for the validators as JSON lines {"validator", "value", "valid"}.

`valid` is the word of an oracle that shares no code with Portcullis: python-stdnum where it has a module, and
otherwise a few lines of Python written from the specification (marked `own` below). The values are random and
belong to nobody. Usage: candidates.py [COUNT_PER_VALIDATOR] [SEED]
"""

import base64
import hashlib
import json
import random
import re
import string
import sys
import zlib
from datetime import date, timedelta

from stdnum import bic, bitcoin, cusip, iban, imei, isin, iso11649, lei, luhn, numdb, verhoeff
from stdnum.br import cnpj, cpf
from stdnum.cn import ric, uscc
from stdnum.de import idnr, leitweg
from stdnum.de import vat as de_vat
from stdnum.fr import nif, nir, siren, siret, tva
from stdnum.gb import nhs, sedol, upn, utr
from stdnum.gb import vat as gb_vat
from stdnum.in_ import aadhaar, epic, gstin, pan, vid
from stdnum.iso7064 import mod_11_2, mod_11_10, mod_97_10
from stdnum.jp import cn as jp_cn
from stdnum.jp import in_ as jp_in
from stdnum.us import ein, itin, rtn, ssn

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
R = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 20261122)

DIGITS = string.digits
UPPER = string.ascii_uppercase
ALNUM = DIGITS + UPPER
BASE62 = DIGITS + UPPER + string.ascii_lowercase


def some(alphabet, n):
    return "".join(R.choice(alphabet) for _ in range(n))


def digits(n, first=DIGITS):
    return R.choice(first) + some(DIGITS, n - 1) if n else ""


def a_date(start=1930, end=2023):
    return date(start, 1, 1) + timedelta(days=R.randrange((end - start) * 365))


def spoil(value):
    """Changes one character: mostly into another of its class, sometimes into one of another class."""
    i = R.randrange(len(value))
    classes = (DIGITS, UPPER, string.ascii_lowercase)
    same = next((c for c in classes if value[i] in c), DIGITS)
    if R.random() < 0.1:
        same = UPPER if same == DIGITS else DIGITS
    return value[:i] + R.choice(same.replace(value[i], "")) + value[i + 1:]


def weighted(value, weights):
    return sum(int(d) * w for d, w in zip(value, weights))


# Makers of values that are (mostly) valid.


def make_iban():
    country, info = R.choice(IBAN_COUNTRIES)
    bban = ""
    for length, kind in IBAN_PART.findall(info):
        bban += some({"n": DIGITS, "a": UPPER, "c": ALNUM}[kind], int(length))
    return country + iban.calc_check_digits(country + "00" + bban) + bban


def make_idnr():
    body = R.sample(DIGITS, 9)
    body.append(R.choice(body))
    R.shuffle(body)
    body = "".join(body)
    return body + mod_11_10.calc_check_digit(body)


def make_ric():
    body = R.choice(REGIONS) + a_date(1990, 2015).strftime("%Y%m%d") + digits(3)
    return body + ric.calc_check_digit(body + "0")


def make_uscc():
    body = R.choice(["91", "92", "93", "51", "52", "11", "12"]) + R.choice(REGIONS) + some("0123456789ABCDEFGHJKLMNPQRTUWXY", 9)
    return body + uscc.calc_check_digit(body)


def make_gb_vat():
    while True:
        value = digits(9)
        if gb_vat.is_valid(value):
            return value + (digits(3) if R.random() < 0.2 else "")


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


def make_gstin():
    body = "%02d" % R.randrange(1, 38) + make_pan() + R.choice("123456789ABC") + "Z"
    return body + luhn.calc_check_digit(body, ALNUM)


def make_pan():
    return some(UPPER, 3) + R.choice("ABCFGHLJPTK") + some(UPPER, 1) + digits(4) + some(UPPER, 1)


def make_epic():
    body = digits(6)
    return some(UPPER, 3) + body + luhn.calc_check_digit(body)


def make_cnpj():
    body = some(DIGITS if R.random() < 0.7 else ALNUM, 8) + "000" + digits(1, "123")
    return body + cnpj.calc_check_digits(body)


def make_cpf():
    body = digits(9)
    return body + cpf._calc_check_digits(body)


def make_bic():
    return some(UPPER, 4) + R.choice(ISO2) + some(ALNUM, 2) + R.choice(["", "XXX", some(ALNUM, 3)])


def make_isin():
    body = R.choice(ISO2 + ["XS", "EU"]) + some(ALNUM, 9)
    return body + isin.calc_check_digit(body)


def make_sedol():
    body = digits(6) if R.random() < 0.4 else R.choice("BCDFGHJKLMNPQRSTVWXYZ") + some("0123456789BCDFGHJKLMNPQRSTVWXYZ", 5)
    return body + sedol.calc_check_digit(body)


def make_upn():
    body = str(R.choice(list(upn._la_numbers))) + digits(9 - 1)
    body += R.choice(DIGITS + "ABCDEFGHJKLMNPQRTUVWXYZ")
    return upn.calc_check_digit(body) + body


def make_leitweg():
    head = R.choice(["%02d" % R.randrange(1, 17), "99"]) + digits(R.randrange(0, 7))
    head += "-" + some(ALNUM, R.randrange(1, 12))
    return head + "-" + mod_97_10.calc_check_digits(head.replace("-", ""))


def make_bitcoin():
    if R.random() < 0.5:
        payload = R.choice([b"\x00", b"\x05"]) + R.randbytes(20)
        payload += hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
        number, out = int.from_bytes(payload, "big"), ""
        while number:
            number, rest = divmod(number, 58)
            out = bitcoin._base58_alphabet[rest] + out
        return "1" * (len(payload) - len(payload.lstrip(b"\0"))) + out
    version = R.choice([0, 1])
    program = R.randbytes(R.choice([20, 32]) if version == 0 else 32)
    bits = "".join("{:08b}".format(b) for b in program)
    bits += "0" * (-len(bits) % 5)
    data = [version] + [int(bits[i:i + 5], 2) for i in range(0, len(bits), 5)]
    polymod = own_bech32_polymod([3, 3, 0, 2, 3] + data + [0] * 6) ^ (1 if version == 0 else 0x2BC830A3)
    data += [(polymod >> 5 * (5 - i)) & 31 for i in range(6)]
    return "bc1" + "".join("qpzry9x8gf2tvdw0s3jn54khce6mua7l"[d] for d in data)


# Oracles of our own, for what python-stdnum does not know (or knows only in part).


def own_bech32_polymod(values):
    chk = 1
    for v in values:
        top = chk >> 25
        chk = (chk & 0x1FFFFFF) << 5 ^ v
        for i, g in enumerate([0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3]):
            chk ^= g if (top >> i) & 1 else 0
    return chk


def own_bitcoin(value):
    if not value.startswith("bc1"):
        return value[0] in "13" and bitcoin.is_valid(value)
    data = ["qpzry9x8gf2tvdw0s3jn54khce6mua7l".find(c) for c in value[3:]]
    if -1 in data:
        return False
    version, program = data[0], (len(data) - 7) * 5 // 8
    const = own_bech32_polymod([3, 3, 0, 2, 3] + data)
    if version == 0:
        return const == 1 and program in (20, 32)
    return version <= 16 and const == 0x2BC830A3 and 2 <= program <= 40


def own_card(value):
    n, p = len(value), lambda k: int(value[:k])
    brand = (
        (value[0] == "4" and n in (13, 16, 19))
        or (n == 16 and (51 <= p(2) <= 55 or 2221 <= p(4) <= 2720))
        or (n == 15 and p(2) in (34, 37))
        or ((300 <= p(3) <= 305 or p(4) == 3095 or p(2) in (36, 38, 39)) and 14 <= n <= 19)
        or ((p(4) == 6011 or 644 <= p(3) <= 649 or p(2) == 65) and 16 <= n <= 19)
        or (3528 <= p(4) <= 3589 and 16 <= n <= 19)
        or (p(2) == 62 and 16 <= n <= 19)
        or (2200 <= p(4) <= 2204 and 16 <= n <= 19)
        or (n == 16 and (p(2) in (60, 81, 82) or p(3) == 508))
        or (n == 16 and p(4) == 9792)
        or ((p(2) == 50 or 56 <= p(2) <= 58 or p(2) in (63, 67)) and n in (16, 18, 19))
    )
    return brand and luhn.is_valid(value) and len(set(value)) > 1


def make_card():
    prefix, n = R.choice([
        ("4", 16), ("4", 13), ("4", 19), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15), ("37", 15),
        ("300", 14), ("36", 14), ("38", 16), ("6011", 16), ("645", 16), ("65", 16), ("3528", 16), ("3589", 19),
        ("62", 16), ("62", 19), ("2200", 16), ("60", 16), ("81", 16), ("508", 16), ("50", 18), ("67", 19), ("9", 16), ("56", 12),
    ])
    body = prefix + digits(n - len(prefix) - 1)
    return body + luhn.calc_check_digit(body)


def icao(value):
    table = {c: i for i, c in enumerate(ALNUM)}
    table["<"] = 0
    return str(sum(table[c] * (7, 3, 1)[i % 3] for i, c in enumerate(value)) % 10)


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


def make_nino():
    while True:
        value = some("ABCEGHJKLMNOPRSTWXYZ", 1) + some("ABCEGHJKLMNPRSTWXYZ", 1)
        if value not in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ"):
            return value + digits(6) + R.choice("ABCD")


def own_nino(value):
    return (value[:2].isalpha() and value[0] not in "DFIQUV" and value[1] not in "DFIQUVO" and value[:2] not in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ")
            and value[2:8].isdigit() and value[8] in "ABCD")


def own_nhs(value):
    return nhs.is_valid(value) and len(set(value)) > 1


def make_nhs():
    while True:
        body = digits(9, "4679")
        check = nhs.checksum(body + "0")
        if (11 - check) % 11 < 10:
            return body + str((11 - check) % 11)


def make_chi():
    while True:
        body = a_date().strftime("%d%m%y") + digits(3)
        check = nhs.checksum(body + "0")
        if (11 - check) % 11 < 10:
            return body + str((11 - check) % 11)


def own_chi(value):
    try:
        date(2000, int(value[2:4]), int(value[:2]))
    except ValueError:
        return False
    return nhs.is_valid(value)


def make_utr():
    body = digits(9)
    return utr.calc_check_digit(body) + body


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


def base62(number, length):
    out = ""
    while number:
        number, rest = divmod(number, 62)
        out = BASE62[rest] + out
    return out.rjust(length, "0")


def make_github():
    body = some(BASE62, 30)
    return R.choice(["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "npm_"]) + body + base62(zlib.crc32(body.encode()), 6)


def own_github(value):
    return base62(zlib.crc32(value[4:34].encode()), 6) == value[34:]


def make_jwt():
    part = lambda value: base64.urlsafe_b64encode(value).rstrip(b"=").decode()
    header = json.dumps({"alg": R.choice(["HS256", "RS256", "none"]), "typ": "JWT"}).encode()
    return ".".join([part(header), part(json.dumps({"sub": digits(6)}).encode()), part(R.randbytes(32))])


def own_jwt(value):
    try:
        head = value.split(".")[0]
        parsed = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
        return isinstance(parsed, dict) and isinstance(parsed.get("alg"), str)
    except ValueError:
        return False


def make_vin():
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
    body = R.choice("12345") + some(letters, 7)
    tail = some(letters, 8)
    return body + own_vin_check(body + "0" + tail) + tail


def own_vin_check(value):
    table = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9]))
    table.update({d: int(d) for d in DIGITS})
    rest = sum(table[c] * w for c, w in zip(value, (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2))) % 11
    return "X" if rest == 10 else str(rest)


def own_vin(value):
    return not set(value) & set("IOQ") and own_vin_check(value) == value[8]


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


def make_rib():
    bank, branch, account = digits(5), digits(5), some(ALNUM, 11)
    return bank + branch + account + own_rib_key(bank + branch + account)


def own_rib_key(body):
    table = dict(zip(UPPER, "12345678912345678923456789"))
    plain = "".join(table.get(c, c) for c in body)
    return "%02d" % (97 - (89 * int(plain[:5]) + 15 * int(plain[5:10]) + 3 * int(plain[10:21])) % 97)


def own_rib(value):
    return value[:10].isdigit() and value[21:].isdigit() and own_rib_key(value[:21]) == value[21:]


def make_org_code():
    body = some(DIGITS if R.random() < 0.6 else ALNUM, 8)
    return body + own_org_check(body)


def own_org_check(body):
    rest = 11 - sum(ALNUM.index(c) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2))) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def own_org_code(value):
    return own_org_check(value[:8]) == value[8]


def make_jp_licence():
    body = digits(10)
    return body + own_jp_licence_check(body) + digits(1)


def own_jp_licence_check(body):
    rest = weighted(body, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return "0" if rest in (0, 1) else str(11 - rest)


def own_jp_licence(value):
    return value.isdigit() and own_jp_licence_check(value[:10]) == value[10]


def make_juminhyo():
    body = digits(10)
    return body + own_juminhyo_check(body)


def own_juminhyo_check(body):
    rest = weighted(reversed(body), (2, 3, 4, 5, 6, 7, 2, 3, 4, 5)) % 11
    return "0" if rest <= 1 else str(11 - rest)


def own_juminhyo(value):
    return own_juminhyo_check(value[:10]) == value[10]


def make_fuehrerschein():
    body = some(UPPER, 1) + some(ALNUM, 8)
    return body + own_fuehrerschein_check(body) + R.choice(DIGITS + UPPER)


def own_fuehrerschein_check(body):
    rest = sum((ALNUM.index(c)) * w for c, w in zip(body, range(9, 0, -1))) % 11
    return "X" if rest == 10 else str(rest)


def own_fuehrerschein(value):
    return value[0] in UPPER and own_fuehrerschein_check(value[:9]) == value[9]


def make_mrz_td3():
    pad = lambda text, n: (text + "<" * n)[:n]
    number, birth, expiry = some(ALNUM, 9), a_date().strftime("%y%m%d"), a_date(2026, 2035).strftime("%y%m%d")
    country, personal = R.choice(["UTO", "D<<", "FRA", "GBR", "USA", "CHN", "IND"]), pad(digits(R.randrange(0, 14)), 14)
    line = number + icao(number) + country + birth + icao(birth) + R.choice("MF<") + expiry + icao(expiry) + personal
    line += icao(personal)
    return line + icao(line[:10] + line[13:20] + line[21:43])


def own_mrz_td3(value):
    for a, b in ((0, 9), (13, 19), (21, 27)):
        if icao(value[a:b]) != value[b]:
            return False
    if icao(value[28:42]) != value[42] and not (value[42] == "<" and set(value[28:42]) == {"<"}):
        return False
    return icao(value[:10] + value[13:20] + value[21:43]) == value[43]


def own_ssn(value):
    return ssn.is_valid(value) and len(set(value)) > 1


def own_itin(value):
    return value.isdigit() and value[0] == "9" and int(value[3:5]) in {*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)}


def own_eth(value):
    plain = value[2:]
    if not re.fullmatch("[0-9a-fA-F]{40}", plain):
        return False
    if plain.lower() == plain or plain.upper() == plain:
        return True
    digest = own_keccak256(plain.lower().encode()).hex()
    return all(c.isdigit() or (c.isupper() == (int(digest[i], 16) >= 8)) for i, c in enumerate(plain))


def own_keccak256(message):
    rotate = lambda v, n: ((v << n) | (v >> (64 - n))) & (2**64 - 1) if n else v
    lanes = [[0] * 5 for _ in range(5)]
    padded = bytearray(message) + b"\x01" + b"\0" * (135 - len(message) % 136)
    padded[-1] |= 0x80
    for block in range(0, len(padded), 136):
        for i in range(17):
            lanes[i % 5][i // 5] ^= int.from_bytes(padded[block + 8 * i:block + 8 * i + 8], "little")
        lfsr = 1
        for _ in range(24):
            c = [lanes[x][0] ^ lanes[x][1] ^ lanes[x][2] ^ lanes[x][3] ^ lanes[x][4] for x in range(5)]
            d = [c[(x + 4) % 5] ^ rotate(c[(x + 1) % 5], 1) for x in range(5)]
            lanes = [[lanes[x][y] ^ d[x] for y in range(5)] for x in range(5)]
            x, y, current = 1, 0, lanes[1][0]
            for t in range(24):
                x, y = y, (2 * x + 3 * y) % 5
                current, lanes[x][y] = lanes[x][y], rotate(current, (t + 1) * (t + 2) // 2 % 64)
            for y in range(5):
                row = [lanes[x][y] for x in range(5)]
                for x in range(5):
                    lanes[x][y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5] & (2**64 - 1))
            for j in range(7):
                if lfsr & 1:
                    lanes[0][0] ^= 1 << ((1 << j) - 1)
                lfsr = (lfsr << 1) ^ (0x171 if lfsr >> 7 else 0)
    return b"".join(lanes[i % 5][i // 5].to_bytes(8, "little") for i in range(4))


def make_eth():
    plain = R.randbytes(20).hex()
    digest = own_keccak256(plain.encode()).hex()
    return "0x" + "".join(c.upper() if int(digest[i], 16) >= 8 else c for i, c in enumerate(plain))


def with_check(n, alphabet, module):
    def make():
        body = some(alphabet, n)
        return body + module.calc_check_digit(body)
    return make


IBAN_PART = re.compile(r"(\d+)!([nac])")
IBAN_COUNTRIES = [(prefix, info["bban"]) for _, prefix, _, info, _ in numdb.get("iban").prefixes]
ISO2 = ["DE", "FR", "GB", "US", "CN", "JP", "IN", "BR", "CH", "NL", "SE", "ZA", "AU", "CA", "MX"]
REGIONS = ["110101", "310104", "320102", "330102", "440103", "510104", "610102", "370102"]

# name → (maker, oracle, positions that may be spoilt or None for all)
VALIDATORS = {
    "luhn": (with_check(15, DIGITS, luhn), luhn.is_valid, None),
    "iso7064_mod11_2": (with_check(15, DIGITS, mod_11_2), mod_11_2.is_valid, None),
    "iso7064_mod11_10": (with_check(10, DIGITS, mod_11_10), mod_11_10.is_valid, None),
    "iso7064_mod97_10": (lambda: (lambda b: b + mod_97_10.calc_check_digits(b))(some(ALNUM, 16)), mod_97_10.is_valid, None),
    "verhoeff": (with_check(11, DIGITS, verhoeff), verhoeff.is_valid, None),
    "iban": (make_iban, lambda v: iban.is_valid(v, check_country=False), None),
    "bic": (make_bic, bic.is_valid, range(0, 4)),
    "isin": (make_isin, isin.is_valid, range(2, 12)),
    "cusip": (with_check(8, DIGITS + "ABCDEFGH", cusip), cusip.is_valid, None),
    "sedol": (make_sedol, sedol.is_valid, None),
    "lei": (lambda: (lambda b: b + mod_97_10.calc_check_digits(b))(digits(4) + "00" + some(ALNUM, 12)), lambda v: v[18:].isdigit() and lei.is_valid(v), None),
    "creditor_reference": (lambda: (lambda b: "RF" + mod_97_10.calc_check_digits(b + "RF") + b)(some(ALNUM, 12)), iso11649.is_valid, range(2, 16)),
    "imei": (with_check(14, DIGITS, luhn), lambda v: len(v) == 15 and imei.is_valid(v), None),
    "bitcoin_address": (make_bitcoin, own_bitcoin, None),
    "ethereum_address": (make_eth, own_eth, range(2, 42)),
    "payment_card": (make_card, own_card, None),
    "vin": (make_vin, own_vin, None),
    "mrz_td3": (make_mrz_td3, own_mrz_td3, None),
    "jwt": (make_jwt, own_jwt, range(0, 20)),
    "token_crc32": (make_github, own_github, range(4, 40)),
    "us_ssn": (lambda: digits(9), own_ssn, None),
    "us_itin": (lambda: "9" + digits(8), own_itin, None),
    "us_ein": (lambda: digits(9), ein.is_valid, None),
    "us_npi": (make_npi, own_npi, None),
    "us_dea": (make_dea, own_dea, range(2, 9)),
    "us_aba_routing": (make_rtn, own_rtn, None),
    "gb_nhs": (make_nhs, own_nhs, None),
    "gb_chi": (make_chi, own_chi, None),
    "gb_nino": (make_nino, own_nino, None),
    "gb_utr": (make_utr, utr.is_valid, None),
    "gb_vat": (make_gb_vat, gb_vat.is_valid, None),
    "gb_upn": (make_upn, upn.is_valid, None),
    "de_steuer_id": (make_idnr, idnr.is_valid, None),
    "de_ust_idnr": (lambda: (lambda b: b + mod_11_10.calc_check_digit(b))(digits(8, "123456789")), de_vat.is_valid, None),
    "de_personalausweis": (make_ausweis, own_ausweis, None),
    "de_kvnr": (make_kvnr, own_kvnr, None),
    "de_rvnr": (make_rvnr, own_rvnr, None),
    "de_lanr": (make_lanr, own_lanr, None),
    "de_ik": (make_ik, own_ik, None),
    "de_leitweg_id": (make_leitweg, leitweg.is_valid, None),
    "de_fuehrerschein": (make_fuehrerschein, own_fuehrerschein, None),
    "fr_nir": (make_nir, own_nir, range(7, 15)),
    "fr_nif": (lambda: (lambda b: b + nif.calc_check_digits(b))(digits(10, "0123")), nif.is_valid, None),
    "fr_siren": (make_siren, siren.is_valid, None),
    "fr_siret": (make_siret, siret.is_valid, None),
    "fr_tva": (make_tva, tva.is_valid, None),
    "fr_rib": (make_rib, own_rib, None),
    "cn_ric": (make_ric, ric.is_valid, range(10, 18)),
    "cn_uscc": (make_uscc, uscc.is_valid, range(8, 18)),
    "cn_org_code": (make_org_code, own_org_code, None),
    "jp_my_number": (lambda: (lambda b: b + jp_in.calc_check_digit(b))(digits(11)), jp_in.is_valid, None),
    "jp_corporate_number": (lambda: (lambda b: jp_cn.calc_check_digit(b) + b)(digits(12)), jp_cn.is_valid, None),
    "jp_driving_licence": (make_jp_licence, own_jp_licence, None),
    "jp_juminhyo": (make_juminhyo, own_juminhyo, None),
    "in_aadhaar": (lambda: (lambda b: b + verhoeff.calc_check_digit(b))(digits(11, "23456789")), aadhaar.is_valid, None),
    "in_vid": (lambda: (lambda b: b + verhoeff.calc_check_digit(b))(digits(15, "23456789")), vid.is_valid, None),
    "in_pan": (make_pan, pan.is_valid, None),
    "in_gstin": (make_gstin, gstin.is_valid, None),
    "in_epic": (make_epic, epic.is_valid, None),
    "br_cpf": (make_cpf, lambda v: cpf.is_valid(v) and len(set(v)) > 1, None),
    "br_cnpj": (make_cnpj, lambda v: cnpj.is_valid(v) and v[12:].isdigit() and len(set(v)) > 1, None),
    "br_pis": (make_pis, own_pis, None),
    "br_titulo": (make_titulo, own_titulo, None),
    "br_cns": (make_cns, own_cns, None),
    "br_cnh": (make_cnh, own_cnh, None),
    "br_renavam": (make_renavam, own_renavam, None),
}


def judged(oracle, value):
    try:
        return bool(oracle(value))
    except (ValueError, KeyError, IndexError):
        return False  # a character the algorithm has no value for


def main():
    for name, (make, oracle, spoilable) in VALIDATORS.items():
        for i in range(COUNT):
            value = make()
            if i % 2:
                changed = spoil(value)
                if spoilable is not None:
                    while next(k for k in range(len(value)) if value[k] != changed[k]) not in spoilable:
                        changed = spoil(value)
                value = changed
            print(json.dumps({"validator": name, "value": value, "valid": judged(oracle, value)}))


if __name__ == "__main__":
    main()

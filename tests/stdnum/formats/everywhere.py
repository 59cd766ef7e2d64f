import base64
import hashlib
import json
import re
import zlib

from stdnum import bic, bitcoin, cusip, iban, imei, isin, iso11649, lei, luhn, numdb, verhoeff
from stdnum.gb import sedol
from stdnum.iso7064 import mod_11_10, mod_11_2, mod_97_10

from common import ALNUM, BASE62, DIGITS, ISO2, R, UPPER, a_date, digits, icao, some, with_check


def make_iban():
    country, info = R.choice(IBAN_COUNTRIES)
    bban = ""
    for length, kind in IBAN_PART.findall(info):
        bban += some({"n": DIGITS, "a": UPPER, "c": ALNUM}[kind], int(length))
    return country + iban.calc_check_digits(country + "00" + bban) + bban


def make_bic():
    return some(UPPER, 4) + R.choice(ISO2) + some(ALNUM, 2) + R.choice(["", "XXX", some(ALNUM, 3)])


def make_isin():
    body = R.choice(ISO2 + ["XS", "EU"]) + some(ALNUM, 9)
    return body + isin.calc_check_digit(body)


def make_sedol():
    body = digits(6) if R.random() < 0.4 else R.choice("BCDFGHJKLMNPQRSTVWXYZ") + some("0123456789BCDFGHJKLMNPQRSTVWXYZ", 5)
    return body + sedol.calc_check_digit(body)


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

IBAN_PART = re.compile(r"(\d+)!([nac])")
IBAN_COUNTRIES = [(prefix, info["bban"]) for _, prefix, _, info, _ in numdb.get("iban").prefixes]

FORMATS = {
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
}

from stdnum import luhn
from stdnum.se import orgnr, personnummer

from common import R, a_date, digits, found


def make_personnummer():
    birth = a_date(1910, 2024)
    day = birth.day + (60 if R.random() < 0.2 else 0)
    body = "%02d%02d%02d" % (birth.year % 100, birth.month, day) + digits(3)
    body += luhn.calc_check_digit(body)
    if R.random() < 0.5:
        body = "%02d" % (birth.year // 100) + body
    return body if R.random() < 0.3 else body[:-4] + "-" + body[-4:]


def own_personnummer(value):
    """python-stdnum knows no samordningsnummer (day + 60, Folkbokföringslagen § 18 a) and takes any year."""
    plain = value.replace("-", "").replace("+", "")
    if len(plain) == 12 and plain[:2] not in ("18", "19", "20"):
        return False
    day = int(plain[-6:-4])
    if day > 60:
        sign = value[-5] if value[-5] in "-+" else ""
        date_part = plain[:-6] + "%02d" % (day - 60)
        if not luhn.is_valid(plain[-10:]):
            return False
        body = date_part + plain[-4:-1]
        value = date_part + sign + plain[-4:-1] + luhn.calc_check_digit(body[-9:])
    return personnummer.is_valid(value)


def own_orgnr(value):
    """The third digit is 2 or more, which tells organisation from person (Lag 1974:174, § 2)."""
    if len(value) == 12 and value[:2] != "16":
        return False
    return value[-8] in "23456789" and orgnr.is_valid(value[-10:])


def make_orgnr():
    body = digits(2, "1256789") + digits(1, "23456789") + digits(6)
    return ("16" if R.random() < 0.2 else "") + body + luhn.calc_check_digit(body)


def make_giro():
    body = digits(R.randrange(4, 8), "123456789")
    return body + luhn.calc_check_digit(body)


FORMATS = {
    "se_personnummer": (found(make_personnummer, own_personnummer), own_personnummer, None),
    "se_orgnr": (make_orgnr, own_orgnr, None),
    "se_vat": (lambda: "SE" + make_orgnr()[-10:] + "01", lambda v: v[:2] == "SE" and v[12:] == "01" and own_orgnr(v[2:12]), None),
    "se_giro": (make_giro, lambda v: 2 <= len(v) <= 8 and v[0] != "0" and luhn.is_valid(v), None),
}

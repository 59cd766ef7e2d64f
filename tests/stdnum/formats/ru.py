from stdnum.ru import inn, ogrn

from common import R, digits, found, weighted


def make_inn():
    region = "%02d" % R.randrange(1, 90)
    if R.random() < 0.5:
        body = region + digits(7)
        return body + inn.calc_company_check_digit(body)
    body = region + digits(8)
    return body + inn.calc_personal_check_digits(body)


def own_inn(value):
    """Stricter than stdnum: the first two digits are a region, and there is none numbered 00 (order of the tax service of
    29.06.2012, ММВ-7-6/435@)."""
    return inn.is_valid(value) and value[:2] != "00"


def own_snils(value):
    """Pension Fund resolution 18п of 13.01.2014: no control number up to 001-001-998."""
    rest = weighted(value[:9], range(9, 0, -1)) % 101
    return value.isdigit() and value[:9] > "001001998" and "%02d" % (rest % 100) == value[9:]


def make_snils():
    body = digits(9, "123456789")
    return body + "%02d" % (weighted(body, range(9, 0, -1)) % 101 % 100)


def own_ogrn(value):
    """Differs from stdnum twice (order of the Ministry of Finance 165н of 30.10.2017): the control digit is the last digit of the
    remainder, which may have two; and only numbers that begin with 1, 5 (organisations) or 3 (entrepreneurs) are registrations."""
    if len(value) == 13:
        return ogrn.is_valid(value) and value[0] in "15"
    return len(value) == 15 and value.isdigit() and value[0] == "3" and str(int(value[:14]) % 13 % 10) == value[14]


def make_ogrn():
    if R.random() < 0.5:
        body = digits(1, "15") + "%02d" % R.randrange(2, 27) + digits(9)
        return body + str(int(body) % 11 % 10)
    body = "3" + "%02d" % R.randrange(4, 27) + digits(11)
    return body + str(int(body) % 13 % 10)


def own_okpo(value):
    """Rosstandart R 50.1.024-2005, annex on control digits of classifiers."""
    body = value[:-1]
    rest = weighted(body, [i % 10 + 1 for i in range(len(body))]) % 11
    if rest == 10:
        rest = weighted(body, [(i + 2) % 10 + 1 for i in range(len(body))]) % 11 % 10
    return value.isdigit() and len(value) in (8, 10) and len(set(value)) > 1 and str(rest) == value[-1]


FORMATS = {
    "ru_inn": (make_inn, own_inn, None),
    "ru_snils": (make_snils, own_snils, None),
    "ru_ogrn": (make_ogrn, own_ogrn, None),
    "ru_okpo": (found(lambda: digits(R.choice([8, 10])), own_okpo), own_okpo, None),
}

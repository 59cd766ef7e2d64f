from stdnum.it import aic, codicefiscale, iva

from common import R, UPPER, a_date, digits, found, some

MONTHS = "ABCDEHLMPRST"


def make_codice_fiscale():
    birth = a_date(1930, 2019)
    body = some("BCDFGLMNPRSTVZ", 6) + "%02d%s%02d" % (birth.year % 100, MONTHS[birth.month - 1], birth.day + R.choice([0, 40]))
    body += R.choice(UPPER) + digits(3)
    if R.random() < 0.1:
        body = body[:14] + "LMNPQRSTUV"[int(body[14])]
    return body + codicefiscale.calc_check_digit(body)


def oracle_codice_fiscale(value):
    # python-stdnum takes the day modulo 40; days are 1 to 31 and 41 to 71 (DM 23 dicembre 1976, art. 4).
    day = "".join(str("LMNPQRSTUV".find(c)) if c.isalpha() else c for c in value[9:11])
    return len(value) == 16 and codicefiscale.is_valid(value) and int(day) <= 71


def make_iva():
    return digits(7) + "%03d" % R.randrange(1, 101) + digits(1)


def make_aic():
    body = "0" + digits(7)
    value = body + aic.calc_check_digit(body)
    return value if R.random() < 0.5 else aic.to_base32(value)


FORMATS = {
    "it_codice_fiscale": (make_codice_fiscale, oracle_codice_fiscale, None),
    "it_iva": (found(make_iva, iva.is_valid), iva.is_valid, None),
    "it_aic": (make_aic, aic.is_valid, None),
}

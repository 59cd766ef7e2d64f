from datetime import date

from stdnum.ua import edrpou, rntrc

from common import R, a_date, digits, icao, weighted


def make_rnokpp():
    body = "%05d" % R.randrange(9000, 45000) + digits(4)
    return body + rntrc.calc_check_digit(body)


def own_rnokpp(value):
    """Stricter than stdnum: five digits count the days from 31.12.1899 to the birth (order of the Ministry of Finance 822 of
    29.09.2017); 51500 is in 2040."""
    return rntrc.is_valid(value) and 0 < int(value[:5]) <= 51500


def make_edrpou():
    body = digits(7, "01234")
    return body + edrpou.calc_check_digit(body)


def make_unzr():
    body = a_date().strftime("%Y%m%d") + digits(4)
    return body + icao(body)


def own_unzr(value):
    """Law on the Unified State Demographic Register, art. 10; the control digit is that of ICAO Doc 9303."""
    date(int(value[:4]), int(value[4:6]), int(value[6:8]))
    return value.isdigit() and len(value) == 13 and 1900 <= int(value[:4]) < 2100 and icao(value[:12]) == value[12]


PRIMES = (11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53)


def own_vat_check(body):
    """Order of the Ministry of Finance 1130 of 14.11.2014: primes as weights, and the next ones where the remainder is 10."""
    rest = weighted(body, PRIMES) % 11
    return str(weighted(body, PRIMES[1:]) % 11 % 10 if rest == 10 else rest)


def make_vat():
    body = digits(11)
    return body + own_vat_check(body)


FORMATS = {
    "ua_rnokpp": (make_rnokpp, own_rnokpp, None),
    "ua_edrpou": (make_edrpou, lambda v: edrpou.is_valid(v) and len(set(v)) > 1, None),
    "ua_vat": (make_vat, lambda v: v.isdigit() and len(set(v)) > 1 and own_vat_check(v[:11]) == v[11], None),
    "ua_unzr": (make_unzr, own_unzr, None),
}

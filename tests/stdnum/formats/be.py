from stdnum.be import bis, nn, ogm_vcs, vat

from common import R, a_date, digits


def own_check(body, prefix=""):
    return "%02d" % (97 - int(prefix + body) % 97)


def make(shift):
    def maker():
        birth = a_date(1930, 2023)
        body = "%02d%02d%02d" % (birth.year % 100, birth.month + shift(), birth.day) + digits(3)
        return body + own_check(body, "2" if birth.year >= 2000 else "")
    return maker


def oracle(module):
    def judge(value):
        # python-stdnum tries the check digits of those born after 1999 only for years up to today's; a rule knows no today.
        later = len(value) == 11 and value.isdigit() and own_check(value[:9], "2") == value[9:]
        return module.is_valid(value) or (later and module.is_valid(value[:9] + own_check(value[:9])))
    return judge


def make_vat():
    body = digits(1, "01") + digits(7)
    return R.choice(["", "BE"]) + body + own_check(body)


def make_mod97():
    body = digits(10)
    return body + ogm_vcs.calc_check_digits(body)


nn_oracle, bis_oracle = oracle(nn), oracle(bis)
make_nn, make_bis = make(lambda: 0), make(lambda: R.choice([20, 40]))

FORMATS = {
    "be_nn": (make_nn, nn_oracle, None),
    "be_bis": (make_bis, bis_oracle, None),
    "be_ssn": (lambda: R.choice([make_nn, make_bis])(), lambda v: nn_oracle(v) or bis_oracle(v), None),
    "be_vat": (make_vat, vat.is_valid, None),
    "be_mod97": (make_mod97, ogm_vcs.is_valid, None),
}

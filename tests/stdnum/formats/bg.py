from stdnum.bg import egn, pnf, vat

from common import R, a_date, digits, weighted


def make_egn():
    born = a_date(1900, 2023)
    month = born.month + (40 if born.year >= 2000 else 0)
    body = "%02d%02d%02d" % (born.year % 100, month, born.day) + digits(3)
    return body + egn.calc_check_digit(body)


def make_lnch():
    body = digits(9, "123456789")
    return body + pnf.calc_check_digit(body)


def make_eik():
    body = digits(8, "12")
    body += vat.calc_check_digit_legal(body)
    return body if R.random() < 0.6 else body + own_branch_digits(body)


def own_branch_digits(body):
    branch = digits(3)
    return branch + own_branch_check(body[8] + branch)


def own_branch_check(four):
    rest = weighted(four, (2, 7, 3, 5)) % 11
    return str(weighted(four, (4, 9, 5, 7)) % 11 % 10 if rest == 10 else rest)


def own_eik(value):
    """Registers use the check of VAT numbers of legal entities for nine digits; the branch has a digit of its own (Bulstat)."""
    if not value.isdigit() or len(value) not in (9, 13) or len(set(value)) == 1:
        return False
    return vat.is_valid(value[:9]) and (len(value) == 9 or own_branch_check(value[8:12]) == value[12])


def make_vat():
    return "BG" + R.choice([lambda: make_eik()[:9], make_egn, make_lnch])()


FORMATS = {
    "bg_egn": (make_egn, egn.is_valid, None),
    "bg_lnch": (make_lnch, pnf.is_valid, None),
    "bg_eik": (make_eik, own_eik, None),
    "bg_vat": (make_vat, lambda v: v[:2] == "BG" and vat.is_valid(v), None),
}

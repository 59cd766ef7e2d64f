from stdnum.cz import bankaccount, dic, rc

from common import R, a_date, digits, found

BANKS = [prefix for prefix in (line.split(" ")[0] for line in open(bankaccount.__file__.replace("bankaccount.py", "banks.dat"))) if prefix.isdigit()]


def make_rc():
    birth = a_date(1930, 2024)
    month = birth.month + R.choice((0, 50)) + (20 if birth.year >= 2004 and R.random() < 0.1 else 0)
    body = "%02d%02d%02d" % (birth.year % 100, month, birth.day) + digits(3)
    return body if birth.year < 1954 else body + str(int(body) % 11 % 10)


def own_rc(value):
    """python-stdnum reduces the month by 50 and 20 and so takes 33 for 13 and 41 for 1; only +20, +50 and +70 exist (§ 13)."""
    return int(value[2:4]) % 50 in (*range(1, 13), *range(21, 33)) and rc.is_valid(value)


def make_ico():
    body = digits(7, "012345678")
    return body + dic.calc_check_digit_legal(body)


def own_ico(value):
    return len(value) == 8 and len(set(value)) > 1 and dic.calc_check_digit_legal(value[:7]) == value[7]


def make_dic():
    kind = R.random()
    if kind < 0.3:
        body = digits(7)
        return "CZ6" + body + dic.calc_check_digit_special(body)
    return "CZ" + (make_rc() if kind < 0.6 else make_ico())


def own_dic(value):
    plain = value[2:] if value[:2] == "CZ" else value
    if len(plain) == 8:
        return plain[0] != "9" and own_ico(plain)
    if len(plain) == 9 and plain[0] == "6":
        return dic.is_valid(plain)
    return own_rc(plain)


def make_account():
    root = found(lambda: digits(R.randrange(7, 11), "123456789"), lambda v: bankaccount._calc_checksum(v) == 0)()
    prefix = found(lambda: digits(R.randrange(2, 7), "123456789"), lambda v: bankaccount._calc_checksum(v) == 0)() + "-"
    return (prefix if R.random() < 0.4 else "") + root + "/" + R.choice(BANKS)


def own_account(value):
    """An account number of zeros alone is none."""
    root = value.split("/")[0].split("-")[-1]
    return bankaccount.is_valid(value) and set(root) != {"0"}


FORMATS = {
    "rodne_cislo": (make_rc, own_rc, None),
    "ico": (make_ico, own_ico, None),
    "cz_dic": (make_dic, own_dic, None),
    "cz_account": (make_account, own_account, None),
}

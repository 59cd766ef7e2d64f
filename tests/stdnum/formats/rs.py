from stdnum.iso7064 import mod_97_10
from stdnum.si import emso

from common import R, a_date, digits


def make_jmbg():
    born = a_date()
    body = "%02d%02d%03d" % (born.day, born.month, born.year % 1000) + digits(5)
    return body + emso.calc_check_digit(body)


def own_jmbg(value):
    """Slovenia's number is the same one (law on the citizen's master number of 1976). Stricter than stdnum: a birth is not before
    1880 and not after 2099."""
    return emso.is_valid(value) and not 100 <= int(value[4:7]) < 880


def make_account():
    bank, account = digits(3, "123456789"), digits(13)
    check = mod_97_10.calc_check_digits(bank + account)
    if R.random() < 0.5:
        return bank + account + check
    short = account.lstrip("0") if R.random() < 0.5 else digits(R.randrange(5, 13), "123456789")
    return "-".join([bank, short, mod_97_10.calc_check_digits(bank + short.zfill(13))])


def own_account(value):
    """National Bank of Serbia, decision on the plan of accounts: three digits of the bank, up to thirteen of the account, MOD 97."""
    parts = value.split("-")
    if len(parts) == 3:
        bank, account, check = parts
        if len(bank) != 3 or len(check) != 2 or not 1 <= len(account) <= 13:
            return False
        value = bank + account.zfill(13) + check
    return len(value) == 18 and value.isdigit() and mod_97_10.is_valid(value)


FORMATS = {
    "jmbg": (make_jmbg, own_jmbg, None),
    "rs_account": (make_account, own_account, None),
}

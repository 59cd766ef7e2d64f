from stdnum.cz import bankaccount
from stdnum.sk import dph

from common import R, digits, found


def own_dic(value):
    """Without python-stdnum's alternative of a birth number, which it calls unclear itself: since 2004 numbers are the register's own."""
    plain = value[2:] if value[:2] == "SK" else value
    return plain.isdigit() and len(plain) == 10 and plain[0] != "0" and plain[2] in "234789" and dph.checksum(plain) == 0


def make_account():
    root = found(lambda: digits(R.randrange(7, 11), "123456789"), lambda v: bankaccount._calc_checksum(v) == 0)()
    prefix = found(lambda: digits(R.randrange(2, 7), "123456789"), lambda v: bankaccount._calc_checksum(v) == 0)() + "-"
    return (prefix if R.random() < 0.4 else "") + root + "/" + R.choice(("0200", "0900", "1100", "5600", "7500", "8330"))


def own_account(value):
    """Slovak numbers are built as the Czech ones; the bank is not compared with a list."""
    number, bank = value.split("/")
    if not bank.isdigit() or len(bank) != 4 or not number.replace("-", "").isdigit():
        return False
    *prefix, root = number.split("-")
    return (2 <= len(root) <= 10 and set(root) != {"0"} and len(prefix) < 2 and all(len(p) <= 6 for p in prefix)
            and all(bankaccount._calc_checksum(part) == 0 for part in (*prefix, root)))


FORMATS = {
    "sk_dic": (found(lambda: ("SK" if R.random() < 0.4 else "") + digits(10, "12"), own_dic), own_dic, None),
    "sk_account": (make_account, own_account, None),
}

from common import R, digits


def own_nic(value):
    """Department for Registration of Persons: year, day of the year with February of 29 days, 500 more for women."""
    if not value.isascii():
        return False
    if len(value) == 12 and value.isdigit() and "1900" <= value[:4] <= "2099":
        day = int(value[4:7])
    elif len(value) == 10 and value[:9].isdigit() and value[9] in "VXvx":
        day = int(value[2:5])
    else:
        return False
    return 1 <= day <= 366 or 501 <= day <= 866


def make_nic():
    day = f"{R.randrange(1, 367) + R.choice((0, 500)):03}"
    return R.choice((str(R.randrange(1930, 2010)) + day + digits(5), digits(2) + day + digits(4) + R.choice("VX")))


FORMATS = {"lk_nic": (make_nic, own_nic, None)}

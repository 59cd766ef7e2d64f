from datetime import date

from common import R, a_date, digits

GOVERNORATES = [*range(1, 5), *range(11, 20), *range(21, 30), *range(31, 36), 88]


def make_nid():
    born = a_date()
    return ("2" if born.year < 2000 else "3") + born.strftime("%y%m%d") + "%02d" % R.choice(GOVERNORATES) + digits(5)


def own_nid(value):
    """Civil Status Organization: century, birth, governorate, order. How the last digit is made is not published."""
    date({"2": 1900, "3": 2000}[value[0]] + int(value[1:3]), int(value[3:5]), int(value[5:7]))
    return value.isdigit() and len(value) == 14 and int(value[7:9]) in GOVERNORATES


FORMATS = {
    "eg_nid": (make_nid, own_nid, range(0, 9)),
}

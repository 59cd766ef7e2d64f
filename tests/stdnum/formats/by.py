from datetime import date

from stdnum.by import unp

from common import R, a_date, digits, found, icao


def own_unp(value):
    """stdnum sets the name of the number in front aside; ours is the number alone."""
    return len(value) == 9 and unp.is_valid(value)


def make_unp():
    if R.random() < 0.6:
        return digits(9, "1234567")
    return R.choice("ABCEHKMАВСЕНКМ") + R.choice("ABCEHKMOPTАВСЕНКМОРТ") + digits(7)


def make_pn():
    born = a_date()
    first = R.choice("34" if born.year < 2000 else "56")
    body = first + born.strftime("%d%m%y") + R.choice("ABCHKEM") + digits(3) + R.choice(["PB", "BA", "BI"])
    return body + icao(body)


def own_pn(value):
    """Law 418-З on the register of the population: sex and century, birth, region, order, citizenship,
    and the control digit of ICAO Doc 9303."""
    century = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}[value[0]]
    date(century + int(value[5:7]), int(value[3:5]), int(value[1:3]))
    return (value[7] in "ABCHKEM" and value[8:11].isdigit() and value[11:13] in ("PB", "BA", "BI") and len(value) == 14
            and icao(value[:13]) == value[13])


FORMATS = {
    "by_unp": (found(make_unp, own_unp), own_unp, None),
    "by_pn": (make_pn, own_pn, None),
}

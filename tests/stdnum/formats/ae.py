from stdnum import luhn

from common import a_date, digits


def make_eid():
    body = "784" + a_date().strftime("%Y") + digits(7)
    return body + luhn.calc_check_digit(body)


FORMATS = {
    # Federal Authority for Identity: 784, year of birth, seven digits, Luhn's digit.
    "ae_eid": (make_eid, lambda v: v[:3] == "784" and 1900 <= int(v[3:7]) < 2100 and luhn.is_valid(v), range(3, 15)),
}

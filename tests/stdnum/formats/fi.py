from stdnum.fi import alv, hetu

from common import R, a_date, digits, found


def make_hetu():
    birth = a_date(1900, 2024)
    sign = R.choice("ABCDEF" if birth.year >= 2000 else "-UVWXY")
    number = "%03d" % R.randrange(2, 950)
    body = birth.strftime("%d%m%y")
    return body + sign + number + hetu._calc_checksum(body + number)


def own_hetu(value):
    """With the temporary codes 900–999 that hospitals give."""
    return value == value.upper() and hetu.is_valid(value, allow_temporary=True)


FORMATS = {
    "fi_hetu": (make_hetu, own_hetu, None),
    "fi_ytunnus": (found(lambda: ("FI" if R.random() < 0.3 else "") + digits(8), alv.is_valid), lambda v: alv.is_valid(v) and len(set(v)) > 1, None),
}

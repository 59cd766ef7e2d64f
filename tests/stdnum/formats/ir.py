from common import R, digits, weighted


def own_melli_check(body):
    rest = weighted(body, range(10, 1, -1)) % 11
    return str(rest if rest < 2 else 11 - rest)


def make_melli():
    body = digits(9)
    return body + own_melli_check(body)


def own_melli(value):
    """National Organization for Civil Registration: three digits of the place, six of the person, one modulo 11."""
    return (value.isdigit() and len(value) == 10 and len(set(value)) > 1 and value[:3] != "000"
            and own_melli_check(value[:9]) == value[9])


def own_shenase_check(body):
    shift = int(body[9]) + 2
    return str(sum((int(d) + shift) * w for d, w in zip(body, (29, 27, 23, 19, 17) * 2)) % 11 % 10)


def make_shenase():
    body = R.choice(["10", "14"]) + digits(8)
    return body + own_shenase_check(body)


def own_shenase(value):
    """State Organization for Registration of Deeds and Properties: eleven digits of legal persons."""
    return value.isdigit() and len(value) == 11 and len(set(value)) > 1 and own_shenase_check(value[:10]) == value[10]


FORMATS = {
    "ir_melli": (make_melli, own_melli, None),
    "ir_shenase": (make_shenase, own_shenase, None),
}

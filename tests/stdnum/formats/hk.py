from common import R, UPPER, digits, found, some


def own_hkid(value):
    """Immigration Department: letters count 10 to 35, a missing first one 36; weights 9 to 1 modulo 11, A for 10."""
    body, check = value[:-1], value[-1]
    letters = len(body) - 6
    if letters not in (1, 2) or not value.isascii() or not body[:letters].isupper() or not body[letters:].isdigit() or check not in "0123456789A":
        return False
    number = [36] * (2 - letters) + [int(c, 36) for c in body] + [int(check, 16)]
    return sum(n * w for n, w in zip(number, range(9, 0, -1))) % 11 == 0


FORMATS = {"hk_hkid": (found(lambda: some(UPPER, R.choice((1, 1, 2))) + digits(6) + some("0123456789A", 1), own_hkid), own_hkid, None)}

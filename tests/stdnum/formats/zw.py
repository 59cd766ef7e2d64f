from common import R, digits


def own_id(value):
    """Registrar General: the number before the letter, office included, modulo 23; letters without I, O and U."""
    number = value[:-3]
    return (len(number) in (8, 9) and value.isascii() and number.isdigit() and value[-2:].isdigit()
            and "ZABCDEFGHJKLMNPQRSTVWXY"[int(number) % 23] == value[-3])


def make_id():
    number = digits(R.choice((8, 9)))
    return number + "ZABCDEFGHJKLMNPQRSTVWXY"[int(number) % 23] + digits(2)


FORMATS = {"zw_id": (make_id, own_id, None)}

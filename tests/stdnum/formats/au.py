from stdnum.au import abn, acn, tfn

from common import R, digits, found, some, weighted


def own_medicare(value):
    """Services Australia: the ninth digit checks the first eight, the tenth is the issue, an eleventh the person."""
    return (len(value) in (10, 11) and value.isascii() and value.isdigit() and value[0] in "23456" and value[9] != "0"
            and weighted(value, (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(value[8]))


def own_provider(value):
    """Services Australia: weights of the six digits and 6 for the practice location, modulo 11."""
    locations, letters = "0123456789ABCDEFGHJKLMNPQRTUVWXY", "YXWTLKJHFBA"
    total = weighted(value[:6], (3, 5, 8, 4, 2, 1)) + 6 * locations.index(value[6])
    return len(value) == 8 and value[:6].isascii() and value[7] == letters[total % 11]


FORMATS = {
    "au_abn": (found(lambda: digits(11, "123456789"), abn.is_valid), abn.is_valid, None),
    "au_acn": (found(lambda: digits(9), acn.is_valid), acn.is_valid, None),
    "au_tfn": (found(lambda: digits(R.choice((8, 9)), "123456789"), tfn.is_valid), tfn.is_valid, None),
    "au_medicare": (found(lambda: digits(R.choice((10, 11)), "23456"), own_medicare), own_medicare, None),
    "au_provider": (found(lambda: digits(6) + some("0123456789ABCDEFGHJKLMNPQRTUVWXY", 1) + some("YXWTLKJHFBA", 1), own_provider),
                    own_provider, None),
}

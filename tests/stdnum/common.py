"""What the makers of candidates share: random parts, and one change that spoils a value."""

import os
import random
import string
from datetime import date, timedelta

SEED = os.environ.get("SEED", "20261122")
R = random.Random(SEED)

DIGITS = string.digits
UPPER = string.ascii_uppercase
ALNUM = DIGITS + UPPER
BASE62 = DIGITS + UPPER + string.ascii_lowercase
ISO2 = ["DE", "FR", "GB", "US", "CN", "JP", "IN", "BR", "CH", "NL", "SE", "ZA", "AU", "CA", "MX"]


def some(alphabet, n):
    return "".join(R.choice(alphabet) for _ in range(n))


def digits(n, first=DIGITS):
    return R.choice(first) + some(DIGITS, n - 1) if n else ""


def a_date(start=1930, end=2023):
    return date(start, 1, 1) + timedelta(days=R.randrange((end - start) * 365))


def spoil(value):
    """Changes one character: mostly into another of its class, sometimes into one of another class."""
    i = R.randrange(len(value))
    classes = (DIGITS, UPPER, string.ascii_lowercase)
    same = next((c for c in classes if value[i] in c), DIGITS)
    if R.random() < 0.1:
        same = UPPER if same == DIGITS else DIGITS
    return value[:i] + R.choice(same.replace(value[i], "")) + value[i + 1:]


def weighted(value, weights):
    return sum(int(d) * w for d, w in zip(value, weights))


def with_check(n, alphabet, module):
    def make():
        body = some(alphabet, n)
        return body + module.calc_check_digit(body)
    return make


def found(make, oracle, tries=100_000):
    """A maker of valid values where only their shape is easy to make: tries until the oracle accepts one."""
    def maker():
        for _ in range(tries):
            value = make()
            if judged(oracle, value):
                return value
        raise ValueError(f"{tries} tries and no valid value: make more of it by rule")
    return maker


def icao(value):
    table = {c: i for i, c in enumerate(ALNUM)}
    table["<"] = 0
    return str(sum(table[c] * (7, 3, 1)[i % 3] for i, c in enumerate(value)) % 10)


def judged(oracle, value):
    try:
        return bool(oracle(value))
    except (ValueError, KeyError, IndexError):
        return False  # a character the algorithm has no value for

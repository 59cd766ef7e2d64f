from stdnum.py import ruc

from common import R, digits, found

FORMATS = {"py_ruc": (found(lambda: digits(R.choice([6, 7, 8]), "123456789") + digits(1), ruc.is_valid), ruc.is_valid, None)}

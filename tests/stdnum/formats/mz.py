from stdnum.mz import nuit

from common import digits, found

FORMATS = {"mz_nuit": (found(lambda: digits(9), nuit.is_valid), lambda v: nuit.is_valid(v) and len(set(v)) > 1, None)}

from stdnum.ve import rif

from common import R, digits, found

FORMATS = {"ve_rif": (found(lambda: R.choice("VEJPG") + digits(9), rif.is_valid), rif.is_valid, None)}

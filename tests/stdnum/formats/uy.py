from stdnum.uy import rut

from common import R, digits, found

FORMATS = {"uy_rut": (found(lambda: "%02d" % R.randrange(1, 23) + digits(6) + "001" + digits(1), rut.is_valid), rut.is_valid, None)}

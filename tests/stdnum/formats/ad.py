from stdnum.ad import nrt

from common import R, UPPER, digits, found

FORMATS = {"ad_nrt": (found(lambda: R.choice("ACDEFGLOPU") + digits(6) + R.choice(UPPER), nrt.is_valid), nrt.is_valid, None)}

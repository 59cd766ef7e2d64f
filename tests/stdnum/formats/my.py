from stdnum.my import nric

from common import a_date, digits, found

FORMATS = {"my_mykad": (found(lambda: a_date().strftime("%y%m%d") + digits(6), nric.is_valid), nric.is_valid, None)}

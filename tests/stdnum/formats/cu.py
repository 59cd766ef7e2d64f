from stdnum.cu import ni

from common import a_date, digits

FORMATS = {"cu_ni": (lambda: a_date(1930, 1999).strftime("%y%m%d") + digits(5, "012345"), ni.is_valid, range(0, 7))}

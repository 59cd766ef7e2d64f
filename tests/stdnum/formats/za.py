from datetime import date

from stdnum import luhn

from common import a_date, digits, found


def own_id(value):
    """python-stdnum takes the century from the clock; either may do. Refugees have 2 as citizenship digit
    (Department of Home Affairs), which python-stdnum does not know."""
    if len(value) != 13 or not value.isascii() or not value.isdigit() or value[10] not in "012" or not luhn.is_valid(value):
        return False
    return bool(date(2000 + int(value[:2]), int(value[2:4]), int(value[4:6])))


FORMATS = {"za_id": (found(lambda: a_date().strftime("%y%m%d") + digits(4) + digits(3, "01"), own_id), own_id, None)}

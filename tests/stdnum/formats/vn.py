from stdnum.vn import mst

from common import R, digits, found

PROVINCES = ("001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 035 036 037 038 040 042 044 045 046"
             " 048 049 051 052 054 056 058 060 062 064 066 067 068 070 072 074 075 077 079 080 082 083 084 086 087 089 091 092 093 094"
             " 095 096").split()


def own_cccd(value):
    """Circular 59/2021/TT-BCA: province of birth, century and sex, year of birth, six digits."""
    return len(value) == 12 and value.isascii() and value.isdigit() and value[:3] in PROVINCES and value[3] in "0123"


FORMATS = {
    "vn_cccd": (lambda: R.choice(PROVINCES) + R.choice("0123") + digits(8), own_cccd, None),
    "vn_mst": (found(lambda: digits(R.choice((10, 13))), mst.is_valid), mst.is_valid, None),
}

//! Identity card number of Malaysia: date of birth, place of birth, order.

use super::Validator;
use super::checksum::{digits, pair, real_date, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "my_mykad",
    source: "National Registration Regulations 1990; Jabatan Pendaftaran Negara: place of birth codes",
    check,
    valid: &["071214542208", "930531756566", "820212576246"],
    invalid: &["701065405029", "370693471214"],
};

fn check(value: &str) -> bool {
    digits::<12>(&ungrouped(value)).is_some_and(|d| {
        // Every fourth two-digit year is a leap year of one century or the other.
        real_date(2000 + pair(&d, 0), pair(&d, 2), pair(&d, 4)) && birth_place(pair(&d, 6))
    })
}

/// States (01–16, 21–59), and countries and regions abroad.
fn birth_place(code: u32) -> bool {
    matches!(code, 1..=16 | 21..=68 | 71 | 72 | 74..=79 | 82..=93 | 98 | 99)
}

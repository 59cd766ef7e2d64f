//! US Social Security number: area, group and serial that are issued; published specimens are not.

use super::Validator;
use super::checksum::{all_same, digits, pair, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "us_ssn",
    source: "SSA POMS RM 10201.035; 20 CFR 422.103",
    check,
    valid: &["201377070", "373191523"],
    invalid: &["000121234", "666121234", "912121234", "201007070", "201370000", "078051120"],
};

/// Numbers printed in advertisements and on sample cards.
const SPECIMENS: [&str; 3] = ["078051120", "219099999", "457555462"];

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some(d) = digits::<9>(value) else { return false };
    let area = u32::from(d[0]) * 100 + pair(&d, 1);
    let group = pair(&d, 3);
    let serial = pair(&d, 5) * 100 + pair(&d, 7);
    area != 0 && area != 666 && area < 900 && group != 0 && serial != 0 && !all_same(&d) && !SPECIMENS.contains(&value)
}

//! Telephone number of the North American plan: area and exchange codes that can be dialled.

use super::Validator;
use super::checksum::digits;

pub const VALIDATOR: Validator = Validator {
    name: "us_phone",
    source: "NANPA, North American Numbering Plan; ATIS-0300051",
    check,
    valid: &["2125550143", "12125550143"],
    invalid: &["1125550143", "2121550143", "9115550143", "3705550143", "2129115550"],
};

fn check(value: &str) -> bool {
    let national = if value.len() == 11 { value.strip_prefix('1') } else { Some(value) };
    let Some(d) = national.and_then(digits::<10>) else { return false };
    // N11 are services; 37X and 96X are held back for the plan's growth.
    let service = |at: usize| d[at + 1] == 1 && d[at + 2] == 1;
    d[0] >= 2
        && d[3] >= 2
        && !service(0)
        && !service(3)
        && d[1] != 9
        && !(d[0] == 3 && d[1] == 7)
        && !(d[0] == 9 && d[1] == 6)
}

//! Identity card number of Sri Lanka: year of birth, day of the year (500 more for women), order.

use super::Validator;
use super::checksum::digits;

pub const VALIDATOR: Validator = Validator {
    name: "lk_nic",
    source: "Registration of Persons Act No. 32 of 1968; Department for Registration of Persons",
    check,
    valid: &["866268363V", "537320944X", "911458331V"],
    invalid: &["698674138439", "197486885706"],
};

fn check(value: &str) -> bool {
    if let Some(d) = digits::<12>(value) {
        return matches!(d[..2], [1, 9] | [2, 0]) && day_of_year(&d[4..7]);
    }
    value.ends_with(['V', 'X', 'v', 'x'])
        && digits::<9>(&value[..value.len() - 1]).is_some_and(|d| day_of_year(&d[2..5]))
}

/// February has 29 days in every year.
fn day_of_year(d: &[u8]) -> bool {
    let day = d.iter().fold(0, |day, &digit| day * 10 + u32::from(digit));
    matches!(day, 1..=366 | 501..=866)
}

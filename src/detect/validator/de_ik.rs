//! German institution code in health insurance: class, region, serial and a check digit over digits 3 to 8.

use super::Validator;
use super::checksum::{cross_sum, digits, pair};

pub const VALIDATOR: Validator = Validator {
    name: "de_ik",
    source: "SGB V § 293; ARGE IK, Aufbau des Institutionskennzeichens",
    check,
    valid: &["462241243", "464358179", "514278606"],
    invalid: &["306121404", "466856854", "002241243"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<9>(value) else { return false };
    let sum: u32 = d[2..8].iter().zip([2, 1].into_iter().cycle()).map(|(&d, w)| cross_sum(u32::from(d) * w)).sum();
    pair(&d, 0) != 0 && sum % 10 == u32::from(d[8])
}

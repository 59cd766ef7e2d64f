//! Argentine bank account (CBU): bank and branch, account, each with a check digit modulo 10.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "ar_cbu",
    source: "BCRA, Comunicación A 2644",
    check,
    valid: &["7788973986369583313630", "1224091768851717080731"],
    invalid: &["1154118999294203481790", "0776051040432716022727"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<22>(&ungrouped(value)) else { return false };
    // From the right: the check digit, then 3, 1, 7, 9 and over again.
    let holds = |block: &[u8]| {
        let weights = [1].into_iter().chain([3, 1, 7, 9].into_iter().cycle());
        block.iter().rev().zip(weights).map(|(&d, weight)| u32::from(d) * weight).sum::<u32>().is_multiple_of(10)
    };
    !all_same(&d) && holds(&d[..8]) && holds(&d[8..])
}

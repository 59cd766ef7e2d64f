//! Belgian national register number: birth date, order, 97 less the remainder modulo 97.

use super::Validator;
use super::checksum::{digits, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "be_nn",
    source: "AR/KB 3 avril 1984",
    check,
    valid: &["37090295816", "22050585803"],
    invalid: &["56012129879", "47302182488"],
};

/// The month of a number whose check digits are right. Since 2000 a 2 stands before the number when they are reckoned.
pub fn national_register(value: &str) -> Option<u32> {
    let d = digits::<11>(&ungrouped(value))?;
    let number = |digits: &[u8]| digits.iter().fold(0u64, |n, &d| n * 10 + u64::from(d));
    let (body, check) = (number(&d[..9]), number(&d[9..]));
    let right = 97 - body % 97 == check || 97 - (2_000_000_000 + body) % 97 == check;
    (right && body != 0).then(|| u32::from(d[2]) * 10 + u32::from(d[3]))
}

fn check(value: &str) -> bool {
    // Month 0 is one that was not known, or whose day has no numbers left.
    national_register(value).is_some_and(|month| month <= 12)
}

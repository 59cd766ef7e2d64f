//! Turkish identity number (T.C. Kimlik No): eleven digits, two of them checks.

use super::Validator;
use super::checksum::{digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "tr_tckn",
    source: "5490 sayılı Nüfus Hizmetleri Kanunu, m. 46",
    check,
    valid: &["17732478694", "95269921968"],
    invalid: &["18907929518", "11673691550"],
};

fn check(value: &str) -> bool {
    digits::<11>(value).is_some_and(|d| {
        let tenth = (10 - weighted(&d, &[3, 1, 3, 1, 3, 1, 3, 1, 3]) % 10) % 10;
        let sum: u32 = d[..10].iter().map(|&d| u32::from(d)).sum();
        d[0] != 0 && tenth == u32::from(d[9]) && sum % 10 == u32::from(d[10])
    })
}

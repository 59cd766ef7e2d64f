//! Turkish tax number (VKN): ten digits, the last one a check modulo 10.

use super::Validator;
use super::checksum::digits;

pub const VALIDATOR: Validator = Validator {
    name: "tr_vkn",
    source: "213 sayılı Vergi Usul Kanunu, m. 8",
    check,
    valid: &["7486334721", "9862325635"],
    invalid: &["7830298727", "0372912171"],
};

fn check(value: &str) -> bool {
    digits::<10>(value).is_some_and(|d| {
        let sum: u32 = (1..=9)
            .map(|place| {
                let shifted = (u32::from(d[9 - place]) + place as u32) % 10;
                let product = shifted * (1 << place);
                // Modulo 9, with 9 itself for the multiples.
                if shifted == 0 { 0 } else { (product - 1) % 9 + 1 }
            })
            .sum();
        (10 - sum % 10) % 10 == u32::from(d[9])
    })
}

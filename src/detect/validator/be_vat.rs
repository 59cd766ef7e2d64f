//! Belgian enterprise number: 97 less the remainder of eight digits modulo 97.

use super::Validator;
use super::checksum::ungrouped;

pub const VALIDATOR: Validator = Validator {
    name: "be_vat",
    source: "Code de droit économique, art. III.17; AR/KB 24 juin 2003",
    check,
    valid: &["BE1372879897", "0380672936"],
    invalid: &["0219418764", "BE1170732813"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let number = value.strip_prefix("BE").unwrap_or(&value);
    // Numbers from before 2005 had no leading zero.
    if !matches!(number.len(), 9 | 10)
        || number.len() == 10 && !number.starts_with(['0', '1'])
        || !number.bytes().all(|b| b.is_ascii_digit())
    {
        return false;
    }
    number.parse::<u64>().is_ok_and(|n| n > 0 && (n / 100 + n % 100).is_multiple_of(97))
}

//! German identity card or passport number with its check digit (7-3-1).

use super::Validator;
use super::checksum::icao;

pub const VALIDATOR: Validator = Validator {
    name: "de_personalausweis",
    source: "PAuswV; ICAO Doc 9303 part 3, 4.9",
    check,
    valid: &["HF007H5281", "HY0VMF5NR0", "V423HNR603"],
    invalid: &["J46LFZ05J6", "HQH2M4YLL5", "AF007H5281", "1F007H5281"],
};

fn check(value: &str) -> bool {
    let value = value.as_bytes();
    // Vowels and a few letters are not used, so no words arise; the first character is the authority's letter.
    let used = |b: &u8| b.is_ascii_digit() || b"CFGHJKLMNPRTVWXYZ".contains(&b.to_ascii_uppercase());
    value.len() == 10
        && value[0].is_ascii_alphabetic()
        && value[..9].iter().all(used)
        && value[9].is_ascii_digit()
        && icao(&value[..9]) == Some(value[9] - b'0')
}

//! Finnish personal identity code (HETU): date of birth, sign of the century, serial, check character modulo 31.

use super::Validator;
use super::checksum::{digits, pair, real_date};

pub const VALIDATOR: Validator = Validator {
    name: "fi_hetu",
    source: "Valtioneuvoston asetus väestötietojärjestelmästä (128/2010), 2 § and 3 §",
    check,
    valid: &["070808F241T", "031211A627N"],
    invalid: &["050871Y809B", "320190-123A", "010190Z1234"],
};

const CHECK: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";

fn check(value: &str) -> bool {
    let bytes = value.as_bytes();
    if bytes.len() != 11 || !value.is_ascii() {
        return false;
    }
    let century = match bytes[6] {
        b'+' => 1800,
        b'-' | b'U'..=b'Y' => 1900,
        b'A'..=b'F' => 2000,
        _ => return false,
    };
    let (Some(date), Some(serial)) = (digits::<6>(&value[..6]), digits::<3>(&value[7..10])) else { return false };
    let number = |digits: &[u8]| digits.iter().fold(0, |n, &d| n * 10 + u32::from(d));
    real_date(century + pair(&date, 4), pair(&date, 2), pair(&date, 0))
        && number(&serial) >= 2
        && CHECK[((number(&date) * 1000 + number(&serial)) % 31) as usize] == bytes[10]
}

//! GB driver number: surname, birth date (month + 50 digits for women), initials, check characters.

use super::Validator;
use super::checksum::{digits, pair, real_date};

pub const VALIDATOR: Validator = Validator {
    name: "gb_driving_licence",
    source: "DVLA INF1d, What do the numbers mean",
    check,
    valid: &["MORGA657054SM9IJ", "JONES710238H99KX"],
    invalid: &["MORGA699054SM9IJ", "MORGA657004SM9IJ", "9ORGA657054SM9IJ"],
};

fn check(value: &str) -> bool {
    let value = value.as_bytes();
    if value.len() != 16 && value.len() != 18 {
        return false;
    }
    let Some(d) = std::str::from_utf8(&value[5..11]).ok().and_then(digits::<6>) else { return false };
    // decade digit, month (tens digit + 5 for women), day, year digit
    let year = 1900 + u32::from(d[0]) * 10 + u32::from(d[5]);
    let month = pair(&d, 1);
    let month = if month > 50 { month - 50 } else { month };
    let name = &value[..5];
    let letters = name.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    letters > 0
        && name[letters..].iter().all(|b| *b == b'9')
        && real_date(year, month, pair(&d, 3))
        && value[11..13].iter().all(|b| b.is_ascii_alphabetic() || *b == b'9')
        && value[13].is_ascii_digit()
        && value[14..].iter().all(u8::is_ascii_alphanumeric)
}

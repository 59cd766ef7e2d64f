//! International telephone number: a country code that is assigned, and a length that its numbers have.

use super::Validator;
use super::checksum::pair;

pub const VALIDATOR: Validator = Validator {
    name: "phone_e164",
    source: "ITU-T E.164; ITU Operational Bulletin 1114, list of assigned country codes",
    check,
    valid: &["+447700900123", "+493023125123", "+12125550143", "+8613812345678", "+49(0)3023125123"],
    invalid: &["+999123456789", "+1212555014", "+4477009001234567", "12125550143", "+", "+2101234567"],
};

fn check(value: &str) -> bool {
    let Some(rest) = value.strip_prefix('+') else { return false };
    let mut digits = [0_u8; 16];
    let mut length = 0;
    // A trunk zero in brackets, as in +49 (0) 30, is written but never dialled from abroad.
    for byte in rest.replacen("(0)", "", 1).bytes().filter(|b| !b"() -./".contains(b)) {
        if !byte.is_ascii_digit() || length == digits.len() {
            return false;
        }
        digits[length] = byte - b'0';
        length += 1;
    }
    if !(8..=15).contains(&length) {
        return false;
    }
    match digits[0] {
        // North American numbers are ten digits, of which the first and the fourth are not 0 or 1.
        1 => length == 11 && digits[1] > 1 && digits[4] > 1,
        7 => length == 11,
        _ => assigned(pair(&digits, 0), pair(&digits, 0) * 10 + u32::from(digits[2])),
    }
}

/// Whether a number may begin with these two or three digits.
fn assigned(two: u32, three: u32) -> bool {
    matches!(two, 20 | 27 | 30..=34 | 36 | 39..=41 | 43..=49 | 51..=58 | 60..=66 | 81 | 82 | 84 | 86 | 90..=95 | 98)
        || matches!(
            three,
            211..=213 | 216 | 218 | 220..=258 | 260..=269 | 290 | 291 | 297..=299 | 350..=359 | 370..=383 | 385..=387 | 389
                | 420 | 421 | 423 | 500..=509 | 590..=599 | 670 | 672..=692 | 800 | 808 | 850 | 852 | 853 | 855 | 856
                | 870 | 878 | 880..=883 | 886 | 888 | 960..=968 | 970..=977 | 979 | 992..=996 | 998
        )
}

//! Audiovisual work: sixteen hexadecimal digits and a check character, perhaps a version with another.

use super::Validator;
use super::checksum::mod37_36;

pub const VALIDATOR: Validator = Validator {
    name: "isan",
    source: "ISO 15706-2:2007",
    check,
    valid: &["0000-0A29-B9FA-5FF5-Y", "0000-0A29-B9FA-5FF5-Y-180B-C0DB-0", "00008F89A50F8A8EX"],
    invalid: &["0000-0A29-B9FA-5FF5-X", "0000-0A29-B9FA-5FF5-Y-180B-C0DB-1", "0000-0A29-B9FA-5FF5"],
};

fn check(value: &str) -> bool {
    let value = value.replace(['-', ' '], "");
    let hexadecimal = |part: &[u8]| part.iter().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(b));
    let Some((work, version)) = value.as_bytes().split_at_checked(17) else { return false };
    if !hexadecimal(&work[..16]) || !mod37_36(work.iter().copied()) {
        return false;
    }
    match version {
        [] => true,
        [number @ .., _] if number.len() == 8 => {
            hexadecimal(number) && mod37_36(work[..16].iter().chain(version).copied())
        }
        _ => false,
    }
}

//! Polish identity card: series of three letters, check digit, five digits.

use super::Validator;
use super::checksum::base36;

pub const VALIDATOR: Validator = Validator {
    name: "pl_dowod",
    source: "Ustawa o dowodach osobistych (Dz.U. 2010 nr 167 poz. 1131), art. 12; ICAO Doc 9303 part 3, 4.9",
    check,
    valid: &["XJR240586", "NUR 759526"],
    invalid: &["RXB751276", "AOB523456", "ABC12345"],
};

fn check(value: &str) -> bool {
    let value = value.replace(' ', "");
    let Some((letters, number)) = value.split_at_checked(3) else { return false };
    if number.len() != 6
        || !letters.bytes().all(|b| b.is_ascii_uppercase() && !matches!(b, b'O' | b'Q'))
        || !number.bytes().all(|b| b.is_ascii_digit())
    {
        return false;
    }
    let values = value.bytes().filter_map(base36);
    values.zip([7, 3, 1, 9, 7, 3, 1, 7, 3]).map(|(v, w)| u32::from(v) * w).sum::<u32>().is_multiple_of(10)
}

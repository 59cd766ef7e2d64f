//! Birth number of Czechia and Slovakia (rodné číslo): date of birth, serial, check digit modulo 11 for those born since 1954.

use super::Validator;
use super::checksum::{pair, real_date, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "rodne_cislo",
    source: "Zákon č. 133/2000 Sb., o evidenci obyvatel a rodných číslech, § 13; zákon č. 301/1995 Z. z. o rodnom čísle, § 2",
    check,
    valid: &["2255236104", "831128/7127", "515129047"],
    invalid: &["8052742339", "0000000000", "590312/123"],
};

pub fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Ok(number) = value.parse::<u64>() else { return false };
    let d: Vec<u8> = value.bytes().map(|b| b.wrapping_sub(b'0')).collect();
    let year = match (d.len(), value.get(..2).and_then(|y| y.parse::<u32>().ok())) {
        (9, Some(yy)) if yy <= 53 => 1900 + yy,
        (9, Some(yy)) if yy >= 80 => 1800 + yy,
        (10, Some(yy)) if number / 10 % 11 % 10 == number % 10 => {
            if yy < 54 {
                2000 + yy
            } else {
                1900 + yy
            }
        }
        _ => return false,
    };
    // Women have 50 more; 20 more where a day's serials ran out.
    let month = match pair(&d, 2) {
        m @ 1..=12 => m,
        m @ 21..=32 => m - 20,
        m @ 51..=62 => m - 50,
        m @ 71..=82 => m - 70,
        _ => return false,
    };
    real_date(year, month, pair(&d, 4))
}

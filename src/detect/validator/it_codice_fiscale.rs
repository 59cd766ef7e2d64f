//! Italian tax code of persons: name, birth date with sex, birthplace, check letter.

use super::Validator;
use super::checksum::{real_date, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "it_codice_fiscale",
    source: "DM 23 dicembre 1976, n. 13813",
    check,
    valid: &["VGPBVG56B46A818J", "TZTGCB05D10N575W"],
    invalid: &["TBZTDV78H23R219Q", "ZZGRGM87S15I206T"],
};

/// The value of a digit, or of the letter that stands for it where two persons would have one code (omocodia).
fn omocodia(byte: u8) -> Option<u32> {
    match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        _ => super::checksum::place(b"LMNPQRSTUV", byte),
    }
}

fn check(value: &str) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let value = ungrouped(value).to_ascii_uppercase();
    let Ok(code) = <&[u8; 16]>::try_from(value.as_bytes()) else { return false };
    let letters = [0, 1, 2, 3, 4, 5, 8, 11, 15].iter().all(|&i: &usize| code[i].is_ascii_uppercase());
    let number = |i: usize| omocodia(code[i]);
    let (Some(y1), Some(y2), Some(d1), Some(d2)) = (number(6), number(7), number(9), number(10)) else { return false };
    let Some(month) = super::checksum::place(b"ABCDEHLMPRST", code[8]) else { return false };
    let day = d1 * 10 + d2;
    // Women's days are 40 more.
    let day = if day > 40 { day - 40 } else { day };
    let sum: u32 = code[..15]
        .iter()
        .enumerate()
        .map(|(i, &b)| {
            let place = usize::from(if b.is_ascii_digit() { b - b'0' } else { b.wrapping_sub(b'A') }).min(25);
            if i % 2 == 0 { ODD[place] } else { place as u32 }
        })
        .sum();
    letters
        && (12..15).all(|i| number(i).is_some())
        && real_date(2000 + y1 * 10 + y2, month + 1, day)
        && u32::from(code[15] - b'A') == sum % 26
}

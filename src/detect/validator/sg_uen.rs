//! Unique entity number of Singapore: a business, a company with its year, or another entity with its type; check letter.

use super::Validator;
use super::checksum::{digits, pair, place, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "sg_uen",
    source: "Accounting and Corporate Regulatory Authority: UEN",
    check,
    valid: &["202194943R", "51952941C", "50210011K"],
    invalid: &["86951414B", "50458655E"],
};

const ENTITY_TYPES: [&[u8; 2]; 38] = [
    b"CC", b"CD", b"CH", b"CL", b"CM", b"CP", b"CS", b"CX", b"DP", b"FB", b"FC", b"FM", b"FN", b"GA", b"GB", b"GS",
    b"HS", b"LL", b"LP", b"MB", b"MC", b"MD", b"MH", b"MM", b"MQ", b"NB", b"NR", b"PA", b"PB", b"PF", b"RF", b"RP",
    b"SM", b"SS", b"TC", b"TU", b"VH", b"XL",
];
const OTHER: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWX0123456789";

fn check(value: &str) -> bool {
    let Some((&letter, body)) = value.as_bytes().split_last() else { return false };
    let head = value.get(..body.len()).unwrap_or_default();
    if let Some(d) = digits::<8>(head) {
        return b"XMKECAWLJDB"[(weighted(&d, &[10, 4, 9, 3, 8, 2, 7, 1]) % 11) as usize] == letter;
    }
    if let Some(d) = digits::<9>(head) {
        let year = pair(&d, 0) * 100 + pair(&d, 2);
        return (1900..2100).contains(&year)
            && b"ZKCMDNERGWH"[(weighted(&d, &[10, 8, 6, 4, 9, 7, 5, 3, 1]) % 11) as usize] == letter;
    }
    other(body, letter)
}

/// R, S or T, two digits of the year, type, four digits.
fn other(body: &[u8], letter: u8) -> bool {
    let &[series, y1, y2, t1, t2, n1, n2, n3, n4] = body else { return false };
    let known = matches!(series, b'R' | b'S' | b'T')
        && [y1, y2, n1, n2, n3, n4].iter().all(u8::is_ascii_digit)
        && ENTITY_TYPES.contains(&&[t1, t2]);
    if !known {
        return false;
    }
    let places: Option<Vec<u8>> = body.iter().map(|&byte| place(OTHER, byte).map(|at| at as u8)).collect();
    // 6 instead of −5: the same modulo 11, and never below zero.
    places.is_some_and(|p| OTHER[((weighted(&p, &[4, 3, 5, 3, 10, 2, 2, 5, 7]) + 6) % 11) as usize] == letter)
}

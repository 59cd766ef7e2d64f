//! Romanian trade register number: J40/1234/2004, or since 2024 a letter and thirteen digits.

use super::Validator;
use super::checksum::{digits, pair};

pub const VALIDATOR: Validator = Validator {
    name: "ro_onrc",
    source: "Legea 265/2022; Ordinul ministrului justiției 2.608/C/2024",
    check,
    valid: &["J27/64542/1994", "F29/810/2001"],
    invalid: &["G2001845944239", "F2005886854516"],
};

fn check(value: &str) -> bool {
    if value.contains('/') { with_slashes(value) } else { in_a_row(value) }
}

/// Counties of the register: 1–40, Călărași, Giurgiu.
fn is_county(code: u32) -> bool {
    matches!(code, 1..=40 | 51 | 52)
}

/// Letter and county, order, year.
fn with_slashes(value: &str) -> bool {
    let number = |text: &str, most: usize| {
        let digits = !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    let mut parts = value.splitn(3, '/');
    let (Some(head), Some(order), Some(year)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let county = head.strip_prefix(['J', 'F', 'C']).and_then(|c| number(c, 2));
    county.is_some_and(is_county)
        && number(order, 5).is_some()
        && number(year, 4).is_some_and(|year| (1990..=2024).contains(&year))
}

/// Letter, year, six digits of order, county, check digit. Numbers given since July 2024 have no county.
fn in_a_row(value: &str) -> bool {
    let letter = match value.as_bytes().first() {
        Some(b'J') => 4,
        Some(b'F') => 0,
        Some(b'C') => 7,
        _ => return false,
    };
    let Some(d) = digits::<13>(&value[1..]) else { return false };
    let (year, county) = (pair(&d, 0) * 100 + pair(&d, 2), pair(&d, 10));
    let county_fits = match year {
        1990..=2023 => is_county(county),
        2024 => county == 0 || is_county(county),
        2025..=2099 => county == 0,
        _ => false,
    };
    let sum: u32 = d[..12].iter().map(|&d| u32::from(d)).sum();
    county_fits && (letter + sum) % 10 == u32::from(d[12])
}

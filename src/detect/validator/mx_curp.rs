//! Mexican population registry code (CURP): name, birth date, sex, state, check digit.

use super::Validator;
use super::checksum::{pair, place, real_date};

pub const VALIDATOR: Validator = Validator {
    name: "mx_curp",
    source: "Ley General de Población, art. 91; Instructivo normativo para la asignación de la CURP",
    check,
    valid: &["TKPM840512MQTWZJ72", "PMWR680515HVZHXQ38"],
    invalid: &["LBMH770614MTLNVP10", "KOPK311201MCSYYT56"],
};

fn check(value: &str) -> bool {
    const STATES: &[u8] = b"ASBCBSCCCHCLCMCSDFDGGRGTHGJCMCMNMSNENLNTOCPLQRQTSLSPSRTCTLTSVZYNZS";
    let value = value.to_ascii_uppercase();
    let Ok(code) = <&[u8; 18]>::try_from(value.as_bytes()) else { return false };
    let letters = |range: &[u8]| range.iter().all(u8::is_ascii_uppercase);
    if !letters(&code[..4]) || !letters(&code[10..16]) || !code[4..10].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let date: Vec<u8> = code[4..10].iter().map(|b| b - b'0').collect();
    // The character before the check digit is a digit for those born before 2000, and a letter since.
    let century = if code[16].is_ascii_digit() { 1900 } else { 2000 };
    let sum = code[..17].iter().zip((2..=18).rev()).try_fold(0, |sum, (&byte, weight)| {
        // Ñ stands between N and O; as & here, which no code has.
        Some(sum + place(b"0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ", byte)? * weight)
    });
    real_date(century + pair(&date, 0), pair(&date, 2), pair(&date, 4))
        && matches!(code[10], b'H' | b'M' | b'X')
        && STATES.chunks_exact(2).any(|state| state == &code[11..13])
        && sum.is_some_and(|sum| u32::from(code[17]) == u32::from(b'0') + (10 - sum % 10) % 10)
}

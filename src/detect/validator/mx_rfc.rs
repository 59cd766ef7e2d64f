//! Mexican taxpayer registry (RFC): name, date of birth or foundation, homonym key, check digit modulo 11.

use super::Validator;
use super::checksum::{pair, real_date};

pub const VALIDATOR: Validator = Validator {
    name: "mx_rfc",
    source: "Código Fiscal de la Federación, art. 27; SAT",
    check,
    valid: &["NRR871101JE9", "CJVS440308BC9"],
    invalid: &["YFD4736179B2", "QTS190511MN0"],
};

fn check(value: &str) -> bool {
    const ALPHABET: &str = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ";
    let code: Vec<char> = value.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    // Persons have four letters, companies three; both dates stand before the last three characters.
    let Some(name) = code.len().checked_sub(9).filter(|name| (3..=4).contains(name)) else { return false };
    let letters = code[..name].iter().all(|c| matches!(c, 'A'..='Z' | '&' | 'Ñ'));
    let Some(date) = code[name..name + 6].iter().map(|c| c.to_digit(10).map(|d| d as u8)).collect::<Option<Vec<u8>>>()
    else {
        return false;
    };
    let key = &code[name + 6..];
    let sum = code[..code.len() - 1].iter().rev().zip(2u32..).try_fold(0, |sum, (&c, weight)| {
        let at = ALPHABET.chars().position(|known| known == c)? as u32;
        Some(sum + at * weight)
    });
    // A company's name counts as if a space stood before it.
    let sum = sum.map(|sum| if name == 3 { sum + 37 * 13 } else { sum });
    letters
        && real_date(2000 + pair(&date, 0), pair(&date, 2), pair(&date, 4))
        && matches!(key[0], '1'..='9' | 'A'..='V')
        && matches!(key[1], '1'..='9' | 'A'..='Z')
        && sum.is_some_and(|sum| match (11 - sum % 11) % 11 {
            10 => key[2] == 'A',
            check => key[2].to_digit(10) == Some(check),
        })
}

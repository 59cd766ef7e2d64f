//! Belarusian payer number (УНП): nine digits of an organisation, two letters and seven digits of a person.

use super::Validator;
use super::checksum::{base36, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "by_unp",
    source: "Министерство по налогам и сборам Республики Беларусь: УНП",
    check,
    valid: &["469290137", "685551896"],
    invalid: &["712248099", "221455121"],
};

fn check(value: &str) -> bool {
    const SECOND: &str = "ABCEHKMOPT";
    // The letters are those that Latin and Cyrillic share.
    let latin = |c: char| match c {
        'А' => 'A',
        'В' => 'B',
        'С' => 'C',
        'Е' => 'E',
        'Н' => 'H',
        'К' => 'K',
        'М' => 'M',
        'О' => 'O',
        'Р' => 'P',
        'Т' => 'T',
        other => other,
    };
    let number: String = value.chars().map(latin).collect();
    let (Some(head), Some(tail)) = (number.get(..2), number.get(2..)) else { return false };
    if tail.len() != 7 || !tail.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let [first, second] = [head.as_bytes()[0], head.as_bytes()[1]];
    let second = match (first, second) {
        (b'1'..=b'7', b'0'..=b'9') => second - b'0',
        (b'A' | b'B' | b'C' | b'E' | b'H' | b'K' | b'M', _) => {
            let Some(place) = SECOND.bytes().position(|b| b == second) else { return false };
            place as u8
        }
        _ => return false,
    };
    let mut values = vec![base36(first).unwrap_or_default(), second];
    values.extend(tail.bytes().map(|b| b - b'0'));
    weighted(&values, &[29, 23, 19, 17, 13, 7, 5, 3]) % 11 == u32::from(values[8])
}

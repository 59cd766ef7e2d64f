//! Registration number of Mongolia: two Cyrillic letters, date of birth (month 20 more from 2000 on), two digits.

use super::Validator;
use super::checksum::{digits, pair, real_date};

pub const VALIDATOR: Validator = Validator {
    name: "mn_register",
    source: "Улсын бүртгэлийн ерөнхий хууль; Иргэний улсын бүртгэлийн тухай хууль",
    check,
    valid: &["ЁЩ60122490", "ЧЦ13260442", "ЪЬ46120117"],
    invalid: &["ЁТ30670866", "СС21259775"],
};

const LETTERS: &str = "АБВГДЕЁЖЗИЙКЛМНОӨПРСТУҮФХЦЧШЩЪЫЬЭЮЯ";

fn check(value: &str) -> bool {
    let mut letters = value.char_indices();
    let known = |letter: Option<(usize, char)>| letter.is_some_and(|(_, letter)| LETTERS.contains(letter));
    if !known(letters.next()) || !known(letters.next()) {
        return false;
    }
    let Some(d) = digits::<8>(letters.as_str()) else { return false };
    let (century, month) = match pair(&d, 2) {
        month @ 21.. => (2000, month - 20),
        month => (1900, month),
    };
    real_date(century + pair(&d, 0), month, pair(&d, 4))
}

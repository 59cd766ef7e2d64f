//! Identity number of Taiwan, citizens and residents: the letter as two digits, weighted sum divisible by 10.

use super::Validator;
use super::checksum::{digits, place, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "tw_id",
    source: "戶籍法; 內政部: 國民身分證統一編號, 外來人口統一證號",
    check,
    valid: &["SC52451517", "CC19088964", "LA74046136"],
    invalid: &["DC81291707", "ZB28665104"],
};

/// Letters in the order of their numbers, 10 to 35.
const LETTERS: &[u8; 26] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";

fn check(value: &str) -> bool {
    let &[letter, second, ..] = value.as_bytes() else { return false };
    let (Some(letter), Some(rest)) = (place(LETTERS, letter), value.get(2..).and_then(digits::<8>)) else {
        return false;
    };
    let second = match second {
        b'1' | b'2' | b'8' | b'9' => u32::from(second - b'0'),
        // Residents until 2020: a letter, of which the last digit counts.
        b'A'..=b'D' => u32::from(second - b'A'),
        _ => return false,
    };
    let sum = (letter + 10) / 10 + letter % 10 * 9 + second * 8 + weighted(&rest, &[7, 6, 5, 4, 3, 2, 1, 1]);
    sum.is_multiple_of(10)
}

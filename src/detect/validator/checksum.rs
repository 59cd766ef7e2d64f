//! The arithmetic that several check digits share. Nothing here knows a country.

use aws_lc_rs::digest;
use std::borrow::Cow;

/// The values of a text of exactly `N` ASCII digits.
pub fn digits<const N: usize>(value: &str) -> Option<[u8; N]> {
    let bytes: &[u8; N] = value.as_bytes().try_into().ok()?;
    let mut out = [0; N];
    for (digit, byte) in out.iter_mut().zip(bytes) {
        *digit = byte.is_ascii_digit().then(|| byte - b'0')?;
    }
    Some(out)
}

/// A value without the spaces and marks that group its digits. For rules whose patterns spell out their written forms
/// rather than allow `separators` anywhere: between any two digits, rows of numbers look like identifiers.
pub fn ungrouped(value: &str) -> Cow<'_, str> {
    let grouping = |c: char| matches!(c, ' ' | '-' | '.' | '/');
    if value.contains(grouping) { Cow::Owned(value.replace(grouping, "")) } else { Cow::Borrowed(value) }
}

/// The value of a digit (0–9) or letter (A–Z, either case: 10–35).
pub fn base36(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'Z' => Some(byte - b'A' + 10),
        b'a'..=b'z' => Some(byte - b'a' + 10),
        _ => None,
    }
}

/// The place of a byte in an alphabet.
pub fn place(alphabet: &[u8], byte: u8) -> Option<u32> {
    alphabet.iter().position(|&b| b == byte).map(|at| at as u32)
}

/// The sum of each digit times its weight.
pub fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(&d, w)| u32::from(d) * w).sum()
}

/// The weighted sum modulo 11, or, where that is 10, the one with the second row of weights. It may be 10 again.
pub fn weighted_twice(digits: &[u8], first: &[u32], second: &[u32]) -> u32 {
    match weighted(digits, first) % 11 {
        10 => weighted(digits, second) % 11,
        rest => rest,
    }
}

/// The sum of a number's decimal digits, for numbers below 100.
pub fn cross_sum(number: u32) -> u32 {
    number / 10 + number % 10
}

/// Luhn's sum (ISO/IEC 7812-1 annex B): every second digit from the right is doubled and its digits are added.
pub fn luhn_sum(digits: impl DoubleEndedIterator<Item = u8>) -> u32 {
    digits.rev().enumerate().map(|(i, d)| if i % 2 == 0 { u32::from(d) } else { cross_sum(2 * u32::from(d)) }).sum()
}

/// Whether a text of ASCII digits, check digit last, satisfies Luhn.
pub fn luhn(value: &str) -> bool {
    value.len() > 1
        && value.bytes().all(|b| b.is_ascii_digit())
        && luhn_sum(value.bytes().map(|b| b - b'0')).is_multiple_of(10)
}

/// ISO/IEC 7064 MOD 11,10 over digits, check digit last.
pub fn mod11_10(digits: &[u8]) -> bool {
    let Some((last, body)) = digits.split_last() else { return false };
    let product = body.iter().fold(10, |product, &d| {
        let sum = (product + u32::from(d)) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (product + u32::from(*last)) % 10 == 1
}

/// ISO/IEC 7064 MOD 11-2: the remainder of digits with a last character 0–9 or X; 1 means valid.
pub fn mod11_2(value: &str) -> bool {
    let Some((last, body)) = value.as_bytes().split_last() else { return false };
    if body.is_empty() || !body.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let check = match last {
        b'X' | b'x' => 10,
        d if d.is_ascii_digit() => u32::from(d - b'0'),
        _ => return false,
    };
    let sum = body.iter().fold(0, |sum, d| (sum + u32::from(d - b'0')) * 2 % 11);
    (sum + check) % 11 == 1
}

/// A check digit modulo 11 in two passes: weights 1 to 9 and over again; where that gives 10, the weights from 3 on, and 0
/// where that gives 10 too.
pub fn mod11_twice(body: &[u8]) -> u32 {
    let rest = |first: u32| body.iter().zip(first..).map(|(&d, i)| u32::from(d) * ((i - 1) % 9 + 1)).sum::<u32>() % 11;
    match rest(1) {
        10 => rest(3) % 10,
        check => check,
    }
}

/// The remainder modulo 97 of a text read as a number, letters as 10–35 (ISO/IEC 7064 MOD 97-10). `None` for other characters.
pub fn mod97(value: impl IntoIterator<Item = u8>) -> Option<u32> {
    value.into_iter().try_fold(0, |rest, byte| {
        let digit = u32::from(base36(byte)?);
        Some(if digit > 9 { (rest * 100 + digit) % 97 } else { (rest * 10 + digit) % 97 })
    })
}

/// Verhoeff's check over digits, check digit last: the dihedral group D5 and its permutation (J. Verhoeff, 1969).
pub fn verhoeff(digits: &[u8]) -> bool {
    const PERMUTATION: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    // d5(a, b): rotations are 0–4, reflections 5–9.
    fn d5(a: u8, b: u8) -> u8 {
        match (a < 5, b < 5) {
            (true, true) => (a + b) % 5,
            (true, false) => 5 + (a + b) % 5,
            (false, true) => 5 + (a - b) % 5,
            (false, false) => (5 + a - b) % 5,
        }
    }
    let mut c = 0;
    for (i, &digit) in digits.iter().rev().enumerate() {
        let permuted = (0..i % 8).fold(digit, |d, _| PERMUTATION[usize::from(d)]);
        c = d5(c, permuted);
    }
    !digits.is_empty() && c == 0
}

/// The check digit of machine readable travel documents: weights 7, 3, 1; `<` counts 0 (ICAO Doc 9303 part 3, 4.9).
pub fn icao(field: &[u8]) -> Option<u8> {
    let mut sum = 0;
    for (i, &byte) in field.iter().enumerate() {
        let value = if byte == b'<' { 0 } else { u32::from(base36(byte)?) };
        sum += value * [7, 3, 1][i % 3];
    }
    Some((sum % 10) as u8)
}

/// The check digit of freight containers: letters count 10 to 38 without the multiples of 11, each place twice the one before,
/// modulo 11, where 10 is written 0 (ISO 6346, annex A).
pub fn iso6346(body: &[u8]) -> Option<u32> {
    const ALPHABET: &[u8] = b"0123456789A\0BCDEFGHIJK\0LMNOPQRSTU\0VWXYZ";
    let sum = body.iter().enumerate().try_fold(0, |sum, (i, &byte)| {
        let value = place(ALPHABET, byte).filter(|_| byte != 0)?;
        Some((sum + value * (1_u32.checked_shl(i as u32)? % 11)) % 11)
    });
    sum.map(|sum| sum % 10)
}

/// ISO/IEC 7064 MOD 37,36 over digits and capital letters, check character last.
pub fn mod37_36(value: impl IntoIterator<Item = u8>) -> bool {
    let product = value.into_iter().try_fold((36, None), |(product, _), byte| {
        let value = u32::from(base36(byte).filter(|_| !byte.is_ascii_lowercase())?);
        let sum = (product + value) % 36;
        Some(((if sum == 0 { 36 } else { sum }) * 2 % 37, Some(sum)))
    });
    matches!(product, Some((_, Some(1))))
}

/// The alphabet of base58 without the signs that look alike: 0, O, I and l.
pub const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// Longest text that is read as base58, in characters; an extended key has 111.
const BASE58_LONGEST: usize = 120;

/// Whether a base58 text ends with the first four bytes of the double SHA-256 of the bytes before, as addresses and keys of
/// digital currencies do.
pub fn base58check(value: &str, alphabet: &[u8; 58]) -> bool {
    if value.len() > BASE58_LONGEST {
        return false;
    }
    let mut bytes = Vec::with_capacity(BASE58_LONGEST);
    for byte in value.bytes() {
        let Some(mut carry) = place(alphabet, byte) else { return false };
        for b in bytes.iter_mut() {
            carry += u32::from(*b) * 58;
            *b = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            bytes.push(carry as u8);
        }
    }
    // Each leading zero byte is written as one sign of value zero.
    bytes.extend(value.bytes().take_while(|b| *b == alphabet[0]).map(|_| 0));
    bytes.reverse();
    let sha256 = |bytes: &[u8]| digest::digest(&digest::SHA256, bytes);
    let Some((payload, check)) = bytes.split_last_chunk::<4>() else { return false };
    !payload.is_empty() && sha256(sha256(payload).as_ref()).as_ref()[..4] == *check
}

/// The alphabet of bech32 and of CashAddr, by value.
pub const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Whether every digit is the same, which no register issues and every careless typist writes.
pub fn all_same<T: PartialEq>(digits: &[T]) -> bool {
    digits.windows(2).all(|w| w[0] == w[1])
}

/// Two digits as a number.
pub fn pair(digits: &[u8], at: usize) -> u32 {
    u32::from(digits[at]) * 10 + u32::from(digits[at + 1])
}

/// Whether a calendar has that day (Gregorian).
pub fn real_date(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=last).contains(&day)
}

//! Chinese unified social credit code: authority, class, region, body, check character modulo 31.

use super::Validator;
use super::checksum::{digits, pair, place};
use super::cn_ric::province;

pub const VALIDATOR: Validator = Validator {
    name: "cn_uscc",
    source: "GB 32100-2015",
    check,
    valid: &["11310104L3NXNK9LBW", "12610102LFM9TNR84D"],
    invalid: &["923201026FQ9F1DWT9", "51610102YR444CBEEX", "91990104L3NXNK9LBW"],
};

fn check(value: &str) -> bool {
    /// I, O, S, V and Z are not used.
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let bytes = value.as_bytes();
    if bytes.len() != 18 {
        return false;
    }
    let Some(region) = value.get(2..8).and_then(digits::<6>) else { return false };
    let sum = bytes
        .iter()
        .zip(WEIGHTS)
        .try_fold(0, |sum, (byte, weight)| Some(sum + weight * place(ALPHABET, byte.to_ascii_uppercase())?));
    (province(pair(&region, 0)) || pair(&region, 0) == 10)
        && sum.is_some_and(|sum| ALPHABET[((31 - sum % 31) % 31) as usize] == bytes[17].to_ascii_uppercase())
}

//! Bitcoin Cash address (CashAddr): prefix, 34 characters of data, eight check characters.

use super::Validator;
use super::checksum::{BECH32, place};

pub const VALIDATOR: Validator = Validator {
    name: "cashaddr",
    source: "Bitcoin Cash: CashAddr specification",
    check,
    valid: &["bitcoincash:qz86exwzlr959ldktnxxuxut9c02mnytgyhq02rt7a", "qz86exwzlr959ldktnxxuxut9c02mnytgyhq02rt7a"],
    invalid: &["bitcoincash:qz86exwzlr959ldktnxxuxut9c02mnytgyhq02rt77", "bitcoincash:qz86"],
};

const GENERATOR: [u64; 5] = [0x98_f2bc_8e61, 0x79_b76d_99e2, 0xf3_3e5f_b3c4, 0xae_2eab_e2a8, 0x1e_4f43_e470];

fn check(value: &str) -> bool {
    let data = value.strip_prefix("bitcoincash:").unwrap_or(value);
    if data.len() != 42 {
        return false;
    }
    let start = b"bitcoincash".iter().map(|b| u64::from(b & 31)).chain([0]).fold(1, step);
    data.bytes().try_fold(start, |sum, byte| Some(step(sum, u64::from(place(BECH32, byte)?)))) == Some(1)
}

fn step(sum: u64, value: u64) -> u64 {
    let top = sum >> 35;
    let shifted = (sum & 0x07_ffff_ffff) << 5 ^ value;
    GENERATOR.iter().enumerate().fold(shifted, |sum, (i, g)| sum ^ (g * (top >> i & 1)))
}

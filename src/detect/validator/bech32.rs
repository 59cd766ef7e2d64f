//! Bech32 and bech32m of any prefix: letters and digits that say what it is, `1`, data, six check characters.

use super::Validator;
use super::checksum::{BECH32, place};

pub const VALIDATOR: Validator = Validator {
    name: "bech32",
    source: "BIP 173; BIP 350",
    check,
    valid: &[
        "cosmos1f3548r0m5jjlnk2sry0huwlkty5ed400mu0rpl",
        "addr1q979vk0e2pphzemwt9zup8w5r723s4fy7t6pgzymq2xwmpm79fcr7gx3rguw2yy6j2xweemctxkpxe6sthmmcym3dg3sjvxdgc",
    ],
    invalid: &["cosmos1f3548r0m5jjlnk2sry0huwlkty5ed400mu0rpq", "osmo1ul5fhp7f69hsayghqn22n3x46lrvlyk9t74Gmx", "addr1"],
};

/// Longest text that is read, in characters: addresses of Cardano go beyond the 90 of BIP 173.
const LONGEST: usize = 130;
const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];

fn check(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    if value.len() > LONGEST || (lower != value && value.to_ascii_uppercase() != value) {
        return false;
    }
    let Some((prefix, data)) = lower.rsplit_once('1') else { return false };
    if prefix.is_empty() || !prefix.is_ascii() || data.len() < 7 {
        return false;
    }
    let high = prefix.bytes().map(|b| u32::from(b >> 5));
    let low = prefix.bytes().map(|b| u32::from(b & 31));
    let start = high.chain([0]).chain(low).fold(1, step);
    let sum = data.bytes().try_fold(start, |sum, byte| Some(step(sum, place(BECH32, byte)?)));
    matches!(sum, Some(1 | 0x2bc8_30a3))
}

fn step(sum: u32, value: u32) -> u32 {
    let top = sum >> 25;
    let shifted = (sum & 0x01ff_ffff) << 5 ^ value;
    GENERATOR.iter().enumerate().fold(shifted, |sum, (i, g)| sum ^ (g * (top >> i & 1)))
}

//! Bitcoin address: base58check (P2PKH, P2SH) or bech32 and bech32m (segwit, taproot).

use super::Validator;
use super::checksum::place;
use aws_lc_rs::digest;

pub const VALIDATOR: Validator = Validator {
    name: "bitcoin_address",
    source: "BIP 13; BIP 173; BIP 350",
    check,
    valid: &[
        "1CrvnnMDBR2DaFQNmdUHWKN75qCcySqSkU",
        "3GUNRou2iiLouj6CUQCZxDATfvjHHUS5n9",
        "bc1qfzkzp0r69ueu2evxje89g90j27rhjkzszjlets",
    ],
    invalid: &[
        "3QH7Yzb7i4Ms1ameP3mZTwRPnqQxzqVVL4",
        "3Ae6B59YVxfHgGZGrzMplQJwqpajYmGAbo",
        "bc1qfzkzp0r69ueu2evxje89g90j27rhjkzszjletq",
    ],
};

fn check(value: &str) -> bool {
    match value.get(..3) {
        Some("bc1" | "BC1") => segwit(value),
        _ => legacy(value),
    }
}

/// Version 0 or 5, 20 bytes, and the first four bytes of the double SHA-256.
fn legacy(value: &str) -> bool {
    const ALPHABET: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut bytes = [0_u8; 25];
    for byte in value.bytes() {
        let Some(mut carry) = place(ALPHABET, byte) else { return false };
        for b in bytes.iter_mut().rev() {
            carry += u32::from(*b) * 58;
            *b = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            return false;
        }
    }
    let sha256 = |bytes: &[u8]| digest::digest(&digest::SHA256, bytes);
    // Each leading zero byte is written as one leading 1, neither more nor fewer.
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    let ones = value.bytes().take_while(|b| *b == b'1').count();
    zeros == ones && matches!(bytes[0], 0 | 5) && sha256(sha256(&bytes[..21]).as_ref()).as_ref()[..4] == bytes[21..]
}

fn segwit(value: &str) -> bool {
    const ALPHABET: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let lower = value.to_ascii_lowercase();
    if lower != value && value.to_ascii_uppercase() != value {
        return false;
    }
    let data = &lower.as_bytes()[3..];
    if !(8..=87).contains(&data.len()) {
        return false;
    }
    let step = |sum: u32, value: u32| {
        let top = sum >> 25;
        let shifted = (sum & 0x01ff_ffff) << 5 ^ value;
        GENERATOR.iter().enumerate().fold(shifted, |sum, (i, g)| sum ^ (g * (top >> i & 1)))
    };
    // "bc" expanded: high bits, zero, low bits.
    let prefix = [3, 3, 0, 2, 3].into_iter().fold(1, step);
    let Some(sum) = data.iter().try_fold(prefix, |sum, &byte| Some(step(sum, place(ALPHABET, byte)?))) else {
        return false;
    };
    let program = (data.len() - 7) * 5 / 8;
    match place(ALPHABET, data[0]) {
        Some(0) => sum == 1 && matches!(program, 20 | 32),
        Some(1..=16) => sum == 0x2bc8_30a3 && (2..=40).contains(&program),
        _ => false,
    }
}

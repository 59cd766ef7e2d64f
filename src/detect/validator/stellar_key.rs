//! Stellar account or secret seed: kind, 32 bytes and CRC-16 in base32.

use super::Validator;
use super::checksum::place;

pub const VALIDATOR: Validator = Validator {
    name: "stellar_key",
    source: "Stellar SEP-23",
    check,
    valid: &[
        "GDPA6UX444LQPAI42626P3XQCSIODMJSWCB6EJT5RARVGDQFD6I2NSXQ",
        "SCOVLNLYNGXJLURT7QR3CXEIR2TR66K6DDL2LPBFBERFSTBVDL5YPQCU",
    ],
    invalid: &["GDPA6UX444LQPAI42626P3XQCSIODMJSWCB6EJT5RARVGDQFD6I2NSXA", "SCOVLNLYNGXJLURT7QR3"],
};

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The bytes of `G…` and `S…`: kind, key, check.
const LENGTH: usize = 35;

fn check(value: &str) -> bool {
    if value.len() != LENGTH * 8 / 5 {
        return false;
    }
    let mut bytes = Vec::with_capacity(LENGTH);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in value.bytes() {
        let Some(five) = place(BASE32, byte) else { return false };
        held = (held << 5 | five) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    let Some((body, check)) = bytes.split_last_chunk::<2>() else { return false };
    matches!(body[0], 0x30 | 0x90) && crc16(body) == u16::from_le_bytes(*check)
}

/// CRC-16/XMODEM: polynomial 0x1021, start 0.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, &byte| {
        (0..8).fold(crc ^ (u16::from(byte) << 8), |crc, _| crc << 1 ^ if crc & 0x8000 == 0 { 0 } else { 0x1021 })
    })
}

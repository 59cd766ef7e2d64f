//! Ethereum address: 0x and 40 hex digits; mixed case must spell its checksum.

use super::Validator;
use super::checksum::all_same;

pub const VALIDATOR: Validator = Validator {
    name: "ethereum_address",
    source: "ERC-55, Mixed-case checksum address encoding",
    check,
    valid: &["0x4F32e08D8f5eB348d1c749C18850D173547Ca010", "0x24e8f2daeb452504fa03fed89f3f3ac1c0652aaf"],
    invalid: &[
        "0xe4a78c7488f2d7f762bc9437Bab177cF9939985E",
        "0x653680Ab6C422572oBea89e17A8428D176C476D2",
        "0x0000000000000000000000000000000000000000",
    ],
};

fn check(value: &str) -> bool {
    let Some(hex) = value.strip_prefix("0x").filter(|hex| hex.len() == 40) else { return false };
    let bytes = hex.as_bytes();
    if !bytes.iter().all(u8::is_ascii_hexdigit) || all_same(bytes) {
        return false;
    }
    let (lower, upper) = (hex.to_ascii_lowercase(), hex.to_ascii_uppercase());
    if hex == lower || hex == upper {
        return true;
    }
    let hash = keccak256(lower.as_bytes());
    let nibble = |i: usize| hash[i / 2] >> (4 * (1 - i % 2)) & 15;
    bytes
        .iter()
        .enumerate()
        .all(|(i, byte)| !byte.is_ascii_alphabetic() || byte.is_ascii_uppercase() == (nibble(i) >= 8))
}

/// Keccak-256 as Ethereum uses it (the SHA-3 submission's padding) of a message shorter than one block of 136 bytes.
fn keccak256(message: &[u8]) -> [u8; 32] {
    const BLOCK: usize = 136;
    let mut block = [0_u8; BLOCK];
    block[..message.len()].copy_from_slice(message);
    block[message.len()] |= 0x01;
    block[BLOCK - 1] |= 0x80;
    let mut state = [0_u64; 25];
    for (lane, bytes) in state.iter_mut().zip(block.chunks_exact(8)) {
        *lane = bytes.iter().rev().fold(0, |lane, &byte| lane << 8 | u64::from(byte));
    }
    permute(&mut state);
    let mut out = [0; 32];
    for (bytes, lane) in out.chunks_exact_mut(8).zip(state) {
        bytes.copy_from_slice(&lane.to_le_bytes());
    }
    out
}

/// Keccak-f[1600] (FIPS 202, section 3.3); rotations and round constants are computed as the standard defines them.
fn permute(state: &mut [u64; 25]) {
    let mut register = 1_u8;
    for _ in 0..24 {
        let column = |x: usize| (0..5).fold(0, |c, y| c ^ state[x + 5 * y]);
        let columns: [u64; 5] = std::array::from_fn(column);
        for (i, lane) in state.iter_mut().enumerate() {
            *lane ^= columns[(i + 4) % 5] ^ columns[(i % 5 + 1) % 5].rotate_left(1);
        }
        let (mut x, mut y, mut current) = (1, 0, state[1]);
        for t in 0..24 {
            (x, y) = (y, (2 * x + 3 * y) % 5);
            let rotated = current.rotate_left((t + 1) * (t + 2) / 2 % 64);
            current = std::mem::replace(&mut state[x + 5 * y], rotated);
        }
        for row in state.chunks_exact_mut(5) {
            let old: [u64; 5] = std::array::from_fn(|x| row[x]);
            for x in 0..5 {
                row[x] = old[x] ^ (!old[(x + 1) % 5] & old[(x + 2) % 5]);
            }
        }
        for j in 0..7 {
            if register & 1 == 1 {
                state[0] ^= 1 << ((1_u64 << j) - 1);
            }
            register = (register << 1) ^ ((register >> 7) * 0x71);
        }
    }
}

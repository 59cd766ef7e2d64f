//! Addresses and seeds of the XRP Ledger: base58check with an alphabet of its own.

use super::Validator;
use super::checksum::base58check;

pub const VALIDATOR: Validator = Validator {
    name: "xrp_base58check",
    source: "XRP Ledger: base58 encodings",
    check,
    valid: &["rUMLNBtWDgehhXipm9ykqMDooikP77oVoT", "snapPDgvS2NaGCThwLxbomZnb3CHD"],
    invalid: &["rUMLNBtWDgehhXipm9ykqMDooikP77oVot", "snapPDgvS2NaGCThwLxbomZnb3CHE"],
};

const ALPHABET: &[u8; 58] = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

fn check(value: &str) -> bool {
    base58check(value, ALPHABET)
}

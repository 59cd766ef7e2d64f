//! Hungarian bank account: bank and branch, then the account, each part with a check digit modulo 10.

use super::Validator;
use super::checksum::ungrouped;

pub const VALIDATOR: Validator = Validator {
    name: "hu_account",
    source: "35/2017. (XII. 14.) MNB rendelet a pénzforgalom lebonyolításáról, 1. melléklet",
    check,
    valid: &["19547343-21304691", "14610932-78758593-27528985"],
    invalid: &["116492699489766753880288", "00000000-00000000"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    if !matches!(value.len(), 16 | 24) || !value.bytes().all(|b| b.is_ascii_digit()) || value.starts_with("00000000") {
        return false;
    }
    let holds = |part: &[u8]| {
        let sum: u32 = part.iter().zip([9, 7, 3, 1].into_iter().cycle()).map(|(b, w)| u32::from(b - b'0') * w).sum();
        sum.is_multiple_of(10)
    };
    let (bank, account) = value.as_bytes().split_at(8);
    holds(bank) && holds(account)
}

//! Account of a bank of Serbia or Montenegro: bank, up to thirteen digits of account, MOD 97-10.

use super::Validator;
use super::checksum::mod97;

pub const VALIDATOR: Validator = Validator {
    name: "rs_account",
    source: "Odluka Narodne banke Srbije o načinu otvaranja računa; ISO/IEC 7064",
    check,
    valid: &["326-1552867241805-27", "836-3179620441-63"],
    invalid: &["120409833075767592", "267207953605390252"],
};

fn check(value: &str) -> bool {
    let whole = match value.split_once('-') {
        None => value.to_owned(),
        Some((bank, rest)) => {
            let Some((account, check)) = rest.split_once('-') else { return false };
            if bank.len() != 3 || check.len() != 2 || !matches!(account.len(), 1..=13) {
                return false;
            }
            format!("{bank}{account:0>13}{check}")
        }
    };
    whole.len() == 18 && whole.bytes().all(|b| b.is_ascii_digit()) && mod97(whole.bytes()) == Some(1)
}

//! Slovak bank account: prefix and number, each with a check digit modulo 11, and the code of a bank.

use super::{Validator, cz_account};

pub const VALIDATOR: Validator = Validator {
    name: "sk_account",
    source: "Národná banka Slovenska: Prevodník identifikačných kódov; opatrenie NBS č. 6/2013",
    check,
    valid: &["35417906/8330", "35-4106646481/7500"],
    invalid: &["6887365426/7500", "0000000000/0200"],
};

fn check(value: &str) -> bool {
    cz_account::number_and_bank(value).is_some()
}

//! Mexican bank account (CLABE): bank, place, account, check digit with weights 3, 7, 1.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "mx_clabe",
    source: "Banco de México, Circular 3/2012; Asociación de Bancos de México",
    check,
    valid: &["476417232543299952", "824720043077856658"],
    invalid: &["929641882437794384", "898978622127102278"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<18>(&ungrouped(value)) else { return false };
    let sum = weighted(&d[..17], &[3, 7, 1, 3, 7, 1, 3, 7, 1, 3, 7, 1, 3, 7, 1, 3, 7]);
    !all_same(&d) && (sum + u32::from(d[17])).is_multiple_of(10)
}

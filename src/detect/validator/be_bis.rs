//! Belgian number of persons outside the register (BIS): a register number with the month raised by 20 or 40.

use super::Validator;

pub const VALIDATOR: Validator = Validator {
    name: "be_bis",
    source: "AR/KB 8 février 1991",
    check,
    valid: &["37510267412", "32302724521"],
    invalid: &["86222310238", "51221075377"],
};

fn check(value: &str) -> bool {
    super::be_nn::national_register(value).is_some_and(|month| matches!(month, 20..=32 | 40..=52))
}

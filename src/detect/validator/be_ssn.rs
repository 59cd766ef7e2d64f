//! Belgian social security number: a national register number or a BIS number.

use super::Validator;

pub const VALIDATOR: Validator = Validator {
    name: "be_ssn",
    source: "Loi/Wet 15 janvier 1990, art. 8",
    check,
    valid: &["43432034169", "33271762736"],
    invalid: &["12252112585", "00261858549"],
};

fn check(value: &str) -> bool {
    (super::be_nn::VALIDATOR.check)(value) || (super::be_bis::VALIDATOR.check)(value)
}

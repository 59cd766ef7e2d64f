//! Base58check: addresses and keys of digital currencies, whose last four bytes are a hash of the others.

use super::Validator;
use super::checksum::{self, BASE58};

pub const VALIDATOR: Validator = Validator {
    name: "base58check",
    source: "BIP 13; BIP 32, serialization format",
    check,
    valid: &[
        "TFNNagCYhnveqrXSLoipdP2ZsxVkK2RNzA",
        "XkygMJ7xDMKTn2Fctxe8dqhV759vTZaHmC",
        "t1bScFzcMrG1vS8oiBZouq9gL7GD45H691n",
        "xpub7kPmkygETFAoC2QshUcNTKRf2Q89f4mB9H4TmCAmNRfYAe8WRNTbbXrKd2PNZdJr7RAdJP6Wa8XPUMnqKcVED5RFPxTZe4WZ6s3v6X4GHHH",
    ],
    invalid: &["TFNNagCYhnveqrXSLoipdP2ZsxVkK2RNzB", "DDzzgth21cJNQSXLxkdrw6z8YKbmbYQATl", "1111"],
};

fn check(value: &str) -> bool {
    checksum::base58check(value, BASE58)
}

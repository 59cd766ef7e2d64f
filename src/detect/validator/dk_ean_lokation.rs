//! Danish location number for electronic invoices: a GLN of GS1 Denmark (57), check digit modulo 10.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "dk_ean_lokation",
    source: "GS1 General Specifications, 7.9.1; Lov om offentlige betalinger (LBK nr 798 af 28/06/2007)",
    check,
    valid: &["5713305365419", "5 780875 014641"],
    invalid: &["5721105996796", "4006381333931"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<13>(&ungrouped(value)) else { return false };
    d.starts_with(&[5, 7]) && weighted(&d, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
}

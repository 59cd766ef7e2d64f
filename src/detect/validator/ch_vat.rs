//! Swiss VAT number: the enterprise number and MWST, TVA, IVA or TPV.

use super::Validator;
use super::checksum::ungrouped;

pub const VALIDATOR: Validator = Validator {
    name: "ch_vat",
    source: "MWSTG (SR 641.20), Art. 66; UIDV, Art. 5",
    check,
    valid: &["CHE759560618MWST", "CHE729241893TVA"],
    invalid: &["CHE312743414IVA", "CHE947879894IVA"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let uid =
        value.strip_suffix("MWST").or_else(|| ["TVA", "IVA", "TPV"].iter().find_map(|tax| value.strip_suffix(tax)));
    uid.is_some_and(super::ch_uid::VALIDATOR.check)
}

//! Style `hash`: the value's kind and a keyed tag, so that readers can tell two values apart without learning either.

use super::Key;
use crate::pack::Rule;

/// 32 bits: enough to tell the values of one conversation apart, too few to be worth storing as an index of persons.
const TAG_DIGITS: usize = 8;

/// `[DE_STEUER_ID:3f9a2c41]`; every written form of a value has the same tag.
pub(super) fn replacement(rule: &Rule, value: &str, key: &Key) -> String {
    let tag = &key.fingerprint(rule, value)[..TAG_DIGITS];
    format!("[{}:{tag}]", rule.id.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_stable_for_every_written_form() {
        let rule = crate::action::sample_rule("de_steuer_id", "tax_id", " ");
        let key = Key::from_bytes(b"k");
        let one = replacement(&rule, "86 095 742 719", &key);
        assert_eq!(one, replacement(&rule, "86095742719", &key));
        assert_ne!(one, replacement(&rule, "86095742718", &key));
        assert_eq!(one.len(), "[DE_STEUER_ID:]".len() + TAG_DIGITS);
    }
}

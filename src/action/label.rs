//! Style `label`: the value's kind in its place. Nothing of the value remains.

use crate::pack::Rule;

/// `[DE_STEUER_ID]`
pub(super) fn replacement(rule: &Rule) -> String {
    format!("[{}]", rule.id.to_uppercase())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_label_is_the_rule_id_in_capitals() {
        let rule = crate::action::sample_rule("de_steuer_id", "tax_id", "");
        assert_eq!(super::replacement(&rule), "[DE_STEUER_ID]");
    }
}

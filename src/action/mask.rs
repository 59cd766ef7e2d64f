//! Style `mask`: the last characters stay readable, so that a person recognises a card or an account of his own.

use crate::pack::Rule;

/// Characters that stay in place because people read them as punctuation between groups.
const SEPARATORS: &str = " -./";

/// All but the last `keep` characters become `*`; separators stay. Never more than half of the characters are kept,
/// whatever `keep` says, so a short value cannot slip through whole.
pub(super) fn replacement(rule: &Rule, value: &str, keep: usize) -> String {
    let stays = |c: char| SEPARATORS.contains(c) || rule.separators.contains(c) || c.is_whitespace();
    let total = value.chars().filter(|c| !stays(*c)).count();
    let hidden = total - keep.min(total / 2);
    let mut seen = 0;
    value
        .chars()
        .map(|c| {
            if stays(c) {
                return c;
            }
            seen += 1;
            if seen <= hidden { '*' } else { c }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::sample_rule;

    #[test]
    fn a_mask_keeps_the_last_and_the_separators() {
        let rule = sample_rule("card", "payment", " _");
        assert_eq!(replacement(&rule, "4111 1111 1111 1111", 4), "**** **** **** 1111");
        assert_eq!(replacement(&rule, "4111_1111-1111.1234", 2), "****_****-****.**34");
        assert_eq!(replacement(&rule, "p@ss!word", 0), "*********");
    }

    #[test]
    fn a_mask_never_keeps_more_than_half() {
        let rule = sample_rule("pin", "payment", "");
        assert_eq!(replacement(&rule, "1234", 4), "**34");
        assert_eq!(replacement(&rule, "7", 4), "*");
        assert_eq!(replacement(&rule, "", 4), "");
        assert_eq!(replacement(&rule, "äöüß", 99), "**üß");
    }
}

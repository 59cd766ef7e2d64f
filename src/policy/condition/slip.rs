//! What people write who know conditions from elsewhere: `=`, `and`, `or`, `not`.

use std::ops::Range;

/// A slip of the pen in a condition, and how to mend it.
pub(super) struct Slip {
    pub range: Range<usize>,
    pub written: &'static str,
    pub help: &'static str,
}

/// Operators of other languages, as words.
const WORDS: [(&str, &str); 4] = [
    ("and", "write `&&` between two conditions that must both hold"),
    ("or", "write `||` between two conditions of which one must hold"),
    ("not", "write `!` before what must not hold, such as `!(\"hr\" in principal.groups)`"),
    ("is", "write `==`, such as `band == \"high\"`"),
];

/// The first slip outside of texts in quotes.
pub(super) fn find(condition: &str) -> Option<Slip> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
    let bytes = condition.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'=' | b'!' | b'<' | b'>' if bytes.get(at + 1) == Some(&b'=') => at += 2,
            b'=' => {
                let help = "write `==` to ask whether two values are equal";
                return Some(Slip { range: at..at + 1, written: "=", help });
            }
            byte if is_name(byte) => {
                let length = bytes[at..].iter().take_while(|byte| is_name(**byte)).count();
                let word = &condition[at..at + length];
                if let Some((written, help)) = WORDS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name)) {
                    return Some(Slip { range: at..at + length, written, help });
                }
                at += length;
            }
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_of_other_languages_are_found_outside_of_texts() {
        for (condition, written) in [
            (r#"band = "high""#, Some("=")),
            (r#"band == "a = b" and count > 3"#, Some("and")),
            (r#"NOT ("hr" in principal.groups)"#, Some("not")),
            (r#"band is "high""#, Some("is")),
            (r#"band == "high" && count >= 3 || !("x" in principal.groups)"#, None),
            (r#"principal.or == "it's and \" or""#, None),
            ("\"日本 = ", None),
        ] {
            let slip = find(condition);
            assert_eq!(slip.as_ref().map(|slip| slip.written), written, "{condition}");
            assert!(slip.is_none_or(|slip| condition[slip.range].eq_ignore_ascii_case(slip.written)));
        }
    }
}

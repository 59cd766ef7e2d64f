//! Keeps credentials out of messages: a problem is shown with its line, and somebody may have put a key into that line.
//!
//! Two things are masked in a shown line, character by character so that carets stay in place: quoted values of keys whose
//! name speaks of a credential (`api_key = "…"`, but not `api_key_env = "OPENAI_API_KEY"`), and anywhere, runs of
//! characters that have the shape of one. Patterns are left readable, since they contain brackets and backslashes.
//!
//! This is a safety net for people's own files; it promises nothing about traffic, which is never shown at all.

use std::ops::Range;

/// Beginnings of credentials in use. A run with one of these is masked from [`PREFIXED`] characters on.
const PREFIXES: [&str; 20] = [
    "sk-",
    "sk_",
    "pk_",
    "rk_",
    "pk-",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "xox",
    "AKIA",
    "ASIA",
    "AIza",
    "eyJ",
    "hf_",
    "npm_",
    "ya29.",
    "SG.",
];
/// Shortest run with a known beginning that is taken for a credential; documentation uses shorter ones.
const PREFIXED: usize = 12;
/// Shortest run of mixed letters and digits that is taken for one. Identifiers of rules and paths are shorter or unmixed.
const MIXED: usize = 32;

/// Words in a key's name that announce a credential.
const TELLING: [&str; 9] =
    ["key", "apikey", "secret", "token", "password", "passwd", "credential", "authorization", "sha256"];

/// `line` with everything that looks like a credential replaced by `*`. The number of characters stays the same.
pub fn line(line: &str) -> String {
    let mut hidden: Vec<Range<usize>> = credential_runs(line);
    for assignment in assignments(line) {
        if telling(assignment.key) && !harmless(assignment.key, &line[assignment.value.clone()]) {
            hidden.push(assignment.value);
        }
    }
    line.char_indices().map(|(at, c)| if hidden.iter().any(|range| range.contains(&at)) { '*' } else { c }).collect()
}

/// `text` as it may be repeated in a message: `None` if it is long, or looks like a credential.
pub fn quotable(text: &str) -> Option<&str> {
    let short = text.chars().count() <= 60 && !text.chars().any(char::is_control);
    (short && credential_runs(text).is_empty()).then_some(text)
}

/// Byte ranges of runs that have the shape of a credential.
fn credential_runs(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for run in text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_+/=.~".contains(c))) {
        let prefixed = run.len() >= PREFIXED && PREFIXES.iter().any(|prefix| run.starts_with(prefix));
        let mixed = run.len() >= MIXED
            && !run.starts_with(['/', '.', '~'])
            && run.bytes().any(|b| b.is_ascii_digit())
            && run.bytes().any(|b| b.is_ascii_lowercase())
            && run.bytes().any(|b| b.is_ascii_uppercase());
        if prefixed || mixed {
            found.push(start..start + run.len());
        }
        // Runs are parted by one character, of one byte or more.
        start += run.len();
        start += text[start..].chars().next().map_or(0, char::len_utf8);
    }
    found.extend(user_infos(text));
    found
}

/// Byte ranges of `user:password` in addresses such as `https://user:password@host`.
fn user_infos(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").filter_map(|(at, colon)| {
        let start = at + colon.len();
        let authority = text[start..].split(['/', '?', '#', '"', '\'', ' ']).next()?;
        authority.rfind('@').map(|length| start..start + length)
    })
}

struct Assignment<'t> {
    /// Last part of a dotted key, without quotes.
    key: &'t str,
    /// Inside of the quotes.
    value: Range<usize>,
}

/// Every `key = "value"` of a line, those in inline tables and after an unclosed quote included.
fn assignments(line: &str) -> Vec<Assignment<'_>> {
    let bytes = line.as_bytes();
    let mut found = Vec::new();
    let mut key: Option<&str> = None;
    let mut open_brackets = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'=' => {
                key = line[..at]
                    .trim_end()
                    .trim_end_matches(['"', '\''])
                    .rsplit(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'))
                    .next();
                at += 1;
            }
            quote @ (b'"' | b'\'') => {
                let start = at + 1;
                let mut end = start;
                while end < bytes.len() && bytes[end] != quote {
                    end += if quote == b'"' && bytes[end] == b'\\' { 2 } else { 1 };
                }
                // An escape may have stepped over the end, or into the middle of a character.
                let mut end = end.min(bytes.len());
                while !line.is_char_boundary(end) {
                    end += 1;
                }
                if let Some(key) = key.filter(|key| !key.is_empty()) {
                    found.push(Assignment { key, value: start..end });
                }
                at = end + 1;
            }
            // A bare value after a telling key is a syntax error, and may be the credential itself.
            byte if key.is_some_and(telling) && !byte.is_ascii_whitespace() && !b"[]{},#".contains(&byte) => {
                let end = line[at..].find([',', '}', ']', '#', '"', '\'']).map_or(line.len(), |length| at + length);
                found.push(Assignment { key: key.expect("checked by the guard"), value: at..end });
                at = end;
            }
            open @ (b'[' | b'{') => {
                open_brackets.push(open);
                key = key.filter(|_| open == b'[');
                at += 1;
            }
            b']' | b'}' => {
                open_brackets.pop();
                at += 1;
            }
            // In a list the next value still belongs to the key.
            b',' => {
                key = key.filter(|_| open_brackets.last() == Some(&b'['));
                at += 1;
            }
            b'#' => break,
            _ => at += 1,
        }
    }
    found
}

fn telling(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.split(['_', '-']).any(|word| TELLING.contains(&word) || TELLING.contains(&word.trim_end_matches('s')))
}

/// Values of telling keys that are no credentials: names of environment variables and headers, paths, `true`, numbers.
fn harmless(key: &str, value: &str) -> bool {
    let env = key.ends_with("_env") && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let header = key.contains("header") && value.bytes().all(|b| b.is_ascii_alphabetic() || b" -_".contains(&b));
    let file =
        value.starts_with("./") || [".pem", ".key", ".crt", ".cer", ".der"].iter().any(|end| value.ends_with(end));
    let plain =
        matches!(value.trim(), "" | "true" | "false") || (value.len() < 8 && value.trim().parse::<f64>().is_ok());
    env || header || file || plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_of_telling_keys_are_masked_in_place() {
        for (shown, masked) in [
            (r#"api_key = "hunter2""#, r#"api_key = "*******""#),
            (r#"api_key = 'hunter2' # note"#, r#"api_key = '*******' # note"#),
            (r#"password="a\"b""#, r#"password="****""#),
            (r#"x = { token = "abc", user = "maria" }"#, r#"x = { token = "***", user = "maria" }"#),
            (r#"tokens = ["abc", "def"]"#, r#"tokens = ["***", "***"]"#),
            (r#"keys = [{ sha256 = "abc", user = "maria" }]"#, r#"keys = [{ sha256 = "***", user = "maria" }]"#),
            ("api_key = hunter2", "api_key = *******"),
            (r#"api_key = "hunter2"#, r#"api_key = "*******"#),
            (r#"admin.token = "日本語""#, r#"admin.token = "***""#),
            (r#""api key" = "abc""#, r#""api key" = "***""#),
        ] {
            assert_eq!(line(shown), masked);
        }
    }

    #[test]
    fn names_paths_and_patterns_stay_readable() {
        for shown in [
            r#"api_key_env = "OPENAI_API_KEY""#,
            r#"tls = { cert = "tls/cert.pem", key = "tls/key.pem" }"#,
            r#"key_headers = ["x-portcullis-key", "x key"]"#,
            r#"id = "aws_secret_access_key""#,
            r"pattern = '\bsk-proj-[A-Za-z0-9_-]{20,}\b'",
            r#"base_url = "https://api.openai.com""#,
            r#"keyboard = "qwerty""#,
        ] {
            assert_eq!(line(shown), shown);
        }
    }

    #[test]
    fn shapes_of_credentials_are_masked_everywhere() {
        for shown in [
            r#"listen = "sk-proj-abcdefghijkl""#,
            "# left over: ghp_abcdefghijklmnop",
            r#"api_key_env = "AKIAABCDEFGHIJKLMNOP""#,
            "https://me:hunter2hunter2@example",
            "aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3",
        ] {
            let masked = line(shown);
            assert!(masked.contains("************"), "{masked}");
        }
        assert_eq!(quotable("sk-proj-abcdefghijkl"), None);
        assert_eq!(quotable("opneai"), Some("opneai"));
    }

    proptest! {
        #[test]
        fn masking_keeps_every_character_in_its_column(text in "\\PC{0,80}") {
            prop_assert_eq!(line(&text).chars().count(), text.chars().count());
        }
        #[test]
        fn a_value_of_a_telling_key_never_shows(value in "[a-z]{4,20}") {
            let shown = line(&format!("upstream = {{ name = \"x\", secret = \"{value}\" }}"));
            prop_assert!(!shown.contains(&format!("\"{value}\"")), "{}", shown);
        }
    }
}

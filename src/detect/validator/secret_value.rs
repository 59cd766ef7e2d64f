//! The value of an assignment such as `password = …` that is a secret and not a placeholder, a reference or a word of the language.

use super::Validator;
use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

pub const VALIDATOR: Validator = Validator {
    name: "secret_value",
    source: "own: placeholders seen in public documentation and sample configuration",
    check,
    valid: &["Kq7#vX2m!Lp9.", "hunter2024!", "correct-horse-7-battery"],
    invalid: &[
        "changeme",
        "********",
        "${DB_PASSWORD}",
        "<your-password>",
        "xxxxxxxx",
        "null",
        "process.env.PASS",
        "example123",
        "",
        "password",
        "YOUR_API_KEY",
        "String",
        "AWS_ACCESS_KEY_ID",
        "ObjectIdentifier(1",
    ],
};

/// Parts that mark a stand-in, in lower case.
const STAND_INS: [&str; 23] = [
    "example",
    "sample",
    "dummy",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "your_",
    "your-",
    "yourpass",
    "yoursecret",
    "xxxx",
    "****",
    "....",
    "redacted",
    "removed",
    "hidden",
    "todo",
    "foobar",
    "123456",
    "abcdef",
    "insert_",
    "abc123",
];
/// All of them in one pass.
static STAND_IN: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let words = AhoCorasick::builder().ascii_case_insensitive(true).build(STAND_INS);
    words.expect("a short list of words is not too large")
});
/// Code and words that stand where a literal would, in lower case.
const WORDS: [&str; 30] = [
    "null",
    "none",
    "nil",
    "true",
    "false",
    "undefined",
    "string",
    "str",
    "text",
    "bytes",
    "password",
    "passwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "required",
    "optional",
    "env",
    "self",
    "this",
    "config",
    "settings",
    "input",
    "value",
    "default",
    "empty",
    "test",
    "admin",
    "root",
];
/// What a reference to a secret kept elsewhere begins with.
const REFERENCES: [&str; 17] = [
    "$",
    "{",
    "<",
    "%",
    "[",
    "(",
    "@",
    "*",
    "&",
    "process.env",
    "os.environ",
    "os.getenv",
    "getenv",
    "env.",
    "env[",
    "vault:",
    "arn:",
];

fn check(value: &str) -> bool {
    // In prose the end of the sentence comes along.
    let value = value.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '`', '\'', '"']);
    let lower = value.to_ascii_lowercase();
    let distinct = {
        let mut seen = [false; 256];
        lower.bytes().for_each(|b| seen[usize::from(b)] = true);
        seen.into_iter().filter(|s| *s).count()
    };
    // Letters alone are prose or the name of something; a password has a digit or a mark.
    let name = value.bytes().all(|b| b.is_ascii_alphabetic() || b"_.-:/ ".contains(&b));
    let call =
        value.find('(').is_some_and(|at| value[..at].bytes().all(|b| b.is_ascii_alphanumeric() || b"_.:".contains(&b)));
    value.len() >= 6
        && distinct >= 5
        && !name
        && !call
        && !WORDS.contains(&lower.as_str())
        && !STAND_IN.is_match(value)
        && !REFERENCES.iter().any(|start| lower.starts_with(start))
}

//! A token whose characters were drawn at random, which a placeholder or a masked value is not.

use super::Validator;

pub const VALIDATOR: Validator = Validator {
    name: "random_token",
    source: "own: stand-ins for tokens in public documentation and sample configuration",
    check,
    valid: &["lin_api_Ab0Cd1Ef2Gh3Ij4Kl5Mn6Op7Qr8St9UvWxYz0123", "9f86d081884c7d659a2feaa0c55ad015"],
    invalid: &[
        "lin_api_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "00000000000000000000000000000000",
        "sk-lf-12345678-1234-1234-1234-123456789012",
        "glpat-EXAMPLE-0a1b2c3d4e5f",
        "dop_v1_0123456789abcdef0123456789abcdef",
        "your_token_goes_here_9d8f7",
        "",
    ],
};

/// Words that stand-ins are made of, in lower case.
const WORDS: [&str; 14] = [
    "example",
    "placeholder",
    "your",
    "redacted",
    "dummy",
    "sample",
    "changeme",
    "xxxx",
    "<token",
    "replace",
    "deadbeef",
    "cafebabe",
    "foobar",
    "lorem",
];

/// Random tokens hold so many different characters at least; of 16 hexadecimal digits fewer come once in a million.
const LEAST_DIFFERENT: usize = 6;
/// Longest run of one character that chance brings, and of characters in order, as `wxyz`.
const LONGEST_REPEAT: usize = 5;
const LONGEST_ORDER: usize = 7;

fn check(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let bytes = lower.as_bytes();
    let mut seen = [false; 256];
    bytes.iter().for_each(|byte| seen[usize::from(*byte)] = true);
    let different = seen.into_iter().filter(|seen| *seen).count();
    let longest = |next: fn(u8, u8) -> bool| {
        let runs = bytes.windows(2).scan(1, |run, pair| {
            *run = if next(pair[0], pair[1]) { *run + 1 } else { 1 };
            Some(*run)
        });
        runs.max().unwrap_or(0)
    };
    different >= LEAST_DIFFERENT
        && longest(|a, b| a == b) <= LONGEST_REPEAT
        && longest(|a, b| a.is_ascii_alphanumeric() && a.checked_add(1) == Some(b)) <= LONGEST_ORDER
        && !WORDS.iter().any(|word| lower.contains(word))
}

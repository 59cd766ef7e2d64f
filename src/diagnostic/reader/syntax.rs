//! What is said about a text that is not TOML, in words for people who do not know TOML.

use crate::diagnostic::{Problems, Source};
use std::ops::Range;
use std::sync::Arc;
use toml::de::Error;

/// Reports the first syntax error of each line: what follows it on the same line is mostly its consequence.
pub(super) fn report(source: &Arc<Source>, errors: &[Error], problems: &mut Problems) {
    let mut lines = Vec::new();
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let line = source.text.as_bytes()[..span.start.min(source.text.len())].iter().filter(|b| **b == b'\n').count();
        if lines.contains(&line) {
            continue;
        }
        lines.push(line);
        let (message, help) = explain(&source.text, error.message(), &span);
        problems.at(source, span, message, help);
    }
}

fn explain(_text: &str, message: &str, _span: &Range<usize>) -> (String, &'static str) {
    (message.to_owned(), "")
}

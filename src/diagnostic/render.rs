//! One problem as text.

use super::{Problem, Source};
use std::fmt::Write;

/// Longest part of a source line that is shown, in characters; of a longer line the part around the caret is.
const WIDEST: usize = 140;

/// Words in a key that say its value may be a credential.
const CREDENTIAL_KEYS: &[&str] = &["key", "secret", "token", "password", "passwd", "credential", "authorization"];

/// Appends `problem` to `out`.
pub(super) fn problem(out: &mut String, problem: &Problem, color: bool) {
    let paint = |code: &str, text: &str| if color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() };
    let _ = writeln!(out, "{}: {}", paint("1;31", "error"), paint("1", &problem.message));
    let mut margin = 1;
    if let Some(source) = &problem.source {
        let place = Place::of(source, problem.span.start);
        let number = place.line.to_string();
        margin = number.len();
        let bar = paint("34", "|");
        let _ = writeln!(out, "{:margin$}{} {}:{}:{}", "", paint("34", "-->"), source.name, place.line, place.column);
        let _ = writeln!(out, "{:margin$} {bar}", "");
        let (shown, before, width) = excerpt(source, &place, problem.span.clone());
        let _ = writeln!(out, "{} {bar} {shown}", paint("34", &number));
        let caret = paint("1;31", &"^".repeat(width.max(1)));
        let label = if problem.label.is_empty() { String::new() } else { format!(" {}", problem.label) };
        let _ = writeln!(out, "{:margin$} {bar} {:before$}{caret}{label}", "", "");
    }
    if let Some(help) = &problem.help {
        let _ = writeln!(out, "{:margin$} {} {help}", "", paint("36", "= help:"));
    }
    out.push('\n');
}

/// A place as people count: from 1, columns in characters.
struct Place {
    line: usize,
    column: usize,
    /// Byte range of the line without its ending.
    range: std::ops::Range<usize>,
}

impl Place {
    fn of(source: &Source, at: usize) -> Self {
        let text = &source.text;
        let at = (0..=at.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
        let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
        let end = text[at..].find('\n').map_or(text.len(), |i| at + i);
        let end = if text[start..end].ends_with('\r') { end - 1 } else { end };
        let end = end.max(start);
        Self {
            line: text[..start].matches('\n').count() + 1,
            column: text[start..at.min(end).max(start)].chars().count() + 1,
            range: start..end,
        }
    }
}

/// The line to show, how many columns stand before the caret, and how wide the caret is.
fn excerpt(source: &Source, place: &Place, span: std::ops::Range<usize>) -> (String, usize, usize) {
    let line = &source.text[place.range.clone()];
    let from = span.start.clamp(place.range.start, place.range.end) - place.range.start;
    let to = span.end.clamp(place.range.start, place.range.end) - place.range.start;
    let chars: Vec<(usize, char)> = line.char_indices().collect();
    let index = |byte: usize| chars.iter().position(|(at, _)| *at >= byte).unwrap_or(chars.len());
    let (from, to) = (index(from), index(to.max(from)).max(index(from)));
    let masked = mask_credential(&chars.iter().map(|(_, c)| *c).collect::<Vec<_>>());
    let window = if masked.len() <= WIDEST { 0 } else { from.saturating_sub(WIDEST / 2).min(masked.len() - WIDEST) };
    let shown = &masked[window..masked.len().min(window + WIDEST)];
    let mut text = String::new();
    let (mut before, mut width) = (0, 0);
    for (offset, &c) in shown.iter().enumerate() {
        let c = if c == '\t' { ' ' } else { c };
        let columns = if c.is_control() { 1 } else { columns(c) };
        if window + offset < from {
            before += columns;
        } else if window + offset < to {
            width += columns;
        }
        text.push(if c.is_control() { '\u{fffd}' } else { c });
    }
    (text.trim_end().to_owned(), before, width)
}

/// Columns a character takes on a terminal: two for East Asian wide ones.
fn columns(c: char) -> usize {
    match c as u32 {
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        0x300..=0x36f | 0x200b..=0x200f => 0,
        _ => 1,
    }
}

/// Stars instead of the quoted values of keys that name a credential.
fn mask_credential(line: &[char]) -> Vec<char> {
    let mut out = line.to_vec();
    let mut at = 0;
    while let Some(equals) = (at..line.len()).find(|&i| line[i] == '=') {
        let key: String = line[at..equals].iter().collect::<String>().to_lowercase();
        let suspicious = CREDENTIAL_KEYS.iter().any(|word| key.contains(word)) && !key.trim_end().ends_with("_env");
        let mut end = equals + 1;
        let mut quote = None;
        while end < line.len() {
            match (quote, line[end]) {
                (None, q @ ('"' | '\'')) => quote = Some(q),
                (None, ',' | '}' | '#') => break,
                (Some(q), c) if c == q => quote = None,
                (Some(_), _) if suspicious => out[end] = '*',
                _ => {}
            }
            end += 1;
        }
        at = end;
    }
    out
}

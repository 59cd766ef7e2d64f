//! What is said about a text that is not TOML, in words for people who do not know TOML.

use crate::diagnostic::{Problems, Source, mask};
use std::ops::Range;
use std::sync::Arc;
use toml::de::{DeTable, Error};

/// Rounds of [`report`]: lines without a value in one file that are told, at most.
const ROUNDS: usize = 16;

/// Reports the first syntax error of each line, up to the first thing that is not closed: what follows is mostly its
/// consequence.
pub(super) fn report(source: &Arc<Source>, errors: Vec<Error>, problems: &mut Problems) {
    let mut lines = Vec::new();
    // The parser stops at a name without a value. Such lines are blanked, in a copy, to hear of the errors behind them.
    let mut text = source.text.clone();
    let mut errors = errors;
    for _ in 0..ROUNDS {
        let mut stops = Vec::new();
        for error in &errors {
            let end = text.len()..text.len();
            // A place in a blanked line may be inside of a character of the source.
            let span = error.span().filter(|span| source.text.get(span.clone()).is_some()).unwrap_or(end);
            let line = line_around(&text, span.start);
            if begins(error.message(), &STOPS) {
                stops.push(line.clone());
            }
            if lines.contains(&line) {
                continue;
            }
            let told = explain(&source.text, error.message(), span);
            problems.at(source, told.span, told.message, told.help);
            if told.unclosed {
                return;
            }
            lines.push(line);
        }
        for line in &stops {
            let blank = " ".repeat(line.len());
            text.replace_range(line.clone(), &blank);
        }
        if stops.is_empty() {
            return;
        }
        errors = DeTable::parse_recoverable(&text).1;
    }
}

/// How the complaints begin behind which the parser sees nothing.
const STOPS: [&str; 2] = ["key with no value", "invalid key-value pair"];

fn begins(complaint: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| complaint.starts_with(beginning))
}

/// The line that `at` is in, without its ending.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    start..end
}

struct Told {
    span: Range<usize>,
    message: String,
    help: String,
    /// Something is open until the end of the file; later errors mean nothing.
    unclosed: bool,
}

/// Puts the parser's complaint into plain words. The complaint is recognised by how it begins; one that is not known is
/// repeated as it is.
fn explain(text: &str, complaint: &str, span: Range<usize>) -> Told {
    let begins = |beginnings: &[&str]| begins(complaint, beginnings);
    let at = |span: &Range<usize>| text[span.clone()].to_owned();
    let rest_of_line = text[span.start..].lines().next().unwrap_or_default();
    let told = |span: Range<usize>, message: &str, help: &str| Told {
        span,
        message: message.to_owned(),
        help: help.to_owned(),
        unclosed: false,
    };
    let unclosed = |span: Range<usize>, message: &str, help: &str| Told { unclosed: true, ..told(span, message, help) };

    if begins(&["invalid date", "invalid time"]) {
        let reason = complaint.split_once(", ").map_or("", |(_, reason)| reason);
        let message = if reason.is_empty() { "no such date".to_owned() } else { format!("no such date: {reason}") };
        return told(span, &message, "write year, month and day, such as `2026-11-22`");
    }
    if begins(&[
        "string values must be quoted",
        "invalid float",
        "invalid boolean",
        "invalid integer",
        "invalid mantissa",
        "invalid exponent",
        "unexpected leading zero",
    ]) {
        let span = bare_value(text, span);
        let value = at(&span);
        if value.is_empty() {
            return told(span, "the value is missing", "write a value after `=`");
        }
        if value.contains(' ') && value.split_whitespace().all(|word| word.parse::<f64>().is_ok()) {
            return told(span, "a comma is missing between the values", "write the values of a list as `[1, 2]`");
        }
        let help = match value.as_str() {
            curly if curly.starts_with(['“', '”', '„', '‘', '’', '«']) => {
                "use the straight quotes `\"` or `'`; word processors replace them".to_owned()
            }
            "yes" | "on" | "True" | "TRUE" => "write `true`, or put text in quotes".to_owned(),
            "no" | "off" | "False" | "FALSE" => "write `false`, or put text in quotes".to_owned(),
            value => match mask::quotable(value).filter(|value| !value.contains('"') && !masked(text, &span)) {
                Some(value) => format!("write `\"{value}\"`"),
                None => "put it between double quotes".to_owned(),
            },
        };
        return told(span, "text must be in quotes", &help);
    }
    if begins(&["invalid basic string", "invalid literal string", "invalid multi-line"]) {
        if at(&span).chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return told(span, "the text contains a control character", "remove it, or write it as `\\u00XX`");
        }
        let (quote, long) = match complaint.contains("literal") {
            true => ("'", "'''"),
            false => ("\"", "\"\"\""),
        };
        if complaint.contains("multi-line") {
            let help = format!("add `{long}` where it ends");
            return unclosed(opening(text, span), "this text is not closed", &help);
        }
        let help = format!("add `{quote}` where the text ends; text of several lines stands between `{long}`");
        return told(span, "the text is not closed", &help);
    }
    if begins(&["missing escaped value", "too few unicode", "invalid escape", "missing unicode"]) {
        return told(
            span,
            "`\\` has a special meaning between double quotes",
            "put the text between single quotes, as in `'\\d+'`, or write `\\\\`",
        );
    }
    if begins(&["duplicate key", "cannot extend value"]) {
        let name = at(&span);
        let help = match text[line_around(text, span.start)].trim_start().starts_with('[') {
            true => "keep one of them; an entry of a list has a header with two brackets: `[[…]]`",
            false => "keep one of them",
        };
        let message = match mask::quotable(&name).filter(|name| !name.is_empty()) {
            Some(name) => format!("`{name}` is written twice"),
            None => "the same name is written twice".to_owned(),
        };
        return told(span, &message, help);
    }
    if begins(&STOPS) {
        let help = match rest_of_line.chars().next() {
            Some('{') if span.start == 0 => "this looks like JSON; write TOML: `key = value`, one per line",
            _ if text[..span.start].trim_end().ends_with(':') || rest_of_line.starts_with(':') => {
                "write `=` instead of `:`"
            }
            _ => "write `name = value`; a name with spaces stands in quotes",
        };
        return told(span, "expected a name, `=` and a value", help);
    }
    if begins(&["unclosed table", "unclosed array table", "missing table open", "missing array table open"]) {
        return told(span, "the header lacks a bracket", "write `[name]`, or `[[name]]` for an entry of a list");
    }
    if begins(&["missing comma between array elements"]) {
        if rest_of_line.starts_with('[') || rest_of_line.contains('=') {
            return unclosed(opening(text, span), "this list is not closed", "add `]` where it ends");
        }
        return told(span, "a comma is missing before this", "write the values of a list as `[\"a\", \"b\"]`");
    }
    if begins(&["unclosed array"]) {
        return unclosed(opening(text, span), "this list is not closed", "add `]` where it ends");
    }
    if begins(&["unclosed inline table"]) {
        return unclosed(opening(text, span), "this `{` is not closed", "add `}` where the entries end");
    }
    if begins(&["extra assignment between", "missing comma between key-value pairs"]) {
        return told(span, "a comma is missing before this entry", "write `{ a = 1, b = 2 }`");
    }
    if begins(&["unexpected key or value"]) {
        let help = match text[..span.start].trim_end().ends_with(['"', '\'']) {
            true => "begin a new line for the next name; a quote within text is written `\\\"`",
            false => "begin a new line for the next name, or put text in quotes",
        };
        return told(span, "nothing may follow the value on its line", help);
    }
    if begins(&["unquoted keys cannot be empty"]) {
        return told(span, "the name is missing", "write `name = value` or `[name]`");
    }
    if begins(&["invalid unquoted key"]) {
        return told(
            span,
            "a name consists of the letters a–z, digits, `-` and `_`",
            "put a name with other letters in quotes",
        );
    }
    if begins(&["extra `=`"]) {
        return told(span, "there is one `=` too many", "write `name = value`");
    }
    told(span, complaint, "")
}

/// Whether the line of `span` is not shown as it is, since it seems to contain a credential.
fn masked(text: &str, span: &Range<usize>) -> bool {
    let line = &text[line_around(text, span.start)];
    mask::line(line) != line
}

/// The bracket or quotes that opened what is still open at `span`; `span` itself if nothing is.
fn opening(text: &str, span: Range<usize>) -> Range<usize> {
    let mut open = Vec::new();
    let mut at = 0;
    while at < span.start {
        let rest = &text[at..];
        at += match rest.as_bytes()[0] {
            b'#' => rest.find('\n').unwrap_or(rest.len()),
            b'"' | b'\'' => match string_length(rest) {
                Some(length) => length,
                None => return at..at + 3,
            },
            b'[' | b'{' => {
                open.push(at);
                1
            }
            b']' | b'}' => {
                open.pop();
                1
            }
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
    }
    open.first().map_or(span, |&at| at..at + 1)
}

/// Length of the string at the beginning of `text`, with its quotes. One of a single line ends with the line at the latest;
/// `None` for one of several lines that does not end.
fn string_length(text: &str) -> Option<usize> {
    let quote = &text[..1];
    let long = quote.repeat(3);
    let quotes = if text.starts_with(&long) { long.as_str() } else { quote };
    let mut at = quotes.len();
    while let Some(next) = text[at..].chars().next() {
        if text[at..].starts_with(quotes) {
            return Some(at + quotes.len());
        }
        if next == '\n' && quotes == quote {
            return Some(at);
        }
        at += next.len_utf8();
        if next == '\\' && quote == "\"" {
            at += text[at..].chars().next().map_or(0, char::len_utf8);
        }
    }
    (quotes == quote).then_some(at)
}

/// The whole value without quotes that `span` is a part of.
fn bare_value(text: &str, span: Range<usize>) -> Range<usize> {
    let before = &text[..span.start];
    let start = before.rfind(['=', '[', ',', '{', '\n']).map_or(0, |at| at + 1);
    let start = start + (text[start..span.start].len() - text[start..span.start].trim_start().len());
    let end = text[span.start..].find([',', ']', '}', '#', '\n']).map_or(text.len(), |length| span.start + length);
    start..start + text[start..end].trim_end().len()
}

#[cfg(test)]
mod tests {
    use super::super::Document;
    use super::*;
    use proptest::prelude::*;

    /// Every syntax error of `text`, as `message @ place (help)`.
    fn told(text: &str) -> Vec<String> {
        let mut problems = Problems::new();
        let document = Document::parse(Source::new("t", text), &mut problems);
        assert_eq!(document.is_none(), !problems.is_empty(), "{text}");
        let told = |p: &crate::diagnostic::Problem| {
            format!("{} @ {} ({})", p.message, &text[p.span.clone()], p.help.as_deref().unwrap_or_default())
        };
        problems.iter().map(told).collect()
    }

    #[test]
    fn text_without_quotes_is_shown_with_quotes() {
        for (text, expected) in [
            ("country = NO\n", "text must be in quotes @ NO (write `\"NO\"`)"),
            ("listen = 127.0.0.1:80 # here", "text must be in quotes @ 127.0.0.1:80 (write `\"127.0.0.1:80\"`)"),
            ("a = [30s, \"5s\"]", "text must be in quotes @ 30s (write `\"30s\"`)"),
            ("a = yes", "text must be in quotes @ yes (write `true`, or put text in quotes)"),
            (
                "a = sk-proj-abcdefghijkl",
                "text must be in quotes @ sk-proj-abcdefghijkl (put it between double quotes)",
            ),
            ("api_key = hunter2", "text must be in quotes @ hunter2 (put it between double quotes)"),
            ("a = [1 2]", "a comma is missing between the values @ 1 2 (write the values of a list as `[1, 2]`)"),
            ("a = \nb = 1", "the value is missing @  (write a value after `=`)"),
            (
                "d = 2026-02-30",
                "no such date: expected day between 01 and 28 @ 2026-02-30 (write year, month and day, such as `2026-11-22`)",
            ),
        ] {
            assert_eq!(told(text), [expected]);
        }
        assert!(told("a = “x”")[0].contains("straight quotes"));
    }

    #[test]
    fn every_line_with_an_error_is_told_once() {
        assert_eq!(told("a = x y z\nb = \"open\nc: 5\nd == 1\n").len(), 4);
        assert_eq!(told("a: 1\nb\nc = \"open\nd: [1,\ne = no\n").len(), 5);
    }

    #[test]
    fn nothing_is_told_after_something_that_is_not_closed() {
        for (text, opening) in [
            ("z = ['\"[']\na = [\"x\",\n\"y\" # ]\n\n[b]\nc = 1\nd = e\n", "[ (add `]`"),
            ("a = {\n b = 1\n", "{ (add `}`"),
            ("a = \"\"\"\nb = c\n", "\"\"\" (add"),
            ("a = '''\nb = c\n", "''' (add"),
        ] {
            let told = told(text);
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].contains("is not closed @ ") && told[0].contains(opening), "{told:?}");
        }
    }

    #[test]
    fn common_slips_have_words_of_their_own() {
        for (text, words) in [
            ("p = \"\\d+\"", "single quotes"),
            ("a = 1\na = 2", "`a` is written twice"),
            ("[a]\nx = 1\n[a]\nx = 2", "`[[…]]`"),
            ("x: 5", "instead of `:`"),
            ("{\"a\": 1}", "JSON"),
            ("[server\nlisten = \"x\"", "lacks a bracket"),
            ("a = [\"x\" \"y\"]", "a comma is missing"),
            ("a = {b = 1 c = 2}", "a comma is missing"),
            ("a = \"it\"s\"", "a quote within text"),
            ("= 5", "the name is missing"),
            ("größe = 1", "letters a–z"),
            ("a = \"x\u{7}\"", "control character"),
        ] {
            assert!(told(text)[0].contains(words), "{text}: {:?}", told(text));
        }
    }

    proptest! {
        #[test]
        fn every_text_is_read_or_told(parts in proptest::collection::vec(
            prop::sample::select(vec![
                "a", "=", " = ", ":", "\n", "\r\n", "[", "]", "[[", "{", "}", ",", ".", "\"", "'", "\"\"\"", "'''", "\\",
                "#", "1", "é", "日", "\u{feff}", "\u{7}", "\t", "2026-02-30", "a = 1\n", "x: y\n", "b = \"c\"\n",
            ]),
            0..24,
        )) {
            let mut problems = Problems::new();
            let document = Document::parse(Source::new("t", parts.concat()), &mut problems);
            prop_assert_eq!(document.is_none(), !problems.is_empty());
            prop_assert_eq!(problems.render(false).is_empty(), problems.is_empty());
        }
    }
}

//! Draws problems: message, place, line, caret, help.

use super::{Problem, mask};
use annotate_snippets::{AnnotationKind, Level, Message, Renderer, Snippet};
use std::ops::Range;

/// Columns a shown line may fill before it is trimmed around the caret.
const WIDTH: usize = 120;

pub(super) fn render(problems: &[Problem], color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() }.term_width(WIDTH);
    let mut out = String::new();
    for problem in ordered(problems) {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&draw(problem, &renderer));
        out.push('\n');
    }
    out
}

/// By source in order of first mention, then by place; problems without a source first; each once.
fn ordered(problems: &[Problem]) -> Vec<&Problem> {
    let mut names: Vec<Option<&str>> = vec![None];
    for problem in problems {
        let name = name(problem);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut ordered: Vec<&Problem> = problems.iter().collect();
    ordered.sort_by_key(|p| {
        let source = names.iter().position(|n| *n == name(p)).expect("every name was collected above");
        (source, p.span.start, p.span.end)
    });
    ordered.dedup_by(|a, b| name(a) == name(b) && a.span == b.span && a.message == b.message);
    ordered
}

fn name(problem: &Problem) -> Option<&str> {
    problem.source.as_ref().map(|source| source.name.as_str())
}

fn draw(problem: &Problem, renderer: &Renderer) -> String {
    let mut group = Level::ERROR.primary_title(problem.message.as_str()).elements(None::<Message<'_>>);
    if let Some(source) = &problem.source {
        let shown = ShownLine::new(&source.text, &problem.span);
        let mut annotation = AnnotationKind::Primary.span(shown.span);
        if !problem.label.is_empty() {
            annotation = annotation.label(problem.label.as_str());
        }
        group = group.element(
            Snippet::source(shown.text).line_start(shown.number).path(source.name.as_str()).annotation(annotation),
        );
    }
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    renderer.render(&[group])
}

/// The one line a problem is shown with.
struct ShownLine {
    /// Counted from one.
    number: usize,
    /// Masked, without its line ending.
    text: String,
    /// Byte range in `text`.
    span: Range<usize>,
}

impl ShownLine {
    fn new(source: &str, span: &Range<usize>) -> Self {
        let start = floor_char(source, span.start);
        let end = floor_char(source, span.end.max(span.start));
        let begin = source[..start].rfind('\n').map_or_else(|| byte_order_mark(source, start), |newline| newline + 1);
        let number = source[..begin].matches('\n').count() + 1;
        let line = source[begin..].split('\n').next().unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        let text = mask::line(line);
        // Masking keeps the number of characters, not of bytes.
        let column = |at: usize| {
            let before = line[..floor_char(line, at - begin)].chars().count();
            text.char_indices().nth(before).map_or(text.len(), |(offset, _)| offset)
        };
        Self { number, span: column(start)..column(end.min(begin + line.len()).max(start)), text }
    }
}

/// Length of the mark that some editors put before the first line; it has no column.
fn byte_order_mark(source: &str, start: usize) -> usize {
    if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8().min(start) } else { 0 }
}

/// The last character boundary at or before `at`.
fn floor_char(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::super::{Problems, Source};
    use proptest::prelude::*;

    fn shown(text: &str, at: &str) -> String {
        let source = Source::new("policy.toml", text);
        let start = text.find(at).expect("the place is in the text");
        let mut problems = Problems::new();
        problems.at(&source, start..start + at.len(), "it is wrong", "mend it");
        problems.render(false)
    }

    #[test]
    fn a_problem_is_shown_with_place_line_caret_and_help() {
        assert_eq!(
            shown("a = 1\nb = x\n", "x"),
            "error: it is wrong\n --> policy.toml:2:5\n  |\n2 | b = x\n  |     ^\n  |\n  = help: mend it\n"
        );
    }

    #[test]
    fn the_caret_stands_under_wide_text_tabs_and_crlf() {
        let out = shown("日本 = \"x\"\r\n", "\"x\"");
        assert!(out.contains("policy.toml:1:6\n"), "{out}");
        assert!(out.contains("1 | 日本 = \"x\"\n  |        ^^^\n"), "{out}");
        let out = shown("\tb = x\r\nc", "x");
        assert!(out.contains("1 |     b = x\n  |         ^\n"), "{out}");
        assert!(!out.contains('\r'));
    }

    #[test]
    fn a_byte_order_mark_has_no_column() {
        assert!(shown("\u{feff}a = x", "x").contains("policy.toml:1:5\n"));
    }

    #[test]
    fn a_long_line_is_trimmed_around_the_caret() {
        let text = format!("a = \"{}\" WRONG \"{}\"", "x".repeat(5000), "y".repeat(5000));
        let out = shown(&text, "WRONG");
        assert!(out.contains("WRONG"), "{out}");
        assert!(out.lines().all(|line| line.chars().count() <= 150), "{out}");
    }

    #[test]
    fn a_place_at_the_end_or_over_several_lines_is_shown_on_its_first_line() {
        let source = Source::new("f", "a = [\n1,\n]\n");
        let mut problems = Problems::new();
        problems.at(&source, 4..11, "list", "");
        problems.at(&source, 12..12, "end", "");
        let out = problems.render(false);
        assert!(out.contains("1 | a = [\n  |     ^\n"), "{out}");
        assert!(out.contains("f:4:1"), "{out}");
    }

    #[test]
    fn problems_are_ordered_by_source_and_place_and_shown_once() {
        let (one, two) = (Source::new("one", "abc"), Source::new("two", "abc"));
        let mut problems = Problems::new();
        problems.at(&two, 2..3, "second", "");
        problems.at(&one, 0..1, "third", "");
        problems.at(&two, 0..1, "first", "");
        problems.at(&two, 0..1, "first", "");
        problems.without_place("zeroth", "");
        let out = problems.render(false);
        let order: Vec<usize> = ["zeroth", "first", "second", "third"].map(|m| out.find(m).expect(m)).to_vec();
        assert!(order.is_sorted(), "{out}");
        assert_eq!(out.matches("error:").count(), 4);
    }

    #[test]
    fn p4_a_credential_in_the_line_does_not_show() {
        let out = shown("api_key = \"日本hunter2\" # x\n", "\"日本hunter2\"");
        assert!(!out.contains("hunter2"), "{out}");
        assert!(out.contains("1 | api_key = \"*********\" # x\n  |           ^^^^^^^^^^^\n"), "{out}");
    }

    proptest! {
        #[test]
        fn any_span_of_any_text_can_be_shown(text in "[ -~\n\r\té日]{0,60}", start in 0usize..200, length in 0usize..200) {
            let mut problems = Problems::new();
            problems.at(&Source::new("f", text), start..start + length, "m", "h");
            prop_assert!(problems.render(true).contains("f"));
        }
    }
}

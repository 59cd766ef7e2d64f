//! The view of JSON source: structure, keys and order as written, but escapes inside strings resolved, so that a rule sees
//! what a JSON parser would hand to a tool. And the way back: replacements in the view, placed so that JSON stays JSON.
//!
//! The source is read in pieces cut anywhere, by a lexer that does not need it to be valid: what lies between quotes is
//! string content, what lies outside and is neither whitespace nor structure is a bare word (a number, `true`, garbage).
//! Source that does not begin like JSON is taken for plain text.

use super::json::escape::{self, Escape, Offsets};
use std::borrow::Cow;
use std::ops::Range;

/// What a replacement in a token must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Content of a string: replacements are escaped.
    Content,
    /// A number or another bare word: when touched it becomes a string.
    Bare,
    /// `true`, `false`, `null`: never rewritten.
    Literal,
    /// Plain text: replacements stand as they are.
    Plain,
}

/// A part of the view that may be rewritten; structure between tokens never is.
#[derive(Debug, Clone)]
struct Token {
    kind: Kind,
    /// In the view. An unfinished token ends where the view ends so far.
    range: Range<usize>,
}

/// A replacement in the view.
#[derive(Debug, Clone)]
struct Edit {
    range: Range<usize>,
    text: String,
    /// The text has been given to the first token that the range covers; what it covers further on is removed.
    placed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing but whitespace so far.
    Start,
    Outside,
    Content,
    Bare,
    Plain,
}

/// A view that grows as its source arrives, and the replacements made in it.
#[derive(Debug)]
pub(super) struct View {
    state: State,
    /// The beginning of an escape whose end has not arrived.
    partial: String,
    /// Source read, without `partial`.
    source_len: usize,
    len: usize,
    offsets: Offsets,
    tokens: Vec<Token>,
    /// First bytes and length of the bare word being read, to tell literals.
    word: ([u8; 5], usize),
    edits: Vec<Edit>,
    /// Edits before this place in the view have been placed.
    placed: usize,
    /// Tokens are remembered, to place replacements in; else the last one alone.
    records: bool,
}

/// A change to the source: `range` becomes `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SourceEdit {
    pub range: Range<usize>,
    pub text: String,
}

impl View {
    pub fn new() -> Self {
        Self::starting(State::Start)
    }

    /// A view of plain text: the text itself.
    pub fn plain() -> Self {
        let mut view = Self::starting(State::Plain);
        view.open(Kind::Plain, 0);
        view
    }

    fn starting(state: State) -> Self {
        Self {
            state,
            partial: String::new(),
            source_len: 0,
            len: 0,
            offsets: Offsets::default(),
            tokens: Vec::new(),
            word: ([0; 5], 0),
            edits: Vec::new(),
            placed: 0,
            records: true,
        }
    }

    /// The text of a whole source, and how its places map to the source.
    pub fn of(source: &str) -> (Cow<'_, str>, Offsets) {
        let mut view = Self { records: false, ..Self::new() };
        let mut text = view.push(source);
        let rest = view.finish();
        if !rest.is_empty() {
            text.to_mut().push_str(&rest);
        }
        (text, view.offsets)
    }

    /// What makes the ranges of the view of a whole source become their texts. The ranges are in order, without overlaps.
    pub fn rewrite(source: &str, replacements: Vec<SourceEdit>) -> Vec<SourceEdit> {
        // In pieces, so that the tokens of a large source are not all in memory.
        const PIECE: usize = 64 << 10;
        let mut view = Self::new();
        for SourceEdit { range, text } in replacements {
            view.edits.push(Edit { range, text, placed: false });
        }
        let mut edits = Vec::new();
        let mut rest = source;
        while !rest.is_empty() {
            let (piece, more) = rest.split_at(char_boundary(rest, PIECE));
            view.push(piece);
            view.place(usize::MAX, &mut edits);
            view.forget_placed();
            rest = more;
        }
        view.finish();
        view.place(usize::MAX, &mut edits);
        edits
    }

    /// Length of the view so far.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Length of the source so far, unfinished escapes included.
    pub fn source_len(&self) -> usize {
        self.source_len + self.partial.len()
    }

    /// Length of the source that the view shows, without the beginning of an unfinished escape.
    pub fn source_read(&self) -> usize {
        self.source_len
    }

    /// Up to where the view can be decided: a bare word that may go on is rewritten as a whole or not at all.
    pub fn settled(&self) -> usize {
        match (self.state, self.tokens.last()) {
            (State::Bare, Some(word)) => word.range.start,
            _ => self.len,
        }
    }

    /// Reads on. Returns what the view grew by.
    pub fn push<'t>(&mut self, source: &'t str) -> Cow<'t, str> {
        if self.partial.is_empty() {
            return self.read(source);
        }
        let mut joined = std::mem::take(&mut self.partial);
        joined.push_str(source);
        Cow::Owned(self.read(&joined).into_owned())
    }

    /// The source has ended. Returns what the view still grows by: the beginning of an escape that never ended.
    pub fn finish(&mut self) -> String {
        let rest = std::mem::take(&mut self.partial);
        self.advance(rest.len());
        self.close_last();
        self.state = State::Outside;
        rest
    }

    fn read<'t>(&mut self, source: &'t str) -> Cow<'t, str> {
        let bytes = source.as_bytes();
        let mut view = Cow::Borrowed("");
        // Source before `done` is in the view; from `done` to `at` it is plain and still to be added.
        let (mut done, mut at) = (0, 0);
        while at < bytes.len() {
            match self.state {
                State::Plain => at = bytes.len(),
                State::Start => match bytes[at] {
                    b' ' | b'\t' | b'\n' | b'\r' => at += 1,
                    _ if source[at..].starts_with('\u{feff}') => at += '\u{feff}'.len_utf8(),
                    b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' => self.state = State::Outside,
                    _ => {
                        self.state = State::Plain;
                        self.open(Kind::Plain, self.len + at - done);
                    }
                },
                State::Outside => {
                    match bytes[at] {
                        b'"' => {
                            self.state = State::Content;
                            self.open(Kind::Content, self.len + at - done + 1);
                        }
                        byte if !is_structure(byte) => {
                            self.state = State::Bare;
                            self.word = ([0; 5], 0);
                            self.open(Kind::Bare, self.len + at - done);
                            continue;
                        }
                        _ => {}
                    }
                    at += 1;
                }
                State::Bare => {
                    let len = bytes[at..].iter().position(|b| is_structure(*b)).unwrap_or(bytes.len() - at);
                    for byte in &bytes[at..at + len] {
                        if let Some(slot) = self.word.0.get_mut(self.word.1) {
                            *slot = *byte;
                        }
                        self.word.1 += 1;
                    }
                    at += len;
                    if at < bytes.len() {
                        self.close(self.len + at - done);
                        self.state = State::Outside;
                    }
                }
                State::Content => {
                    let Some(next) = memchr::memchr2(b'"', b'\\', &bytes[at..]) else {
                        at = bytes.len();
                        break;
                    };
                    at += next;
                    if bytes[at] == b'"' {
                        self.close(self.len + at - done);
                        self.state = State::Outside;
                        at += 1;
                        continue;
                    }
                    match escape::read(&bytes[at..]) {
                        Escape::Char(c, len) => {
                            view.to_mut().push_str(&source[done..at]);
                            view.to_mut().push(c);
                            self.advance(at - done);
                            self.source_len += len;
                            self.len += c.len_utf8();
                            self.offsets.anchor(self.len, self.source_len);
                            at += len;
                            done = at;
                        }
                        Escape::Partial => {
                            self.partial.push_str(&source[at..]);
                            break;
                        }
                        Escape::Invalid => at += 1,
                    }
                }
            }
        }
        self.advance(at - done);
        self.extend_last();
        match &mut view {
            Cow::Borrowed(_) => Cow::Borrowed(&source[..at]),
            Cow::Owned(text) => {
                text.push_str(&source[done..at]);
                view
            }
        }
    }

    fn advance(&mut self, plain: usize) {
        self.source_len += plain;
        self.len += plain;
    }

    fn open(&mut self, kind: Kind, start: usize) {
        if !self.records {
            self.tokens.clear();
        }
        self.tokens.push(Token { kind, range: start..start });
    }

    fn close(&mut self, end: usize) {
        let word = &self.word.0[..self.word.1.min(5)];
        let literal = self.word.1 <= 5 && matches!(word, b"true" | b"false" | b"null");
        let token = self.tokens.last_mut().expect("a token is open when one is closed");
        token.range.end = end;
        if token.kind == Kind::Bare && literal {
            token.kind = Kind::Literal;
        }
    }

    fn extend_last(&mut self) {
        if matches!(self.state, State::Content | State::Bare | State::Plain) {
            let len = self.len;
            self.tokens.last_mut().expect("a token is open in this state").range.end = len;
        }
    }

    fn close_last(&mut self) {
        if matches!(self.state, State::Content | State::Bare | State::Plain) {
            self.close(self.len);
        }
    }

    /// Asks that a range of the view become `text`. Ranges do not overlap; those before what was already placed are too late.
    pub fn replace(&mut self, range: Range<usize>, text: &str) {
        let at = self.edits.partition_point(|e| e.range.start <= range.start);
        self.edits.insert(at, Edit { range, text: text.to_owned(), placed: false });
    }

    /// Places the replacements before `upto`, or before the bare word that `upto` is inside of. Returns the place reached;
    /// every replacement that begins before it must be known.
    pub fn place(&mut self, upto: usize, out: &mut Vec<SourceEdit>) -> usize {
        let mut upto = upto.min(self.settled());
        let at = self.tokens.partition_point(|t| t.range.end <= upto);
        if let Some(Token { kind: Kind::Bare, range }) = self.tokens.get(at)
            && range.start < upto
        {
            upto = range.start;
        }
        if upto <= self.placed {
            return self.placed;
        }
        let region = self.placed..upto;
        self.placed = upto;
        if self.edits.is_empty() {
            return upto;
        }
        let first = self.tokens.partition_point(|t| t.range.end <= region.start);
        for token in self.tokens[first..].iter().take_while(|t| t.range.start < region.end) {
            let part = token.range.start.max(region.start)..token.range.end.min(region.end);
            let touching = self.edits.partition_point(|e| e.range.end <= part.start);
            let mut quoted = false;
            for edit in self.edits[touching..].iter_mut().take_while(|e| e.range.start < part.end) {
                if token.kind == Kind::Literal {
                    continue;
                }
                if token.kind == Kind::Bare && !quoted {
                    quoted = true;
                    let start = self.offsets.source(token.range.start);
                    out.push(SourceEdit { range: start..start, text: "\"".into() });
                }
                let start = self.offsets.source(edit.range.start.max(part.start));
                let end = self.offsets.source(edit.range.end.min(part.end));
                let text = match std::mem::replace(&mut edit.placed, true) {
                    true => String::new(),
                    false if token.kind == Kind::Plain => edit.text.clone(),
                    false => escape::escape(&edit.text),
                };
                out.push(SourceEdit { range: start..end, text });
            }
            if quoted {
                let end = self.offsets.source(token.range.end);
                out.push(SourceEdit { range: end..end, text: "\"".into() });
            }
        }
        upto
    }

    /// Forgets what was placed.
    pub fn forget_placed(&mut self) {
        let placed = self.placed;
        let open = !matches!(self.state, State::Start | State::Outside);
        let gone = self.tokens.partition_point(|t| t.range.end <= placed);
        // The token being read stays, though it may end where the view ends.
        let gone = if open { gone.min(self.tokens.len() - 1) } else { gone };
        self.tokens.drain(..gone);
        self.edits.drain(..self.edits.partition_point(|e| e.range.end <= placed));
        self.offsets.forget(placed);
    }
}

/// The first character boundary of `text` at or after a place.
pub(super) fn char_boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// Whitespace, structure and quotes: what ends a bare word.
/// The strings and numbers in the view of a whole source, in order, keys and literals apart. Where the source is plain text,
/// all of it.
pub(super) struct Leaves<'v> {
    text: &'v str,
    /// How the view maps to its source: an escaped quote ends no string.
    offsets: &'v Offsets,
    at: usize,
    plain: bool,
}

/// A string or number of JSON source, by its range in the view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    pub range: Range<usize>,
    pub number: bool,
}

impl<'v> Leaves<'v> {
    pub fn of(text: &'v str, offsets: &'v Offsets) -> Self {
        let begins = text.trim_start_matches([' ', '\t', '\n', '\r', '\u{feff}']);
        let plain = !begins.starts_with(|c: char| matches!(c, '{' | '[' | '"' | '-') || c.is_ascii_digit());
        Self { text, offsets, at: text.len() - begins.len(), plain }
    }

    /// Where the string ends that begins at `from`.
    fn end_of_string(&self, from: usize) -> usize {
        let quotes = memchr::memchr_iter(b'"', &self.text.as_bytes()[from..]).map(|at| from + at);
        let mut ends = quotes.filter(|at| self.offsets.source(at + 1) - self.offsets.source(*at) == 1);
        ends.next().unwrap_or(self.text.len())
    }
}

impl Iterator for Leaves<'_> {
    type Item = Leaf;

    fn next(&mut self) -> Option<Leaf> {
        let bytes = self.text.as_bytes();
        if self.plain {
            let range = std::mem::replace(&mut self.at, bytes.len())..bytes.len();
            return (!range.is_empty()).then_some(Leaf { range, number: false });
        }
        while let Some(byte) = bytes.get(self.at) {
            if *byte == b'"' {
                let range = self.at + 1..self.end_of_string(self.at + 1);
                self.at = bytes.len().min(range.end + 1);
                let behind = bytes[self.at..].iter().find(|b| !b.is_ascii_whitespace());
                if behind != Some(&b':') {
                    return Some(Leaf { range, number: false });
                }
            } else if is_structure(*byte) {
                self.at += 1;
            } else {
                let start = self.at;
                let len = bytes[start..].iter().position(|b| is_structure(*b));
                self.at = len.map_or(bytes.len(), |len| start + len);
                if byte.is_ascii_digit() || *byte == b'-' {
                    return Some(Leaf { range: start..self.at, number: true });
                }
            }
        }
        None
    }
}

fn is_structure(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'{' | b'}' | b'[' | b']' | b',' | b':' | b'"')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The source after replacing every occurrence of `find` in the view.
    fn replaced(source: &str, find: &str, with: &str) -> String {
        let (text, _) = View::of(source);
        let replacements = text.match_indices(find);
        let replacements =
            replacements.map(|(at, _)| SourceEdit { range: at..at + find.len(), text: with.to_owned() }).collect();
        let mut out = source.to_owned();
        for edit in View::rewrite(source, replacements).iter().rev() {
            out.replace_range(edit.range.clone(), &edit.text);
        }
        out
    }

    #[test]
    fn the_view_resolves_escapes_inside_strings_alone() {
        let source = r#"{"id\u0021": "86\u00309 \"x\"\n", "n": 12, "s": "\ud83d\ude00"}"#;
        let (text, _) = View::of(source);
        assert_eq!(text, "{\"id!\": \"8609 \"x\"\n\", \"n\": 12, \"s\": \"😀\"}");
        let (text, _) = View::of(r#"{"a": "b"}"#);
        assert!(matches!(text, Cow::Borrowed(_)));
    }

    #[test]
    fn replacements_are_escaped_in_strings() {
        assert_eq!(replaced(r#"{"a":"x\u0031\n"}"#, "1\n", "\"\n\\"), r#"{"a":"x\"\n\\"}"#);
        assert_eq!(replaced(r#"{"key":1}"#, "key", "[K]"), r#"{"[K]":1}"#);
    }

    #[test]
    fn a_touched_number_becomes_a_string() {
        assert_eq!(replaced(r#"[8609, 7]"#, "8609", "[ID]"), r#"["[ID]", 7]"#);
        assert_eq!(replaced(r#"[186091,2]"#, "8609", "[ID]"), r#"["1[ID]1",2]"#);
        assert_eq!(replaced(r#"12341234"#, "12", "x"), r#""x34x34""#);
    }

    #[test]
    fn structure_and_literals_are_never_rewritten() {
        assert_eq!(
            replaced(r#"{"a":"x 41","b":"11 y","c":true}"#, "41\",\"b\":\"11", "[CARD]"),
            r#"{"a":"x [CARD]","":" y","c":true}"#
        );
        assert_eq!(replaced(r#"["a",true,12]"#, "a\",true,12", "[X]"), r#"["[X]",true,""]"#);
        assert_eq!(replaced(r#"[true]"#, "true", "[X]"), r#"[true]"#);
        assert_eq!(replaced(r#"[trues]"#, "true", "[X]"), r#"["[X]s"]"#);
    }

    #[test]
    fn leaves_are_strings_and_numbers_but_keys() {
        let leaves = |source: &str| {
            let (view, offsets) = View::of(source);
            Leaves::of(&view, &offsets).map(|leaf| (view[leaf.range].to_owned(), leaf.number)).collect::<Vec<_>>()
        };
        let of =
            |list: &[(&str, bool)]| list.iter().map(|(text, number)| ((*text).to_owned(), *number)).collect::<Vec<_>>();
        assert_eq!(
            leaves(r#" {"a" : "x\"y\u0022,","b":[-1.5, true, "", null, "\\"],"c":12"#),
            of(&[("x\"y\",", false), ("-1.5", true), ("", false), ("\\", false), ("12", true)])
        );
        assert_eq!(leaves(r#""4539"#), of(&[("4539", false)]));
        assert_eq!(leaves("4539"), of(&[("4539", true)]));
        assert_eq!(leaves("plain \"text\""), of(&[("plain \"text\"", false)]));
        assert_eq!(leaves(""), of(&[]));
    }

    #[test]
    fn large_sources_are_rewritten_in_pieces() {
        let item = r#"{"a\u0062c":"\u00e9 86","n":186},"#;
        let (find, with) = ("86", "[X]");
        let source = format!("[{}0]", item.repeat(10_000));
        let expected = format!("[{}0]", r#"{"a\u0062c":"\u00e9 [X]","n":"1[X]"},"#.repeat(10_000));
        assert!(replaced(&source, find, with) == expected);
    }

    #[test]
    fn a_byte_order_mark_is_not_text() {
        assert_eq!(replaced("\u{feff}{\"a\":12}", "12", "x"), "\u{feff}{\"a\":\"x\"}");
    }

    #[test]
    fn text_that_does_not_begin_like_json_is_plain() {
        assert_eq!(replaced(" see \"41 11\" \\n", "41 11", "\"x\""), " see \"\"x\"\" \\n");
    }

    #[test]
    fn source_that_is_not_valid_json_is_still_rewritten() {
        assert_eq!(replaced("{'k': 'secret',", "secret", "[S]"), "{'k': \"'[S]'\",");
        assert_eq!(replaced(r#"{"k": "secr\u0065t"#, "secret", "[S]"), r#"{"k": "[S]"#);
        assert_eq!(replaced(r#"{"k": "x\u00"#, "\\u", "u"), r#"{"k": "xu00"#);
    }
}

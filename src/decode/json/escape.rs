//! String escapes: what they stand for, where they sit, and how to write them.

/// A place in a text and the place in its source that it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Anchor {
    text: u32,
    source: u32,
}

/// Maps offsets of a text to offsets of the source it was unescaped from. Anchors sit behind each escape; between them
/// text and source are alike, so a text without escapes needs no memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Offsets {
    anchors: Vec<Anchor>,
}

impl Offsets {
    /// Makes room for the escapes of a string's content.
    pub(crate) fn reserve(&mut self, content: &str) {
        self.anchors.reserve(memchr::memchr_iter(b'\\', content.as_bytes()).count());
    }

    /// Says that `text` and `source` are places behind the same escape.
    pub(crate) fn anchor(&mut self, text: usize, source: usize) {
        self.anchors.push(Anchor { text: text as u32, source: source as u32 });
    }

    /// The place in the source of a character boundary of the text.
    pub(crate) fn source(&self, text: usize) -> usize {
        match self.anchors.partition_point(|a| a.text as usize <= text).checked_sub(1) {
            Some(last) => {
                let anchor = self.anchors[last];
                anchor.source as usize + (text - anchor.text as usize)
            }
            None => text,
        }
    }

    /// Forgets what is only needed for places before `text`.
    pub(crate) fn forget(&mut self, text: usize) {
        let known = self.anchors.partition_point(|a| a.text as usize <= text);
        self.anchors.drain(..known.saturating_sub(1));
    }
}

/// What stands at a backslash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escape {
    /// The character and the length of its escape (2, 6, or 12 for a surrogate pair).
    Char(char, usize),
    /// More bytes could make it an escape, or the second half of a pair.
    Partial,
    /// Not an escape of JSON.
    Invalid,
}

/// Reads the escape at the start of `source`. Half of a surrogate pair without its other half stands for U+FFFD.
pub(crate) fn read(source: &[u8]) -> Escape {
    let simple = match source.get(1) {
        None => return Escape::Partial,
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(source),
        Some(_) => return Escape::Invalid,
    };
    Escape::Char(simple, 2)
}

fn unicode(source: &[u8]) -> Escape {
    let Some(unit) = source.get(2..6).and_then(hex) else {
        let partial = source.len() < 6 && source[2..].iter().all(u8::is_ascii_hexdigit);
        return if partial { Escape::Partial } else { Escape::Invalid };
    };
    if let Some(c) = char::from_u32(unit) {
        return Escape::Char(c, 6);
    }
    if unit >= 0xDC00 {
        return Escape::Char(char::REPLACEMENT_CHARACTER, 6);
    }
    let rest = &source[6..];
    let fits = |(i, b): (usize, &u8)| match i {
        0 => *b == b'\\',
        1 => *b == b'u',
        2 => matches!(b, b'd' | b'D'),
        3 => matches!(b, b'c'..=b'f' | b'C'..=b'F'),
        _ => b.is_ascii_hexdigit(),
    };
    let second = &rest[..rest.len().min(6)];
    if !second.iter().enumerate().all(fits) {
        return Escape::Char(char::REPLACEMENT_CHARACTER, 6);
    }
    match second.get(2..6).and_then(hex) {
        Some(low) => {
            let code = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            Escape::Char(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
        }
        None => Escape::Partial,
    }
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |n, d| Some(n * 16 + char::from(*d).to_digit(16)?))
}

/// The text of string content that the scanner accepted; `behind` is called with the places behind each escape.
pub(crate) fn unescape(content: &str, mut behind: impl FnMut(usize, usize)) -> String {
    let mut text = String::with_capacity(content.len());
    let mut at = 0;
    while let Some(plain) = memchr::memchr(b'\\', &content.as_bytes()[at..]) {
        text.push_str(&content[at..at + plain]);
        at += plain;
        let (c, len) = whole(&content.as_bytes()[at..]);
        text.push(c);
        at += len;
        behind(text.len(), at);
    }
    text.push_str(&content[at..]);
    text
}

/// Reads an escape of which nothing is still to come.
pub(crate) fn whole(source: &[u8]) -> (char, usize) {
    match read(source) {
        Escape::Char(c, len) => (c, len),
        // A first half at the very end of a string.
        Escape::Partial => (char::REPLACEMENT_CHARACTER, source.len().min(6)),
        Escape::Invalid => ('\\', 1),
    }
}

/// Appends `text` as it must stand between the quotes of a JSON string.
pub(crate) fn escape_into(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.push_str("\\u00");
                out.push(char::from(HEX[c as usize >> 4]));
                out.push(char::from(HEX[c as usize & 15]));
            }
            c => out.push(c),
        }
    }
}

/// `text` as it must stand between the quotes of a JSON string.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(text, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_as_json_says() {
        assert_eq!(read(br"\n"), Escape::Char('\n', 2));
        assert_eq!(read(br"\u0041x"), Escape::Char('A', 6));
        assert_eq!(read(br"\uD83D\uDE00"), Escape::Char('😀', 12));
        assert_eq!(read(br"\uD83D"), Escape::Partial);
        assert_eq!(read(br"\uD83D\u"), Escape::Partial);
        assert_eq!(read(br"\uD83D\n"), Escape::Char('\u{fffd}', 6));
        assert_eq!(read(br"\uD83Dx"), Escape::Char('\u{fffd}', 6));
        assert_eq!(read(br"\uDE00"), Escape::Char('\u{fffd}', 6));
        assert_eq!(read(br"\u00"), Escape::Partial);
        assert_eq!(read(br"\u00g"), Escape::Invalid);
        assert_eq!(read(br"\x"), Escape::Invalid);
    }

    #[test]
    fn offsets_are_mapped_both_ways() {
        let content = r"a\u00e9b\n😀\ud83d\ude00z";
        let mut offsets = Offsets::default();
        let text = unescape(content, |t, s| offsets.anchor(t, s));
        assert_eq!(text, "aéb\n😀😀z");
        for (at, c) in text.char_indices() {
            let source = offsets.source(at);
            let end = offsets.source(at + c.len_utf8());
            assert_eq!(unescape(&content[source..end], |_, _| ()), c.to_string());
        }
    }

    #[test]
    fn escaped_text_reads_back() {
        let all: String = (0..0x80u8).map(char::from).chain("é😀\u{2028}".chars()).collect();
        let json = format!("\"{}\"", escape(&all));
        assert_eq!(serde_json::from_str::<String>(&json).expect("valid JSON"), all);
    }
}

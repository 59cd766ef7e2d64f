//! String escapes: what they stand for, where they sit, and how to write them.

use super::block;

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
    /// The offsets of the text that [`unescape`] makes of string content.
    pub(crate) fn of(content: &str) -> Self {
        let mut offsets = Self::default();
        let (mut text, mut source) = (0, 0);
        while let Some(plain) = memchr::memchr(b'\\', &content.as_bytes()[source..]) {
            let (c, len) = whole(&content.as_bytes()[source + plain..]);
            text += plain + c.len_utf8();
            source += plain + len;
            offsets.anchor(text, source);
        }
        offsets
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

/// What each letter behind a backslash stands for: nothing, or one byte.
const SIMPLE: [u8; 256] = {
    let mut table = [0; 256];
    let pairs: &[(u8, u8)] = &[
        (b'"', b'"'),
        (b'\\', b'\\'),
        (b'/', b'/'),
        (b'b', 8),
        (b'f', 12),
        (b'n', b'\n'),
        (b'r', b'\r'),
        (b't', b'\t'),
    ];
    let mut at = 0;
    while at < pairs.len() {
        table[pairs[at].0 as usize] = pairs[at].1;
        at += 1;
    }
    table
};

/// The byte that a letter behind a backslash stands for.
#[inline]
pub(super) fn simple(letter: u8) -> Option<u8> {
    Some(SIMPLE[usize::from(letter)]).filter(|byte| *byte != 0)
}

/// Reads the escape at the start of `source`. Half of a surrogate pair without its other half stands for U+FFFD.
#[inline]
pub(crate) fn read(source: &[u8]) -> Escape {
    match source.get(1) {
        None => Escape::Partial,
        Some(b'u') => unicode(source),
        Some(letter) => simple(*letter).map_or(Escape::Invalid, |byte| Escape::Char(byte.into(), 2)),
    }
}

#[inline]
fn unicode(source: &[u8]) -> Escape {
    let Some(unit) = source[2..].first_chunk().and_then(hex) else {
        let partial = source.len() < 6 && source[2..].iter().all(u8::is_ascii_hexdigit);
        return if partial { Escape::Partial } else { Escape::Invalid };
    };
    match char::from_u32(unit) {
        Some(c) => Escape::Char(c, 6),
        None => surrogate(unit, &source[6..]),
    }
}

/// Reads half of a surrogate pair, given what follows it.
fn surrogate(unit: u32, rest: &[u8]) -> Escape {
    if unit >= 0xDC00 {
        return Escape::Char(char::REPLACEMENT_CHARACTER, 6);
    }
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
    match second.get(2..).and_then(<[u8]>::first_chunk).and_then(hex) {
        Some(low) => {
            let code = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            Escape::Char(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
        }
        None => Escape::Partial,
    }
}

/// The value of each hexadecimal digit; of other bytes a negative number.
const DIGITS: [i8; 256] = {
    let mut table = [-1; 256];
    let mut digit = 0;
    while digit < 16 {
        table[b"0123456789abcdef"[digit] as usize] = digit as i8;
        table[b"0123456789ABCDEF"[digit] as usize] = digit as i8;
        digit += 1;
    }
    table
};

/// The number that four hexadecimal digits are.
#[inline]
pub(super) fn hex(digits: &[u8; 4]) -> Option<u32> {
    // one negative digit makes the whole negative
    let number = digits.iter().fold(0, |number, d| number << 4 | i32::from(DIGITS[usize::from(*d)]));
    u32::try_from(number).ok()
}

/// The text of string content that the scanner accepted.
pub(crate) fn unescape(content: &str) -> String {
    let source = content.as_bytes();
    // no escape is shorter than what it stands for
    let mut text = vec![0; source.len() + PIECE];
    let (mut at, mut len) = (0, 0);
    while at < source.len() {
        let start = at;
        let mut marks = block::backslashes(source, start);
        while marks != 0 {
            let next = start + marks.trailing_zeros() as usize;
            copy(&source[at..], next - at, &mut text[len..]);
            (at, len) = (next, len + next - at);
            if let Some(byte) = source.get(at + 1).copied().and_then(simple) {
                text[len] = byte;
                (at, len) = (at + 2, len + 1);
            } else {
                (at, len) = unescape_letters(source, at, &mut text, len);
            }
            marks = block::from(marks, at - start);
        }
        let end = at.max(source.len().min(start + block::LEN));
        copy(&source[at..], end - at, &mut text[len..]);
        (at, len) = (end, len + end - at);
    }
    text.truncate(len);
    String::from_utf8(text).expect("whole characters were copied")
}

/// Appends what escapes stand for that follow each other, as those of letters do. Returns the places behind them.
fn unescape_letters(source: &[u8], mut at: usize, text: &mut [u8], mut len: usize) -> (usize, usize) {
    while source.get(at) == Some(&b'\\') {
        let (c, length) = whole(&source[at..]);
        len += c.encode_utf8(&mut text[len..]).len();
        at += length;
    }
    (at, len)
}

/// Bytes that are copied together: most texts between two escapes are shorter.
const PIECE: usize = 32;

/// Copies the first bytes of a text. What is behind them in `to` may become anything.
#[inline]
fn copy(from: &[u8], count: usize, to: &mut [u8]) {
    match from.first_chunk::<PIECE>() {
        Some(piece) if count <= PIECE => to[..PIECE].copy_from_slice(piece),
        _ => to[..count].copy_from_slice(&from[..count]),
    }
}

/// Reads an escape of which nothing is still to come.
#[inline]
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
        let (text, offsets) = (unescape(content), Offsets::of(content));
        assert_eq!(text, "aéb\n😀😀z");
        for (at, c) in text.char_indices() {
            let source = offsets.source(at);
            let end = offsets.source(at + c.len_utf8());
            assert_eq!(unescape(&content[source..end]), c.to_string());
        }
    }

    #[test]
    fn escaped_text_reads_back() {
        let all: String = (0..0x80u8).map(char::from).chain("é😀\u{2028}".chars()).collect();
        let json = format!("\"{}\"", escape(&all));
        assert_eq!(serde_json::from_str::<String>(&json).expect("valid JSON"), all);
    }
}

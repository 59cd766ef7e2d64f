//! Escapes of single characters: percent (`%41`), HTML entities (`&#65;`, `&amp;`) and backslashes (`\u0041`, `\x41`, `\n`).
//!
//! One reader for all of them, so that a value which mixes them reads too.

use super::lane::Page;
use super::{Marks, Reader, Undecided};

/// Where a text may hold the first.
pub(super) fn sign(text: &str, _: &Marks) -> Option<usize> {
    memchr::memchr3(b'%', b'&', b'\\', text.as_bytes())
}

/// See the module.
pub(super) struct Escapes;

impl Reader for Escapes {
    fn read(&mut self, text: &str, at: usize, ended: bool, page: &mut Page<'_, '_>) -> usize {
        let bytes = text.as_bytes();
        let mut from = at;
        while let Some(offset) = memchr::memchr3(b'%', b'&', b'\\', &bytes[from..]) {
            let start = from + offset;
            let rest = Rest { bytes: &bytes[start..], ended };
            let escape = match bytes[start] {
                b'%' => octets(rest, "%").map(|o| o.map(|(c, length)| ("percent", c, length))),
                b'&' => entity(rest).map(|e| e.map(|(c, length)| ("entity", c, length))),
                _ => backslash(rest).map(|e| e.map(|(c, length)| ("escape", c, length))),
            };
            let Ok(escape) = escape else { return start };
            from = start + 1;
            if let Some((layer, c, length)) = escape {
                from = start + length;
                page.says(layer, start..from, c.encode_utf8(&mut [0; 4]));
            }
        }
        text.len()
    }
}

/// A character and the bytes it is written in, if anything.
type Escape = Result<Option<(char, usize)>, Undecided>;

/// What follows, and whether that is all.
#[derive(Clone, Copy)]
struct Rest<'t> {
    bytes: &'t [u8],
    ended: bool,
}

impl Rest<'_> {
    fn get(self, at: usize) -> Result<Option<u8>, Undecided> {
        match self.bytes.get(at) {
            None if !self.ended => Err(Undecided),
            byte => Ok(byte.copied()),
        }
    }

    /// The number that the digits from `at` on are, and how many there are: at least `least` and at most `most`.
    fn number(self, at: usize, radix: u32, least: usize, most: usize) -> Result<Option<(u32, usize)>, Undecided> {
        let (mut value, mut count) = (0u32, 0);
        while count < most {
            let Some(digit) = self.get(at + count)?.and_then(|b| char::from(b).to_digit(radix)) else { break };
            value = value.saturating_mul(radix).saturating_add(digit);
            count += 1;
        }
        Ok((count >= least).then_some((value, count)))
    }
}

/// A character as octets of UTF-8 in hexadecimal, each behind `prefix`.
fn octets(rest: Rest<'_>, prefix: &str) -> Escape {
    let octet = |index: usize| -> Result<Option<u8>, Undecided> {
        let start = index * (prefix.len() + 2);
        for (at, wanted) in prefix.bytes().enumerate() {
            if rest.get(start + at)? != Some(wanted) {
                return Ok(None);
            }
        }
        Ok(rest.number(start + prefix.len(), 16, 2, 2)?.map(|(value, _)| value as u8))
    };
    let Some(first) = octet(0)? else { return Ok(None) };
    let length = match first {
        0..0x80 => 1,
        0xC2..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0..0xF5 => 4,
        _ => return Ok(None),
    };
    let mut utf8 = [first; 4];
    for (index, slot) in utf8.iter_mut().enumerate().take(length).skip(1) {
        let Some(next) = octet(index)? else { return Ok(None) };
        *slot = next;
    }
    let c = std::str::from_utf8(&utf8[..length]).ok().and_then(|s| s.chars().next());
    Ok(c.map(|c| (c, length * (prefix.len() + 2))))
}

/// Longest number of an entity: leading zeros are allowed, up to here.
const MAX_DIGITS: usize = 10;

fn entity(rest: Rest<'_>) -> Escape {
    if rest.get(1)? != Some(b'#') {
        return named(rest);
    }
    let hex = matches!(rest.get(2)?, Some(b'x' | b'X'));
    let (at, radix) = if hex { (3, 16) } else { (2, 10) };
    let Some((value, count)) = rest.number(at, radix, 1, MAX_DIGITS)? else { return Ok(None) };
    let Some(c) = char::from_u32(value).filter(|c| *c != '\0') else { return Ok(None) };
    let end = at + count;
    // HTML reads a number without its semicolon too.
    Ok(Some((c, end + usize::from(rest.get(end)? == Some(b';')))))
}

/// Entities of characters that stand in identifiers, beside them, or are invisible; HTML standard, § 13.5.
const NAMED: &[(&str, char)] = &[
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("excl", '!'),
    ("quot", '"'),
    ("QUOT", '"'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("amp", '&'),
    ("AMP", '&'),
    ("apos", '\''),
    ("lpar", '('),
    ("rpar", ')'),
    ("ast", '*'),
    ("plus", '+'),
    ("comma", ','),
    ("period", '.'),
    ("sol", '/'),
    ("colon", ':'),
    ("semi", ';'),
    ("lt", '<'),
    ("LT", '<'),
    ("equals", '='),
    ("gt", '>'),
    ("GT", '>'),
    ("quest", '?'),
    ("commat", '@'),
    ("bsol", '\\'),
    ("lowbar", '_'),
    ("lbrace", '{'),
    ("rbrace", '}'),
    ("nbsp", '\u{A0}'),
    ("shy", '\u{AD}'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("ZeroWidthSpace", '\u{200B}'),
    ("zwnj", '\u{200C}'),
    ("zwj", '\u{200D}'),
    ("hyphen", '\u{2010}'),
    ("dash", '\u{2010}'),
    ("ndash", '\u{2013}'),
    ("mdash", '\u{2014}'),
    ("minus", '\u{2212}'),
];

const MAX_NAME: usize = 14;

fn named(rest: Rest<'_>) -> Escape {
    let mut name = 0;
    while rest.get(1 + name)?.is_some_and(|b| b.is_ascii_alphabetic()) {
        name += 1;
        if name > MAX_NAME {
            return Ok(None);
        }
    }
    if rest.get(1 + name)? != Some(b';') {
        return Ok(None);
    }
    let known = NAMED.iter().find(|(known, _)| known.as_bytes() == &rest.bytes[1..1 + name]);
    Ok(known.map(|(_, c)| (*c, name + 2)))
}

fn backslash(rest: Rest<'_>) -> Escape {
    let simple = |c| Ok(Some((c, 2)));
    match rest.get(1)? {
        Some(b'n') => simple('\n'),
        Some(b'r') => simple('\r'),
        Some(b't') => simple('\t'),
        Some(c @ (b'"' | b'\'' | b'\\' | b'/')) => simple(char::from(c)),
        Some(b'x') => octets(rest, "\\x"),
        Some(b'u') if rest.get(2)? == Some(b'{') => {
            let Some((value, count)) = rest.number(3, 16, 1, 6)? else { return Ok(None) };
            let closed = rest.get(3 + count)? == Some(b'}');
            Ok(char::from_u32(value).filter(|_| closed).map(|c| (c, count + 4)))
        }
        Some(b'u') => utf16(rest),
        Some(b'U') => Ok(rest.number(2, 16, 8, 8)?.and_then(|(value, _)| Some((char::from_u32(value)?, 10)))),
        Some(b'0'..=b'3') => Ok(rest.number(1, 8, 3, 3)?.and_then(|(value, _)| {
            let c = char::from_u32(value).filter(char::is_ascii)?;
            Some((c, 4))
        })),
        _ => Ok(None),
    }
}

/// `\u0041`, and `\ud83d\ude00` for what lies beyond 16 bits.
fn utf16(rest: Rest<'_>) -> Escape {
    const LENGTH: usize = 6;
    let Some((first, _)) = rest.number(2, 16, 4, 4)? else { return Ok(None) };
    if let Some(c) = char::from_u32(first) {
        return Ok(Some((c, LENGTH)));
    }
    if rest.get(LENGTH)? != Some(b'\\') || rest.get(LENGTH + 1)? != Some(b'u') {
        return Ok(None);
    }
    let Some((second, _)) = rest.number(LENGTH + 2, 16, 4, 4)? else { return Ok(None) };
    let pair = char::decode_utf16([first as u16, second as u16]).next().and_then(Result::ok);
    Ok(pair.map(|c| (c, 2 * LENGTH)))
}

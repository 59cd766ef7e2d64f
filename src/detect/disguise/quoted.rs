//! Quoted-printable (RFC 2045 § 6.7): `=41`, and lines broken by `=` at their end.

use super::lane::Page;
use super::octets::{Octets, octets};
use super::{Marks, Reader, Undecided};

/// Where a text holds the first.
pub(super) fn sign(text: &str, _: &Marks) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'=', bytes).find(|at| matches!(quoted(&bytes[*at..], true), Ok(Some(_))))
}

/// See the module.
pub(super) struct Quoted;

impl Reader for Quoted {
    fn read(&mut self, text: &str, at: usize, ended: bool, page: &mut Page<'_, '_>) -> usize {
        let bytes = text.as_bytes();
        let mut from = at;
        while let Some(offset) = memchr::memchr(b'=', &bytes[from..]) {
            let start = from + offset;
            let Ok(found) = quoted(&bytes[start..], ended) else { return start };
            from = start + 1;
            if let Some((end, utf8, length)) = found
                && let Octets::Text(text) = octets(&utf8[..length])
            {
                from = start + end;
                page.says("quoted_printable", start..from, text);
            }
        }
        text.len()
    }
}

/// A character or a line break that begins with `=`: its length as it is written, its bytes and how many they are.
fn quoted(bytes: &[u8], ended: bool) -> Result<Option<(usize, [u8; 4], usize)>, Undecided> {
    let get = |at: usize| match bytes.get(at) {
        None if !ended => Err(Undecided),
        byte => Ok(byte.copied()),
    };
    let mut utf8 = [0; 4];
    match get(1)? {
        Some(b'\n') => return Ok(Some((2, utf8, 0))),
        Some(b'\r') if get(2)? == Some(b'\n') => return Ok(Some((3, utf8, 0))),
        _ => {}
    }
    for length in 0..4 {
        let at = 3 * length;
        // Lower case is not allowed, and what a URL or a program has behind `=` is often that.
        let digit =
            |byte: Option<u8>| byte.filter(|b| !b.is_ascii_lowercase()).and_then(|b| char::from(b).to_digit(16));
        if get(at)? != Some(b'=') {
            return Ok(None);
        }
        let Some(high) = digit(get(at + 1)?) else { return Ok(None) };
        let Some(low) = digit(get(at + 2)?) else { return Ok(None) };
        utf8[length] = (high << 4 | low) as u8;
        match octets(&utf8[..=length]) {
            Octets::Text(_) => return Ok(Some((at + 3, utf8, length + 1))),
            Octets::Cut(_) => {}
            Octets::Binary => break,
        }
    }
    Ok(None)
}

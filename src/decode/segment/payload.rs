//! Texts that a body holds in another form: base64, percent-encoding, charsets other than UTF-8.
//!
//! Such a payload is rewritten as a whole, in the form it came in.

use crate::decode::Reason;
use crate::decode::sniff::{Charset, Content, is_media, sniff};
use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use std::borrow::Cow;

/// How the bytes of a payload are written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transfer {
    /// As they are.
    Identity,
    Base64 {
        url_safe: bool,
        padded: bool,
    },
    /// The data of a `data:` URI without `;base64`.
    Percent,
}

/// The form of a payload: enough to read it again and to write another text in the same form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    /// `data:text/plain;base64,`, or nothing.
    prefix: String,
    transfer: Transfer,
    charset: Charset,
}

/// RFC 3986 §2.3: characters that need no percent-encoding.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Line breaks in base64 and missing padding are tolerated, as by most readers, and so are bits behind the last byte.
fn engine(url_safe: bool, padded: bool) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_encode_padding(padded)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(if url_safe { &URL_SAFE } else { &STANDARD }, config)
}

/// Characters of base64 from which images and sound are known: what follows need not be decoded.
const HEAD: usize = 64;

fn unbase64(data: &str) -> Option<(Transfer, Vec<u8>)> {
    let dense: Cow<'_, str> = match data.bytes().any(|b| b.is_ascii_whitespace()) {
        true => data.split_ascii_whitespace().collect::<String>().into(),
        false => data.into(),
    };
    let url_safe = dense.contains(['-', '_']);
    let transfer = Transfer::Base64 { url_safe, padded: dense.ends_with('=') || dense.len().is_multiple_of(4) };
    Some((transfer, engine(url_safe, true).decode(dense.as_bytes()).ok()?))
}

impl Form {
    /// Reads base64 or a `data:` URI whose bytes are text.
    pub(super) fn of_text(source: &str) -> Result<(Self, String), Reason> {
        let (prefix, declared, is_base64) = match data_uri(source) {
            Some((prefix, declared, is_base64)) => (prefix, declared, is_base64),
            None => ("", None, true),
        };
        let data = &source[prefix.len()..];
        if is_base64 && data.get(..HEAD).and_then(unbase64).is_some_and(|(_, head)| is_media(&head)) {
            return Err(Reason::UnknownType);
        }
        let (transfer, bytes) = if is_base64 {
            unbase64(data).ok_or(Reason::Malformed)?
        } else {
            (Transfer::Percent, percent_decode_str(data).collect())
        };
        let (charset, text) = decode(&bytes, declared)?;
        Ok((Self { prefix: prefix.to_owned(), transfer, charset }, text))
    }

    /// Reads bytes that are text in some charset. `None` stands for UTF-8 as it is, which needs no form.
    pub(super) fn of_bytes(bytes: &[u8], declared: Option<&str>) -> Result<Option<(Self, String)>, Reason> {
        match sniff(bytes, declared) {
            Content::Text(Charset::Utf8) => Ok(None),
            _ => {
                let (charset, text) = decode(bytes, declared)?;
                Ok(Some((Self { prefix: String::new(), transfer: Transfer::Identity, charset }, text)))
            }
        }
    }

    /// The text that `source` holds in this form; empty if it does not.
    pub(super) fn decode(&self, source: &[u8]) -> String {
        let data = &source[self.prefix.len().min(source.len())..];
        let bytes = match (self.transfer, std::str::from_utf8(data)) {
            (Transfer::Identity, _) => Some(data.to_vec()),
            (Transfer::Base64 { .. }, Ok(data)) => unbase64(data).map(|(_, bytes)| bytes),
            (Transfer::Percent, Ok(data)) => Some(percent_decode_str(data).collect()),
            (_, Err(_)) => None,
        };
        bytes.and_then(|bytes| self.charset.decode(&bytes).map(|text| text.into_owned())).unwrap_or_default()
    }

    /// `text` in this form.
    pub(super) fn encode(&self, text: &str) -> Vec<u8> {
        let bytes = self.charset.encode(text);
        let data = match self.transfer {
            Transfer::Identity => return bytes,
            Transfer::Base64 { url_safe, padded } => engine(url_safe, padded).encode(bytes),
            Transfer::Percent => percent_encode(&bytes, RESERVED).to_string(),
        };
        [self.prefix.as_bytes(), data.as_bytes()].concat()
    }
}

fn decode(bytes: &[u8], declared: Option<&str>) -> Result<(Charset, String), Reason> {
    match sniff(bytes, declared) {
        Content::Text(charset) => {
            Ok((charset, charset.decode(bytes).expect("sniffed text decodes in its charset").into_owned()))
        }
        other => Err(other.reason().unwrap_or(Reason::UnknownType)),
    }
}

/// The parts of a `data:` URI (RFC 2397): everything up to the data, the charset it names, and whether it is base64.
fn data_uri(source: &str) -> Option<(&str, Option<&str>, bool)> {
    let scheme = source.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("data:"))?;
    let comma = source.find(',')?;
    let mut parameters = source[scheme.len()..comma].split(';').map(str::trim);
    let is_base64 = parameters.clone().any(|p| p.eq_ignore_ascii_case("base64"));
    let charset = parameters.find_map(|p| {
        let (name, value) = p.split_once('=')?;
        name.eq_ignore_ascii_case("charset").then_some(value.trim_matches('"'))
    });
    Some((&source[..=comma], charset, is_base64))
}

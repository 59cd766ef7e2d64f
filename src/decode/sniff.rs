//! What the bytes of an upload are: text that can be scanned, or a type that this version does not read.
//!
//! A wrong "binary" costs a refusal that the record explains; a wrong "text" would call unread bytes clean. So a known
//! magic number wins over everything that looks like text behind it.

use super::Reason;
use encoding_rs::Encoding;
use std::borrow::Cow;

/// How text is written in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    Utf8,
    Utf16Le,
    Utf16Be,
    Other(&'static Encoding),
}

impl Charset {
    /// The charset of a label such as `iso-8859-1`, as the WHATWG encoding standard reads it.
    pub fn of_label(label: &str) -> Option<Self> {
        let encoding = Encoding::for_label_no_replacement(label.as_bytes())?;
        Some(if encoding == encoding_rs::UTF_8 {
            Self::Utf8
        } else if encoding == encoding_rs::UTF_16LE {
            Self::Utf16Le
        } else if encoding == encoding_rs::UTF_16BE {
            Self::Utf16Be
        } else {
            Self::Other(encoding)
        })
    }

    /// The text of `bytes`, byte order mark included; `None` if they are not valid in this charset.
    pub fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        let utf16 = |unit: fn([u8; 2]) -> u16| {
            let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
            let text: Result<String, _> = char::decode_utf16(units).collect();
            text.ok().filter(|_| bytes.len().is_multiple_of(2)).map(Cow::Owned)
        };
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Self::Utf16Le => utf16(u16::from_le_bytes),
            Self::Utf16Be => utf16(u16::from_be_bytes),
            Self::Other(encoding) => encoding.decode_without_bom_handling_and_without_replacement(bytes),
        }
    }

    /// The bytes of `text`; characters that the charset lacks become numeric character references.
    pub fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Self::Other(encoding) => encoding.encode(text).0.into_owned(),
        }
    }
}

/// What bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    Text(Charset),
    /// Not text, or text in a container.
    Binary {
        /// `pdf`, `png`, `zip`, …; `unknown`.
        name: &'static str,
        encrypted: bool,
    },
}

impl Content {
    /// Why such bytes are not inspected; `None` for text.
    pub fn reason(self) -> Option<Reason> {
        match self {
            Self::Text(_) => None,
            Self::Binary { encrypted: true, .. } => Some(Reason::Encrypted),
            Self::Binary { encrypted: false, .. } => Some(Reason::UnknownType),
        }
    }
}

/// Offset, magic number, name. Formats whose first bytes could hardly begin a text.
const STRONG: &[(usize, &[u8], &str)] = &[
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (0, b"{\\rtf", "rtf"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"BZh", "bzip2"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"GIF87a", "gif"),
    (0, b"GIF89a", "gif"),
    (8, b"WEBP", "webp"),
    (8, b"WAVE", "wav"),
    (8, b"AVI ", "avi"),
    (4, b"ftyp", "mp4"),
    (0, b"II*\0", "tiff"),
    (0, b"MM\0*", "tiff"),
    (0, b"OggS\0", "ogg"),
    (0, b"fLaC", "flac"),
    (0, b"ID3\x02", "mp3"),
    (0, b"ID3\x03", "mp3"),
    (0, b"ID3\x04", "mp3"),
    (0, b"\x1aE\xdf\xa3", "webm"),
    (0, b"SQLite format 3\0", "sqlite"),
    (0, b"PAR1", "parquet"),
    (0, b"\x7fELF", "elf"),
    (257, b"ustar", "tar"),
    (0, b"\xff\xfe\0\0", "utf-32"),
    (0, b"\0\0\xfe\xff", "utf-32"),
];

/// Images, sound and films among them.
const MEDIA: &[&str] = &["png", "jpeg", "gif", "webp", "wav", "avi", "mp4", "tiff", "ogg", "flac", "mp3", "webm"];

/// Formats that are ciphertext by nature.
const ENCRYPTED: &[(&[u8], &str)] = &[
    (b"-----BEGIN PGP MESSAGE-----", "pgp"),
    (b"age-encryption.org/v1", "age"),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", "age"),
    (b"Salted__", "openssl"),
];

/// Short magic numbers, asked only of what is not text.
const WEAK: &[(&[u8], &str)] = &[(b"MZ", "exe"), (b"BM", "bmp"), (b"\xff\xfb", "mp3"), (b"\xff\xf3", "mp3")];

/// Says what bytes are; `declared` is the charset that the sender names.
pub fn sniff(bytes: &[u8], declared: Option<&str>) -> Content {
    if let Some((_, name)) = ENCRYPTED.iter().find(|(magic, _)| bytes.trim_ascii_start().starts_with(magic)) {
        return Content::Binary { name, encrypted: true };
    }
    // Readers look for the header of a PDF in the first 1024 bytes.
    if memchr::memmem::find(&bytes[..bytes.len().min(1024)], b"%PDF-").is_some() {
        let encrypted = memchr::memmem::find(bytes, b"/Encrypt").is_some();
        return Content::Binary { name: "pdf", encrypted };
    }
    let starts = |at: usize, magic: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(magic));
    if let Some((_, _, name)) = STRONG.iter().find(|(at, magic, _)| starts(*at, magic)) {
        return match *name {
            "zip" => zip(bytes),
            "ole" => Content::Binary { name: "ole", encrypted: has_utf16(bytes, "EncryptedPackage") },
            name => Content::Binary { name, encrypted: false },
        };
    }
    match charset(bytes, declared) {
        Some(charset) => Content::Text(charset),
        None => {
            let weak = WEAK.iter().find(|(magic, _)| bytes.starts_with(magic));
            Content::Binary { name: weak.map_or("unknown", |(_, name)| name), encrypted: false }
        }
    }
}

/// Whether bytes begin like an image, sound or film: nothing of such a file is text, whatever follows.
pub fn is_media(bytes: &[u8]) -> bool {
    let begins = |(at, magic, _): &&(usize, &[u8], &str)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(magic));
    STRONG.iter().find(begins).is_some_and(|(_, _, name)| MEDIA.contains(name))
}

fn zip(bytes: &[u8]) -> Content {
    let flag = |at: usize| bytes.get(at).is_some_and(|b| b & 1 == 1);
    // APPNOTE 4.4.4: bit 0 of the general purpose flag, in each local header and each entry of the central directory.
    let encrypted = memchr::memmem::find_iter(bytes, b"PK\x03\x04").any(|at| flag(at + 6))
        || memchr::memmem::find_iter(bytes, b"PK\x01\x02").any(|at| flag(at + 8));
    let holds = |name: &[u8]| memchr::memmem::find(bytes, name).is_some();
    let name = if holds(b"word/document.xml") {
        "docx"
    } else if holds(b"xl/workbook.") {
        "xlsx"
    } else if holds(b"ppt/presentation.xml") {
        "pptx"
    } else if holds(b"application/vnd.oasis.opendocument") {
        "opendocument"
    } else {
        "zip"
    };
    Content::Binary { name, encrypted }
}

fn has_utf16(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, &Charset::Utf16Le.encode(text)).is_some()
}

/// The charset by which the bytes are text.
fn charset(bytes: &[u8], declared: Option<&str>) -> Option<Charset> {
    let marked = match bytes {
        [0xEF, 0xBB, 0xBF, ..] => Some(Charset::Utf8),
        [0xFF, 0xFE, ..] => Some(Charset::Utf16Le),
        [0xFE, 0xFF, ..] => Some(Charset::Utf16Be),
        _ => None,
    };
    let declared = declared.and_then(Charset::of_label);
    let candidates = [marked, declared, utf16_without_mark(bytes), Some(Charset::Utf8), Some(WESTERN)];
    candidates.into_iter().flatten().find(|charset| charset.decode(bytes).is_some_and(|text| is_prose(&text, *charset)))
}

const WESTERN: Charset = Charset::Other(encoding_rs::WINDOWS_1252);

/// Western text in UTF-16 has a zero in every other byte.
fn utf16_without_mark(bytes: &[u8]) -> Option<Charset> {
    let zeros = |skip: usize| bytes.iter().skip(skip).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let half = bytes.len() / 2;
    if half == 0 {
        None
    } else if odd * 10 >= half * 3 && even * 20 <= half {
        Some(Charset::Utf16Le)
    } else if even * 10 >= half * 3 && odd * 20 <= half {
        Some(Charset::Utf16Be)
    } else {
        None
    }
}

/// Whether a text reads like one: next to no control characters, and for the charset in which all bytes are valid,
/// mostly plain letters.
fn is_prose(text: &str, charset: Charset) -> bool {
    let control = |c: &char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1b}');
    let controls = text.chars().filter(control).count();
    if charset == WESTERN {
        let foreign = text.chars().filter(|c| !c.is_ascii()).count();
        let total = text.chars().count();
        return controls * 100 <= total && foreign * 10 <= total * 3;
    }
    controls * 10 <= text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn binary(bytes: &[u8]) -> (&'static str, Option<Reason>) {
        match sniff(bytes, None) {
            Content::Binary { name, .. } => (name, sniff(bytes, None).reason()),
            Content::Text(charset) => panic!("taken for text in {charset:?}"),
        }
    }

    #[test]
    fn text_is_known_in_its_charsets() {
        let text = "Grüße aus Köln, Konto 4711\n";
        assert_eq!(sniff(text.as_bytes(), None), Content::Text(Charset::Utf8));
        assert_eq!(sniff(b"", None), Content::Text(Charset::Utf8));
        assert_eq!(sniff(&Charset::Utf16Le.encode(text), None), Content::Text(Charset::Utf16Le));
        assert_eq!(sniff(&Charset::Utf16Be.encode(text), None), Content::Text(Charset::Utf16Be));
        assert_eq!(sniff(&Charset::Utf16Le.encode("\u{feff}漢字"), None), Content::Text(Charset::Utf16Le));
        assert_eq!(sniff(&WESTERN.encode(text), None), Content::Text(WESTERN));
        let sjis = Charset::of_label("shift_jis").expect("known label");
        assert_eq!(sniff(&sjis.encode("口座番号 123"), Some("Shift_JIS")), Content::Text(sjis));
        for charset in [Charset::Utf8, Charset::Utf16Le, Charset::Utf16Be, WESTERN] {
            assert_eq!(charset.decode(&charset.encode(text)).as_deref(), Some(text));
        }
    }

    #[test]
    fn known_types_are_not_text() {
        assert_eq!(binary(b"%PDF-1.7\n..."), ("pdf", Some(Reason::UnknownType)));
        assert_eq!(binary(b"junk %PDF-1.7\n... /Encrypt 5 0 R"), ("pdf", Some(Reason::Encrypted)));
        assert_eq!(binary(b"PK\x03\x04\x14\0\0\0..word/document.xml"), ("docx", Some(Reason::UnknownType)));
        assert_eq!(binary(b"PK\x03\x04\x14\0\x01\0.."), ("zip", Some(Reason::Encrypted)));
        assert_eq!(binary(b"\x89PNG\r\n\x1a\n...."), ("png", Some(Reason::UnknownType)));
        assert_eq!(binary(b"\n-----BEGIN PGP MESSAGE-----\n"), ("pgp", Some(Reason::Encrypted)));
        assert_eq!(binary(b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8"), ("exe", Some(Reason::UnknownType)));
        assert_eq!(binary(&[0x80, 0, 1, 0xff, 2, 3, 0xfe, 0x9c]), ("unknown", Some(Reason::UnknownType)));
    }

    proptest! {
        #[test]
        fn what_is_called_text_can_be_decoded(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Content::Text(charset) = sniff(&bytes, None) {
                prop_assert!(charset.decode(&bytes).is_some());
            }
        }
    }
}

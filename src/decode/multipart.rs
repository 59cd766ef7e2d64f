//! Multipart bodies (RFC 2046 §5.1, RFC 7578), read strictly: what readers could understand differently is malformed, so
//! that no part is seen by the upstream that was not seen here.

use std::fmt;
use std::ops::Range;

/// Parts of a body. Honest uploads have a handful.
const MOST_PARTS: usize = 1000;
/// Bytes of the headers of one part.
const LONGEST_HEADERS: usize = 16 << 10;
/// RFC 2046 §5.1.1.
const LONGEST_BOUNDARY: usize = 70;

/// A body cut into parts. Preamble, delimiters, headers, contents and epilogue cover it without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Multipart {
    /// Bytes before the first delimiter, which readers skip. Not to be taken for empty.
    pub preamble: Range<usize>,
    pub parts: Vec<Part>,
    /// Bytes behind the last delimiter, which readers skip.
    pub epilogue: Range<usize>,
}

/// One part.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// The header lines, without the blank line. Names and file names stand here as text.
    pub header_span: Range<usize>,
    /// The content.
    pub span: Range<usize>,
    /// The form field.
    pub name: Option<String>,
    /// The name of the file; `filename*` (RFC 5987) before `filename`.
    pub filename: Option<String>,
    /// Media type without parameters, lower case.
    pub content_type: Option<String>,
    /// The charset parameter of the media type.
    pub charset: Option<String>,
    /// `Content-Transfer-Encoding`, lower case. RFC 7578 §4.7 deprecates it, some readers heed it.
    pub transfer_encoding: Option<String>,
}

impl fmt::Debug for Part {
    /// Shows places and types alone: names and file names are the caller's text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("header_span", &self.header_span)
            .field("span", &self.span)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

/// Why a body is not multipart as it claims. Never holds any of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MultipartError {
    /// Byte offset of the problem.
    pub offset: usize,
    pub message: &'static str,
    /// It may be multipart, but exceeds a limit.
    pub too_large: bool,
}

impl MultipartError {
    /// The reason by which the receipt accounts for the body.
    pub fn reason(&self) -> super::Reason {
        if self.too_large { super::Reason::TooLarge } else { super::Reason::Malformed }
    }

    fn at(offset: usize, message: &'static str) -> Self {
        Self { offset, message, too_large: false }
    }
}

impl fmt::Display for MultipartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not readable as multipart at byte {}: {}", self.offset, self.message)
    }
}

impl std::error::Error for MultipartError {}

/// The boundary that a `Content-Type` header names; `None` if it is not multipart or names no valid one.
pub fn boundary(content_type: &str) -> Option<String> {
    let (media_type, parameters) = media_type(content_type)?;
    let boundary = one(&parameters, "boundary").ok()??;
    // RFC 2046 §5.1.1, `bchars`.
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&b);
    let valid = (1..=LONGEST_BOUNDARY).contains(&boundary.len()) && boundary.bytes().all(allowed);
    (media_type.starts_with("multipart/") && valid && !boundary.ends_with(' ')).then_some(boundary)
}

/// Cuts a body into its parts.
///
/// # Errors
/// Missing or doubtful delimiters and headers, and more parts or longer headers than the caps.
pub fn parse(body: &[u8], boundary: &str) -> Result<Multipart, MultipartError> {
    let delimiter = format!("--{boundary}");
    let mut delimiters = Delimiters { body, delimiter: delimiter.as_bytes(), from: 0 };
    let mut found = delimiters.next_one()?;
    let preamble = 0..found.line.start;
    let mut parts = Vec::new();
    while !found.closing {
        if parts.len() == MOST_PARTS {
            return Err(MultipartError {
                offset: found.line.start,
                message: "more parts than the limit",
                too_large: true,
            });
        }
        let (header_span, content) = headers(body, found.line.end)?;
        // A part without content may end with the line break of its headers.
        delimiters.from = content.saturating_sub(2);
        let next = delimiters.next_one()?;
        let span = content..next.line.start.max(content);
        parts.push(part(body, header_span, span)?);
        found = next;
    }
    Ok(Multipart { preamble, parts, epilogue: found.line.end..body.len() })
}

struct Delimiter {
    /// The line with the line breaks before and after it.
    line: Range<usize>,
    closing: bool,
}

struct Delimiters<'b> {
    body: &'b [u8],
    delimiter: &'b [u8],
    from: usize,
}

impl Delimiters<'_> {
    fn next_one(&mut self) -> Result<Delimiter, MultipartError> {
        loop {
            let Some(at) = memchr::memmem::find(&self.body[self.from..], self.delimiter) else {
                return Err(MultipartError::at(self.body.len(), "the closing delimiter is missing"));
            };
            let at = self.from + at;
            self.from = at + 1;
            let start = match &self.body[..at] {
                [] => at,
                [.., b'\r', b'\n'] => at - 2,
                [.., b'\r' | b'\n'] => {
                    return Err(MultipartError::at(at, "a delimiter must follow a whole line break"));
                }
                _ => continue,
            };
            let rest = &self.body[at + self.delimiter.len()..];
            let closing = rest.starts_with(b"--");
            let rest = if closing { &rest[2..] } else { rest };
            let padding = rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
            let end = self.body.len() - rest.len() + padding;
            return match &rest[padding..] {
                [] if closing => Ok(Delimiter { line: start..end, closing }),
                [b'\r', b'\n', ..] => Ok(Delimiter { line: start..end + 2, closing }),
                _ => Err(MultipartError::at(end, "a line break must follow a delimiter")),
            };
        }
    }
}

/// The header lines that begin at `start`, and where the content begins.
fn headers(body: &[u8], start: usize) -> Result<(Range<usize>, usize), MultipartError> {
    let rest = &body[start..];
    if rest.starts_with(b"\r\n") {
        return Ok((start..start, start + 2));
    }
    let window = &rest[..rest.len().min(LONGEST_HEADERS + 4)];
    match memchr::memmem::find(window, b"\r\n\r\n") {
        Some(len) => Ok((start..start + len, start + len + 4)),
        None if window.len() < rest.len() => Err(MultipartError {
            offset: start,
            message: "the headers of a part are longer than the limit",
            too_large: true,
        }),
        None => Err(MultipartError::at(start, "the headers of a part have no end")),
    }
}

fn part(body: &[u8], header_span: Range<usize>, span: Range<usize>) -> Result<Part, MultipartError> {
    let error = |message| MultipartError::at(header_span.start, message);
    let text = std::str::from_utf8(&body[header_span.clone()]).map_err(|_| error("a part has headers not in UTF-8"))?;
    let mut headers: Vec<(String, &str)> = Vec::new();
    for line in text.split("\r\n").filter(|_| !text.is_empty()) {
        let Some((name, value)) = line.split_once(':') else {
            return Err(error("a header of a part has no colon"));
        };
        if name.is_empty() || !name.bytes().all(is_token) || line.contains(['\r', '\n', '\0']) {
            return Err(error("a part has a header that is not valid"));
        }
        headers.push((name.to_ascii_lowercase(), value.trim()));
    }
    let header = |name: &str| {
        let mut values = headers.iter().filter(|(n, _)| n == name).map(|(_, value)| *value);
        let value = values.next();
        if values.next().is_some() { Err(error("a part has a header twice")) } else { Ok(value) }
    };
    let invalid = || error("a header of a part has parameters that are not valid");
    let (mut name, mut filename) = (None, None);
    if let Some(disposition) = header("content-disposition")? {
        let (_, parameters) = media_type(disposition).ok_or_else(invalid)?;
        name = one(&parameters, "name").map_err(|()| invalid())?;
        let plain = one(&parameters, "filename").map_err(|()| invalid())?;
        let extended = one(&parameters, "filename*").map_err(|()| invalid())?;
        filename = match extended {
            Some(value) => Some(extended_value(&value).ok_or_else(invalid)?),
            None => plain,
        };
    }
    let (mut content_type, mut charset) = (None, None);
    if let Some(value) = header("content-type")? {
        let (media_type, parameters) = media_type(value).ok_or_else(invalid)?;
        content_type = Some(media_type);
        charset = one(&parameters, "charset").map_err(|()| invalid())?;
    }
    let transfer_encoding = header("content-transfer-encoding")?.map(str::to_ascii_lowercase);
    Ok(Part { header_span, span, name, filename, content_type, charset, transfer_encoding })
}

/// RFC 9110 §5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Cuts `form-data; name="x"; filename="y"` into its first word, lower case, and its parameters, names in lower case.
fn media_type(value: &str) -> Option<(String, Vec<(String, String)>)> {
    let (first, mut rest) = value.split_at(value.find(';').unwrap_or(value.len()));
    let mut parameters = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Some((first.trim().to_ascii_lowercase(), parameters));
        }
        rest = rest.strip_prefix(';')?.trim_start();
        if rest.is_empty() {
            continue;
        }
        let (name, value) = rest.split_once('=')?;
        let name = name.trim_end();
        if name.is_empty() || !name.bytes().all(is_token) {
            return None;
        }
        let (value, behind) = match value.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => {
                let (token, behind) = value.split_at(value.find(';').unwrap_or(value.len()));
                (token.trim_end().to_owned(), behind)
            }
        };
        parameters.push((name.to_ascii_lowercase(), value));
        rest = behind;
    }
}

/// The text of a quoted string whose first quote is read, and what follows it. A backslash escapes quotes and backslashes
/// alone: browsers write Windows paths without escaping them.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => match chars.next_if(|(_, next)| matches!(next, '"' | '\\')) {
                Some((_, escaped)) => value.push(escaped),
                None => value.push('\\'),
            },
            c => value.push(c),
        }
    }
    None
}

/// The only value of a parameter; an error if there are two, of which readers could take either.
fn one(parameters: &[(String, String)], name: &str) -> Result<Option<String>, ()> {
    let mut values = parameters.iter().filter(|(n, _)| n == name).map(|(_, value)| value.clone());
    let value = values.next();
    if values.next().is_some() { Err(()) } else { Ok(value) }
}

/// RFC 5987: `UTF-8'en'%e2%82%ac`.
fn extended_value(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_, encoded) = rest.split_once('\'')?;
    let bytes: Vec<u8> = percent_encoding::percent_decode_str(encoded).collect();
    Some(super::sniff::Charset::of_label(charset)?.decode(&bytes)?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::samples::{fixture_lines, fixtures};
    use base64::Engine;
    use proptest::prelude::*;

    const FORM: &str = "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n--b \t\r\n\
        content-disposition: form-data; name=file; filename=\"a \\\"b\\\" c:\\d; é.txt\"; filename*=UTF-8''%e2%82%ac.txt\r\n\
        Content-Type: Text/Plain; charset=\"latin1\"\r\n\r\nline --b\r\n-- b\r\n\r\n\r\n--b\r\n\r\n\r\n--b--\r\n";

    fn text(range: &Range<usize>) -> &'static str {
        &FORM[range.clone()]
    }

    #[test]
    fn parts_are_cut_at_delimiter_lines() {
        let multipart = parse(FORM.as_bytes(), "b").expect("is valid");
        let [purpose, file, empty] = &multipart.parts[..] else { panic!("three parts") };
        assert_eq!((purpose.name.as_deref(), text(&purpose.span)), (Some("purpose"), "fine-tune"));
        assert_eq!(text(&purpose.header_span), "Content-Disposition: form-data; name=\"purpose\"");
        assert_eq!(file.name.as_deref(), Some("file"));
        assert_eq!(file.filename.as_deref(), Some("€.txt"));
        assert_eq!(file.content_type.as_deref(), Some("text/plain"));
        assert_eq!(file.charset.as_deref(), Some("latin1"));
        assert_eq!(text(&file.span), "line --b\r\n-- b\r\n\r\n");
        assert_eq!((empty.name.as_deref(), text(&empty.span), text(&empty.header_span)), (None, "", ""));
        assert_eq!((text(&multipart.preamble), text(&multipart.epilogue)), ("", ""));
    }

    #[test]
    fn file_names_are_read_in_their_spellings() {
        let name = |disposition: &str| {
            let body = format!("--b\r\nContent-Disposition: form-data; {disposition}\r\n\r\nx\r\n--b--");
            parse(body.as_bytes(), "b").map(|m| m.parts[0].filename.clone())
        };
        assert_eq!(name(r#"filename="a \"b\" c:\d; é.txt""#), Ok(Some(r#"a "b" c:\d; é.txt"#.into())));
        assert_eq!(name("filename=a.txt ; name=x"), Ok(Some("a.txt".into())));
        assert_eq!(name("filename*=ISO-8859-1'en'%e9"), Ok(Some("é".into())));
        assert!(name("filename=a; filename=b").is_err());
        assert!(name("filename*=nonsense''%e9").is_err());
        assert!(name("filename=\"a").is_err());
    }

    #[test]
    fn boundaries_are_taken_from_the_content_type() {
        assert_eq!(boundary("Multipart/Form-Data; Boundary=\"a b\"").as_deref(), Some("a b"));
        assert_eq!(boundary("multipart/form-data; charset=utf-8; boundary=x-1").as_deref(), Some("x-1"));
        let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
        for refused in [
            "multipart/form-data",
            "application/json; boundary=x",
            "multipart/form-data; boundary=a; boundary=b",
            "multipart/form-data; boundary=\"a\"b\"",
            "multipart/form-data; boundary=",
            &long,
        ] {
            assert_eq!(boundary(refused), None, "{refused}");
        }
    }

    #[test]
    fn what_readers_could_see_differently_is_malformed() {
        for (body, message) in [
            ("", "the closing delimiter is missing"),
            ("--b\r\n\r\nx", "the closing delimiter is missing"),
            ("--b\r\n\r\nx\n--b--", "a delimiter must follow a whole line break"),
            ("--b\n\nx\n--b--", "a line break must follow a delimiter"),
            ("--b\r\n\r\nx\r\n--bc\r\n--b--", "a line break must follow a delimiter"),
            ("--b\r\n\r\nx\r\n--b--y", "a line break must follow a delimiter"),
            ("--b\r\nA: b", "the headers of a part have no end"),
            ("--b\r\nA\r\n\r\nx\r\n--b--", "a header of a part has no colon"),
            ("--b\r\nA: b\r\n c: d\r\n\r\nx\r\n--b--", "a part has a header that is not valid"),
            ("--b\r\nA: b\nC: d\r\n\r\nx\r\n--b--", "a part has a header that is not valid"),
            ("--b\r\nContent-Type: a\r\nContent-Type: b\r\n\r\nx\r\n--b--", "a part has a header twice"),
        ] {
            assert_eq!(parse(body.as_bytes(), "b").map_err(|e| e.message), Err(message), "{body:?}");
        }
    }

    #[test]
    fn preamble_and_epilogue_are_accounted_for() {
        let body = b"hidden\r\n--b\r\n\r\nx\r\n--b--\r\nmore";
        let multipart = parse(body, "b").expect("is valid");
        assert_eq!(&body[multipart.preamble], b"hidden");
        assert_eq!(&body[multipart.epilogue], b"more");
        let bare = parse(b"--b\r\nA: b\r\n\r\n--b--", "b").expect("the content may be left out");
        assert!(bare.parts[0].span.is_empty());
    }

    #[test]
    fn p7_parts_and_headers_are_capped() {
        let many = format!("{}--b--", "--b\r\n\r\n\r\n".repeat(1001));
        assert!(parse(many.as_bytes(), "b").is_err_and(|e| e.too_large));
        let long = format!("--b\r\nA: {}\r\n\r\n\r\n--b--", "x".repeat(1 << 20));
        assert!(parse(long.as_bytes(), "b").is_err_and(|e| e.too_large));
    }

    #[test]
    fn recorded_uploads_are_read() {
        let Some(folder) = fixtures("cassettes") else { return };
        let mut uploads = 0;
        for line in fixture_lines(&folder) {
            let line: serde_json::Value = serde_json::from_str(&line).expect("fixture lines are JSON");
            let Some(boundary) = line["req_ct"].as_str().and_then(boundary) else { continue };
            let body = match (line["req"].as_str(), line["req_b64"].as_str()) {
                (Some(text), _) => text.as_bytes().to_vec(),
                (None, Some(base64)) => {
                    base64::engine::general_purpose::STANDARD.decode(base64).expect("fixtures are base64")
                }
                (None, None) => continue,
            };
            let multipart = parse(&body, &boundary).expect("recorded bodies are valid");
            assert!(multipart.preamble.is_empty() && !multipart.parts.is_empty());
            uploads += 1;
        }
        assert!(uploads > 0);
    }

    proptest! {
        #[test]
        fn pieces_cover_the_body_or_it_is_refused(pieces in proptest::collection::vec(prop_oneof![
            Just("--b"), Just("--"), Just("\r\n"), Just("\r\n--b\r\n"), Just("\r\n\r\n"), Just("A: b"), Just("x"), Just("\n"),
        ], 0..20)) {
            let body = format!("{}\r\n--b--", pieces.concat());
            if let Ok(multipart) = parse(body.as_bytes(), "b") {
                let mut at = multipart.preamble.end;
                for part in &multipart.parts {
                    prop_assert!(at <= part.header_span.start && part.header_span.end <= part.span.start);
                    at = part.span.end;
                }
                prop_assert!(at <= multipart.epilogue.start && multipart.epilogue.end == body.len());
                // No content holds a delimiter line that a reader could see.
                for part in &multipart.parts {
                    let content = ["\n", &body[part.span.clone()]].concat();
                    prop_assert!(!content.contains("\n--b"));
                }
            }
        }
    }
}

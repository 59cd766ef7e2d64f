//! Multipart: parts, delimiters and the rest cover the body without gaps or overlaps (P3), and no delimiter is left inside.

use super::Choices;
use portcullis::decode::multipart::{boundary, parse};

pub fn run(input: &[u8]) {
    let (mut choices, body) = Choices::take(input);
    let line = body.split(|b| *b == b'\n').next().unwrap_or_default();
    if let Some(found) = std::str::from_utf8(line).ok().and_then(boundary) {
        assert!((1..=70).contains(&found.len()));
        let _ = parse(body, &found);
    }
    let boundary = ["b", "--", "x y"][choices.below(3)];
    let multipart = match parse(body, boundary) {
        Ok(multipart) => multipart,
        Err(error) => {
            assert!(error.offset <= body.len(), "{error}");
            return;
        }
    };
    assert_eq!(multipart.preamble.start, 0);
    assert_eq!(multipart.epilogue.end, body.len());
    let delimiter = format!("--{boundary}");
    let is_delimiter = |bytes: &[u8]| {
        let bytes = bytes.strip_prefix(b"\r\n").unwrap_or(bytes);
        let rest = bytes.strip_prefix(delimiter.as_bytes()).expect("only delimiters lie between");
        rest.iter().all(|b| b"- \t\r\n".contains(b))
    };
    let mut at = multipart.preamble.end;
    for part in &multipart.parts {
        assert!(at <= part.header_span.start && part.header_span.end <= part.span.start);
        assert!(is_delimiter(&body[at..part.header_span.start]));
        let between = &body[part.header_span.end..part.span.start];
        assert!(between == b"\r\n" || between == b"\r\n\r\n", "the blank line after the headers");
        let content = &body[part.span.clone()];
        let inside = format!("\r\n{delimiter}");
        assert!(!content.windows(inside.len()).any(|window| window == inside.as_bytes()), "a delimiter inside a part");
        at = part.span.end;
    }
    assert!(is_delimiter(&body[at..multipart.epilogue.start]));
}

pub fn seeds() -> Vec<Vec<u8>> {
    [
        "0000--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\ntext\r\n--b--\r\n",
        "0003--b\r\n\r\n\r\n--b\r\ncontent-disposition: form-data; name=x; filename*=UTF-8''%e2%82%ac\r\n\r\n--b--",
        "0005multipart/form-data; boundary=\"b\"\r\n--b \t\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\r\n--b--tail",
    ]
    .map(|seed| seed.as_bytes().to_vec())
    .to_vec()
}

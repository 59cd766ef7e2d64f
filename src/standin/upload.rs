//! A multipart upload, read just far enough to describe it.
//!
//! Deliberately apart from the gateway's own multipart decoder: the stand-in is what tests compare the gateway with.

use http::{HeaderMap, header};
use memchr::memmem;

/// The `file` part of an upload.
#[derive(Debug, PartialEq)]
pub(super) struct File<'a> {
    pub(super) name: String,
    pub(super) mime: String,
    pub(super) purpose: String,
    pub(super) data: &'a [u8],
}

/// Finds the `file` part and the `purpose` of a multipart form.
pub(super) fn file<'a>(headers: &HeaderMap, body: &'a [u8]) -> Result<File<'a>, &'static str> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = content_type
        .starts_with("multipart/form-data")
        .then(|| parameter(content_type, "boundary"))
        .flatten()
        .ok_or("an upload is `multipart/form-data` with a boundary")?;
    let delimiter = format!("\r\n--{boundary}");
    let mut purpose = String::new();
    let mut found = None;
    // The first delimiter has no line end before it, so the rest is searched from a place where one is not needed.
    let mut rest = body.strip_prefix(&delimiter.as_bytes()[2..]).ok_or("the body does not begin with the boundary")?;
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let head_end = memmem::find(part, b"\r\n\r\n").ok_or("a part has no end of its headers")?;
        let data_end = memmem::find(part, delimiter.as_bytes()).ok_or("the closing boundary is missing")?;
        let data = part.get(head_end + 4..data_end).ok_or("a part has no end of its headers")?;
        let head = String::from_utf8_lossy(&part[..head_end]);
        match field(&head, "content-disposition").and_then(|line| parameter(line, "name")) {
            Some("purpose") => purpose = String::from_utf8_lossy(data).into_owned(),
            Some("file") => found = Some((head.into_owned(), data)),
            _ => {}
        }
        rest = &part[data_end + delimiter.len()..];
    }
    let (head, data) = found.ok_or("the form has no part `file`")?;
    let disposition = field(&head, "content-disposition").unwrap_or_default();
    Ok(File {
        name: parameter(disposition, "filename").unwrap_or("upload").to_owned(),
        mime: field(&head, "content-type").unwrap_or("application/octet-stream").to_owned(),
        purpose,
        data,
    })
}

/// The value of a header line in a part's head.
fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The value of `name=…` or `name="…"` among the `;`-separated parameters of a header value.
fn parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    value.split(';').find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_file_part_of_a_form() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "multipart/form-data; boundary=xyz".parse().expect("a header value"));
        let body = b"--xyz\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nuser_data\r\n--xyz\r\n\
            Content-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\n\
            a,b\r\n1,2\r\n\r\n--xyz--\r\n";
        let file = file(&headers, body).expect("a well-formed form");
        assert_eq!((file.name.as_str(), file.mime.as_str(), file.purpose.as_str()), ("a.csv", "text/csv", "user_data"));
        assert_eq!(file.data, b"a,b\r\n1,2\r\n");
    }

    #[test]
    fn says_what_a_broken_form_lacks() {
        let mut headers = HeaderMap::new();
        assert!(file(&headers, b"").is_err());
        headers.insert(header::CONTENT_TYPE, "multipart/form-data; boundary=xyz".parse().expect("a header value"));
        assert_eq!(file(&headers, b"--xyz\r\n\r\n\r\nx"), Err("the closing boundary is missing"));
        assert_eq!(file(&headers, b"--xyz--\r\n"), Err("the form has no part `file`"));
    }
}

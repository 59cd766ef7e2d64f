//! Checks the framing of one HTTP/1 request head on its raw bytes (RFC 9112 §2.2, §3.2, §5, §6).
//!
//! Only what decides where messages begin and end, and who they are for, is looked at; the parser behind checks the rest.

use crate::proxy::failure::{BadFraming, Failure};
use memchr::{memchr, memchr_iter};

/// Header lines a head may have. The parser behind has the same cap.
pub(super) const MAX_HEADERS: usize = 100;

/// How far a message's body reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyFraming {
    /// This many bytes; 0 without a body.
    Length(u64),
    Chunked,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// The head does not end in these bytes, and nothing is wrong so far.
    Partial,
    /// The head is these first `len` bytes.
    Complete {
        len: usize,
        body: BodyFraming,
    },
    Bad(Failure),
}

/// Scans the head at the start of `bytes`.
pub(super) fn scan(bytes: &[u8]) -> Scan {
    match try_scan(bytes) {
        Ok(scan) => scan,
        Err(bad) => Scan::Bad(Failure::BadFraming(bad)),
    }
}

fn try_scan(bytes: &[u8]) -> Result<Scan, BadFraming> {
    let mut start = 0;
    let mut request_line: Option<RequestLine<'_>> = None;
    let mut fields = Fields::default();
    let mut lines = 0;
    for lf in memchr_iter(b'\n', bytes) {
        let Some(line) = bytes[start..lf].strip_suffix(b"\r") else { return Err(BadFraming::BareLf) };
        start = lf + 1;
        if memchr(b'\r', line).is_some() {
            return Err(BadFraming::BareCr);
        }
        let Some(request) = &request_line else {
            if line.is_empty() {
                // RFC 9112 §2.2: ignore at least one empty line before the request line.
                lines += 1;
                if lines > 2 {
                    return Err(BadFraming::RequestLine);
                }
                continue;
            }
            request_line = Some(RequestLine::parse(line)?);
            continue;
        };
        if line.is_empty() {
            let body = fields.framing(request)?;
            return Ok(Scan::Complete { len: start, body });
        }
        lines += 1;
        if lines > MAX_HEADERS {
            return Ok(Scan::Bad(Failure::HeadTooLarge));
        }
        fields.line(line)?;
    }
    Ok(Scan::Partial)
}

struct RequestLine<'a> {
    target: &'a [u8],
    connect: bool,
    minor: u8,
}

impl<'a> RequestLine<'a> {
    fn parse(line: &'a [u8]) -> Result<Self, BadFraming> {
        let bad = BadFraming::RequestLine;
        let after_method = memchr(b' ', line).ok_or(bad)?;
        let (method, rest) = (&line[..after_method], &line[after_method + 1..]);
        let after_target = memchr(b' ', rest).ok_or(bad)?;
        let (target, version) = (&rest[..after_target], &rest[after_target + 1..]);
        let minor = match version {
            b"HTTP/1.1" => 1,
            b"HTTP/1.0" => 0,
            _ => return Err(bad),
        };
        if method.is_empty() || target.is_empty() {
            return Err(bad);
        }
        Ok(Self { target, connect: method == b"CONNECT", minor })
    }

    /// The authority of an absolute-form target (`http://host:port/…`).
    fn authority(&self) -> Option<&'a [u8]> {
        if self.connect || self.target[0] == b'/' {
            return None;
        }
        let scheme = memchr::memmem::find(self.target, b"://")?;
        let rest = &self.target[scheme + 3..];
        let end = rest.iter().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(rest.len());
        Some(&rest[..end])
    }
}

#[derive(Default)]
struct Fields<'a> {
    length: Option<u64>,
    chunked: bool,
    host: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    fn line(&mut self, line: &'a [u8]) -> Result<(), BadFraming> {
        if matches!(line[0], b' ' | b'\t') {
            return Err(BadFraming::FoldedHeader);
        }
        let colon = memchr(b':', line).ok_or(BadFraming::HeaderName)?;
        let name = &line[..colon];
        if name.is_empty() || matches!(name[colon - 1], b' ' | b'\t') {
            return Err(BadFraming::HeaderName);
        }
        let value = || line[colon + 1..].trim_ascii();
        // Lengths first: they are cheap to tell apart, and few headers share them.
        let wrong = match colon {
            4 if name.eq_ignore_ascii_case(b"host") => {
                self.host.replace(value()).is_some().then_some(BadFraming::HostCount)
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                let length = decimal(value()).ok_or(BadFraming::InvalidLength)?;
                self.length.replace(length).is_some().then_some(BadFraming::RepeatedLength)
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                let again = std::mem::replace(&mut self.chunked, true);
                (again || !value().eq_ignore_ascii_case(b"chunked")).then_some(BadFraming::TransferEncoding)
            }
            _ => None,
        };
        wrong.map_or(Ok(()), Err)
    }

    fn framing(&self, request: &RequestLine<'_>) -> Result<BodyFraming, BadFraming> {
        match self.host {
            None if request.minor == 1 => return Err(BadFraming::HostCount),
            // An origin-form target with an empty host would be routed by whatever the next hop assumes.
            Some(host) if !host_with_port(host) => return Err(BadFraming::HostValue),
            _ => {}
        }
        if let Some(authority) = request.authority()
            && self.host.is_none_or(|host| !same_authority(authority, host))
        {
            return Err(BadFraming::TargetUnlikeHost);
        }
        match (self.chunked, self.length) {
            (true, Some(_)) => Err(BadFraming::LengthAndTransferEncoding),
            (true, None) if request.minor == 0 => Err(BadFraming::TransferEncoding),
            (true, None) => Ok(BodyFraming::Chunked),
            (false, length) => Ok(BodyFraming::Length(length.unwrap_or(0))),
        }
    }
}

/// Digits only: no sign, no list, no space; fits 64 bits.
fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// `host`, `host:port` or `[v6]:port`, with nothing that another reader could take for user info, a path or a list.
fn host_with_port(host: &[u8]) -> bool {
    !host.is_empty()
        && host
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']' | b'%' | b'~'))
}

fn same_authority(one: &[u8], other: &[u8]) -> bool {
    fn without_default_port(authority: &[u8]) -> &[u8] {
        authority.strip_suffix(b":80").or(authority.strip_suffix(b":443")).unwrap_or(authority)
    }
    one.eq_ignore_ascii_case(other) || without_default_port(one).eq_ignore_ascii_case(without_default_port(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bad(head: &str) -> BadFraming {
        match scan(head.as_bytes()) {
            Scan::Bad(Failure::BadFraming(bad)) => bad,
            other => panic!("{head:?} gave {other:?}"),
        }
    }

    #[test]
    fn accepts_plain_heads_and_finds_their_ends() {
        for (head, body) in [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", BodyFraming::Length(0)),
            ("\r\nGET / HTTP/1.1\r\nhost: a:80\r\n\r\n", BodyFraming::Length(0)),
            ("POST /v1 HTTP/1.1\r\nHost: [::1]:8080\r\nContent-Length:  12 \r\n\r\n", BodyFraming::Length(12)),
            ("POST /v1 HTTP/1.1\r\nHOST: a\r\ntransfer-encoding: Chunked\r\n\r\n", BodyFraming::Chunked),
            ("GET http://A.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n", BodyFraming::Length(0)),
            ("GET http://a.example:80 HTTP/1.1\r\nHost: a.example\r\n\r\n", BodyFraming::Length(0)),
            ("GET /?u=http://b/ HTTP/1.1\r\nHost: a\r\nx-empty:\r\n\r\n", BodyFraming::Length(0)),
            ("GET / HTTP/1.0\r\n\r\n", BodyFraming::Length(0)),
        ] {
            let with_rest = format!("{head}rest\n");
            assert_eq!(scan(with_rest.as_bytes()), Scan::Complete { len: head.len(), body }, "{head:?}");
            for cut in 0..head.len() {
                assert_eq!(scan(&head.as_bytes()[..cut]), Scan::Partial, "{head:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn refuses_shapes_that_two_servers_read_in_two_ways() {
        use BadFraming::*;
        for (lines, expected) in [
            ("Host: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n", LengthAndTransferEncoding),
            ("Host: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n", RepeatedLength),
            ("Host: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n", RepeatedLength),
            ("Host: a\r\nContent-Length: 3, 3\r\n", InvalidLength),
            ("Host: a\r\nContent-Length: +3\r\n", InvalidLength),
            ("Host: a\r\nContent-Length: 0x3\r\n", InvalidLength),
            ("Host: a\r\nContent-Length:\r\n", InvalidLength),
            ("Host: a\r\nContent-Length: 99999999999999999999999\r\n", InvalidLength),
            ("Host: a\r\nTransfer-Encoding: xchunked\r\n", TransferEncoding),
            ("Host: a\r\nTransfer-Encoding: gzip, chunked\r\n", TransferEncoding),
            ("Host: a\r\nTransfer-Encoding: identity\r\n", TransferEncoding),
            ("Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", TransferEncoding),
            ("Host: a\nX: b\r\n", BareLf),
            ("Host: a\r\nX: b\rY: c\r\n", BareCr),
            ("Host: a\r\nX: b\r\n folded\r\n", FoldedHeader),
            ("Host: a\r\n\tContent-Length: 3\r\n", FoldedHeader),
            ("Host: a\r\nContent-Length : 3\r\n", HeaderName),
            ("Host: a\r\nno colon\r\n", HeaderName),
            ("Host: a\r\n: empty\r\n", HeaderName),
            ("Host: a\r\nHost: b\r\n", HostCount),
            ("Host: a\r\nhOST: a\r\n", HostCount),
            ("X: y\r\n", HostCount),
            ("Host:\r\n", HostValue),
            ("Host: a, b\r\n", HostValue),
            ("Host: user@a\r\n", HostValue),
            ("Host: a/b\r\n", HostValue),
        ] {
            assert_eq!(bad(&format!("POST / HTTP/1.1\r\n{lines}\r\n")), expected, "{lines:?}");
        }
        assert_eq!(bad("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"), TargetUnlikeHost);
        assert_eq!(bad("GET http://a@b/ HTTP/1.1\r\nHost: b\r\n\r\n"), TargetUnlikeHost);
        assert_eq!(bad("GET http://b/ HTTP/1.0\r\n\r\n"), TargetUnlikeHost);
        assert_eq!(bad("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), TransferEncoding);
        for line in ["GET /", "GET / HTTP/2.0", "GET  / HTTP/1.1", "GET / a HTTP/1.1", " / HTTP/1.1"] {
            assert_eq!(bad(&format!("{line}\r\nHost: a\r\n\r\n")), RequestLine, "{line:?}");
        }
        assert_eq!(bad("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), RequestLine);
    }

    #[test]
    fn caps_the_number_of_headers() {
        let head = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "x: y\r\n".repeat(MAX_HEADERS));
        assert_eq!(scan(head.as_bytes()), Scan::Bad(Failure::HeadTooLarge));
    }

    proptest! {
        #[test]
        fn never_panics_and_never_ends_a_head_early(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Scan::Complete { len, .. } = scan(&bytes) {
                prop_assert!(bytes[..len].ends_with(b"\r\n\r\n"));
            }
        }
    }
}

//! WebSockets (RFC 6455), over HTTP/1.1 on both sides.
//!
//! The gateway is a server to the client and a client to the upstream, with a handshake and a key of its own on each side; no
//! extension is agreed on either, so that messages are what is on the wire. [`session`] carries them.

pub(super) mod session;

use super::failure::Failure;
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Version, response};

const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");
/// What is hashed with a key to show that it was read as one (RFC 6455 §1.3).
const PROOF: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// Bytes of a key (RFC 6455 §4.1).
const KEY_BYTES: usize = 16;

/// The elements of a comma-separated header, over all its lines.
fn elements(headers: &HeaderMap, name: HeaderName) -> Vec<&[u8]> {
    let lines = headers.get_all(name).into_iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    lines.map(<[u8]>::trim_ascii).filter(|element| !element.is_empty()).collect()
}

fn is(elements: &[&[u8]], wanted: &[u8]) -> bool {
    matches!(elements, [only] if only.eq_ignore_ascii_case(wanted))
}

/// The request asks for a WebSocket and nothing else.
pub(super) fn asked<B>(request: &Request<B>) -> bool {
    let connection = elements(request.headers(), CONNECTION);
    request.version() == Version::HTTP_11
        && request.method() == Method::GET
        && is(&elements(request.headers(), UPGRADE), b"websocket")
        && connection.iter().any(|option| option.eq_ignore_ascii_case(b"upgrade"))
}

/// The client's side of the handshake.
#[derive(Debug)]
pub(super) struct Handshake {
    /// What the client's key is answered with.
    accept: HeaderValue,
}

impl Handshake {
    /// Takes the client's handshake out of its request.
    pub(super) fn take(headers: &mut HeaderMap) -> Result<Self, Failure> {
        let version = elements(headers, SEC_WEBSOCKET_VERSION);
        let key = match elements(headers, SEC_WEBSOCKET_KEY).as_slice() {
            [key] if is(&version, b"13") => Some(*key),
            _ => None,
        };
        let key = key.filter(|key| BASE64_STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == KEY_BYTES));
        let accept = proof(key.ok_or(Failure::BadHandshake)?);
        for name in [SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, SEC_WEBSOCKET_EXTENSIONS] {
            headers.remove(name);
        }
        Ok(Self { accept })
    }

    /// The head of the answer that turns the client's connection into a WebSocket; `headers` are those of the upstream's.
    pub(super) fn answer(&self, headers: HeaderMap) -> response::Parts {
        let (mut head, ()) = http::Response::new(()).into_parts();
        head.status = StatusCode::SWITCHING_PROTOCOLS;
        head.headers = headers;
        head.headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        head.headers.insert(UPGRADE, WEBSOCKET);
        head.headers.insert(SEC_WEBSOCKET_ACCEPT, self.accept.clone());
        head
    }
}

/// The gateway's own handshake with the upstream.
#[derive(Debug)]
pub(super) struct Offer {
    accept: HeaderValue,
    /// The client's subprotocols, of which the upstream may choose one.
    protocols: Vec<Vec<u8>>,
}

impl Offer {
    /// Puts a handshake into a request.
    pub(super) fn put(headers: &mut HeaderMap) -> Self {
        let mut key = [0; KEY_BYTES];
        aws_lc_rs::rand::fill(&mut key).expect("the system gives random bytes");
        let key = BASE64_STANDARD.encode(key);
        let protocols = elements(headers, SEC_WEBSOCKET_PROTOCOL).into_iter().map(<[u8]>::to_vec).collect();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, WEBSOCKET);
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        headers.insert(SEC_WEBSOCKET_KEY, HeaderValue::try_from(&key).expect("base64 is a header value"));
        Self { accept: proof(key.as_bytes()), protocols }
    }

    /// Whether the upstream has answered what was offered.
    pub(super) fn is_taken(&self, headers: &HeaderMap) -> bool {
        let protocol = match elements(headers, SEC_WEBSOCKET_PROTOCOL).as_slice() {
            [] => true,
            [one] => self.protocols.iter().any(|offered| offered == one),
            _ => false,
        };
        let connection = elements(headers, CONNECTION);
        protocol
            && is(&elements(headers, UPGRADE), b"websocket")
            && connection.iter().any(|option| option.eq_ignore_ascii_case(b"upgrade"))
            && headers.get(SEC_WEBSOCKET_ACCEPT) == Some(&self.accept)
            && elements(headers, SEC_WEBSOCKET_EXTENSIONS).is_empty()
    }
}

/// What shows that a key was read (RFC 6455 §4.2.2).
fn proof(key: &[u8]) -> HeaderValue {
    let mut hash = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    hash.update(key);
    hash.update(PROOF);
    let proof = BASE64_STANDARD.encode(hash.finish());
    HeaderValue::try_from(proof).expect("base64 is a header value")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(lines: &[(&str, &str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn the_key_of_the_standard_has_the_proof_of_the_standard() {
        assert_eq!(proof(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn handshakes_of_another_version_or_without_a_key_are_refused() {
        const KEY: (&str, &str) = ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        const VERSION: (&str, &str) = ("sec-websocket-version", "13");
        for lines in [
            &[VERSION][..],
            &[KEY],
            &[KEY, ("sec-websocket-version", "8")],
            &[KEY, KEY, VERSION],
            &[("sec-websocket-key", "c2hvcnQ="), VERSION],
            &[("sec-websocket-key", "not base64 of 16 bytes!!"), VERSION],
        ] {
            assert_eq!(Handshake::take(&mut map(lines)).unwrap_err(), Failure::BadHandshake, "{lines:?}");
        }
        let mut headers = map(&[KEY, VERSION, ("sec-websocket-extensions", "permessage-deflate"), ("x-kept", "1")]);
        Handshake::take(&mut headers).unwrap();
        assert_eq!(headers, map(&[("x-kept", "1")]));
    }

    #[test]
    fn an_upstream_has_to_answer_what_was_offered() {
        let mut offered = map(&[("sec-websocket-protocol", "realtime, other")]);
        let offer = Offer::put(&mut offered);
        let accept = offer.accept.to_str().unwrap().to_owned();
        let good = [("connection", "Upgrade"), ("upgrade", "WebSocket"), ("sec-websocket-accept", accept.as_str())];
        let with = |more: &[(&str, &str)]| map(&[&good[..], more].concat());
        assert!(offer.is_taken(&with(&[])));
        assert!(offer.is_taken(&with(&[("sec-websocket-protocol", "realtime")])));
        for more in [("sec-websocket-protocol", "unasked"), ("sec-websocket-extensions", "permessage-deflate")] {
            assert!(!offer.is_taken(&with(&[more])), "{more:?}");
        }
        for missing in 0..good.len() {
            let mut lines = good.to_vec();
            lines.remove(missing);
            assert!(!offer.is_taken(&map(&lines)));
        }
    }
}

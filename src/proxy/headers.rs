//! Header hygiene: what belongs to one connection does not cross the gateway, and what the gateway says of itself or of the
//! client cannot be forged from either side.

use http::header::{CONNECTION, HOST, TE};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::net::IpAddr;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Headers of one connection (RFC 9110 §7.6.1), and the framing and proxy credentials that end here.
fn hop_by_hop(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "keep-alive"
            | "proxy-connection"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "te"
            | "transfer-encoding"
            | "upgrade"
            | "http2-settings"
    )
}

/// Headers that tell who the client is or which way the request came; model providers need neither. `baggage` may carry
/// personal data, `expect` was answered here.
fn private(name: &str) -> bool {
    matches!(
        name,
        "forwarded"
            | "via"
            | "x-forwarded-for"
            | "x-forwarded-host"
            | "x-forwarded-port"
            | "x-forwarded-proto"
            | "x-forwarded-server"
            | "x-real-ip"
            | "x-client-ip"
            | "x-cluster-client-ip"
            | "true-client-ip"
            | "cf-connecting-ip"
            | "baggage"
            | "expect"
    )
}

/// Removes every header `unwanted` names, and those the `connection` header names.
fn strip(headers: &mut HeaderMap, unwanted: fn(&str) -> bool) {
    let mut doomed: Vec<HeaderName> = Vec::new();
    for value in headers.get_all(CONNECTION) {
        for name in value.as_bytes().split(|byte| *byte == b',') {
            if let Ok(name) = HeaderName::from_bytes(name.trim_ascii()) {
                // `close` and `keep-alive` are options, not headers; removing a header of that name does no harm.
                doomed.push(name);
            }
        }
    }
    for name in headers.keys() {
        if hop_by_hop(name.as_str()) || unwanted(name.as_str()) || name.as_str().starts_with("x-portcullis-") {
            doomed.push(name.clone());
        }
    }
    for name in &doomed {
        headers.remove(name);
    }
}

/// Prepares a client's headers for the upstream. `tell` is the client's address, when the upstream is to learn it.
pub(super) fn towards_upstream(headers: &mut HeaderMap, tell: Option<IpAddr>) {
    // gRPC and others need to know that trailers are welcome; all other uses of TE end here.
    let trailers = headers.get(TE).is_some_and(|te| te.as_bytes().eq_ignore_ascii_case(b"trailers"));
    let before = tell.and_then(|_| headers.get(FORWARDED_FOR).cloned());
    strip(headers, private);
    headers.remove(HOST);
    if trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    if let Some(address) = tell {
        let list = match before.as_ref().and_then(|before| before.to_str().ok()) {
            Some(before) => format!("{before}, {address}"),
            None => address.to_string(),
        };
        headers.insert(FORWARDED_FOR, HeaderValue::try_from(list).expect("an address list is a valid header value"));
    }
}

/// Prepares an upstream's headers for the client. `alt-svc` would lead clients around the gateway.
pub(super) fn towards_client(headers: &mut HeaderMap) {
    strip(headers, |name| name == "alt-svc");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(lines: &[(&str, &str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())).collect()
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn strips_what_belongs_to_one_connection() {
        let mut headers = map(&[
            ("host", "gateway"),
            ("connection", "close, X-Secret-Hop , keep-alive"),
            ("x-secret-hop", "1"),
            ("keep-alive", "5"),
            ("te", "gzip"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("http2-settings", "x"),
            ("proxy-authorization", "x"),
            ("x-forwarded-for", "10.0.0.1"),
            ("forwarded", "for=10.0.0.1"),
            ("via", "1.1 inner"),
            ("x-portcullis-justification", "because"),
            ("authorization", "Bearer x"),
            ("accept", "*/*"),
        ]);
        towards_upstream(&mut headers, None);
        assert_eq!(names(&headers), ["accept", "authorization"]);
    }

    #[test]
    fn tells_the_clients_address_only_when_asked_to() {
        let mut headers = map(&[("x-forwarded-for", "10.0.0.1")]);
        towards_upstream(&mut headers, Some("192.0.2.7".parse().unwrap()));
        assert_eq!(headers["x-forwarded-for"], "10.0.0.1, 192.0.2.7");
    }

    #[test]
    fn keeps_te_trailers() {
        let mut headers = map(&[("te", "trailers")]);
        towards_upstream(&mut headers, None);
        assert_eq!(headers["te"], "trailers");
    }

    #[test]
    fn an_upstream_cannot_speak_for_the_gateway() {
        let mut headers = map(&[
            ("x-portcullis-decision", "allow"),
            ("alt-svc", "h3=\":443\""),
            ("connection", "x-hop"),
            ("x-hop", "1"),
            ("date", "Mon, 01 Jan 2024 00:00:00 GMT"),
        ]);
        towards_client(&mut headers);
        assert_eq!(names(&headers), ["date"]);
    }
}

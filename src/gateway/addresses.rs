//! Addresses in the headers of answers. A client sends its next bytes there: they lead through the gateway, or nowhere.

use crate::config;
use crate::proxy::guard::RequestHead;
use crate::proxy::upstream::Upstream;
use http::header::{HeaderMap, HeaderName, HeaderValue, LOCATION};

/// Where redirects, long operations (Azure) and resumable uploads (Google) go on.
const ADDRESSES: [HeaderName; 4] = [
    LOCATION,
    HeaderName::from_static("operation-location"),
    HeaderName::from_static("x-goog-upload-url"),
    HeaderName::from_static("x-goog-upload-control-url"),
];

/// An address leads where the gateway does not see what is sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Elsewhere;

/// The base URL under which the caller reaches an upstream: `https://gateway.example/gemini`. `rest` is the target behind the
/// entrance; `None` if the caller names no host.
pub fn own_base(server: &config::Server, by_host: bool, head: &RequestHead<'_>, rest: &str) -> Option<String> {
    let prefix = head.target.strip_suffix(rest)?;
    let public = server.public_url.as_deref();
    // the host chose the upstream: another one would choose another
    if let Some(url) = public.filter(|_| !by_host) {
        return Some(format!("{url}{prefix}"));
    }
    let encrypted = public.map_or(server.tls.is_some(), |url| url.starts_with("https:"));
    let scheme = if encrypted { "https" } else { "http" };
    Some(format!("{scheme}://{}{prefix}", head.host?))
}

/// Turns the addresses of the upstream into addresses below `own`.
pub fn lead(headers: &mut HeaderMap, own: Option<&str>, upstream: &Upstream) -> Result<(), Elsewhere> {
    for name in &ADDRESSES {
        if !headers.contains_key(name) {
            continue;
        }
        let led: Result<Vec<HeaderValue>, Elsewhere> =
            headers.get_all(name).iter().map(|value| through(value, own, upstream)).collect();
        headers.remove(name);
        for value in led? {
            headers.append(name, value);
        }
    }
    Ok(())
}

fn through(value: &HeaderValue, own: Option<&str>, upstream: &Upstream) -> Result<HeaderValue, Elsewhere> {
    let address = value.to_str().map_err(|_| Elsewhere)?.trim();
    if is_relative(address) {
        return Ok(value.clone());
    }
    let rest = upstream.rest_of(address).ok_or(Elsewhere)?;
    HeaderValue::try_from(format!("{}{rest}", own.ok_or(Elsewhere)?)).map_err(|_| Elsewhere)
}

/// Relative to the path of the request (RFC 3986 §4.2), so that it stays below the entrance unless it climbs.
fn is_relative(address: &str) -> bool {
    let first = address.split(['/', '?', '#']).next().unwrap_or_default();
    !address.starts_with('/') && !address.contains(['\\']) && !first.contains(':') && !address.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::upstream::{Protocol, Trust};

    #[test]
    fn p3_addresses_lead_through_the_gateway_or_nowhere() {
        let trust = Trust::new(None).unwrap();
        let upstream = Upstream::new("u", "https://g.example", Protocol::Auto, &trust).unwrap();
        let own = Some("http://127.0.0.1:8080/gemini");
        for (name, address, led) in [
            ("x-goog-upload-url", "https://g.example/upload?id=1", Ok("http://127.0.0.1:8080/gemini/upload?id=1")),
            ("location", "/v1/x", Ok("http://127.0.0.1:8080/gemini/v1/x")),
            ("location", "x?a=b:c", Ok("x?a=b:c")),
            ("operation-location", "https://evil.example/x", Err(Elsewhere)),
            ("location", "//evil.example/x", Err(Elsewhere)),
            ("location", "../../x", Err(Elsewhere)),
            ("location", "https:evil.example", Err(Elsewhere)),
            ("content-location", "https://evil.example/x", Ok("https://evil.example/x")),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static(name), address.parse().unwrap());
            let told = lead(&mut headers, own, &upstream).map(|()| headers[name].to_str().unwrap().to_owned());
            assert_eq!(told, led.map(str::to_owned), "{name}: {address}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, "/x".parse().unwrap());
        assert_eq!(lead(&mut headers, None, &upstream), Err(Elsewhere));
    }
}

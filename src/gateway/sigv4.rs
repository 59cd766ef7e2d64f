//! AWS Signature Version 4: what requests to an upstream are signed with when the gateway presents its own credentials.
//!
//! Source: "Create a signed AWS API request" (AWS Identity and Access Management user guide).

use aws_lc_rs::{digest, hmac};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::uri::PathAndQuery;
use std::fmt::Write as _;
use std::time::SystemTime;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The name under which Bedrock's endpoints are signed for, whatever their host is called.
const SERVICE: &str = "bedrock";
/// What a caller's own signature consists of; none of it is true of the request that leaves.
const SIGNATURE: &[&str] = &["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// Signs requests to one upstream.
pub struct Signer {
    region: String,
    access_key_id: String,
    secret: String,
    token: Option<HeaderValue>,
}

/// What of a request is signed besides its headers.
pub struct Signed<'a> {
    pub method: &'a str,
    /// As in the `host` header.
    pub host: &'a str,
    pub target: &'a PathAndQuery,
    pub body: &'a [u8],
}

impl Signer {
    /// # Errors
    /// A message when a credential cannot stand in a header.
    pub fn new(region: &str, access_key_id: &str, secret: &str, token: Option<&str>) -> Result<Self, String> {
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        if !plain(access_key_id) || access_key_id.contains(['/', ',']) {
            return Err("the access key id of `aws` is not valid".into());
        }
        if !plain(secret) {
            return Err("the secret access key of `aws` is not valid".into());
        }
        let token = match token {
            Some(token) if !plain(token) => return Err("the session token of `aws` is not valid".into()),
            Some(token) => {
                let mut value =
                    HeaderValue::from_str(token).map_err(|_| "the session token of `aws` is not valid".to_owned())?;
                value.set_sensitive(true);
                Some(value)
            }
            None => None,
        };
        Ok(Self {
            region: region.to_owned(),
            access_key_id: access_key_id.to_owned(),
            secret: secret.to_owned(),
            token,
        })
    }

    /// Replaces the signature in `headers` with the gateway's own.
    pub fn sign(&self, request: &Signed<'_>, headers: &mut HeaderMap, now: SystemTime) {
        for name in SIGNATURE {
            headers.remove(*name);
        }
        let moment = moment(now);
        let Ok(date) = HeaderValue::from_str(&moment) else { return };
        headers.insert(DATE, date);
        if let Some(token) = &self.token {
            headers.insert(TOKEN, token.clone());
        }
        let (names, lines) = canonical_headers(request.host, headers);
        let mut canonical = format!(
            "{}\n{}\n{}\n",
            request.method,
            canonical_path(request.target.path()),
            canonical_query(request.target.query().unwrap_or_default())
        )
        .into_bytes();
        canonical.extend_from_slice(&lines);
        canonical.extend_from_slice(format!("\n{names}\n{}", sha256(request.body)).as_bytes());

        let day = moment.split('T').next().unwrap_or_default();
        let scope = format!("{day}/{}/{SERVICE}/aws4_request", self.region);
        let to_sign = format!("{ALGORITHM}\n{moment}\n{scope}\n{}", sha256(&canonical));
        let mut key = format!("AWS4{}", self.secret).into_bytes();
        for part in [day, &self.region, SERVICE, "aws4_request"] {
            key = mac(&key, part.as_bytes());
        }
        let signature = hex(&mac(&key, to_sign.as_bytes()));
        let id = &self.access_key_id;
        let value = format!("{ALGORITHM} Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}");
        if let Ok(mut value) = HeaderValue::from_str(&value) {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
    }
}

/// A moment as signatures write it, in UTC: `20150830T123600Z`.
fn moment(now: SystemTime) -> String {
    humantime::format_rfc3339_seconds(now).to_string().replace(['-', ':'], "")
}

/// The names of the signed headers, and a line for each: the host, the content type, and AWS's own.
fn canonical_headers(host: &str, headers: &HeaderMap) -> (String, Vec<u8>) {
    let mut names: Vec<&str> = (headers.keys().map(HeaderName::as_str))
        .filter(|name| *name == CONTENT_TYPE.as_str() || name.starts_with("x-amz"))
        .chain(["host"])
        .collect();
    names.sort_unstable();
    let mut lines = Vec::new();
    for name in &names {
        lines.extend_from_slice(name.as_bytes());
        lines.push(b':');
        if *name == "host" {
            lines.extend_from_slice(host.as_bytes());
        }
        for (index, value) in headers.get_all(*name).iter().filter(|_| *name != "host").enumerate() {
            if index > 0 {
                lines.push(b',');
            }
            let words = value.as_bytes().split(|b| *b == b' ').filter(|word| !word.is_empty());
            lines.extend_from_slice(&words.collect::<Vec<_>>().join(&b' '));
        }
        lines.push(b'\n');
    }
    (names.join(";"), lines)
}

/// The path without `.`, `..` and empty segments, percent-encoded once more than it is sent.
fn canonical_path(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    let mut canonical = String::with_capacity(path.len());
    for segment in &segments {
        canonical.push('/');
        for byte in segment.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => canonical.push(byte.into()),
                _ => _ = write!(canonical, "%{byte:02X}"),
            }
        }
    }
    if canonical.is_empty() || path.ends_with('/') {
        canonical.push('/');
    }
    canonical
}

/// The parameters in the order of their names, then their values; as encoded as they are sent.
fn canonical_query(query: &str) -> String {
    let mut parameters: Vec<(&str, &str)> = (query.split('&').filter(|parameter| !parameter.is_empty()))
        .map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
        .collect();
    parameters.sort_unstable();
    parameters.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref().to_vec()
}

fn sha256(text: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, text).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const HOST: &str = "bedrock-runtime.eu-central-1.amazonaws.com";
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    /// The header `authorization` of a request signed at 2015-08-30T12:36:00Z.
    fn signed(
        token: Option<&str>,
        method: &str,
        target: &str,
        lines: &[(&'static str, &str)],
        body: &[u8],
    ) -> HeaderMap {
        let signer = Signer::new("eu-central-1", "AKIDEXAMPLE", SECRET, token).unwrap();
        let mut headers: HeaderMap =
            lines.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect();
        let target = target.parse().unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
        signer.sign(&Signed { method, host: HOST, target: &target, body }, &mut headers, now);
        headers
    }

    fn authorization(names: &str, signature: &str) -> String {
        let scope = "AKIDEXAMPLE/20150830/eu-central-1/bedrock/aws4_request";
        format!("{ALGORITHM} Credential={scope}, SignedHeaders={names}, Signature={signature}")
    }

    // the signatures are those of botocore 1.44

    #[test]
    fn signs_as_the_official_sdk_does() {
        let target = "/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse";
        let headers = signed(None, "POST", target, &[("content-type", "application/json")], br#"{"messages":[]}"#);
        let signature = "bc4e82a71a92e773d0528183a1663ce904daab57736950096c565d45183f3265";
        assert_eq!(headers["authorization"], authorization("content-type;host;x-amz-date", signature));
        assert_eq!(headers["x-amz-date"], "20150830T123600Z");

        let headers = signed(None, "GET", "/async-invoke?statusEquals=Completed&maxResults=5", &[], b"");
        let signature = "b2a68d781492c329c878b4b3e948b0d8230b00c6a1f0deef7b64e6803e89da69";
        assert_eq!(headers["authorization"], authorization("host;x-amz-date", signature));
    }

    #[test]
    fn signs_profiles_with_slashes_tokens_and_headers_with_spaces() {
        let target = "/model/arn%3Aaws%3Abedrock%3Aeu-central-1%3A123456789012%3Ainference-profile%2Feu.x/invoke";
        let lines = [("content-type", "application/json"), ("x-amzn-bedrock-accept", "a   b")];
        let headers = signed(Some("TOKEN/abc+=="), "POST", target, &lines, b"{}");
        let names = "content-type;host;x-amz-date;x-amz-security-token;x-amzn-bedrock-accept";
        let signature = "0a5928d120af075d4ddef526df6d522da01a3ce39a5cd27a6b9f8b4ebd81fc93";
        assert_eq!(headers["authorization"], authorization(names, signature));
        assert_eq!(headers["x-amz-security-token"], "TOKEN/abc+==");
    }

    #[test]
    fn nothing_of_the_callers_signature_is_left() {
        let own = signed(None, "POST", "/model/m/converse", &[], b"{}");
        let stale = [
            ("authorization", "AWS4-HMAC-SHA256 Credential=other"),
            ("x-amz-date", "20000101T000000Z"),
            ("x-amz-security-token", "other"),
            ("x-amz-content-sha256", "other"),
        ];
        assert_eq!(signed(None, "POST", "/model/m/converse", &stale, b"{}"), own);
    }

    #[test]
    fn p4_credentials_that_cannot_be_sent_are_told_without_their_value() {
        for (id, secret, token) in [("a b", "s", None), ("", "s", None), ("a", "s\n", None), ("a", "s", Some("t t"))] {
            let why = Signer::new("eu-central-1", id, secret, token).err().expect("refused");
            assert!(why.ends_with("of `aws` is not valid"), "{why}");
        }
    }
}

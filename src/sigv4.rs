//! AWS Signature Version 4: signs what leaves with the gateway's own credentials, and verifies what callers have signed with
//! credentials that the gateway gave them.
//!
//! Source: "Create a signed AWS API request" (AWS Identity and Access Management user guide).

use aws_lc_rs::{constant_time, digest, hmac};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use std::fmt::{self, Write as _};
use std::time::{Duration, SystemTime};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The name under which Bedrock's endpoints are signed for, whatever their host is called.
const SERVICE: &str = "bedrock";
/// What the scope of a signature ends with.
const TERMINATOR: &str = "aws4_request";
/// What a caller's own signature consists of; none of it is true of the request that leaves.
const SIGNATURE: &[&str] = &["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];
/// How far the clock of a caller may be off. Source: as above, "Signature Version 4 elements".
const CLOCK_SKEW: Duration = Duration::from_secs(5 * 60);

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const BODY_HASH: HeaderName = HeaderName::from_static("x-amz-content-sha256");

/// What of a request is signed, besides its body.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub method: &'a str,
    /// As the `host` header says it.
    pub host: &'a str,
    /// Path and query as they are sent.
    pub target: &'a str,
    pub headers: &'a HeaderMap,
}

impl Request<'_> {
    /// Everything that is signed but the hash of the body; `names` are those of the signed headers, in order.
    fn canonical(&self, names: &[&str]) -> Vec<u8> {
        let (path, query) = self.target.split_once('?').unwrap_or((self.target, ""));
        let mut text = format!("{}\n{}\n{}\n", self.method, canonical_path(path), canonical_query(query)).into_bytes();
        for name in names {
            text.extend_from_slice(name.as_bytes());
            text.push(b':');
            if *name == "host" {
                text.extend_from_slice(self.host.as_bytes());
            }
            for (index, value) in self.headers.get_all(*name).iter().filter(|_| *name != "host").enumerate() {
                if index > 0 {
                    text.push(b',');
                }
                let words = value.as_bytes().split(|b| *b == b' ').filter(|word| !word.is_empty());
                text.extend_from_slice(&words.collect::<Vec<_>>().join(&b' '));
            }
            text.push(b'\n');
        }
        text.extend_from_slice(format!("\n{}\n", names.join(";")).as_bytes());
        text
    }
}

/// The signature of a canonical request. `scope` is `20150830/eu-central-1/bedrock/aws4_request`.
fn signature(secret: &str, moment: &str, scope: &str, canonical: &[u8], body_hash: &str) -> Vec<u8> {
    let whole = [canonical, body_hash.as_bytes()].concat();
    let to_sign = format!("{ALGORITHM}\n{moment}\n{scope}\n{}", sha256(&whole));
    let key = scope.split('/').fold(format!("AWS4{secret}").into_bytes(), |key, part| mac(&key, part.as_bytes()));
    mac(&key, to_sign.as_bytes())
}

/// Signs requests to one upstream.
pub struct Signer {
    region: String,
    access_key_id: String,
    secret: String,
    token: Option<HeaderValue>,
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
        let token = match token.map(|token| plain(token).then(|| HeaderValue::from_str(token).ok()).flatten()) {
            Some(None) => return Err("the session token of `aws` is not valid".into()),
            Some(Some(mut value)) => {
                value.set_sensitive(true);
                Some(value)
            }
            None => None,
        };
        let [region, access_key_id, secret] = [region, access_key_id, secret].map(str::to_owned);
        Ok(Self { region, access_key_id, secret, token })
    }

    /// The headers that replace the signature in those of the request.
    pub fn sign(&self, method: &str, host: &str, target: &str, headers: &mut HeaderMap, body: &[u8], now: SystemTime) {
        for name in SIGNATURE {
            headers.remove(*name);
        }
        let moment = moment(now);
        let Ok(date) = HeaderValue::from_str(&moment) else { return };
        headers.insert(DATE, date);
        if let Some(token) = &self.token {
            headers.insert(TOKEN, token.clone());
        }
        // the host, the content type, and AWS's own
        let mut names: Vec<&str> = (headers.keys().map(HeaderName::as_str))
            .filter(|name| *name == CONTENT_TYPE.as_str() || name.starts_with("x-amz"))
            .chain(["host"])
            .collect();
        names.sort_unstable();
        let canonical = Request { method, host, target, headers }.canonical(&names);
        let day = moment.split('T').next().unwrap_or_default();
        let scope = format!("{day}/{}/{SERVICE}/{TERMINATOR}", self.region);
        let signature = hex(&signature(&self.secret, &moment, &scope, &canonical, &sha256(body)));
        let (id, names) = (&self.access_key_id, names.join(";"));
        let value = format!("{ALGORITHM} Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}");
        if let Ok(mut value) = HeaderValue::from_str(&value) {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
    }
}

/// Why a caller's signature proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureError {
    /// Parts are missing, or the host or the date are not signed.
    Incomplete,
    /// Signed long ago, or in the future.
    Clock,
    /// Another secret, another request, or another body.
    Mismatch,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Incomplete => {
                "the signature is not complete; sign the headers `host` and `x-amz-date` with AWS4-HMAC-SHA256, as AWS SDKs do"
            }
            Self::Clock => "the request was signed more than five minutes ago or ahead; set the clock of the caller",
            Self::Mismatch => {
                "the signature does not match the request; check the secret access key, and that nothing between the caller and the gateway changes the path, the host or the body"
            }
        })
    }
}

impl std::error::Error for SignatureError {}

/// What a caller has signed, but for the body.
#[derive(Clone, PartialEq, Eq)]
pub struct Signed {
    scope: String,
    moment: String,
    canonical: Vec<u8>,
    /// The hash of the body that the caller tells, if it does.
    body_hash: Option<String>,
    /// In hexadecimal.
    signature: String,
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed").field("moment", &self.moment).finish_non_exhaustive()
    }
}

/// The access key id that a request is signed with, if it is.
pub fn access_key_id(headers: &HeaderMap) -> Option<&str> {
    let (_, credential) = fields(headers)?.find(|(key, _)| *key == "Credential")?;
    Some(credential.split_once('/').map_or(credential, |(id, _)| id))
}

/// The fields of a signature: `Credential`, `SignedHeaders`, `Signature`.
fn fields(headers: &HeaderMap) -> Option<impl Iterator<Item = (&str, &str)>> {
    let fields = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix(ALGORITHM)?.strip_prefix(' ')?;
    Some(fields.split(',').filter_map(|field| field.trim().split_once('=')))
}

impl Signed {
    /// Reads the signature of a request.
    pub fn read(request: &Request<'_>) -> Result<Self, SignatureError> {
        Self::complete(request).ok_or(SignatureError::Incomplete)
    }

    fn complete(request: &Request<'_>) -> Option<Self> {
        if request.headers.get_all(AUTHORIZATION).iter().count() != 1 {
            return None;
        }
        let (mut scope, mut names, mut signature) = (None, None, None);
        for (key, value) in fields(request.headers)? {
            match key {
                "Credential" => scope = value.split_once('/').map(|(_, scope)| scope),
                "SignedHeaders" => names = Some(value.split(';').collect::<Vec<&str>>()),
                "Signature" => signature = Some(value.to_owned()),
                _ => {}
            }
        }
        let (scope, names, signature) = (scope?, names?, signature?);
        let header = |name: HeaderName| request.headers.get(name).and_then(|value| value.to_str().ok());
        let moment = header(DATE)?;
        let day = scope.strip_suffix(TERMINATOR)?.split('/').next()?;
        let signs = |name: &HeaderName| names.contains(&name.as_str());
        if !names.contains(&"host") || !signs(&DATE) || !moment.starts_with(day) || day.len() != 8 {
            return None;
        }
        let body_hash = header(BODY_HASH).map(str::to_owned);
        if request.headers.contains_key(BODY_HASH) && !(signs(&BODY_HASH) && body_hash.is_some()) {
            return None;
        }
        let canonical = request.canonical(&names);
        Some(Self { scope: scope.to_owned(), moment: moment.to_owned(), canonical, body_hash, signature })
    }

    /// Whether the request with this body was signed with `secret`, not long before `now`.
    pub fn verify(&self, secret: &str, body: &[u8], now: SystemTime) -> Result<(), SignatureError> {
        let at = instant(&self.moment).ok_or(SignatureError::Incomplete)?;
        let apart = now.duration_since(at).unwrap_or_else(|ahead| ahead.duration());
        if apart > CLOCK_SKEW {
            return Err(SignatureError::Clock);
        }
        let hash = sha256(body);
        // a body that is not signed, or not as it came
        if self.body_hash.as_ref().is_some_and(|told| *told != hash) {
            return Err(SignatureError::Mismatch);
        }
        let own = hex(&signature(secret, &self.moment, &self.scope, &self.canonical, &hash));
        constant_time::verify_slices_are_equal(own.as_bytes(), self.signature.as_bytes())
            .map_err(|_| SignatureError::Mismatch)
    }
}

/// A moment as signatures write it, in UTC: `20150830T123600Z`.
fn moment(now: SystemTime) -> String {
    humantime::format_rfc3339_seconds(now).to_string().replace(['-', ':'], "")
}

/// The reverse of [`moment`].
fn instant(moment: &str) -> Option<SystemTime> {
    let (day, time) = moment.strip_suffix('Z')?.split_once('T')?;
    let all_digits = |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(day, 8) || !all_digits(time, 6) {
        return None;
    }
    let [year, month, day] = [&day[..4], &day[4..6], &day[6..]];
    let [hour, minute, second] = [&time[..2], &time[2..4], &time[4..]];
    humantime::parse_rfc3339(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")).ok()
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

    const HOST: &str = "bedrock-runtime.eu-central-1.amazonaws.com";
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    /// 2015-08-30T12:36:00Z.
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160)
    }

    /// The headers of a request signed at [`now`].
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
        signer.sign(method, HOST, target, &mut headers, body, now());
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

    /// A request of AWS's published test suite ("get-vanilla", "get-vanilla-query-order-key-case").
    fn vanilla(target: &str, signature: &str) -> (HeaderMap, String) {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-date", "20150830T123600Z".parse().unwrap());
        let scope = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";
        let value = format!("{ALGORITHM} Credential={scope}, SignedHeaders=host;x-amz-date, Signature={signature}");
        headers.insert(AUTHORIZATION, value.parse().unwrap());
        (headers, target.to_owned())
    }

    fn verified(
        headers: &HeaderMap,
        target: &str,
        secret: &str,
        body: &[u8],
        now: SystemTime,
    ) -> Result<(), SignatureError> {
        let request = Request { method: "GET", host: "example.amazonaws.com", target, headers };
        assert_eq!(access_key_id(headers), Some("AKIDEXAMPLE"));
        Signed::read(&request)?.verify(secret, body, now)
    }

    const VANILLA: &str = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

    #[test]
    fn verifies_the_requests_of_the_published_test_suite() {
        let (headers, target) = vanilla("/", VANILLA);
        assert_eq!(verified(&headers, &target, SECRET, b"", now()), Ok(()));
        let ordered = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500";
        let (headers, target) = vanilla("/?Param2=value2&Param1=value1", ordered);
        assert_eq!(verified(&headers, &target, SECRET, b"", now()), Ok(()));
    }

    #[test]
    fn what_was_not_signed_is_not_believed() {
        let (headers, target) = vanilla("/", VANILLA);
        let of = |target: &str, secret: &str, body: &[u8]| verified(&headers, target, secret, body, now());
        assert_eq!(of(&target, "other", b""), Err(SignatureError::Mismatch));
        assert_eq!(of("/other", SECRET, b""), Err(SignatureError::Mismatch));
        assert_eq!(of("/?a=b", SECRET, b""), Err(SignatureError::Mismatch));
        assert_eq!(of(&target, SECRET, b"{}"), Err(SignatureError::Mismatch));
        for apart in [CLOCK_SKEW + Duration::from_secs(1), Duration::from_secs(86_400)] {
            for now in [now() + apart, now() - apart] {
                assert_eq!(verified(&headers, &target, SECRET, b"", now), Err(SignatureError::Clock));
            }
        }
        assert_eq!(verified(&headers, &target, SECRET, b"", now() + CLOCK_SKEW), Ok(()));
    }

    #[test]
    fn a_signature_covers_the_host_the_date_and_a_hash_that_is_told() {
        let value = |names: &str| {
            format!(
                "{ALGORITHM} Credential=AKIDEXAMPLE/20150830/r/s/aws4_request, SignedHeaders={names}, Signature={VANILLA}"
            )
        };
        let read = |authorization: &str, more: &[(&'static str, &str)]| {
            let (mut headers, target) = vanilla("/", VANILLA);
            headers.insert(AUTHORIZATION, authorization.parse().unwrap());
            for (name, value) in more {
                headers.insert(*name, value.parse().unwrap());
            }
            Signed::read(&Request { method: "GET", host: HOST, target: &target, headers: &headers }).err()
        };
        let whole = value("host;x-amz-date");
        assert_eq!(read(&whole, &[]), None);
        for incomplete in [
            value("x-amz-date"),
            value("host"),
            whole.replace("Signature=", "Sig="),
            whole.replace("20150830/", "20150829/"),
            whole.replace("aws4_request", "aws5_request"),
        ] {
            assert_eq!(read(&incomplete, &[]), Some(SignatureError::Incomplete), "{incomplete}");
        }
        assert_eq!(read(&whole, &[("x-amz-content-sha256", "UNSIGNED-PAYLOAD")]), Some(SignatureError::Incomplete));
        let unsigned = value("host;x-amz-content-sha256;x-amz-date");
        let (mut headers, target) = vanilla("/", VANILLA);
        headers.insert(AUTHORIZATION, unsigned.parse().unwrap());
        headers.insert("x-amz-content-sha256", "UNSIGNED-PAYLOAD".parse().unwrap());
        assert_eq!(verified(&headers, &target, SECRET, b"", now()), Err(SignatureError::Mismatch));
    }
}

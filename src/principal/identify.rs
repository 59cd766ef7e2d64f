//! From headers and peer address to a [`Principal`]: a gateway key, a trusted proxy's headers, or anonymous.

use super::{IdentitySource, Principal};
use crate::diagnostic::country;
use crate::sigv4::{self, SignatureError, Signed};
use aws_lc_rs::{constant_time, digest};
use http::HeaderMap;
use ipnet::IpNet;
use std::fmt;
use std::net::IpAddr;
use std::time::SystemTime;

/// Longest user, group, country or industry name taken from a header, in bytes; longer ones are refused so that a record
/// cannot be swollen by its caller.
const LONGEST_NAME: usize = 256;

/// Most groups taken from a header.
const MOST_GROUPS: usize = 64;

/// One gateway key; the key itself is never kept.
#[derive(Debug, Clone)]
pub struct KeyEntry {
    /// SHA-256 of the key.
    pub sha256: [u8; 32],
    pub holder: Holder,
}

/// Credentials like those of AWS that the gateway gave to a user, with which his SDK signs.
#[derive(Debug, Clone)]
pub struct AwsKeyEntry {
    pub access_key_id: String,
    /// Environment variable with the secret access key.
    pub secret_access_key_env: String,
    pub holder: Holder,
}

/// Whose key it is.
#[derive(Debug, Clone)]
pub struct Holder {
    pub user: String,
    pub groups: Vec<String>,
    pub country: Option<String>,
    pub industry: Option<String>,
}

impl Holder {
    fn principal(&self) -> Principal {
        Principal {
            user: self.user.clone(),
            groups: self.groups.clone(),
            country: self.country.clone(),
            industry: self.industry.clone(),
            source: IdentitySource::Key,
        }
    }
}

/// Names of the headers in which a proxy in front of the gateway says who asks.
#[derive(Debug, Clone)]
pub struct TrustedHeader {
    /// Networks whose word is believed. A request from elsewhere is judged as if it had none of these headers.
    pub from: Vec<IpNet>,
    pub user: String,
    /// Comma-separated group names.
    pub groups: Option<String>,
    pub country: Option<String>,
    pub industry: Option<String>,
}

/// Where gateway keys are looked for, and who holds them.
#[derive(Debug, Clone)]
pub struct IdentityRules {
    pub keys: Vec<KeyEntry>,
    pub aws_keys: Vec<AwsKeyEntry>,
    pub trusted_header: Option<TrustedHeader>,
    /// Headers that may carry a gateway key, in the order they are asked; of `authorization` the bearer token counts.
    pub key_headers: Vec<String>,
}

impl Default for IdentityRules {
    fn default() -> Self {
        let key_headers = ["x-portcullis-key", "authorization", "x-api-key"].map(str::to_owned).to_vec();
        Self { keys: Vec::new(), aws_keys: Vec::new(), trusted_header: None, key_headers }
    }
}

/// The principal, and what must not travel on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    pub principal: Principal,
    /// The header in which a gateway key was recognised. It is a secret of the gateway: strip it before forwarding.
    pub key_header: Option<String>,
    /// The principal has signed the request, and it counts once the body has come and agrees.
    pub signature: Option<Signature>,
}

/// A signature that is still to be verified.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature {
    signed: Result<Signed, SignatureError>,
    secret: String,
}

impl Signature {
    /// Whether the principal has signed the request with this body, as it came.
    pub fn verify(&self, body: &[u8], now: SystemTime) -> Result<(), SignatureError> {
        self.signed.as_ref().map_err(|error| *error)?.verify(&self.secret, body, now)
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signature").field("signed", &self.signed).finish_non_exhaustive()
    }
}

/// Why a request's claims about its sender are refused. The client (or the proxy before the gateway) is at fault: answer 400.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentityError {
    /// The header occurs more than once; which of them the sender meant cannot be known.
    Repeated(String),
    /// The header's value is no name: not UTF-8, control characters, or too long.
    Unreadable(String),
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repeated(header) => write!(f, "header `{header}` occurs more than once; send it once"),
            Self::Unreadable(header) => write!(
                f,
                "header `{header}` is not a readable name; send at most {LONGEST_NAME} bytes of utf-8 without control characters"
            ),
        }
    }
}

impl std::error::Error for IdentityError {}

/// Recognises callers.
pub struct Identify {
    rules: IdentityRules,
    /// The secret access keys of `rules.aws_keys`, one for each.
    secrets: Vec<String>,
}

impl Identify {
    /// `variable` gives the value of an environment variable.
    ///
    /// # Errors
    /// A message when a secret is not there.
    pub fn new(rules: IdentityRules, variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let secret = |entry: &AwsKeyEntry| {
            let name = &entry.secret_access_key_env;
            variable(name).ok_or_else(|| format!("the variable `{name}` of `aws_keys` is not set"))
        };
        let secrets = rules.aws_keys.iter().map(secret).collect::<Result<_, _>>()?;
        Ok(Self { rules, secrets })
    }

    /// Who sent `request` from `peer`: the first gateway key that is known, else who signed it, else the trusted proxy's word,
    /// else anonymous.
    pub fn identify(&self, request: &sigv4::Request<'_>, peer: IpAddr) -> Result<Identified, IdentityError> {
        let headers = request.headers;
        if !self.rules.keys.is_empty() {
            for header in &self.rules.key_headers {
                let Some(value) = single(headers, header)? else { continue };
                if let Some(entry) = presented(header, value).and_then(|key| self.entry(key)) {
                    let principal = entry.holder.principal();
                    return Ok(Identified { principal, key_header: Some(header.clone()), signature: None });
                }
            }
        }
        if let Some(identified) = self.signer(request) {
            return Ok(identified);
        }
        let principal = match &self.rules.trusted_header {
            Some(trusted) if trusted.from.iter().any(|net| net.contains(&peer.to_canonical())) => {
                trusted.principal(headers)?
            }
            _ => None,
        };
        let principal = principal.unwrap_or_else(Principal::anonymous);
        Ok(Identified { principal, key_header: None, signature: None })
    }

    /// Who has signed a request, by its own words.
    fn signer(&self, request: &sigv4::Request<'_>) -> Option<Identified> {
        let id = sigv4::access_key_id(request.headers).filter(|_| !self.rules.aws_keys.is_empty())?;
        let at = self.rules.aws_keys.iter().position(|entry| entry.access_key_id == id)?;
        let signature = Signature { signed: Signed::read(request), secret: self.secrets[at].clone() };
        Some(Identified {
            principal: self.rules.aws_keys[at].holder.principal(),
            key_header: Some("authorization".to_owned()),
            signature: Some(signature),
        })
    }

    /// Headers about persons that must never travel to an upstream, known caller or not.
    pub fn private_headers(&self) -> impl Iterator<Item = &str> {
        let trusted = self.rules.trusted_header.iter().flat_map(|t| {
            std::iter::once(t.user.as_str())
                .chain([&t.groups, &t.country, &t.industry].into_iter().flatten().map(String::as_str))
        });
        std::iter::once("x-portcullis-key").chain(trusted)
    }

    /// The holder of `key`. Every entry is compared, each in constant time, so that time tells nothing about the keys.
    fn entry(&self, key: &[u8]) -> Option<&KeyEntry> {
        let presented = digest::digest(&digest::SHA256, key);
        let mut holder = None;
        for entry in &self.rules.keys {
            let same = constant_time::verify_slices_are_equal(&entry.sha256, presented.as_ref()).is_ok();
            if same && holder.is_none() {
                holder = Some(entry);
            }
        }
        holder
    }
}

impl TrustedHeader {
    fn principal(&self, headers: &HeaderMap) -> Result<Option<Principal>, IdentityError> {
        let optional = |header: &Option<String>| header.as_deref().map_or(Ok(None), |h| name(headers, h));
        let groups = optional(&self.groups)?;
        let country = optional(&self.country)?;
        let industry = optional(&self.industry)?;
        let Some(user) = name(headers, &self.user)? else { return Ok(None) };
        let groups: Vec<String> = groups
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|g| !g.is_empty())
            .take(MOST_GROUPS)
            .map(str::to_owned)
            .collect();
        Ok(Some(Principal {
            user: user.to_owned(),
            groups,
            // an unknown country is no country: then the packs of every country apply
            country: country.map(str::to_ascii_uppercase).filter(|c| country::is_iso2(c)),
            industry: industry.map(str::to_ascii_lowercase),
            source: IdentitySource::TrustedHeader,
        }))
    }
}

/// The only value of `header`.
fn single<'h>(headers: &'h HeaderMap, header: &str) -> Result<Option<&'h [u8]>, IdentityError> {
    let mut values = headers.get_all(header).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(IdentityError::Repeated(header.to_owned()));
    }
    Ok(first.map(|v| v.as_bytes()))
}

/// A name a person or a system bears, from the only value of `header`; `None` if absent or empty.
fn name<'h>(headers: &'h HeaderMap, header: &str) -> Result<Option<&'h str>, IdentityError> {
    let Some(bytes) = single(headers, header)? else { return Ok(None) };
    let text = std::str::from_utf8(bytes).ok().map(str::trim);
    match text {
        Some(t) if t.len() <= LONGEST_NAME && !t.chars().any(char::is_control) => Ok(Some(t).filter(|t| !t.is_empty())),
        _ => Err(IdentityError::Unreadable(header.to_owned())),
    }
}

/// The key a header presents: the token of `authorization: Bearer …`, the whole value of any other.
fn presented<'h>(header: &str, value: &'h [u8]) -> Option<&'h [u8]> {
    if !header.eq_ignore_ascii_case("authorization") {
        return Some(value.trim_ascii());
    }
    let (scheme, token) = value.split_at_checked("bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn sha256(key: &str) -> [u8; 32] {
        digest::digest(&digest::SHA256, key.as_bytes()).as_ref().try_into().expect("SHA-256 has 32 bytes")
    }

    fn identify() -> Identify {
        let holder = |user: &str| Holder {
            user: user.to_owned(),
            groups: vec!["finance".to_owned()],
            country: Some("DE".to_owned()),
            industry: Some("finance".to_owned()),
        };
        let key = |key: &str, user: &str| KeyEntry { sha256: sha256(key), holder: holder(user) };
        let rules = IdentityRules {
            keys: vec![key("pk-one", "maria"), key("pk-two", "jun")],
            aws_keys: vec![AwsKeyEntry {
                access_key_id: "PKLI".to_owned(),
                secret_access_key_env: "SECRET_OF_LI".to_owned(),
                holder: holder("li"),
            }],
            trusted_header: Some(TrustedHeader {
                from: vec!["10.0.0.0/8".parse().unwrap()],
                user: "x-user".to_owned(),
                groups: Some("x-groups".to_owned()),
                country: Some("x-country".to_owned()),
                industry: Some("x-industry".to_owned()),
            }),
            ..IdentityRules::default()
        };
        Identify::new(rules, |name| (name == "SECRET_OF_LI").then(|| "secret".to_owned())).unwrap()
    }

    fn ask(headers: &[(&str, &str)], peer: &str) -> Result<Identified, IdentityError> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            map.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let request = sigv4::Request { method: "POST", host: "gateway", target: "/", headers: &map };
        identify().identify(&request, peer.parse().unwrap())
    }

    #[test]
    fn a_key_is_known_in_each_header_and_named_for_stripping() {
        for (header, value) in
            [("x-portcullis-key", "pk-two"), ("authorization", "bearer pk-two"), ("x-api-key", "pk-two")]
        {
            let got = ask(&[(header, value)], "203.0.113.9").unwrap();
            assert_eq!((got.principal.user.as_str(), got.key_header.as_deref()), ("jun", Some(header)));
            assert_eq!(got.principal.source, IdentitySource::Key);
        }
    }

    #[test]
    fn an_upstream_credential_passes_as_anonymous_and_stays() {
        for headers in [&[("authorization", "Bearer sk-provider")][..], &[("authorization", "pk-one")], &[]] {
            let got = ask(headers, "203.0.113.9").unwrap();
            assert_eq!(got, Identified { principal: Principal::anonymous(), key_header: None, signature: None });
        }
    }

    #[test]
    fn a_gateway_key_beside_an_upstream_credential_is_found() {
        let got = ask(&[("authorization", "Bearer sk-provider"), ("x-api-key", "pk-one")], "203.0.113.9").unwrap();
        assert_eq!((got.principal.user.as_str(), got.key_header.as_deref()), ("maria", Some("x-api-key")));
    }

    #[test]
    fn who_signs_is_known_by_the_access_key_id_and_believed_with_the_body() {
        let signed = |id: &str| {
            let mut headers = HeaderMap::new();
            let signer = sigv4::Signer::new("eu-central-1", id, "secret", None).unwrap();
            signer.sign("POST", "gateway", "/", &mut headers, b"{}", SystemTime::UNIX_EPOCH);
            let request = sigv4::Request { method: "POST", host: "gateway", target: "/", headers: &headers };
            identify().identify(&request, "203.0.113.9".parse().unwrap()).unwrap()
        };
        let got = signed("PKLI");
        assert_eq!((got.principal.user.as_str(), got.key_header.as_deref()), ("li", Some("authorization")));
        let signature = got.signature.expect("it is signed");
        assert_eq!(signature.verify(b"{}", SystemTime::UNIX_EPOCH), Ok(()));
        assert_eq!(signature.verify(b"[]", SystemTime::UNIX_EPOCH), Err(SignatureError::Mismatch));
        assert!(!format!("{signature:?}").contains("secret"));
        // a caller's own credentials of AWS
        let got = signed("AKIAOTHER");
        assert_eq!(got, Identified { principal: Principal::anonymous(), key_header: None, signature: None });
    }

    #[test]
    fn trusted_headers_count_only_from_their_networks() {
        let headers =
            [("x-user", "jürgen"), ("x-groups", "hr, it ,"), ("x-country", "fr"), ("x-industry", "Healthcare")];
        let inside = ask(&headers, "10.1.2.3").unwrap().principal;
        assert_eq!(inside.user, "jürgen");
        assert_eq!(inside.groups, ["hr", "it"]);
        assert_eq!((inside.country.as_deref(), inside.industry.as_deref()), (Some("FR"), Some("healthcare")));
        assert_eq!(inside.source, IdentitySource::TrustedHeader);
        assert_eq!(ask(&headers, "::ffff:10.1.2.3").unwrap().principal.user, "jürgen");
        assert_eq!(ask(&headers, "203.0.113.9").unwrap().principal, Principal::anonymous());
    }

    #[test]
    fn claims_that_contradict_are_refused_not_merged() {
        let twice = ask(&[("x-user", "a"), ("x-user", "b")], "10.1.2.3");
        assert_eq!(twice, Err(IdentityError::Repeated("x-user".to_owned())));
        let keys = ask(&[("x-portcullis-key", "pk-one"), ("x-portcullis-key", "pk-two")], "203.0.113.9");
        assert_eq!(keys, Err(IdentityError::Repeated("x-portcullis-key".to_owned())));
        let long = "u".repeat(LONGEST_NAME + 1);
        assert_eq!(ask(&[("x-user", &long)], "10.1.2.3"), Err(IdentityError::Unreadable("x-user".to_owned())));
        assert_eq!(ask(&[("x-user", "a\tb")], "10.1.2.3"), Err(IdentityError::Unreadable("x-user".to_owned())));
    }

    #[test]
    fn an_unknown_country_is_no_country_and_an_empty_user_is_anonymous() {
        let got = ask(&[("x-user", "u"), ("x-country", "UK")], "10.1.2.3").unwrap();
        assert_eq!(got.principal.country, None);
        assert_eq!(ask(&[("x-user", " ")], "10.1.2.3").unwrap().principal, Principal::anonymous());
    }

    #[test]
    fn anonymous_callers_do_not_share_a_score() {
        let peer: IpAddr = "203.0.113.9".parse().unwrap();
        assert_eq!(Principal::anonymous().risk_key(peer), "anonymous@203.0.113.9");
        let known = ask(&[("x-api-key", "pk-one")], "203.0.113.9").unwrap().principal;
        assert_eq!(known.risk_key(peer), "maria");
    }

    #[test]
    fn headers_about_persons_are_listed_for_stripping() {
        let headers: Vec<_> = identify().private_headers().map(str::to_owned).collect();
        assert_eq!(headers, ["x-portcullis-key", "x-user", "x-groups", "x-country", "x-industry"]);
    }
}

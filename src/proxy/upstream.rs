//! Where exchanges are sent: one model endpoint, how to reach it, and how long to wait for it.

use http::uri::{Authority, PathAndQuery};
use http::{HeaderName, HeaderValue};
use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

/// Which HTTP versions are spoken to an upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Protocol {
    /// What ALPN agrees on over TLS; HTTP/1.1 in clear.
    #[default]
    Auto,
    Http1,
    /// HTTP/2, in clear with prior knowledge.
    Http2,
}

/// How long each phase towards the upstream may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Name lookup, TCP and TLS handshakes.
    pub connect: Duration,
    /// From the request's last byte to the response head. Models think long.
    pub first_byte: Duration,
    /// Between two pieces of the answer.
    pub idle: Duration,
    /// The whole exchange, from the request head's arrival.
    pub total: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            // The official SDKs give up after 600 s (OpenAI, Anthropic: `timeout=600`).
            first_byte: Duration::from_secs(600),
            idle: Duration::from_secs(120),
            total: Duration::from_secs(3600),
        }
    }
}

/// The certificates an upstream is verified against.
#[derive(Debug, Clone)]
pub struct Trust {
    config: Arc<ClientConfig>,
    /// SHA-256 of the extra authorities: connections are shared between generations that trust the same.
    digest: [u8; 32],
}

impl Trust {
    /// The Mozilla roots, and the authorities of `extra` (PEM), such as a company's own.
    ///
    /// # Errors
    /// A message when `extra` holds no certificate, or one that cannot be read.
    pub fn new(extra: Option<&[u8]>) -> Result<Self, String> {
        let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for certificate in extra.into_iter().flat_map(CertificateDer::pem_slice_iter) {
            let certificate = certificate.map_err(|error| format!("the certificate file cannot be read: {error}"))?;
            roots.add(certificate).map_err(|error| format!("a certificate is not usable as an authority: {error}"))?;
        }
        if extra.is_some() && roots.len() == webpki_roots::TLS_SERVER_ROOTS.len() {
            return Err("the file holds no certificate; give PEM blocks of `CERTIFICATE`".into());
        }
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, extra.unwrap_or_default());
        let digest = digest.as_ref().try_into().expect("SHA-256 gives 32 bytes");
        Ok(Self { config: Arc::new(config), digest })
    }
}

/// TLS towards one origin.
#[derive(Debug, Clone)]
pub(super) struct OriginTls {
    pub(super) config: Arc<ClientConfig>,
    pub(super) name: ServerName<'static>,
    digest: [u8; 32],
}

/// What a pooled connection is good for. Equal origins share connections.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) protocol: Protocol,
    pub(super) tls: Option<OriginTls>,
}

impl PartialEq for Origin {
    fn eq(&self, other: &Self) -> bool {
        let digest = |origin: &Self| origin.tls.as_ref().map(|tls| tls.digest);
        self.host == other.host
            && self.port == other.port
            && self.protocol == other.protocol
            && digest(self) == digest(other)
    }
}

impl Eq for Origin {}

impl Hash for Origin {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.host.hash(state);
        self.port.hash(state);
    }
}

/// One model endpoint.
#[derive(Debug)]
pub struct Upstream {
    /// Its name in the configuration.
    pub name: String,
    pub(super) origin: Arc<Origin>,
    pub(super) authority: Authority,
    pub(super) host_header: HeaderValue,
    /// Path of the base URL, without a slash at its end.
    base_path: String,
    /// Headers set on every request after hop-by-hop headers are stripped, such as the injected credential.
    pub set_headers: Vec<(HeaderName, HeaderValue)>,
    pub deadlines: Deadlines,
    /// Tell the upstream the client's address in `x-forwarded-for`. Off by default: model providers are no place for it.
    pub forward_client_address: bool,
}

impl Upstream {
    /// An upstream at `base_url`: `http` or `https`, host, optional port, optional path.
    ///
    /// # Errors
    /// A message naming what is wrong with `base_url`.
    pub fn new(name: &str, base_url: &str, protocol: Protocol, trust: &Trust) -> Result<Self, String> {
        let uri: http::Uri = base_url.parse().map_err(|_| format!("`{base_url}` is not a URL"))?;
        let encrypted = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(format!("`{base_url}` must begin with `http://` or `https://`")),
        };
        let authority = uri.authority().ok_or_else(|| format!("`{base_url}` names no host"))?.clone();
        if authority.as_str().contains('@') {
            return Err("the URL holds a user name or password; give the credential in `api_key_env`".into());
        }
        if uri.query().is_some() {
            return Err(format!("`{base_url}` must not have a query"));
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let tls = if encrypted {
            let mut config = ClientConfig::clone(&trust.config);
            config.alpn_protocols = match protocol {
                Protocol::Auto => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
                Protocol::Http1 => vec![b"http/1.1".to_vec()],
                Protocol::Http2 => vec![b"h2".to_vec()],
            };
            let name = ServerName::try_from(host.clone()).map_err(|_| format!("`{host}` is not a host name"))?;
            Some(OriginTls { config: Arc::new(config), name, digest: trust.digest })
        } else {
            None
        };
        let port = authority.port_u16().unwrap_or(if encrypted { 443 } else { 80 });
        let host_header =
            HeaderValue::from_str(authority.as_str()).map_err(|_| format!("`{host}` is not a host name"))?;
        Ok(Self {
            name: name.to_owned(),
            origin: Arc::new(Origin { host, port, protocol, tls }),
            authority,
            host_header,
            base_path: uri.path().trim_end_matches('/').to_owned(),
            set_headers: Vec::new(),
            deadlines: Deadlines::default(),
            forward_client_address: false,
        })
    }

    /// The target for `rest`, the part of the request's target behind the upstream's prefix (empty or beginning with `/` or `?`).
    ///
    /// # Errors
    /// A message when the result is not a valid target.
    pub fn target(&self, rest: &str) -> Result<PathAndQuery, String> {
        let slash = if rest.starts_with('/') || (rest.is_empty() && !self.base_path.is_empty()) { "" } else { "/" };
        let text = if rest.starts_with('?') && !self.base_path.is_empty() {
            format!("{}{rest}", self.base_path)
        } else {
            format!("{}{slash}{rest}", self.base_path)
        };
        PathAndQuery::try_from(text).map_err(|_| "the request target is not a valid path".into())
    }

    /// What stands behind the base URL in `address`, with its query: an address of this upstream, or a path from its root.
    /// `None` if the address is another's.
    pub fn rest_of(&self, address: &str) -> Option<String> {
        // clients take these for the host of another
        if address.starts_with("//") || address.contains('\\') {
            return None;
        }
        let uri: http::Uri = address.parse().ok()?;
        if let Some(authority) = uri.authority() {
            let standard = match uri.scheme_str()? {
                "https" => 443,
                "http" => 80,
                _ => return None,
            };
            let host = authority.host().trim_start_matches('[').trim_end_matches(']');
            let same = host.eq_ignore_ascii_case(&self.origin.host)
                && authority.port_u16().unwrap_or(standard) == self.origin.port;
            if !same || authority.as_str().contains('@') {
                return None;
            }
        }
        let rest = uri.path_and_query()?.as_str().strip_prefix(&self.base_path)?;
        (rest.starts_with('/') || rest.starts_with('?')).then(|| rest.to_owned())
    }

    /// As requests name it: with the port, if the base URL does.
    pub fn host(&self) -> &str {
        self.authority.as_str()
    }

    pub(super) fn scheme(&self) -> http::uri::Scheme {
        if self.origin.tls.is_some() { http::uri::Scheme::HTTPS } else { http::uri::Scheme::HTTP }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream(url: &str) -> Result<Upstream, String> {
        Upstream::new("u", url, Protocol::Auto, &Trust::new(None).unwrap())
    }

    #[test]
    fn joins_base_path_and_rest() {
        for (base, rest, target) in [
            ("http://a", "/v1/x?y=1", "/v1/x?y=1"),
            ("http://a/", "", "/"),
            ("http://a", "?key=1", "/?key=1"),
            ("http://a/api/", "/v1", "/api/v1"),
            ("http://a/api", "", "/api"),
            ("http://a/api", "?q", "/api?q"),
        ] {
            assert_eq!(upstream(base).unwrap().target(rest).unwrap().as_str(), target, "{base} + {rest}");
        }
        assert!(upstream("http://a").unwrap().target("/a b").is_err());
    }

    #[test]
    fn knows_its_own_addresses() {
        let plain = upstream("https://a.example").unwrap();
        let inner = upstream("http://a.example:81/v1").unwrap();
        for (upstream, address, rest) in [
            (&plain, "https://A.example:443/upload/x?id=1", Some("/upload/x?id=1")),
            (&plain, "/x", Some("/x")),
            (&plain, "https://a.example", Some("/")),
            (&plain, "https://a.example.evil/x", None),
            (&plain, "https://a.example@evil/x", None),
            (&plain, "https://a.example:444/x", None),
            (&plain, "//evil/x", None),
            (&plain, "/\\evil/x", None),
            (&plain, "ftp://a.example/x", None),
            (&plain, "javascript:x", None),
            (&inner, "http://a.example:81/v1/x", Some("/x")),
            (&inner, "http://a.example:81/v12/x", None),
            (&inner, "/v1?x", Some("?x")),
            (&inner, "/x", None),
        ] {
            assert_eq!(upstream.rest_of(address).as_deref(), rest, "{address}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_base_url() {
        for (url, words) in [
            ("ftp://a", "must begin"),
            ("a.example", "must begin"),
            ("https://", "is not a URL"),
            ("https://u:p@a/", "user name or password"),
            ("https://a/?x=1", "query"),
        ] {
            let message = upstream(url).unwrap_err();
            assert!(message.contains(words), "{url}: {message}");
        }
        let secure = upstream("https://[::1]:8443/v1").unwrap();
        assert_eq!((secure.origin.host.as_str(), secure.origin.port), ("::1", 8443));
        assert!(Trust::new(Some(b"nothing")).unwrap_err().contains("no certificate"));
    }

    #[test]
    fn equal_origins_share_connections_across_generations() {
        let (one, two) = (upstream("https://a/v1").unwrap(), upstream("https://a/v2").unwrap());
        assert_eq!(one.origin, two.origin);
        assert_ne!(one.origin, upstream("http://a:443").unwrap().origin);
    }
}

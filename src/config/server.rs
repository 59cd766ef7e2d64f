//! `[server]` and `[admin]`: where the gateway listens, and what callers see of it.

use super::{Reading, sha256_hex};
use crate::diagnostic::reader::{ByteSize, Choice, Spanned, Table, Value};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// The listener of model traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Addresses and ports; at least one, each once.
    pub listen: Vec<SocketAddr>,
    /// Certificate for HTTPS. Without it the gateway speaks HTTP in clear.
    pub tls: Option<Tls>,
    /// What callers reach the gateway by, where their requests do not say it: scheme, host, perhaps a port and a path; no
    /// slash at the end.
    pub public_url: Option<String>,
    /// Largest request body, in bytes as sent. A larger one is refused with 413.
    pub max_body: ByteSize,
    /// HTTP status of a blocked request in the error style: 400–499, none that SDKs repeat.
    pub block_status: u16,
    /// Whether a block is an error or an answer.
    pub block_style: BlockStyle,
    /// Refuse requests whose JSON parsers may read differently: a key twice in an object, or in two spellings.
    pub strict_json: bool,
}

/// Paths of PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    pub cert: PathBuf,
    pub key: PathBuf,
    /// Authorities of client certificates. With it, callers without such a certificate are refused.
    pub client_ca: Option<PathBuf>,
}

/// How a caller learns that his request was blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlockStyle {
    /// The provider's own permission error.
    Error,
    /// A 200 answer that ends with the provider's filter stop reason.
    Refusal,
}

impl Choice for BlockStyle {
    const WHAT: &'static str = "block style";
    const CHOICES: &'static [(&'static str, Self)] = &[("error", Self::Error), ("refusal", Self::Refusal)];
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))],
            tls: None,
            public_url: None,
            max_body: ByteSize(32 << 20),
            block_status: 403,
            block_style: BlockStyle::Error,
            strict_json: false,
        }
    }
}

impl Server {
    pub(super) fn read(&mut self, table: &mut Table<'_>, reading: &mut Reading<'_>) {
        if let Some(value) = table.opt::<Value<'_>>("listen", reading.problems) {
            self.listen = addresses(value, reading);
        }
        if let Some(mut tls) = table.opt::<Table<'_>>("tls", reading.problems) {
            self.tls = Tls::read(&mut tls, reading);
            tls.finish(reading.problems);
        }
        if let Some(url) = reading.spanned::<&str>(table, "public_url") {
            self.public_url = public_url(url.value);
            if self.public_url.is_none() {
                let message = format!("`{}` is not a URL that callers could begin with", url.value);
                let help = "write `\"https://llm.example.com\"`, without user, query or fragment";
                reading.problems.at(table.source(), url.span, message, help);
            }
        }
        if let Some(size) = reading.spanned(table, "max_body") {
            self.max_body = size.value;
            if size.value.0 == 0 {
                reading.problems.at(table.source(), size.span, "`max_body` must be more than zero", "");
            }
        }
        if let Some(status) = reading.spanned(table, "block_status") {
            self.block_status = status.value;
            // Official SDKs repeat 408, 409, 429 and 5xx; a repeated block would count anew and cost the caller time.
            let problem = match status.value {
                408 | 409 | 429 => "is a status after which SDKs send the request again",
                400..=499 => "",
                _ => "is not a status that blames the request",
            };
            if !problem.is_empty() {
                let message = format!("`{}` {problem}", status.value);
                let help = "choose 403, or another from 400 to 499 except 408, 409 and 429";
                reading.problems.at(table.source(), status.span, message, help);
            }
        }
        reading.set(table, "block_style", &mut self.block_style);
        reading.set(table, "strict_json", &mut self.strict_json);
    }
}

/// A base URL without a slash at its end.
fn public_url(text: &str) -> Option<String> {
    let text = text.trim_end_matches('/');
    let uri: http::Uri = text.parse().ok()?;
    let authority = uri.authority().filter(|a| !a.as_str().contains('@'))?;
    let plain = matches!(uri.scheme_str()?, "http" | "https") && uri.query().is_none() && !text.contains('#');
    (plain && !authority.host().is_empty()).then(|| text.to_owned())
}

impl Tls {
    fn read(table: &mut Table<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let cert = table.req::<Spanned<&str>>("cert", reading.problems);
        let key = table.req::<Spanned<&str>>("key", reading.problems);
        let client_ca = table.opt::<Spanned<&str>>("client_ca", reading.problems);
        let source = table.source();
        let client_ca = client_ca.map(|path| reading.file(source, path));
        Some(Self { cert: reading.file(source, cert?), key: reading.file(source, key?), client_ca })
    }
}

/// The listener of operators: metrics, health, reload, risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin {
    pub listen: SocketAddr,
    /// What operators present as `authorization: Bearer …`. Required off loopback.
    pub token: Option<Token>,
}

/// Where the admin token is known from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// Name of the environment variable that holds it.
    Env(String),
    /// SHA-256 of it.
    Sha256([u8; 32]),
}

impl Default for Admin {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 9090)), token: None }
    }
}

impl Admin {
    pub(super) fn read(&mut self, table: &mut Table<'_>, reading: &mut Reading<'_>) {
        if let Some(value) = table.opt::<Value<'_>>("listen", reading.problems)
            && let Some(listen) = address(&value, reading)
        {
            self.listen = listen;
        }
        let place = table.span_of("listen");
        let has_token = table.has("token_env") || table.has("token_sha256");
        if let Some(hash) = reading.spanned::<&str>(table, "token_sha256") {
            self.token = sha256_hex(hash.value).map(Token::Sha256);
            if self.token.is_none() {
                reading.problems.at(table.source(), hash.span, "`token_sha256` is not a SHA-256 hash", HASH);
            }
        }
        if let Some(name) = reading.variable(table, "token_env") {
            if table.has("token_sha256") {
                let message = "`token_env` and `token_sha256` are both given";
                reading.problems.at(table.source(), table.span_of("token_env"), message, "keep one of them");
            }
            self.token = Some(Token::Env(name));
        }
        if !self.listen.ip().is_loopback() && !has_token {
            reading.problems.at(
                table.source(),
                place,
                format!("`{}` can be reached from other machines, and there is no token", self.listen),
                "add `token_env = \"PORTCULLIS_ADMIN_TOKEN\"`, or listen on `127.0.0.1:9090`",
            );
        }
    }
}

/// How to come by a hash.
pub(super) const HASH: &str =
    "write the 64 hex digits that `portcullis key new` prints; the key itself stays with its holder";

/// One address, or a list of them.
fn addresses(value: Value<'_>, reading: &mut Reading<'_>) -> Vec<SocketAddr> {
    let values = value.as_array().unwrap_or_else(|| vec![value.clone()]);
    if values.is_empty() {
        value.problem("the list is empty", "write `\"127.0.0.1:8080\"`", reading.problems);
    }
    let mut addresses = Vec::new();
    for value in values {
        let Some(address) = address(&value, reading) else { continue };
        if addresses.contains(&address) {
            value.problem(format!("`{address}` is written twice"), "keep one of them", reading.problems);
        }
        addresses.push(address);
    }
    addresses
}

/// An address with a port.
fn address(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<SocketAddr> {
    let Some(text) = value.as_str() else {
        let message = format!("expected an address with a port, found {}", value.type_name());
        value.problem(message, "write it in quotes: `\"127.0.0.1:8080\"`", reading.problems);
        return None;
    };
    let text = text.trim();
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let (host, port) = text.rsplit_once(':').unwrap_or((text, ""));
    let help = if let Ok(port) = port.parse::<u16>() {
        match host {
            "" | "*" => format!(
                "write `\"0.0.0.0:{port}\"` for every address of this machine, or `\"127.0.0.1:{port}\"` for none but itself"
            ),
            "localhost" => format!("write `\"127.0.0.1:{port}\"`"),
            ipv6 if ipv6.contains(':') => format!("write an IPv6 address in brackets: `\"[::1]:{port}\"`"),
            _ => format!("write an IP address, not a name: `\"127.0.0.1:{port}\"`"),
        }
    } else if let Ok(ip) = text.parse::<IpAddr>() {
        format!("add a port: `\"{}\"`", SocketAddr::from((ip, 8080)))
    } else if let Ok(port) = text.parse::<u16>() {
        format!("add an IP address: `\"127.0.0.1:{port}\"`")
    } else {
        "write an IP address and a port up to 65535: `\"127.0.0.1:8080\"`".to_owned()
    };
    value.problem("this is not an address with a port", help, reading.problems);
    None
}

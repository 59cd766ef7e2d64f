//! `[[upstream]]` and `[failure]`: model endpoints, and what happens when something goes wrong.

use super::Reading;
use super::aws::{self, Aws};
use super::entrance::Entrance;
use super::layout;
use crate::diagnostic::reader::{ByteSize, Choice, Spanned, Table, Value, unknown};
use crate::diagnostic::{Source, country, mask};
use crate::policy::{Trust, UpstreamFacts};
use crate::provider;
use http::Uri;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

/// A model endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// Name, wire dialect, region and trust: what policies may ask about. Trust is `external` unless given.
    pub facts: UpstreamFacts,
    /// What its dialect does not know by itself.
    pub dialect: provider::Settings,
    /// Which requests are for it.
    pub entrance: Entrance,
    /// Where what follows the prefix is appended: scheme, host, and perhaps a port and a path; no slash at the end.
    pub base_url: String,
    /// Environment variable with the credential the gateway presents; without it the caller's own passes through.
    pub api_key_env: Option<String>,
    /// AWS credentials with which the gateway signs.
    pub aws: Option<Aws>,
    pub http: HttpVersion,
    /// PEM file of certificate authorities to trust besides the public ones.
    pub ca: Option<PathBuf>,
    /// Largest request body for it, if less than the server's.
    pub max_body: Option<ByteSize>,
    /// Requests it works on at a time; further ones are told to come again.
    pub max_concurrent: Option<NonZeroU32>,
    /// The outcome of faults: that of `[failure]` unless given.
    pub failure: Failure,
}

/// Which HTTP version an upstream is spoken to in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HttpVersion {
    /// What TLS negotiates; HTTP/1.1 in clear.
    Auto,
    Http1,
    /// Negotiated over TLS; with prior knowledge in clear.
    Http2,
}

impl Choice for HttpVersion {
    const WHAT: &'static str = "HTTP version";
    const CHOICES: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("http1", Self::Http1), ("http2", Self::Http2)];
}

/// What happens to a message that the gateway cannot inspect through a fault (P5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnFailure {
    /// It is refused.
    Closed,
    /// It passes, uninspected, and is counted.
    Open,
}

impl Choice for OnFailure {
    const WHAT: &'static str = "outcome";
    const CHOICES: &'static [(&'static str, Self)] = &[("closed", Self::Closed), ("open", Self::Open)];
}

/// The outcome of faults by phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Failure {
    pub request: OnFailure,
    pub response: OnFailure,
}

impl Default for Failure {
    fn default() -> Self {
        Self { request: OnFailure::Closed, response: OnFailure::Closed }
    }
}

impl Failure {
    pub(super) fn read(&mut self, table: &mut Table<'_>, reading: &mut Reading<'_>) {
        reading.set(table, "request", &mut self.request);
        reading.set(table, "response", &mut self.response);
    }
}

impl Upstream {
    /// Two public providers, each behind a prefix of its name.
    pub(super) fn defaults() -> Vec<Self> {
        [("openai", "https://api.openai.com"), ("anthropic", "https://api.anthropic.com")]
            .map(|(name, base_url)| Self {
                facts: UpstreamFacts {
                    name: name.to_owned(),
                    provider: name.to_owned(),
                    region: Some("US".to_owned()),
                    trust: Trust::External,
                },
                dialect: provider::Settings::default(),
                entrance: Entrance::prefix(format!("/{name}")),
                base_url: base_url.to_owned(),
                api_key_env: None,
                aws: None,
                http: HttpVersion::Auto,
                ca: None,
                max_body: None,
                max_concurrent: None,
                failure: Failure::default(),
            })
            .to_vec()
    }
}

/// Reads every `[[upstream]]`.
pub(super) fn read(tables: Vec<Table<'_>>, failure: Failure, reading: &mut Reading<'_>) -> Vec<Upstream> {
    let mut upstreams: Vec<Upstream> = Vec::new();
    for mut table in tables {
        let read = one(&mut table, failure, reading);
        if let Some(upstream) = &read {
            compare(upstream, &upstreams, &table, reading);
        }
        upstreams.extend(read);
        table.finish(reading.problems);
    }
    upstreams
}

fn one(table: &mut Table<'_>, failure: Failure, reading: &mut Reading<'_>) -> Option<Upstream> {
    let source = table.source();
    let name = table.req::<Value<'_>>("name", reading.problems).and_then(|value| name(&value, reading));
    let provider = table.req::<Value<'_>>("provider", reading.problems).and_then(|value| provider(&value, reading));
    let dialect = layout::read(table, reading);
    let entrance = Entrance::read(table, reading);
    let base_url = table.req::<Value<'_>>("base_url", reading.problems).and_then(|value| base_url(&value, reading));
    let api_key_env = reading.variable(table, "api_key_env");
    let aws = aws::read(table, api_key_env.is_some(), reading);
    let region = table.opt::<Value<'_>>("region", reading.problems).and_then(|value| region(&value, reading));
    let trust = table.opt("trust", reading.problems).unwrap_or(Trust::External);
    let http = table.opt("http", reading.problems).unwrap_or(HttpVersion::Auto);
    let ca = table.opt::<Spanned<&str>>("ca", reading.problems).map(|path| reading.file(source, path));
    let max_body = table.opt("max_body", reading.problems);
    let max_concurrent =
        reading.spanned::<u32>(table, "max_concurrent").and_then(|most| at_least_one(most, source, reading));
    let mut own = failure;
    reading.section(table, "failure", |table, reading| own.read(table, reading));
    let facts = UpstreamFacts { name: name?, provider: provider?, region, trust };
    Some(Upstream {
        facts,
        dialect,
        entrance: entrance?,
        base_url: base_url?,
        api_key_env,
        aws,
        http,
        ca,
        max_body,
        max_concurrent,
        failure: own,
    })
}

fn at_least_one(most: Spanned<u32>, source: &Arc<Source>, reading: &mut Reading<'_>) -> Option<NonZeroU32> {
    let number = NonZeroU32::new(most.value);
    if number.is_none() {
        let help = "write at least 1, or remove the upstream";
        reading.problems.at(source, most.span, "no request could ever be sent", help);
    }
    number
}

/// Reports a name or entrance that an upstream before this one has taken.
fn compare(upstream: &Upstream, before: &[Upstream], table: &Table<'_>, reading: &mut Reading<'_>) {
    if before.iter().any(|other| other.facts.name == upstream.facts.name) {
        let message = format!("there are two upstreams with the name `{}`", upstream.facts.name);
        reading.problems.at(table.source(), table.span_of("name"), message, "give each upstream a name of its own");
    }
    for other in before {
        upstream.entrance.compare(&other.entrance, &other.facts.name, table, reading);
    }
}

fn text<'d>(value: &Value<'d>, reading: &mut Reading<'_>) -> Option<&'d str> {
    if value.as_str().is_none() {
        value.mistyped("a string", reading.problems);
    }
    value.as_str()
}

/// A name that stands in records and metrics.
fn name(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<String> {
    let name = text(value, reading)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.len() > 64 || !name.chars().all(allowed) {
        let help = "use up to 64 letters a–z, digits, `-`, `_` and `.`";
        value.problem("this cannot be the name of an upstream", help, reading.problems);
        return None;
    }
    Some(name.to_owned())
}

fn provider(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<String> {
    let name = text(value, reading)?;
    if !reading.providers.contains(&name) {
        unknown(value, "provider", reading.providers.iter().copied(), reading.problems);
        return None;
    }
    Some(name.to_owned())
}

fn base_url(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<String> {
    let url = text(value, reading)?;
    let uri: Option<Uri> = url.parse().ok();
    let authority = uri.as_ref().and_then(Uri::authority).filter(|authority| !authority.host().is_empty());
    let with_scheme = match mask::quotable(url).filter(|url| !url.is_empty() && !url.contains("://")) {
        Some(host) => format!("write `\"https://{host}\"`"),
        None => "write scheme and host, such as `\"https://api.openai.com\"`".to_owned(),
    };
    let (message, help) = match (&uri, authority) {
        (Some(uri), Some(_)) if !matches!(uri.scheme_str(), Some("http" | "https")) => {
            ("the address must begin with `https://` or `http://`", with_scheme.as_str())
        }
        (Some(_), Some(authority)) if authority.as_str().contains('@') => (
            "the address contains a user name or password",
            "put the credential into an environment variable and name it in `api_key_env`",
        ),
        (Some(_), Some(_)) if url.contains(['?', '#']) => {
            ("the address must end with its path", "remove what follows `?` or `#`, and the sign itself")
        }
        (Some(_), Some(_)) => return Some(url.trim_end_matches('/').to_owned()),
        _ => ("this is not a web address", with_scheme.as_str()),
    };
    value.problem(message, help, reading.problems);
    None
}

/// A country, the European Union, or a provider's name for a region: `DE`, `EU`, `eu-central-1`, `westeurope`.
fn region(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<String> {
    let region = text(value, reading)?;
    let provider_region = region.len() > 2
        && region.starts_with(|c: char| c.is_ascii_lowercase())
        && region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if country::is_iso2(region) || region == "EU" || provider_region {
        return Some(region.to_owned());
    }
    let help = match country::meant(region) {
        Some(code) => format!("write `\"{code}\"`"),
        None if region.eq_ignore_ascii_case("EU") => "write `\"EU\"`".to_owned(),
        None => "write a country such as `\"DE\"`, or the provider's region such as `\"eu-central-1\"`".to_owned(),
    };
    value.problem("unknown region", help, reading.problems);
    None
}

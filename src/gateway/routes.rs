//! From the path of a request to its upstream.

use crate::config::{self, Config, HttpVersion};
use crate::exchange::Failures;
use crate::policy::UpstreamFacts;
use crate::provider::{self, Dialect};
use crate::proxy::upstream::{Deadlines, Protocol, Trust, Upstream};
use http::{HeaderName, HeaderValue};
use std::sync::Arc;

/// The upstreams of a configuration, longest prefix first.
pub struct Routes {
    entries: Vec<Entry>,
}

/// One upstream.
pub struct Entry {
    pub prefix: String,
    pub upstream: Arc<Upstream>,
    pub facts: Arc<UpstreamFacts>,
    pub dialect: Arc<dyn Dialect>,
    pub failures: Failures,
}

/// The upstream a target belongs to.
pub struct Found<'r, 't> {
    pub entry: &'r Entry,
    /// The rest of the target after the prefix, with its query; begins with `/`.
    pub rest: &'t str,
}

impl Routes {
    /// Makes the upstreams of a configuration.
    ///
    /// # Errors
    /// A message that names the upstream when its credential or its authorities cannot be read.
    pub fn new(config: &Config) -> Result<Self, String> {
        let mut entries = Vec::with_capacity(config.upstreams.len());
        for upstream in &config.upstreams {
            entries.push(entry(config, upstream).map_err(|why| format!("upstream `{}`: {why}", upstream.facts.name))?);
        }
        entries.sort_by_key(|e| std::cmp::Reverse(e.prefix.len()));
        Ok(Self { entries })
    }

    /// The upstream whose prefix the target begins with, at a path boundary.
    pub fn find<'t>(&self, target: &'t str) -> Option<Found<'_, 't>> {
        self.entries.iter().find_map(|entry| {
            let rest = target.strip_prefix(entry.prefix.as_str())?;
            match rest.as_bytes().first() {
                Some(b'/') => Some(Found { entry, rest }),
                _ => None,
            }
        })
    }

    /// What to tell a caller whose path belongs to no upstream.
    pub fn advice(&self) -> String {
        let prefixes: Vec<String> = self.entries.iter().map(|e| format!("{}/…", e.prefix)).collect();
        match prefixes.as_slice() {
            [] => "no upstream is configured; add an `[[upstream]]` with a `prefix`".into(),
            _ => format!("no upstream is configured for this path; paths begin with {}", prefixes.join(" or ")),
        }
    }
}

fn entry(config: &Config, u: &config::Upstream) -> Result<Entry, String> {
    let provider = &u.facts.provider;
    let dialect = provider::find(provider).ok_or_else(|| format!("there is no provider `{provider}`"))?;
    let authorities = match &u.ca {
        Some(path) => Some(std::fs::read(path).map_err(|e| format!("cannot read `{}`: {e}", path.display()))?),
        None => None,
    };
    let protocol = match u.http {
        HttpVersion::Auto => Protocol::Auto,
        HttpVersion::Http1 => Protocol::Http1,
        HttpVersion::Http2 => Protocol::Http2,
    };
    let trust = Trust::new(authorities.as_deref())?;
    let mut upstream = Upstream::new(&u.facts.name, &u.base_url, protocol, &trust)?;
    upstream.deadlines = Deadlines {
        connect: config.limits.connect,
        first_byte: config.limits.first_byte,
        idle: config.limits.stream_idle,
        total: config.limits.total,
    };
    if let Some(name) = &u.api_key_env {
        let key = std::env::var(name).map_err(|_| format!("the variable `{name}` of `api_key_env` is not set"))?;
        let (header, value) = dialect.credential(&key);
        let mut value = HeaderValue::from_str(&value).map_err(|_| format!("`{name}` is not a valid credential"))?;
        value.set_sensitive(true);
        upstream.set_headers.push((HeaderName::from_static(header), value));
    }
    Ok(Entry {
        prefix: u.prefix.clone(),
        upstream: Arc::new(upstream),
        facts: Arc::new(u.facts.clone()),
        dialect,
        failures: u.failure.into(),
    })
}

//! From the path, the host and the model of a request to its upstream.

use crate::config::{self, Config, Entrance, HttpVersion};
use crate::exchange::Failures;
use crate::policy::UpstreamFacts;
use crate::provider::{self, Dialect, Operations, Target};
use crate::proxy::upstream::{Deadlines, Protocol, Trust, Upstream};
use crate::sigv4::Signer;
use http::{HeaderName, HeaderValue};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The upstreams of a configuration, in its order.
pub struct Routes {
    entries: Vec<Arc<Entry>>,
}

/// One upstream.
pub struct Entry {
    pub entrance: Entrance,
    pub upstream: Arc<Upstream>,
    pub facts: Arc<UpstreamFacts>,
    pub dialect: Arc<dyn Dialect>,
    operations: Operations,
    pub failures: Failures,
    /// Signs with the gateway's own credentials.
    pub signer: Option<Signer>,
    /// Largest request body, in bytes.
    pub max_body: usize,
    places: Places,
}

/// The upstreams that share an entrance; at least one.
pub struct Group(Vec<Arc<Entry>>);

impl Group {
    /// Whether it takes the model to choose, or to let pass at all.
    pub fn asks_for_model(&self) -> bool {
        let any = |entry: &Entry| entry.entrance.models.is_empty() && entry.entrance.deny_models.is_empty();
        self.0.len() > 1 || !any(&self.0[0])
    }

    /// The upstream of requests that name no model: the one that serves all, else the first.
    pub fn first(&self) -> &Arc<Entry> {
        self.0.iter().find(|entry| entry.entrance.models.is_empty()).unwrap_or(&self.0[0])
    }

    /// The upstream that serves `model`, if any does: one that names it before one that serves all.
    pub fn serving(&self, model: &str) -> Option<&Arc<Entry>> {
        let (named, all): (Vec<_>, Vec<_>) = self.0.iter().partition(|entry| !entry.entrance.models.is_empty());
        named.into_iter().chain(all).find(|entry| entry.entrance.serves(model))
    }
}

/// How many exchanges an upstream works on, and at most.
struct Places {
    taken: Arc<AtomicU32>,
    most: u32,
}

/// A place among the exchanges an upstream works on, free again when dropped.
pub struct Place(Arc<AtomicU32>);

impl Places {
    fn take(&self) -> Option<Place> {
        let more = |taken: u32| (taken < self.most).then_some(taken + 1);
        let taken = self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        taken.is_ok().then(|| Place(self.taken.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Entry {
    /// The dialect spoken at a path, and what the request's address says.
    pub fn spoken(&self, method: &str, path: &str) -> (Arc<dyn Dialect>, Target) {
        self.operations.spoken(&self.dialect, method, path)
    }

    /// A place for one more exchange; `None` if the upstream works on as many as it may.
    pub fn place(&self) -> Option<Place> {
        self.places.take()
    }
}

impl Routes {
    /// Makes the upstreams of a configuration.
    ///
    /// # Errors
    /// A message that names the upstream when its credential or its authorities cannot be read.
    pub fn new(config: &Config) -> Result<Self, String> {
        let mut entries = Vec::with_capacity(config.upstreams.len());
        for upstream in &config.upstreams {
            let entry = entry(config, upstream).map_err(|why| format!("upstream `{}`: {why}", upstream.facts.name))?;
            entries.push(Arc::new(entry));
        }
        Ok(Self { entries })
    }

    /// The upstreams whose entrance the request takes, and the rest of the target behind it, which begins with `/`. `host` as
    /// in the request.
    pub fn find<'t>(&self, host: Option<&str>, target: &'t str) -> Option<(Group, &'t str)> {
        let behind = |entry: &Arc<Entry>| entry.entrance.rest(host, target).filter(|rest| rest.starts_with('/'));
        let rest = self.entries.iter().find_map(behind)?;
        Some((Group(self.entries.iter().filter(|entry| behind(entry) == Some(rest)).cloned().collect()), rest))
    }

    /// What to tell a caller whose path belongs to no upstream.
    pub fn advice(&self) -> String {
        let mut prefixes: Vec<String> = Vec::new();
        for prefix in self.entries.iter().filter_map(|entry| entry.entrance.prefix.as_deref()) {
            let path = format!("{prefix}/…");
            if !prefixes.contains(&path) {
                prefixes.push(path);
            }
        }
        match (prefixes.as_slice(), self.entries.is_empty()) {
            ([], true) => "no upstream is configured; add an `[[upstream]]` with a `prefix`".into(),
            ([], false) => "no upstream is configured for this host".into(),
            _ => format!("no upstream is configured for this path; paths begin with {}", prefixes.join(" or ")),
        }
    }
}

/// The signer with the credentials of the environment.
fn signer(aws: &config::Aws) -> Result<Signer, String> {
    let read = |name: &String| std::env::var(name).map_err(|_| format!("the variable `{name}` of `aws` is not set"));
    let token = aws.session_token_env.as_ref().map(read).transpose()?;
    Signer::new(&aws.region, &read(&aws.access_key_id_env)?, &read(&aws.secret_access_key_env)?, token.as_deref())
}

fn entry(config: &Config, u: &config::Upstream) -> Result<Entry, String> {
    let provider = &u.facts.provider;
    let dialect =
        provider::configured(provider, &u.dialect).ok_or_else(|| format!("there is no provider `{provider}`"))?;
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
    let max_body = u.max_body.map_or(config.server.max_body.0, |own| own.0.min(config.server.max_body.0));
    Ok(Entry {
        entrance: u.entrance.clone(),
        upstream: Arc::new(upstream),
        facts: Arc::new(u.facts.clone()),
        dialect,
        operations: u.dialect.operations.clone(),
        failures: u.failure.into(),
        signer: u.aws.as_ref().map(signer).transpose()?,
        max_body: usize::try_from(max_body).unwrap_or(usize::MAX),
        places: Places { taken: Arc::default(), most: u.max_concurrent.map_or(u32::MAX, std::num::NonZeroU32::get) },
    })
}

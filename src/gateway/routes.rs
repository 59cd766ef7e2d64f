//! From the path of a request to its upstream.

use crate::config::Config;
use crate::policy::UpstreamFacts;
use crate::provider::{self, Dialect};
use crate::proxy::upstream::Upstream;
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
    pub dialect: &'static dyn Dialect,
}

/// The upstream a target belongs to.
pub struct Found<'r, 't> {
    pub entry: &'r Entry,
    /// The rest of the target after the prefix, with its query; begins with `/`.
    pub rest: &'t str,
}

impl<'t> Found<'_, 't> {
    /// The rest without its query.
    pub fn path(&self) -> &'t str {
        self.rest.split('?').next().unwrap_or_default()
    }
}

impl Routes {
    pub fn new(config: &Config) -> Self {
        let mut entries: Vec<Entry> = (config.upstreams.iter())
            .map(|u| Entry {
                prefix: u.prefix.clone(),
                upstream: Arc::new(Upstream::new(u, &config.limits)),
                facts: Arc::new(UpstreamFacts {
                    name: u.name.clone(),
                    provider: u.provider.clone(),
                    region: u.region.clone(),
                    trust: u.trust,
                }),
                dialect: provider::find(&u.provider).expect("the configuration was checked against the list of dialects"),
            })
            .collect();
        entries.sort_by_key(|e| std::cmp::Reverse(e.prefix.len()));
        Self { entries }
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

//! Which requests are for an upstream: by path, by host name, by model.

use super::Reading;
use crate::diagnostic::reader::{Table, Value};
use crate::policy::Glob;

/// The requests an upstream takes. A request is its own if the path begins with the prefix or the host is one of the hosts,
/// and, where several upstreams share an entrance, if it serves the model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entrance {
    /// Begins the paths of requests for it: `/openai`. None begins another; several upstreams may have the same.
    pub prefix: Option<String>,
    /// Host names of the gateway whose every path is for it, in lower case and without port.
    pub hosts: Vec<String>,
    /// The models it serves; empty: all.
    pub models: Vec<Glob>,
    /// Models it does not serve although `models` has them.
    pub deny_models: Vec<Glob>,
}

impl Entrance {
    /// The entrance by a prefix alone.
    pub fn prefix(prefix: impl Into<String>) -> Self {
        Self { prefix: Some(prefix.into()), ..Self::default() }
    }

    /// What is sent on of `target` if the request is for this upstream: empty, or beginning with `/`. `host` as in the
    /// request, perhaps with a port.
    pub fn rest<'t>(&self, host: Option<&str>, target: &'t str) -> Option<&'t str> {
        let behind = self.prefix.as_deref().and_then(|prefix| target.strip_prefix(prefix));
        behind.filter(|rest| rest.is_empty() || rest.starts_with(['/', '?'])).or_else(|| {
            let name = host?.rsplit_once(':').map_or(host?, |(name, _)| name);
            self.hosts.iter().any(|own| own.eq_ignore_ascii_case(name)).then_some(target)
        })
    }

    /// Whether requests for this model are for it.
    pub fn serves(&self, model: &str) -> bool {
        let any = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(model));
        (self.models.is_empty() || any(&self.models)) && !any(&self.deny_models)
    }

    pub(super) fn read(table: &mut Table<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let hosts = table.opt::<Vec<Value<'_>>>("hosts", reading.problems);
        let prefix = match hosts {
            None => table.req::<Value<'_>>("prefix", reading.problems),
            Some(_) => table.opt::<Value<'_>>("prefix", reading.problems),
        };
        let hosts: Vec<String> = hosts.iter().flatten().filter_map(|value| host(value, reading)).collect();
        let given = prefix.is_some();
        let prefix = prefix.and_then(|value| self::prefix(&value, reading));
        let mut globs = |key| {
            let values = table.opt::<Vec<Value<'_>>>(key, reading.problems).unwrap_or_default();
            values.iter().filter_map(|value| model(value, reading)).collect()
        };
        let (models, deny_models) = (globs("models"), globs("deny_models"));
        (prefix.is_some() || !given && !hosts.is_empty()).then_some(Self { prefix, hosts, models, deny_models })
    }

    /// Reports where this entrance cannot be told from another one.
    pub(super) fn compare(&self, other: &Self, name: &str, table: &Table<'_>, reading: &mut Reading<'_>) {
        // requests for both are told apart by the model
        let by_model = !self.models.is_empty() || !other.models.is_empty();
        if let (Some(own), Some(its)) = (self.prefix.as_deref(), other.prefix.as_deref()) {
            let begins =
                |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            let (message, help) = match own == its {
                true if by_model => return,
                true => (
                    format!("the prefix `{own}` is already taken by the upstream `{name}`"),
                    "choose another one, or give each its `models`, such as `[\"gpt-*\"]`: then the model decides",
                ),
                false if begins(own, its) || begins(its, own) => (
                    format!("the prefix overlaps with `{its}` of the upstream `{name}`"),
                    "choose a prefix that does not begin another one, such as `/openai-eu` beside `/openai`",
                ),
                false => (String::new(), ""),
            };
            if !message.is_empty() {
                reading.problems.at(table.source(), table.span_of("prefix"), message, help);
            }
        }
        if let Some(host) = self.hosts.iter().find(|host| other.hosts.contains(host)).filter(|_| !by_model) {
            let message = format!("the host `{host}` is already taken by the upstream `{name}`");
            let help = "choose another one, or give each its `models`, such as `[\"gpt-*\"]`: then the model decides";
            reading.problems.at(table.source(), table.span_of("hosts"), message, help);
        }
    }
}

fn text<'d>(value: &Value<'d>, reading: &mut Reading<'_>) -> Option<&'d str> {
    if value.as_str().is_none() {
        value.mistyped("a string", reading.problems);
    }
    value.as_str()
}

/// A host name of the gateway's own.
fn host(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<String> {
    let name = text(value, reading)?;
    let part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if name.is_empty() || !name.split('.').all(part) {
        let help =
            "write the name callers reach the gateway by, without scheme, port and path, such as `\"llm.example.com\"`";
        value.problem("this is not a host name", help, reading.problems);
        return None;
    }
    Some(name.to_ascii_lowercase())
}

/// A model's name with `*` for any text.
fn model(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Glob> {
    let name = text(value, reading)?;
    if name.is_empty() {
        value.problem("a model has a name", "write it, with `*` for any text: `\"gpt-*\"`", reading.problems);
        return None;
    }
    Some(Glob::new(name))
}

fn prefix(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<String> {
    let prefix = text(value, reading)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.~/".contains(c);
    let (message, help) = if !prefix.starts_with('/') {
        ("the prefix must begin with `/`", format!("write `\"/{}\"`", prefix.trim_matches('/')))
    } else if prefix == "/" {
        ("the prefix names no path", "write a word after the slash, such as `\"/openai\"`".to_owned())
    } else if prefix.ends_with('/') {
        ("the prefix must not end with `/`", format!("write `\"{}\"`", prefix.trim_end_matches('/')))
    } else if !prefix.chars().all(allowed) {
        (
            "the prefix contains a character that a path cannot have",
            "use letters a–z, digits, `-`, `_`, `.` and `/`".to_owned(),
        )
    } else if prefix[1..].split('/').any(|part| matches!(part, "" | "." | "..")) {
        ("the prefix has an empty part, `.` or `..`", "write each part once, such as `\"/models/openai\"`".to_owned())
    } else {
        return Some(prefix.to_owned());
    };
    let help = if prefix.is_empty() { "write a word after a slash, such as `\"/openai\"`".to_owned() } else { help };
    value.problem(message, help, reading.problems);
    None
}

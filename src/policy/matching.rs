//! What a statement asks about: the `match` table.

use super::by_band::ByBand;
use super::glob::{Glob, asks_for};
use super::names::{AnyOf, Kind, Names};
use super::{Evidence, Subject, Trust};
use crate::decode::{Channel, Reason, Uninspected};
use crate::diagnostic::Problems;
use crate::diagnostic::reader::{Choice, OneOrMany, Spanned, Table};
use crate::pack::{Confidence, Severity};
use crate::risk::Band;

/// What a statement is about. A key that is absent is `None` and does not ask.
#[derive(Debug, Clone, Default)]
pub struct Match {
    // the exchange
    countries: Option<Vec<Glob>>,
    industries: Option<Vec<Glob>>,
    groups: Option<Vec<Glob>>,
    users: Option<Vec<Glob>>,
    upstream: UpstreamMatch,
    models: Option<Vec<Glob>>,
    operations: Option<Vec<Glob>>,
    bands: Option<Vec<Band>>,
    // its findings
    channels: Option<Vec<Channel>>,
    categories: Option<Vec<Glob>>,
    packs: Option<Vec<Glob>>,
    rules: Option<Vec<Glob>>,
    severities: Option<Vec<Severity>>,
    min_severity: Option<Severity>,
    data_countries: Option<Vec<Glob>>,
    min_count: Option<usize>,
    // its uninspected parts
    uninspected: Option<Vec<Reason>>,
    about: About,
}

/// The facts of an upstream that a statement asks for.
#[derive(Debug, Clone, Default)]
struct UpstreamMatch {
    name: Option<Vec<Glob>>,
    provider: Option<Vec<Glob>>,
    region: Option<Vec<Glob>>,
    trust: Option<Vec<Trust>>,
}

/// What a statement speaks of, which follows from the keys of its `match`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum About {
    /// Each exchange: only keys about who asks what of whom, or none.
    #[default]
    Exchange,
    /// Each finding.
    Findings,
    /// Each part that was not inspected.
    Uninspected,
}

/// Keys that ask about findings and say nothing about a part that was not inspected.
const ABOUT_FINDINGS: &[&str] =
    &["categories", "packs", "rules", "severities", "min_severity", "data_countries", "min_count", "confidence"];

impl Match {
    /// Reads the table; `confidence` is handed back because a statement may also carry it beside `match`.
    pub fn read(mut table: Table<'_>, names: &Names, problems: &mut Problems) -> (Self, Option<ByBand<Confidence>>) {
        let source = table.source().clone();
        let globs = |table: &mut Table<'_>, key: &'static str, kind: Kind, problems: &mut Problems| {
            let list = table.opt::<Vec<Spanned<String>>>(key, problems)?;
            Some(names.globs(kind, &list, &source, problems))
        };
        let mut read = Self {
            countries: globs(&mut table, "countries", Kind::Country, problems),
            industries: globs(&mut table, "industries", Kind::Industry, problems),
            groups: globs(&mut table, "groups", Kind::Free, problems),
            users: globs(&mut table, "users", Kind::Free, problems),
            models: globs(&mut table, "models", Kind::Free, problems),
            operations: globs(&mut table, "operations", Kind::Free, problems),
            categories: globs(&mut table, "categories", Kind::Category, problems),
            packs: globs(&mut table, "packs", Kind::Pack, problems),
            rules: globs(&mut table, "rules", Kind::Rule, problems),
            data_countries: globs(&mut table, "data_countries", Kind::Country, problems),
            bands: any_of(&mut table, "bands", problems),
            channels: any_of(&mut table, "channels", problems),
            severities: any_of(&mut table, "severities", problems),
            uninspected: any_of(&mut table, "uninspected", problems),
            min_severity: table.opt("min_severity", problems),
            min_count: table.opt("min_count", problems),
            upstream: UpstreamMatch::default(),
            about: About::Exchange,
        };
        if let Some(upstream) = table.opt::<Table<'_>>("upstream", problems) {
            read.upstream = UpstreamMatch::read(upstream, names, problems);
        }
        let confidence = table.opt::<ByBand<Confidence>>("confidence", problems);
        read.about = About::of(&table, problems);
        if read.min_count == Some(0) {
            problems.at(
                &source,
                table.span_of("min_count"),
                "`min_count` is 0",
                "a statement speaks from 1 distinct value on; leave the key out, or write 1 or more",
            );
        }
        table.finish(problems);
        (read, confidence)
    }

    pub fn about(&self) -> About {
        self.about
    }

    /// Whether it asks for nothing at all.
    pub fn is_empty(&self) -> bool {
        let exchange = [&self.countries, &self.industries, &self.groups, &self.users, &self.models, &self.operations];
        self.about == About::Exchange
            && exchange.iter().all(|k| k.is_none())
            && self.bands.is_none()
            && self.upstream.is_empty()
    }

    /// Distinct values from which the statement speaks.
    pub fn min_count(&self) -> usize {
        self.min_count.unwrap_or(1)
    }

    /// The first key by which the statement asks about other exchanges than this one; `None`: it asks about this one.
    pub fn misfit(&self, subject: &Subject<'_>) -> Option<&'static str> {
        let principal = subject.principal;
        let in_groups = |name| asks_for(self.groups.as_deref(), name);
        let fits = [
            ("groups", in_groups(None) || principal.groups.iter().any(|g| in_groups(Some(g)))),
            ("countries", asks_for(self.countries.as_deref(), principal.country.as_deref())),
            ("industries", asks_for(self.industries.as_deref(), principal.industry.as_deref())),
            ("users", asks_for(self.users.as_deref(), Some(&principal.user))),
            ("models", asks_for(self.models.as_deref(), subject.model)),
            ("operations", asks_for(self.operations.as_deref(), Some(subject.operation))),
            ("bands", self.bands.as_ref().is_none_or(|bands| bands.contains(&subject.band))),
            ("upstream", self.upstream.asks_for(subject)),
        ];
        fits.into_iter().find(|(_, fits)| !fits).map(|(key, _)| key)
    }

    /// Whether the statement asks about a finding like this one, confidence apart.
    pub fn finding(&self, evidence: &Evidence<'_>) -> bool {
        let rule = evidence.rule;
        self.channel(evidence.channel)
            && asks_for(self.categories.as_deref(), Some(&rule.category))
            && asks_for(self.packs.as_deref(), Some(&rule.pack))
            && asks_for(self.rules.as_deref(), Some(&rule.id))
            && asks_for(self.data_countries.as_deref(), rule.jurisdiction.as_deref())
            && self.severities.as_ref().is_none_or(|s| s.contains(&rule.severity))
            && self.min_severity.is_none_or(|least| rule.severity >= least)
    }

    /// Whether the statement asks about a part that was not inspected.
    pub fn part(&self, part: &Uninspected) -> bool {
        self.channel(part.channel) && self.uninspected.as_ref().is_some_and(|reasons| reasons.contains(&part.reason))
    }

    fn channel(&self, channel: Channel) -> bool {
        self.channels.as_ref().is_none_or(|channels| channels.contains(&channel))
    }

    /// The facts of the exchange that the statement asked for and found, for the reasons of a decision.
    pub fn reasons(&self, subject: &Subject<'_>) -> Vec<String> {
        let mut reasons = Vec::new();
        let mut say = |asked: bool, what: &str, is: &str| {
            if asked {
                reasons.push(format!("{what} is {is}"));
            }
        };
        let principal = subject.principal;
        say(self.countries.is_some(), "country of the principal", principal.country.as_deref().unwrap_or("unknown"));
        say(self.industries.is_some(), "industry of the principal", principal.industry.as_deref().unwrap_or("unknown"));
        say(self.users.is_some(), "user", &principal.user);
        if let Some(asked) = &self.groups {
            let member: Vec<&str> =
                principal.groups.iter().map(String::as_str).filter(|g| asked.iter().any(|a| a.matches(g))).collect();
            say(!member.is_empty(), "group", &member.join(", "));
        }
        say(self.models.is_some(), "model", subject.model.unwrap_or("unknown"));
        say(self.operations.is_some(), "operation", subject.operation);
        say(self.bands.is_some(), "band", subject.band.name());
        self.upstream.reasons(subject, &mut say);
        reasons
    }

    /// The jurisdictions that the statement speaks for, to tell when two of them disagree.
    pub fn jurisdictions(&self, subject: &Subject<'_>) -> Vec<String> {
        let mut of = Vec::new();
        if let Some(asked) = &self.data_countries {
            of.extend(asked.iter().map(|g| format!("data of {}", g.as_str())));
        }
        if self.countries.is_some() {
            of.push(format!("users in {}", subject.principal.country.as_deref().unwrap_or("any country")));
        }
        if self.upstream.region.is_some() {
            of.push(format!("upstreams in {}", subject.upstream.region.as_deref().unwrap_or("any region")));
        }
        of
    }

    /// Facts of the exchange that could be otherwise, as alternatives under which the statement would be silent.
    pub fn alternatives(&self) -> Vec<String> {
        let mut other = self.upstream.alternatives();
        if let Some(models) = &self.models {
            other.push(format!("another model than {}", quoted(models)));
        }
        other
    }
}

impl About {
    /// What the keys present in `table` speak of; keys that contradict are reported.
    fn of(table: &Table<'_>, problems: &mut Problems) -> Self {
        let asked = ABOUT_FINDINGS.iter().find(|key| table.has(key));
        if !table.has("uninspected") {
            return if asked.is_some() || table.has("channels") { Self::Findings } else { Self::Exchange };
        }
        if let Some(key) = asked {
            problems.at(
                table.source(),
                table.span_of(key),
                format!("`{key}` asks about findings, `uninspected` about parts in which nothing was looked for"),
                "write two statements, one for each",
            );
        }
        Self::Uninspected
    }
}

impl UpstreamMatch {
    fn read(mut table: Table<'_>, names: &Names, problems: &mut Problems) -> Self {
        let source = table.source().clone();
        let globs = |table: &mut Table<'_>, key: &'static str, problems: &mut Problems| {
            let OneOrMany(list) = table.opt(key, problems)?;
            Some(names.globs(Kind::Free, &list, &source, problems))
        };
        let trust = if table.has("trust") { trust(&mut table, problems) } else { None };
        let read = Self {
            name: globs(&mut table, "name", problems),
            provider: globs(&mut table, "provider", problems),
            region: globs(&mut table, "region", problems),
            trust,
        };
        table.finish(problems);
        read
    }

    fn is_empty(&self) -> bool {
        self.name.is_none() && self.provider.is_none() && self.region.is_none() && self.trust.is_none()
    }

    fn asks_for(&self, subject: &Subject<'_>) -> bool {
        let upstream = subject.upstream;
        asks_for(self.name.as_deref(), Some(&upstream.name))
            && asks_for(self.provider.as_deref(), Some(&upstream.provider))
            && asks_for(self.region.as_deref(), upstream.region.as_deref())
            && self.trust.as_ref().is_none_or(|t| t.contains(&upstream.trust))
    }

    fn reasons(&self, subject: &Subject<'_>, say: &mut impl FnMut(bool, &str, &str)) {
        let upstream = subject.upstream;
        say(self.name.is_some(), "upstream", &upstream.name);
        say(self.provider.is_some(), "provider", &upstream.provider);
        say(self.region.is_some(), "region of the upstream", upstream.region.as_deref().unwrap_or("unknown"));
        say(self.trust.is_some(), "trust in the upstream", upstream.trust.name());
    }

    fn alternatives(&self) -> Vec<String> {
        let mut other = Vec::new();
        let named = [("", &self.name), (" of a provider", &self.provider), (" with a region", &self.region)];
        for (what, globs) in named {
            if let Some(globs) = globs {
                other.push(format!("an upstream{what} other than {}", quoted(globs)));
            }
        }
        if let Some(trust) = &self.trust {
            let names: Vec<String> = trust.iter().map(|t| format!("`{}`", t.name())).collect();
            other.push(format!("an upstream whose trust is not {}", names.join(" or ")));
        }
        other
    }
}

/// `trust = "external"`, or a list.
fn trust(table: &mut Table<'_>, problems: &mut Problems) -> Option<Vec<Trust>> {
    let OneOrMany(names) = table.opt("trust", problems)?;
    let source = table.source().clone();
    let mut chosen = Vec::new();
    for name in names {
        match Trust::CHOICES.iter().find(|(n, _)| *n == name.value) {
            Some((_, choice)) => chosen.push(*choice),
            None if name.value == "*" => chosen.extend(Trust::CHOICES.iter().map(|(_, c)| *c)),
            None => {
                let known = Trust::CHOICES.iter().map(|(n, _)| *n);
                let help = match crate::diagnostic::nearest(&name.value, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "choices are `external`, `partner`, `internal`".to_owned(),
                };
                problems.at(&source, name.span, format!("unknown trust `{}`", name.value), help);
            }
        }
    }
    Some(chosen)
}

fn any_of<T: Choice>(table: &mut Table<'_>, key: &'static str, problems: &mut Problems) -> Option<Vec<T>>
where
    for<'d> AnyOf<T>: crate::diagnostic::reader::Read<'d>,
{
    table.opt::<AnyOf<T>>(key, problems).map(|AnyOf(list)| list)
}

fn quoted(globs: &[Glob]) -> String {
    let names: Vec<String> = globs.iter().map(|g| format!("`{}`", g.as_str())).collect();
    names.join(" or ")
}

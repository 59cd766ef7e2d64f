//! Which packs a policy names, and so which rules apply to whom.

use super::Policy;
use super::glob::Glob;
use super::names::{Kind, Names};
use crate::detect::RuleSet;
use crate::diagnostic::Problems;
use crate::diagnostic::reader::{OneOrMany, Table};
use crate::pack::Rule;
use crate::principal::Principal;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The packs a policy speaks of.
#[derive(Debug)]
pub struct Packs {
    /// Base packs, and those of the principal's country and industry. Of a principal whose country is unknown, every
    /// country's: not knowing is no reason to look less closely. Likewise the industry.
    auto: bool,
    named: Vec<Glob>,
}

impl Packs {
    /// `packs = "auto"`, or a list of names and globs, of which one may be `"auto"`. Absent: `auto`.
    pub fn read(table: &mut Table<'_>, names: &Names, problems: &mut Problems) -> Option<Self> {
        if !table.has("packs") {
            return Some(Self { auto: true, named: Vec::new() });
        }
        let source = table.source().clone();
        let span = table.span_of("packs");
        let OneOrMany(list) = table.opt("packs", problems)?;
        if list.is_empty() {
            problems.at(
                &source,
                span,
                "`packs` is empty, so the policy would find nothing",
                "write `packs = \"auto\"`, or name packs",
            );
        }
        let (auto, named): (Vec<_>, Vec<_>) = list.into_iter().partition(|n| n.value == "auto");
        Some(Self { auto: !auto.is_empty(), named: names.globs(Kind::Pack, &named, &source, problems) })
    }

    /// Whether the policy speaks of this pack to this principal.
    pub fn cover(&self, pack: &str, principal: &Principal) -> bool {
        self.named.iter().any(|g| g.matches(pack)) || self.auto && is_own(pack, principal)
    }

    /// Whether the policy speaks of this pack to anybody.
    pub fn may_name(&self, pack: &str) -> bool {
        self.auto || self.named.iter().any(|g| g.matches(pack))
    }
}

/// Whether `auto` takes this pack for this principal. A pack outside `country/` and `industry/` is everybody's.
fn is_own(pack: &str, principal: &Principal) -> bool {
    let same = |own: &Option<String>, name: &str| own.as_ref().is_none_or(|own| own.eq_ignore_ascii_case(name));
    match pack.split_once('/') {
        Some(("country", name)) => same(&principal.country, name),
        Some(("industry", name)) => same(&principal.industry, name),
        _ => true,
    }
}

/// What distinguishes principals as far as packs go: country and industry, where a pack exists for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Circle {
    country: Place,
    industry: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Unknown,
    /// Known, without a pack of its own.
    NoPack,
    /// Index into the sorted names.
    Pack(usize),
}

/// The country and industry names that have packs.
#[derive(Debug)]
pub struct Selection {
    countries: Vec<String>,
    industries: Vec<String>,
}

impl Selection {
    pub fn new(policies: &[Arc<Policy>], rules: &[Arc<Rule>]) -> Self {
        let auto = policies.iter().any(|p| p.packs.auto);
        let of = |prefix: &str| -> Vec<String> {
            let names: BTreeSet<&str> = rules.iter().filter_map(|r| r.pack.strip_prefix(prefix)).collect();
            names.into_iter().filter(|_| auto).map(str::to_ascii_lowercase).collect()
        };
        Self { countries: of("country/"), industries: of("industry/") }
    }

    /// Principals of one circle have the same rules.
    pub fn circle(&self, principal: &Principal) -> Circle {
        let place = |names: &[String], own: &Option<String>| match own {
            None => Place::Unknown,
            Some(own) => match names.iter().position(|n| own.eq_ignore_ascii_case(n)) {
                Some(i) => Place::Pack(i),
                None => Place::NoPack,
            },
        };
        Circle {
            country: place(&self.countries, &principal.country),
            industry: place(&self.industries, &principal.industry),
        }
    }

    /// The rules of every pack that some policy speaks of to this principal.
    pub fn rules(&self, policies: &[Arc<Policy>], rules: &[Arc<Rule>], principal: &Principal) -> RuleSet {
        let mut active = RuleSet::none(rules.len());
        for (index, rule) in rules.iter().enumerate() {
            if policies.iter().any(|p| p.packs.cover(&rule.pack, principal)) {
                active.insert(index);
            }
        }
        active
    }
}

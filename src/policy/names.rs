//! The names that policies may use, and what is said about others.

use super::glob::Glob;
use crate::diagnostic::reader::{Choice, Read, Spanned, Value};
use crate::diagnostic::{Problems, Source, country, nearest};
use crate::pack::{Library, category};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Every rule, pack and industry of a library, and every category there is.
pub struct Names {
    rules: BTreeSet<String>,
    packs: BTreeSet<String>,
    categories: BTreeSet<String>,
    industries: BTreeSet<String>,
}

/// What kind of name is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Rule,
    Pack,
    Category,
    Industry,
    Country,
    /// Groups, users, models, …: names that the gateway has no list of.
    Free,
}

impl Names {
    pub fn of(library: &Library) -> Self {
        let packs: BTreeSet<String> = library.packs.iter().map(|p| p.id.to_string()).collect();
        Self {
            rules: library.rules().map(|r| r.id.clone()).collect(),
            categories: category::names().map(str::to_owned).collect(),
            industries: packs.iter().filter_map(|p| p.strip_prefix("industry/")).map(str::to_owned).collect(),
            packs,
        }
    }

    fn known(&self, kind: Kind) -> Option<(&'static str, &BTreeSet<String>)> {
        match kind {
            Kind::Rule => Some(("rule", &self.rules)),
            Kind::Pack => Some(("pack", &self.packs)),
            Kind::Category => Some(("category", &self.categories)),
            Kind::Industry => Some(("industry", &self.industries)),
            Kind::Country | Kind::Free => None,
        }
    }

    /// Reports names that do not exist; `*` is no name here.
    pub fn plain(&self, kind: Kind, names: &[Spanned<String>], source: &Arc<Source>, problems: &mut Problems) {
        for name in names {
            let objection = match name.value.contains('*') {
                true => Some((format!("`{}` is no single name", name.value), "write the name in full".to_owned())),
                false => self.objection(kind, &name.value),
            };
            if let Some((message, help)) = objection {
                problems.at(source, name.span.clone(), message, help);
            }
        }
    }

    /// The names as globs; one that can match nothing is reported.
    pub fn globs(
        &self,
        kind: Kind,
        names: &[Spanned<String>],
        source: &Arc<Source>,
        problems: &mut Problems,
    ) -> Vec<Glob> {
        for name in names {
            if let Some((message, help)) = self.objection(kind, &name.value) {
                problems.at(source, name.span.clone(), message, help);
            }
        }
        names.iter().map(|n| Glob::new(&n.value)).collect()
    }

    /// What is wrong with a name, and how to mend it.
    fn objection(&self, kind: Kind, name: &str) -> Option<(String, String)> {
        if name.is_empty() {
            return Some(("a name is empty".to_owned(), "write a name, or `*` for any".to_owned()));
        }
        let glob = Glob::new(name);
        if kind == Kind::Country {
            return (name != "*" && !country::is_iso2(name)).then(|| unknown_country(name));
        }
        let (what, known) = self.known(kind)?;
        if known.iter().any(|k| glob.matches(k)) {
            return None;
        }
        if !glob.is_plain() {
            return Some((format!("no {what} matches `{name}`"), list("known are", known)));
        }
        let help = match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => list("known are", known),
        };
        Some((format!("unknown {what} `{name}`"), help))
    }
}

/// Message and help for a country code that is none.
pub fn unknown_country(code: &str) -> (String, String) {
    (format!("`{code}` is not a country code"), country::help(code))
}

fn list(lead: &str, known: &BTreeSet<String>) -> String {
    const SHOWN: usize = 12;
    let names: Vec<String> = known.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    match known.len() {
        0 => "none are loaded".to_owned(),
        n if n > SHOWN => format!("{lead} {}, and {} more (`portcullis list`)", names.join(", "), n - SHOWN),
        _ => format!("{lead} {}", names.join(", ")),
    }
}

/// A list of choices in which `"*"` is all of them.
pub struct AnyOf<T>(pub Vec<T>);

impl<'d, T: Choice + Read<'d>> Read<'d> for AnyOf<T> {
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        let values = Vec::<Value<'d>>::read(value, problems)?;
        let mut chosen = Vec::new();
        let mut wrong = false;
        for value in values {
            if value.as_str() == Some("*") {
                chosen.extend(T::CHOICES.iter().map(|(_, c)| *c));
            } else {
                match T::read(value, problems) {
                    Some(choice) => chosen.push(choice),
                    None => wrong = true,
                }
            }
        }
        (!wrong).then_some(Self(chosen))
    }
}

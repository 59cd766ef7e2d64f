//! All packs together: replacements, duplicate rules, overlays, suppressions.

use super::read::{PackFile, pack_file};
use super::suppression::Suppression;
use super::{Library, Pack, Place, embedded};
use crate::diagnostic::reader::Date;
use crate::diagnostic::{Problem, Problems, Source, nearest};
use std::collections::HashMap;
use std::sync::Arc;

impl Library {
    /// The packs in the binary, as sources named `embedded:packs/…`.
    pub fn embedded_sources() -> Vec<Arc<Source>> {
        let packs = embedded::FILES.iter().filter(|(name, _)| name.starts_with("packs/"));
        packs.map(|(name, text)| Source::new(format!("{}{name}", embedded::PREFIX), *text)).collect()
    }

    /// Reads packs; a later source replaces an embedded one with the same pack id. Every problem is reported.
    pub fn read(sources: &[Arc<Source>], problems: &mut Problems) -> Library {
        let mut files: Vec<(&Arc<Source>, PackFile)> = Vec::new();
        for source in sources {
            let Some(file) = pack_file(source, problems) else { continue };
            match files.iter_mut().find(|(_, earlier)| earlier.id.value == file.id.value) {
                Some(earlier) if earlier.0.name.starts_with(embedded::PREFIX) => *earlier = (source, file),
                Some((other, earlier)) => problems.at(
                    source,
                    file.id.span.clone(),
                    format!("the pack `{}` is there twice", file.id.value),
                    format!("the other is {}; rename one of them", place_name(other, earlier.id.span.start)),
                ),
                None => files.push((source, file)),
            }
        }
        let mut library = Library::default();
        let mut overlays = Vec::new();
        let mut suppressions = Vec::new();
        for (source, file) in files {
            let mut rules = Vec::new();
            for (rule, place) in file.rules {
                if let Some(first) = library.places.get(&rule.id) {
                    problems.at(
                        source,
                        place.id.clone(),
                        format!("the rule `{}` is defined twice", rule.id),
                        format!("the other is {}; rename or drop one", place_name(&first.source, first.id.start)),
                    );
                    continue;
                }
                library.places.insert(rule.id.clone(), place);
                rules.push(rule);
            }
            overlays.extend(file.overlays);
            suppressions.extend(file.suppressions.into_iter().map(|(suppression, rules)| (source, suppression, rules)));
            library.packs.push(Arc::new(Pack { rules: rules.into_iter().map(Arc::new).collect(), ..file.pack }));
        }
        for overlay in overlays {
            match library.rule_mut(&overlay.rule) {
                Some(rule) => overlay.apply(rule),
                None => library.unknown_rule(&overlay.source, &overlay.rule, overlay.rule_span, problems),
            }
        }
        for (source, suppression, rules) in suppressions {
            for rule in rules {
                if !library.places.contains_key(&rule.value) {
                    library.unknown_rule(source, &rule.value, rule.span, problems);
                }
            }
            library.suppressions.push(suppression);
        }
        library
    }

    /// The suppression that leaves out a finding of `rule` with this value on that day, if any.
    pub fn suppression(&self, rule: &str, value: &str, today: Date) -> Option<&Suppression> {
        self.suppressions.iter().find(|suppression| suppression.covers(rule, value, today))
    }

    /// Where a rule stands, for messages about it.
    pub fn place(&self, rule: &str) -> Option<&Place> {
        self.places.get(rule)
    }

    /// Reports why a rule cannot be compiled, at the pattern in its file. `rules` is the list given to the engine.
    pub fn report(&self, rules: &[Arc<super::Rule>], error: &crate::detect::RuleError, problems: &mut Problems) {
        let id = rules.get(error.rule).map_or("", |rule| &rule.id);
        let message = format!("the rule `{id}` cannot be used: {}", error.message);
        let place = self.place(id);
        let span = place.map(|place| place.patterns.get(error.pattern).unwrap_or(&place.id).clone());
        problems.push(Problem {
            source: place.map(|place| place.source.clone()),
            span: span.unwrap_or_default(),
            message,
            label: String::new(),
            help: (!error.help.is_empty()).then(|| error.help.clone()),
        });
    }

    fn rule_mut(&mut self, id: &str) -> Option<&mut super::Rule> {
        self.packs
            .iter_mut()
            .find(|pack| pack.rules.iter().any(|rule| rule.id == id))
            .and_then(|pack| Arc::make_mut(pack).rules.iter_mut().find(|rule| rule.id == id))
            .map(Arc::make_mut)
    }

    fn unknown_rule(&self, source: &Arc<Source>, id: &str, span: std::ops::Range<usize>, problems: &mut Problems) {
        let known: HashMap<&str, ()> = self.places.keys().map(|id| (id.as_str(), ())).collect();
        let help = match nearest(id, known.keys().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`portcullis list rules` shows them".to_owned(),
        };
        problems.at(source, span, format!("unknown rule `{id}`"), help);
    }
}

/// A place for use inside a sentence: `file:line`.
fn place_name(source: &Source, at: usize) -> String {
    let line = source.text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
    format!("{}:{line}", source.name)
}

//! All packs together: replacements, duplicate rules, overlays, suppressions.

use super::lists::Open;
use super::read::{NEEDS_PATTERN, PATTERN_STEP, PackFile, pack_file};
use super::suppression::Suppression;
use super::{Library, Pack, Place, embedded};
use crate::diagnostic::reader::Date;
use crate::diagnostic::{Problem, Problems, Source, nearest};
use std::collections::HashMap;
use std::sync::Arc;

impl Library {
    /// The packs in the binary, as sources named `embedded:packs/…`.
    pub fn embedded_sources() -> Vec<Arc<Source>> {
        let packs = embedded::FILES.iter().filter(|(name, _)| name.starts_with("packs/") && name.ends_with(".toml"));
        packs.map(|(name, text)| Source::new(format!("{}{name}", embedded::PREFIX), *text)).collect()
    }

    /// Reads packs that name no word lists but embedded ones; see [`Library::read_with`].
    pub fn read(sources: &[Arc<Source>], problems: &mut Problems) -> Library {
        Self::read_with(sources, &|_| Err("there are no files here".to_owned()), problems)
    }

    /// Reads packs, and with `open` their word lists; a later source replaces an embedded one with the same pack id. Every
    /// problem is reported.
    pub fn read_with(sources: &[Arc<Source>], open: Open<'_>, problems: &mut Problems) -> Library {
        let mut files: Vec<(&Arc<Source>, PackFile)> = Vec::new();
        for source in sources {
            let Some(file) = pack_file(source, open, problems) else { continue };
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
                Some(rule) => {
                    overlay.apply(rule);
                    if rule.until.is_some() && rule.ladder.pattern.is_none() {
                        let message = format!("the rule `{}` has `until`, {NEEDS_PATTERN}", overlay.rule);
                        problems.at(&overlay.source, overlay.rule_span, message, PATTERN_STEP);
                    }
                }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::{Confidence, Severity};

    const HEAD: &str = "[pack]\nid = \"acme\"\ntitle = \"Acme\"\nversion = \"1.0.0\"\n";
    const RULE: &str = r#"
[[rule]]
id = "acme_badge"
title = "Badge number"
category = "national_id"
severity = "low"
pattern = '\bB\d{6}\b'
context = { words = ["badge", "Ausweis"] }
confidence = { pattern = "low", context = "high" }
examples = ["badge B123456"]
counter_examples = ["B12"]
"#;

    fn read(texts: &[&str]) -> (Library, Vec<String>) {
        let sources: Vec<_> =
            texts.iter().enumerate().map(|(i, text)| Source::new(format!("{i}.toml"), *text)).collect();
        let mut problems = Problems::new();
        let library = Library::read(&sources, &mut problems);
        let told = problems
            .iter()
            .map(|p| {
                let text = &p.source.as_ref().expect("every problem here has a place").text;
                format!("{} @ {} | {}", p.message, &text[p.span.clone()], p.help.as_deref().unwrap_or_default())
            })
            .collect();
        (library, told)
    }

    fn rule(library: &Library) -> &crate::pack::Rule {
        library.rules().find(|rule| rule.id == "acme_badge").expect("the rule is there")
    }

    #[test]
    fn a_pack_is_read_whole() {
        let text = format!(
            "{HEAD}jurisdiction = \"DE\"\nsources = [{{ law = \"GDPR\", article = \"Art. 87\" }}]\nchecked = 2026-11-22\n{RULE}"
        );
        let (library, told) = read(&[&text]);
        assert_eq!(told, Vec::<String>::new());
        let pack = &library.packs[0];
        assert_eq!((&*pack.id, pack.version.as_str(), pack.jurisdiction.as_deref()), ("acme", "1.0.0", Some("DE")));
        assert_eq!(pack.sources[0].law, "GDPR");
        assert_eq!(pack.checked, Some(Date { year: 2026, month: 11, day: 22 }));
        assert_eq!(pack.hash.len(), 64);
        let rule = rule(&library);
        assert_eq!(rule.jurisdiction.as_deref(), Some("DE"));
        assert_eq!(rule.context.as_ref().map(|c| c.within), Some(crate::pack::read::WITHIN));
        assert_eq!(rule.ladder.reached(false, true), Some(Confidence::High));
        let place = library.place("acme_badge").expect("a place");
        assert_eq!(&text[place.patterns[0].clone()], r"'\bB\d{6}\b'");
    }

    #[test]
    fn the_embedded_packs_are_named_after_their_files_and_have_no_problem() {
        let mut problems = Problems::new();
        let library = Library::read(&Library::embedded_sources(), &mut problems);
        assert!(problems.is_empty(), "{}", problems.render(false));
        assert!(library.packs.len() >= 14, "packs: {:?}", library.packs.iter().map(|p| &p.id).collect::<Vec<_>>());
        for pack in &library.packs {
            assert!(
                embedded::file(&format!("packs/{}.toml", pack.id)).is_some(),
                "{} is not named after its file",
                pack.id
            );
            assert!(
                pack.checked.is_some() && !pack.sources.is_empty(),
                "{} does not say what it was checked against",
                pack.id
            );
        }
    }

    #[test]
    fn every_problem_of_a_file_is_told_at_once() {
        let text = r#"
[pack]
id = "country/de"
title = " "
version = "1"
jurisdiction = "UK"
colour = "red"

[[rule]]
id = "Bad-Id"
title = "x"
category = "tax_ids"
severity = "severe"
pattern = 'a'
patterns = ['b']
separators = "0"
validator = "lunh"
context = { words = ["ok", "OK", " x"], within = 5000 }
confidence = { pattern = "certain", validated = "high" }
examples = []

[[rule]]
id = "empty_rule"
title = "y"
category = "secret"
severity = "low"
confidence = { context = "high" }
examples = ["x"]
counter_examples = ["y"]
"#;
        let (_, told) = read(&[text]);
        for part in [
            "the title is empty",
            "`1` is not a version",
            "`UK` is not a country code @ \"UK\" | write `GB`",
            "unknown key `pack.colour`",
            "`Bad-Id` is not a rule id",
            "unknown category `tax_ids` @ \"tax_ids\" | did you mean `tax_id`?",
            "severe",
            "both `pattern` and `patterns`",
            "`0` cannot separate digits",
            "unknown validator `lunh` @ \"lunh\" | did you mean `luhn`?",
            "the context word `OK` stands here twice",
            "spaces around it",
            "within 1 to 256 bytes, not 5000",
            "certain",
            "gives a confidence for `validated` but has no `validator`",
            "the rule `Bad-Id` has no example",
            "the rule `Bad-Id` has no counter-example",
            "the rule `empty_rule` has no pattern",
            "gives a confidence for `context` but has no context words",
        ] {
            assert!(told.iter().any(|line| line.contains(part)), "nobody says: {part}\n{}", told.join("\n"));
        }
    }

    #[test]
    fn signals_must_be_able_to_add_up() {
        let told = |context: &str| {
            let rule = RULE.replace(r#"{ words = ["badge", "Ausweis"] }"#, context);
            let (library, told) = read(&[&format!("{HEAD}{rule}")]);
            (told.join("\n"), library)
        };
        let (none, library) = told(
            r#"{ words = ["badge"], signals = [{ words = ["lost"] }, { words = ["test"], weight = -3 }], least = 2 }"#,
        );
        assert_eq!(none, "");
        let context = rule(&library).context.clone().expect("context");
        assert_eq!((context.least, context.signals[0].weight, context.signals[1].weight), (2, 1, -3));
        assert_eq!(context.raising().collect::<Vec<_>>(), ["badge", "lost"]);
        for (context, message) in [
            (r#"{ signals = [{ words = ["a"] }] }"#, "does not say how much they must add up to"),
            (r#"{ words = ["a"], least = 1 }"#, "has `least` without `signals` @ 1 |"),
            (
                r#"{ words = ["a"], signals = [{ words = ["b"], weight = 2 }], least = 4 }"#,
                "can add up to 1 to 3, and `least` is 4",
            ),
            (r#"{ signals = [{ words = ["b"], weight = 2 }], least = -1 }"#, "and `least` is -1"),
            (r#"{ signals = [{ words = ["b"], weight = 0 }], least = 1 }"#, "a signal weighs 1 to 9, or -1 to -9"),
            (r#"{ signals = [{ words = [], weight = 1 }], least = 1 }"#, "a signal without words"),
            (r#"{ within = 30 }"#, "has an empty list of context words"),
        ] {
            let (told, _) = told(context);
            assert!(told.contains(message), "{context}: {told}");
        }
    }

    #[test]
    fn a_rule_that_can_never_find_is_refused() {
        let text =
            format!("{HEAD}{}", RULE.replace("{ pattern = \"low\", context = \"high\" }", "{ pattern = \"none\" }"));
        let (_, told) = read(&[&text]);
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("every step is `none`"), "{told:?}");
    }

    #[test]
    fn a_rule_defined_twice_names_both_places() {
        let other = format!("{}{RULE}", HEAD.replace("acme", "other"));
        let (_, told) = read(&[&format!("{HEAD}{RULE}"), &other]);
        assert_eq!(
            told,
            ["the rule `acme_badge` is defined twice @ \"acme_badge\" | the other is 0.toml:7; rename or drop one"]
        );
    }

    #[test]
    fn a_pack_replaces_an_embedded_one_but_not_its_neighbour() {
        let embedded = Source::new("embedded:packs/acme.toml", format!("{HEAD}{RULE}"));
        let disk = Source::new("policies/acme.toml", format!("{}{RULE}", HEAD.replace("1.0.0", "2.0.0")));
        let mut problems = Problems::new();
        let library = Library::read(&[embedded, disk.clone()], &mut problems);
        assert!(problems.is_empty());
        assert_eq!(library.packs.len(), 1);
        assert_eq!(library.packs[0].version, "2.0.0");
        Library::read(&[disk.clone(), disk], &mut problems);
        assert_eq!(problems.len(), 1);
        assert!(problems.iter().all(|p| p.message == "the pack `acme` is there twice"));
    }

    #[test]
    fn the_entries_of_a_dictionary_come_from_files_beside_the_pack_and_count_for_its_hash() {
        let rule =
            RULE.replace(r"pattern = '\bB\d{6}\b'", "dictionary = [\"./lists/a.txt\", \"b.txt\"]\ncase = \"exact\"");
        let source = Source::new("packs/acme.toml", format!("{HEAD}{rule}"));
        let read = |more: &'static str| {
            let open = |name: &str| match name {
                "packs/lists/a.txt" => Ok("\u{feff}# Badges\r\n  Old badge \r\n\r\n#x\n旧证\n".into()),
                "packs/b.txt" => Ok(more.into()),
                other => Err(other.to_owned()),
            };
            let mut problems = Problems::new();
            let library = Library::read_with(std::slice::from_ref(&source), &open, &mut problems);
            assert!(problems.is_empty(), "{}", problems.render(false));
            library
        };
        let one = read("C# badge\nOld badge");
        let list = self::rule(&one).dictionary.clone().expect("a dictionary");
        assert_eq!(list.entries().collect::<Vec<_>>(), ["Old badge", "旧证", "C# badge", "Old badge"]);
        assert_eq!(list.case(), crate::detect::Case::Exact);
        assert_eq!(one.packs[0].hash, read("C# badge\nOld badge").packs[0].hash);
        assert_ne!(one.packs[0].hash, read("C# badge\n").packs[0].hash);
    }

    #[test]
    fn an_overlay_changes_a_rule_of_another_pack() {
        let overlay = r#"
[pack]
id = "house"
title = "House rules"
version = "1.0.0"

[[overlay]]
rule = "acme_badge"
severity = "critical"
confidence = { pattern = "none" }
context = { add = ["Werksausweis"], remove = ["Ausweis"], within = 30 }
"#;
        let (library, told) = read(&[overlay, &format!("{HEAD}{RULE}")]);
        assert_eq!(told, Vec::<String>::new());
        let rule = rule(&library);
        assert_eq!(rule.severity, Severity::Critical);
        assert_eq!((rule.ladder.pattern, rule.ladder.context), (None, Some(Confidence::High)));
        let context = rule.context.as_ref().expect("words");
        assert_eq!(
            (context.words.as_slice(), context.within),
            (&["badge".to_owned(), "Werksausweis".to_owned()][..], 30)
        );

        let (_, told) = read(&[&overlay.replace("acme_badge", "acme_bagde"), &format!("{HEAD}{RULE}")]);
        assert_eq!(told, ["unknown rule `acme_bagde` @ \"acme_bagde\" | did you mean `acme_badge`?"]);
    }

    #[test]
    fn a_suppression_holds_for_its_values_until_its_day() {
        let text = format!(
            r#"{HEAD}{RULE}
[[suppression]]
rules = ["acme_badge"]
values = ["B 123-456"]
pattern = 'B9\d+'
reason = "printed in the manual"
until = 2027-01-31
"#
        );
        let (library, told) = read(&[&text]);
        assert_eq!(told, Vec::<String>::new());
        let day = |day| Date { year: 2027, month: 1, day };
        let holds = |rule, value, today| library.suppression(rule, value, today).is_some();
        assert!(holds("acme_badge", "b123456", day(31)));
        assert!(holds("acme_badge", "B999", day(31)));
        assert!(!holds("acme_badge", "B123457", day(31)));
        assert!(!holds("acme_badge", "xB999", day(31)));
        assert!(!holds("other", "B123456", day(31)));
        assert!(!holds("acme_badge", "B123456", Date { year: 2027, month: 2, day: 1 }));
    }

    #[test]
    fn a_suppression_needs_a_reason_an_end_and_rules_that_exist() {
        let text = format!("{HEAD}{RULE}\n[[suppression]]\nrules = [\"acme_bagde\"]\npattern = '('\n");
        let (_, told) = read(&[&text]);
        for part in ["`reason`", "`until`", "not a regular expression"] {
            assert!(told.iter().any(|line| line.contains(part)), "{part}: {told:?}");
        }
        let text =
            format!("{HEAD}{RULE}\n[[suppression]]\nrules = [\"acme_bagde\"]\nreason = \"x\"\nuntil = 2027-01-31\n");
        let (_, told) = read(&[&text]);
        assert_eq!(told, ["unknown rule `acme_bagde` @ \"acme_bagde\" | did you mean `acme_badge`?"]);
    }

    #[test]
    fn an_error_of_the_engine_points_at_the_pattern() {
        let (library, _) = read(&[&format!("{HEAD}{RULE}")]);
        let rules: Vec<_> = library.rules().cloned().collect();
        let error = crate::detect::RuleError { rule: 0, pattern: 0, message: "no end".into(), help: "bound it".into() };
        let mut problems = Problems::new();
        library.report(&rules, &error, &mut problems);
        let problem = problems.iter().next().expect("one problem");
        let text = &problem.source.as_ref().expect("a source").text;
        assert_eq!(&text[problem.span.clone()], r"'\bB\d{6}\b'");
        assert_eq!(problem.message, "the rule `acme_badge` cannot be used: no end");
    }
}

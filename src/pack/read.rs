//! One pack file → what it says, checked on its own. What packs say of each other is checked in [`super::library`].

use super::lists::{Lists, Open};
use super::overlay::{Overlay, Steps};
use super::suppression::{Suppression, bare};
use super::{Confidence, ContextWords, Ladder, Law, Pack, Place, Rule, Severity, Signal, Until, category};
use crate::detect::{Case, validator};
use crate::diagnostic::reader::{ByteSize, Choice, Date, Document, OneOrMany, Spanned, Table};
use crate::diagnostic::{Problems, Source, country, nearest};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Distance of context words, in bytes, when a rule names none: about ten English words.
pub(super) const WITHIN: usize = 60;
/// Greatest distance of context words, in bytes. What is held back of a stream grows with it.
pub(super) const WITHIN_LIMIT: usize = 256;
/// Most bytes of a value with `until` when a rule names none: five private keys of 16,384 bits, or the PGP block of a person
/// with many subkeys.
pub(super) const LONGEST: usize = 64 << 10;
/// What `longest` may be, in bytes: more than any pattern matches, and no more than one way to begin may cost a text.
const LONGEST_LIMITS: RangeInclusive<u64> = 1 << 10..=1 << 20;
/// Longest context word, in bytes.
const WORD_LIMIT: usize = 64;
const ID_LIMIT: usize = 64;

/// A pack file's content.
pub(super) struct PackFile {
    pub pack: Pack,
    pub id: Spanned<String>,
    pub rules: Vec<(Rule, Place)>,
    pub overlays: Vec<Overlay>,
    pub suppressions: Vec<(Suppression, Vec<Spanned<String>>)>,
}

/// Reads one file. `None` if even the pack's id cannot be told.
pub(super) fn pack_file(source: &Arc<Source>, open: Open<'_>, problems: &mut Problems) -> Option<PackFile> {
    let document = Document::parse(source.clone(), problems)?;
    let mut root = document.root();
    let head = root.req::<Table<'_>>("pack", problems);
    let rules = root.opt::<Vec<Table<'_>>>("rule", problems).unwrap_or_default();
    let overlays = root.opt::<Vec<Table<'_>>>("overlay", problems).unwrap_or_default();
    let suppressions = root.opt::<Vec<Table<'_>>>("suppression", problems).unwrap_or_default();
    root.finish(problems);
    let (id, mut pack) = header(head?, problems)?;
    let mut lists = Lists::new(source, open);
    let rules = rules.into_iter().filter_map(|table| rule(table, &pack, &mut lists, problems)).collect();
    pack.hash = lists.hash();
    Some(PackFile {
        rules,
        overlays: overlays.into_iter().filter_map(|table| overlay(table, problems)).collect(),
        suppressions: suppressions.into_iter().filter_map(|table| suppression(table, &pack, problems)).collect(),
        pack,
        id,
    })
}

fn header(mut table: Table<'_>, problems: &mut Problems) -> Option<(Spanned<String>, Pack)> {
    let source = table.source().clone();
    let id = table.req::<Spanned<String>>("id", problems);
    let title = table.req::<Spanned<String>>("title", problems);
    let version = table.req::<Spanned<String>>("version", problems);
    let jurisdiction = table.opt::<Spanned<String>>("jurisdiction", problems);
    let sources = table.opt::<Vec<Table<'_>>>("sources", problems).unwrap_or_default();
    let checked = table.opt::<Date>("checked", problems);
    let sources = sources.into_iter().filter_map(|table| law(table, problems)).collect();
    table.finish(problems);

    let (id, title, version) = (id?, title?, version?);
    let id_fits = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if id.value.len() > ID_LIMIT || !id.value.split('/').all(id_fits) {
        problems.at(
            &source,
            id.span.clone(),
            format!("`{}` is not a pack id", id.value),
            "use lower-case letters, digits and hyphens, with slashes between parts, as in `country/de`",
        );
    }
    not_blank(&source, &title, "title", problems);
    if !is_version(&version.value) {
        problems.at(
            &source,
            version.span.clone(),
            format!("`{}` is not a version", version.value),
            "write three numbers with dots, as in `1.0.0`",
        );
    }
    if let Some(jurisdiction) = &jurisdiction {
        jurisdiction_fits(&source, &id, jurisdiction, problems);
    } else if id.value.starts_with("country/") {
        problems.at(
            &source,
            id.span.clone(),
            format!("the country pack `{}` names no `jurisdiction`", id.value),
            "add `jurisdiction = \"…\"` with the country's two letters",
        );
    }
    let pack = Pack {
        id: id.value.as_str().into(),
        title: title.value,
        version: version.value,
        jurisdiction: jurisdiction.map(|j| j.value),
        sources,
        checked,
        rules: Vec::new(),
        hash: String::new(),
    };
    Some((id, pack))
}

fn jurisdiction_fits(
    source: &Arc<Source>,
    id: &Spanned<String>,
    jurisdiction: &Spanned<String>,
    problems: &mut Problems,
) {
    let code = &jurisdiction.value;
    // The European Union makes law of its own and has a reserved code (ISO 3166-1, exceptional reservations).
    if !country::is_iso2(code) && code != "EU" {
        let help = match country::meant(code) {
            Some(meant) => format!("write `{meant}`"),
            None => "write the country's two capital letters (ISO 3166-1), such as `DE`, or `EU`".to_owned(),
        };
        problems.at(source, jurisdiction.span.clone(), format!("`{code}` is not a country code"), help);
    } else if let Some(country) = id.value.strip_prefix("country/")
        && !country.eq_ignore_ascii_case(code)
    {
        problems.at(
            source,
            jurisdiction.span.clone(),
            format!("the pack `{}` has the jurisdiction `{code}`", id.value),
            format!("write `{}`, or rename the pack", country.to_uppercase()),
        );
    }
}

fn law(mut table: Table<'_>, problems: &mut Problems) -> Option<Law> {
    let law = table.req("law", problems);
    let article = table.opt("article", problems);
    table.finish(problems);
    Some(Law { law: law?, article })
}

fn rule(mut table: Table<'_>, pack: &Pack, lists: &mut Lists<'_>, problems: &mut Problems) -> Option<(Rule, Place)> {
    let source = table.source().clone();
    let span = table.span();
    let id = table.req::<Spanned<String>>("id", problems);
    let title = table.req::<Spanned<String>>("title", problems);
    let local_title = table.opt::<Spanned<String>>("local_title", problems);
    let verified = table.opt::<Spanned<bool>>("verified", problems);
    let category = table.req::<Spanned<String>>("category", problems);
    let severity = table.req::<Severity>("severity", problems);
    let pattern = table.opt::<Spanned<String>>("pattern", problems);
    let several = table.opt::<Spanned<Vec<Spanned<String>>>>("patterns", problems);
    let until = table.opt::<Spanned<String>>("until", problems);
    let longest = table.opt::<Spanned<ByteSize>>("longest", problems);
    let dictionary_span = table.has("dictionary").then(|| table.span_of("dictionary"));
    let dictionary = table.opt::<OneOrMany>("dictionary", problems);
    let case = table.opt::<Spanned<Case>>("case", problems);
    let separators = table.opt::<Spanned<String>>("separators", problems);
    let validator = table.opt::<Spanned<String>>("validator", problems);
    let context_span = table.has("context").then(|| table.span_of("context"));
    let context = table.opt::<Table<'_>>("context", problems);
    let confidence_span = table.span_of("confidence");
    let confidence = table.req::<Table<'_>>("confidence", problems);
    let wrong_examples = table.has("examples");
    let examples = table.opt::<Vec<Spanned<String>>>("examples", problems);
    let wrong_counter_examples = table.has("counter_examples");
    let counter_examples = table.opt::<Vec<Spanned<String>>>("counter_examples", problems);
    let references = table.opt::<Vec<String>>("references", problems).unwrap_or_default();
    table.finish(problems);

    let named = id.as_ref().map_or("this rule".to_owned(), |id| format!("the rule `{}`", id.value));
    let place = id.as_ref().map_or(span, |id| id.span.clone());
    if let Some(id) = &id {
        rule_id_fits(&source, id, problems);
    }
    if let Some(title) = &title {
        not_blank(&source, title, "title", problems);
    }
    if let Some(title) = &local_title {
        not_blank(&source, title, "local_title", problems);
    }
    if let Some(category) = &category {
        known(&source, category, "category", category::names(), problems);
    }
    if let Some(span) = &dictionary_span {
        let mut say = |message: String, help: &str| problems.at(&source, span.clone(), message, help);
        if pattern.is_some() || several.is_some() {
            say(format!("{named} has both a pattern and a `dictionary`"), "make two rules of it");
        }
        if separators.is_some() {
            say(format!("{named} has `separators` beside a `dictionary`"), "drop them; they are for patterns");
        }
        if dictionary.as_ref().is_some_and(|OneOrMany(files)| files.is_empty()) {
            say(format!("{named} has an empty list of word lists"), "name a file, as in `lists/names.txt`");
        }
    } else if let Some(case) = &case {
        let help = "drop it; in a pattern, `(?i)` is what makes case not count";
        problems.at(&source, case.span.clone(), format!("{named} has a `case` but no `dictionary`"), help);
    }
    let patterns = match (pattern, several) {
        (None, None) if dictionary_span.is_some() => Vec::new(),
        (Some(one), None) => vec![one],
        (None, Some(many)) if !many.value.is_empty() => many.value,
        (None, Some(many)) => {
            problems.at(&source, many.span, format!("{named} has an empty list of patterns"), "add a pattern");
            Vec::new()
        }
        (Some(_), Some(many)) => {
            problems.at(
                &source,
                many.span,
                format!("{named} has both `pattern` and `patterns`"),
                "keep one of them; `patterns` takes a list",
            );
            Vec::new()
        }
        (None, None) => {
            problems.at(&source, place.clone(), format!("{named} has no pattern"), "add `pattern = '…'`");
            Vec::new()
        }
    };
    for pattern in patterns.iter().filter(|pattern| pattern.value.is_empty()) {
        problems.at(
            &source,
            pattern.span.clone(),
            format!("{named} has an empty pattern"),
            "write what the value looks like",
        );
    }
    if let Some(separators) = &separators {
        separators_fit(&source, separators, problems);
    }
    if until.is_some() {
        let refused = [("separators", separators.as_ref()), ("validator", validator.as_ref())];
        for (key, value) in refused.into_iter().filter_map(|(key, value)| Some((key, value?))) {
            problems.at(
                &source,
                value.span.clone(),
                format!("{named} has both `until` and `{key}`"),
                format!("drop `{key}`: a value with `until` is known by how it begins"),
            );
        }
    }
    let longest = longest.and_then(|longest| greatest_length(longest, until.is_some(), &source, problems));
    let validator = validator.and_then(|name| {
        known(&source, &name, "validator", validator::VALIDATORS.iter().map(|v| v.name), problems);
        validator::find(&name.value)
    });
    let context = context.and_then(|table| context_words(table, &named, problems));
    let steps = confidence.map(|table| steps(table, problems));
    if let Some(steps) = steps {
        let ladder = Check { source: &source, span: confidence_span, named: &named };
        // A context that was itself wrong has been reported; do not say it is missing.
        ladder.reachable(steps, validator.is_some(), context.is_some() || context_span.is_some(), problems);
        if until.is_some() && steps.pattern.flatten().is_none() {
            problems.at(&source, ladder.span.clone(), format!("{named} has `until`, {NEEDS_PATTERN}"), PATTERN_STEP);
        }
        if verified.as_ref().is_some_and(|verified| !verified.value) && steps.alone() > Some(Confidence::Low) {
            problems.at(
                &source,
                ladder.span,
                format!("{named} is not verified, and yet sure of its values without context"),
                "make `pattern` and `validated` at most `low`, or compare the format with its specification and drop `verified`",
            );
        }
    }
    if examples.as_ref().is_none_or(Vec::is_empty) && (examples.is_some() || !wrong_examples) {
        problems.at(
            &source,
            place.clone(),
            format!("{named} has no example"),
            "add `examples = [\"…\"]` with a sentence in which it must be found",
        );
    }
    if counter_examples.as_ref().is_none_or(Vec::is_empty) && (counter_examples.is_some() || !wrong_counter_examples) {
        problems.at(
            &source,
            place,
            format!("{named} has no counter-example"),
            "add `counter_examples = [\"…\"]` with a look-alike that must be left alone",
        );
    }

    let (id, examples, counter_examples) = (id?, examples.unwrap_or_default(), counter_examples.unwrap_or_default());
    let steps = steps?;
    let (patterns, mut pattern_spans) = apart(patterns);
    pattern_spans.extend(until.as_ref().map(|until| until.span.clone()));
    let until = until.map(|until| Until { pattern: until.value, longest: longest.unwrap_or(LONGEST) });
    let dictionary = dictionary.filter(|_| patterns.is_empty()).map(|OneOrMany(files)| {
        pattern_spans.extend(files.iter().map(|file| file.span.clone()));
        Arc::new(lists.read(&files, case.map_or(Case::Any, |case| case.value), problems))
    });
    let (examples, example_spans) = apart(examples);
    let (counter_examples, counter_example_spans) = apart(counter_examples);
    let rule = Rule {
        id: id.value,
        pack: pack.id.clone(),
        title: title?.value,
        local_title: local_title.map(|title| title.value),
        verified: verified.is_none_or(|verified| verified.value),
        category: category?.value,
        severity: severity?,
        patterns,
        until,
        dictionary,
        separators: separators.map(|s| s.value).unwrap_or_default(),
        validator,
        context,
        ladder: Ladder {
            pattern: steps.pattern.flatten(),
            validated: steps.validated.flatten(),
            context: steps.context.flatten(),
            validated_context: steps.validated_context.flatten(),
        },
        jurisdiction: pack.jurisdiction.clone(),
        examples,
        counter_examples,
        references,
    };
    let place = Place {
        source,
        id: id.span,
        patterns: pattern_spans,
        examples: example_spans,
        counter_examples: counter_example_spans,
    };
    Some((rule, place))
}

fn apart(list: Vec<Spanned<String>>) -> (Vec<String>, Vec<std::ops::Range<usize>>) {
    list.into_iter().map(|item| (item.value, item.span)).unzip()
}

fn overlay(mut table: Table<'_>, problems: &mut Problems) -> Option<Overlay> {
    let source = table.source().clone();
    let span = table.span();
    let rule = table.req::<Spanned<String>>("rule", problems);
    let severity = table.opt::<Severity>("severity", problems);
    let confidence = table.opt::<Table<'_>>("confidence", problems);
    let context = table.opt::<Table<'_>>("context", problems);
    let changes = severity.is_some() || table.has("confidence") || table.has("context") || table.has("severity");
    table.finish(problems);
    if !changes {
        problems.at(&source, span, "this overlay changes nothing", "add `severity`, `confidence` or `context`");
    }
    let steps = confidence.map(|table| steps(table, problems)).unwrap_or_default();
    let (mut add_words, mut remove_words, mut within) = (Vec::new(), Vec::new(), None);
    if let Some(mut table) = context {
        add_words = words(table.opt("add", problems).unwrap_or_default(), &source, problems);
        remove_words = words(table.opt("remove", problems).unwrap_or_default(), &source, problems);
        within = distance(&mut table, problems);
        table.finish(problems);
    }
    let rule = rule?;
    Some(Overlay { source, rule: rule.value, rule_span: rule.span, severity, steps, add_words, remove_words, within })
}

fn suppression(
    mut table: Table<'_>,
    pack: &Pack,
    problems: &mut Problems,
) -> Option<(Suppression, Vec<Spanned<String>>)> {
    let source = table.source().clone();
    let rules = table.req::<Spanned<Vec<Spanned<String>>>>("rules", problems);
    let values = table.opt::<Vec<Spanned<String>>>("values", problems).unwrap_or_default();
    let pattern = table.opt::<Spanned<String>>("pattern", problems);
    let reason = table.req::<Spanned<String>>("reason", problems);
    let until = table.req::<Date>("until", problems);
    table.finish(problems);

    if let Some(reason) = &reason {
        not_blank(&source, reason, "reason", problems);
    }
    if let Some(rules) = rules.as_ref().filter(|rules| rules.value.is_empty()) {
        problems.at(&source, rules.span.clone(), "this suppression names no rule", "add the id of a rule");
    }
    for value in values.iter().filter(|value| bare(&value.value).is_empty()) {
        problems.at(
            &source,
            value.span.clone(),
            "a suppressed value without letters or digits",
            "write the value, or drop it",
        );
    }
    let pattern = pattern.and_then(|pattern| match regex::Regex::new(&format!("^(?:{})$", pattern.value)) {
        Ok(regex) => Some(regex),
        Err(_) => {
            problems.at(
                &source,
                pattern.span,
                "this pattern is not a regular expression",
                "check brackets and backslashes; in '…' a backslash is written once",
            );
            None
        }
    });
    let rules = rules?.value;
    let suppression = Suppression {
        pack: pack.id.clone(),
        rules: rules.iter().map(|rule| rule.value.clone()).collect(),
        values: values.iter().map(|value| bare(&value.value)).collect(),
        pattern,
        reason: reason?.value,
        until: until?,
    };
    Some((suppression, rules))
}

/// A step of a confidence ladder as files write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step(Option<Confidence>);

impl Choice for Step {
    const WHAT: &'static str = "confidence";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("none", Self(None)),
        ("low", Self(Some(Confidence::Low))),
        ("medium", Self(Some(Confidence::Medium))),
        ("high", Self(Some(Confidence::High))),
    ];
}

fn steps(mut table: Table<'_>, problems: &mut Problems) -> Steps {
    let mut step = |key| table.opt::<Step>(key, problems).map(|step| step.0);
    let steps = Steps {
        pattern: step("pattern"),
        validated: step("validated"),
        context: step("context"),
        validated_context: step("validated+context"),
    };
    table.finish(problems);
    steps
}

/// Of rules with `until`: what follows the pattern belongs to the value, so nothing else can be waited for.
pub(super) const NEEDS_PATTERN: &str = "so its pattern alone must make a finding";
pub(super) const PATTERN_STEP: &str = "give the step `pattern` a confidence";

/// Reads `longest`, in bytes.
fn greatest_length(
    longest: Spanned<ByteSize>,
    until: bool,
    source: &Arc<Source>,
    problems: &mut Problems,
) -> Option<usize> {
    if !until {
        let help = "add `until = '…'`, where such values end, or drop it";
        problems.at(source, longest.span, "`longest` without `until` bounds nothing", help);
    } else if !LONGEST_LIMITS.contains(&longest.value.0) {
        let (least, most) = (ByteSize(*LONGEST_LIMITS.start()), ByteSize(*LONGEST_LIMITS.end()));
        problems.at(
            source,
            longest.span,
            format!("`longest` is {least} to {most}, not {}", longest.value),
            format!("write a size in between; without `longest` it is {}", ByteSize(LONGEST as u64)),
        );
    } else {
        return Some(longest.value.0 as usize);
    }
    None
}

/// A ladder beside what its rule offers as evidence.
struct Check<'a> {
    source: &'a Arc<Source>,
    span: std::ops::Range<usize>,
    named: &'a str,
}

impl Check<'_> {
    fn reachable(&self, steps: Steps, validator: bool, context: bool, problems: &mut Problems) {
        let named = self.named;
        let mut say = |message: String, help: &str| problems.at(self.source, self.span.clone(), message, help);
        let set = |step: Option<Option<Confidence>>| step.flatten().is_some();
        if !validator && (set(steps.validated) || set(steps.validated_context)) {
            say(
                format!("{named} gives a confidence for `validated` but has no `validator`"),
                "add a validator (`portcullis list validators` shows them), or drop the step",
            );
        }
        if !context && (set(steps.context) || set(steps.validated_context)) {
            say(
                format!("{named} gives a confidence for `context` but has no context words"),
                "add `context = { words = [\"…\"] }`, or drop the step",
            );
        }
        if ![steps.pattern, steps.validated, steps.context, steps.validated_context].into_iter().any(set) {
            say(
                format!("{named} can never find anything: every step is `none`"),
                "give at least one step `low`, `medium` or `high`",
            );
        }
    }
}

fn context_words(mut table: Table<'_>, named: &str, problems: &mut Problems) -> Option<ContextWords> {
    let source = table.source().clone();
    let table_span = table.span();
    let span = if table.has("words") { table.span_of("words") } else { table_span.clone() };
    let list = table.opt::<Vec<Spanned<String>>>("words", problems);
    let given = table.opt::<Vec<Table<'_>>>("signals", problems);
    let least = table.opt::<Spanned<i32>>("least", problems);
    let within = distance(&mut table, problems).unwrap_or(WITHIN);
    table.finish(problems);
    let scored = given.is_some();
    let signals: Vec<Signal> =
        given.into_iter().flatten().filter_map(|signal| self::signal(signal, problems)).collect();
    let context = ContextWords {
        words: words(list.unwrap_or_default(), &source, problems),
        within,
        signals,
        least: least.as_ref().map_or(1, |least| least.value),
    };
    let best: i32 =
        context.signals.iter().map(|signal| signal.weight.max(0)).sum::<i32>() + i32::from(!context.words.is_empty());
    let mut say = |span: Option<std::ops::Range<usize>>, message: String, help: &str| {
        problems.at(&source, span.unwrap_or_else(|| table_span.clone()), message, help);
    };
    match least {
        Some(least) if !scored => say(
            Some(least.span),
            format!("{named} has `least` without `signals`"),
            "add `signals = [{ words = [\"…\"], weight = 1 }]`, or drop it: one of the words is enough",
        ),
        None if scored => say(
            None,
            format!("{named} has `signals` but does not say how much they must add up to"),
            "add `least = 2`, or another sum of their weights",
        ),
        Some(least) if least.value < 1 || least.value > best => say(
            Some(least.span),
            format!("the signals of {named} can add up to 1 to {best}, and `least` is {}", least.value),
            "write a sum that they can reach and that takes at least one of them",
        ),
        _ if context.raising().next().is_none() => {
            say(Some(span), format!("{named} has an empty list of context words"), "add a word, or drop `context`")
        }
        _ => return Some(context),
    }
    None
}

/// Greatest weight of a signal, and greatest against.
const WEIGHT_LIMIT: i32 = 9;

fn signal(mut table: Table<'_>, problems: &mut Problems) -> Option<Signal> {
    let source = table.source().clone();
    let span = table.span();
    let list = table.req::<Vec<Spanned<String>>>("words", problems);
    let weight = table.opt::<Spanned<i32>>("weight", problems);
    table.finish(problems);
    let words = words(list?, &source, problems);
    if words.is_empty() {
        problems.at(&source, span, "a signal without words", "add a word, or drop the signal");
        return None;
    }
    if let Some(weight) = weight.as_ref().filter(|w| w.value == 0 || w.value.abs() > WEIGHT_LIMIT) {
        problems.at(
            &source,
            weight.span.clone(),
            format!(
                "a signal weighs 1 to {WEIGHT_LIMIT}, or -1 to -{WEIGHT_LIMIT} if it speaks against, not {}",
                weight.value
            ),
            "write a small number; without `weight` it is 1",
        );
        return None;
    }
    Some(Signal { words, weight: weight.map_or(1, |weight| weight.value) })
}

/// Reads `within`, in bytes of the text.
fn distance(table: &mut Table<'_>, problems: &mut Problems) -> Option<usize> {
    let within = table.opt::<Spanned<usize>>("within", problems)?;
    if !(1..=WITHIN_LIMIT).contains(&within.value) {
        problems.at(
            table.source(),
            within.span,
            format!("context words must stand within 1 to {WITHIN_LIMIT} bytes, not {}", within.value),
            format!("write a number from 1 to {WITHIN_LIMIT}; without `within` it is {WITHIN}"),
        );
        return None;
    }
    Some(within.value)
}

fn words(list: Vec<Spanned<String>>, source: &Arc<Source>, problems: &mut Problems) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    let mut out = Vec::new();
    for word in list {
        let folded = word.value.to_lowercase();
        let blank = word.value.trim() != word.value || word.value.is_empty();
        let help = if blank {
            "write the word without spaces around it".to_owned()
        } else if word.value.len() > WORD_LIMIT {
            format!("context words are at most {WORD_LIMIT} bytes long")
        } else if seen.contains(&folded) {
            "drop one of the two; case does not count".to_owned()
        } else {
            seen.push(folded);
            out.push(word.value);
            continue;
        };
        let message = match () {
            () if blank => "a context word with spaces around it, or none".to_owned(),
            () if word.value.len() > WORD_LIMIT => "this context word is too long".to_owned(),
            () => format!("the context word `{}` stands here twice", word.value),
        };
        problems.at(source, word.span, message, help);
    }
    out
}

fn rule_id_fits(source: &Arc<Source>, id: &Spanned<String>, problems: &mut Problems) {
    let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if !id.value.starts_with(|c: char| c.is_ascii_lowercase())
        || !id.value.bytes().all(letters)
        || id.value.len() > ID_LIMIT
    {
        problems.at(
            source,
            id.span.clone(),
            format!("`{}` is not a rule id", id.value),
            format!("use lower-case letters, digits and underscores, a letter first, at most {ID_LIMIT}"),
        );
    }
}

fn separators_fit(source: &Arc<Source>, separators: &Spanned<String>, problems: &mut Problems) {
    if let Some(wrong) = separators.value.chars().find(|c| c.is_alphanumeric() || c.is_control()) {
        problems.at(
            source,
            separators.span.clone(),
            format!("`{}` cannot separate digits", wrong.escape_debug()),
            "separators are spaces and punctuation, such as \" -/.\"",
        );
    }
}

/// Reports a name that is not in its list, with the nearest that is.
fn known(
    source: &Arc<Source>,
    name: &Spanned<String>,
    what: &str,
    all: impl Iterator<Item = &'static str> + Clone,
    problems: &mut Problems,
) {
    if all.clone().any(|known| known == name.value) {
        return;
    }
    let help = match nearest(&name.value, all.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if all.clone().count() > 30 => format!("`portcullis list {what}s` shows them"),
        None => format!("known: {}", all.collect::<Vec<_>>().join(", ")),
    };
    problems.at(source, name.span.clone(), format!("unknown {what} `{}`", name.value), help);
}

fn not_blank(source: &Arc<Source>, text: &Spanned<String>, what: &str, problems: &mut Problems) {
    if text.value.trim().is_empty() {
        problems.at(source, text.span.clone(), format!("the {what} is empty"), format!("write a {what}"));
    }
}

fn is_version(version: &str) -> bool {
    let parts: Vec<&str> = version.split('.').collect();
    parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

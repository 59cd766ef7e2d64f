//! The rules: all that ship, filled up with generated ones in the proportions of real rule sets — of a hundred about 45
//! numbers, 30 tokens with a prefix, 10 secrets beside a vendor's name and 15 phrases.

use crate::random::{CAPITALS, DIGITS, Random};
use crate::texts::english;
use portcullis::detect::{Case, WordList, validator};
use portcullis::diagnostic::Problems;
use portcullis::pack::{Confidence, ContextWords, Ladder, Library, Rule};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Every rule that ships and has patterns.
pub fn shipped() -> Vec<Arc<Rule>> {
    let library = Library::read(&Library::embedded_sources(), &mut Problems::default());
    library.rules().filter(|rule| !rule.patterns.is_empty()).cloned().collect()
}

/// The rules that ship, and generated ones up to `count`.
pub fn filled_up(count: usize) -> Vec<Arc<Rule>> {
    let mut rules = shipped();
    let template = rules.iter().find(|rule| rule.id == "secret_aws_access_key").expect("the rule ships").clone();
    let mut random = Random::new(0x5CA1_AB1E);
    for number in rules.len()..count {
        let rule = match random.below(100) {
            0..45 => identifier(&mut random, &template),
            45..75 => token(&mut random, &template),
            75..85 => vendor_secret(&mut random, &template),
            _ => phrases(&mut random, &template),
        };
        rules.push(Arc::new(Rule { id: format!("generated_{number}"), ..rule }));
    }
    rules
}

/// `count` rules of a set that was filled up, of every kind as many as its share.
pub fn sample(count: usize) -> Vec<Arc<Rule>> {
    let mut rules = filled_up(2400);
    Random::new(0xDECA_FBAD).shuffle(&mut rules);
    rules.truncate(count);
    rules
}

/// A rule with a word list of so many entries, as glossaries and lists of names and products have them: names nobody has, a
/// fifth of them two or three, and in a tenth behind a common word, which the text is full of.
pub fn dictionary(count: usize) -> Arc<Rule> {
    let template = shipped().into_iter().find(|rule| rule.id == "secret_aws_access_key").expect("the rule ships");
    let mut random = Random::new(0xD1C7_10A2);
    let mut entries = BTreeSet::new();
    while entries.len() < count {
        let names = [1, 1, 1, 1, 1, 1, 1, 1, 2, 3][random.below(10)];
        let mut entry: Vec<String> = (0..names).map(|_| long_name(&mut random)).collect();
        if random.one_in(10) {
            entry.insert(0, random.pick(english()).to_owned());
        }
        entries.insert(entry.join(" "));
    }
    Arc::new(Rule {
        id: "generated_words".into(),
        patterns: Vec::new(),
        dictionary: Some(Arc::new(WordList::from_entries(entries, Case::Any))),
        validator: None,
        ladder: Ladder { pattern: HIGH, validated: None, context: None, validated_context: None },
        ..(*template).clone()
    })
}

const SYLLABLES: [&str; 24] = [
    "ba", "cor", "den", "fi", "gal", "ha", "jun", "kel", "lo", "mer", "nor", "pax", "qui", "ro", "sta", "tel", "ur",
    "ven", "wix", "yo", "zan", "tri", "plo", "gri",
];

/// A name nobody has, of two or three syllables.
fn name(random: &mut Random) -> String {
    (0..2 + random.below(2)).map(|_| random.pick(&SYLLABLES)).collect()
}

/// A name of two to five syllables: there are enough of them for the longest lists.
fn long_name(random: &mut Random) -> String {
    (0..2 + random.below(4)).map(|_| random.pick(&SYLLABLES)).collect()
}

fn context(words: Vec<String>) -> Option<ContextWords> {
    Some(ContextWords::any(words, 40))
}

const HIGH: Option<Confidence> = Some(Confidence::High);

/// A number in one or two written forms, with context words, mostly with a check.
fn identifier(random: &mut Random, template: &Rule) -> Rule {
    let first = random.pick(&[r"[1-9]\d", r"[2-8]\d", r"\d\d", r"[0-3]\d[01]\d", "[A-Z]\\d", "[A-Z]{2}\\d", "9[0-7]"]);
    let rest = 5 + random.below(10);
    let patterns = match random.below(3) {
        0 => vec![format!(r"\b{first}\d{{{rest}}}\b")],
        1 => vec![format!(r"\b{first}-\d{{{}}}-\d{{3,4}}\b", rest / 2)],
        _ => vec![format!(r"\b{first}\d{{{rest}}}\b"), format!(r"\b{first}\d[ .]\d{{3}}[ .]\d{{{}}}\b", rest / 2)],
    };
    let separators = ["", "", " -", " ", "-"][random.below(5)];
    let check = ["luhn", "verhoeff", "iso7064_mod11_10", "iso7064_mod97_10"][random.below(4)];
    let name = name(random);
    let ladder = match random.below(3) {
        0 => Ladder { pattern: None, validated: None, context: None, validated_context: HIGH },
        1 => Ladder { pattern: None, validated: Some(Confidence::Low), context: None, validated_context: HIGH },
        _ => Ladder { pattern: None, validated: None, context: HIGH, validated_context: None },
    };
    Rule {
        patterns,
        separators: separators.into(),
        validator: ladder.context.is_none().then(|| validator::find(check).expect("the validator exists")),
        context: context(vec![
            format!("{name} number"),
            format!("{name} no"),
            format!("{name}-id"),
            "reference".into(),
        ]),
        ladder,
        ..template.clone()
    }
}

/// A key that begins as its vendor's keys begin.
fn token(random: &mut Random, template: &Rule) -> Rule {
    let prefix = match random.below(4) {
        0 => format!("{}_", name(random)),
        1 => format!("{}_live_", name(random)),
        2 => format!("{}-", &name(random)[..3]),
        _ => random.string(CAPITALS, 4),
    };
    let alphabet = random.pick(&["[A-Za-z0-9]", "[A-Za-z0-9_-]", "[a-f0-9]", "[A-Z0-9]", "[a-z0-9]"]);
    let least = 16 + random.below(30);
    let most = least + [0, 0, 8, 40][random.below(4)];
    Rule {
        patterns: vec![format!(r"\b{prefix}{alphabet}{{{least},{most}}}\b")],
        validator: None,
        ladder: Ladder { pattern: HIGH, validated: None, context: None, validated_context: None },
        ..template.clone()
    }
}

/// The name of a vendor, an assignment, and a value that could be anything.
fn vendor_secret(random: &mut Random, template: &Rule) -> Rule {
    let value = random.pick(&["[a-z0-9]{32}", "[a-f0-9]{40}", "[A-Za-z0-9_-]{24,44}", "[a-z0-9=_-]{43}"]);
    let vendor = name(random);
    Rule {
        patterns: vec![format!(
            r#"(?i)\b{vendor}[a-z0-9_.-]{{0,20}}["' ]{{0,2}}(?:=|:|=>)["'= ]{{0,4}}(?<value>{value})\b"#
        )],
        validator: None,
        ladder: Ladder { pattern: HIGH, validated: None, context: None, validated_context: None },
        ..template.clone()
    }
}

/// A handful of phrases, such as mark documents.
fn phrases(random: &mut Random, template: &Rule) -> Rule {
    let phrases: Vec<String> = (0..2 + random.below(4))
        .map(|_| match random.below(3) {
            0 => format!("project {}", name(random)),
            1 => format!("{} {}", name(random), random.pick(&["plan", "protocol", "file", "agreement"])),
            _ => format!("{}[ -]?{}", name(random), random.string(DIGITS, 2)),
        })
        .collect();
    Rule {
        patterns: vec![format!(r"(?i)\b(?:{})\b", phrases.join("|"))],
        validator: None,
        ladder: Ladder { pattern: Some(Confidence::Medium), validated: None, context: None, validated_context: None },
        ..template.clone()
    }
}

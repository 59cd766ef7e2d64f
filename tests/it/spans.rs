//! Spans: a value in random surroundings is found where it stands, neither more nor less of it, and its redaction removes that
//! and nothing else; written plainly, and in disguise.
//!
//! `PORTCULLIS_SPAN_CASES=1000000 cargo test --release --test it spans -- --nocapture` tries a million values.

use crate::disguise::values::{KINDS, frame};
use crate::disguise::writings::{Class, WRITINGS, Writing};
use crate::disguise::{Outcome, READING, Sample, outcome, scan};
use crate::judging::{REDACT_ALL, exchange, judge, request};
use crate::random::Random;
use portcullis::detect::oracle::Oracle;
use portcullis::detect::{Finding, RuleSet, Scratch};
use portcullis::exchange::Judge;
use serde_json::{Value, json};
use std::ops::Range;
use std::sync::{Arc, LazyLock};

/// Values to be tried in each of the two tests.
fn cases() -> usize {
    std::env::var("PORTCULLIS_SPAN_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(2000) / 2
}

fn redacting() -> Arc<Judge> {
    judge(&REDACT_ALL.replace("medium", "low"))
}

/// A value in an example of its rule.
struct Specimen {
    rule: usize,
    text: &'static str,
    value: Range<usize>,
}

/// The rules one by one, which say where values are without looking at how they are searched for together.
static ORACLES: LazyLock<Vec<Oracle>> = LazyLock::new(|| {
    let alone = |rule| Oracle::new(std::slice::from_ref(rule)).unwrap_or_else(|problems| panic!("{problems:?}"));
    READING.rules().iter().map(alone).collect()
});

/// The only place of a value of that rule in a text of its own.
fn place(rule: usize, text: &str) -> Option<Range<usize>> {
    match &*ORACLES[rule].scan(text, &RuleSet::all(1)) {
        [Finding { span, opener: None, .. }] => Some(span.clone()),
        [Finding { span, .. }] if span.end < text.len() => Some(span.clone()),
        _ => None,
    }
}

static SPECIMENS: LazyLock<Vec<Specimen>> = LazyLock::new(|| {
    let rules = READING.rules().iter().enumerate();
    let examples = rules.flat_map(|(rule, own)| own.examples.iter().map(move |text| (rule, text.as_str())));
    examples.filter_map(|(rule, text)| Some(Specimen { rule, text, value: place(rule, text)? })).collect()
});

/// Draws again until the rule takes it, or gives up.
const ATTEMPTS: usize = 60;

impl Specimen {
    /// The example with another value of the same shape, if one is found.
    fn renewed(&self, random: &mut Random) -> String {
        let rule = &READING.rules()[self.rule];
        let mut text = self.text.to_owned();
        for _ in 0..ATTEMPTS {
            let value = &self.text[self.value.clone()];
            let changed = 1 + random.below(value.len());
            let value: String = value
                .chars()
                .map(|c| match c {
                    _ if random.below(value.len()) >= changed => c,
                    '0'..='9' => char::from(b'0' + random.below(10) as u8),
                    'a'..='z' => char::from(b'a' + random.below(26) as u8),
                    'A'..='Z' => char::from(b'A' + random.below(26) as u8),
                    other => other,
                })
                .collect();
            let accepted = rule.validator.is_none_or(|v| (v.check)(&READING.canonical(self.rule, &value)));
            text.replace_range(self.value.clone(), &value);
            if accepted && place(self.rule, &text) == Some(self.value.clone()) {
                return text;
            }
        }
        self.text.to_owned()
    }
}

/// What surroundings are made of. Nothing of it is a part of a value, and nothing a context word that one of the rules needs.
const SURROUNDINGS: &[&str] = &[
    "the ",
    "of ",
    "window",
    "they went on, ",
    "and so on; ",
    "(yes) ",
    "„oui“ ",
    "größer ",
    "été ",
    "Вчера ",
    "шёл дождь, ",
    "昨天下雨了，",
    "傘を持って",
    "비가 왔다 ",
    "🌧",
    "👩‍👩‍👧 ",
    "e\u{301}",
    "\u{a0}",
    "\t",
    "\n",
    "\r\n",
    "\\ ",
    "\" ",
    "</p> ",
    "… ",
    " — ",
    "! ",
    "? ",
];

/// What parts a value from them.
const EDGES: &[&str] = &["\n", "\n\n", " \n ", "\r\n", "\n— "];

fn surroundings(random: &mut Random) -> String {
    (0..random.below(24)).map(|_| random.pick(SURROUNDINGS)).collect()
}

/// Found as it is written, somewhere in a text.
#[test]
fn planted_values_are_found_and_redacted_exactly() {
    let judge = redacting();
    let (mut random, mut scratch) = (Random(0x5EED_0F57_A7E5), Scratch::default());
    let (mut alone, mut explained) = (0, 0);
    for _ in 0..cases() {
        let specimen = &SPECIMENS[random.below(SPECIMENS.len())];
        let (before, after) = (surroundings(&mut random), surroundings(&mut random));
        let planted = format!("{}{}{}", random.pick(EDGES), specimen.renewed(&mut random), random.pick(EDGES));
        if planted.trim_end().ends_with('=') {
            continue; // With the line's end that is a soft line break of quoted-printable: who knows what it joins.
        }
        let text = format!("{before}{planted}{after}");
        let whole = before.len()..before.len() + planted.len();
        let Some(own) = place(specimen.rule, &planted) else { continue };
        let own = before.len() + own.start..before.len() + own.end;
        let found = scan(&READING, &text, &mut scratch);
        let id = &READING.rules()[specimen.rule].id;
        for finding in &found {
            let Range { start, end } = finding.span;
            let touches = start < own.end && own.start < end;
            let of_rule = finding.rule as usize == specimen.rule && finding.disguise.is_none();
            assert!(!touches || !of_rule || finding.span == own, "{id}: {start}..{end}, not {own:?}, of {text:?}");
            assert!(whole.start <= start && end <= whole.end, "{finding:?} in the surroundings: {text:?}");
        }
        if found.iter().any(|f| f.rule as usize == specimen.rule && f.span == own) {
            alone += 1;
        } else {
            let longer = |f: &Finding| f.span.start <= own.start && own.end <= f.span.end;
            assert!(found.iter().any(longer), "{id}: nothing at {own:?} of {text:?}");
            explained += 1;
        }
        redacted_exactly(&judge, &text, &found);
    }
    println!("{alone} values found, {explained} within longer ones");
    assert!(explained * 10 < alone);
}

/// Found in what carries it.
#[test]
fn disguised_values_are_found_and_redacted_exactly() {
    let judge = redacting();
    let encodings: Vec<&Writing> = WRITINGS.iter().filter(|writing| writing.class == Class::Encoding).collect();
    let (mut random, mut scratch) = (Random(0xD15_6015E), Scratch::default());
    let (mut exact, mut missed, mut wrong) = (0, 0, Vec::new());
    for _ in 0..cases() {
        let kind = &KINDS[random.below(KINDS.len())];
        let (language, called) = kind.called[random.below(kind.called.len())];
        let (before, after) = frame(language, called, &mut random);
        let before = surroundings(&mut random) + random.pick(EDGES) + &before;
        let after = after + random.pick(EDGES) + &surroundings(&mut random);
        let mut written = (kind.make)(&mut random);
        let inner = &WRITINGS[random.below(WRITINGS.len())];
        let outer = encodings[random.below(encodings.len())];
        written = (inner.write)(&written, &mut random).unwrap_or(written);
        // Of marks at the edges of a value nobody can say, once they are encoded, whether they belong to it.
        let bare = written.trim_start_matches('+');
        let is_clear = inner.class == Class::Encoding || Sample::new("", bare, "").value == (0..bare.len());
        if is_clear && random.below(2) == 0 {
            written = (outer.write)(&written, &mut random).unwrap_or(written);
        }
        let sample = Sample::new(&before, &written, &after);
        match outcome(&READING, kind, &sample, &mut scratch) {
            Outcome::Found => exact += 1,
            Outcome::Missed => missed += 1,
            Outcome::WrongSpan => {
                let found = scan(&READING, &sample.text, &mut scratch);
                wrong.push(format!(
                    "{} as {} in {}: {found:?}, not {:?} of {:?}",
                    kind.name, inner.name, outer.name, sample.value, sample.text
                ));
            }
        }
        redacted_exactly(&judge, &sample.text, &scan(&READING, &sample.text, &mut scratch));
    }
    println!("{exact} values found, {missed} not");
    assert!(wrong.is_empty(), "{} wrong spans, such as\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    assert!(missed * 10 < exact);
}

/// The request that is sent on says what the text says, but for labels in the place of findings.
fn redacted_exactly(judge: &Arc<Judge>, text: &str, found: &[Finding]) {
    let body = json!({ "model": "m", "messages": [{ "role": "user", "content": text }] }).to_string();
    let sent = request(&mut exchange(judge, "openai", "/v1/chat/completions"), body.as_bytes()).expect("it is sent");
    let sent: Value = serde_json::from_slice(&sent).expect("JSON");
    let sent = sent["messages"][0]["content"].as_str().expect("a text");
    let (mut rest, mut at) = (sent, 0);
    let mut spans = found.iter().map(|finding| finding.span.clone()).peekable();
    while let Some(mut span) = spans.next() {
        while let Some(next) = spans.next_if(|next| next.start < span.end) {
            span.end = span.end.max(next.end);
        }
        let label = rest.strip_prefix(&text[at..span.start]).and_then(|rest| rest.strip_prefix('['));
        let (label, behind) =
            label.and_then(|rest| rest.split_once(']')).unwrap_or_else(|| panic!("{text:?} → {sent:?}"));
        let is_label = label.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        assert!(is_label, "{text:?} → {sent:?}");
        (rest, at) = (behind, span.end);
    }
    assert_eq!(rest, &text[at..], "{text:?} → {sent:?}");
}

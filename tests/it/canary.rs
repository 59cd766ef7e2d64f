//! P3, P1: a value planted at every string of every request, answer and event does not get through, or the receipt says that
//! nobody read it.
//!
//! [`corpus`] holds the exchanges; every place of each shape gets the value as its text, inside its text, as a number, as a key,
//! and in fields that nobody knows ([`plant`]). `tests/canary/declared.expected` lists the places that are declared instead of
//! read; `UPDATE_EXPECTED=1 cargo test --test it canary` writes it.

pub mod corpus;
pub mod plant;
pub mod shape;

use crate::judging::judge_with_pack;
use corpus::{Form, Sample, Side};
use plant::{Fate, How, fate};
use portcullis::decode::framing::Framing;
use portcullis::detect::Scratch;
use portcullis::exchange::Judge;
use shape::Place;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Threads that judge.
const AT_ONCE: usize = 4;
/// Sizes of the pieces in which a stream comes, in bytes; the first for every cut, the others for one.
const PIECES: [usize; 4] = [usize::MAX, 1, 7, 64];
/// The cut that is tried in all pieces.
const MIDDLE: usize = 9;

/// Redacts what it finds, and lets pass what nobody can read.
pub const REDACT_AND_DECLARE: &str = "[[statement]]\nid = \"redact\"\ntitle = \"Redact\"\nmatch = { confidence = \"medium\", channels = [\"*\"] }\naction = \"redact\"\n[[statement]]\nid = \"unread\"\ntitle = \"Unread\"\nmatch = { uninspected = [\"*\"] }\naction = \"log\"\n";

/// A value to plant: sample, unit, place, and how.
struct Planting<'s> {
    sample: &'s Sample,
    operation: String,
    unit: usize,
    place: Place,
    how: How,
}

/// What is planted: each place of each shape once, for each provider, operation and side.
fn plantings(samples: &[Sample]) -> Vec<Planting<'_>> {
    let mut seen = BTreeSet::new();
    let mut plantings = Vec::new();
    for sample in samples.iter().filter(|sample| !sample.copy) {
        let operation = sample.operation();
        for (unit, inner) in sample.units.iter().enumerate() {
            shape::places(&inner.value, |place| {
                for how in How::ALL.into_iter().filter(|how| how.fits(place.what)) {
                    if sample.form == Form::Multipart && !place.path.starts_with("lines[*]") && how > How::Number {
                        continue;
                    }
                    let key = (sample.provider.clone(), operation.clone(), sample.side, place.path.clone(), how);
                    if seen.insert(key) {
                        let (operation, place) = (operation.clone(), place.clone());
                        plantings.push(Planting { sample, operation, unit, place, how });
                    }
                }
            });
        }
    }
    plantings
}

/// What became of each.
fn fates(judge: &Arc<Judge>, plantings: &[Planting<'_>]) -> Vec<(String, Fate)> {
    let next = AtomicUsize::new(0);
    let work = || {
        let (mut scratch, mut done) = (Scratch::default(), Vec::new());
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(p) = plantings.get(at) else { return done };
            done.push((at, fate(judge, p.sample, (p.unit, &p.place), p.how, &mut scratch)));
        }
    };
    let mut all: Vec<(usize, (String, Fate))> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("judging does not panic")).collect()
    });
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, fate)| fate).collect()
}

/// Figures of one provider: of its texts, whole, and of all that was planted.
#[derive(Default)]
struct Tally {
    leaves: usize,
    walker: usize,
    backstop: usize,
    refused: usize,
    declared: usize,
    planted: usize,
    leaked: usize,
}

/// Why a place is declared, by what was planted there.
#[derive(Default)]
struct Declared {
    reasons: BTreeSet<&'static str>,
    /// What is base64 of text is read all the same.
    files_are_read: bool,
}

/// Plants in all samples; prints a table. Returns what is declared, and the leaks.
fn walk(samples: &[Sample]) -> (BTreeSet<String>, Vec<String>) {
    let judge = judge_with_pack("", "base/payment", REDACT_AND_DECLARE);
    let plantings = plantings(samples);
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut declared: BTreeMap<String, Declared> = BTreeMap::new();
    let mut leaks = Vec::new();
    for (p, (path, became)) in plantings.iter().zip(fates(&judge, &plantings)) {
        let tally = tallies.entry(&p.sample.provider).or_default();
        let place = format!("{} {} {} {path}", p.sample.provider, p.operation, p.sample.side.name());
        let whole = usize::from(p.how == How::Whole);
        tally.planted += 1;
        tally.leaves += whole;
        match became {
            Fate::Seen { walker: true } => tally.walker += whole,
            Fate::Seen { walker: false } => tally.backstop += whole,
            Fate::Blocked => {
                tally.refused += whole;
                declared.entry(place).or_default().reasons.insert("refused");
            }
            Fate::Declared(reason) => {
                tally.declared += whole;
                let declared = declared.entry(place).or_default();
                declared.reasons.insert(reason);
                if p.how == How::Whole && reason != "opaque" {
                    let (_, fate) = fate(&judge, p.sample, (p.unit, &p.place), How::Encoded, &mut Scratch::default());
                    declared.files_are_read = matches!(fate, Fate::Seen { .. } | Fate::Blocked);
                }
            }
            Fate::Leaked | Fate::Broken => {
                tally.leaked += 1;
                leaks.push(format!("{place} ({:?}, {became:?}) {}", p.how, p.sample.path));
            }
        }
    }
    println!("provider       leaves   walker backstop  refused declared  planted   leaked");
    for (provider, t) in &tallies {
        let figures = [t.leaves, t.walker, t.backstop, t.refused, t.declared, t.planted, t.leaked];
        println!("{provider:<12}{}", figures.map(|figure| format!("{figure:>9}")).concat());
    }
    assert!(!plantings.is_empty(), "nothing was planted");
    let line = |(place, declared): (String, Declared)| {
        let reasons: Vec<&str> = declared.reasons.into_iter().collect();
        let read = if declared.files_are_read { ", unless it is a file of text" } else { "" };
        format!("{place}: {}{read}", reasons.join(" or "))
    };
    (declared.into_iter().map(line).collect(), leaks)
}

/// Cuts the value over every two texts of a lane; prints how many there are. Returns the leaks.
fn split(samples: &[Sample]) -> Vec<String> {
    let judge = judge_with_pack("", "base/payment", REDACT_AND_DECLARE);
    let (mut seen, mut seams) = (BTreeSet::new(), Vec::new());
    for sample in samples.iter().filter(|sample| !sample.copy) {
        let operation = sample.operation();
        for seam in plant::seams(sample) {
            if seen.insert((&sample.provider, operation.clone(), seam.name.clone())) {
                seams.push((sample, operation.clone(), seam));
            }
        }
    }
    let mut scratch = Scratch::default();
    let mut leaks = Vec::new();
    for (sample, operation, seam) in &seams {
        let place = format!("{} {operation} {}", sample.provider, seam.name);
        for cut in 1..plant::CARD.len() {
            for piece in PIECES.into_iter().take(if cut == MIDDLE { PIECES.len() } else { 1 }) {
                if plant::leaves_in_parts(&judge, sample, seam, cut, piece, &mut scratch) {
                    leaks.push(format!("{place}: cut at {cut}, in pieces of {piece}"));
                }
            }
        }
    }
    println!("{} lanes, each with the value cut at {} places", seams.len(), plant::CARD.len() - 1);
    assert!(!seams.is_empty(), "nothing was cut");
    leaks
}

/// Compares what is declared with what is expected to be.
fn compare(file: &str, declared: &BTreeSet<String>) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/canary").join(file);
    let text: String = declared.iter().map(|line| format!("{line}\n")).collect();
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&file, &text).expect("the folder is writable");
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    let lines: BTreeSet<&str> = expected.lines().collect();
    let got: BTreeSet<&str> = text.lines().collect();
    let differ =
        |a: &BTreeSet<&str>, b: &BTreeSet<&str>| a.difference(b).map(|line| format!("  {line}\n")).collect::<String>();
    assert!(
        lines == got,
        "{}: newly declared:\n{}no longer declared:\n{}`UPDATE_EXPECTED=1 cargo test --test it canary` writes it",
        file.display(),
        differ(&got, &lines),
        differ(&lines, &got)
    );
}

fn none_leaked(leaks: &[String]) {
    let shown: Vec<&str> = leaks.iter().take(2000).map(String::as_str).collect();
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), shown.join("\n"));
}

#[test]
fn p3_a_value_at_any_place_of_a_template_is_read_or_declared() {
    let samples = corpus::templates();
    let (declared, leaks) = walk(&samples);
    none_leaked(&leaks);
    compare("declared.expected", &declared);
}

#[test]
fn p2_a_value_cut_over_any_lane_of_a_template_leaves_in_no_part() {
    none_leaked(&split(&corpus::templates()));
}

#[test]
fn p2_a_value_cut_over_any_lane_of_recorded_traffic_leaves_in_no_part() {
    let Some(samples) = corpus::recordings() else { return };
    none_leaked(&split(&samples));
}

#[test]
fn p1_templates_without_the_value_leave_as_they_came() {
    let judge = judge_with_pack("", "base/payment", REDACT_AND_DECLARE);
    for sample in corpus::templates() {
        let passed = plant::pass(&judge, &sample, &sample.units, 50, &mut Scratch::default());
        let came = {
            let written = sample.write(&sample.units);
            let between: &[u8] = if sample.form == Form::Stream(Framing::Messages) { b"\n" } else { b"" };
            sample.read(&written.iter().flat_map(|unit| [unit, between].concat()).collect::<Vec<u8>>())
        };
        let place = format!("{} {}, {}", sample.provider, sample.path, sample.side.name());
        match passed.sent {
            // what the gateway adds to a stream that does not end by protocol
            Some(out) if sample.side == Side::Events => assert!(sample.read(&out).starts_with(&came), "{place}"),
            Some(out) => assert_eq!(sample.read(&out), came, "{place}"),
            None => panic!("{place} is refused: {}", String::from_utf8_lossy(&passed.told)),
        }
    }
}

#[test]
fn the_places_of_templates_are_there() {
    for sample in corpus::templates() {
        for (channel, (unit, pointer)) in &sample.places {
            let found = sample.units.get(*unit).and_then(|unit| unit.value.pointer(pointer));
            assert!(
                found.is_some_and(|v| v.is_string()),
                "{} {} {channel}: {unit} {pointer}",
                sample.provider,
                sample.path
            );
        }
    }
}

#[test]
fn p3_a_value_at_any_place_of_recorded_traffic_is_read_or_declared() {
    let Some(samples) = corpus::recordings() else { return };
    let (declared, leaks) = walk(&samples);
    none_leaked(&leaks);
    compare("declared.recorded.expected", &declared);
}

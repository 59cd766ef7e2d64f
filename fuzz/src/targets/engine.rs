//! The engine against the oracle, and streams against whole texts (P2): with every rule that ships, and with a few of them.

use super::choices::{Choices, boundary_from};
use portcullis::detect::oracle::Oracle;
use portcullis::detect::{Engine, Finding, RuleSet, Scratch, StreamScanner};
use portcullis::diagnostic::Problems;
use portcullis::pack::{Library, Rule};
use std::sync::{Arc, LazyLock, OnceLock};

/// Rules of a small set: the oracle tries each rule at each place, so few rules let many more texts be tried.
const FEW: usize = 8;
/// The oracle takes time; what goes wrong goes wrong in short texts.
const LONGEST: usize = 512;
/// One input in so many goes to all rules.
const ALL_IN: usize = 32;

struct Pair {
    engine: Arc<Engine>,
    oracle: Oracle,
    active: Arc<RuleSet>,
    /// What texts are made of: examples, their halves, context words.
    pieces: Vec<String>,
}

impl Pair {
    fn new(rules: &[Arc<Rule>]) -> Pair {
        let engine = Engine::compile(rules.to_vec()).unwrap_or_else(|problems| panic!("{problems:?}"));
        let oracle = Oracle::new(rules).unwrap_or_else(|problems| panic!("{problems:?}"));
        let mut pieces: Vec<String> =
            [" ", "\n", "-", ".", ":", "é", "市", "\u{3000}", "１", "\u{200b}", "=", "\""].map(String::from).to_vec();
        for rule in rules {
            for example in rule.examples.iter().chain(&rule.counter_examples) {
                let (head, tail) = example.split_at(boundary_from(example, example.len() / 2));
                pieces.extend([example.as_str(), head, tail].map(String::from));
            }
            pieces.extend(rule.context.iter().flat_map(|context| &context.words).take(2).cloned());
        }
        let active = Arc::new(engine.all());
        Pair { engine: Arc::new(engine), oracle, active, pieces }
    }

    /// ASCII stands for itself, other bytes for pieces.
    fn text(&self, input: &[u8]) -> String {
        let mut text = String::new();
        for (i, byte) in input.iter().enumerate() {
            match byte {
                0..0x80 => text.push(char::from(*byte)),
                _ => {
                    let next = usize::from(input.get(i + 1).copied().unwrap_or_default());
                    text.push_str(&self.pieces[(usize::from(*byte) * 256 + next) % self.pieces.len()]);
                }
            }
            if text.len() > LONGEST {
                break;
            }
        }
        text
    }
}

pub fn run(input: &[u8]) {
    static RULES: LazyLock<Vec<Arc<Rule>>> = LazyLock::new(|| {
        let library = Library::read(&Library::embedded_sources(), &mut Problems::default());
        library.rules().cloned().collect()
    });
    static ALL: LazyLock<Pair> = LazyLock::new(|| Pair::new(&RULES));
    static SOME: LazyLock<Vec<OnceLock<Pair>>> = LazyLock::new(|| RULES.chunks(FEW).map(|_| OnceLock::new()).collect());
    let (mut choices, input) = Choices::take(input);
    let pair = match choices.below(ALL_IN) {
        0 => &*ALL,
        _ => {
            let set = choices.below(SOME.len());
            SOME[set].get_or_init(|| Pair::new(RULES.chunks(FEW).nth(set).expect("one set for each chunk")))
        }
    };
    let text = pair.text(input);
    let expected = pair.oracle.scan(&text, &pair.active);
    let (mut scratch, mut found) = (Scratch::default(), Vec::new());
    pair.engine.scan(&text, &pair.active, &mut scratch, &mut found);
    assert_eq!(found, expected, "whole: {text:?}");
    let cut = boundary_from(&text, choices.below(text.len() + 1));
    for pieces in [vec![&text[..cut], &text[cut..]], choices.cut_text(&text)] {
        assert_eq!(stream(pair, &pieces, &mut scratch), expected, "pieces: {pieces:?}");
    }
}

fn stream(pair: &Pair, pieces: &[&str], scratch: &mut Scratch) -> Vec<Finding> {
    let mut scanner = StreamScanner::new(pair.engine.clone(), pair.active.clone());
    let (mut found, mut settled) = (Vec::new(), 0);
    for piece in pieces {
        let known = found.len();
        let now = scanner.push(piece, scratch, &mut found);
        assert!(settled <= now, "what is decided stays decided");
        let in_time = |f: &Finding| settled <= f.span.start && f.span.end <= now;
        assert!(found[known..].iter().all(in_time), "a finding in text that was let go, or not decided");
        settled = now;
    }
    scanner.finish(scratch, &mut found);
    found
}

pub fn seeds() -> Vec<Vec<u8>> {
    let bytes = |choice: u8| {
        [&[choice, choice.wrapping_mul(31), 0, 1], &[b' ', 0x80 | choice, choice, b' ', 0xC0, 7][..]].concat()
    };
    (0..=255).map(bytes).collect()
}

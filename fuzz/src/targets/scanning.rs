//! What the targets that scan share: rules, texts, streams.

use super::choices::boundary_from;
use portcullis::detect::{Engine, Finding, Scratch, StreamScanner};
use portcullis::diagnostic::Problems;
use portcullis::pack::{Library, Rule};
use std::sync::{Arc, LazyLock};

/// What goes wrong goes wrong in short texts.
const LONGEST: usize = 512;

/// Every rule that ships.
pub static RULES: LazyLock<Vec<Arc<Rule>>> = LazyLock::new(|| {
    let library = Library::read(&Library::embedded_sources(), &mut Problems::default());
    library.rules().cloned().collect()
});

/// Rules of a small set: with few of them many more texts can be tried.
pub const FEW: usize = 8;

/// An engine that reads disguises to this depth.
pub fn engine(rules: &[Arc<Rule>], depth: usize) -> Arc<Engine> {
    let mut engine = Engine::compile(rules.to_vec()).unwrap_or_else(|problems| panic!("{problems:?}"));
    engine.set_decode_depth(depth);
    Arc::new(engine)
}

/// What texts are made of: examples, their halves, context words.
pub fn pieces_of(rules: &[Arc<Rule>]) -> Vec<String> {
    let mut pieces: Vec<String> =
        [" ", "\n", "-", ".", ":", "é", "市", "\u{3000}", "１", "\u{200b}", "=", "\""].map(String::from).to_vec();
    for rule in rules {
        for example in rule.examples.iter().chain(&rule.counter_examples) {
            let (head, tail) = example.split_at(boundary_from(example, example.len() / 2));
            pieces.extend([example.as_str(), head, tail].map(String::from));
        }
        pieces.extend(rule.context.iter().flat_map(|context| &context.words).take(2).cloned());
    }
    pieces
}

/// A text from any bytes: ASCII stands for itself, other bytes for pieces.
pub fn text(input: &[u8], pieces: &[String]) -> String {
    let mut text = String::new();
    for (i, byte) in input.iter().enumerate() {
        match byte {
            0..0x80 => text.push(char::from(*byte)),
            _ => {
                let next = usize::from(input.get(i + 1).copied().unwrap_or_default());
                text.push_str(&pieces[(usize::from(*byte) * 256 + next) % pieces.len()]);
            }
        }
        if text.len() > LONGEST {
            break;
        }
    }
    text
}

/// Findings of all rules in a whole text.
pub fn scan(engine: &Engine, text: &str, scratch: &mut Scratch) -> Vec<Finding> {
    let mut found = Vec::new();
    assert_eq!(engine.scan(text, &engine.all(), scratch, &mut found), text.len(), "all of it is inspected");
    found
}

/// The same in pieces.
pub fn stream(engine: &Arc<Engine>, pieces: &[&str], scratch: &mut Scratch) -> Vec<Finding> {
    let mut scanner = StreamScanner::new(engine.clone(), Arc::new(engine.all()));
    let (mut found, mut settled) = (Vec::<Finding>::new(), 0);
    for piece in pieces {
        let known = found.len();
        let now = scanner.push(piece, scratch, &mut found);
        assert!(settled <= now, "what is decided stays decided: {settled}, {now} in {pieces:?}");
        let in_time = |f: &Finding| settled <= f.span.start && (f.opener.is_some() || f.span.end <= now);
        assert!(found[known..].iter().all(in_time), "a finding in text that was let go, or not decided: {pieces:?}");
        assert!(found.iter().all(|f| !f.goes_on || now <= f.span.end), "a part of a value was let go: {pieces:?}");
        settled = now;
    }
    scanner.finish(scratch, &mut found);
    found
}

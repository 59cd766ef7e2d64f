//! The engine against the oracle, and streams against whole texts (P2): with every rule that ships, and with a few of them.
//! The oracle reads no disguises, so neither does the engine here.

use super::Choices;
use super::choices::boundary_from;
use super::scanning::{self, FEW, RULES, pieces_of, scan, stream};
use portcullis::detect::oracle::Oracle;
use portcullis::detect::{Engine, Scratch};
use portcullis::pack::Rule;
use std::sync::{Arc, LazyLock, OnceLock};

/// One input in so many goes to all rules: the oracle tries each rule at each place.
const ALL_IN: usize = 32;

struct Pair {
    engine: Arc<Engine>,
    oracle: Oracle,
    pieces: Vec<String>,
}

impl Pair {
    fn new(rules: &[Arc<Rule>]) -> Pair {
        let oracle = Oracle::new(rules).unwrap_or_else(|problems| panic!("{problems:?}"));
        Pair { engine: scanning::engine(rules, 0), oracle, pieces: pieces_of(rules) }
    }
}

pub fn run(input: &[u8]) {
    static ALL: LazyLock<Pair> = LazyLock::new(|| Pair::new(&RULES));
    static SOME: LazyLock<Vec<OnceLock<Pair>>> = LazyLock::new(|| RULES.chunks(FEW).map(|_| OnceLock::new()).collect());
    let (mut choices, input) = Choices::take(input);
    let Pair { engine, oracle, pieces } = match choices.below(ALL_IN) {
        0 => &*ALL,
        _ => {
            let set = choices.below(SOME.len());
            SOME[set].get_or_init(|| Pair::new(RULES.chunks(FEW).nth(set).expect("one set for each chunk")))
        }
    };
    let text = scanning::text(input, pieces);
    let expected = oracle.scan(&text, &engine.all());
    let mut scratch = Scratch::default();
    assert_eq!(scan(engine, &text, &mut scratch), expected, "whole: {text:?}");
    let cut = boundary_from(&text, choices.below(text.len() + 1));
    let pieces = match choices.below(3) {
        0 => vec![&text[..cut], &text[cut..]],
        _ => choices.cut_text(&text),
    };
    assert_eq!(stream(engine, &pieces, &mut scratch), expected, "pieces: {pieces:?}");
}

pub fn seeds() -> Vec<Vec<u8>> {
    let bytes = |choice: u8| {
        [&[choice, choice.wrapping_mul(31), 0, 1], &[b' ', 0x80 | choice, choice, b' ', 0xC0, 7][..]].concat()
    };
    (0..=255).map(bytes).collect()
}

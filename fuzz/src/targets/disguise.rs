//! Disguises: what is found leads back to whole characters of the text, streams read as whole texts do (P2), and a text that
//! is written in one way from end to end holds what it says, at the bytes that say it.

use super::Choices;
use super::choices::boundary_from;
use super::scanning::{self, FEW, RULES, pieces_of, scan, stream};
use portcullis::detect::{DECODE_DEPTH, Engine, Finding, Scratch};
use portcullis::pack::Rule;
use std::ops::Range;
use std::sync::{Arc, LazyLock, OnceLock};

/// The name that a finding tells, and how a character is written.
type Writing = (&'static str, fn(char) -> String);

const WRITINGS: [Writing; 6] = [
    ("percent", |c| octets(c, "%", |b| format!("{b:02x}"))),
    ("quoted_printable", |c| octets(c, "=", |b| format!("{b:02X}"))),
    ("escape", |c| octets(c, "\\x", |b| format!("{b:02X}"))),
    ("escape", |c| c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()),
    ("entity", |c| format!("&#{};", u32::from(c))),
    ("entity", |c| format!("&#x{:X};", u32::from(c))),
];

/// As a full-width form. Not all of it is read: one between ideographs belongs to them.
fn wide(c: char) -> String {
    match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xFEE0).expect("a full-width form").into(),
        _ => c.into(),
    }
}

fn octets(c: char, sign: &str, write: fn(u8) -> String) -> String {
    c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("{sign}{}", write(byte))).collect()
}

/// Rules, and what texts for them are made of.
struct Set {
    engine: Arc<Engine>,
    pieces: Vec<String>,
}

impl Set {
    fn new(rules: &[Arc<Rule>]) -> Set {
        let mut pieces = pieces_of(rules);
        for (at, text) in pieces.clone().iter().enumerate() {
            let (_, write) = WRITINGS[at % WRITINGS.len()];
            let written: String = text.chars().map(write).collect();
            let twice = (at % 4 == 0).then(|| written.chars().map(WRITINGS[at / 4 % WRITINGS.len()].1).collect());
            pieces.extend([written, text.chars().map(wide).collect()].into_iter().chain(twice));
        }
        pieces.extend(RUNS.map(String::from));
        Set { engine: scanning::engine(rules, DECODE_DEPTH), pieces }
    }
}

/// Base64, hexadecimal and an archive in base64, whole and in parts.
const RUNS: [&str; 8] = [
    "Y2FyZCA0NTM5IDU3ODcgNjM2MiAxNDg2",
    "Y2FyZCA0NTM5IDU3",
    "ODcgNjM2MiAxNDg2",
    "bWFpbCBtYXJpYUBleGFtcGxlLmNvbQ==",
    "6361726420343533392035373837203633363220",
    "63 61 72 64 20 34 35 33 39 20",
    "0x3431313120313131312031313131",
    "eNpLTixKUTAxNbZUMDW3MFcwMzYzUjA0sTADAEWABcM=",
];

pub fn run(input: &[u8]) {
    static SETS: LazyLock<Vec<OnceLock<Set>>> = LazyLock::new(|| RULES.chunks(FEW).map(|_| OnceLock::new()).collect());
    let (mut choices, input) = Choices::take(input);
    let chosen = choices.below(SETS.len());
    let Set { engine, pieces } =
        SETS[chosen].get_or_init(|| Set::new(RULES.chunks(FEW).nth(chosen).expect("one set for each chunk")));
    let mut scratch = Scratch::default();
    let text = scanning::text(input, pieces);

    let found = scan(engine, &text, &mut scratch);
    for Finding { span, opener, context, .. } in &found {
        for range in [Some(span), opener.as_ref(), context.as_ref()].into_iter().flatten() {
            assert!(text.get(range.clone()).is_some_and(|part| !part.is_empty()), "{range:?} of {text:?}");
        }
    }
    let cut = boundary_from(&text, choices.below(text.len() + 1));
    let pieces = match choices.below(3) {
        0 => vec![&text[..cut], &text[cut..]],
        _ => choices.cut_text(&text),
    };
    assert_eq!(stream(engine, &pieces, &mut scratch), found, "pieces: {pieces:?}");
    let (layer, write) = WRITINGS[choices.below(WRITINGS.len())];
    written_throughout(engine, layer, write, &text, &mut scratch);
}

/// What a text says is found in it as written, at the bytes that say it.
fn written_throughout(engine: &Engine, layer: &str, write: fn(char) -> String, text: &str, scratch: &mut Scratch) {
    let text: String = text.chars().filter(|c| !c.is_ascii_control()).collect();
    let said = scan(engine, &text, scratch);
    let is_plain = |f: &Finding| f.disguise.is_none();
    if !said.iter().all(is_plain) {
        return;
    }
    let (mut written, mut starts) = (String::new(), Vec::new());
    for c in text.chars() {
        starts.extend((0..c.len_utf8()).map(|_| written.len()));
        written.push_str(&write(c));
    }
    starts.push(written.len());
    let carrier = |said: &Range<usize>| starts[said.start]..starts[said.end];
    let found = scan(engine, &written, scratch);
    for finding in said {
        let span = carrier(&finding.span);
        let reads = |f: &Finding| {
            f.rule == finding.rule
                && f.span == span
                && (f.confidence, f.validated) == (finding.confidence, finding.validated)
                && f.disguise.as_ref().is_none_or(|d| d.layers == [layer] && d.value == finding.value(&text))
        };
        // What is found as it is written goes before what is read in it.
        let explains = |f: &Finding| {
            is_plain(f) && f.span.start <= span.start && span.end <= f.span.end && f.confidence >= finding.confidence
        };
        assert!(found.iter().any(|f| reads(f) || explains(f)), "{finding:?} of {text:?} in {written:?}");
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let bytes = |choice: u8| {
        [&[choice, choice.wrapping_mul(31), 1, 0], &[b' ', 0x80 | choice, choice, b' ', 0xE0, 9, 0xFF][..]].concat()
    };
    (0..=255).map(bytes).collect()
}

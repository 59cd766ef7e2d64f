//! The engine against the oracle, and streams against whole texts: on a zoo of rules that uses every feature, over texts
//! made of pieces that matter to them.

use super::oracle::Oracle;
use super::validator::Validator;
use super::{Engine, Finding, RuleSet, Scratch, StreamScanner};
use crate::diagnostic::Problems;
use crate::pack::{Confidence, ContextWords, Ladder, Library, Rule, Severity, Signal, Until};
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};

/// The digits of the value add up to a multiple of three.
static THREES: Validator = Validator {
    name: "threes",
    source: "made up for tests",
    check: |value| {
        let digits = value.bytes().filter(u8::is_ascii_digit);
        digits.map(|d| u32::from(d - b'0')).sum::<u32>() % 3 == 0
    },
    valid: &["12"],
    invalid: &["11"],
};

/// Values without separators only; a stream must show the validator the same value as the whole text does.
pub(super) static BARE: Validator = Validator {
    name: "bare",
    source: "made up for tests",
    check: |value| value.bytes().all(|b| b.is_ascii_alphanumeric()) && !value.ends_with('7'),
    valid: &["12"],
    invalid: &["1 2"],
};

const LOW: Option<Confidence> = Some(Confidence::Low);
const MEDIUM: Option<Confidence> = Some(Confidence::Medium);
const HIGH: Option<Confidence> = Some(Confidence::High);

/// pattern, validated, context, validated and context
fn ladder(steps: [Option<Confidence>; 4]) -> Ladder {
    Ladder { pattern: steps[0], validated: steps[1], context: steps[2], validated_context: steps[3] }
}

pub(super) fn rule(id: &str, patterns: &[&str]) -> Rule {
    Rule {
        id: id.into(),
        pack: "test".into(),
        title: id.into(),
        local_title: None,
        verified: true,
        category: "test".into(),
        severity: Severity::High,
        patterns: patterns.iter().map(|p| (*p).to_owned()).collect(),
        until: None,
        dictionary: None,
        separators: String::new(),
        validator: None,
        context: None,
        ladder: ladder([MEDIUM, None, None, None]),
        jurisdiction: None,
        examples: Vec::new(),
        counter_examples: Vec::new(),
        references: Vec::new(),
    }
}

fn words(words: &[&str], within: usize) -> Option<ContextWords> {
    Some(ContextWords::any(words.iter().map(|w| (*w).to_owned()).collect(), within))
}

/// Signals that add up, with their weights.
fn scored(words: &[&str], signals: &[(&[&str], i32)], least: i32, within: usize) -> Option<ContextWords> {
    let all = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect();
    let signals = signals.iter().map(|(words, weight)| Signal { words: all(words), weight: *weight }).collect();
    Some(ContextWords { signals, least, ..ContextWords::any(all(words), within) })
}

fn until(pattern: &str, longest: usize) -> Option<Until> {
    Some(Until { pattern: pattern.into(), longest })
}

fn zoo() -> Vec<Arc<Rule>> {
    let mut rules = vec![
        Rule {
            separators: " -/".into(),
            validator: Some(&THREES),
            context: words(&["Tax ID", "steuer", "税号"], 20),
            ladder: ladder([None, LOW, None, HIGH]),
            ..rule("tax", &[r"\b[1-9]\d{7}\b"])
        },
        Rule {
            separators: " -–".into(),
            validator: Some(&THREES),
            ladder: ladder([LOW, MEDIUM, None, None]),
            ..rule("card", &[r"\b\d{12}(?:\d{3})?\b", r"\b4\d{8}\b"])
        },
        Rule { validator: Some(&BARE), ladder: ladder([LOW, HIGH, None, None]), ..rule("inside", &[r"\d{6}"]) },
        Rule {
            context: words(&["passport", "护照", "pass no"], 12),
            ladder: ladder([None, None, MEDIUM, None]),
            separators: " ".into(),
            ..rule("passport", &[r"\b[A-Z]{1,2}\d{5}\b"])
        },
        Rule { separators: ".".into(), validator: Some(&BARE), ..rule("optional_letter", &[r"[XYZ]?\d{5}[A-Z]"]) },
        rule("key", &[r"\bsk-[a-z0-9]{8,12}"]),
        rule("short", &["JCB", r"\bQQQ\b"]),
        Rule {
            validator: Some(&BARE),
            ladder: ladder([LOW, MEDIUM, HIGH, HIGH]),
            context: words(&["note"], 5),
            ..rule("secret", &[r"(?i)\bsecret(?: is|:) ?(?<value>[a-z0-9]{0,6})"])
        },
        rule("inner", &[r"[a-z_]{0,12}token=(?<value>\w{4,9})|[a-z_]{0,5}passwd=(?<value2>\w{4})"]),
        rule("mail", &[r"\b[a-z0-9.+-]{1,16}@[a-z0-9-]{1,10}\.[a-z]{2,4}\b"]),
        rule("host", &[r"\b[a-z0-9-]{1,10}\.(?:com|org)\b"]),
        rule("alone", &[r"(?:^|[^0-9a-z_.]|[^0-9]\.)(?<value>\d{4})\b", r"\b\d{2}~\d{2}\b"]),
        Rule { validator: Some(&BARE), ..rule("behind", &[r"k[a-z =]{0,9}(?<value>[a-z]{2,5}[0-9])!?"]) },
        rule("hex", &[r"\b[0-9a-f]{16,40}\b"]),
        Rule {
            until: until("\\]\\]|\\bEOF\\b", 60),
            ..rule("block", &[r"\[\[[a-z]{1,6}[ \n]?", r"(?<value>@[0-9])~"])
        },
        Rule {
            until: until("(?i)eof(?: eof)?\n?", 400),
            context: words(&["note"], 9),
            ladder: ladder([LOW, None, HIGH, None]),
            ..rule("part", &[r"\bbegin (?<value>x\w{0,4})"])
        },
        rule("across", &[r"x\]\][a-z]{2}|eof y"]),
        Rule { ladder: ladder([HIGH, None, None, None]), ..rule("sure", &[r"\bs\d(?: \]\])?"]) },
        rule("base", &[r"[A-Za-z0-9+/]{20,30}={0,2}"]),
        rule("bic", &[r"\b[A-Z]{6}[0-9A-Z]{2}(?:[0-9A-Z]{3})?\b"]),
        rule("chinese", &[r"身份证(?:号码?)?[:：]?\d{6}"]),
        Rule {
            separators: " -".into(),
            validator: Some(&THREES),
            ladder: ladder([None, MEDIUM, None, None]),
            ..rule("after", &[r"(?:^|[^0-9.]|[^0-9]\.)(?<value>[1-8]\d{3}[0-9X])\b", r"\b9\d(?:\.\d{2}){2}\b"])
        },
        Rule {
            separators: "- ".into(),
            validator: Some(&THREES),
            ladder: ladder([None, LOW, None, None]),
            ..rule("lettered", &[r"\b[A-Z]{1,2}(?<value>\d{4,5})\b"])
        },
        rule("several", &[r"\b\d{3}-\d{2}\b", r"(?i)case#[a-z]{2}\d", r"[a-z]{1,4}~[0-9]"]),
        rule("line", &[r"(?m)^id \d{2}$"]),
        rule("ends", &[r"\bend\d{2}$", r"^begin\d"]),
        rule("unicode", &[r"(?iu:größe) [^\d\s]{1,4}."]),
        rule("lazy", &[r"<x>[a-z ]{0,20}?</x>"]),
        rule("order", &[r"abc|abcd", r"\bab[cd]{1,3}e"]),
        Rule { ladder: ladder([HIGH, None, None, None]), ..rule("wide", &[r"card \d{4}[ \d]{0,20}!"]) },
        Rule { ladder: ladder([HIGH, None, None, None]), ..rule("twin", &[r"\b[1-9]\d{7}\b"]) },
        Rule {
            context: words(&["#ref", "ref."], 3),
            ladder: ladder([None, None, LOW, None]),
            ..rule("never_without_context", &[r"\b\d{2,3}\b"])
        },
        Rule {
            context: scored(&["note"], &[(&["tax id", "steuer", "护照"], 2), (&["the word", "word"], -2)], 2, 12),
            ladder: ladder([LOW, None, HIGH, None]),
            ..rule("scored", &[r"\b(?:JCB|Z\d{2})\b", r"sk-[a-z]"])
        },
        Rule {
            context: scored(&[], &[(&["e"], 1), (&["the"], 1), (&["#ref", "passport"], 3), (&["Z"], -1)], 2, 6),
            ladder: ladder([None, None, MEDIUM, None]),
            ..rule("never_below_the_sum", &[r"\b\d{4,5}\b"])
        },
    ];
    // A group of another name narrows nothing.
    rules[8].patterns[0] = rules[8].patterns[0].replace("value2", "other");
    rules.into_iter().map(Arc::new).collect()
}

pub(super) struct Pair {
    pub engine: Arc<Engine>,
    pub oracle: Oracle,
}

impl Pair {
    pub fn new(rules: Vec<Arc<Rule>>) -> Pair {
        let oracle = Oracle::new(&rules).unwrap_or_else(|e| panic!("{e:?}"));
        let mut engine = Engine::compile(rules).unwrap_or_else(|e| panic!("{e:?}"));
        // The oracle reads text as it is written.
        engine.set_decode_depth(0);
        Pair { engine: Arc::new(engine), oracle }
    }

    pub fn whole(&self, text: &str, active: &RuleSet) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.engine.scan(text, active, &mut Scratch::default(), &mut findings);
        findings
    }

    /// The stream's findings; on the way it checks what the scanner promises about its watermark.
    fn pieces<'t>(&self, pieces: impl Iterator<Item = &'t str>, active: &Arc<RuleSet>) -> Vec<Finding> {
        let mut scratch = Scratch::default();
        let mut scanner = StreamScanner::new(self.engine.clone(), active.clone());
        let (mut findings, mut settled, mut length) = (Vec::<Finding>::new(), 0, 0);
        for piece in pieces {
            let known = findings.len();
            length += piece.len();
            let now = scanner.push(piece, &mut scratch, &mut findings);
            assert!(settled <= now && now <= length && scanner.held() == length - now);
            for finding in &findings[known..] {
                assert!(settled <= finding.span.start && finding.head_end() <= now, "{finding:?} {settled} {now}");
            }
            for finding in findings.iter().filter(|f| f.goes_on) {
                assert!(now <= finding.span.end, "text was released that may not belong to it: {finding:?} {now}");
            }
            settled = now;
        }
        let known = findings.len();
        assert_eq!(scanner.finish(&mut scratch, &mut findings), length);
        assert!(findings[known..].iter().all(|f| settled <= f.span.start));
        findings
    }

    /// Engine, oracle and every cutting into two agree; so do pieces of one character and of `size` characters.
    #[track_caller]
    pub fn agree(&self, text: &str, active: &Arc<RuleSet>, size: usize) {
        let expected = self.oracle.scan(text, active);
        assert_eq!(self.whole(text, active), expected, "whole: {text:?}");
        for cut in (0..text.len()).filter(|c| text.is_char_boundary(*c)) {
            let (a, b) = text.split_at(cut);
            assert_eq!(self.pieces([a, b].into_iter(), active), expected, "cut at {cut}: {text:?}");
        }
        for size in [1, size.max(1)] {
            assert_eq!(self.pieces(pieces_of(text, size), active), expected, "pieces of {size}: {text:?}");
        }
    }
}

/// A text in pieces of `size` characters.
fn pieces_of(text: &str, size: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = rest.char_indices().nth(size).map_or(rest.len(), |(at, _)| at);
        let (piece, tail) = rest.split_at(end);
        rest = tail;
        (!piece.is_empty()).then_some(piece)
    })
}

static ZOO: LazyLock<Pair> = LazyLock::new(|| Pair::new(zoo()));

/// What texts are made of.
const PIECES: &[&str] = &[
    " ",
    " ",
    " ",
    " ",
    "\n",
    "  ",
    ", ",
    ".",
    "-",
    "/",
    "–",
    ":",
    "=",
    "@",
    "x",
    "the ",
    "word",
    "Z",
    "e",
    "é",
    "证",
    "（",
    "\u{3000}",
    "1",
    "2",
    "7",
    "12",
    "123",
    "4",
    "45",
    "12345",
    "123456",
    "12345678",
    "12 34 56 78",
    "33-33-33-33",
    "4111 1111 1",
    "111222333444",
    "111-222-333-444",
    "111–222",
    "999999999999999",
    "Tax ID",
    "tax  id ",
    "TAX\nID: ",
    "taxid",
    "steuer",
    "Steuernummer",
    "税号",
    "Ｔａｘ ＩＤ ",
    "passport ",
    "护照",
    "pass no",
    "A12345",
    "AB 12 345",
    "C 1 2 3 4 5",
    "X12345A",
    "1.2.3.4.5Z",
    "Y",
    "sk-abcdefgh",
    "sk-",
    "sk-abcdefgh123456",
    "JCB",
    "QQQ",
    "JC",
    "secret: abc12",
    "Secret is 7",
    "secret:",
    "note",
    "my_token=abcd",
    "token=",
    "passwd=abcd",
    "a.b@c-d.com",
    "bob@",
    "mail.org",
    "@x.org",
    "0123456789abcdef",
    "deadbeefdeadbeefdeadbeef",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ==",
    "DEUTDEFF",
    "DEUTDEFF500",
    "ABCDEF",
    "身份证号码：123456",
    "身份证",
    "123-45",
    "-45",
    "case#ab1",
    "abc~1",
    "~",
    "id 12\n",
    "\nid 12",
    "end12",
    "begin1",
    "größe xyz",
    "GRÖSSE",
    "größe ",
    "<x>a b</x>",
    "<x>",
    "</x>",
    "abcd",
    "abcce",
    "abdde",
    "card 1234 5678!",
    "card 12345678",
    "!",
    "#ref",
    "[[",
    "[[ab",
    "[[key ",
    "]]",
    "]",
    "EOF",
    "eof ",
    "begin xyz",
    "note begin x",
    "@1~",
    "x]]yz",
    "eof y",
    "s1",
    "s2 ]]",
    "k",
    "kk =",
    "ab1!",
    "1234",
    "x.1234",
    "12~34",
    "ref.",
    "99",
    "100",
    "१२३",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..24).prop_map(|pieces| pieces.concat())
}

/// Values with an `until`, in and across one another.
fn latched_text() -> impl Strategy<Value = String> {
    let piece = |p: &&str| {
        ["[", "]", "eof", "EOF", "begin", "note", "@1", "s1", "s2", "abc", " "].iter().any(|w| p.contains(w))
    };
    let pieces: Vec<&str> = PIECES.iter().copied().filter(piece).collect();
    prop::collection::vec(prop::sample::select(pieces), 4..40).prop_map(|pieces| pieces.concat())
}

fn some_rules() -> impl Strategy<Value = Arc<RuleSet>> {
    prop::collection::vec(prop::bool::weighted(0.8), zoo().len()).prop_map(|chosen| {
        let mut set = RuleSet::none(chosen.len());
        chosen.iter().enumerate().filter(|(_, c)| **c).for_each(|(i, _)| set.insert(i));
        Arc::new(set)
    })
}

/// Numbers with all that may stand between their digits.
fn spaced_digits() -> impl Strategy<Value = String> {
    let digits = prop::sample::select(&["1", "2", "3", "7", "9", "12", "33", "123", "4111", "45"][..]);
    let gap = prop::sample::select(&["", " ", " ", "-", "-", ".", "/", "–", ", ", "  ", "X", "A ", "é"][..]);
    let several = prop::collection::vec((digits, gap).prop_map(|(digits, gap)| format!("{digits}{gap}")), 1..6);
    (several, 1usize..12).prop_map(|(parts, times)| parts.concat().repeat(times))
}

proptest! {
    #[test]
    fn p2_digits_with_separators(text in spaced_digits(), size in 2usize..64) {
        ZOO.agree(&text, &Arc::new(ZOO.engine.all()), size);
    }

    #[test]
    fn p2_shipped_rules_on_digits_with_separators(text in spaced_digits(), size in 2usize..64) {
        let active = Arc::new(SHIPPED.engine.all());
        let expected = SHIPPED.oracle.scan(&text, &active);
        prop_assert_eq!(SHIPPED.whole(&text, &active), expected.clone(), "whole: {:?}", text);
        prop_assert_eq!(SHIPPED.pieces(pieces_of(&text, size), &active), expected, "pieces of {}: {:?}", size, text);
    }

    #[test]
    fn p2_engine_oracle_and_streams_agree(text in text(), size in 2usize..64) {
        ZOO.agree(&text, &Arc::new(ZOO.engine.all()), size);
    }

    #[test]
    fn p2_values_with_an_until(text in latched_text(), size in 2usize..64) {
        ZOO.agree(&text, &Arc::new(ZOO.engine.all()), size);
    }

    #[test]
    fn p2_with_some_rules_active(text in text(), active in some_rules(), size in 2usize..64) {
        ZOO.agree(&text, &active, size);
    }

    #[test]
    fn p2_on_any_text(text in any::<String>(), size in 2usize..64) {
        ZOO.agree(&text, &Arc::new(ZOO.engine.all()), size);
    }
}

#[test]
fn every_piece_next_to_every_other() {
    let active = ZOO.engine.all();
    let mut seen = RuleSet::none(ZOO.engine.rules().len());
    for a in PIECES {
        for b in PIECES {
            let text = format!("{a}{b}");
            let findings = ZOO.whole(&text, &active);
            assert_eq!(findings, ZOO.oracle.scan(&text, &active), "{text:?}");
            findings.iter().for_each(|f| seen.insert(f.rule as usize));
        }
    }
    assert_eq!(seen, active, "the pieces must bring out every rule");
}

/// Every rule that ships.
fn shipped() -> Vec<Arc<Rule>> {
    // Problems in packs are reported by their own tests.
    let library = Library::read(&Library::embedded_sources(), &mut Problems::default());
    library.rules().cloned().collect()
}

pub(super) static SHIPPED: LazyLock<Pair> = LazyLock::new(|| Pair::new(shipped()));

#[test]
fn p2_shipped_rules_on_their_examples() {
    let active = Arc::new(SHIPPED.engine.all());
    for rule in SHIPPED.engine.rules() {
        for text in rule.examples.iter().chain(&rule.counter_examples) {
            assert_eq!(SHIPPED.whole(text, &active), SHIPPED.oracle.scan(text, &active), "{text:?}");
        }
    }
}

/// Text that holds nothing, between texts that do.
const FILLER: &[&str] =
    &["\n", " | ", ". Then, in the spring of the year, we went on. ", "，然后我们继续。", "\",\"b\":\""];

#[test]
fn p2_shipped_rules_on_joined_examples() {
    let active = Arc::new(SHIPPED.engine.all());
    let rules = SHIPPED.engine.rules();
    for (round, some) in rules.chunks(7).enumerate() {
        let mut text = String::new();
        for (i, sample) in
            some.iter().flat_map(|r| r.examples.iter().take(1).chain(r.counter_examples.iter().take(1))).enumerate()
        {
            text.push_str(sample);
            text.push_str(FILLER[(i + round) % FILLER.len()]);
        }
        let expected = SHIPPED.oracle.scan(&text, &active);
        assert_eq!(SHIPPED.whole(&text, &active), expected, "{text:?}");
        for size in [1, 2 + round % 62] {
            assert_eq!(SHIPPED.pieces(pieces_of(&text, size), &active), expected, "pieces of {size}: {text:?}");
        }
        // Cut in two at places that differ from text to text, as many in all however many rules ship; the stream with every cut is
        // the zoo's business.
        let step = rules.len() / 8;
        for cut in (round % step..text.len()).step_by(step).filter(|cut| text.is_char_boundary(*cut)) {
            let (a, b) = text.split_at(cut);
            assert_eq!(SHIPPED.pieces([a, b].into_iter(), &active), expected, "cut at {cut}: {text:?}");
        }
    }
}

#[test]
fn p2_one_scratch_serves_whole_texts_and_streams() {
    let active = Arc::new(SHIPPED.engine.all());
    let mut scratch = Scratch::default();
    for some in SHIPPED.engine.rules().chunks(40) {
        let text: String = some.iter().flat_map(|rule| &rule.examples).map(|example| format!("{example}\n")).collect();
        let (mut whole, mut pieces) = (Vec::new(), Vec::new());
        SHIPPED.engine.scan(&text, &active, &mut scratch, &mut whole);
        let mut scanner = StreamScanner::new(SHIPPED.engine.clone(), active.clone());
        for piece in pieces_of(&text, 50) {
            scanner.push(piece, &mut scratch, &mut pieces);
        }
        scanner.finish(&mut scratch, &mut pieces);
        assert_eq!(pieces, whole, "{text:?}");
    }
}

/// A value with an `until` that never comes, though much looks like it.
const LATCHED: &str = "-----BEGIN PRIVATE KEY-----Ab0Cd1Ef2Gh3Ij4Kl5Mn6Op7Q-----END RSA RSA ";

/// Text made of what opens gates, and rules that like it: work per byte does not grow with the length, and has a bound.
#[test]
fn p7_hostile_text_takes_linear_work() {
    let active = Arc::new(SHIPPED.engine.all());
    let mut scratch = Scratch::default();
    for unit in
        ["7", "@", "a", "A", "1 ", "12-", "a@", "4111 1111 ", "secret=", "sk-", LATCHED, "AB12", "市", " \n", "A1 "]
    {
        let mut work = |bytes: usize| {
            let text = unit.repeat(bytes / unit.len());
            scratch.set_budget(None);
            SHIPPED.engine.scan(&text, &active, &mut scratch, &mut Vec::new());
            scratch.spent()
        };
        let (short, long) = (work(4 << 10), work(32 << 10));
        assert!(long <= 10 * short.max(4 << 10), "{unit:?}: {short}, then {long}");
        assert!(long <= 64 * (32 << 10), "{unit:?}: {} bytes read per byte", long >> 15);
    }
}

#[test]
fn p7_a_scan_stops_where_its_budget_ends() {
    let active = Arc::new(SHIPPED.engine.all());
    let mut scratch = Scratch::default();
    let text = "4111 1111 ".repeat(1000);
    scratch.set_budget(Some(20_000));
    let inspected = SHIPPED.engine.scan(&text, &active, &mut scratch, &mut Vec::new());
    assert!(inspected < text.len() && scratch.spent() < 200_000, "{inspected}, {}", scratch.spent());
    scratch.set_budget(None);
    assert_eq!(SHIPPED.engine.scan(&text, &active, &mut scratch, &mut Vec::new()), text.len());
}

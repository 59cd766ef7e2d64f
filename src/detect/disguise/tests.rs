//! Streams against whole texts, over texts made of pieces that matter to readers.

use super::super::agreement::rule;
use super::super::{Engine, Finding, Scratch, StreamScanner};
use crate::pack::{Confidence, ContextWords, Ladder, Rule, Until};
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};

/// A few plain rules, with context and with lead-ins.
static FEW: LazyLock<Arc<Engine>> = LazyLock::new(|| {
    let context = Some(ContextWords::any(vec!["tax id".into(), "税号".into()], 12));
    let ladder = Ladder {
        context: Some(Confidence::High),
        ..Ladder { pattern: Some(Confidence::Low), ..rule("", &[""]).ladder }
    };
    let rules = vec![
        Rule { separators: " -".into(), ..rule("number", &[r"\b\d{8}\b"]) },
        rule("key", &[r"\bkey_[a-z0-9]{6}"]),
        rule("password", &[r"password: (?<value>[a-z0-9]{4,8})"]),
        Rule { context, ladder, ..rule("tax", &[r"\b[A-Z]\d{5}\b"]) },
        rule("mail", &[r"\b[a-z]{1,8}@[a-z]{1,8}\.org\b"]),
        Rule { until: Some(Until { pattern: "END".into(), longest: 300 }), ..rule("block", &["BEGIN[0-9]?"]) },
    ];
    Arc::new(Engine::compile(rules.into_iter().map(Arc::new).collect()).expect("rules of this test"))
});

fn whole(engine: &Engine, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    assert_eq!(engine.scan(text, &engine.all(), &mut Scratch::default(), &mut findings), text.len());
    findings
}

fn pieces<'t>(engine: &Arc<Engine>, pieces: impl Iterator<Item = &'t str>) -> Vec<Finding> {
    let mut scanner = StreamScanner::new(engine.clone(), Arc::new(engine.all()));
    let (mut scratch, mut findings) = (Scratch::default(), Vec::<Finding>::new());
    let (mut settled, mut length) = (0, 0);
    for piece in pieces {
        let known = findings.len();
        length += piece.len();
        let now = scanner.push(piece, &mut scratch, &mut findings);
        assert!(
            settled <= now && now <= length && scanner.held() == length - now,
            "{settled} {now} {length} {}",
            scanner.held()
        );
        for finding in merge(&mut findings, known) {
            assert!(settled <= finding.span.start, "{finding:?} {settled} {now}");
            assert!(finding.opener.is_some() || finding.span.end <= now, "{finding:?} {settled} {now}");
        }
        for finding in findings.iter().filter(|finding| finding.goes_on) {
            assert!(now <= finding.span.end, "{finding:?} {settled} {now}");
        }
        settled = now;
    }
    let known = findings.len();
    assert_eq!(scanner.finish(&mut scratch, &mut findings), length);
    assert!(merge(&mut findings, known).iter().all(|f| settled <= f.span.start));
    assert!(findings.iter().all(|finding| !finding.goes_on));
    findings
}

/// Lengthens the first `known` findings as those behind them tell; returns the others.
fn merge(findings: &mut Vec<Finding>, known: usize) -> &[Finding] {
    let told = findings.split_off(known);
    for finding in told {
        match findings.iter_mut().find(|f| f.goes_on && f.begins_as(finding.rule, finding.span.start)) {
            Some(longer) => *longer = finding,
            None => findings.push(finding),
        }
    }
    &findings[known..]
}

#[track_caller]
fn agree(engine: &Arc<Engine>, text: &str, size: usize) {
    let expected = whole(engine, text);
    for finding in &expected {
        assert!(text.get(finding.span.clone()).is_some(), "{finding:?} in {text:?}");
    }
    for cut in (0..text.len()).filter(|c| text.is_char_boundary(*c)) {
        let (a, b) = text.split_at(cut);
        assert_eq!(pieces(engine, [a, b].into_iter()), expected, "cut at {cut}: {text:?}");
    }
    for size in [1, size] {
        let chars: Vec<char> = text.chars().collect();
        let cut: Vec<String> = chars.chunks(size).map(|c| c.iter().collect()).collect();
        assert_eq!(pieces(engine, cut.iter().map(String::as_str)), expected, "pieces of {size}: {text:?}");
    }
}

/// What texts are made of.
const PIECES: &[&str] = &[
    " ",
    " ",
    ", ",
    "word ",
    "x",
    "1",
    "12",
    "1234",
    "12345678",
    "key_",
    "abc123",
    "tax id ",
    "税号",
    "A12345",
    "password",
    ": ",
    "bob@mail.org",
    "@",
    "%",
    "%3",
    "%31",
    "%32%33",
    "%E7%A8%8E",
    "%40",
    "&",
    "&#",
    "&#49;",
    "&#x32",
    ";",
    "&amp;",
    "&commat;",
    "\\",
    "\\n",
    "\\u003",
    "\\u0031",
    "\\x32",
    "\\ud83d\\ude00",
    "\\u{31}",
    "\\061",
    "%2531",
    "%5Cu0031",
    "YeeojuWPt+eojuWPt+eojuWPt+eojuWPt+eojuWPtyBBMTIzNDU=",
    "１",
    "４２",
    "\u{200B}",
    "\u{200B}\u{301}",
    "\u{AD}",
    "–",
    "－",
    "\u{A0}",
    "а",
    "к",
    "р",
    "раss",
    "ж",
    "中",
    "𝟏",
    "ﬁ",
    "，",
    "（",
    "ｋｅｙ",
    "\u{E0031}",
    "١",
    "\\n\",",
    "\\t\"",
    "BEGIN",
    "END",
    "%42EGIN",
    "BEG\u{200B}IN",
    "EN%44",
    "QkVHSU4xIGFuZCBtb3Jl",
    "IGZvbGxvd3M=",
    "YW5kIHNvIG9uIEVORCBvZiBpdA==",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..20).prop_map(|pieces| pieces.concat())
}

#[test]
fn line_feeds_part_values_but_not_where_a_literal_ends() {
    for (text, layers) in [
        (r#"("key_abc123\n\n");"#, None),
        (r#"("a\n", "key_abc123")"#, None),
        (r#"("a\nkey_abc123\n")"#, Some(vec!["escape"])),
        (r#"{"a": "password:\u0020abcdef\n"}"#, Some(vec!["escape"])),
    ] {
        let found = whole(&FEW, text);
        let told: Vec<_> = found.iter().map(|f| f.disguise.as_ref().map(|d| d.layers.clone())).collect();
        assert_eq!(told, [layers], "{text}");
    }
}

/// A word on the next line is no part of an encoded value, and all of its first character is.
#[test]
fn what_carries_a_value_is_exact() {
    for run in [
        "a2V5X2FiYzEyMw",
        "H4sIAAAAAAACA8tOrYxPTEo2NDIGAABaO8QKAAAA",
        "eJzLTq2MT0xKNjQyBgAVDANl",
        "8J2QpGV5X2FiYzEyMw==",
    ] {
        for behind in ["\nBest regards", "\r\nDanke\n", "\n", " and"] {
            let text = format!("it is {run}{behind}");
            let carriers: Vec<_> =
                whole(&FEW, &text).into_iter().map(|finding| text[finding.span].to_owned()).collect();
            assert_eq!(carriers, [run], "{text:?}");
            agree(&FEW, &text, 5);
        }
    }
}

proptest! {
    #[test]
    fn p2_streams_read_as_whole_texts(text in text(), size in 2usize..40) {
        agree(&FEW, &text, size);
    }

    #[test]
    fn p2_with_text_between(parts in prop::collection::vec(text(), 1..5), gap in 0usize..900, size in 2usize..40) {
        let text = parts.join(&"lorem ipsum ".repeat(gap / 12));
        let expected = whole(&FEW, &text);
        let chars: Vec<char> = text.chars().collect();
        let cut: Vec<String> = chars.chunks(size).map(|c| c.iter().collect()).collect();
        prop_assert_eq!(pieces(&FEW, cut.iter().map(String::as_str)), expected);
    }
}

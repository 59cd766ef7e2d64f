//! Dictionaries against the oracle, whole and as streams with every cut, over texts made of entries and near misses.

use super::{Case, WordList};
use crate::detect::agreement::{BARE, Pair, rule};
use crate::detect::context::{LAST_WITH_CASE, folded, is_unspaced, is_wordy};
use crate::detect::{Engine, RuleSet, Scratch};
use crate::pack::{Confidence, ContextWords, Ladder, Rule};
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};

fn words(id: &str, entries: &[&str], case: Case) -> Rule {
    Rule { dictionary: Some(Arc::new(WordList::from_entries(entries, case))), ..rule(id, &[]) }
}

fn zoo() -> Vec<Arc<Rule>> {
    let ladder = Ladder { pattern: None, validated: None, context: Some(Confidence::Medium), validated_context: None };
    let context = Some(ContextWords::any(vec!["patient".into(), "患者".into(), "acute".into()], 12));
    let rules = vec![
        words(
            "plain",
            &["aspirin", "acute", "acute pain", "acute pain syndrome", "pain", "x-ray", "x", "C++", "vitamin b12"],
            Case::Any,
        ),
        words("wide", &["Größe", "élan vital", "İstanbul", "kelvin", "Ωmega", "ПЛАН Б", "план"], Case::Any),
        words(
            "unspaced",
            &["癌", "癌症", "肺癌", "癌症 早期", "HIV感染", "C型肝炎", "비밀", "비밀문서", "โรค", "x癌"],
            Case::Any,
        ),
        words("exact", &["SECRET", "Secret", "NATO SECRET", "VS-NfD", "機密 A"], Case::Exact),
        words("signs", &["§ 203", "(vs)", "№7", "@all", "💊 x", "-", "--x"], Case::Any),
        Rule { context, ladder, ..words("beside", &["pain", "aspirin", "secret", "糖尿病"], Case::Any) },
        Rule { validator: Some(&BARE), ..words("checked", &["b12", "b17", "b17 b12", "b12 b17"], Case::Any) },
        rule("pattern", &[r"\bpain \d{2}\b"]),
    ];
    rules.into_iter().map(Arc::new).collect()
}

static ZOO: LazyLock<Pair> = LazyLock::new(|| Pair::new(zoo()));

const PIECES: &[&str] = &[
    " ",
    " ",
    " ",
    " ",
    "\n",
    "\r\n  ",
    "\u{a0}",
    "\u{3000}",
    "                ",
    "                 ",
    ".",
    "-",
    "(",
    ")",
    "é",
    "\u{301}",
    "\u{307}",
    "i",
    "i\u{307}",
    "s",
    "x",
    "X",
    "ｘ",
    "7",
    "12",
    "Ａ",
    "aspirin",
    "ASPIRIN",
    "aspirins",
    "Ａｓｐｉｒｉｎ",
    "acute",
    "Acute",
    "acut",
    "pain",
    "PAIN",
    "paín",
    "syndrome",
    "acute pain syndrome",
    "x-ray",
    "X-Ray",
    "C+",
    "C++",
    "c++",
    "vitamin",
    "vitamin b12",
    "b12",
    "B12",
    "b17",
    "größe",
    "GRÖßE",
    "Größen",
    "élan",
    "ÉLAN",
    "vital",
    "İstanbul",
    "istanbul",
    "i\u{307}STANBUL",
    "\u{212a}elvin",
    "kelvin",
    "ωmega",
    "\u{2126}MEGA",
    "план",
    "План б",
    "плана",
    "癌",
    "癌症",
    "症",
    "肺",
    "早期",
    "HIV",
    "hiv",
    "感染",
    "型肝炎",
    "c型肝炎",
    "비밀",
    "비밀을",
    "문서",
    "โร",
    "ค",
    "SECRET",
    "secret",
    "Secret",
    "NATO",
    "vs-nfd",
    "VS-NfD",
    "機密",
    "A",
    "§",
    "§ 203",
    "203",
    "(vs)",
    "(VS",
    "№",
    "№7",
    "@all",
    "@",
    "💊",
    "-x",
    "patient",
    "患者",
    "糖尿病",
    "pain 12",
    "the quick brown fox jumps over the lazy dog and runs far away from all of it",
    "一二三四五六七八九十",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn p2_dictionaries_agree_with_the_oracle(text in text(), size in 2usize..64) {
        ZOO.agree(&text, &Arc::new(ZOO.engine.all()), size);
    }

    #[test]
    fn p2_dictionaries_agree_with_some_rules_active(text in text(), chosen in any::<[bool; 8]>(), size in 2usize..64) {
        let mut active = RuleSet::none(chosen.len());
        chosen.iter().enumerate().filter(|(_, c)| **c).for_each(|(i, _)| active.insert(i));
        ZOO.agree(&text, &Arc::new(active), size);
    }

    #[test]
    fn p2_dictionaries_agree_on_any_text(text in any::<String>(), size in 2usize..64) {
        ZOO.agree(&text, &Arc::new(ZOO.engine.all()), size);
    }

    /// Lists of all kinds: entries made of few letters, so that many begin alike.
    #[test]
    fn p2_any_list_agrees_with_the_oracle(
        lists in prop::collection::vec(prop::collection::vec("[aAbé癌 -]{0,5}[aAbé癌]", 1..12), 1..4),
        exact in any::<bool>(),
        text in "[aAbéÉ癌 -]{0,60}",
        size in 2usize..9,
    ) {
        let case = if exact { Case::Exact } else { Case::Any };
        let rule = |entries: &Vec<String>| {
            Rule { dictionary: Some(Arc::new(WordList::from_entries(entries, case))), ..rule("any", &[]) }
        };
        let pair = Pair::new(lists.iter().map(|entries| Arc::new(rule(entries))).collect());
        pair.agree(&text, &Arc::new(pair.engine.all()), size);
    }
}

#[test]
fn every_piece_next_to_every_other() {
    let active = Arc::new(ZOO.engine.all());
    let mut seen = RuleSet::none(ZOO.engine.rules().len());
    for a in PIECES {
        for b in PIECES {
            let text = format!("{a}{b}");
            let findings = ZOO.whole(&text, &active);
            assert_eq!(findings, ZOO.oracle.scan(&text, &active), "{text:?}");
            findings.iter().for_each(|f| seen.insert(f.rule as usize));
        }
    }
    assert_eq!(seen, *active, "the pieces must bring out every rule");
}

/// What stands in the table's way: keys rely on it.
#[test]
fn folding_keeps_what_is_a_letter() {
    for c in '\0'..=char::MAX {
        let mut chars = folded(c);
        let first = chars.next().expect("folding yields characters");
        assert_eq!(is_wordy(first), is_wordy(c), "{c:?}");
        assert!(is_wordy(c) || chars.next().is_none(), "{c:?}: a sign is one sign");
        assert!(!is_unspaced(c) || first == c, "{c:?}: scripts without spaces have no case");
        assert!(first == c || c <= LAST_WITH_CASE, "{c:?}");
    }
}

#[test]
fn of_a_list_of_many_all_are_found_and_near_misses_are_not() {
    let entries: Vec<String> = (0..20_000).map(|i| format!("word{i}{}", ["", " more", "-x", "病"][i % 4])).collect();
    let list = Arc::new(WordList::from_entries(&entries, Case::Any));
    let engine = Engine::compile(vec![Arc::new(Rule { dictionary: Some(list), ..rule("many", &[]) })]);
    let engine = engine.expect("a rule of this test");
    let text = entries.iter().map(|entry| format!("{} x{entry} {entry}x, ", entry.to_uppercase())).collect::<String>();
    let mut found = Vec::new();
    engine.scan(&text, &engine.all(), &mut Scratch::default(), &mut found);
    // The entries that end in 病 stand before a letter, too: that script has no word edges.
    assert_eq!(found.len(), 20_000 + 5_000);
    assert!(engine.memory() < 20_000 * 60 + (64 << 10), "{} bytes", engine.memory());
}

/// A stream is held back only where an entry may be under way.
#[test]
fn p2_held_back_is_what_may_be_an_entry() {
    let mut engine = Engine::compile(zoo()).expect("rules of this test");
    engine.set_decode_depth(0);
    let engine = Arc::new(engine);
    let mut scanner = crate::detect::StreamScanner::new(engine.clone(), Arc::new(engine.all()));
    let (mut scratch, mut out) = (Scratch::default(), Vec::new());
    let mut push = |text: &str| (scanner.push(text, &mut scratch, &mut out), out.len());
    assert_eq!(push("some wor"), (8, 0), "no entry begins so");
    assert_eq!(push("d aspi"), (10, 0));
    assert_eq!(push("ring"), (18, 0), "none begins so any more");
    assert_eq!(push(" acute "), (19, 0), "a phrase may follow");
    assert_eq!(push("pain, "), (31, 1));
    assert_eq!(push("肺"), (31, 1));
    assert_eq!(push("癌"), (31, 1), "another rule may find what begins with the second character");
    assert_eq!(push("。"), (40, 2));
}

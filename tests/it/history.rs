//! A conversation costs what its new text costs; what is recognised is judged as if it were scanned.

use crate::judging::{LOG_ALL, REDACT_ALL, exchange_of, judge, judge_of, request};
use portcullis::config::Config;
use portcullis::diagnostic::reader::ByteSize;
use portcullis::exchange::Judge;
use portcullis::exchange::report::{Found, Recognised};
use proptest::prelude::*;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

/// Generated; Luhn-valid.
const CARD: &str = "4539 5787 6362 1486";

/// Shared by the tests: each has users of its own.
static REDACTS: LazyLock<Arc<Judge>> = LazyLock::new(|| judge(REDACT_ALL));

/// A text of a few hundred bytes with something in it.
fn message(n: usize, value: &str) -> String {
    let words = "the committee met on a rainy afternoon and went through the list of open questions ";
    format!("{n}: {}please note {value} for {}", words.repeat(2), words.repeat(2))
}

fn conversation(texts: &[String]) -> Vec<u8> {
    let roles = ["user", "assistant"];
    let messages: Vec<_> =
        texts.iter().enumerate().map(|(i, text)| json!({ "role": roles[i % 2], "content": text })).collect();
    json!({ "model": "m", "messages": messages }).to_string().into_bytes()
}

/// What a turn of a user's leaves as, what was found in it, and what of it was recognised.
fn turn(judge: &Arc<Judge>, user: &str, texts: &[String]) -> (Result<Vec<u8>, Vec<u8>>, Vec<Found>, Recognised) {
    let mut x = exchange_of(user, judge, "openai", "/v1/chat/completions");
    let sent = request(&mut x, &conversation(texts));
    (sent, x.report.found, x.report.recognised)
}

fn bytes(texts: &[String]) -> u64 {
    texts.iter().map(|t| t.len() as u64).sum()
}

#[test]
fn p7_a_turn_scans_its_new_text_alone() {
    let texts: Vec<String> = (0..5).map(|n| message(n, CARD)).collect();
    let (_, found, first) = turn(&REDACTS, "maria", &texts[..3]);
    assert_eq!(first, Recognised { hit: 0, miss: bytes(&texts[..3]), short: 0 });
    assert_eq!(found.len(), 3);
    let (sent, found, second) = turn(&REDACTS, "maria", &texts);
    assert_eq!(second, Recognised { hit: bytes(&texts[..3]), miss: bytes(&texts[3..]), short: 0 });
    assert_eq!(found.len(), 5);
    let sent = String::from_utf8(sent.expect("it is redacted")).expect("JSON is text");
    assert_eq!((sent.matches("[CREDIT_CARD]").count(), sent.matches(CARD).count()), (5, 0));

    let (_, other, unknown) = turn(&REDACTS, "ben", &texts);
    assert_eq!(unknown, Recognised { hit: 0, miss: bytes(&texts), short: 0 }, "another user's texts are unknown");
    assert_eq!(other, found);
}

#[test]
fn p8_a_new_generation_recognises_nothing() {
    let texts = [message(0, CARD)];
    let old = judge(LOG_ALL);
    let (sent, _, _) = turn(&old, "noa", &texts);
    assert!(sent.as_ref() == Ok(&conversation(&texts)), "it was only logged");
    let (sent, _, recognised) = turn(&REDACTS, "noa", &texts);
    assert_eq!(recognised.hit, 0);
    assert!(sent.expect("it is redacted") != conversation(&texts));
}

#[test]
fn short_texts_are_scanned_each_time() {
    for _ in 0..2 {
        let (_, found, recognised) = turn(&REDACTS, "kim", &[CARD.to_owned()]);
        assert_eq!((found.len(), recognised), (1, Recognised { hit: 0, miss: 0, short: CARD.len() as u64 }));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    /// Whatever is sent again and again, in whatever order: decisions, bytes and findings are those without a history.
    #[test]
    fn a_history_changes_no_finding(
        turns in prop::collection::vec((0usize..3, prop::collection::vec(0usize..8, 1..6)), 1..12),
    ) {
        static WITHOUT: LazyLock<Arc<Judge>> = LazyLock::new(|| {
            let mut config = Config::default();
            config.limits.history = ByteSize(0);
            judge_of(config, REDACT_ALL)
        });
        // other users each time: nothing of them is known
        static CASE: AtomicUsize = AtomicUsize::new(0);
        let case = CASE.fetch_add(1, Ordering::Relaxed);
        const VALUES: [&str; 4] = ["nothing", CARD, "DE89 3704 0044 0532 0130 00", "maria@example.com"];
        for (user, picks) in turns {
            let texts: Vec<String> = picks.iter().map(|n| message(*n, VALUES[n % VALUES.len()])).collect();
            let user = format!("{}{case}", ["ana", "ben", "eve"][user]);
            let (sent, found, recognised) = turn(&REDACTS, &user, &texts);
            let (expected, without, scanned) = turn(&WITHOUT, &user, &texts);
            prop_assert_eq!(sent, expected);
            prop_assert_eq!(found, without);
            prop_assert_eq!(scanned.hit, 0);
            prop_assert_eq!(recognised.hit + recognised.miss + recognised.short, bytes(&texts));
        }
    }
}

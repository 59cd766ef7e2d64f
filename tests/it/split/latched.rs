//! P2 for values with an `until`: what leaves a stream is what leaves a whole answer, and nothing of a value is left in it.

use super::{ANTHROPIC, OPENAI, Wire, deltas, run, run_plain};
use crate::judging::{BLOCK_ALL, REDACT_ALL, exchange, judge, judge_with_pack, sent};
use portcullis::decode::framing::Framing;
use portcullis::detect::Scratch;
use portcullis::exchange::{BodyHead, Judge};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

/// Made of an alphabet; nobody's key.
fn private_key(lines: usize) -> String {
    let line = "Ab0Cd1Ef2Gh3Ij4Kl5Mn6Op7Qr8St9UvWxYz+aBAb0Cd1Ef2Gh3Ij4Kl5Mn6Op7Q\n".repeat(lines);
    format!("-----BEGIN PRIVATE KEY-----\n{line}-----END PRIVATE KEY-----")
}

const LABEL: &str = "[SECRET_PRIVATE_KEY_PKCS8]";

/// The events of a text, cut at `cut` and then into deltas of `size` bytes.
fn stream(wire: Wire, text: &str, cut: usize, size: usize, tools: bool) -> Vec<String> {
    let pieces = deltas(text, cut, size);
    (wire.events)(&pieces.iter().map(|p| (0, *p)).collect::<Vec<_>>(), tools)
}

#[test]
fn p2_a_private_key_is_redacted_whole_wherever_it_is_cut() {
    let judge = judge(REDACT_ALL);
    let key = private_key(8);
    for (wire, tools) in [(OPENAI, false), (ANTHROPIC, true)] {
        let (text, expected) = match tools {
            false => (format!("Here: {key}\nKeep it."), format!("Here: {LABEL}\nKeep it.")),
            true => (json!({ "key": key, "n": 12 }).to_string(), json!({ "key": LABEL, "n": 12 }).to_string()),
        };
        for cut in (0..text.len()).step_by(5) {
            let events = stream(wire, &text, cut, 24, tools).concat();
            let out = run(&judge, wire, events.as_bytes(), 512, tools, std::slice::from_ref(&expected));
            assert_eq!((wire.text)(&out, 0, tools), expected, "cut at {cut}");
        }
    }
}

#[test]
fn p7_a_long_value_flows_through_and_counts_once() {
    let judge = judge(REDACT_ALL);
    let key = private_key(400);
    let text = format!("Here: {key}\nKeep it.");
    let mut x = exchange(&judge, OPENAI.provider, OPENAI.path);
    let mut guard = x.stream(Framing::Sse);
    let (mut scratch, mut out, mut most) = (Scratch::default(), Vec::new(), 0);
    let events = stream(OPENAI, &text, 0, 16, false);
    for event in &events {
        guard.push(&mut x, event.as_bytes(), &mut scratch, &mut out);
        most = most.max(guard.held());
    }
    // the opener at most: some 500 bytes of text in deltas of 16
    assert!(most < 40 * events[2].len(), "{most} of {} bytes were held back", events.concat().len());
    let out = String::from_utf8(out).expect("what leaves is text");
    assert_eq!((OPENAI.text)(&out, 0, false), format!("Here: {LABEL}\nKeep it."));
    assert_eq!(x.report.found.len(), 1);
    assert_eq!(x.report.found[0].count, 1);
}

#[test]
fn p2_a_blocked_key_ends_the_stream_before_any_of_it_leaves() {
    let judge = judge(BLOCK_ALL);
    let text = format!("Here: {}", private_key(30));
    let events = stream(OPENAI, &text, 0, 16, false).concat();
    let out = run(&judge, OPENAI, events.as_bytes(), 100, false, &["Here: ".to_owned()]);
    assert!(out.ends_with(OPENAI.terminator), "{out}");
    assert_eq!((OPENAI.reason)(&out), [OPENAI.filtered]);
}

/// Two rules with `until` that are redacted, one that is not, and others that lie in such values and across their ends.
const RULES: &str = r#"
[[rule]]
id = "t_block"
title = "Block"
category = "secret"
severity = "high"
pattern = '\[\[[a-z]{1,6} ?'
until = '\]\]|\bEOF\b'
confidence = { pattern = "medium" }
examples = ["[[a"]
counter_examples = ["[a"]

[[rule]]
id = "t_part"
title = "Part"
category = "secret"
severity = "high"
pattern = '\bbegin (?<value>x\w{0,4})'
until = '(?i)eof(?: eof)?'
context = { words = ["note"], within = 9 }
confidence = { pattern = "low", context = "high" }
examples = ["note begin x"]
counter_examples = ["begin"]

[[rule]]
id = "t_noted"
title = "Noted"
category = "secret"
severity = "low"
pattern = '<[a-z]{2}'
until = '>'
longest = "1KiB"
confidence = { pattern = "high" }
examples = ["<ab"]
counter_examples = ["<"]

[[rule]]
id = "t_across"
title = "Across"
category = "secret"
severity = "low"
pattern = 'x\]\][a-z]{2}|eof y|ab>c'
confidence = { pattern = "medium" }
examples = ["x]]ab"]
counter_examples = ["x]]"]

[[rule]]
id = "t_sure"
title = "Sure"
category = "secret"
severity = "critical"
pattern = '\bs\d(?: \]\])?'
confidence = { pattern = "high" }
examples = ["s1"]
counter_examples = ["s"]
"#;

const STATEMENTS: &str = r#"
[[statement]]
id = "hash"
title = "Hash"
match = { rules = ["t_block"] }
action = "redact"
style = "hash"

[[statement]]
id = "mask"
title = "Mask"
match = { rules = ["t_part"] }
action = "redact"
style = { mask = { keep = 4 } }

[[statement]]
id = "label"
title = "Label"
match = { rules = ["t_across", "t_sure"] }
action = "redact"

[[statement]]
id = "log"
title = "Log"
match = { rules = ["t_noted"] }
action = "log"
"#;

static JUDGE: LazyLock<Arc<Judge>> = LazyLock::new(|| judge_with_pack(RULES, "test", STATEMENTS));

const PIECES: &[&str] = &[
    "[[",
    "[[ab",
    "[[key ",
    "]]",
    "]",
    "EOF",
    "eof ",
    "eof",
    "begin xyz",
    "begin x",
    "note ",
    "<ab",
    "ab>c",
    ">",
    "x]]yz",
    "eof y",
    "s1",
    "s2 ]]",
    " ",
    "word ",
    "é",
    "\n",
    "12",
];

/// The text that leaves when the answer comes whole.
fn whole(judge: &Arc<Judge>, text: &str, tools: bool) -> String {
    let message = match tools {
        false => json!({ "role": "assistant", "content": text }),
        true => {
            json!({ "role": "assistant", "content": null, "tool_calls": [{ "id": "c", "type": "function", "function": { "name": "pay", "arguments": text } }] })
        }
    };
    let body = json!({ "id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }] });
    let body = body.to_string().into_bytes();
    let mut x = exchange(judge, OPENAI.provider, OPENAI.path);
    let head = BodyHead { content_type: Some("application/json"), content_encoding: None };
    let left = sent(x.answer(&head, &body, &mut Scratch::default()), &body).expect("nothing is blocked");
    let left: Value = serde_json::from_slice(&left).expect("what leaves stays JSON");
    let pointer = if tools { "/tool_calls/0/function/arguments" } else { "/content" };
    let message = &left["choices"][0]["message"];
    message.pointer(pointer).and_then(Value::as_str).expect("the text is there").to_owned()
}

proptest! {
    #[test]
    fn p2_values_with_an_until_leave_the_same_text_whole_and_in_pieces(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 2..24),
        cut in 0usize..100,
        size in 1usize..20,
        tools in any::<bool>(),
    ) {
        let text = match tools {
            false => pieces.concat(),
            // One text, for what is split over several is joined in whole answers only.
            true => json!({ "a": pieces.concat(), "b": [true, null] }).to_string(),
        };
        let cut = (0..=cut.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let expected = whole(&JUDGE, &text, tools);
        let events = stream(OPENAI, &text, cut, size, tools).concat();
        let out = run(&JUDGE, OPENAI, events.as_bytes(), 200, tools, std::slice::from_ref(&expected));
        prop_assert_eq!(&(OPENAI.text)(&out, 0, tools), &expected, "{:?}", text);
        prop_assert_eq!(run_plain(&JUDGE, OPENAI, events.as_bytes(), events.len()), out);
    }
}

//! P2 for values that are not written as they are: what carries one leaves no stream, wherever it is cut, and no request.

use super::{ANTHROPIC, CARD, LABEL, OPENAI, Wire, deltas, run};
use crate::judging::{REDACT_ALL, exchange, judge, request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// [`CARD`], as it may be written.
fn writings() -> Vec<(&'static str, String)> {
    let wide = |c: char| if c.is_ascii_digit() { char::from_u32(c as u32 + 0xFEE0).expect("a digit") } else { c };
    let digits = || CARD.chars().filter(char::is_ascii_digit);
    let names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let words: Vec<&str> = digits().map(|c| names[c as usize - '0' as usize]).collect();
    let apart: Vec<String> = digits().map(String::from).collect();
    vec![
        ("form", CARD.chars().map(wide).collect()),
        ("invisible", CARD.replace(' ', " \u{200B}")),
        ("percent", CARD.bytes().map(|b| format!("%{b:02X}")).collect()),
        ("base64", STANDARD.encode(CARD)),
        ("digits", apart.join("  ")),
        ("spelled", words.join(" ")),
    ]
}

#[test]
fn p2_what_carries_a_value_leaves_no_stream() {
    let judge = judge(REDACT_ALL);
    for (layer, written) in writings() {
        for (wire, tools) in [(OPENAI, false), (ANTHROPIC, true)] {
            let (text, expected) = match tools {
                false => (format!("The card {written}, of May."), format!("The card {LABEL}, of May.")),
                true => {
                    (json!({ "card": written, "n": 12 }).to_string(), json!({ "card": LABEL, "n": 12 }).to_string())
                }
            };
            for cut in (0..text.len()).filter(|cut| text.is_char_boundary(*cut)).step_by(3) {
                let events = events_of(wire, &text, cut, 9, tools);
                let out = run(&judge, wire, events.as_bytes(), 512, tools, std::slice::from_ref(&expected));
                assert_eq!((wire.text)(&out, 0, tools), expected, "{layer}, cut at {cut}");
            }
        }
    }
}

#[test]
fn p2_a_long_value_is_left_out_as_its_encoding_goes_on() {
    let judge = judge(REDACT_ALL);
    let line = "Ab0Cd1Ef2Gh3Ij4Kl5Mn6Op7Qr8St9UvWxYz+aBAb0Cd1Ef2Gh3Ij4Kl5Mn6Op7Q\n".repeat(40);
    let key = format!("-----BEGIN PRIVATE KEY-----\n{line}-----END PRIVATE KEY-----\n");
    let text = format!("Here: {} and more.", STANDARD.encode(key));
    let expected = "Here: [SECRET_PRIVATE_KEY_PKCS8] and more.";
    for cut in (0..text.len()).step_by(199) {
        let events = events_of(OPENAI, &text, cut, 40, false);
        let out = run(&judge, OPENAI, events.as_bytes(), 512, false, &[expected.to_owned()]);
        let left = (OPENAI.text)(&out, 0, false);
        // Line feeds behind the key are in the same encoded characters, or in some that stay.
        assert!(left.starts_with("Here: [SECRET_PRIVATE_KEY_PKCS8]") && left.ends_with(" and more."), "{left}");
        assert!(left.len() <= expected.len() + 4, "cut at {cut}: {left}");
    }
}

#[test]
fn what_carries_a_value_leaves_no_request() {
    let judge = judge(REDACT_ALL);
    for (layer, written) in writings() {
        let content = format!("The card {written}, of May.");
        let body = json!({ "model": "m", "messages": [{ "role": "user", "content": content }] }).to_string();
        let mut x = exchange(&judge, "openai", "/v1/chat/completions");
        let sent = request(&mut x, body.as_bytes()).expect("it is sent");
        let sent: Value = serde_json::from_slice(&sent).expect("JSON");
        assert_eq!(sent["messages"][0]["content"], format!("The card {LABEL}, of May."), "{layer}");
        assert_eq!(x.report.found[0].disguise, [layer]);
    }
}

fn events_of(wire: Wire, text: &str, cut: usize, size: usize, tools: bool) -> String {
    let pieces = deltas(text, cut, size);
    (wire.events)(&pieces.iter().map(|piece| (0, *piece)).collect::<Vec<_>>(), tools).concat()
}

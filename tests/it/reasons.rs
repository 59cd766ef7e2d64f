//! P6, P3, P5, P9: what was decided explains itself, is the same each time, and nothing passes unread unless that is said.

use crate::judging::{BLOCK_ALL, LOG_ALL, REDACT_ALL, exchange, judge, request, sent};
use portcullis::decode::Reason;
use portcullis::decode::framing::Framing;
use portcullis::detect::Scratch;
use portcullis::exchange::stream::UpstreamEnd;
use portcullis::exchange::{BodyHead, Exchange, Judge};
use portcullis::policy::{Action, Mode};
use serde_json::{Value, json};
use std::sync::Arc;

/// Generated; Luhn-valid.
const CARD: &str = "4539 5787 6362 1486";
const CHAT: &str = "/v1/chat/completions";

fn chat(judge: &Arc<Judge>) -> Exchange {
    exchange(judge, "openai", CHAT)
}

fn ask(messages: &[(&str, &str)]) -> Vec<u8> {
    let messages: Vec<Value> = messages.iter().map(|(role, text)| json!({ "role": role, "content": text })).collect();
    json!({ "model": "m", "messages": messages }).to_string().into_bytes()
}

fn texts(body: &[u8]) -> Vec<String> {
    let body: Value = serde_json::from_slice(body).expect("it is JSON");
    let messages = body["messages"].as_array().expect("there are messages");
    messages.iter().map(|m| m["content"].as_str().expect("it is text").to_owned()).collect()
}

#[test]
fn p6_every_decision_says_who_decided_why_and_what_would_have_passed() {
    for (statements, action) in [(REDACT_ALL, Action::Redact), (BLOCK_ALL, Action::Block), (LOG_ALL, Action::Log)] {
        let judge = judge(statements);
        let mut x = chat(&judge);
        let _either = request(&mut x, &ask(&[("user", &format!("card {CARD}"))]));
        assert_eq!(x.report.action, Some(action));
        let (name, hash) =
            judge.policies.versions().split_once('@').expect("the policy's id and the hash of its content");
        assert_eq!(name, "test");
        assert!(hash.len() >= 6 && hash.bytes().all(|b| b.is_ascii_hexdigit()), "{hash}");
        assert!(!x.report.statements.is_empty());
        for spoke in &x.report.statements {
            assert_eq!(spoke.action, action);
            assert!(spoke.rules.contains(&"credit_card".to_owned()), "{spoke:?}");
            assert!(!spoke.because.is_empty() && spoke.because.iter().all(|line| !line.is_empty()), "{spoke:?}");
            assert!(!spoke.would_pass.is_empty(), "{spoke:?}");
            assert!(!format!("{spoke:?}").contains("4539"), "{spoke:?}");
        }
        let [found] = x.report.found.as_slice() else { panic!("one value was found: {:?}", x.report.found) };
        assert_eq!((found.rule.as_str(), found.path.as_str()), ("credit_card", "messages[0].content"));
        assert!(!found.fingerprint.is_empty() && !found.fingerprint.contains("4539"));
    }
    // another content is another version, the same content the same
    assert_eq!(judge(REDACT_ALL).policies.versions(), judge(REDACT_ALL).policies.versions());
    assert_ne!(judge(REDACT_ALL).policies.versions(), judge(BLOCK_ALL).policies.versions());
}

#[test]
fn p5_what_nobody_can_read_is_refused_unless_a_statement_lets_it_pass() {
    let strict = judge(REDACT_ALL);
    let lenient = judge(LOG_ALL);
    let audio = json!({ "model": "m", "messages": [{ "role": "user", "content": [
        { "type": "input_audio", "input_audio": { "data": "UklGRiQAAABXQVZF", "format": "wav" } }] }] });
    let tokens = json!({ "model": "m", "prompt": [[1, 2, 3]] });
    for (name, path, kind, coding, body, reason) in [
        ("audio", CHAT, "application/json", None, audio.to_string().into_bytes(), Reason::UnknownType),
        (
            "token ids",
            "/v1/completions",
            "application/json",
            None,
            tokens.to_string().into_bytes(),
            Reason::UnknownType,
        ),
        ("broken JSON", CHAT, "application/json", None, br#"{"messages":[{"role":"user""#.to_vec(), Reason::Malformed),
        ("two documents", CHAT, "application/json", None, b"{} {}".to_vec(), Reason::Malformed),
        (
            "bytes",
            "/v1/files",
            "application/octet-stream",
            None,
            vec![0, 159, 146, 150, 0, 1, 2, 3],
            Reason::UnknownType,
        ),
        ("bad gzip", CHAT, "application/json", Some("gzip"), b"not gzip".to_vec(), Reason::Malformed),
        ("a form without boundary", "/v1/files", "multipart/form-data", None, b"--x\r\n".to_vec(), Reason::Malformed),
    ] {
        let head = BodyHead { content_type: Some(kind), content_encoding: coding };
        let mut x = exchange(&strict, "openai", path);
        let judged = sent(x.request(&head, &body, &mut Scratch::default()), &body);
        let refused = judged.expect_err(name);
        let refused: Value = serde_json::from_slice(&refused).expect("the refusal is JSON");
        assert!(!refused["error"]["message"].as_str().unwrap_or_default().is_empty(), "{name}: {refused}");
        assert_eq!(x.report.action, Some(Action::Block), "{name}");
        let listed: Vec<Reason> = x.report.receipt.uninspected.iter().map(|u| u.reason).collect();
        assert_eq!(listed, [reason], "{name}");
        assert!(x.report.receipt.uninspected_bytes() > 0, "{name}");
        assert!(!x.report.statements.is_empty(), "{name}: the record says why");

        let mut x = exchange(&lenient, "openai", path);
        let judged = sent(x.request(&head, &body, &mut Scratch::default()), &body);
        assert_eq!(judged, Ok(body), "{name}: a statement lets it pass");
        assert!(x.report.receipt.uninspected_bytes() > 0, "{name}: and the receipt says so");
    }
}

#[test]
fn p3_the_receipt_counts_what_was_read() {
    let judge = judge(LOG_ALL);
    let mut x = chat(&judge);
    let text = "Grüße aus Köln";
    request(&mut x, &ask(&[("system", text), ("user", text)])).expect("it passes");
    // the two texts; `m` is the model's name
    assert_eq!(x.report.receipt.inspected_bytes(), 2 * text.len() as u64);
    assert_eq!(x.report.receipt.uninspected_bytes(), 0);
    let header = x.report.receipt_header(judge.policies.versions());
    assert!(
        header.starts_with(&format!("inspected={}; uninspected=0; findings=0; policy=test@", 2 * text.len())),
        "{header}"
    );
}

#[test]
fn p9_the_same_value_becomes_the_same_text_in_every_turn() {
    for style in ["\"label\"", "\"hash\"", "{ mask = { keep = 4 } }", "\"remove\""] {
        let judge = judge(&format!("{}style = {style}\n", REDACT_ALL));
        let question = format!("Pay with {CARD}, and again with {CARD}.");
        let mut turns = vec![("user", question.as_str())];
        let mut earlier: Vec<String> = Vec::new();
        for turn in 0..4 {
            let sent = request(&mut chat(&judge), &ask(&turns)).expect("it passes");
            let now = texts(&sent);
            assert!(!now.concat().contains(CARD), "{style} turn {turn}");
            assert_eq!(
                now[..earlier.len()],
                earlier[..],
                "{style} turn {turn}: what went out before goes out the same"
            );
            earlier = now;
            turns.push(("assistant", "Done."));
            turns.push(("user", if turn % 2 == 0 { "And now?" } else { &question }));
        }
        assert_eq!(earlier[0], earlier[4], "{style}: the same text, wherever it stands");
    }
}

#[test]
fn a_value_that_was_blocked_is_redacted_in_later_turns_and_not_blocked_again() {
    let judge = judge(BLOCK_ALL);
    let question = format!("Pay with {CARD}");
    request(&mut chat(&judge), &ask(&[("user", &question)])).expect_err("it is blocked");
    // clients resend it with the conversation
    let later = ask(&[("user", &question), ("assistant", "I cannot."), ("user", "Then tell me a joke.")]);
    let mut x = chat(&judge);
    let sent = request(&mut x, &later).expect("the conversation goes on");
    assert_eq!(texts(&sent), ["Pay with [CREDIT_CARD]", "I cannot.", "Then tell me a joke."]);
    assert!(x.report.found.iter().all(|f| f.seen_before && !f.sent_by_user()), "it counts once: {:?}", x.report.found);
    // said anew it is blocked anew
    request(&mut chat(&judge), &ask(&[("user", "Hi"), ("assistant", "Hi"), ("user", &question)]))
        .expect_err("it is blocked");
    // and what was never judged is blocked wherever it stands
    let other = ask(&[("user", "Pay with 5348 6257 0292 9617"), ("assistant", "No."), ("user", "Please.")]);
    request(&mut chat(&judge), &other).expect_err("a history can be made up");
}

#[test]
fn monitor_mode_changes_nothing_on_the_wire_and_says_what_it_would_have_done() {
    for (statements, would) in [(REDACT_ALL, Action::Redact), (BLOCK_ALL, Action::Block)] {
        let judge = judge(&format!("mode = \"monitor\"\n{statements}"));
        let mut x = chat(&judge);
        let body = ask(&[("user", &format!("card {CARD}"))]);
        assert_eq!(request(&mut x, &body), Ok(body));
        assert_eq!((x.report.would, x.report.mode), (Some(would), Some(Mode::Monitor)));
        assert!(x.report.action < Some(Action::Redact), "{:?}", x.report.action);
        assert!(x.report.statements.iter().all(|s| s.monitored && !s.because.is_empty()), "{:?}", x.report.statements);
        assert_eq!(x.report.found.len(), 1);

        // and in a stream
        let chunk = |text: &str| {
            format!(
                "data: {}\n\n",
                json!({ "object": "chat.completion.chunk", "choices": [{ "index": 0, "delta": { "content": text } }] })
            )
        };
        let stream = format!("{}{}data: [DONE]\n\n", chunk("card 4539 5787"), chunk(" 6362 1486."));
        let mut x = chat(&judge);
        let mut guard = x.stream(Framing::Sse);
        let (mut scratch, mut out) = (Scratch::default(), Vec::new());
        guard.push(&mut x, stream.as_bytes(), &mut scratch, &mut out);
        guard.end(&mut x, UpstreamEnd::Complete, &mut scratch, &mut out);
        assert_eq!(String::from_utf8_lossy(&out), stream);
        assert_eq!(x.report.would, Some(would));
    }
}

/// What a stream becomes under [`BLOCK_ALL`].
fn blocked_stream(provider: &str, path: &str, events: &[Value], terminator: &str) -> String {
    let mut stream = String::new();
    for event in events {
        if let Some(name) = event["type"].as_str() {
            stream.push_str(&format!("event: {name}\n"));
        }
        stream.push_str(&format!("data: {event}\n\n"));
    }
    stream.push_str(terminator);
    let judge = judge(BLOCK_ALL);
    let mut x = exchange(&judge, provider, path);
    let mut guard = x.stream(Framing::Sse);
    let (mut scratch, mut out) = (Scratch::default(), Vec::new());
    guard.push(&mut x, stream.as_bytes(), &mut scratch, &mut out);
    guard.end(&mut x, UpstreamEnd::Complete, &mut scratch, &mut out);
    assert_eq!(x.report.action, Some(Action::Block));
    String::from_utf8(out).expect("what leaves is text")
}

#[test]
fn p2_a_value_at_the_very_end_is_blocked_by_protocol_too() {
    let chunk = |delta: Value, finish: Option<&str>| {
        json!({ "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] })
    };
    for events in [
        vec![chunk(json!({ "content": format!("It is {CARD}") }), None), chunk(json!({}), Some("stop"))],
        // the last text together with the reason, as some servers send it
        vec![
            chunk(json!({ "content": "It is 4539 5787" }), None),
            chunk(json!({ "content": " 6362 1486" }), Some("stop")),
        ],
    ] {
        let out = blocked_stream("openai", CHAT, &events, "data: [DONE]\n\n");
        assert!(out.contains("\"finish_reason\":\"content_filter\"") && out.ends_with("data: [DONE]\n\n"), "{out}");
        assert!(!out.contains("4539") && !out.contains("\"stop\""), "{out}");
    }
    let events = [
        json!({ "type": "message_start", "message": { "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [] } }),
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": format!("It is {CARD}") } }),
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn", "stop_sequence": null }, "usage": { "output_tokens": 1 } }),
        json!({ "type": "message_stop" }),
    ];
    let out = blocked_stream("anthropic", "/v1/messages", &events, "");
    assert_eq!(
        out.matches("event: content_block_start\n").count(),
        out.matches("event: content_block_stop\n").count(),
        "{out}"
    );
    assert!(out.contains("\"stop_reason\":\"refusal\"") && out.contains("event: message_stop\n"), "{out}");
    assert!(!out.contains("4539") && !out.contains("end_turn"), "{out}");
}

//! P1–P3 for the OpenAI family: every place of its bodies and streams where text can stand, and what nobody reads.

use crate::judging::{REDACT_ALL, exchange, judge, sent};
use portcullis::decode::Reason;
use portcullis::decode::framing::Framing;
use portcullis::detect::Scratch;
use portcullis::exchange::stream::{Flow, UpstreamEnd};
use portcullis::exchange::{BodyHead, Exchange, Judge};
use serde_json::{Value, json};
use std::sync::Arc;

/// Generated; Luhn-valid.
const CARD: &str = "4539 5787 6362 1486";
const CHAT: &str = "/v1/chat/completions";

/// Redacts everything found, and lets pass what nobody can read, so that the receipt shows it.
fn judge_all() -> Arc<Judge> {
    judge(&format!(
        "{REDACT_ALL}[[statement]]\nid = \"unread\"\ntitle = \"Unread\"\nmatch = {{ uninspected = [\"*\"] }}\naction = \"log\"\n"
    ))
}

/// The lines of a stream with these data.
fn stream_of(events: &[Value]) -> String {
    events.iter().map(|event| format!("data: {event}\n\n")).collect()
}

/// What leaves of a stream that comes in pieces of `size` bytes, and whether the gateway ended it.
fn pass(x: &mut Exchange, stream: &str, size: usize) -> (String, bool) {
    let mut guard = x.stream(Framing::Sse);
    let (mut scratch, mut out) = (Scratch::default(), Vec::new());
    let mut ended = false;
    for piece in stream.as_bytes().chunks(size) {
        ended = ended || guard.push(x, piece, &mut scratch, &mut out) == Flow::End;
    }
    guard.end(x, UpstreamEnd::Complete, &mut scratch, &mut out);
    (String::from_utf8(out).expect("what leaves is text"), ended)
}

/// Where and why nothing was inspected.
fn unread(x: &Exchange) -> Vec<(Reason, &str)> {
    x.report.receipt.uninspected.iter().map(|part| (part.reason, part.path.as_str())).collect()
}

/// Judges a whole answer.
fn answer(x: &mut Exchange, body: &Value) -> Value {
    let body = body.to_string().into_bytes();
    let head = BodyHead { content_type: Some("application/json"), content_encoding: None };
    let judged = x.answer(&head, &body, &mut Scratch::default());
    serde_json::from_slice(&sent(judged, &body).expect("it passes")).expect("it stays JSON")
}

fn chunk(delta: Value) -> Value {
    json!({ "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] })
}

#[test]
fn p3_audio_in_a_stream_is_in_the_receipt_once_and_refused_unless_a_policy_allows_it() {
    let spoken = |data: &str| chunk(json!({ "audio": { "id": "audio_1", "data": data } }));
    let mut stream = stream_of(&[chunk(json!({ "role": "assistant" })), spoken("UklGRg=="), spoken("AAAA")]);
    stream.push_str("data: [DONE]\n\n");
    let mut x = exchange(&judge_all(), "openai", CHAT);
    assert_eq!(pass(&mut x, &stream, 7), (stream.clone(), false));
    assert_eq!(unread(&x), [(Reason::UnknownType, "choices[0].delta.audio.data")]);
    assert_eq!(x.report.receipt.uninspected[0].bytes, "\"UklGRg==\"\"AAAA\"".len() as u64);

    let mut x = exchange(&judge(REDACT_ALL), "openai", CHAT);
    let (out, ended) = pass(&mut x, &stream, 7);
    assert!(ended && !out.contains("UklGRg") && out.contains("content_filter"), "{out}");
}

#[test]
fn p7_the_receipt_of_a_stream_does_not_grow_with_its_places() {
    let opaque = (0..1000).map(|i| {
        let list = (0..i % 300).map(|_| json!(0)).chain([json!({ "encrypted_content": "gAAAA" })]);
        chunk(json!({ "list": list.collect::<Vec<_>>() }))
    });
    let mut stream = stream_of(&opaque.collect::<Vec<_>>());
    stream.push_str("data: [DONE]\n\n");
    let mut x = exchange(&judge_all(), "openai", CHAT);
    assert_eq!(pass(&mut x, &stream, 900), (stream, false));
    let parts = &x.report.receipt.uninspected;
    assert!(parts.len() < 100, "{}", parts.len());
    assert_eq!(parts.iter().map(|part| part.bytes).sum::<u64>(), 1000 * "\"gAAAA\"".len() as u64);
}

/// The part of a text that a citation is about.
fn cited(text: &Value, citation: &Value) -> String {
    let place = |key: &str| citation[key].as_u64().expect("it is a number") as usize;
    let text: Vec<char> = text.as_str().expect("it is a text").chars().collect();
    text[place("start_index")..place("end_index")].iter().collect()
}

#[test]
fn p1_citations_point_at_the_same_words_after_a_redaction() {
    let judge = judge_all();
    for text in [format!("Grüße 𝄞: {CARD}, see there."), format!("see there: {CARD}"), "see there".to_owned()] {
        let start = text.split("see there").next().unwrap_or_default().chars().count();
        let citation = json!({ "title": "t", "url": "https://a.test", "start_index": start, "end_index": start + 9 });
        let message = json!({ "role": "assistant", "content": text,
            "annotations": [{ "type": "url_citation", "url_citation": citation }] });
        let body = json!({ "choices": [{ "index": 0, "message": message }] });
        let out = answer(&mut exchange(&judge, "openai", CHAT), &body);
        let message = &out["choices"][0]["message"];
        assert_eq!(cited(&message["content"], &message["annotations"][0]["url_citation"]), "see there");
        assert!(!out.to_string().contains(CARD), "{out}");
    }
}

//! P2 for Gemini: streams of server-sent events and of one JSON array, cut anywhere.

use super::{CARD, LABEL, deltas};
use crate::judging::{BLOCK_ALL, REDACT_ALL, exchange, judge, judge_of};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use portcullis::config::Config;
use portcullis::decode::Reason;
use portcullis::decode::framing::Framing;
use portcullis::detect::Scratch;
use portcullis::diagnostic::reader::ByteSize;
use portcullis::exchange::Judge;
use portcullis::exchange::session::Sent;
use portcullis::exchange::stream::{Flow, UpstreamEnd};
use serde_json::{Value, json};
use std::sync::Arc;

const FRAMINGS: [Framing; 2] = [Framing::Sse, Framing::Array];

fn path(framing: Framing) -> &'static str {
    match framing {
        Framing::Sse => "/v1beta/models/g:streamGenerateContent?alt=sse",
        _ => "/v1beta/models/g:streamGenerateContent",
    }
}

/// A stream of these answers, as the provider writes it.
fn stream(framing: Framing, answers: &[Value]) -> String {
    match framing {
        Framing::Sse => answers.iter().map(|a| format!("data: {a}\r\n\r\n")).collect(),
        _ => {
            let answers: Vec<String> = answers.iter().map(|a| format!("{a:#}")).collect();
            format!("[{}\n]\n", answers.join("\n,\r\n"))
        }
    }
}

/// The answers of a whole stream; fails if it is none.
fn answers(framing: Framing, out: &str) -> Vec<Value> {
    match framing {
        Framing::Sse => {
            let events = out.split("\r\n\r\n").filter(|event| !event.is_empty());
            events.map(|e| serde_json::from_str(e.strip_prefix("data: ").expect("an event")).expect("JSON")).collect()
        }
        _ => serde_json::from_str(out).unwrap_or_else(|error| panic!("{error}: {out}")),
    }
}

fn answer(index: usize, part: Value, finish: Option<&str>) -> Value {
    let mut candidate = json!({ "content": { "parts": [part], "role": "model" }, "index": index });
    if let Some(finish) = finish {
        candidate["finishReason"] = finish.into();
    }
    json!({ "candidates": [candidate], "usageMetadata": { "promptTokenCount": 3, "totalTokenCount": 9 },
        "modelVersion": "g", "responseId": "r" })
}

/// The answers that bring these texts, and end each candidate.
fn texts(pieces: &[(usize, &str)]) -> Vec<Value> {
    let mut all: Vec<Value> =
        pieces.iter().map(|(index, text)| answer(*index, json!({ "text": text }), None)).collect();
    for index in 0..=pieces.iter().map(|(index, _)| *index).max().unwrap_or(0) {
        all.push(answer(index, json!({ "text": "", "thoughtSignature": "EpICsk-abc" }), Some("STOP")));
    }
    all
}

fn text_of(answers: &[Value], index: usize, thought: bool) -> String {
    let candidates = answers.iter().flat_map(|a| a["candidates"].as_array().cloned().unwrap_or_default());
    let parts = candidates
        .filter(|c| c["index"] == index)
        .flat_map(|c| c["content"]["parts"].as_array().cloned().unwrap_or_default());
    parts
        .filter(|p| p["thought"].as_bool().unwrap_or(false) == thought)
        .filter_map(|p| p["text"].as_str().map(str::to_owned))
        .collect()
}

/// What leaves of a stream that comes in pieces of `size` bytes and ends properly.
fn run(judge: &Arc<Judge>, framing: Framing, stream: &str, size: usize) -> String {
    let mut x = exchange(judge, "gemini", path(framing));
    assert_eq!(
        x.framing(if framing == Framing::Sse { "text/event-stream" } else { "application/json; charset=UTF-8" }),
        Some(framing)
    );
    let mut guard = x.stream(framing);
    let (mut scratch, mut out) = (Scratch::default(), Vec::new());
    for piece in stream.as_bytes().chunks(size) {
        let flow = guard.push(&mut x, piece, &mut scratch, &mut out);
        assert!(!String::from_utf8_lossy(&out).contains("4539"), "a part of the value left");
        if flow == Flow::End {
            return String::from_utf8(out).expect("what leaves is text");
        }
    }
    guard.end(&mut x, UpstreamEnd::Complete, &mut scratch, &mut out);
    String::from_utf8(out).expect("what leaves is text")
}

#[test]
fn p2_gemini_text_cut_at_every_byte() {
    let judge = judge(REDACT_ALL);
    let text = format!("Die Kärte is {CARD}, thanks.");
    let expected = text.replace(CARD, LABEL);
    let start = text.find(CARD).expect("the card is in it");
    for framing in FRAMINGS {
        for cut in start..=start + CARD.len() {
            for size in [1, 3, 8, 64] {
                let pieces: Vec<(usize, &str)> = deltas(&text, cut, size).into_iter().map(|t| (0, t)).collect();
                let stream = stream(framing, &texts(&pieces));
                let whole = run(&judge, framing, &stream, stream.len());
                assert_eq!(text_of(&answers(framing, &whole), 0, false), expected, "cut at {cut}, deltas of {size}");
                let piece = 1 + (cut * 7 + size) % 64;
                assert_eq!(run(&judge, framing, &stream, piece), whole, "transfer in pieces of {piece}");
            }
        }
    }
}

#[test]
fn p2_every_transfer_size_gives_the_same_bytes() {
    let judge = judge(REDACT_ALL);
    for framing in FRAMINGS {
        let text = format!("pay with {CARD} now");
        let pieces: Vec<(usize, &str)> = deltas(&text, 0, 4).into_iter().map(|t| (0, t)).collect();
        let stream = stream(framing, &texts(&pieces));
        let whole = run(&judge, framing, &stream, stream.len());
        for size in 1..=64 {
            assert_eq!(run(&judge, framing, &stream, size), whole, "pieces of {size}");
        }
    }
}

#[test]
fn p2_candidates_thoughts_and_calls_interleaved() {
    let judge = judge(REDACT_ALL);
    let (a, b) = CARD.split_at(7);
    let call = |args: Value| answer(0, json!({ "functionCall": args }), None);
    let piece = |text: &str, more: bool| {
        call(
            json!({ "partialArgs": [{ "jsonPath": "$.card", "stringValue": text, "willContinue": more }], "willContinue": true }),
        )
    };
    let all = [
        answer(0, json!({ "text": format!("one {a}") }), None),
        answer(0, json!({ "text": format!("thought {a}"), "thought": true }), None),
        answer(1, json!({ "text": format!("two {a}") }), None),
        answer(0, json!({ "text": b }), None),
        call(json!({ "name": "pay", "args": { "card": CARD, "n": 1.50 }, "id": "c1" })),
        answer(1, json!({ "text": format!("{b}!") }), Some("STOP")),
        call(json!({ "name": "pay", "willContinue": true })),
        piece(a, true),
        piece(b, false),
        call(json!({})),
        answer(0, json!({ "text": b, "thought": true }), None),
        answer(0, json!({ "executableCode": { "language": "PYTHON", "code": format!("n = '{CARD}'") } }), None),
        answer(
            0,
            json!({ "codeExecutionResult": { "outcome": "OUTCOME_OK", "output": format!("{CARD}\n") } }),
            Some("STOP"),
        ),
    ];
    for framing in FRAMINGS {
        let stream = stream(framing, &all);
        for size in [1, 17, stream.len()] {
            let out = answers(framing, &run(&judge, framing, &stream, size));
            assert_eq!(text_of(&out, 0, false), format!("one {LABEL}"));
            assert_eq!(text_of(&out, 1, false), format!("two {LABEL}!"));
            assert_eq!(text_of(&out, 0, true), format!("thought {LABEL}"));
            let part = |at: usize| &out[at]["candidates"][0]["content"]["parts"][0];
            assert_eq!(part(4)["functionCall"]["args"], json!({ "card": LABEL, "n": 1.50 }));
            let pieces = [7, 8].map(|at| part(at)["functionCall"]["partialArgs"][0]["stringValue"].as_str());
            assert_eq!(pieces.map(Option::unwrap_or_default).concat(), LABEL);
            assert_eq!(part(11)["executableCode"]["code"], format!("n = '{LABEL}'"));
            assert_eq!(part(12)["codeExecutionResult"]["output"], format!("{LABEL}\n"));
        }
    }
}

#[test]
fn p2_copies_in_the_last_event_are_treated_alike() {
    let judge = judge(REDACT_ALL);
    let mut last = answer(0, json!({ "text": "" }), Some("STOP"));
    last["candidates"][0]["groundingMetadata"] = json!({
        "groundingSupports": [{ "segment": { "endIndex": 22, "text": format!("is {CARD}") } }],
        "webSearchQueries": [CARD], "searchEntryPoint": { "renderedContent": format!("<b>{CARD}</b>") } });
    last["candidates"][0]["finishMessage"] = CARD.into();
    for framing in FRAMINGS {
        let stream = stream(framing, &[answer(0, json!({ "text": format!("is {CARD}") }), None), last.clone()]);
        let out = run(&judge, framing, &stream, 9);
        assert_eq!(out.matches(LABEL).count(), 5, "{out}");
        answers(framing, &out);
    }
}

#[test]
fn p1_places_still_point_at_their_words() {
    let judge = judge(REDACT_ALL);
    let text = format!("Mit {CARD} zahlt Zoë. Ende.");
    for framing in FRAMINGS {
        let mut last = answer(0, json!({ "text": "" }), Some("STOP"));
        let place = |word: &str| {
            let start = text.find(word).expect("the word is in it");
            json!({ "startIndex": start, "endIndex": start + word.len(), "text": word })
        };
        let words = ["Zoë", CARD, "Mit"];
        let supports: Vec<Value> = words.iter().map(|word| json!({ "segment": place(word) })).collect();
        last["candidates"][0]["groundingMetadata"] = json!({ "groundingSupports": supports });
        let mut all: Vec<Value> =
            deltas(&text, 0, 3).into_iter().map(|t| answer(0, json!({ "text": t }), None)).collect();
        all.push(last);
        let out = answers(framing, &run(&judge, framing, &stream(framing, &all), 11));
        let text = text_of(&out, 0, false);
        let supports = &out[out.len() - 1]["candidates"][0]["groundingMetadata"]["groundingSupports"];
        for (at, word) in ["Zoë", LABEL, "Mit"].iter().enumerate() {
            let segment = &supports[at]["segment"];
            let number = |key: &str| segment[key].as_u64().expect("a number") as usize;
            assert_eq!(&text[number("startIndex")..number("endIndex")], *word);
            assert_eq!(segment["text"], *word);
        }
    }
}

#[test]
fn p7_an_image_behind_half_a_word_is_no_text_held_back() {
    let unread =
        "[[statement]]\nid = \"unread\"\ntitle = \"Unread\"\nmatch = { uninspected = [\"*\"] }\naction = \"log\"\n";
    let judge = judge(&format!("{REDACT_ALL}{unread}"));
    let png = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), vec![0; 300_000]].concat();
    let image = json!({ "inlineData": { "mimeType": "image/png", "data": BASE64_STANDARD.encode(png) } });
    let mut signed = answer(0, json!({ "text": " of a card" }), Some("STOP"));
    signed["candidates"][0]["content"]["parts"][0]["thoughtSignature"] = "Ab3/".repeat(30_000).into();
    for framing in FRAMINGS {
        let all =
            [answer(0, json!({ "text": "Here is the im" }), None), answer(0, image.clone(), None), signed.clone()];
        let stream = stream(framing, &all);
        assert_eq!(run(&judge, framing, &stream, 16_384), stream);
    }
    // text is, until its last word is decided
    let mut config = Config::default();
    config.limits.stream_hold_back = ByteSize(1 << 10);
    let judge = judge_of(config, REDACT_ALL);
    for (length, passes) in [(900, true), (1100, false)] {
        let stream = stream(Framing::Sse, &texts(&[(0, &"word ".repeat(length / 5)[..length - 2])]));
        let out = run(&judge, Framing::Sse, &stream, stream.find("\r\n\r\n").expect("it ends") + 4);
        assert_eq!(!out.contains("\"error\""), passes, "{out}");
    }
}

#[test]
fn p2_a_block_ends_the_stream_by_protocol_and_no_byte_of_the_value_leaves() {
    let judge = judge(BLOCK_ALL);
    let text = format!("Here it is: {CARD} and more");
    for framing in FRAMINGS {
        for cut in 0..=text.len() {
            let pieces: Vec<(usize, &str)> = deltas(&text, cut, 4).into_iter().map(|t| (0, t)).collect();
            let stream = stream(framing, &texts(&pieces));
            let out = run(&judge, framing, &stream, 1 + cut % 64);
            let answers = answers(framing, &out);
            let text = text_of(&answers, 0, false);
            assert!("Here it is: ".starts_with(&text), "{text:?}");
            let last = &answers[answers.len() - 1]["candidates"][0];
            assert_eq!(last["finishReason"], "SPII");
            assert!(last["finishMessage"].as_str().is_some_and(|m| m.contains("Remove it.")), "{last}");
        }
        // before anything else was sent, the end is all there is
        let out = run(&judge, framing, &stream(framing, &texts(&[(0, CARD)])), 9);
        assert_eq!(answers(framing, &out).len(), 1, "{out}");
    }
}

#[test]
fn p1_a_stream_without_a_match_leaves_as_it_came() {
    let judge = judge(REDACT_ALL);
    for framing in FRAMINGS {
        let text = "Zwölf Boxkämpfer, 12 times: naïve 身份证 \"ok\" ]},{.";
        for size in [1, 4, 9] {
            let pieces: Vec<(usize, &str)> = deltas(text, 0, size).into_iter().map(|t| (0, t)).collect();
            let stream = stream(framing, &texts(&pieces));
            for piece in [1, 5, 64, stream.len()] {
                assert_eq!(run(&judge, framing, &stream, piece), stream);
            }
        }
    }
}

#[test]
fn p5_a_truncated_stream_is_not_taken_for_success() {
    let judge = judge(REDACT_ALL);
    for framing in FRAMINGS {
        let all = [
            answer(0, json!({ "text": "half" }), None),
            answer(1, json!({ "text": "whole" }), Some("STOP")),
            answer(0, json!({ "text": " an answer" }), Some("STOP")),
        ];
        let whole = stream(framing, &all);
        for cut in 1..whole.trim_end().len() {
            let out = run(&judge, framing, &whole[..cut], 9);
            assert!(out.contains("\"error\""), "cut at {cut}: {out}");
        }
        assert_eq!(run(&judge, framing, &whole, 9), whole);
        // cut between two answers, every parser sees the error
        let first = whole.find("half").expect("it is there");
        let end =
            first + whole[first..].find(if framing == Framing::Sse { "\r\n\r\n" } else { "\n," }).expect("it ends");
        let cut = if framing == Framing::Sse { end + 4 } else { end };
        for rest in [0, 1, 2, 30] {
            if framing == Framing::Sse && rest > 0 {
                continue;
            }
            let answers = answers(framing, &run(&judge, framing, &whole[..cut + rest], 9));
            assert_eq!((answers.len(), &answers[1]["error"]["status"]), (2, &json!("UNAVAILABLE")));
        }
    }
}

#[test]
fn an_error_instead_of_a_stream_passes_as_it_came() {
    let judge = judge(REDACT_ALL);
    let error = json!({ "error": { "code": 400, "message": "no such model", "status": "INVALID_ARGUMENT" } });
    for body in [format!("{error:#}\n"), format!("[{error:#}\n]\n")] {
        for size in [1, 7, body.len()] {
            assert_eq!(run(&judge, Framing::Array, &body, size), body);
        }
    }
    let sse = format!("data: {error}\r\n\r\n");
    assert_eq!(run(&judge, Framing::Sse, &sse, 5), sse);
    let refused = json!({ "promptFeedback": { "blockReason": "SAFETY" }, "modelVersion": "g" });
    for framing in FRAMINGS {
        let stream = stream(framing, std::slice::from_ref(&refused));
        assert_eq!(run(&judge, framing, &stream, 5), stream);
    }
}

#[test]
fn p3_what_nobody_reads_of_a_stream_is_in_the_receipt() {
    let all = format!(
        "{REDACT_ALL}[[statement]]\nid = \"unread\"\ntitle = \"Unread\"\nmatch = {{ uninspected = [\"*\"] }}\naction = \"log\"\n"
    );
    let blob =
        |bytes: &[u8]| json!({ "inlineData": { "mimeType": "image/png", "data": BASE64_STANDARD.encode(bytes) } });
    let image = answer(0, blob(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), None);
    let signed = answer(0, json!({ "text": "", "thoughtSignature": "EpICsk-abc" }), Some("STOP"));
    for framing in FRAMINGS {
        let stream = stream(framing, &[image.clone(), image.clone(), signed.clone()]);
        let mut x = exchange(&judge(&all), "gemini", path(framing));
        let mut guard = x.stream(framing);
        let (mut scratch, mut out) = (Scratch::default(), Vec::new());
        guard.push(&mut x, stream.as_bytes(), &mut scratch, &mut out);
        guard.end(&mut x, UpstreamEnd::Complete, &mut scratch, &mut out);
        assert_eq!(out, stream.as_bytes());
        let parts = x.report.receipt.uninspected.iter().map(|u| (u.reason, u.path.as_str()));
        let expected = [
            (Reason::UnknownType, "candidates[0].content.parts[0].inlineData.data"),
            (Reason::Opaque, "candidates[0].content.parts[0].thoughtSignature"),
        ];
        assert_eq!(parts.collect::<Vec<_>>(), expected);
        // unless a policy speaks of it, it does not pass
        let out = run(&judge(REDACT_ALL), framing, &stream, 50);
        assert_eq!(answers(framing, &out)[0]["candidates"][0]["finishReason"], "SPII");
    }
}

const INTERACTIONS: &str = "/v1beta/interactions";
const LIVE: &str = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";

/// What leaves of the messages or events of a stream, each in a piece of its own.
fn pieces(judge: &Arc<Judge>, path: &str, framing: Framing, events: &[String]) -> Vec<String> {
    let mut x = exchange(judge, "gemini", path);
    let mut guard = x.stream(framing);
    let mut scratch = Scratch::default();
    let mut left = Vec::new();
    for event in events {
        let mut out = Vec::new();
        let flow = guard.push(&mut x, event.as_bytes(), &mut scratch, &mut out);
        left.push(String::from_utf8(out).expect("what leaves is text"));
        if flow == Flow::End {
            return left;
        }
    }
    let mut out = Vec::new();
    guard.end(&mut x, UpstreamEnd::Complete, &mut scratch, &mut out);
    left.push(String::from_utf8(out).expect("what leaves is text"));
    left
}

#[test]
fn p2_interactions_cut_at_every_byte() {
    let text = format!("Die Kärte is {CARD}, thanks.");
    let arguments = json!({ "card": CARD, "n": 1.5 }).to_string();
    let event = |value: Value| format!("event: {}\ndata: {value}\n\n", value["event_type"].as_str().expect("a type"));
    let delta = |index: u32, delta: Value| event(json!({ "event_type": "step.delta", "index": index, "delta": delta }));
    let judges = [judge(REDACT_ALL), judge(BLOCK_ALL)];
    for cut in 1..CARD.len() {
        let at = |text: &str| text.find(CARD).expect("it is in it") + cut;
        let ((a, b), (c, d)) = (text.split_at(at(&text)), arguments.split_at(at(&arguments)));
        let events = [
            event(
                json!({ "event_type": "interaction.created", "interaction": { "id": "i", "status": "in_progress" } }),
            ),
            event(json!({ "event_type": "step.start", "index": 0, "step": { "type": "thought" } })),
            delta(0, json!({ "type": "thought_summary", "content": { "type": "text", "text": a } })),
            delta(0, json!({ "type": "thought_summary", "content": { "type": "text", "text": b } })),
            event(json!({ "event_type": "step.stop", "index": 0 })),
            event(
                json!({ "event_type": "step.start", "index": 1, "step": { "type": "model_output", "content": [{ "type": "text", "text": a }] } }),
            ),
            delta(1, json!({ "type": "text", "text": b })),
            event(json!({ "event_type": "step.stop", "index": 1 })),
            delta(2, json!({ "type": "arguments", "arguments": c })),
            delta(2, json!({ "type": "arguments", "arguments": d })),
            event(json!({ "event_type": "interaction.completed", "interaction": { "id": "i", "status": "completed",
                "usage": { "total_input_tokens": 1, "total_output_tokens": 2 } } })),
        ];
        let out = pieces(&judges[0], INTERACTIONS, Framing::Sse, &events).concat();
        assert!(!out.contains("4539") && !out.contains("1486"), "{out}");
        assert_eq!(out.matches(LABEL).count(), 3, "{out}");
        assert!(out.ends_with(&events[10]));
        let truncated = pieces(&judges[0], INTERACTIONS, Framing::Sse, &events[..9]).concat();
        assert!(truncated.contains("\"event_type\":\"error\""), "{truncated}");
        let blocked = pieces(&judges[1], INTERACTIONS, Framing::Sse, &events).concat();
        assert!(blocked.contains("permission_denied") && !blocked.contains("4539"), "{blocked}");
    }
}

#[test]
fn p2_live_messages_hold_no_call_back() {
    let said = |text: &str| json!({ "serverContent": { "outputTranscription": { "text": text } } }).to_string();
    let (a, b) = CARD.split_at(8);
    let messages = [
        json!({ "setupComplete": {} }).to_string(),
        json!({ "serverContent": { "inputTranscription": { "text": a } } }).to_string(),
        json!({ "serverContent": { "inputTranscription": { "text": b } } }).to_string(),
        said(&format!("The card is {a}")),
        said(b),
        json!({ "toolCall": { "functionCalls": [{ "name": "pay", "args": { "card": CARD }, "id": "f" }] } }).to_string(),
        json!({ "serverContent": { "modelTurn": { "parts": [{ "text": format!("It ends in {a}") }] } } }).to_string(),
        json!({ "serverContent": { "modelTurn": { "parts": [{ "text": b }] } } }).to_string(),
        json!({ "serverContent": { "turnComplete": true }, "usageMetadata": { "promptTokenCount": 1, "responseTokenCount": 2 } })
            .to_string(),
    ];
    let left = pieces(&judge(REDACT_ALL), LIVE, Framing::Messages, &messages);
    assert_eq!(left.concat().matches(LABEL).count(), 4, "{left:?}");
    assert!(!left.concat().contains("4539") && !left.concat().contains("1486"), "{left:?}");
    // with the call, everything before it is out, and so it is with the end of the turn
    assert!(left[5].contains("toolCall") && left[8].contains("turnComplete") && left[9].is_empty(), "{left:?}");
    let left = pieces(&judge(BLOCK_ALL), LIVE, Framing::Messages, &messages);
    let last: Value = serde_json::from_str(left.last().expect("it ends")).expect("one message");
    assert_eq!(last["serverContent"]["turnCompleteReason"], "RESPONSE_REJECTED");
}

#[test]
fn p5_a_live_session_is_told_what_was_refused_or_closed() {
    let judge = judge(BLOCK_ALL);
    let mut x = exchange(&judge, "gemini", LIVE);
    assert!(x.dialect().socket(&x.opening().target));
    let (mut answers, mut scratch) = (x.stream(Framing::Messages), Scratch::default());
    let turn = |text: &str| json!({ "role": "user", "parts": [{ "text": text }] });
    for (message, expected) in [
        (json!({ "setup": { "model": "models/g" } }), "sent"),
        (json!({ "clientContent": { "turns": [turn("hi")], "turnComplete": true } }), "sent"),
        (json!({ "client_content": { "turns": [turn(CARD)], "turn_complete": true } }), "refused"),
        (json!({ "realtimeInput": { "text": CARD } }), "refused"),
        (json!({ "toolResponse": { "functionResponses": [{ "id": "f", "response": { "card": CARD } }] } }), "refused"),
        // an image: nobody can read it
        (
            json!({ "realtimeInput": { "video": { "mimeType": "image/png", "data": "iVBORw0KGgoAAAANSUhEUg==" } } }),
            "closed",
        ),
        (json!({ "setup": { "systemInstruction": { "parts": [{ "text": CARD }] } } }), "closed"),
    ] {
        // the server's messages are text or binary, and so are the client's
        for binary in [false, true] {
            let sent = x.message(&mut answers, message.to_string().as_bytes(), binary, &mut scratch);
            match (sent, expected) {
                (Sent::Unchanged, "sent") | (Sent::Closed, "closed") => {}
                (Sent::Refused(told), "refused") => {
                    let told: Value = serde_json::from_slice(&told).expect("one message");
                    assert_eq!(told["serverContent"]["turnCompleteReason"], "PROHIBITED_INPUT_CONTENT");
                    let text = told.pointer("/serverContent/modelTurn/parts/0/text").and_then(Value::as_str);
                    assert!(text.is_some_and(|text| text.contains("Remove it.")), "{told}");
                }
                (other, _) => panic!("{message}: {other:?}"),
            }
        }
    }
    // a session that breaks off in an answer is no end of it
    let half = json!({ "serverContent": { "modelTurn": { "parts": [{ "text": "half an " }] } } }).to_string();
    let left = pieces(&judge, LIVE, Framing::Messages, &[half]);
    assert!(left.concat().contains("goAway"), "{left:?}");
}

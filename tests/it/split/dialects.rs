//! P2 for every streaming dialect: one table, a row for each lane of each of them.
//!
//! `PORTCULLIS_SPLIT_CASES=100000 cargo test --release --test it split::dialects` tries so many random streams.

use super::{CARD, LABEL, deltas};
use crate::judging::{BLOCK_ALL, REDACT_ALL, exchange, judge};
use crate::random::Random;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use portcullis::decode::framing::Framing;
use portcullis::detect::Scratch;
use portcullis::exchange::Judge;
use portcullis::exchange::stream::{Flow, UpstreamEnd};
use serde_json::{Value, json};
use std::sync::Arc;

/// Random streams in a plain `cargo test`.
const CASES: usize = 400;

/// One lane of a dialect.
struct Wire {
    name: &'static str,
    provider: &'static str,
    path: &'static str,
    framing: Framing,
    /// The text of the lane is a fragment of JSON source.
    arguments: bool,
    before: fn() -> Vec<Value>,
    delta: fn(&str) -> Value,
    /// The end of an answer with this text.
    after: fn(&str) -> Vec<Value>,
    /// Where the delta stands in its event.
    pointer: &'static str,
    /// How events are told apart: by a field, or by their only key.
    kind: Kind,
    /// What the last event has once the stream was filtered: pointer and value.
    filtered: (&'static str, &'static str),
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// `type`, which is the event's name as well.
    Type,
    /// The name of the frame; in these tables the only key of an object around the event.
    Frame,
    /// Chunks of base64.
    Chunk,
    None,
}

fn none() -> Vec<Value> {
    Vec::new()
}

const WIRES: &[Wire] = &[
    Wire {
        name: "openai responses text",
        provider: "openai",
        path: "/v1/responses",
        framing: Framing::Sse,
        arguments: false,
        before: || {
            let response =
                json!({ "id": "resp_1", "object": "response", "status": "in_progress", "model": "m", "output": [] });
            let item = json!({ "id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress", "content": [] });
            vec![
                json!({ "type": "response.created", "sequence_number": 0, "response": response }),
                json!({ "type": "response.output_item.added", "sequence_number": 1, "output_index": 0, "item": item }),
                json!({ "type": "response.content_part.added", "sequence_number": 2, "item_id": "msg_1", "output_index": 0,
                    "content_index": 0, "part": { "type": "output_text", "text": "", "annotations": [] } }),
            ]
        },
        delta: |text| {
            json!({ "type": "response.output_text.delta", "sequence_number": 3, "item_id": "msg_1", "output_index": 0,
                "content_index": 0, "delta": text, "logprobs": [{ "token": text, "logprob": -0.1 }] })
        },
        after: |text| {
            let part = json!({ "type": "output_text", "text": text, "annotations": [] });
            let item = json!({ "id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [part] });
            vec![
                json!({ "type": "response.output_text.done", "sequence_number": 4, "item_id": "msg_1", "output_index": 0,
                    "content_index": 0, "text": text }),
                json!({ "type": "response.content_part.done", "sequence_number": 5, "item_id": "msg_1", "output_index": 0,
                    "content_index": 0, "part": part }),
                json!({ "type": "response.output_item.done", "sequence_number": 6, "output_index": 0, "item": item }),
                json!({ "type": "response.completed", "sequence_number": 7, "response": { "id": "resp_1", "object": "response",
                    "status": "completed", "model": "m", "output": [item] } }),
            ]
        },
        pointer: "/delta",
        kind: Kind::Type,
        filtered: ("/response/incomplete_details/reason", "content_filter"),
    },
    Wire {
        name: "openai responses arguments",
        provider: "openai",
        path: "/v1/responses",
        framing: Framing::Sse,
        arguments: true,
        before: || {
            let response =
                json!({ "id": "resp_1", "object": "response", "status": "in_progress", "model": "m", "output": [] });
            let item =
                json!({ "id": "fc_1", "type": "function_call", "name": "pay", "call_id": "call_1", "arguments": "" });
            vec![
                json!({ "type": "response.created", "sequence_number": 0, "response": response }),
                json!({ "type": "response.output_item.added", "sequence_number": 1, "output_index": 0, "item": item }),
            ]
        },
        delta: |text| {
            json!({ "type": "response.function_call_arguments.delta", "sequence_number": 3, "item_id": "fc_1",
                "output_index": 0, "delta": text })
        },
        after: |text| {
            let item =
                json!({ "id": "fc_1", "type": "function_call", "name": "pay", "call_id": "call_1", "arguments": text });
            vec![
                json!({ "type": "response.function_call_arguments.done", "sequence_number": 4, "item_id": "fc_1",
                    "output_index": 0, "name": "pay", "arguments": text }),
                json!({ "type": "response.output_item.done", "sequence_number": 6, "output_index": 0, "item": item }),
                json!({ "type": "response.completed", "sequence_number": 7, "response": { "id": "resp_1", "object": "response",
                    "status": "completed", "model": "m", "output": [item] } }),
            ]
        },
        pointer: "/delta",
        kind: Kind::Type,
        filtered: ("/response/incomplete_details/reason", "content_filter"),
    },
    Wire {
        name: "ollama content",
        provider: "ollama",
        path: "/api/chat",
        framing: Framing::Lines,
        arguments: false,
        before: none,
        delta: |text| json!({ "model": "m", "created_at": "t", "message": { "role": "assistant", "content": text }, "done": false }),
        after: |_| {
            vec![
                json!({ "model": "m", "created_at": "t", "message": { "role": "assistant", "content": "" }, "done": true,
                "done_reason": "stop", "eval_count": 9 }),
            ]
        },
        pointer: "/message/content",
        kind: Kind::None,
        filtered: ("/done_reason", "content_filter"),
    },
    Wire {
        name: "ollama thinking",
        provider: "ollama",
        path: "/api/generate",
        framing: Framing::Lines,
        arguments: false,
        before: none,
        delta: |text| json!({ "model": "m", "created_at": "t", "response": "", "thinking": text, "done": false }),
        after: |_| {
            vec![json!({ "model": "m", "created_at": "t", "response": "", "done": true, "done_reason": "stop" })]
        },
        pointer: "/thinking",
        kind: Kind::None,
        filtered: ("/done_reason", "content_filter"),
    },
    Wire {
        name: "cohere text",
        provider: "cohere",
        path: "/v2/chat",
        framing: Framing::Sse,
        arguments: false,
        before: || {
            vec![
                json!({ "type": "message-start", "id": "1", "delta": { "message": { "role": "assistant", "content": [] } } }),
                json!({ "type": "content-start", "index": 0, "delta": { "message": { "content": { "type": "text", "text": "" } } } }),
            ]
        },
        delta: |text| json!({ "type": "content-delta", "index": 0, "delta": { "message": { "content": { "text": text } } } }),
        after: |_| {
            vec![
                json!({ "type": "content-end", "index": 0 }),
                json!({ "type": "message-end", "delta": { "finish_reason": "COMPLETE" } }),
            ]
        },
        pointer: "/delta/message/content/text",
        kind: Kind::Type,
        filtered: ("/delta/finish_reason", "ERROR"),
    },
    Wire {
        name: "cohere arguments",
        provider: "cohere",
        path: "/v2/chat",
        framing: Framing::Sse,
        arguments: true,
        before: || {
            let call = json!({ "id": "c", "type": "function", "function": { "name": "pay", "arguments": "" } });
            vec![
                json!({ "type": "message-start", "id": "1", "delta": { "message": { "role": "assistant", "content": [] } } }),
                json!({ "type": "tool-call-start", "index": 0, "delta": { "message": { "tool_calls": call } } }),
            ]
        },
        delta: |text| {
            json!({ "type": "tool-call-delta", "index": 0,
                "delta": { "message": { "tool_calls": { "function": { "arguments": text } } } } })
        },
        after: |_| {
            vec![
                json!({ "type": "tool-call-end", "index": 0 }),
                json!({ "type": "message-end", "delta": { "finish_reason": "TOOL_CALL" } }),
            ]
        },
        pointer: "/delta/message/tool_calls/function/arguments",
        kind: Kind::Type,
        filtered: ("/delta/finish_reason", "ERROR"),
    },
    Wire {
        name: "cohere v1",
        provider: "cohere",
        path: "/v1/chat",
        framing: Framing::Lines,
        arguments: false,
        before: || vec![json!({ "is_finished": false, "event_type": "stream-start", "generation_id": "g" })],
        delta: |text| json!({ "is_finished": false, "event_type": "text-generation", "text": text }),
        after: |text| {
            vec![json!({ "is_finished": true, "event_type": "stream-end", "finish_reason": "COMPLETE",
                "response": { "response_id": "r", "text": text, "chat_history": [{ "role": "CHATBOT", "message": text }] } })]
        },
        pointer: "/text",
        kind: Kind::None,
        filtered: ("/finish_reason", "ERROR"),
    },
    Wire {
        name: "mistral conversation",
        provider: "mistral",
        path: "/v1/conversations",
        framing: Framing::Sse,
        arguments: false,
        before: || vec![json!({ "type": "conversation.response.started", "conversation_id": "c" })],
        delta: |text| {
            json!({ "type": "message.output.delta", "id": "m", "output_index": 0, "content_index": 0, "role": "assistant",
                "content": text })
        },
        after: |_| vec![json!({ "type": "conversation.response.done", "usage": { "prompt_tokens": 1 } })],
        pointer: "/content",
        kind: Kind::Type,
        filtered: ("/type", "conversation.response.error"),
    },
    Wire {
        name: "hugging face tokens",
        provider: "huggingface",
        path: "/generate_stream",
        framing: Framing::Sse,
        arguments: false,
        before: none,
        delta: |text| json!({ "index": 1, "token": { "id": 1, "text": text, "logprob": -0.1, "special": false }, "generated_text": null }),
        after: |text| {
            vec![
                json!({ "index": 2, "token": { "id": 2, "text": "", "logprob": 0.0, "special": true }, "generated_text": text,
                "details": { "finish_reason": "eos_token", "generated_tokens": 2 } }),
            ]
        },
        pointer: "/token/text",
        kind: Kind::None,
        filtered: ("/error_type", "policy_violation"),
    },
    Wire {
        name: "bedrock text",
        provider: "bedrock",
        path: "/model/m/converse-stream",
        framing: Framing::EventStream,
        arguments: false,
        before: || vec![json!({ "messageStart": { "role": "assistant", "p": "abc" } })],
        delta: |text| json!({ "contentBlockDelta": { "contentBlockIndex": 0, "delta": { "text": text }, "p": "abcd" } }),
        after: |_| {
            vec![
                json!({ "contentBlockStop": { "contentBlockIndex": 0 } }),
                json!({ "messageStop": { "stopReason": "end_turn" } }),
                json!({ "metadata": { "usage": { "inputTokens": 1, "outputTokens": 2 } } }),
            ]
        },
        pointer: "/contentBlockDelta/delta/text",
        kind: Kind::Frame,
        filtered: ("/messageStop/stopReason", "content_filtered"),
    },
    Wire {
        name: "bedrock arguments",
        provider: "bedrock",
        path: "/model/m/converse-stream",
        framing: Framing::EventStream,
        arguments: true,
        before: || {
            vec![
                json!({ "messageStart": { "role": "assistant" } }),
                json!({ "contentBlockStart": { "contentBlockIndex": 0, "start": { "toolUse": { "name": "pay", "toolUseId": "t" } } } }),
            ]
        },
        delta: |text| json!({ "contentBlockDelta": { "contentBlockIndex": 0, "delta": { "toolUse": { "input": text } } } }),
        after: |_| {
            vec![
                json!({ "contentBlockStop": { "contentBlockIndex": 0 } }),
                json!({ "messageStop": { "stopReason": "tool_use" } }),
            ]
        },
        pointer: "/contentBlockDelta/delta/toolUse/input",
        kind: Kind::Frame,
        filtered: ("/messageStop/stopReason", "content_filtered"),
    },
    Wire {
        name: "bedrock invoke, claude",
        provider: "bedrock",
        path: "/model/eu.anthropic.claude-3-sonnet-20240229-v1%3A0/invoke-with-response-stream",
        framing: Framing::EventStream,
        arguments: false,
        before: || {
            vec![
                json!({ "type": "message_start", "message": { "id": "m", "type": "message", "role": "assistant", "model": "m",
                    "content": [], "usage": { "input_tokens": 1, "output_tokens": 1 } } }),
                json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
            ]
        },
        delta: |text| json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": text } }),
        after: |_| {
            vec![
                json!({ "type": "content_block_stop", "index": 0 }),
                json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": 3 } }),
                json!({ "type": "message_stop" }),
            ]
        },
        pointer: "/delta/text",
        kind: Kind::Chunk,
        filtered: ("/delta/stop_reason", "refusal"),
    },
    Wire {
        name: "bedrock invoke, nova",
        provider: "bedrock",
        path: "/model/amazon.nova-lite-v1%3A0/invoke-with-response-stream",
        framing: Framing::EventStream,
        arguments: false,
        before: || vec![json!({ "messageStart": { "role": "assistant" } })],
        delta: |text| json!({ "contentBlockDelta": { "delta": { "text": text }, "contentBlockIndex": 0 } }),
        after: |_| {
            vec![
                json!({ "contentBlockStop": { "contentBlockIndex": 0 } }),
                json!({ "messageStop": { "stopReason": "end_turn" } }),
            ]
        },
        pointer: "/contentBlockDelta/delta/text",
        kind: Kind::Chunk,
        filtered: ("/messageStop/stopReason", "content_filtered"),
    },
];

impl Wire {
    /// One event as the provider writes it.
    fn write(&self, event: &Value) -> Vec<u8> {
        let framed = |name: &str, payload: &str| {
            let headers = [(":event-type", name), (":content-type", "application/json"), (":message-type", "event")];
            portcullis::decode::event_stream::frame(&headers, payload.as_bytes())
        };
        match (self.framing, self.kind) {
            (Framing::Sse, Kind::Type) => {
                format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap_or("x")).into()
            }
            (Framing::Sse, _) => format!("data: {event}\n\n").into(),
            (Framing::EventStream, Kind::Frame) => {
                let (name, inner) = event.as_object().and_then(|o| o.iter().next()).expect("an event has a name");
                framed(name, &inner.to_string())
            }
            (Framing::EventStream, _) => {
                framed("chunk", &json!({ "bytes": BASE64_STANDARD.encode(event.to_string()), "p": "abc" }).to_string())
            }
            _ => format!("{event}\n").into(),
        }
    }

    /// The events in what left so far, in the form of the table.
    fn read(&self, out: &[u8]) -> Vec<Value> {
        let json = |text: &str| serde_json::from_str::<Value>(text).ok();
        match self.framing {
            Framing::EventStream => {
                frames(out).into_iter().filter_map(|(name, payload)| self.unframed(name, payload)).collect()
            }
            Framing::Sse => {
                let text = String::from_utf8_lossy(out).into_owned();
                text.lines().filter_map(|line| json(line.strip_prefix("data: ")?)).collect()
            }
            _ => String::from_utf8_lossy(out).lines().filter_map(json).collect(),
        }
    }

    fn unframed(&self, name: String, payload: Value) -> Option<Value> {
        if name != "chunk" {
            return Some(json!({ name: payload }));
        }
        let inner = BASE64_STANDARD.decode(payload["bytes"].as_str()?).ok()?;
        serde_json::from_slice(&inner).ok()
    }

    fn events(&self, pieces: &[&str], whole: &str) -> Vec<Vec<u8>> {
        let deltas = pieces.iter().map(|text| (self.delta)(text));
        (self.before)().into_iter().chain(deltas).chain((self.after)(whole)).map(|event| self.write(&event)).collect()
    }

    /// The lane's text in these events.
    fn text(&self, events: &[Value]) -> String {
        let delta = (self.delta)("");
        let alike = |event: &&Value| event.get("type") == delta.get("type");
        events.iter().filter(alike).filter_map(|event| event.pointer(self.pointer)?.as_str()).collect()
    }

    /// A text with a value, in the lane's form, and what is left of it.
    fn sample(&self) -> (String, String) {
        let text = match self.arguments {
            true => format!("{{\"note\":\"a\\n\\u00e9\",\"card\":\"{CARD}\",\"n\":12}}"),
            false => format!("Die Kärte is {CARD}, thanks."),
        };
        let left = text.replace(CARD, LABEL);
        (text, left)
    }
}

/// The frames in what left so far, each with its name and payload; the checksums have to be right.
fn frames(mut out: &[u8]) -> Vec<(String, Value)> {
    let mut frames = Vec::new();
    while out.len() >= 16 {
        let number = |at: usize| u32::from_be_bytes(out[at..at + 4].try_into().expect("four bytes")) as usize;
        let (total, headers) = (number(0), number(4));
        assert_eq!(crc32fast::hash(&out[..8]) as usize, number(8), "the prelude's checksum");
        assert_eq!(crc32fast::hash(&out[..total - 4]) as usize, number(total - 4), "the frame's checksum");
        let mut head = &out[12..12 + headers];
        let mut name = String::new();
        while !head.is_empty() {
            // length and text of the name, type 7, length and text of the value
            let (key, rest) = head[1..].split_at(usize::from(head[0]));
            let length = usize::from(u16::from_be_bytes([rest[1], rest[2]]));
            if [b":event-type".as_slice(), b":exception-type"].contains(&key) {
                name = String::from_utf8_lossy(&rest[3..3 + length]).into_owned();
            }
            head = &rest[3 + length..];
        }
        frames.push((name, serde_json::from_slice(&out[12 + headers..total - 4]).expect("a payload is JSON")));
        out = &out[total..];
    }
    frames
}

/// Runs a stream in the given pieces; after each, what left has to be a beginning of `expected`.
fn run<'p>(judge: &Arc<Judge>, wire: &Wire, pieces: impl Iterator<Item = &'p [u8]>, expected: &str) -> Vec<u8> {
    let mut x = exchange(judge, wire.provider, wire.path);
    assert_eq!(x.framing(wire.framing.media_type()), Some(wire.framing), "{}", wire.name);
    let mut guard = x.stream(wire.framing);
    let (mut scratch, mut out) = (Scratch::default(), Vec::new());
    for piece in pieces {
        let before = out.len();
        let flow = guard.push(&mut x, piece, &mut scratch, &mut out);
        if flow == Flow::End {
            return out;
        }
        if out.len() > before {
            let text = wire.text(&wire.read(&out));
            assert!(expected.starts_with(&text), "{}: {text:?} is no beginning of {expected:?}", wire.name);
        }
    }
    guard.end(&mut x, UpstreamEnd::Complete, &mut scratch, &mut out);
    out
}

/// No part of the value is anywhere in what left, also not where text is repeated.
fn clean(wire: &Wire, out: &[u8]) {
    let events = wire.read(out);
    let all = serde_json::to_string(&events).expect("values are JSON");
    assert!(!all.contains("4539") && !all.contains("1486"), "{}: a part of the value left: {all}", wire.name);
}

#[test]
fn p2_a_value_cut_at_every_byte_leaves_no_stream_of_any_dialect() {
    let judge = judge(REDACT_ALL);
    for wire in WIRES {
        let (text, left) = wire.sample();
        let start = text.find(CARD).expect("the card is in it");
        for cut in start..=start + CARD.len() {
            for size in [1, 3, 8, 64] {
                let stream = wire.events(&deltas(&text, cut, size), &text).concat();
                let whole = run(&judge, wire, stream.chunks(stream.len()), &left);
                assert_eq!(wire.text(&wire.read(&whole)), left, "{}: cut at {cut}, deltas of {size}", wire.name);
                clean(wire, &whole);
                let piece = 1 + (cut * 7 + size) % 64;
                let again = run(&judge, wire, stream.chunks(piece), &left);
                assert!(again == whole, "{}: transfer in pieces of {piece}", wire.name);
            }
        }
    }
}

#[test]
fn p2_repeats_say_what_the_deltas_said() {
    let judge = judge(REDACT_ALL);
    for wire in WIRES {
        let (text, left) = wire.sample();
        let stream = wire.events(&deltas(&text, 0, 5), &text).concat();
        let out = run(&judge, wire, stream.chunks(stream.len()), &left);
        let events = wire.read(&out);
        let expected: Vec<Value> = (wire.after)(&left);
        assert_eq!(events[events.len() - expected.len()..], expected, "{}", wire.name);
    }
}

#[test]
fn p2_random_streams() {
    let cases = std::env::var("PORTCULLIS_SPLIT_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(CASES);
    let judge = judge(REDACT_ALL);
    let mut random = Random(17);
    for case in 0..cases {
        let wire = &WIRES[random.below(WIRES.len())];
        let (text, left) = wire.sample();
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let most = 1 + random.below(12);
            let end = (most.min(rest.len())..=rest.len()).find(|&i| rest.is_char_boundary(i)).unwrap_or(rest.len());
            let (head, tail) = rest.split_at(end);
            pieces.push(head);
            rest = tail;
        }
        let stream = wire.events(&pieces, &text).concat();
        let mut cuts = Vec::new();
        let mut rest = stream.as_slice();
        while !rest.is_empty() {
            let (head, tail) = rest.split_at(rest.len().min(1 + random.below(120)));
            cuts.push(head);
            rest = tail;
        }
        let out = run(&judge, wire, cuts.into_iter(), &left);
        assert_eq!(wire.text(&wire.read(&out)), left, "case {case}: {}", wire.name);
        clean(wire, &out);
    }
    println!("{cases} random streams over {} lanes", WIRES.len());
}

#[test]
fn p1_streams_without_a_match_leave_as_they_came() {
    let judge = judge(REDACT_ALL);
    for wire in WIRES {
        let text = if wire.arguments {
            "{\"q\":\"weather in Köln\",\"n\":[1,2.50,1e3]}"
        } else {
            "Zwölf Boxkämpfer, 12 times: naïve 身份证 ok."
        };
        for size in [1, 4, 9] {
            let stream = wire.events(&deltas(text, 0, size), text).concat();
            for piece in [1, 5, 64, stream.len()] {
                assert!(run(&judge, wire, stream.chunks(piece), text) == stream, "{}: pieces of {piece}", wire.name);
            }
        }
    }
}

#[test]
fn p2_a_block_ends_streams_of_every_dialect_by_protocol() {
    let judge = judge(BLOCK_ALL);
    for wire in WIRES {
        let (text, _) = wire.sample();
        let start = text.find(CARD).expect("the card is in it");
        for cut in start..=start + CARD.len() {
            let stream = wire.events(&deltas(&text, cut, 4), &text).concat();
            // what Ollama's clients are told stands where text stands
            let out = run(&judge, wire, stream.chunks(1 + cut % 64), &text[..start]);
            clean(wire, &out);
            let events = wire.read(&out);
            let (pointer, reason) = wire.filtered;
            let told = events.iter().rev().find_map(|event| event.pointer(pointer));
            assert_eq!(told, Some(&json!(reason)), "{}: {events:?}", wire.name);
        }
    }
}

#[test]
fn p5_truncated_streams_are_not_taken_for_success() {
    let judge = judge(REDACT_ALL);
    for wire in WIRES {
        let text = if wire.arguments { "{\"half\":1" } else { "half an answer " };
        let events = wire.events(&deltas(text, 0, 4), text);
        let kept = events.len() - (wire.after)(text).len();
        let stream = events[..kept].concat();
        let out = run(&judge, wire, stream.chunks(9), text);
        let added = wire.read(&out[stream.len().min(out.len())..]);
        assert!(!added.is_empty(), "{}: nothing tells that the answer is not whole", wire.name);
        let normal = (wire.after)(text);
        assert!(!normal.contains(&added[added.len() - 1]), "{}: it ends like a whole answer", wire.name);
    }
}

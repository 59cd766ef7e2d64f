//! P2: for every way of cutting a stream, the same decisions and the same text; not one byte of a value leaves early.

mod dialects;
mod disguised;
mod gemini;
mod latched;

use crate::judging::{BLOCK_ALL, REDACT_ALL, exchange, judge};
use portcullis::decode::framing::Framing;
use portcullis::detect::Scratch;
use portcullis::exchange::Judge;
use portcullis::exchange::stream::{Flow, UpstreamEnd};
use serde_json::{Value, json};
use std::sync::Arc;

/// Generated; Luhn-valid.
const CARD: &str = "4539 5787 6362 1486";
const LABEL: &str = "[CREDIT_CARD]";

/// Events that carry texts, each of a choice or block, in order; as text, or as tool arguments.
type Events = fn(&[(usize, &str)], bool) -> Vec<String>;

/// A dialect's stream of texts, and how its output is read back.
#[derive(Clone, Copy)]
struct Wire {
    provider: &'static str,
    path: &'static str,
    events: Events,
    /// The text of a choice in the output so far.
    text: fn(&str, usize, bool) -> String,
    /// Why the stream ended.
    reason: fn(&str) -> Vec<String>,
    /// What ends it.
    terminator: &'static str,
    filtered: &'static str,
}

const OPENAI: Wire = Wire {
    provider: "openai",
    path: "/v1/chat/completions",
    events: openai_events,
    text: openai_text,
    reason: |out| strings(out, "/choices/0/finish_reason"),
    terminator: "data: [DONE]\n\n",
    filtered: "content_filter",
};
const ANTHROPIC: Wire = Wire {
    provider: "anthropic",
    path: "/v1/messages",
    events: anthropic_events,
    text: anthropic_text,
    reason: |out| strings(out, "/delta/stop_reason"),
    terminator: "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    filtered: "refusal",
};

fn openai_chunk(choice: usize, delta: Value, finish: Option<&str>) -> String {
    let chunk = json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_767_225_600, "model": "m",
        "choices": [{ "index": choice, "delta": delta, "finish_reason": finish }],
    });
    format!("data: {chunk}\n\n")
}

fn openai_events(deltas: &[(usize, &str)], tools: bool) -> Vec<String> {
    let choices = deltas.iter().map(|(c, _)| c + 1).max().unwrap_or(1);
    let mut events = Vec::new();
    for choice in 0..choices {
        events.push(openai_chunk(
            choice,
            json!({ "role": "assistant", "content": if tools { Value::Null } else { "".into() } }),
            None,
        ));
        if tools {
            events.push(openai_chunk(choice, json!({ "tool_calls": [{ "index": 0, "id": format!("call_{choice}"), "type": "function", "function": { "name": "pay", "arguments": "" } }] }), None));
        }
    }
    for (choice, text) in deltas {
        let delta = match tools {
            true => json!({ "tool_calls": [{ "index": 0, "function": { "arguments": text } }] }),
            false => json!({ "content": text }),
        };
        events.push(openai_chunk(*choice, delta, None));
    }
    for choice in 0..choices {
        events.push(openai_chunk(choice, json!({}), Some(if tools { "tool_calls" } else { "stop" })));
    }
    events.push("data: [DONE]\n\n".into());
    events
}

fn anthropic_events(deltas: &[(usize, &str)], tools: bool) -> Vec<String> {
    let event = |v: Value| format!("event: {}\ndata: {v}\n\n", v["type"].as_str().expect("events have a type"));
    let blocks = deltas.iter().map(|(c, _)| c + 1).max().unwrap_or(1);
    let mut events = vec![event(
        json!({ "type": "message_start", "message": { "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": null, "stop_sequence": null, "usage": { "input_tokens": 1, "output_tokens": 1 } } }),
    )];
    for index in 0..blocks {
        let block = match tools {
            true => json!({ "type": "tool_use", "id": format!("toolu_{index}"), "name": "pay", "input": {} }),
            false => json!({ "type": "text", "text": "" }),
        };
        events.push(event(json!({ "type": "content_block_start", "index": index, "content_block": block })));
    }
    for (index, text) in deltas {
        let delta = match tools {
            true => json!({ "type": "input_json_delta", "partial_json": text }),
            false => json!({ "type": "text_delta", "text": text }),
        };
        events.push(event(json!({ "type": "content_block_delta", "index": index, "delta": delta })));
    }
    for index in 0..blocks {
        events.push(event(json!({ "type": "content_block_stop", "index": index })));
    }
    let stop = if tools { "tool_use" } else { "end_turn" };
    events.push(event(json!({ "type": "message_delta", "delta": { "stop_reason": stop, "stop_sequence": null }, "usage": { "output_tokens": 9 } })));
    events.push(event(json!({ "type": "message_stop" })));
    events
}

/// The data of each complete event.
fn data(out: &str) -> Vec<Value> {
    let lines = out.lines().filter_map(|l| l.strip_prefix("data: "));
    lines.filter_map(|d| serde_json::from_str(d).ok()).collect()
}

fn strings(out: &str, pointer: &str) -> Vec<String> {
    data(out).iter().filter_map(|v| v.pointer(pointer)?.as_str().map(str::to_owned)).collect()
}

fn openai_text(out: &str, choice: usize, tools: bool) -> String {
    let pointer = if tools { "/delta/tool_calls/0/function/arguments" } else { "/delta/content" };
    let choices = data(out).into_iter().flat_map(|v| v["choices"].as_array().cloned().unwrap_or_default());
    let of = choices.filter(|c| c["index"] == choice);
    of.filter_map(|c| c.pointer(pointer)?.as_str().map(str::to_owned)).collect()
}

fn anthropic_text(out: &str, index: usize, tools: bool) -> String {
    let pointer = if tools { "/delta/partial_json" } else { "/delta/text" };
    let of = data(out).into_iter().filter(|v| v["type"] == "content_block_delta" && v["index"] == index);
    of.filter_map(|v| v.pointer(pointer)?.as_str().map(str::to_owned)).collect()
}

/// Runs a stream through a guard in pieces of `size` bytes, checking after each piece that what left so far is a
/// beginning of `expected` in every choice. Returns everything that left.
fn run(judge: &Arc<Judge>, wire: Wire, stream: &[u8], size: usize, tools: bool, expected: &[String]) -> String {
    let mut x = exchange(judge, wire.provider, wire.path);
    let mut guard = x.stream(Framing::Sse);
    let mut scratch = Scratch::default();
    let mut out = Vec::new();
    for piece in stream.chunks(size) {
        let flow = guard.push(&mut x, piece, &mut scratch, &mut out);
        let so_far = String::from_utf8_lossy(&out).into_owned();
        for (choice, whole) in expected.iter().enumerate() {
            let text = (wire.text)(&so_far, choice, tools);
            assert!(whole.starts_with(&text), "choice {choice} leaked early: {text:?} is no beginning of {whole:?}");
        }
        if flow == Flow::End {
            return so_far;
        }
    }
    guard.end(&mut x, UpstreamEnd::Complete, &mut scratch, &mut out);
    String::from_utf8(out).expect("what leaves is text")
}

/// Text with a value, cut in two at `cut` into deltas, and the rest in deltas of `size` bytes.
fn deltas(text: &str, cut: usize, size: usize) -> Vec<&str> {
    let (a, b) = text.split_at(cut);
    let mut out = Vec::new();
    for half in [a, b] {
        let mut rest = half;
        while !rest.is_empty() {
            let end = (size..=rest.len()).find(|&i| rest.is_char_boundary(i)).unwrap_or(rest.len());
            let (head, tail) = rest.split_at(end);
            out.push(head);
            rest = tail;
        }
    }
    out
}

fn for_every_cut(wire: Wire, tools: bool) {
    let judge = judge(REDACT_ALL);
    let (text, expected) = match tools {
        false => (format!("Die Kärte is {CARD}, thanks."), format!("Die Kärte is {LABEL}, thanks.")),
        true => (
            format!("{{\"note\":\"a\\n\\u00e9\",\"card\":\"{CARD}\",\"n\":12}}"),
            format!("{{\"note\":\"a\\n\\u00e9\",\"card\":\"{LABEL}\",\"n\":12}}"),
        ),
    };
    let start = text.find(CARD).expect("the card is in it");
    let mut cuts: Vec<usize> = (start..=start + CARD.len()).collect();
    cuts.push(0);
    for cut in cuts {
        for size in [1, 2, 3, 5, 8, 13, 64] {
            let pieces = deltas(&text, cut, size);
            let events = (wire.events)(&pieces.iter().map(|p| (0, *p)).collect::<Vec<_>>(), tools);
            let stream = events.concat();
            let whole = run(&judge, wire, stream.as_bytes(), stream.len(), tools, std::slice::from_ref(&expected));
            assert_eq!((wire.text)(&whole, 0, tools), expected, "cut at {cut}, deltas of {size}");
            assert!(whole.ends_with(wire.terminator));
            assert!(!whole.contains("4539") && !whole.contains("1486"), "a piece of the value left");
            // the same bytes leave however the transfer is cut
            let piece = 1 + (cut * 7 + size) % 64;
            let again = run(&judge, wire, stream.as_bytes(), piece, tools, std::slice::from_ref(&expected));
            assert_eq!(again, whole, "transfer in pieces of {piece}");
        }
    }
}

#[test]
fn p2_openai_text_cut_at_every_byte() {
    for_every_cut(OPENAI, false);
}

#[test]
fn p2_openai_tool_arguments_cut_at_every_byte() {
    for_every_cut(OPENAI, true);
}

#[test]
fn p2_anthropic_text_cut_at_every_byte() {
    for_every_cut(ANTHROPIC, false);
}

#[test]
fn p2_anthropic_tool_arguments_cut_at_every_byte() {
    for_every_cut(ANTHROPIC, true);
}

#[test]
fn p2_every_transfer_size_gives_the_same_bytes() {
    let judge = judge(REDACT_ALL);
    for wire in [OPENAI, ANTHROPIC] {
        for tools in [false, true] {
            let text = match tools {
                false => format!("pay with {CARD} now"),
                true => format!("{{\"card\":\"{CARD}\"}}"),
            };
            let expected = [text.replace(CARD, LABEL)];
            let pieces = deltas(&text, 0, 4);
            let events = (wire.events)(&pieces.iter().map(|p| (0, *p)).collect::<Vec<_>>(), tools);
            // all line endings the format allows
            for stream in [events.concat(), events.concat().replace('\n', "\r\n"), events.concat().replace('\n', "\r")]
            {
                let normal = |out: String| out.replace("\r\n", "\n").replace('\r', "\n");
                let whole = normal(run_plain(&judge, wire, stream.as_bytes(), stream.len()));
                assert_eq!((wire.text)(&whole, 0, tools), expected[0]);
                for size in 1..=64 {
                    assert_eq!(normal(run_plain(&judge, wire, stream.as_bytes(), size)), whole, "pieces of {size}");
                }
            }
        }
    }
}

/// As [`run`], without looking at what left so far.
fn run_plain(judge: &Arc<Judge>, wire: Wire, stream: &[u8], size: usize) -> String {
    run(judge, wire, stream, size, false, &[])
}

#[test]
fn p2_choices_interleaved() {
    let judge = judge(REDACT_ALL);
    for wire in [OPENAI, ANTHROPIC] {
        for tools in [false, true] {
            let texts = match tools {
                false => [
                    format!("first {CARD} end"),
                    "second has 12 words and no value".to_owned(),
                    format!("third {CARD}"),
                ],
                true => {
                    [format!("{{\"a\":\"{CARD}\"}}"), "{\"b\":[1,2,3]}".to_owned(), format!("{{\"c\":\"x {CARD} y\"}}")]
                }
            };
            let expected: Vec<String> = texts.iter().map(|t| t.replace(CARD, LABEL)).collect();
            for size in [1, 3, 7] {
                let lanes: Vec<Vec<&str>> = texts.iter().map(|t| deltas(t, 0, size)).collect();
                let longest = lanes.iter().map(Vec::len).max().unwrap_or(0);
                let mixed: Vec<(usize, &str)> = (0..longest)
                    .flat_map(|i| lanes.iter().enumerate().filter_map(move |(c, l)| l.get(i).map(|t| (c, *t))))
                    .collect();
                let stream = (wire.events)(&mixed, tools).concat();
                for piece in [1, 17, 64, stream.len()] {
                    let out = run(&judge, wire, stream.as_bytes(), piece, tools, &expected);
                    for (choice, text) in expected.iter().enumerate() {
                        assert_eq!(&(wire.text)(&out, choice, tools), text);
                    }
                }
            }
        }
    }
}

#[test]
fn p2_a_block_ends_the_stream_by_protocol_and_no_byte_of_the_value_leaves() {
    let judge = judge(BLOCK_ALL);
    for wire in [OPENAI, ANTHROPIC] {
        let text = format!("Here it is: {CARD} and more");
        let allowed = ["Here it is: ".to_owned()];
        for cut in 0..=text.len() {
            let pieces = deltas(&text, cut, 4);
            let events = (wire.events)(&pieces.iter().map(|p| (0, *p)).collect::<Vec<_>>(), false);
            let out = run(&judge, wire, events.concat().as_bytes(), 1 + cut % 64, false, &allowed);
            assert!(out.ends_with(wire.terminator), "{out}");
            assert_eq!((wire.reason)(&out), [wire.filtered], "{out}");
        }
    }
}

#[test]
fn p1_a_stream_without_a_match_leaves_as_it_came() {
    let judge = judge(REDACT_ALL);
    for wire in [OPENAI, ANTHROPIC] {
        for tools in [false, true] {
            let text = if tools {
                "{\"q\":\"weather in Köln\",\"n\":[1,2.50,1e3]}"
            } else {
                "Zwölf Boxkämpfer, 12 times: naïve 身份证 ok."
            };
            for size in [1, 4, 9] {
                let pieces = deltas(text, 0, size);
                let stream = (wire.events)(&pieces.iter().map(|p| (0, *p)).collect::<Vec<_>>(), tools).concat();
                for piece in [1, 5, 64, stream.len()] {
                    assert_eq!(run(&judge, wire, stream.as_bytes(), piece, tools, &[text.to_owned()]), stream);
                }
            }
        }
    }
}

#[test]
fn p5_a_truncated_stream_is_not_taken_for_success() {
    let judge = judge(REDACT_ALL);
    for (wire, sign) in [(OPENAI, "\"error\""), (ANTHROPIC, "event: error")] {
        let events = (wire.events)(&[(0, "half an ans")], false);
        let stream = events[..events.len() - 3].concat();
        let out = run(&judge, wire, stream.as_bytes(), 9, false, &["half an ans".to_owned()]);
        assert!(out.contains(sign), "{out}");
        assert!(!out.ends_with(wire.terminator), "{out}");
    }
}

#[test]
fn p7_in_prose_nothing_is_held_back_but_the_current_word() {
    let judge = judge(REDACT_ALL);
    for wire in [OPENAI, ANTHROPIC] {
        // words as deltas, with the space before them as models send them, and after them
        for (before, after) in [(" ", ""), ("", " ")] {
            let words = ["Plans", "often", "fail", "because", "nobody", "looks", "at", "them", "again"];
            let texts: Vec<String> = words.iter().map(|w| format!("{before}{w}{after}")).collect();
            let events = (wire.events)(&texts.iter().map(|t| (0, t.as_str())).collect::<Vec<_>>(), false);
            let mut x = exchange(&judge, wire.provider, wire.path);
            let mut guard = x.stream(Framing::Sse);
            let (mut scratch, mut out) = (Scratch::default(), Vec::new());
            for (at, event) in events.iter().enumerate() {
                guard.push(&mut x, event.as_bytes(), &mut scratch, &mut out);
                let gone = events[..=at].concat().len() - out.len();
                // a word may go on; a space after it decides it, but for a capital one: it may be the name of a street, and
                // waits for the word behind it
                let before = at.checked_sub(1).map(|before| &events[before]).filter(|e| e.contains(words[0]));
                let most = match before {
                    Some(before) => before.len() + event.len(),
                    None if after.is_empty() || event.contains(words[0]) => event.len(),
                    None => 0,
                };
                assert!(gone <= most, "{}: more than event {at} is held: {gone} bytes behind {event}", wire.provider);
            }
        }
    }
}

//! P1–P3 for what Anthropic's API has beyond plain messages: signed reasoning, the server's own tools, citations, batches,
//! the older completions.

use crate::judging::{BLOCK_ALL, REDACT_ALL, exchange, exchange_of, judge, request, sent};
use portcullis::decode::framing::Framing;
use portcullis::decode::{Channel, Reason};
use portcullis::detect::Scratch;
use portcullis::exchange::stream::{Flow, UpstreamEnd};
use portcullis::exchange::{BodyHead, Exchange, Judge};
use serde_json::{Value, json};
use std::sync::Arc;

/// Generated; Luhn-valid.
const CARD: &str = "4539 5787 6362 1486";
const LABEL: &str = "[CREDIT_CARD]";
const MESSAGES: &str = "/v1/messages";

/// Redacts everything found, and lets pass what nobody can read, so that the receipt shows it.
fn judge_all() -> Arc<Judge> {
    judge(&format!(
        "{REDACT_ALL}[[statement]]\nid = \"unread\"\ntitle = \"Unread\"\nmatch = {{ uninspected = [\"*\"] }}\naction = \"log\"\n"
    ))
}

fn stream_of(events: &[Value]) -> String {
    let event = |v: &Value| format!("event: {}\ndata: {v}\n\n", v["type"].as_str().expect("events have a type"));
    events.iter().map(event).collect()
}

/// What leaves of a stream that comes in pieces of `size` bytes, and whether the gateway ended it.
fn pass(x: &mut Exchange, framing: Framing, stream: &str, size: usize) -> (String, bool) {
    let mut guard = x.stream(framing);
    let (mut scratch, mut out) = (Scratch::default(), Vec::new());
    let mut ended = false;
    for piece in stream.as_bytes().chunks(size) {
        ended = ended || guard.push(x, piece, &mut scratch, &mut out) == Flow::End;
    }
    if !ended {
        guard.end(x, UpstreamEnd::Complete, &mut scratch, &mut out);
    }
    (String::from_utf8(out).expect("what leaves is text"), ended)
}

/// The data of each event or line.
fn data(out: &str) -> Vec<Value> {
    let data = out.lines().map(|line| line.strip_prefix("data: ").unwrap_or(line));
    data.filter_map(|data| serde_json::from_str(data).ok()).collect()
}

/// Judges a whole answer.
fn answer(x: &mut Exchange, body: &Value) -> Value {
    let body = body.to_string().into_bytes();
    let head = BodyHead { content_type: Some("application/json"), content_encoding: None };
    let judged = x.answer(&head, &body, &mut Scratch::default());
    serde_json::from_slice(&sent(judged, &body).expect("it passes")).expect("it stays JSON")
}

fn thinking(text: &str, signature: &str) -> Value {
    json!({ "type": "thinking", "thinking": text, "signature": signature })
}

/// The next turn, with the reasoning of the last one, as it is sent on.
fn next_turn(judge: &Arc<Judge>, user: &str, block: &Value) -> String {
    let body = json!({ "model": "m", "max_tokens": 9, "messages": [
        { "role": "user", "content": "hi" },
        { "role": "assistant", "content": [block, { "type": "text", "text": "ok" }] },
        { "role": "user", "content": "go on" },
    ] });
    let out = request(&mut exchange_of(user, judge, "anthropic", MESSAGES), body.to_string().as_bytes());
    let out: Value = serde_json::from_slice(&out.expect("it is sent on")).expect("it stays JSON");
    out["messages"][1]["content"][0]["thinking"].as_str().expect("it is a text").to_owned()
}

fn answer_of(blocks: Value) -> Value {
    json!({ "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": blocks,
        "stop_reason": "end_turn", "stop_sequence": null, "usage": { "input_tokens": 1, "output_tokens": 1 } })
}

#[test]
fn signed_reasoning_that_was_redacted_goes_back_as_it_was_signed() {
    let judge = judge_all();
    let signed = format!("Grüße: \"{CARD}\"\n");
    let body = answer_of(json!([thinking(&signed, "sig-1"), { "type": "text", "text": CARD }]));
    let out = answer(&mut exchange(&judge, "anthropic", MESSAGES), &body);
    let redacted = signed.replace(CARD, LABEL);
    assert_eq!(out["content"][0], thinking(&redacted, "sig-1"));
    assert_eq!(next_turn(&judge, "maria", &out["content"][0]), signed);
    assert_eq!(next_turn(&judge, "maria", &out["content"][0]), signed, "and on every turn after that");
    // nobody else gets it, nor anybody for another text or under another signature
    assert_eq!(next_turn(&judge, "ben", &out["content"][0]), redacted);
    assert_eq!(next_turn(&judge, "maria", &thinking(&redacted, "sig-2")), redacted);
    let other = format!("{redacted}!");
    assert_eq!(next_turn(&judge, "maria", &thinking(&other, "sig-1")), other);
}

#[test]
fn p2_signed_reasoning_of_a_stream_goes_back_as_it_was_signed_however_it_was_cut() {
    let judge = judge_all();
    let signed = format!("Grüße: {CARD}, und {CARD}.");
    let redacted = signed.replace(CARD, LABEL);
    let start = signed.find(CARD).expect("it is there");
    for cut in start..=start + CARD.len() {
        let (a, b) = signed.split_at(cut);
        let signature = format!("sig-{cut}");
        let delta = |delta: Value| json!({ "type": "content_block_delta", "index": 0, "delta": delta });
        let stream = stream_of(&[
            json!({ "type": "message_start", "message": answer_of(json!([])) }),
            json!({ "type": "content_block_start", "index": 0, "content_block": thinking("", "") }),
            delta(json!({ "type": "thinking_delta", "thinking": a })),
            delta(json!({ "type": "thinking_delta", "thinking": b })),
            delta(json!({ "type": "signature_delta", "signature": signature })),
            json!({ "type": "content_block_stop", "index": 0 }),
            json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": 9 } }),
            json!({ "type": "message_stop" }),
        ]);
        let (out, _) = pass(&mut exchange(&judge, "anthropic", MESSAGES), Framing::Sse, &stream, 1 + cut % 50);
        let text: String = data(&out)
            .iter()
            .filter_map(|event| event.pointer("/delta/thinking")?.as_str().map(str::to_owned))
            .collect();
        assert_eq!(text, redacted);
        assert_eq!(next_turn(&judge, "maria", &thinking(&redacted, &signature)), signed, "cut at {cut}");
    }
}

#[test]
fn p1_reasoning_that_was_not_redacted_is_not_touched() {
    let judge = judge_all();
    let block = thinking("nothing in it", "sig-1");
    let body = answer_of(json!([block]));
    assert_eq!(answer(&mut exchange(&judge, "anthropic", MESSAGES), &body), body);
    assert_eq!(next_turn(&judge, "maria", &block), "nothing in it");
}

/// Blocks of answers with a text that the server's tools, citations and the rest bring.
const BLOCKS: &[fn(&str) -> Value] = &[
    |v| {
        json!({ "type": "text", "text": "see", "citations": [{ "type": "char_location", "cited_text": v, "document_index": 0,
        "document_title": v, "start_char_index": 0, "end_char_index": 9 }, { "type": "search_result_location", "cited_text": v,
        "source": v, "title": v, "search_result_index": 0, "start_block_index": 0, "end_block_index": 1 },
        { "type": "web_search_result_location", "cited_text": v, "title": v, "url": format!("https://a.test/?q={v}"), "encrypted_index": "Eo8BCioIAhgBIiQ" }] })
    },
    |v| json!({ "type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": { "query": v } }),
    |v| json!({ "type": "mcp_tool_use", "id": "mcptoolu_1", "name": "echo", "server_name": v, "input": { "text": v } }),
    |v| json!({ "type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "is_error": false, "content": [{ "type": "text", "text": v }] }),
    |v| {
        json!({ "type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [{ "type": "web_search_result",
        "title": v, "url": format!("https://a.test/?q={v}"), "encrypted_content": "EqgfCioIARgBIiQ", "page_age": v }] })
    },
    |v| {
        json!({ "type": "web_fetch_tool_result", "tool_use_id": "srvtoolu_1", "content": { "type": "web_fetch_result",
        "url": format!("https://a.test/?q={v}"), "retrieved_at": "2026-11-23T00:00:00Z", "content": { "type": "document", "title": v,
        "source": { "type": "text", "media_type": "text/plain", "data": v } } } })
    },
    |v| {
        json!({ "type": "bash_code_execution_tool_result", "tool_use_id": "srvtoolu_1", "content": { "type": "bash_code_execution_result",
        "stdout": v, "stderr": v, "return_code": 0, "content": [{ "type": "bash_code_execution_output", "file_id": "file_1" }] } })
    },
    |v| {
        json!({ "type": "code_execution_tool_result", "tool_use_id": "srvtoolu_1", "content": { "type": "encrypted_code_execution_result",
        "encrypted_stdout": "EqgfCioIARgBIiQ", "stderr": v, "return_code": 0, "content": [] } })
    },
    |v| {
        json!({ "type": "text_editor_code_execution_tool_result", "tool_use_id": "srvtoolu_1", "content": {
        "type": "text_editor_code_execution_view_result", "file_type": "text", "content": v } })
    },
    |v| {
        json!({ "type": "text_editor_code_execution_tool_result", "tool_use_id": "srvtoolu_1", "content": {
        "type": "text_editor_code_execution_str_replace_result", "lines": ["-a", format!("+ {v}")] } })
    },
    |v| {
        json!({ "type": "text_editor_code_execution_tool_result", "tool_use_id": "srvtoolu_1", "content": {
        "type": "text_editor_code_execution_tool_result_error", "error_code": "unavailable", "error_message": v } })
    },
    |v| {
        json!({ "type": "tool_search_tool_result", "tool_use_id": "srvtoolu_1", "content": { "type": "tool_search_tool_search_result",
        "tool_references": [{ "type": "tool_reference", "tool_name": v }] } })
    },
    |v| json!({ "type": "advisor_tool_result", "tool_use_id": "srvtoolu_1", "content": { "type": "advisor_result", "text": v } }),
    |v| json!({ "type": "compaction", "content": v, "encrypted_content": "EqgfCioIARgBIiQ" }),
    |v| json!({ "type": "container_upload", "file_id": v }),
    |v| json!({ "type": "of_next_month", "new": { "deep": [v] } }),
];

#[test]
fn p3_every_block_of_an_answer_is_read_whole_and_at_the_beginning_of_a_block() {
    let judge = judge_all();
    for block in BLOCKS {
        let body = answer_of(json!([block(CARD)]));
        let mut x = exchange(&judge, "anthropic", MESSAGES);
        assert_eq!(answer(&mut x, &body), answer_of(json!([block(LABEL)])));
        let opaque = |x: &Exchange| x.report.receipt.uninspected.iter().all(|part| part.reason == Reason::Opaque);
        assert!(opaque(&x), "{:?}", x.report.receipt.uninspected);

        let of = |value: &str| {
            stream_of(&[
                json!({ "type": "message_start", "message": answer_of(json!([])) }),
                json!({ "type": "content_block_start", "index": 0, "content_block": block(value) }),
                json!({ "type": "content_block_stop", "index": 0 }),
                json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": 9 } }),
                json!({ "type": "message_stop" }),
            ])
        };
        let mut x = exchange(&judge, "anthropic", MESSAGES);
        assert_eq!(pass(&mut x, Framing::Sse, &of(CARD), 33), (of(LABEL), false));
        assert!(opaque(&x), "{:?}", x.report.receipt.uninspected);
    }
}

#[test]
fn p3_every_block_of_a_request_is_read() {
    let judge = judge_all();
    for block in BLOCKS {
        let body = |value: &str| json!({ "model": "m", "max_tokens": 9, "messages": [{ "role": "user", "content": [block(value)] }] });
        let out = request(&mut exchange(&judge, "anthropic", MESSAGES), body(CARD).to_string().as_bytes());
        assert_eq!(String::from_utf8_lossy(&out.expect("it is sent on")), body(LABEL).to_string());
    }
}

#[test]
fn p2_what_deltas_bring_beside_text_does_not_get_through() {
    let judge = judge_all();
    let delta = |delta: Value| json!({ "type": "content_block_delta", "index": 0, "delta": delta });
    for cut in 0..=CARD.len() {
        let (a, b) = CARD.split_at(cut);
        let stream = stream_of(&[
            delta(
                json!({ "type": "citations_delta", "citation": { "type": "char_location", "cited_text": CARD, "document_title": CARD } }),
            ),
            delta(json!({ "type": "compaction_delta", "content": a, "encrypted_content": "EqgfCioIARgBIiQ" })),
            delta(json!({ "type": "compaction_delta", "content": b })),
            delta(json!({ "type": "delta_of_next_month", "new": a })),
            delta(json!({ "type": "delta_of_next_month", "new": b })),
            json!({ "type": "content_block_stop", "index": 0 }),
            json!({ "type": "message_delta", "delta": { "stop_reason": "refusal", "stop_details": { "type": "refusal", "explanation": CARD } } }),
            json!({ "type": "message_stop" }),
        ]);
        let mut x = exchange(&judge, "anthropic", MESSAGES);
        let (out, ended) = pass(&mut x, Framing::Sse, &stream, 1 + cut);
        assert!(!ended, "{out}");
        let texts = |key: &str| -> String {
            let texts = data(&out);
            texts.iter().filter_map(|event| Some(event.pointer("/delta")?.get(key)?.as_str()?.to_owned())).collect()
        };
        assert_eq!((texts("content"), texts("new")), (LABEL.to_owned(), LABEL.to_owned()), "cut at {cut}");
        assert_eq!(out.matches(LABEL).count(), 5, "{out}");
    }
}

#[test]
fn p1_results_of_a_batch_are_read_line_by_line() {
    let judge = judge_all();
    let path = "/v1/messages/batches/msgbatch_1/results";
    let lines = |value: &str| -> String {
        let message = answer_of(json!([{ "type": "text", "text": value }]));
        let error = json!({ "type": "error", "error": { "type": "invalid_request_error", "message": value } });
        [
            json!({ "custom_id": "a", "result": { "type": "succeeded", "message": message } }),
            json!({ "custom_id": "b", "result": { "type": "errored", "error": error } }),
            json!({ "custom_id": "c", "result": { "type": "expired" } }),
        ]
        .map(|line| format!("{line}\n"))
        .concat()
    };
    for media_type in ["application/x-jsonl", "application/binary"] {
        let mut x = exchange(&judge, "anthropic", path);
        let framing = x.framing(media_type).expect("results are read as they come");
        assert_eq!(pass(&mut x, framing, &lines(CARD), 17), (lines(LABEL), false));
        assert_eq!(x.report.found[0].path, "result.message.content[0].text");
    }
    assert_eq!(exchange(&judge, "anthropic", path).framing("application/json"), None, "an error is judged whole");

    let blocking = crate::judging::judge(BLOCK_ALL);
    let (out, ended) = pass(&mut exchange(&blocking, "anthropic", path), Framing::Lines, &lines(CARD), 17);
    let last = data(&out).pop().expect("there is a line");
    assert!(ended && last["custom_id"] == "a" && last["result"]["type"] == "errored", "{out}");
}

#[test]
fn a_batch_is_read_request_by_request() {
    let judge = judge_all();
    let mut x = exchange(&judge, "anthropic", "/v1/messages/batches");
    let body = json!({ "requests": [{ "custom_id": "a", "params": { "model": "m", "max_tokens": 9, "system": CARD,
        "messages": [{ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "t", "content": CARD }] }] } }] });
    let out = request(&mut x, body.to_string().as_bytes()).expect("it is sent on");
    assert_eq!(String::from_utf8_lossy(&out), body.to_string().replace(CARD, LABEL));
    let channels: Vec<Channel> = x.report.found.iter().map(|found| found.channel).collect();
    assert_eq!(channels, [Channel::System, Channel::ToolResult]);
}

#[test]
fn p2_older_completions_are_read_and_end_properly() {
    let stream = |a: &str, b: &str| {
        stream_of(&[
            json!({ "type": "completion", "completion": a, "stop_reason": null, "model": "m" }),
            json!({ "type": "ping" }),
            json!({ "type": "completion", "completion": b, "stop_reason": null, "model": "m" }),
            json!({ "type": "completion", "completion": "", "stop_reason": "stop_sequence", "model": "m" }),
        ])
    };
    let (redacting, blocking) = (judge_all(), judge(BLOCK_ALL));
    for cut in 0..=CARD.len() {
        let (a, b) = CARD.split_at(cut);
        let (out, ended) =
            pass(&mut exchange(&redacting, "anthropic", "/v1/complete"), Framing::Sse, &stream(a, b), 20);
        let text: String = data(&out).iter().filter_map(|e| Some(e["completion"].as_str()?.to_owned())).collect();
        assert!(!ended && text == LABEL, "{out}");
        let (out, ended) = pass(&mut exchange(&blocking, "anthropic", "/v1/complete"), Framing::Sse, &stream(a, b), 20);
        let last = data(&out).pop().expect("there is an event");
        assert!(ended && last["stop_reason"] == "refusal" && !out.contains("4539"), "{out}");
    }
}

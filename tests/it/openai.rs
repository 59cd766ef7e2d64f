//! P1–P3 for the OpenAI family: every place of its bodies and streams where text can stand, and what nobody reads.

mod endpoints;
mod lines;
mod streams;

use crate::judging::{BLOCK_ALL, REDACT_ALL, exchange, judge, request, sent};
use portcullis::decode::Reason;
use portcullis::decode::framing::Framing;
use portcullis::detect::Scratch;
use portcullis::diagnostic::reader::Choice;
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

const RESPONSES: &str = "/v1/responses";

/// Every type of item with a value in it, and the channel it stands in.
fn items(v: &str) -> Vec<(Value, &'static str)> {
    let arguments = format!("{{\"card\":\"{v}\"}}");
    vec![
        (json!({ "role": "user", "content": v }), "prompt"),
        (json!({ "type": "message", "role": "developer", "content": [{ "type": "input_text", "text": v }] }), "system"),
        (
            json!({ "type": "message", "role": "assistant", "id": "msg_1", "status": "completed",
            "content": [{ "type": "output_text", "text": v, "annotations": [] }] }),
            "response",
        ),
        (
            json!({ "type": "message", "role": "assistant", "content": [{ "type": "refusal", "refusal": v }] }),
            "response",
        ),
        (
            json!({ "type": "message", "role": "user", "content": [{ "type": "input_file", "filename": v, "file_data": "data:text/plain,x" }] }),
            "upload",
        ),
        (json!({ "type": "reasoning", "id": "rs_1", "summary": [{ "type": "summary_text", "text": v }] }), "response"),
        (
            json!({ "type": "reasoning", "id": "rs_1", "summary": [], "content": [{ "type": "reasoning_text", "text": v }] }),
            "response",
        ),
        (json!({ "type": "function_call", "call_id": "c", "name": "f", "arguments": arguments }), "tool_call"),
        (json!({ "type": "function_call_output", "call_id": "c", "output": v }), "tool_result"),
        (
            json!({ "type": "function_call_output", "call_id": "c", "output": [{ "type": "input_text", "text": v }] }),
            "tool_result",
        ),
        (json!({ "type": "custom_tool_call", "call_id": "c", "name": "f", "input": v }), "tool_call"),
        (json!({ "type": "custom_tool_call_output", "call_id": "c", "output": v }), "tool_result"),
        (json!({ "type": "tool_search_call", "call_id": "c", "arguments": { "query": v } }), "tool_call"),
        (
            json!({ "type": "tool_search_output", "call_id": "c", "tools": [{ "type": "function", "name": "f", "description": v }] }),
            "tool_result",
        ),
        (json!({ "type": "file_search_call", "id": "fs", "queries": [v], "status": "completed" }), "tool_call"),
        (
            json!({ "type": "file_search_call", "id": "fs", "queries": [], "results": [{ "file_id": "file-1", "text": v, "score": 0.5 }] }),
            "tool_result",
        ),
        (
            json!({ "type": "web_search_call", "id": "ws", "action": { "type": "search", "query": v, "queries": [v] } }),
            "tool_call",
        ),
        (
            json!({ "type": "computer_call", "id": "cu", "call_id": "c", "action": { "type": "type", "text": v } }),
            "tool_call",
        ),
        (
            json!({ "type": "code_interpreter_call", "id": "ci", "code": format!("pay('{v}')"), "outputs": [] }),
            "tool_call",
        ),
        (
            json!({ "type": "code_interpreter_call", "id": "ci", "code": null, "outputs": [{ "type": "logs", "logs": v }] }),
            "tool_result",
        ),
        (
            json!({ "type": "local_shell_call", "id": "ls", "call_id": "c", "action": { "type": "exec", "command": ["echo", v], "env": {} } }),
            "tool_call",
        ),
        (json!({ "type": "local_shell_call_output", "id": "ls", "output": v }), "tool_result"),
        (json!({ "type": "shell_call", "call_id": "c", "action": { "commands": [format!("echo {v}")] } }), "tool_call"),
        (
            json!({ "type": "shell_call_output", "call_id": "c", "output": [{ "stdout": v, "stderr": v, "outcome": { "type": "exit", "exit_code": 0 } }] }),
            "tool_result",
        ),
        (
            json!({ "type": "apply_patch_call", "call_id": "c", "operation": { "type": "update_file", "path": "a", "diff": format!("+card {v}\n") } }),
            "tool_call",
        ),
        (
            json!({ "type": "apply_patch_call_output", "call_id": "c", "status": "completed", "output": v }),
            "tool_result",
        ),
        (
            json!({ "type": "mcp_call", "id": "mcp", "name": "f", "server_label": "s", "arguments": arguments, "output": null }),
            "tool_call",
        ),
        (
            json!({ "type": "mcp_call", "id": "mcp", "name": "f", "server_label": "s", "arguments": "{}", "output": v, "error": null }),
            "tool_result",
        ),
        (
            json!({ "type": "mcp_list_tools", "id": "mcpl", "server_label": "s", "tools": [{ "name": "f", "description": v, "input_schema": {} }] }),
            "tool_result",
        ),
        (
            json!({ "type": "mcp_approval_request", "id": "mcpr", "name": "f", "server_label": "s", "arguments": arguments }),
            "tool_call",
        ),
        (
            json!({ "type": "mcp_approval_response", "approval_request_id": "mcpr", "approve": false, "reason": v }),
            "prompt",
        ),
        (
            json!({ "type": "image_generation_call", "id": "ig", "status": "completed", "result": null, "revised_prompt": v }),
            "tool_call",
        ),
        (
            json!({ "type": "program", "id": "p", "call_id": "c", "code": format!("x = '{v}'"), "fingerprint": "gAAAA" }),
            "tool_call",
        ),
        (
            json!({ "type": "program_output", "id": "p", "call_id": "c", "result": v, "status": "completed" }),
            "tool_result",
        ),
        (json!({ "type": "item_of_next_month", "deep": { "er": [v] } }), "other"),
    ]
}

#[test]
fn p1_items_of_responses_are_read_alike_in_requests_answers_and_streams() {
    let judge = judge_all();
    let mut problems = Vec::new();
    for ((item, channel), (wanted, _)) in items(CARD).into_iter().zip(items("[CREDIT_CARD]")) {
        let kind = item["type"].as_str().unwrap_or("message").to_owned();
        let found = |x: &Exchange| {
            let mut channels: Vec<&str> = x.report.found.iter().map(|f| f.channel.name()).collect();
            channels.dedup();
            channels.join(" ")
        };
        let mut check = |side: &str, x: &Exchange, out: &Value, wanted: &Value, other: &str| {
            let channel = if channel == "other" { other } else { channel };
            if out != wanted || found(x) != channel {
                problems.push(format!("{kind} in {side}: {} (not {channel}): {out}", found(x)));
            }
        };
        let mut x = exchange(&judge, "openai", RESPONSES);
        let out = request(&mut x, json!({ "model": "m", "input": [item] }).to_string().as_bytes()).expect("it passes");
        let out: Value = serde_json::from_slice(&out).expect("it stays JSON");
        check("a request", &x, &out["input"][0], &wanted, "prompt");

        let mut x = exchange(&judge, "openai", RESPONSES);
        let out = answer(&mut x, &json!({ "id": "resp_1", "object": "response", "output": [item] }));
        check("an answer", &x, &out["output"][0], &wanted, "response");

        let mut x = exchange(&judge, "openai", "/v1/responses/resp_1/input_items");
        let out = answer(&mut x, &json!({ "object": "list", "data": [item] }));
        check("a list", &x, &out["data"][0], &wanted, "response");

        let mut x = exchange(&judge, "openai", RESPONSES);
        let event =
            json!({ "type": "response.output_item.done", "sequence_number": 1, "output_index": 0, "item": item });
        let last = json!({ "type": "response.completed", "sequence_number": 2, "response": { "object": "response", "output": [item] } });
        let (out, _) = pass(&mut x, &stream_of(&[event, last]), 50);
        let events = data_of(&out);
        check("an event", &x, &events[0]["item"], &wanted, "response");
        check("the last event", &x, &events[1]["response"]["output"][0], &wanted, "response");
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The data of a stream's events.
fn data_of(stream: &str) -> Vec<Value> {
    let data = stream.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|data| *data != "[DONE]");
    data.map(|data| serde_json::from_str(data).expect("data is JSON")).collect()
}

#[test]
fn p3_what_responses_point_at_or_hide_is_in_the_receipt() {
    let judge = judge_all();
    let body = json!({ "model": "m", "previous_response_id": "resp_0", "conversation": { "id": "conv_1" },
        "prompt": { "id": "pmpt_1", "variables": { "city": "Köln", "doc": { "type": "input_file", "file_id": "file-0" } } },
        "tools": [{ "type": "mcp", "server_label": "s", "server_url": "https://a.test/mcp" }, { "type": "file_search", "vector_store_ids": ["vs_1"] }],
        "input": [{ "type": "item_reference", "id": "msg_0" }, { "id": "msg_1" },
            { "type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA" },
            { "type": "compaction", "id": "cmp_1", "encrypted_content": "gAAAA" },
            { "role": "user", "content": [{ "type": "input_image", "file_id": "file-1" }, { "type": "input_image", "image_url": "https://a.test/i.png" },
                { "type": "input_file", "file_url": "https://a.test/f.pdf" }, { "type": "input_audio", "input_audio": { "data": "UklGRg==", "format": "wav" } }] },
            { "type": "computer_call_output", "call_id": "c", "output": { "type": "computer_screenshot", "image_url": "data:image/png;base64,iVBORw0KGgo=" } },
            { "type": "image_generation_call", "id": "ig", "result": "iVBORw0KGgoAAAANSUhEUg==" }] });
    let mut x = exchange(&judge, "openai", RESPONSES);
    let body = body.to_string().into_bytes();
    assert_eq!(request(&mut x, &body), Ok(body));
    let mut parts = unread(&x);
    parts.sort_by_key(|(_, path)| *path);
    use Reason::{Opaque, Remote, UnknownType};
    assert_eq!(
        parts,
        [
            (Remote, "conversation.id"),
            (Remote, "input[0].id"),
            (Remote, "input[1].id"),
            (Opaque, "input[2].encrypted_content"),
            (Opaque, "input[3].encrypted_content"),
            (Remote, "input[4].content[0].file_id"),
            (Remote, "input[4].content[1].image_url"),
            (Remote, "input[4].content[2].file_url"),
            (UnknownType, "input[4].content[3].input_audio.data"),
            (UnknownType, "input[5].output.image_url"),
            (UnknownType, "input[6].result"),
            (Remote, "previous_response_id"),
            (Remote, "prompt.id"),
            (Remote, "prompt.variables.doc.file_id"),
            (Remote, "tools[0].server_url"),
            (Remote, "tools[1].vector_store_ids"),
        ]
    );
}

/// The stream of an answer with a reasoning summary, a text and a call, each with the value, cut into deltas of `size` bytes.
fn answer_in_deltas(text: &str, arguments: &str, size: usize) -> Vec<Value> {
    let citation = |text: &str| {
        let start = text.split("see there").next().unwrap_or_default().chars().count();
        json!({ "type": "url_citation", "title": "t", "url": "https://a.test", "start_index": start, "end_index": start + 9 })
    };
    let tokens: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
    let logprobs: Vec<Value> =
        tokens.iter().map(|t| json!({ "token": String::from_utf8_lossy(t), "logprob": -0.1 })).collect();
    let part = |text: &str, done: bool| {
        let annotations = if done { json!([citation(text)]) } else { json!([]) };
        json!({ "type": "output_text", "text": text, "annotations": annotations, "logprobs": if done { json!(logprobs) } else { json!([]) } })
    };
    let reasoning = |summary: Value| json!({ "id": "rs_1", "type": "reasoning", "summary": summary });
    let message = |content: Value, status: &str| json!({ "id": "msg_1", "type": "message", "role": "assistant", "status": status, "content": content });
    let call = |arguments: &str| json!({ "id": "fc_1", "type": "function_call", "call_id": "c", "name": "pay", "arguments": arguments });
    let summary = json!({ "type": "summary_text", "text": text });
    let response = |status: &str, output: Value| {
        json!({ "id": "resp_1", "object": "response", "created_at": 1, "model": "m", "status": status, "instructions": format!("Never say {text}"),
            "output": output, "parallel_tool_calls": true, "tools": [], "tool_choice": "auto", "usage": null })
    };
    let mut events = vec![
        json!({ "type": "response.created", "response": response("in_progress", json!([])) }),
        json!({ "type": "response.output_item.added", "output_index": 0, "item": reasoning(json!([])) }),
        json!({ "type": "response.reasoning_summary_part.added", "item_id": "rs_1", "output_index": 0, "summary_index": 0, "part": { "type": "summary_text", "text": "" } }),
    ];
    let pieces = |text: &str| -> Vec<String> {
        let chars: Vec<char> = text.chars().collect();
        chars.chunks(size).map(|piece| piece.iter().collect()).collect()
    };
    events.extend(pieces(text).iter().map(|delta| {
        json!({ "type": "response.reasoning_summary_text.delta", "item_id": "rs_1",
        "output_index": 0, "summary_index": 0, "delta": delta, "obfuscation": "x8Kq" })
    }));
    events.push(json!({ "type": "response.reasoning_summary_text.done", "item_id": "rs_1", "output_index": 0, "summary_index": 0, "text": text }));
    events.push(json!({ "type": "response.reasoning_summary_part.done", "item_id": "rs_1", "output_index": 0, "summary_index": 0, "part": summary }));
    events.push(json!({ "type": "response.output_item.done", "output_index": 0, "item": reasoning(json!([summary])) }));
    events.push(
        json!({ "type": "response.output_item.added", "output_index": 1, "item": message(json!([]), "in_progress") }),
    );
    events.push(json!({ "type": "response.content_part.added", "item_id": "msg_1", "output_index": 1, "content_index": 0, "part": part("", false) }));
    events.push(json!({ "type": "response.output_item.added", "output_index": 2, "item": call("") }));
    let (texts, calls) = (pieces(text), pieces(arguments));
    for at in 0..texts.len().max(calls.len()) {
        if let Some(delta) = texts.get(at) {
            events.push(
                json!({ "type": "response.output_text.delta", "item_id": "msg_1", "output_index": 1, "content_index": 0,
                "delta": delta, "logprobs": [{ "token": delta, "logprob": -0.1, "top_logprobs": [] }] }),
            );
        }
        if let Some(delta) = calls.get(at) {
            events.push(json!({ "type": "response.function_call_arguments.delta", "item_id": "fc_1", "output_index": 2, "delta": delta }));
        }
    }
    events.push(json!({ "type": "response.output_text.annotation.added", "item_id": "msg_1", "output_index": 1, "content_index": 0, "annotation_index": 0, "annotation": citation(text) }));
    events.push(json!({ "type": "response.output_text.done", "item_id": "msg_1", "output_index": 1, "content_index": 0, "text": text, "logprobs": logprobs }));
    events.push(json!({ "type": "response.content_part.done", "item_id": "msg_1", "output_index": 1, "content_index": 0, "part": part(text, true) }));
    let message = message(json!([part(text, true)]), "completed");
    events.push(json!({ "type": "response.output_item.done", "output_index": 1, "item": message }));
    events.push(json!({ "type": "response.function_call_arguments.done", "item_id": "fc_1", "output_index": 2, "arguments": arguments }));
    events.push(json!({ "type": "response.output_item.done", "output_index": 2, "item": call(arguments) }));
    events.push(json!({ "type": "response.completed", "response": response("completed", json!([reasoning(json!([summary])), message, call(arguments)])) }));
    events.iter_mut().enumerate().for_each(|(number, event)| event["sequence_number"] = number.into());
    events
}

/// The deltas of a kind, together.
fn together(events: &[Value], kind: &str) -> String {
    events.iter().filter(|event| event["type"] == kind).filter_map(|event| event["delta"].as_str()).collect()
}

fn of_kind<'e>(events: &'e [Value], kind: &str) -> &'e Value {
    events.iter().find(|event| event["type"] == kind).unwrap_or_else(|| panic!("there is no {kind}"))
}

#[test]
fn p2_every_repeat_in_a_responses_stream_equals_its_redacted_deltas() {
    let judge = judge_all();
    let text = format!("Grüße 𝄞: {CARD}, see there.");
    let arguments = format!("{{\"card\":\"{CARD}\",\"n\":1.50}}");
    for size in [1, 3, 8, 100] {
        let stream = stream_of(&answer_in_deltas(&text, &arguments, size));
        let mut wanted = None;
        for piece in [1, 61, 100_000] {
            let (out, ended) = pass(&mut exchange(&judge, "openai", RESPONSES), &stream, piece);
            assert!(!ended);
            assert_eq!(*wanted.get_or_insert(out.clone()), out, "deltas of {size}, pieces of {piece}");
        }
        let events = data_of(&wanted.expect("it was passed"));
        let redacted = text.replace(CARD, "[CREDIT_CARD]");
        let call = arguments.replace(CARD, "[CREDIT_CARD]");
        let last = &of_kind(&events, "response.completed")["response"];
        for (what, told, wanted) in [
            ("text", json!(together(&events, "response.output_text.delta")), &redacted),
            ("summary", json!(together(&events, "response.reasoning_summary_text.delta")), &redacted),
            ("arguments", json!(together(&events, "response.function_call_arguments.delta")), &call),
            ("text done", of_kind(&events, "response.output_text.done")["text"].clone(), &redacted),
            ("part done", of_kind(&events, "response.content_part.done")["part"]["text"].clone(), &redacted),
            (
                "summary done",
                of_kind(&events, "response.reasoning_summary_part.done")["part"]["text"].clone(),
                &redacted,
            ),
            ("arguments done", of_kind(&events, "response.function_call_arguments.done")["arguments"].clone(), &call),
            ("last text", last["output"][1]["content"][0]["text"].clone(), &redacted),
            ("last summary", last["output"][0]["summary"][0]["text"].clone(), &redacted),
            ("last arguments", last["output"][2]["arguments"].clone(), &call),
        ] {
            assert_eq!(told, **wanted, "{what}, deltas of {size}");
        }
        // what counts into the text, and what repeats it in tokens
        let citation = &of_kind(&events, "response.output_text.annotation.added")["annotation"];
        assert_eq!(cited(&json!(redacted), citation), "see there");
        assert_eq!(cited(&json!(redacted), &last["output"][1]["content"][0]["annotations"][0]), "see there");
        assert_eq!(of_kind(&events, "response.output_text.done")["logprobs"], Value::Null);
        assert_eq!(last["output"][1]["content"][0]["logprobs"], Value::Null);
        let all = json!(events).to_string();
        assert!(
            !all.contains(CARD) && !all.contains("5787") || size < 4 && !all.contains(CARD),
            "deltas of {size}: {all}"
        );
    }
}

#[test]
fn p1_a_responses_stream_without_a_match_leaves_as_it_came() {
    let stream = stream_of(&answer_in_deltas("Grüße, see there.", "{\"a\": 1.50}", 3));
    for piece in [1, 61, 100_000] {
        let mut x = exchange(&judge_all(), "openai", RESPONSES);
        assert_eq!(pass(&mut x, &stream, piece), (stream.clone(), false));
        assert_eq!(unread(&x), [(Reason::Opaque, "obfuscation")]);
    }
}

#[test]
fn p2_a_blocked_responses_stream_ends_by_protocol_with_what_was_sent() {
    let judge = judge(BLOCK_ALL);
    let text = format!("All is well so far. The card is {CARD}.");
    let events = answer_in_deltas("Fine.", "{}", 100);
    let at = events.iter().position(|event| event["type"] == "response.output_text.delta").expect("there is a text");
    let mut events = events[..at].to_vec();
    events[0]["response"]["instructions"] = Value::Null;
    for (number, delta) in text.split_inclusive(' ').enumerate() {
        events.push(
            json!({ "type": "response.output_text.delta", "item_id": "msg_1", "output_index": 1, "content_index": 0,
            "delta": delta, "logprobs": [], "sequence_number": at + number }),
        );
    }
    let (out, _) = pass(&mut exchange(&judge, "openai", RESPONSES), &stream_of(&events), 40);
    assert!(!out.contains("4539") && !out.contains("[DONE]"), "{out}");
    let out = data_of(&out);
    let numbers: Vec<u64> = out.iter().filter_map(|event| event["sequence_number"].as_u64()).collect();
    assert_eq!(numbers, (0..out.len() as u64).collect::<Vec<_>>());
    let last = out.last().expect("there are events");
    assert_eq!(last["type"], "response.incomplete");
    let response = &last["response"];
    assert_eq!((&response["id"], &response["status"]), (&json!("resp_1"), &json!("incomplete")));
    assert_eq!(response["incomplete_details"], json!({ "reason": "content_filter" }));
    let sent = together(&out, "response.output_text.delta");
    assert!(sent.starts_with("All is well so far."), "{sent}");
    // the call that was open is left out, so that nobody carries it out
    assert_eq!(response["output"].as_array().map(Vec::len), Some(2));
    let message = &response["output"][1];
    assert_eq!((&message["status"], &message["content"][0]["text"]), (&json!("incomplete"), &json!(sent)));
    assert_eq!(of_kind(&out, "response.output_text.done")["text"], *sent);
    let done: Vec<&Value> = out.iter().filter(|event| event["type"] == "response.output_item.done").collect();
    assert_eq!(done.last().expect("items were closed")["item"], *message);
}

#[test]
fn p2_a_responses_stream_that_is_blocked_at_once_or_breaks_off_is_no_success() {
    let judge = judge(BLOCK_ALL);
    let created = json!({ "type": "response.created", "sequence_number": 0, "response": { "id": "resp_1", "instructions": CARD } });
    let (out, _) = pass(&mut exchange(&judge, "openai", RESPONSES), &stream_of(&[created]), 900);
    let kinds: Vec<Value> = data_of(&out).into_iter().map(|mut event| event["type"].take()).collect();
    assert_eq!(kinds, ["response.created", "response.incomplete"]);

    let events = &answer_in_deltas("Fine.", "{}", 100)[..4];
    let (out, _) = pass(&mut exchange(&judge, "openai", RESPONSES), &stream_of(events), 900);
    let out = data_of(&out);
    let last = out.last().expect("there are events");
    // SDKs read the flat form and raise for the object
    assert_eq!(
        (&last["type"], &last["code"], &last["error"]["code"]),
        (&json!("error"), &json!("upstream_error"), &json!("upstream_error"))
    );
    assert_eq!(last["sequence_number"], json!(4));
}

#[test]
fn p2_a_stored_response_that_is_streamed_again_from_the_middle_ends_by_protocol() {
    let judge = judge(BLOCK_ALL);
    let delta = json!({ "type": "response.output_text.delta", "item_id": "msg_1", "output_index": 1, "content_index": 0,
        "delta": CARD, "logprobs": [], "sequence_number": 41 });
    let heard = json!({ "type": "response.in_progress", "sequence_number": 40, "response": { "id": "resp_1" } });
    let path = "/v1/responses/resp_1?stream=true&starting_after=39";
    let ends = |events: &[Value]| {
        let (out, _) = pass(&mut exchange(&judge, "openai", path), &stream_of(events), 900);
        let told =
            |event: &Value| (event["type"].clone(), event["response"]["id"].clone(), event["sequence_number"].clone());
        data_of(&out).iter().map(told).collect::<Vec<_>>()
    };
    let event = |kind: &str, id: &str, number: u64| (json!(kind), json!(id), json!(number));
    let [first, last] = ["response.in_progress", "response.incomplete"];
    assert_eq!(ends(&[heard, delta.clone()]), [event(first, "resp_1", 40), event(last, "resp_1", 41)]);
    let own = "resp_01TEST";
    assert_eq!(ends(&[delta]), [event("response.created", own, 0), event(last, own, 1)]);
}

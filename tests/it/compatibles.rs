//! P1–P3 for what Cohere, Mistral and Ollama have of their own.

use crate::judging::{REDACT_ALL, exchange, judge, request, sent};
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

/// Redacts everything found, and lets pass what nobody can read, so that the receipt shows it.
fn judge_all() -> Arc<Judge> {
    judge(&format!(
        "{REDACT_ALL}[[statement]]\nid = \"unread\"\ntitle = \"Unread\"\nmatch = {{ uninspected = [\"*\"] }}\naction = \"log\"\n"
    ))
}

/// What leaves of a stream that comes in pieces of `size` bytes, which the gateway must not end.
fn pass(x: &mut Exchange, framing: Framing, events: &[Value], size: usize) -> Vec<Value> {
    let stream: String = match framing {
        Framing::Sse => {
            events.iter().map(|v| format!("event: {}\ndata: {v}\n\n", v["type"].as_str().unwrap_or("x"))).collect()
        }
        _ => events.iter().map(|v| format!("{v}\n")).collect(),
    };
    let mut guard = x.stream(framing);
    let (mut scratch, mut out) = (Scratch::default(), Vec::new());
    for piece in stream.as_bytes().chunks(size) {
        assert_eq!(guard.push(x, piece, &mut scratch, &mut out), Flow::Continue);
    }
    guard.end(x, UpstreamEnd::Complete, &mut scratch, &mut out);
    let out = String::from_utf8(out).expect("what leaves is text");
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

/// What the strings at a pointer say together.
fn joined(events: &[Value], pointer: &str) -> String {
    events.iter().filter_map(|event| event.pointer(pointer)?.as_str()).collect()
}

fn cited(text: &str, citation: &Value) -> String {
    let place = |key: &str| citation[key].as_u64().expect("it is a number") as usize;
    text.chars().collect::<Vec<_>>()[place("start")..place("end")].iter().collect()
}

const COHERE: (&str, &str) = ("cohere", "/v2/chat");

#[test]
fn p1_what_cohere_cites_is_found_at_its_place_after_a_redaction() {
    let judge = judge_all();
    let text = format!("Grüße 𝄞: {CARD}, see there.");
    let start = text.split("see there").next().unwrap_or_default().chars().count();
    let citation = |index: Value| {
        json!({ "start": start, "end": start + 9, "text": "see there", "content_index": index,
        "sources": [{ "type": "document", "id": "doc:1", "document": { "id": "1", "snippet": CARD } }] })
    };
    for (content, index) in [
        (json!([{ "type": "text", "text": text }]), Value::Null),
        (json!([{ "type": "thinking", "thinking": "hm" }, { "type": "text", "text": text }]), json!(1)),
        (json!([{ "type": "thinking", "thinking": "hm" }, { "type": "text", "text": text }]), Value::Null),
    ] {
        let message = json!({ "role": "assistant", "content": content, "citations": [citation(index)] });
        let body = json!({ "id": "1", "finish_reason": "COMPLETE", "message": message });
        let out = answer(&mut exchange(&judge, COHERE.0, COHERE.1), &body);
        let content = out["message"]["content"].as_array().expect("it is a list");
        let text = content[content.len() - 1]["text"].as_str().expect("it is a text");
        assert_eq!(cited(text, &out["message"]["citations"][0]), "see there");
        assert!(!out.to_string().contains(CARD), "{out}");
    }
}

#[test]
fn p2_what_a_cohere_stream_cites_moves_and_token_likelihoods_go_with_their_text() {
    let judge = judge_all();
    let text = format!("Grüße: {CARD}, see there.");
    let start = text.split("see there").next().unwrap_or_default().chars().count();
    let delta = |kind: &str, message: Value| json!({ "type": kind, "index": 0, "delta": { "message": message } });
    let at = text.find(CARD).expect("it is there");
    for cut in at..=at + CARD.len() {
        let (a, b) = text.split_at(cut);
        let content = |text: &str| {
            let mut event = delta("content-delta", json!({ "content": { "text": text } }));
            event["logprobs"] = json!({ "text": text, "token_ids": [1, 2], "logprobs": [-0.123456789012, -1.5] });
            event
        };
        let citation = json!({ "start": start, "end": start + 9, "text": "see there", "sources": [] });
        let events = [
            json!({ "type": "message-start", "id": "1", "delta": { "message": { "role": "assistant", "content": [] } } }),
            delta("content-start", json!({ "content": { "type": "text", "text": "" } })),
            content(a),
            content(b),
            json!({ "type": "content-end", "index": 0 }),
            delta("citation-start", json!({ "citations": citation })),
            json!({ "type": "citation-end", "index": 0 }),
            json!({ "type": "message-end", "delta": { "finish_reason": "COMPLETE" } }),
        ];
        let out = pass(&mut exchange(&judge, COHERE.0, COHERE.1), Framing::Sse, &events, 1 + cut);
        let redacted = joined(&out, "/delta/message/content/text");
        assert_eq!(redacted, text.replace(CARD, LABEL));
        let cites = out.iter().find_map(|event| event.pointer("/delta/message/citations")).expect("it is there");
        assert_eq!(cited(&redacted, cites), "see there");
        let likely = joined(&out, "/logprobs/text");
        assert!(!likely.contains("4539") && !likely.contains("1486"), "{likely}");
    }
}

#[test]
fn token_likelihoods_of_a_whole_cohere_answer_go_with_their_text() {
    let pieces =
        ["45", "39 57", "87 63", "62 1486"].map(|text| json!({ "text": text, "token_ids": [1], "logprobs": [-0.5] }));
    let body = |text: &str, logprobs: Value| {
        let content = json!([{ "type": "text", "text": text }]);
        json!({ "id": "1", "message": { "role": "assistant", "content": content }, "logprobs": logprobs })
    };
    let judge = judge_all();
    let out = answer(&mut exchange(&judge, COHERE.0, COHERE.1), &body(CARD, json!(pieces)));
    assert_eq!(out, body(LABEL, Value::Null));
    let harmless = body("hi", json!([{ "text": "hi", "token_ids": [1], "logprobs": [-0.5] }]));
    assert_eq!(answer(&mut exchange(&judge, COHERE.0, COHERE.1), &harmless), harmless);
}

#[test]
fn p2_reasoning_of_mistral_cut_anywhere() {
    let judge = judge_all();
    for cut in 0..=CARD.len() {
        let (a, b) = CARD.split_at(cut);
        // conversations
        let thinking = |text: &str| {
            json!({ "type": "message.output.delta", "id": "m", "output_index": 0, "content_index": 0, "role": "assistant",
                "content": { "type": "thinking", "thinking": [{ "type": "text", "text": text }] } })
        };
        let mut events = vec![thinking(a), thinking(b)];
        events.push(json!({ "type": "conversation.response.done", "usage": {} }));
        let out = pass(&mut exchange(&judge, "mistral", "/v1/conversations"), Framing::Sse, &events, 1 + cut);
        assert_eq!(joined(&out, "/content/thinking/0/text"), LABEL, "cut at {cut}");
        // chat: a list of parts, whose reasoning is a list of parts
        let chunk = |content: Value, finish: Value| {
            json!({ "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
                "choices": [{ "index": 0, "delta": { "content": content }, "finish_reason": finish }] })
        };
        let thinking = |text: &str| {
            chunk(json!([{ "type": "thinking", "thinking": [{ "type": "text", "text": text }] }]), Value::Null)
        };
        let text = |text: &str| chunk(json!([{ "type": "text", "text": text }]), Value::Null);
        let events = [thinking(a), thinking(b), text(a), text(b), chunk(json!(""), json!("stop"))];
        let out = pass(&mut exchange(&judge, "mistral", "/v1/chat/completions"), Framing::Sse, &events, 1 + cut);
        assert_eq!(joined(&out, "/choices/0/delta/content/0/thinking/0/text"), LABEL, "cut at {cut}");
        assert_eq!(joined(&out, "/choices/0/delta/content/0/text"), LABEL, "cut at {cut}");
    }
}

/// A name, the address, a body made of a text, and the channel it belongs to.
type Place = (&'static str, (&'static str, &'static str), fn(&str) -> Value, Channel);

const REQUESTS: &[Place] = &[
    (
        "ollama system",
        ("ollama", "/api/generate"),
        |v| json!({ "model": "m", "prompt": "p", "system": v }),
        Channel::System,
    ),
    (
        "ollama template",
        ("ollama", "/api/create"),
        |v| json!({ "model": "m", "from": "n", "template": v }),
        Channel::System,
    ),
    (
        "ollama suffix",
        ("ollama", "/api/generate"),
        |v| json!({ "model": "m", "prompt": "p", "suffix": v }),
        Channel::Prompt,
    ),
    ("ollama embed", ("ollama", "/api/embed"), |v| json!({ "model": "m", "input": ["a", v] }), Channel::Prompt),
    (
        "ollama older embeddings",
        ("ollama", "/api/embeddings"),
        |v| json!({ "model": "m", "prompt": v }),
        Channel::Prompt,
    ),
    (
        "ollama arguments",
        ("ollama", "/api/chat"),
        |v| json!({ "model": "m", "messages": [{ "role": "assistant", "tool_calls": [{ "function": { "name": "f", "arguments": { "a": [v] } } }] }] }),
        Channel::ToolCall,
    ),
    (
        "ollama tool result",
        ("ollama", "/api/chat"),
        |v| json!({ "model": "m", "messages": [{ "role": "tool", "tool_name": "f", "content": v }] }),
        Channel::ToolResult,
    ),
    (
        "ollama file",
        ("ollama", "/api/chat"),
        |v| json!({ "model": "m", "messages": [{ "role": "user", "content": "hi", "images": [base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("card {v}\n"))] }] }),
        Channel::Upload,
    ),
    (
        "ollama create",
        ("ollama", "/api/create"),
        |v| json!({ "model": "m", "messages": [{ "role": "system", "content": v }] }),
        Channel::System,
    ),
    (
        "cohere document",
        COHERE,
        |v| json!({ "model": "m", "messages": [], "documents": [{ "id": "1", "data": { "text": v, "n": 1.50 } }] }),
        Channel::Prompt,
    ),
    (
        "cohere tool result",
        COHERE,
        |v| json!({ "model": "m", "messages": [{ "role": "tool", "tool_call_id": "t", "content": [{ "type": "document", "document": { "data": v } }] }] }),
        Channel::ToolResult,
    ),
    (
        "cohere arguments",
        COHERE,
        |v| json!({ "model": "m", "messages": [{ "role": "assistant", "tool_plan": "p", "tool_calls": [{ "id": "t", "type": "function", "function": { "name": "f", "arguments": format!("{{\"a\":\"{v}\"}}") } }] }] }),
        Channel::ToolCall,
    ),
    ("cohere preamble", ("cohere", "/v1/chat"), |v| json!({ "message": "m", "preamble": v }), Channel::System),
    (
        "cohere history",
        ("cohere", "/v1/chat"),
        |v| json!({ "message": "m", "chat_history": [{ "role": "CHATBOT", "message": v }] }),
        Channel::Response,
    ),
    ("cohere texts", ("cohere", "/v2/embed"), |v| json!({ "model": "m", "texts": ["a", v] }), Channel::Prompt),
    (
        "cohere query",
        ("cohere", "/v2/rerank"),
        |v| json!({ "model": "m", "query": v, "documents": ["a"] }),
        Channel::Prompt,
    ),
    (
        "cohere reranked",
        ("cohere", "/v2/rerank"),
        |v| json!({ "model": "m", "query": "q", "documents": ["a", v] }),
        Channel::Prompt,
    ),
    ("cohere prompt", ("cohere", "/v1/generate"), |v| json!({ "prompt": v }), Channel::Prompt),
    ("cohere tokenize", ("cohere", "/v1/tokenize"), |v| json!({ "model": "m", "text": v }), Channel::Prompt),
    (
        "mistral fim",
        ("mistral", "/v1/fim/completions"),
        |v| json!({ "model": "m", "prompt": "p", "suffix": v }),
        Channel::Prompt,
    ),
    (
        "mistral thinking",
        ("mistral", "/v1/chat/completions"),
        |v| json!({ "model": "m", "messages": [{ "role": "assistant", "content": [{ "type": "thinking", "thinking": [{ "type": "text", "text": v }] }] }] }),
        Channel::Response,
    ),
    (
        "mistral arguments",
        ("mistral", "/v1/chat/completions"),
        |v| json!({ "model": "m", "messages": [{ "role": "assistant", "tool_calls": [{ "id": "t", "function": { "name": "f", "arguments": { "a": v } } }] }] }),
        Channel::ToolCall,
    ),
    (
        "mistral instructions",
        ("mistral", "/v1/conversations"),
        |v| json!({ "model": "m", "inputs": "hi", "instructions": v }),
        Channel::System,
    ),
    (
        "mistral entry",
        ("mistral", "/v1/conversations"),
        |v| json!({ "model": "m", "inputs": [{ "type": "function.result", "tool_call_id": "t", "result": v }] }),
        Channel::ToolResult,
    ),
    (
        "mistral ocr",
        ("mistral", "/v1/ocr"),
        |v| json!({ "model": "m", "document": { "type": "document_url", "document_name": v, "document_url": "data:text/plain;base64,aGVsbG8=" } }),
        Channel::Upload,
    ),
    (
        "tgi inputs",
        ("huggingface", "/generate"),
        |v| json!({ "inputs": v, "parameters": { "stop": ["x"] } }),
        Channel::Prompt,
    ),
    ("tgi stop", ("huggingface", "/"), |v| json!({ "inputs": "i", "parameters": { "stop": [v] } }), Channel::Prompt),
];

#[test]
fn p3_every_place_of_a_request_is_read_in_its_channel() {
    let judge = judge_all();
    for (name, (provider, path), body, channel) in REQUESTS {
        let mut x = exchange(&judge, provider, path);
        let out = request(&mut x, body(CARD).to_string().as_bytes()).expect("it is sent on");
        assert_eq!(String::from_utf8_lossy(&out), body(LABEL).to_string(), "{name}");
        let channels: Vec<Channel> = x.report.found.iter().map(|found| found.channel).collect();
        assert_eq!(channels, [*channel], "{name}");
    }
}

#[test]
fn p3_token_ids_of_ollama_are_in_the_receipt() {
    let mut x = exchange(&judge_all(), "ollama", "/api/generate");
    let body = json!({ "model": "m", "prompt": "go on", "context": [1, 2, 3] }).to_string();
    assert_eq!(request(&mut x, body.as_bytes()).as_deref(), Ok(body.as_bytes()));
    let unread: Vec<_> = x.report.receipt.uninspected.iter().map(|part| (part.reason, part.path.as_str())).collect();
    assert_eq!(unread, [(Reason::UnknownType, "context")]);
    assert!(x.asked_for_stream(), "it streams unless it is told otherwise");
}

#[test]
fn lines_of_a_mistral_batch_are_read_as_requests() {
    let judge = judge_all();
    let line = |v: &str| {
        let body = json!({ "messages": [{ "role": "system", "content": v }, { "role": "user", "content": "hi" }] });
        format!("{}\n", json!({ "custom_id": "1", "body": body }))
    };
    let form = |v: &str| {
        let file = format!("{}{}", line("a"), line(v));
        format!(
            "--b\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"b.jsonl\"\r\n\r\n{file}\r\n--b--\r\n"
        )
    };
    let mut x = exchange(&judge, "mistral", "/v1/files");
    let head = BodyHead { content_type: Some("multipart/form-data; boundary=b"), content_encoding: None };
    let body = form(CARD);
    let out = sent(x.request(&head, body.as_bytes(), &mut Scratch::default()), body.as_bytes()).expect("it is sent on");
    assert_eq!(String::from_utf8_lossy(&out), form(LABEL));
    assert_eq!(x.report.found[0].path, "part[1].line[1].body.messages[0].content");
}

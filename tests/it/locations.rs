//! P1 and P3 for every place of a protocol where text can stand: what is found there goes, what was not found stays as it
//! was, and what nobody reads is in the receipt.

use crate::judging::{REDACT_ALL, exchange, judge, request, sent};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use portcullis::decode::Reason;
use portcullis::detect::Scratch;
use portcullis::exchange::{BodyHead, Exchange, Judge};
use serde_json::{Value, json};
use std::sync::Arc;

/// Generated; Luhn-valid.
const CARD: &str = "4539 5787 6362 1486";
const LABEL: &str = "[CREDIT_CARD]";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Request,
    Answer,
}
use Side::{Answer, Request};

/// Redacts everything found, and lets pass what nobody can read, so that the receipt shows it.
fn judge_all() -> Arc<Judge> {
    judge(&format!(
        "{REDACT_ALL}[[statement]]\nid = \"unread\"\ntitle = \"Unread\"\nmatch = {{ uninspected = [\"*\"] }}\naction = \"log\"\n"
    ))
}

/// Judges one side of an exchange; `Err` is the gateway's own answer.
fn pass(x: &mut Exchange, side: Side, body: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    match side {
        Request => request(x, body),
        Answer => {
            let head = BodyHead { content_type: Some("application/json"), content_encoding: None };
            let judged = x.answer(&head, body, &mut Scratch::default());
            sent(judged, body)
        }
    }
}

const CHAT: (&str, &str) = ("openai", "/v1/chat/completions");
const MESSAGES: (&str, &str) = ("anthropic", "/v1/messages");

fn data_uri(text: &str) -> String {
    format!("data:text/plain;base64,{}", BASE64_STANDARD.encode(text))
}

/// A name, where it goes, and a body made of the text in question: some places encode it.
type Sample = (&'static str, (&'static str, &'static str), Side, fn(&str) -> Value);

fn user(content: Value) -> Value {
    json!({ "model": "m", "messages": [{ "role": "user", "content": content }] })
}

fn assistant(message: Value) -> Value {
    json!({ "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 } })
}

fn answer_of(blocks: Value) -> Value {
    json!({ "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": blocks,
        "stop_reason": "end_turn", "stop_sequence": null, "usage": { "input_tokens": 1, "output_tokens": 1 } })
}

fn message_with(role: &str, blocks: Value) -> Value {
    json!({ "model": "m", "max_tokens": 9, "messages": [{ "role": role, "content": blocks }] })
}

const SAMPLES: &[Sample] = &[
    ("user text", CHAT, Request, |v| user(json!(format!("Grüße, {v}!")))),
    ("system", CHAT, Request, |v| json!({ "model": "m", "messages": [{ "role": "system", "content": v }] })),
    (
        "developer parts",
        CHAT,
        Request,
        |v| json!({ "model": "m", "messages": [{ "role": "developer", "content": [{ "type": "text", "text": v }] }] }),
    ),
    (
        "tool result",
        CHAT,
        Request,
        |v| json!({ "model": "m", "messages": [{ "role": "tool", "tool_call_id": "call_1", "content": v }] }),
    ),
    (
        "function result",
        CHAT,
        Request,
        |v| json!({ "model": "m", "messages": [{ "role": "function", "name": "f", "content": v }] }),
    ),
    (
        "message name",
        CHAT,
        Request,
        |v| json!({ "model": "m", "messages": [{ "role": "user", "name": v, "content": "hi" }] }),
    ),
    ("part of text", CHAT, Request, |v| user(json!([{ "type": "text", "text": v }]))),
    (
        "part of refusal",
        CHAT,
        Request,
        |v| json!({ "model": "m", "messages": [{ "role": "assistant", "content": [{ "type": "refusal", "refusal": v }] }] }),
    ),
    (
        "assistant refusal",
        CHAT,
        Request,
        |v| json!({ "model": "m", "messages": [{ "role": "assistant", "content": null, "refusal": v }] }),
    ),
    (
        "assistant reasoning",
        CHAT,
        Request,
        |v| json!({ "model": "m", "messages": [{ "role": "assistant", "content": "ok", "reasoning_content": v }] }),
    ),
    ("tool arguments", CHAT, Request, |v| {
        json!({ "model": "m", "messages": [{ "role": "assistant", "tool_calls": [{ "id": "call_1", "type": "function",
            "function": { "name": "pay", "arguments": format!("{{\"card\":\"{v}\",\"note\":\"a\\n\\u00e9\\\"\",\"n\":1.50}}") } }] }] })
    }),
    ("custom tool input", CHAT, Request, |v| {
        json!({ "model": "m", "messages": [{ "role": "assistant", "tool_calls": [{ "id": "call_1", "type": "custom",
            "custom": { "name": "pay", "input": format!("pay {v}") } }] }] })
    }),
    ("function_call", CHAT, Request, |v| {
        json!({ "model": "m", "messages": [{ "role": "assistant", "content": null,
            "function_call": { "name": "pay", "arguments": format!("{{\"card\": \"{v}\"}}") } }] })
    }),
    ("tool definition", CHAT, Request, |v| {
        json!({ "model": "m", "messages": [], "tools": [{ "type": "function", "function": { "name": "pay",
            "description": format!("Pays, for example with {v}."), "parameters": { "type": "object",
            "properties": { "card": { "type": "string", "enum": [v], "default": v } } } } }] })
    }),
    (
        "functions",
        CHAT,
        Request,
        |v| json!({ "model": "m", "messages": [], "functions": [{ "name": "pay", "description": v, "parameters": {} }] }),
    ),
    ("response_format", CHAT, Request, |v| {
        json!({ "model": "m", "messages": [], "response_format": { "type": "json_schema",
            "json_schema": { "name": "s", "schema": { "description": v, "const": v } } } })
    }),
    ("stop list", CHAT, Request, |v| json!({ "model": "m", "messages": [], "stop": ["END", v] })),
    ("stop", CHAT, Request, |v| json!({ "model": "m", "messages": [], "stop": v })),
    ("metadata", CHAT, Request, |v| json!({ "model": "m", "messages": [], "metadata": { "case": v, "k": "x" } })),
    (
        "prediction",
        CHAT,
        Request,
        |v| json!({ "model": "m", "messages": [], "prediction": { "type": "content", "content": format!("card = {v}\n") } }),
    ),
    (
        "prediction parts",
        CHAT,
        Request,
        |v| json!({ "model": "m", "messages": [], "prediction": { "type": "content", "content": [{ "type": "text", "text": v }] } }),
    ),
    ("user id", CHAT, Request, |v| json!({ "model": "m", "messages": [], "user": v, "safety_identifier": v })),
    ("web search location", CHAT, Request, |v| {
        json!({ "model": "m", "messages": [], "web_search_options": { "user_location": { "type": "approximate",
            "approximate": { "city": v } } } })
    }),
    ("file of text", CHAT, Request, |v| {
        user(
            json!([{ "type": "file", "file": { "filename": "a.txt", "file_data": data_uri(&format!("Karte: {v}\n")) } }]),
        )
    }),
    ("file name", CHAT, Request, |v| {
        user(json!([{ "type": "file", "file": { "filename": format!("{v}.txt"), "file_data": data_uri("hello\n") } }]))
    }),
    ("image url", CHAT, Request, |v| {
        user(
            json!([{ "type": "image_url", "image_url": { "url": format!("https://a.test/i?q={v}"), "detail": "low" } }]),
        )
    }),
    (
        "field of next month",
        CHAT,
        Request,
        |v| json!({ "model": "m", "messages": [{ "role": "user", "content": [{ "type": "new", "new": { "deep": [v] } }] }], "other": v }),
    ),
    ("answer text", CHAT, Answer, |v| assistant(json!({ "role": "assistant", "content": v }))),
    ("answer refusal", CHAT, Answer, |v| assistant(json!({ "role": "assistant", "content": null, "refusal": v }))),
    ("answer reasoning", CHAT, Answer, |v| {
        assistant(json!({ "role": "assistant", "content": "ok", "reasoning_content": v, "reasoning": v }))
    }),
    ("answer tool arguments", CHAT, Answer, |v| {
        assistant(json!({ "role": "assistant", "content": null, "tool_calls": [{ "id": "call_1", "type": "function",
            "function": { "name": "pay", "arguments": format!("{{\"card\":\"{v}\"}}") } }] }))
    }),
    ("answer custom input", CHAT, Answer, |v| {
        assistant(json!({ "role": "assistant", "content": null, "tool_calls": [{ "id": "call_1", "type": "custom",
            "custom": { "name": "pay", "input": v } }] }))
    }),
    ("answer function_call", CHAT, Answer, |v| {
        assistant(
            json!({ "role": "assistant", "content": null, "function_call": { "name": "pay", "arguments": format!("{{\"card\":\"{v}\"}}") } }),
        )
    }),
    ("answer annotation", CHAT, Answer, |v| {
        assistant(json!({ "role": "assistant", "content": "see", "annotations": [{ "type": "url_citation",
            "url_citation": { "title": v, "url": format!("https://a.test/{v}"), "start_index": 0, "end_index": 3 } }] }))
    }),
    ("answer transcript", CHAT, Answer, |v| {
        assistant(
            json!({ "role": "assistant", "content": null, "audio": { "id": "audio_1", "data": "AAAA", "transcript": v } }),
        )
    }),
    (
        "answer error",
        CHAT,
        Answer,
        |v| json!({ "error": { "message": v, "type": "invalid_request_error", "code": null } }),
    ),
    ("legacy prompt", ("openai", "/v1/completions"), Request, |v| json!({ "model": "m", "prompt": v, "suffix": v })),
    ("legacy prompts", ("openai", "/v1/completions"), Request, |v| json!({ "model": "m", "prompt": ["a", v] })),
    (
        "legacy answer",
        ("openai", "/v1/completions"),
        Answer,
        |v| json!({ "id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m", "choices": [{ "text": v, "index": 0, "logprobs": null }] }),
    ),
    ("embeddings", ("openai", "/v1/embeddings"), Request, |v| json!({ "model": "m", "input": ["a", v] })),
    ("responses", ("openai", "/v1/responses"), Request, |v| {
        json!({ "model": "m", "instructions": v, "input": [{ "role": "user", "content": [{ "type": "input_text", "text": v }] },
            { "type": "function_call", "call_id": "call_1", "name": "pay", "arguments": format!("{{\"card\":\"{v}\"}}") },
            { "type": "function_call_output", "call_id": "call_1", "output": v }] })
    }),
    ("responses answer", ("openai", "/v1/responses"), Answer, |v| {
        json!({ "id": "resp_1", "object": "response", "output": [{ "type": "message", "id": "msg_1", "role": "assistant",
            "content": [{ "type": "output_text", "text": v, "annotations": [] }] },
            { "type": "reasoning", "id": "rs_1", "summary": [{ "type": "summary_text", "text": v }], "encrypted_content": "gAAAA" }] })
    }),
    ("system text", MESSAGES, Request, |v| json!({ "model": "m", "max_tokens": 9, "system": v, "messages": [] })),
    (
        "system blocks",
        MESSAGES,
        Request,
        |v| json!({ "model": "m", "max_tokens": 9, "messages": [], "system": [{ "type": "text", "text": v, "cache_control": { "type": "ephemeral" } }] }),
    ),
    ("user string", MESSAGES, Request, |v| message_with("user", json!(v))),
    ("system in between", MESSAGES, Request, |v| message_with("system", json!(v))),
    ("assistant block", MESSAGES, Request, |v| {
        message_with(
            "assistant",
            json!([{ "type": "text", "text": v, "citations": [{ "type": "char_location",
            "cited_text": v, "document_title": v, "document_index": 0, "start_char_index": 0, "end_char_index": 9 }] }]),
        )
    }),
    ("tools", MESSAGES, Request, |v| {
        json!({ "model": "m", "max_tokens": 9, "messages": [], "tools": [{ "name": "pay", "description": v,
            "input_schema": { "type": "object", "properties": { "card": { "type": "string", "description": v } } } }] })
    }),
    (
        "metadata user",
        MESSAGES,
        Request,
        |v| json!({ "model": "m", "max_tokens": 9, "messages": [], "metadata": { "user_id": v } }),
    ),
    (
        "stop_sequences",
        MESSAGES,
        Request,
        |v| json!({ "model": "m", "max_tokens": 9, "messages": [], "stop_sequences": [v] }),
    ),
    (
        "output_config",
        MESSAGES,
        Request,
        |v| json!({ "model": "m", "max_tokens": 9, "messages": [], "output_config": { "format": { "type": "json_schema", "schema": { "description": v } } } }),
    ),
    (
        "mcp server",
        MESSAGES,
        Request,
        |v| json!({ "model": "m", "max_tokens": 9, "messages": [], "mcp_servers": [{ "type": "url", "url": format!("https://a.test/{v}"), "name": "s" }] }),
    ),
    ("document of text", MESSAGES, Request, |v| {
        message_with(
            "user",
            json!([{ "type": "document", "title": v, "context": v, "source": { "type": "text", "media_type": "text/plain", "data": v } }]),
        )
    }),
    ("document of base64 text", MESSAGES, Request, |v| {
        message_with(
            "user",
            json!([{ "type": "document", "source": { "type": "base64", "media_type": "text/plain",
            "data": BASE64_STANDARD.encode(format!("Karte {v}, bitte.")) } }]),
        )
    }),
    ("document of blocks", MESSAGES, Request, |v| {
        message_with(
            "user",
            json!([{ "type": "document", "source": { "type": "content", "content": [{ "type": "text", "text": v }] } }]),
        )
    }),
    ("document of a string", MESSAGES, Request, |v| {
        message_with("user", json!([{ "type": "document", "source": { "type": "content", "content": v } }]))
    }),
    ("search result", MESSAGES, Request, |v| {
        message_with(
            "user",
            json!([{ "type": "search_result", "source": v, "title": v, "content": [{ "type": "text", "text": v }] }]),
        )
    }),
    ("tool_use input", MESSAGES, Request, |v| {
        message_with(
            "assistant",
            json!([{ "type": "tool_use", "id": "toolu_1", "name": "pay",
            "input": { "card": v, "deep": [{ "x": v }], "n": 1.50, "ok": true } }]),
        )
    }),
    ("tool result string", MESSAGES, Request, |v| {
        message_with(
            "user",
            json!([{ "type": "tool_result", "tool_use_id": "toolu_1", "content": v, "is_error": false }]),
        )
    }),
    ("tool result blocks", MESSAGES, Request, |v| {
        message_with(
            "user",
            json!([{ "type": "tool_result", "tool_use_id": "toolu_1", "content": [{ "type": "text", "text": v },
            { "type": "search_result", "source": "s", "title": v, "content": [{ "type": "text", "text": v }] },
            { "type": "document", "source": { "type": "text", "media_type": "text/plain", "data": v } }] }]),
        )
    }),
    ("web search result", MESSAGES, Request, |v| {
        message_with(
            "assistant",
            json!([{ "type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": { "query": v } },
            { "type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [{ "type": "web_search_result",
                "title": v, "url": format!("https://a.test/{v}"), "encrypted_content": "EoA", "page_age": v }] }]),
        )
    }),
    ("web fetch result", MESSAGES, Request, |v| {
        message_with(
            "assistant",
            json!([{ "type": "web_fetch_tool_result", "tool_use_id": "srvtoolu_1", "content": {
            "type": "web_fetch_result", "url": "https://a.test/", "content": { "type": "document", "title": v,
            "source": { "type": "text", "media_type": "text/plain", "data": v } } } }]),
        )
    }),
    ("code execution", MESSAGES, Request, |v| {
        message_with(
            "assistant",
            json!([{ "type": "code_execution_tool_result", "tool_use_id": "srvtoolu_1", "content": {
            "type": "code_execution_result", "stdout": v, "stderr": v, "return_code": 0, "content": [] } },
            { "type": "text_editor_code_execution_tool_result", "tool_use_id": "srvtoolu_2", "content": {
            "type": "text_editor_code_execution_view_result", "file_type": "text", "content": v } }]),
        )
    }),
    ("mcp", MESSAGES, Request, |v| {
        message_with(
            "assistant",
            json!([{ "type": "mcp_tool_use", "id": "mcptoolu_1", "name": "n", "server_name": "s", "input": { "q": v } },
            { "type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "is_error": false, "content": [{ "type": "text", "text": v }] }]),
        )
    }),
    ("count_tokens", ("anthropic", "/v1/messages/count_tokens"), Request, |v| message_with("user", json!(v))),
    (
        "batches",
        ("anthropic", "/v1/messages/batches"),
        Request,
        |v| json!({ "requests": [{ "custom_id": "a", "params": message_with("user", json!([{ "type": "text", "text": v }])) }] }),
    ),
    (
        "complete",
        ("anthropic", "/v1/complete"),
        Request,
        |v| json!({ "model": "m", "prompt": format!("\n\nHuman: {v}\n\nAssistant:") }),
    ),
    ("message text", MESSAGES, Answer, |v| {
        answer_of(json!([{ "type": "text", "text": v, "citations": [{ "type": "web_search_result_location",
        "cited_text": v, "title": v, "url": "https://a.test/", "encrypted_index": "EoA" }] }]))
    }),
    ("message thinking", MESSAGES, Answer, |v| {
        answer_of(json!([{ "type": "thinking", "thinking": v, "signature": "EqQB" }]))
    }),
    ("message tool_use", MESSAGES, Answer, |v| {
        answer_of(json!([{ "type": "tool_use", "id": "toolu_1", "name": "pay", "input": { "card": v, "list": [v] } }]))
    }),
    ("message stop details", MESSAGES, Answer, |v| {
        let mut answer = answer_of(json!([]));
        answer["stop_details"] = json!({ "type": "refusal", "category": "c", "explanation": v });
        answer["stop_sequence"] = json!(v);
        answer
    }),
    (
        "complete answer",
        ("anthropic", "/v1/complete"),
        Answer,
        |v| json!({ "completion": v, "stop_reason": "stop_sequence" }),
    ),
];

/// Notes what differs, so that one run shows everything.
#[derive(Default)]
struct Problems(Vec<String>);

impl Problems {
    fn done(self, of: usize) {
        assert!(of > 0, "nothing was tried");
        assert!(self.0.is_empty(), "{} of {of}:\n{}", self.0.len(), self.0.join("\n"));
    }
}

#[test]
fn p1_a_value_goes_from_every_documented_place_and_all_else_stays() {
    let judge = judge_all();
    let mut problems = Problems::default();
    for (name, (provider, path), side, sample) in SAMPLES {
        let body = sample(CARD).to_string();
        let escaped = body.replace(CARD, &format!("\\u0034{}", &CARD[1..]));
        // in JSON within a string, the same escape would need another backslash
        let spellings =
            if body.contains("\\\"card") || body.contains("arguments") { vec![body] } else { vec![body, escaped] };
        for body in spellings {
            let mut x = exchange(&judge, provider, path);
            match pass(&mut x, *side, body.as_bytes()) {
                Err(reply) => problems.0.push(format!("{name}: refused: {}", String::from_utf8_lossy(&reply))),
                Ok(out) => match serde_json::from_slice::<Value>(&out) {
                    Ok(out) if out == sample(LABEL) => {}
                    Ok(out) => problems.0.push(format!("{name}: {out}")),
                    Err(error) => {
                        problems.0.push(format!("{name}: not JSON ({error}): {}", String::from_utf8_lossy(&out)))
                    }
                },
            }
        }
        // the same body with another word in the place leaves as it came
        let body = sample("Köln").to_string();
        let mut x = exchange(&judge, provider, path);
        if pass(&mut x, *side, body.as_bytes()) != Ok(body.into_bytes()) {
            problems.0.push(format!("{name}: changed without a finding"));
        }
    }
    problems.done(SAMPLES.len());
}

#[test]
fn p1_every_spelling_of_escapes_in_tool_arguments() {
    let judge = judge_all();
    let digits: String = CARD.chars().map(|c| format!("\\\\u{:04x}", u32::from(c))).collect();
    for (written, out) in [
        (format!(r#"{{\"card\":\"{digits}\",\"n\":1}}"#), format!(r#"{{"card":"{LABEL}","n":1}}"#)),
        (r#"{\"card\":4539578763621486,\"n\":1}"#.to_owned(), format!(r#"{{"card":"{LABEL}","n":1}}"#)),
        (format!(r#"[\"{CARD}\",{{\"{CARD}\":1}}]"#), format!(r#"["{LABEL}",{{"{LABEL}":1}}]"#)),
        (
            format!(r#"{{\"nested\":\"{{\\\"card\\\":\\\"{CARD}\\\"}}\"}}"#),
            format!(r#"{{"nested":"{{\"card\":\"{LABEL}\"}}"}}"#),
        ),
        (format!("no JSON: {CARD}"), format!("no JSON: {LABEL}")),
    ] {
        let body = format!(
            r#"{{"messages":[{{"role":"assistant","tool_calls":[{{"id":"c","type":"function","function":{{"name":"f","arguments":"{written}"}}}}]}}]}}"#
        );
        let mut x = exchange(&judge, CHAT.0, CHAT.1);
        let sent = pass(&mut x, Request, body.as_bytes()).expect("it is not refused");
        let sent: Value = serde_json::from_slice(&sent).expect("it stays JSON");
        assert_eq!(sent.pointer("/messages/0/tool_calls/0/function/arguments"), Some(&json!(out)));
    }
}

fn logprobs_of(text: &str) -> Value {
    let tokens: Vec<Value> = text
        .as_bytes()
        .chunks(3)
        .map(|t| {
            let token = String::from_utf8_lossy(t);
            json!({ "token": token, "logprob": -0.1, "bytes": t, "top_logprobs": [{ "token": token, "logprob": -0.1, "bytes": t }] })
        })
        .collect();
    json!({ "content": tokens, "refusal": null })
}

#[test]
fn p1_log_probabilities_go_with_what_they_repeat() {
    let judge = judge_all();
    let arguments = format!("{{\"card\":\"{CARD}\"}}");
    let call = json!({ "id": "c", "type": "function", "function": { "name": "f", "arguments": arguments } });
    for (message, text) in [
        (json!({ "role": "assistant", "content": CARD }), CARD),
        (json!({ "role": "assistant", "content": null, "reasoning_content": CARD }), CARD),
        // some servers give the tokens of calls and of reasoning as well
        (json!({ "role": "assistant", "content": null, "tool_calls": [call] }), arguments.as_str()),
    ] {
        let mut answer = assistant(message);
        answer["choices"][0]["logprobs"] = logprobs_of(text);
        let out = pass(&mut exchange(&judge, CHAT.0, CHAT.1), Answer, answer.to_string().as_bytes());
        let out: Value = serde_json::from_slice(&out.expect("it passes")).expect("it stays JSON");
        assert_eq!(out["choices"][0]["logprobs"], Value::Null, "{out}");
        assert!(!out.to_string().contains("536") && !out.to_string().contains("453"), "{out}");
    }
    // the flat form of the legacy API, also in chat answers of compatible servers
    let tokens: Vec<&str> = CARD.split_inclusive(' ').collect();
    let flat = json!({ "tokens": tokens, "token_logprobs": [-0.1, -0.1, -0.1, -0.1], "top_logprobs": null, "text_offset": [0, 5, 10, 15] });
    let legacy = json!({ "id": "cmpl-1", "object": "text_completion", "choices": [{ "index": 0, "text": CARD, "logprobs": flat }] });
    let mut chat = assistant(json!({ "role": "assistant", "content": CARD }));
    chat["choices"][0]["logprobs"] = flat;
    for (path, answer) in [("/v1/completions", legacy), ("/v1/chat/completions", chat)] {
        let out =
            pass(&mut exchange(&judge, "openai", path), Answer, answer.to_string().as_bytes()).expect("it passes");
        assert!(!String::from_utf8_lossy(&out).contains("5787"), "{}", String::from_utf8_lossy(&out));
        serde_json::from_slice::<Value>(&out).expect("it stays JSON");
    }
    // nothing found: not a byte changes
    let mut answer = assistant(json!({ "role": "assistant", "content": "The weather in Köln." }));
    answer["choices"][0]["logprobs"] = logprobs_of("The weather in Köln.");
    let body = answer.to_string().into_bytes();
    assert_eq!(pass(&mut exchange(&judge, CHAT.0, CHAT.1), Answer, &body), Ok(body));
}

#[test]
fn p3_signed_thinking_with_a_value_is_refused_and_without_one_passes_as_it_is() {
    let judge = judge_all();
    let body = |text: &str| {
        json!({ "model": "m", "max_tokens": 9, "messages": [{ "role": "user", "content": "hi" },
            { "role": "assistant", "content": [{ "type": "thinking", "thinking": text, "signature": "EqQBCgIYAg==" },
                { "type": "redacted_thinking", "data": "EmwKAhgBEgy3va3pzix" }, { "type": "text", "text": "ok" }] },
            { "role": "user", "content": "go on" }] })
        .to_string()
    };
    let mut x = exchange(&judge, MESSAGES.0, MESSAGES.1);
    let refused = request(&mut x, body(&format!("The card is {CARD}")).as_bytes()).expect_err("it cannot be redacted");
    let refused: Value = serde_json::from_slice(&refused).expect("the refusal is JSON");
    assert_eq!(refused["error"]["type"], "permission_error");
    let message = refused["error"]["message"].as_str().expect("there is a message");
    assert!(!message.is_empty() && !message.contains("4539"), "{message:?}");

    let mut x = exchange(&judge, MESSAGES.0, MESSAGES.1);
    let clean = body("Let me think.").into_bytes();
    assert_eq!(request(&mut x, &clean), Ok(clean));
    let opaque: Vec<&str> =
        (x.report.receipt.uninspected.iter()).filter(|u| u.reason == Reason::Opaque).map(|u| u.path.as_str()).collect();
    assert_eq!(opaque, ["messages[1].content[0].signature", "messages[1].content[1].data"]);
}

/// Bodies rich in places.
fn rich() -> Vec<(&'static str, (&'static str, &'static str), Side, Value)> {
    let mut all: Vec<(&str, (&str, &str), Side, Value)> =
        SAMPLES.iter().map(|(name, route, side, sample)| (*name, *route, *side, sample("Köln"))).collect();
    let image = BASE64_STANDARD.encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0");
    all.push(("rich chat", CHAT, Request, json!({
        "model": "gpt-5", "temperature": 0.5, "stream": false, "service_tier": "auto", "reasoning_effort": "low",
        "messages": [
            { "role": "developer", "content": "Be brief.", "name": "ops" },
            { "role": "user", "content": [{ "type": "text", "text": "Look" },
                { "type": "image_url", "image_url": { "url": format!("data:image/png;base64,{image}"), "detail": "low" } },
                { "type": "input_audio", "input_audio": { "data": image, "format": "wav" } },
                { "type": "file", "file": { "file_id": "file-abc" } }] },
            { "role": "assistant", "content": null, "audio": { "id": "audio_1" }, "tool_calls": [
                { "id": "call_1", "type": "function", "function": { "name": "f", "arguments": "{\"a\":\"b\"}" } }] },
            { "role": "tool", "tool_call_id": "call_1", "content": [{ "type": "text", "text": "done" }] },
            { "role": "user", "content": "Thanks" }],
        "tools": [{ "type": "function", "function": { "name": "f", "parameters": { "type": "object", "required": ["a"] } } }],
        "tool_choice": { "type": "function", "function": { "name": "f" } },
        "modalities": ["text"], "audio": { "voice": "alloy", "format": "wav" }, "prompt_cache_key": "k",
    })));
    all.push(("rich answer", CHAT, Answer, json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-5", "system_fingerprint": "fp_1", "service_tier": "default",
        "choices": [{ "index": 0, "finish_reason": "tool_calls", "message": { "role": "assistant", "content": "Hi", "refusal": null,
            "tool_calls": [{ "id": "call_1", "type": "function", "function": { "name": "f", "arguments": "{\"a\":\"b\"}" } }],
            "annotations": [{ "type": "url_citation", "url_citation": { "url": "https://a.test", "title": "t" } }] } },
            { "index": 1, "finish_reason": "content_filter", "message": { "role": "assistant", "content": null, "refusal": "No." } }],
        "prompt_filter_results": [{ "prompt_index": 0, "content_filter_results": { "hate": { "severity": "safe" } } }],
    })));
    let mut scored = assistant(json!({ "role": "assistant", "content": "Hi" }));
    scored["choices"][0]["logprobs"] = logprobs_of("Hi");
    all.push(("scored answer", CHAT, Answer, scored));
    all.push(("rich messages", MESSAGES, Request, json!({
        "model": "claude", "max_tokens": 9, "service_tier": "auto", "container": "container_1",
        "system": [{ "type": "text", "text": "Be brief.", "cache_control": { "type": "ephemeral", "ttl": "5m" } }],
        "thinking": { "type": "enabled", "budget_tokens": 1024 },
        "messages": [
            { "role": "user", "content": [{ "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": image } },
                { "type": "image", "source": { "type": "url", "url": "https://a.test/i.png" } },
                { "type": "image", "source": { "type": "file", "file_id": "file_1" } },
                { "type": "container_upload", "file_id": "file_2" }] },
            { "role": "assistant", "content": [{ "type": "thinking", "thinking": "Hm.", "signature": "EqQBCgIYAg==" },
                { "type": "redacted_thinking", "data": "EmwKAhgBEgy3va3pzix" },
                { "type": "tool_use", "id": "toolu_1", "name": "f", "input": { "a": { "b": ["c"] } } }] },
            { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "toolu_1", "content": [
                { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": image } },
                { "type": "tool_reference", "tool_name": "g" }] }] }],
        "tools": [{ "type": "web_search_20250305", "name": "web_search", "allowed_domains": ["a.test"] }],
        "tool_choice": { "type": "tool", "name": "f" },
        "context_management": { "edits": [{ "type": "clear_tool_uses_20250919" }] },
    })));
    all.push(("rich message", MESSAGES, Answer, json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "stop_reason": "tool_use", "stop_sequence": null,
        "container": { "id": "container_1", "expires_at": "2026-01-01T00:00:00Z" },
        "content": [{ "type": "thinking", "thinking": "Hm.", "signature": "EqQBCgIYAg==" },
            { "type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": { "query": "q" } },
            { "type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [{ "type": "web_search_result",
                "url": "https://a.test", "title": "t", "encrypted_content": "EoA", "page_age": "today" }] },
            { "type": "bash_code_execution_tool_result", "tool_use_id": "srvtoolu_2", "content": { "type": "bash_code_execution_result",
                "stdout": "o", "stderr": "e", "return_code": 0, "content": [{ "type": "bash_code_execution_output", "file_id": "file_1" }] } },
            { "type": "text", "text": "ok", "citations": [{ "type": "char_location", "cited_text": "c", "document_title": "d", "file_id": "file_1" }] }],
        "usage": { "input_tokens": 1, "output_tokens": 2, "service_tier": "standard" },
    })));
    all
}

/// Every place of a value: its pointer, its path in records, its key.
fn places(value: &Value, pointer: &str, path: &str, key: &str, out: &mut Vec<(String, String, String, Value)>) {
    out.push((pointer.into(), path.into(), key.into(), value.clone()));
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let dot = if path.is_empty() { "" } else { "." };
                places(inner, &format!("{pointer}/{key}"), &format!("{path}{dot}{key}"), key, out);
            }
        }
        Value::Array(list) => {
            for (i, inner) in list.iter().enumerate() {
                places(inner, &format!("{pointer}/{i}"), &format!("{path}[{i}]"), key, out);
            }
        }
        _ => {}
    }
}

/// Fields of provider state, and of bytes that no rule reads: the receipt must name them.
const DECLARED: &[(&str, &[Reason])] = &[
    ("signature", &[Reason::Opaque]),
    ("encrypted_content", &[Reason::Opaque]),
    ("encrypted_index", &[Reason::Opaque]),
    ("data", &[Reason::Opaque, Reason::UnknownType, Reason::Malformed]),
    ("file_data", &[Reason::UnknownType, Reason::Malformed]),
];

#[test]
fn p3_every_string_leaf_is_read_or_in_the_receipt() {
    let judge = judge_all();
    let mut problems = Problems::default();
    let mut tried = 0;
    for (name, (provider, route), side, sample) in rich() {
        let mut all = Vec::new();
        places(&sample, "", "", "", &mut all);
        for (pointer, path, key, _) in all.iter().filter(|(.., value)| value.is_string()) {
            tried += 1;
            let mut body = sample.clone();
            let mut wanted = sample.clone();
            // four numbers would be JSON of another shape
            let planted =
                |value: &str| if key == "arguments" { json!({ "card": value }).to_string() } else { value.into() };
            *body.pointer_mut(pointer).expect("it is there") = planted(CARD).into();
            *wanted.pointer_mut(pointer).expect("it is there") = planted(LABEL).into();
            let mut x = exchange(&judge, provider, route);
            let out = match pass(&mut x, side, body.to_string().as_bytes()) {
                Ok(out) => out,
                Err(_) if side == Request && key == "thinking" => continue,
                Err(reply) => {
                    problems.0.push(format!("{name} {path}: refused: {}", String::from_utf8_lossy(&reply)));
                    continue;
                }
            };
            let Ok(out) = serde_json::from_slice::<Value>(&out) else {
                problems.0.push(format!("{name} {path}: no longer JSON"));
                continue;
            };
            // log probabilities go with what they repeat
            let logprobs = "/choices/0/logprobs";
            if out.pointer(logprobs) == Some(&Value::Null) && !pointer.starts_with(logprobs) {
                *wanted.pointer_mut(logprobs).expect("it is in the answer") = Value::Null;
            }
            // numbers that count into a text move with it
            for (counted, ..) in all.iter().filter(|(.., key, _)| key == "end_index") {
                *wanted.pointer_mut(counted).expect("it is there") = out.pointer(counted).cloned().unwrap_or_default();
            }
            if out == wanted {
                continue;
            }
            let declared = DECLARED.iter().find(|(field, _)| field == key);
            let receipt = x.report.receipt.uninspected.iter().find(|u| u.path == *path);
            let known = matches!((declared, receipt), (Some((_, reasons)), Some(u)) if reasons.contains(&u.reason));
            if !known || out != body {
                problems.0.push(format!("{name} {path}: {receipt:?}: {out}"));
            }
        }
    }
    problems.done(tried);
}

#[test]
fn p3_a_field_that_nobody_knows_is_read_in_every_object() {
    let judge = judge_all();
    let mut problems = Problems::default();
    let mut tried = 0;
    for (name, (provider, route), side, sample) in rich() {
        let mut all = Vec::new();
        places(&sample, "", "", "", &mut all);
        for (pointer, path, ..) in all.iter().filter(|(.., value)| value.is_object()) {
            for (field, value) in [
                ("brand_new", json!(CARD)),
                ("brand_new", json!([{ "deep": { "er": CARD } }])),
                ("brand_new", json!(4_539_578_763_621_486_u64)),
                (CARD, json!(true)),
            ] {
                tried += 1;
                let mut body = sample.clone();
                body.pointer_mut(pointer).expect("it is there")[field] = value.clone();
                let mut x = exchange(&judge, provider, route);
                let Ok(out) = pass(&mut x, side, body.to_string().as_bytes()) else {
                    problems.0.push(format!("{name} {path} + {field}: refused"));
                    continue;
                };
                let text = String::from_utf8_lossy(&out);
                if serde_json::from_slice::<Value>(&out).is_err()
                    || text.contains(CARD)
                    || text.contains("4539578763621486")
                {
                    problems.0.push(format!("{name} {path} + {field}: {value}: {text}"));
                }
                let told = format!("{:?}", x.report);
                if told.contains(CARD) {
                    problems.0.push(format!("{name} {path} + {field}: the report repeats the value"));
                }
            }
        }
    }
    problems.done(tried);
}

//! The endpoints beside chats and responses: where their text stands, and what of them nobody reads.

use super::{CARD, answer, judge_all, unread};
use crate::judging::{exchange, request};
use portcullis::decode::Reason;
use portcullis::diagnostic::reader::Choice;
use serde_json::{Value, json};

/// A path, a body made of the text in question, and the channel it stands in.
type Sample = (&'static str, fn(&str) -> Value, &'static str);

const REQUESTS: &[Sample] = &[
    ("/v1/completions", |v| json!({ "model": "m", "prompt": [v, "b"], "suffix": v }), "prompt"),
    ("/v1/embeddings", |v| json!({ "model": "m", "input": v }), "prompt"),
    ("/v1/moderations", |v| json!({ "input": v }), "prompt"),
    ("/v1/moderations", |v| json!({ "input": [{ "type": "text", "text": v }] }), "prompt"),
    ("/v1/images/generations", |v| json!({ "model": "m", "prompt": v, "n": 1 }), "prompt"),
    ("/v1/audio/speech", |v| json!({ "model": "m", "voice": "alloy", "input": v }), "prompt"),
    ("/v1/audio/speech", |v| json!({ "model": "m", "voice": "alloy", "input": "hi", "instructions": v }), "system"),
    ("/v1/responses/input_tokens", |v| json!({ "model": "m", "input": v }), "prompt"),
    ("/v1/responses/compact", |v| json!({ "model": "m", "input": [{ "role": "user", "content": v }] }), "prompt"),
    ("/v1/conversations", |v| json!({ "items": [{ "type": "message", "role": "user", "content": v }] }), "prompt"),
    (
        "/v1/conversations/conv_1/items",
        |v| json!({ "items": [{ "type": "function_call_output", "call_id": "c", "output": v }] }),
        "tool_result",
    ),
    ("/v1/vector_stores/vs_1/search", |v| json!({ "query": v }), "prompt"),
    ("/v1/vector_stores/vs_1/search", |v| json!({ "query": ["a", v] }), "prompt"),
    ("/v1/vector_stores/vs_1/files", |v| json!({ "file_id": "file-1", "attributes": { "note": v } }), "prompt"),
    ("/v1/assistants", |v| json!({ "model": "m", "instructions": v, "description": v }), "system"),
    (
        "/v1/threads",
        |v| json!({ "messages": [{ "role": "user", "content": [{ "type": "text", "text": v }] }] }),
        "prompt",
    ),
    ("/v1/threads/thread_1/messages", |v| json!({ "role": "user", "content": v }), "prompt"),
    ("/v1/threads/thread_1/runs", |v| json!({ "assistant_id": "a", "additional_instructions": v }), "system"),
    (
        "/v1/threads/runs",
        |v| json!({ "assistant_id": "a", "thread": { "messages": [{ "role": "user", "content": v }] } }),
        "prompt",
    ),
    (
        "/v1/threads/thread_1/runs/run_1/submit_tool_outputs",
        |v| json!({ "tool_outputs": [{ "tool_call_id": "c", "output": v }] }),
        "tool_result",
    ),
    ("/v1/realtime/client_secrets", |v| json!({ "session": { "type": "realtime", "instructions": v } }), "system"),
    (
        "/v1/traces/ingest",
        |v| json!({ "data": [{ "object": "trace.span", "span_data": { "type": "generation", "input": [{ "role": "system", "content": v }] } }] }),
        "system",
    ),
    (
        "/v1/traces/ingest",
        |v| json!({ "data": [{ "object": "trace.span", "span_data": { "type": "function", "input": v, "output": v } }] }),
        "prompt",
    ),
    ("/v1/chat/completions/chatcmpl-1", |v| json!({ "metadata": { "note": v } }), "prompt"),
    ("/tokenize", |v| json!({ "model": "m", "prompt": v }), "prompt"),
    ("/tokenize", |v| json!({ "model": "m", "messages": [{ "role": "system", "content": v }] }), "system"),
    ("/v1/rerank", |v| json!({ "model": "m", "query": v, "documents": [v, { "text": v }] }), "prompt"),
    ("/score", |v| json!({ "model": "m", "text_1": v, "text_2": [v] }), "prompt"),
    ("/v1/chat/completions", |v| json!({ "messages": [], "chat_template": v }), "system"),
    ("/v1/chat/completions", |v| json!({ "messages": [], "guided_json": { "const": v } }), "system"),
    (
        "/v1/chat/completions",
        |v| json!({ "messages": [{ "role": "assistant", "content": null, "tool_calls": [{ "function": { "name": "f", "arguments": { "a": v } } }] }] }),
        "tool_call",
    ),
    (
        "/v1/chat/completions",
        |v| json!({ "messages": [{ "role": "assistant", "content": "a", "reasoning_details": [{ "type": "reasoning.text", "text": v }] }] }),
        "response",
    ),
];

const ANSWERS: &[Sample] = &[
    (
        "/v1/chat/completions",
        |v| json!({ "object": "list", "data": [{ "object": "chat.completion", "choices": [{ "message": { "role": "assistant", "content": v } }] }] }),
        "response",
    ),
    (
        "/v1/chat/completions/chatcmpl-1/messages",
        |v| json!({ "object": "list", "data": [{ "role": "user", "content": v }] }),
        "prompt",
    ),
    ("/v1/completions", |v| json!({ "choices": [{ "text": v }] }), "response"),
    ("/v1/images/generations", |v| json!({ "data": [{ "revised_prompt": v }] }), "response"),
    ("/v1/audio/transcriptions", |v| json!({ "text": v, "segments": [{ "text": v, "start": 0.5 }] }), "response"),
    ("/v1/responses/resp_1", |v| json!({ "object": "response", "output": [], "instructions": v }), "system"),
    (
        "/v1/responses/compact",
        |v| json!({ "object": "response.compaction", "output": [{ "role": "user", "content": v }] }),
        "prompt",
    ),
    (
        "/v1/conversations/conv_1/items",
        |v| json!({ "object": "list", "data": [{ "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": v }] }] }),
        "response",
    ),
    (
        "/v1/conversations/conv_1/items/msg_1",
        |v| json!({ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": v }] }),
        "prompt",
    ),
    (
        "/v1/vector_stores/vs_1/search",
        |v| json!({ "object": "vector_store.search_results.page", "data": [{ "filename": "a", "content": [{ "type": "text", "text": v }] }] }),
        "tool_result",
    ),
    (
        "/v1/threads/thread_1/messages",
        |v| json!({ "object": "list", "data": [{ "object": "thread.message", "role": "assistant", "content": [{ "type": "text", "text": { "value": v, "annotations": [] } }] }] }),
        "response",
    ),
    (
        "/v1/threads/thread_1/runs/run_1/steps",
        |v| json!({ "object": "list", "data": [{ "object": "thread.run.step", "step_details": { "tool_calls": [{ "function": { "arguments": format!("{{\"a\":\"{v}\"}}") } }] } }] }),
        "tool_call",
    ),
    (
        "/v1/chat/completions",
        |v| json!({ "choices": [{ "message": { "content": [{ "type": "thinking", "thinking": [{ "type": "text", "text": v }] }, { "type": "text", "text": v }] } }] }),
        "response",
    ),
    (
        "/v1/chat/completions",
        |v| json!({ "choices": [{ "message": { "role": "assistant", "content": "a", "context": { "citations": [{ "content": v, "title": v }], "intent": "[]" } } }] }),
        "tool_result",
    ),
    (
        "/v1/chat/completions",
        |v| json!({ "choices": [{ "message": { "role": "assistant", "content": "a", "tool_calls": [{ "function": { "name": "f", "arguments": { "a": v } } }] } }] }),
        "tool_call",
    ),
    ("/v1/chat/completions", |v| json!({ "object": "error", "message": v, "code": 400 }), "response"),
];

#[test]
fn p1_a_value_goes_from_every_endpoint_and_is_told_by_its_channel() {
    let judge = judge_all();
    let mut problems = Vec::new();
    for (sent, samples) in [(true, REQUESTS), (false, ANSWERS)] {
        for (path, sample, channel) in samples {
            let (body, wanted) = (sample(CARD), sample("[CREDIT_CARD]"));
            let mut x = exchange(&judge, "openai", path);
            let out = match sent {
                true => request(&mut x, body.to_string().as_bytes()).expect("it passes"),
                false => answer(&mut x, &body).to_string().into_bytes(),
            };
            let out: Value = serde_json::from_slice(&out).expect("it stays JSON");
            let channels: Vec<&str> = x.report.found.iter().map(|found| found.channel.name()).collect();
            if out != wanted || channels.iter().any(|found| found != channel) || channels.is_empty() {
                problems.push(format!("{path}: {channels:?}, not {channel}: {out}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn p3_what_nobody_reads_of_an_endpoint_is_in_the_receipt() {
    use Reason::{Opaque, Remote, UnknownType};
    let judge = judge_all();
    let image = "iVBORw0KGgoAAAANSUhEUg==";
    let requests = [
        ("/v1/embeddings", json!({ "input": [[1, 2], [3]] }), vec![(UnknownType, "input")]),
        ("/v1/completions", json!({ "prompt": [1, 2] }), vec![(UnknownType, "prompt")]),
        ("/detokenize", json!({ "tokens": [1, 2] }), vec![(UnknownType, "tokens")]),
        (
            "/v1/moderations",
            json!({ "input": [{ "type": "image_url", "image_url": { "url": "https://a.test/i" } }] }),
            vec![(Remote, "input[0].image_url.url")],
        ),
        (
            "/v1/batches",
            json!({ "input_file_id": "file-1", "endpoint": "/v1/responses" }),
            vec![(Remote, "input_file_id")],
        ),
        ("/v1/fine_tuning/jobs", json!({ "training_file": "file-1" }), vec![(Remote, "training_file")]),
        ("/v1/vector_stores", json!({ "file_ids": ["file-1"] }), vec![(Remote, "file_ids[0]")]),
    ];
    for (path, body, wanted) in requests {
        let mut x = exchange(&judge, "openai", path);
        let body = body.to_string().into_bytes();
        assert_eq!(request(&mut x, &body), Ok(body));
        assert_eq!(unread(&x), wanted, "{path}");
    }
    let answers = [
        ("/v1/conversations", json!({ "id": "conv_1", "object": "conversation", "metadata": {} }), vec![]),
        (
            "/v1/images/generations",
            json!({ "data": [{ "b64_json": image }, { "url": "https://a.test/i" }] }),
            vec![(UnknownType, "data[0].b64_json"), (Remote, "data[1].url")],
        ),
        (
            "/v1/embeddings",
            json!({ "data": [{ "embedding": "CHRVu/0s07wSRPM8", "index": 0 }] }),
            vec![(Opaque, "data[0].embedding")],
        ),
        (
            "/v1/embeddings",
            json!({ "data": [{ "embedding": [-0.123_456_789, 0.987_654_321e-3], "index": 0 }] }),
            vec![],
        ),
        (
            "/v1/chat/completions",
            json!({ "prompt_logprobs": [null, { "17": { "logprob": -1.5, "decoded_token": "Hi" } }], "choices": [{ "token_ids": [1] }] }),
            vec![(UnknownType, "choices[0].token_ids"), (UnknownType, "prompt_logprobs")],
        ),
        (
            "/v1/chat/completions",
            json!({ "choices": [{ "message": { "role": "assistant", "reasoning_details": [{ "type": "reasoning.encrypted", "data": "gAAAA" }] } }] }),
            vec![(Opaque, "choices[0].message.reasoning_details[0].data")],
        ),
    ];
    for (path, body, wanted) in answers {
        let mut x = exchange(&judge, "openai", path);
        assert_eq!(answer(&mut x, &body), body);
        assert_eq!(unread(&x), wanted, "{path}");
    }
}

//! Cohere's API v2, as the stand-in model speaks it.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::answer::{Answer, deltas, tokens, vectors};
use super::ask::Ask;
use super::wire::{self, Reply};

/// Answers `POST /v2/chat`.
pub(super) fn chat(body: &[u8]) -> Response<Reply> {
    let Ok(mut request) = serde_json::from_slice::<Value>(body) else {
        return error(StatusCode::BAD_REQUEST, "the body is not JSON");
    };
    // What differs from Chat Completions: these words are in capitals there, and a schema stands by itself.
    if let Some(choice) = request["tool_choice"].as_str() {
        request["tool_choice"] = choice.to_lowercase().into();
    }
    if let Some(schema) = request["response_format"].get("json_schema").cloned() {
        request["response_format"] = json!({"type": "json_schema", "json_schema": {"schema": schema}});
    }
    let ask = match Ask::chat(&request) {
        Ok(ask) => ask,
        Err(problem) => return error(StatusCode::BAD_REQUEST, &problem),
    };
    if let Some(status) = ask.options.status {
        return error(status, "the request asked for this error");
    }
    let answer = Answer::new(&ask, 0);
    if ask.stream {
        let event = |data: Value| {
            Bytes::from(format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default()))
        };
        let mut events: Vec<Bytes> = events(body, &ask, &answer).into_iter().map(event).collect();
        events.push(Bytes::from_static(b"data: [DONE]\n\n"));
        return wire::sse(events, &ask.options);
    }
    let message = match &answer {
        Answer::Text(text) => json!({"role": "assistant", "content": [{"type": "text", "text": text}]}),
        Answer::Calls(calls) => {
            let call = |(index, call): (usize, &super::answer::Call)| {
                tool_call(body, index, json!({"name": call.name, "arguments": call.arguments}))
            };
            json!({"role": "assistant", "tool_calls": calls.iter().enumerate().map(call).collect::<Value>()})
        }
    };
    let whole = json!({
        "id": wire::id("", body, 0), "message": message, "finish_reason": finish_reason(&answer), "usage": usage(&ask, &answer),
    });
    wire::json(StatusCode::OK, &whole)
}

/// Answers `POST /v2/embed`.
pub(super) fn embed(body: &[u8]) -> Response<Reply> {
    let Ok(request) = serde_json::from_slice::<Value>(body) else {
        return error(StatusCode::BAD_REQUEST, "the body is not JSON");
    };
    let embedded = json!({
        "id": wire::id("", body, 0), "texts": request["texts"], "embeddings": {"float": vectors(&request["texts"])},
        "response_type": "embeddings_by_type", "meta": {"api_version": {"version": "2"}},
    });
    wire::json(StatusCode::OK, &embedded)
}

/// An error in the API's shape.
pub(super) fn error(status: StatusCode, message: &str) -> Response<Reply> {
    let id = wire::id("", message.as_bytes(), usize::from(status.as_u16()));
    wire::json(status, &json!({"id": id, "message": message}))
}

/// The events of a streamed answer.
fn events(body: &[u8], ask: &Ask, answer: &Answer) -> Vec<Value> {
    let message =
        |kind: &str, index: usize, message: Value| json!({"type": kind, "index": index, "delta": {"message": message}});
    let start = json!({"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []});
    let mut events = vec![json!({"id": wire::id("", body, 0), "type": "message-start", "delta": {"message": start}})];
    match answer {
        Answer::Text(text) => {
            events.push(message("content-start", 0, json!({"content": {"type": "text", "text": ""}})));
            let pieces = deltas(text, ask.options.chunk).into_iter();
            events.extend(pieces.map(|piece| message("content-delta", 0, json!({"content": {"text": piece}}))));
            events.push(json!({"type": "content-end", "index": 0}));
        }
        Answer::Calls(calls) => {
            for (index, call) in calls.iter().enumerate() {
                let begun = tool_call(body, index, json!({"name": call.name, "arguments": ""}));
                events.push(message("tool-call-start", index, json!({"tool_calls": begun})));
                let pieces = call.fragments(ask.options.chunk).into_iter();
                let delta = |piece| json!({"tool_calls": {"function": {"arguments": piece}}});
                events.extend(pieces.map(|piece| message("tool-call-delta", index, delta(piece))));
                events.push(json!({"type": "tool-call-end", "index": index}));
            }
        }
    }
    let end = json!({"finish_reason": finish_reason(answer), "usage": usage(ask, answer)});
    events.push(json!({"type": "message-end", "delta": end}));
    events
}

fn tool_call(body: &[u8], index: usize, function: Value) -> Value {
    json!({"id": wire::id("call_", body, index + 1), "type": "function", "function": function})
}

fn finish_reason(answer: &Answer) -> &'static str {
    match answer {
        Answer::Text(_) => "COMPLETE",
        Answer::Calls(_) => "TOOL_CALL",
    }
}

fn usage(ask: &Ask, answer: &Answer) -> Value {
    let counts = json!({"input_tokens": tokens(ask.characters), "output_tokens": answer.tokens()});
    json!({"billed_units": counts, "tokens": counts})
}

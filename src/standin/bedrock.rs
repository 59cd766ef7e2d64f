//! Amazon Bedrock's Converse and InvokeModel, as the stand-in model speaks them. Signatures are not looked at.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::answer::{Answer, deltas, tokens, vector};
use super::ask::{Ask, Options};
use super::messages;
use super::wire::{self, Reply};
use crate::decode::event_stream::frame;

/// The beginning of the names of models that are spoken to as the Anthropic API is.
const ANTHROPIC: &str = "anthropic.";

/// Answers `POST /model/{model}/{operation}`.
pub(super) fn call(target: &str, body: &[u8]) -> Response<Reply> {
    let Some((model, operation)) = target.rsplit_once('/') else {
        return error(StatusCode::NOT_FOUND, "the stand-in model has no such operation");
    };
    let model = percent_decode_str(model).decode_utf8_lossy();
    let Ok(request) = serde_json::from_slice::<Value>(body) else {
        return error(StatusCode::BAD_REQUEST, "the body is not JSON");
    };
    match operation {
        "converse" => converse(&model, &request, false),
        "converse-stream" => converse(&model, &request, true),
        "invoke" | "invoke-with-response-stream" => match model.strip_prefix(ANTHROPIC) {
            Some(model) => invoke(model, request, operation != "invoke"),
            None if operation == "invoke" => embed(&request),
            None => error(StatusCode::NOT_FOUND, "the stand-in model has no such operation"),
        },
        _ => error(StatusCode::NOT_FOUND, "the stand-in model has no such operation"),
    }
}

/// An error in the API's shape.
pub(super) fn error(status: StatusCode, message: &str) -> Response<Reply> {
    let name = match status.as_u16() {
        400 => "ValidationException",
        401 | 403 => "AccessDeniedException",
        404 => "ResourceNotFoundException",
        429 => "ThrottlingException",
        503 => "ServiceUnavailableException",
        _ => "InternalServerException",
    };
    let mut response = wire::json(status, &json!({"message": message}));
    response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(name));
    response
}

fn converse(model: &str, request: &Value, stream: bool) -> Response<Reply> {
    let ask = match Ask::chat(&as_chat(model, request)) {
        Ok(ask) => ask,
        Err(problem) => return error(StatusCode::BAD_REQUEST, &problem),
    };
    if let Some(status) = ask.options.status {
        return error(status, "the request asked for this error");
    }
    let answer = Answer::new(&ask, 0);
    if stream {
        return events(converse_events(&ask, &answer), &ask.options);
    }
    let content: Value = match &answer {
        Answer::Text(text) => json!([{"text": text}]),
        Answer::Calls(calls) => {
            let call = |(index, call): (usize, &super::answer::Call)| json!({"toolUse": {"toolUseId": call_id(index), "name": call.name, "input": call.value()}});
            calls.iter().enumerate().map(call).collect()
        }
    };
    let body = json!({
        "output": {"message": {"role": "assistant", "content": content}}, "stopReason": stop_reason(&answer),
        "usage": usage(&ask, &answer), "metrics": {"latencyMs": 1},
    });
    wire::json(StatusCode::OK, &body)
}

/// The name and payload of each event of a streamed answer.
fn converse_events(ask: &Ask, answer: &Answer) -> Vec<(&'static str, Value)> {
    let mut events = vec![("messageStart", json!({"role": "assistant"}))];
    let delta = |index: usize, delta: Value| ("contentBlockDelta", json!({"contentBlockIndex": index, "delta": delta}));
    let stop = |index: usize| ("contentBlockStop", json!({"contentBlockIndex": index}));
    match answer {
        Answer::Text(text) => {
            events.extend(deltas(text, ask.options.chunk).into_iter().map(|piece| delta(0, json!({"text": piece}))));
            events.push(stop(0));
        }
        Answer::Calls(calls) => {
            for (index, call) in calls.iter().enumerate() {
                let start = json!({"toolUse": {"toolUseId": call_id(index), "name": call.name}});
                events.push(("contentBlockStart", json!({"contentBlockIndex": index, "start": start})));
                let fragments = call.fragments(ask.options.chunk).into_iter();
                events.extend(fragments.map(|piece| delta(index, json!({"toolUse": {"input": piece}}))));
                events.push(stop(index));
            }
        }
    }
    events.push(("messageStop", json!({"stopReason": stop_reason(answer)})));
    events.push(("metadata", json!({"usage": usage(ask, answer), "metrics": {"latencyMs": 1}})));
    events
}

/// InvokeModel of a model of Anthropic's: the bodies of its own API, the model and the stream named by the path.
fn invoke(model: &str, mut request: Value, stream: bool) -> Response<Reply> {
    request["model"] = model.into();
    let options = match Options::split(model) {
        Ok((_, options)) => options,
        Err(problem) => return error(StatusCode::BAD_REQUEST, &problem),
    };
    if let Some(status) = options.status {
        return error(status, "the request asked for this error");
    }
    let body = request.to_string();
    if !stream {
        return messages::create(body.as_bytes());
    }
    match messages::events(body.as_bytes()) {
        Ok(all) => {
            let chunk = |event: Value| ("chunk", json!({"bytes": BASE64_STANDARD.encode(event.to_string())}));
            events(all.into_iter().map(chunk).collect(), &options)
        }
        Err(problem) => error(StatusCode::BAD_REQUEST, &problem),
    }
}

/// InvokeModel of Amazon's text embeddings.
fn embed(request: &Value) -> Response<Reply> {
    let Some(text) = request["inputText"].as_str() else {
        return error(StatusCode::BAD_REQUEST, "`inputText` must be a string");
    };
    let tokens = tokens(text.chars().count());
    wire::json(StatusCode::OK, &json!({"embedding": vector(text), "inputTextTokenCount": tokens}))
}

fn events(events: Vec<(&str, Value)>, options: &Options) -> Response<Reply> {
    let framed = |(name, payload): &(&str, Value)| {
        let headers = [(":event-type", *name), (":content-type", "application/json"), (":message-type", "event")];
        Bytes::from(frame(&headers, payload.to_string().as_bytes()))
    };
    wire::stream("application/vnd.amazon.eventstream", events.iter().map(framed).collect(), options)
}

/// The request in the terms of Chat Completions.
fn as_chat(model: &str, request: &Value) -> Value {
    let given = request["messages"].as_array().into_iter().flatten();
    let mut messages: Vec<Value> = given.map(message).collect();
    if request["system"].is_array() {
        messages.insert(0, json!({"role": "system", "content": request["system"]}));
    }
    let config = &request["toolConfig"];
    let tools: Value = config["tools"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|tool| tool.get("toolSpec"))
        .map(|tool| json!({"function": {"name": tool["name"], "parameters": tool["inputSchema"]["json"]}}))
        .collect();
    let choice = &config["toolChoice"];
    let mut chat = json!({"model": model, "messages": messages, "tools": tools});
    chat["tool_choice"] = match choice["tool"]["name"].as_str() {
        Some(name) => json!({"function": {"name": name}}),
        None if choice.get("any").is_some() => "required".into(),
        None => "auto".into(),
    };
    // The schema is JSON text.
    let schema = request["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"].as_str();
    if let Some(schema) = schema.and_then(|schema| serde_json::from_str::<Value>(schema).ok()) {
        chat["response_format"] = json!({"type": "json_schema", "json_schema": {"schema": schema}});
    }
    chat
}

fn message(message: &Value) -> Value {
    let blocks = message["content"].as_array().map(Vec::as_slice).unwrap_or_default();
    if let Some(result) = blocks.iter().find_map(|block| block.get("toolResult")) {
        let parts = result["content"].as_array().into_iter().flatten();
        let texts: Value =
            parts.map(|part| part.get("json").map_or(part.clone(), |json| json!({"text": json.to_string()}))).collect();
        return json!({"role": "tool", "content": texts});
    }
    let parts: Value = blocks
        .iter()
        .map(|block| match block["image"]["source"]["bytes"].as_str() {
            Some(data) => json!({"type": "image_url", "image_url": {"url": format!("data:;base64,{data}")}}),
            None => block.clone(),
        })
        .collect();
    json!({"role": message["role"], "content": parts})
}

fn call_id(index: usize) -> String {
    format!("tooluse_{index}")
}

fn stop_reason(answer: &Answer) -> &'static str {
    match answer {
        Answer::Text(_) => "end_turn",
        Answer::Calls(_) => "tool_use",
    }
}

fn usage(ask: &Ask, answer: &Answer) -> Value {
    let (input, output) = (tokens(ask.characters), answer.tokens());
    json!({"inputTokens": input, "outputTokens": output, "totalTokens": input + output})
}

//! OpenAI Responses, as the stand-in model speaks them.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use super::CREATED;
use super::answer::{Answer, deltas, tokens};
use super::ask::Ask;
use super::chat::error;
use super::wire::{self, Reply};

/// Answers `POST /v1/responses`.
pub(super) fn create(body: &[u8]) -> Response<Reply> {
    let Ok(request) = serde_json::from_slice::<Value>(body) else {
        return error(StatusCode::BAD_REQUEST, "the body is not JSON");
    };
    let ask = match Ask::chat(&as_chat(&request)) {
        Ok(ask) => ask,
        Err(problem) => return error(StatusCode::BAD_REQUEST, &problem),
    };
    if let Some(status) = ask.options.status {
        return error(status, "the request asked for this error");
    }
    let made = Made { body, request: &request, ask: &ask, answer: Answer::new(&ask, 0) };
    let mut response =
        if ask.stream { wire::sse(made.events(), &ask.options) } else { wire::json(StatusCode::OK, &made.whole()) };
    let id = wire::id("req_", body, 0);
    response.headers_mut().insert("x-request-id", HeaderValue::from_str(&id).expect("letters and digits"));
    response
}

/// The request in the terms of Chat Completions.
fn as_chat(request: &Value) -> Value {
    let mut messages: Vec<Value> = match &request["input"] {
        Value::Array(items) => items.iter().map(message).collect(),
        text => vec![json!({"role": "user", "content": text})],
    };
    if request["instructions"].is_string() {
        messages.insert(0, json!({"role": "system", "content": request["instructions"]}));
    }
    let own = request["tools"].as_array().into_iter().flatten().filter(|tool| tool["type"] == "function");
    let tools: Value = own.map(|tool| json!({"type": "function", "function": tool})).collect();
    let choice = match request["tool_choice"].get("name") {
        Some(name) => json!({"function": {"name": name}}),
        None => request["tool_choice"].clone(),
    };
    let format = &request["text"]["format"];
    json!({
        "model": request["model"], "messages": messages, "tools": tools, "stream": request["stream"],
        "tool_choice": if choice.is_null() { "auto".into() } else { choice },
        "response_format": {"type": format["type"], "json_schema": format},
    })
}

/// An item of the input as a message.
fn message(item: &Value) -> Value {
    match item["type"].as_str() {
        Some("function_call_output") => json!({"role": "tool", "content": item["output"]}),
        None | Some("message") => {
            let parts = item["content"].as_array().into_iter().flatten();
            let parts = parts.map(|part| match part.get("image_url") {
                Some(url) => json!({"type": "image_url", "image_url": {"url": url}}),
                None => part.clone(),
            });
            let content = if item["content"].is_array() { parts.collect() } else { item["content"].clone() };
            json!({"role": item["role"], "content": content})
        }
        _ => json!({"role": "assistant", "content": ""}),
    }
}

struct Made<'a> {
    body: &'a [u8],
    request: &'a Value,
    ask: &'a Ask,
    answer: Answer,
}

impl Made<'_> {
    /// The response object, with as much output as there is yet.
    fn object(&self, status: &str, output: Value, usage: Value) -> Value {
        let request = self.request;
        let given = |key: &str, default: Value| request.get(key).cloned().unwrap_or(default);
        json!({
            "id": wire::id("resp_", self.body, 0), "object": "response", "created_at": CREATED, "status": status,
            "error": null, "incomplete_details": null, "instructions": given("instructions", Value::Null),
            "max_output_tokens": null, "model": request["model"], "output": output, "parallel_tool_calls": true,
            "previous_response_id": null, "temperature": 1.0, "text": given("text", json!({"format": {"type": "text"}})),
            "tool_choice": given("tool_choice", "auto".into()), "tools": given("tools", json!([])), "top_p": 1.0,
            "truncation": "disabled", "usage": usage, "metadata": given("metadata", json!({})),
        })
    }

    fn whole(&self) -> Value {
        self.object("completed", self.items().into(), self.usage())
    }

    fn usage(&self) -> Value {
        let (input, output) = (tokens(self.ask.characters), self.answer.tokens());
        json!({
            "input_tokens": input, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": output,
            "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": input + output,
        })
    }

    /// The items of the output, whole.
    fn items(&self) -> Vec<Value> {
        match &self.answer {
            Answer::Text(text) => {
                vec![self.message("completed", json!([part(text)]))]
            }
            Answer::Calls(calls) => {
                let item = |(index, call): (usize, &super::answer::Call)| {
                    self.call(index, "completed", &call.name, &call.arguments)
                };
                calls.iter().enumerate().map(item).collect()
            }
        }
    }

    fn message(&self, status: &str, content: Value) -> Value {
        let id = wire::id("msg_", self.body, 0);
        json!({"id": id, "type": "message", "status": status, "role": "assistant", "content": content})
    }

    fn call(&self, index: usize, status: &str, name: &str, arguments: &str) -> Value {
        json!({
            "id": wire::id("fc_", self.body, index), "type": "function_call", "status": status, "name": name,
            "call_id": wire::id("call_", self.body, index), "arguments": arguments,
        })
    }

    fn events(&self) -> Vec<Bytes> {
        let begun = || self.object("in_progress", json!([]), Value::Null);
        let mut all = vec![
            json!({"type": "response.created", "response": begun()}),
            json!({"type": "response.in_progress", "response": begun()}),
        ];
        match &self.answer {
            Answer::Text(text) => self.text_events(text, &mut all),
            Answer::Calls(calls) => {
                for (index, call) in calls.iter().enumerate() {
                    self.call_events(index, call, &mut all);
                }
            }
        }
        all.push(json!({"type": "response.completed", "response": self.whole()}));
        let event = |(number, mut data): (usize, Value)| {
            data["sequence_number"] = number.into();
            Bytes::from(format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default()))
        };
        all.into_iter().enumerate().map(event).collect()
    }

    fn text_events(&self, text: &str, all: &mut Vec<Value>) {
        let id = wire::id("msg_", self.body, 0);
        let at = |kind: &str, key: &str, value: Value| json!({"type": kind, "item_id": id, "output_index": 0, "content_index": 0, key: value});
        let item = self.message("in_progress", json!([]));
        all.push(json!({"type": "response.output_item.added", "output_index": 0, "item": item}));
        all.push(at("response.content_part.added", "part", part("")));
        for piece in deltas(text, self.ask.options.chunk) {
            let mut delta = at("response.output_text.delta", "delta", piece.into());
            delta["logprobs"] = json!([]);
            all.push(delta);
        }
        let mut done = at("response.output_text.done", "text", text.into());
        done["logprobs"] = json!([]);
        all.push(done);
        all.push(at("response.content_part.done", "part", part(text)));
        let item = self.message("completed", json!([part(text)]));
        all.push(json!({"type": "response.output_item.done", "output_index": 0, "item": item}));
    }

    fn call_events(&self, index: usize, call: &super::answer::Call, all: &mut Vec<Value>) {
        let id = wire::id("fc_", self.body, index);
        let item = self.call(index, "in_progress", &call.name, "");
        all.push(json!({"type": "response.output_item.added", "output_index": index, "item": item}));
        for piece in call.fragments(self.ask.options.chunk) {
            let kind = "response.function_call_arguments.delta";
            all.push(json!({"type": kind, "item_id": id, "output_index": index, "delta": piece}));
        }
        all.push(json!({
            "type": "response.function_call_arguments.done", "item_id": id, "output_index": index,
            "name": call.name, "arguments": call.arguments,
        }));
        let item = self.call(index, "completed", &call.name, &call.arguments);
        all.push(json!({"type": "response.output_item.done", "output_index": index, "item": item}));
    }
}

/// A part of a message.
fn part(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
}

//! Ollama's own API, as the stand-in model speaks it.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::CREATED_TEXT;
use super::answer::{Answer, deltas, tokens, vectors};
use super::ask::Ask;
use super::wire::{self, Reply};

/// Answers `POST /api/{operation}`.
pub(super) fn call(operation: &str, body: &[u8]) -> Response<Reply> {
    let Ok(request) = serde_json::from_slice::<Value>(body) else {
        return error(StatusCode::BAD_REQUEST, "the body is not JSON");
    };
    let messages = match operation {
        "chat" => request["messages"].clone(),
        "generate" => json!([{"role": "user", "content": request["prompt"], "images": request["images"]}]),
        "embed" => {
            let embedded = json!({
                "model": request["model"], "embeddings": vectors(&request["input"]), "total_duration": 1,
                "load_duration": 1, "prompt_eval_count": 1,
            });
            return wire::json(StatusCode::OK, &embedded);
        }
        _ => return error(StatusCode::NOT_FOUND, "the stand-in model has no such endpoint"),
    };
    let ask = match Ask::chat(&as_chat(&request, messages)) {
        Ok(ask) => ask,
        Err(problem) => return error(StatusCode::BAD_REQUEST, &problem),
    };
    if let Some(status) = ask.options.status {
        return error(status, "the request asked for this error");
    }
    let answer = Answer::new(&ask, 0);
    let lines = Lines { ask: &ask, chat: operation == "chat" };
    if !ask.stream {
        return wire::json(StatusCode::OK, &lines.whole(&answer));
    }
    let line = |line: Value| Bytes::from(format!("{line}\n"));
    wire::stream("application/x-ndjson", lines.all(&answer).into_iter().map(line).collect(), &ask.options)
}

/// Answers `GET /api/tags`.
pub(super) fn models() -> Response<Reply> {
    let model = json!({"name": "stand-in", "model": "stand-in", "modified_at": CREATED_TEXT, "size": 1, "digest": "0"});
    wire::json(StatusCode::OK, &json!({"models": [model]}))
}

/// An error in the API's shape.
pub(super) fn error(status: StatusCode, message: &str) -> Response<Reply> {
    wire::json(status, &json!({"error": message}))
}

/// The request in the terms of Chat Completions.
fn as_chat(request: &Value, mut messages: Value) -> Value {
    for message in messages.as_array_mut().into_iter().flatten() {
        let Some(images) = message["images"].as_array() else { continue };
        let image = |data: &Value| {
            let data = data.as_str().unwrap_or_default();
            json!({"type": "image_url", "image_url": {"url": format!("data:;base64,{data}")}})
        };
        let mut parts: Vec<Value> = images.iter().map(image).collect();
        parts.push(json!({"type": "text", "text": message["content"]}));
        message["content"] = parts.into();
    }
    // Streams unless told not to.
    let stream = request["stream"] != false;
    let mut chat =
        json!({"model": request["model"], "messages": messages, "tools": request["tools"], "stream": stream});
    match &request["format"] {
        schema @ Value::Object(_) => {
            chat["response_format"] = json!({"type": "json_schema", "json_schema": {"schema": schema}});
        }
        Value::String(_) => chat["response_format"] = json!({"type": "json_object"}),
        _ => {}
    }
    chat
}

/// The lines of one answer.
struct Lines<'a> {
    ask: &'a Ask,
    /// Whether text stands in a message, as that of `chat` does.
    chat: bool,
}

impl Lines<'_> {
    fn line(&self, text: &str, done: bool) -> Value {
        let mut line = json!({"model": self.ask.model, "created_at": CREATED_TEXT});
        match self.chat {
            true => line["message"] = json!({"role": "assistant", "content": text}),
            false => line["response"] = text.into(),
        }
        line["done"] = done.into();
        line
    }

    /// The line that ends a stream, with `text`.
    fn end(&self, text: &str, answer: &Answer) -> Value {
        let mut line = self.line(text, true);
        line["done_reason"] = "stop".into();
        for key in ["total_duration", "load_duration", "prompt_eval_duration", "eval_duration"] {
            line[key] = 1.into();
        }
        line["prompt_eval_count"] = tokens(self.ask.characters).into();
        line["eval_count"] = answer.tokens().into();
        line
    }

    fn calls(&self, answer: &Answer) -> Option<Value> {
        let Answer::Calls(calls) = answer else { return None };
        Some(calls.iter().map(|call| json!({"function": {"name": call.name, "arguments": call.value()}})).collect())
    }

    /// The whole answer as one object.
    fn whole(&self, answer: &Answer) -> Value {
        let mut line = self.end(if let Answer::Text(text) = answer { text } else { "" }, answer);
        if let Some(calls) = self.calls(answer) {
            line["message"]["tool_calls"] = calls;
        }
        line
    }

    fn all(&self, answer: &Answer) -> Vec<Value> {
        let mut all: Vec<Value> = match answer {
            Answer::Text(text) => {
                deltas(text, self.ask.options.chunk).into_iter().map(|piece| self.line(piece, false)).collect()
            }
            Answer::Calls(_) => {
                let mut line = self.line("", false);
                line["message"]["tool_calls"] = self.calls(answer).unwrap_or_default();
                vec![line]
            }
        };
        all.push(self.end("", answer));
        all
    }
}

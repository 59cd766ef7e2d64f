//! Anthropic Messages, as the stand-in model speaks them.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use super::CREATED_TEXT;
use super::answer::{Answer, deltas, tokens};
use super::ask::Ask;
use super::upload::File;
use super::wire::{self, Reply};

/// What the stand-in thinks, when the request asks it to think.
const THOUGHT: &str = "Let me read the messages again before I answer.";
/// The signature of that thought: the API's are opaque base64 as well, and must come back unchanged.
const SIGNATURE: &str = "c3RhbmQtaW4gdGhvdWdodCwgc2lnbmVkIGJ5IG5vYm9keQ==";

/// Answers `POST /v1/messages`.
pub(super) fn create(body: &[u8]) -> Response<Reply> {
    let (request, ask) = match parse(body) {
        Ok(parsed) => parsed,
        Err(problem) => return error(StatusCode::BAD_REQUEST, &problem),
    };
    if let Some(status) = ask.options.status {
        return error(status, "the request asked for this error");
    }
    if !request["max_tokens"].is_u64() {
        return error(StatusCode::BAD_REQUEST, "max_tokens: Field required");
    }
    let message = Message::new(body, &request, &ask);
    let mut response = if ask.stream {
        wire::sse(message.events().iter().map(event).collect(), &ask.options)
    } else {
        wire::json(StatusCode::OK, &message.whole())
    };
    let id = wire::id("req_", body, 0);
    response.headers_mut().insert("request-id", HeaderValue::from_str(&id).expect("letters and digits"));
    response
}

/// Answers `POST /v1/messages/count_tokens`.
pub(super) fn count_tokens(body: &[u8]) -> Response<Reply> {
    match parse(body) {
        Ok((_, ask)) => wire::json(StatusCode::OK, &json!({"input_tokens": tokens(ask.characters)})),
        Err(problem) => error(StatusCode::BAD_REQUEST, &problem),
    }
}

/// Answers `POST /v1/messages/batches`: a batch that is never done.
pub(super) fn batch(body: &[u8]) -> Response<Reply> {
    let Ok(request) = serde_json::from_slice::<Value>(body) else {
        return error(StatusCode::BAD_REQUEST, "the body is not JSON");
    };
    let count = request["requests"].as_array().map_or(0, Vec::len);
    let batch = json!({
        "id": wire::id("msgbatch_", body, 0), "type": "message_batch", "processing_status": "in_progress",
        "request_counts": {"processing": count, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0},
        "created_at": CREATED_TEXT, "expires_at": CREATED_TEXT, "ended_at": null, "archived_at": null,
        "cancel_initiated_at": null, "results_url": null,
    });
    wire::json(StatusCode::OK, &batch)
}

/// The data of the events of a streamed answer, for APIs that carry them in a framing of their own.
///
/// # Errors
/// A sentence for the error answer, when the body is not such a request.
pub(super) fn events(body: &[u8]) -> Result<Vec<Value>, String> {
    let (request, ask) = parse(body)?;
    Ok(Message::new(body, &request, &ask).events())
}

fn parse(body: &[u8]) -> Result<(Value, Ask), String> {
    let request: Value = serde_json::from_slice(body).map_err(|_| "the body is not JSON".to_owned())?;
    let ask = Ask::messages(&request)?;
    Ok((request, ask))
}

/// An error in the API's shape.
pub(super) fn error(status: StatusCode, message: &str) -> Response<Reply> {
    let kind = match status.as_u16() {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    };
    let id = wire::id("req_", message.as_bytes(), usize::from(status.as_u16()));
    wire::json(status, &json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": id}))
}

/// Answers `GET /v1/models`.
pub(super) fn models() -> Response<Reply> {
    let model = json!({"type": "model", "id": "stand-in", "display_name": "Stand-in", "created_at": CREATED_TEXT});
    let list = json!({"data": [model], "has_more": false, "first_id": "stand-in", "last_id": "stand-in"});
    wire::json(StatusCode::OK, &list)
}

/// Answers `POST /v1/files`.
pub(super) fn file(file: &File) -> Response<Reply> {
    let described = json!({
        "type": "file", "id": wire::id("file_", file.data, 0), "size_bytes": file.data.len(), "created_at": CREATED_TEXT,
        "filename": file.name, "mime_type": file.mime, "downloadable": false,
    });
    wire::json(StatusCode::OK, &described)
}

/// A block of the answer: as it begins in a stream, the deltas that fill it, and as it is when whole.
struct Block {
    start: Value,
    deltas: Vec<Value>,
    whole: Value,
}

struct Message<'a> {
    body: &'a [u8],
    model: &'a Value,
    input_tokens: usize,
    output_tokens: usize,
    blocks: Vec<Block>,
    stop_reason: &'static str,
}

impl<'a> Message<'a> {
    fn new(body: &'a [u8], request: &'a Value, ask: &Ask) -> Message<'a> {
        let chunk = ask.options.chunk;
        let answer = Answer::new(ask, 0);
        let mut blocks = Vec::new();
        if matches!(request["thinking"]["type"].as_str(), Some("enabled" | "adaptive")) {
            blocks.push(thinking(chunk));
        }
        let stop_reason = match &answer {
            Answer::Text(said) => {
                blocks.push(text(said, chunk));
                "end_turn"
            }
            Answer::Calls(calls) => {
                blocks.extend(calls.iter().enumerate().map(|(index, call)| {
                    let id = wire::id("toolu_", body, index + 1);
                    let input: Value = serde_json::from_str(&call.arguments).expect("made by a JSON serialiser");
                    let fragments = call.fragments(chunk).into_iter();
                    Block {
                        start: json!({"type": "tool_use", "id": id, "name": call.name, "input": {}}),
                        // The API's first fragment is empty, too.
                        deltas: std::iter::once("")
                            .chain(fragments)
                            .map(|fragment| json!({"type": "input_json_delta", "partial_json": fragment}))
                            .collect(),
                        whole: json!({"type": "tool_use", "id": id, "name": call.name, "input": input}),
                    }
                }));
                "tool_use"
            }
        };
        let (input_tokens, output_tokens) = (tokens(ask.characters), answer.tokens());
        Message { body, model: &request["model"], input_tokens, output_tokens, blocks, stop_reason }
    }

    /// The message object with the given content, stop reason and count of tokens written so far.
    fn object(&self, content: Value, stop_reason: Value, output_tokens: usize) -> Value {
        json!({
            "id": wire::id("msg_", self.body, 0), "type": "message", "role": "assistant", "model": self.model,
            "content": content, "stop_reason": stop_reason, "stop_sequence": null,
            "usage": {
                "input_tokens": self.input_tokens, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
                "output_tokens": output_tokens, "service_tier": "standard",
            },
        })
    }

    fn whole(&self) -> Value {
        let content: Value = self.blocks.iter().map(|block| block.whole.clone()).collect();
        self.object(content, Value::from(self.stop_reason), self.output_tokens)
    }

    fn events(&self) -> Vec<Value> {
        let start = self.object(json!([]), Value::Null, 1);
        let mut events = vec![json!({"type": "message_start", "message": start})];
        for (index, block) in self.blocks.iter().enumerate() {
            events.push(json!({"type": "content_block_start", "index": index, "content_block": block.start}));
            if index == 0 {
                events.push(json!({"type": "ping"}));
            }
            for delta in &block.deltas {
                events.push(json!({"type": "content_block_delta", "index": index, "delta": delta}));
            }
            events.push(json!({"type": "content_block_stop", "index": index}));
        }
        events.push(json!({
            "type": "message_delta",
            "delta": {"stop_reason": self.stop_reason, "stop_sequence": null},
            "usage": {"output_tokens": self.output_tokens},
        }));
        events.push(json!({"type": "message_stop"}));
        events
    }
}

fn text(said: &str, chunk: Option<usize>) -> Block {
    let delta = |piece: &str| json!({"type": "text_delta", "text": piece});
    Block {
        start: json!({"type": "text", "text": ""}),
        deltas: deltas(said, chunk).into_iter().map(delta).collect(),
        whole: json!({"type": "text", "text": said}),
    }
}

fn thinking(chunk: Option<usize>) -> Block {
    let delta = |piece: &str| json!({"type": "thinking_delta", "thinking": piece});
    let signature = json!({"type": "signature_delta", "signature": SIGNATURE});
    Block {
        start: json!({"type": "thinking", "thinking": "", "signature": ""}),
        deltas: deltas(THOUGHT, chunk).into_iter().map(delta).chain(std::iter::once(signature)).collect(),
        whole: json!({"type": "thinking", "thinking": THOUGHT, "signature": SIGNATURE}),
    }
}

/// One server-sent event, named after its data's type.
fn event(data: &Value) -> Bytes {
    let name = data["type"].as_str().expect("every event is made with a type");
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}

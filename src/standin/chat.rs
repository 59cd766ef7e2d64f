//! OpenAI Chat Completions, as the stand-in model speaks them.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use super::CREATED;
use super::answer::{Answer, deltas, tokens};
use super::ask::Ask;
use super::upload::File;
use super::wire::{self, Reply};

/// Answers `POST /v1/chat/completions`; `whole_calls`: a stream carries each call of a tool in one event, as Mistral's do.
pub(super) fn complete(body: &[u8], whole_calls: bool) -> Response<Reply> {
    let parsed = serde_json::from_slice::<Value>(body).map_err(|_| "the body is not JSON".to_owned());
    let (request, ask) = match parsed.and_then(|request| Ask::chat(&request).map(|ask| (request, ask))) {
        Ok(parsed) => parsed,
        Err(problem) => return error(StatusCode::BAD_REQUEST, &problem),
    };
    if let Some(status) = ask.options.status {
        return error(status, "the request asked for this error");
    }
    let completion = Completion { body, request: &request, ask: &ask, whole_calls };
    let mut response = if ask.stream {
        wire::sse(completion.events(), &ask.options)
    } else {
        wire::json(StatusCode::OK, &completion.whole())
    };
    let id = wire::id("req_", body, 0);
    response.headers_mut().insert("x-request-id", HeaderValue::from_str(&id).expect("letters and digits"));
    response
}

/// An error in the API's shape.
pub(super) fn error(status: StatusCode, message: &str) -> Response<Reply> {
    let (kind, code) = match status {
        StatusCode::UNAUTHORIZED => ("invalid_request_error", Value::from("invalid_api_key")),
        StatusCode::TOO_MANY_REQUESTS => ("requests", Value::from("rate_limit_exceeded")),
        status if status.is_server_error() => ("server_error", Value::Null),
        _ => ("invalid_request_error", Value::Null),
    };
    wire::json(status, &json!({"error": {"message": message, "type": kind, "param": null, "code": code}}))
}

/// Answers `GET /v1/models`.
pub(super) fn models() -> Response<Reply> {
    let model = json!({"id": "stand-in", "object": "model", "created": CREATED, "owned_by": "portcullis"});
    wire::json(StatusCode::OK, &json!({"object": "list", "data": [model]}))
}

/// Answers `POST /v1/files`.
pub(super) fn file(file: &File) -> Response<Reply> {
    let described = json!({
        "id": wire::id("file-", file.data, 0), "object": "file", "bytes": file.data.len(), "created_at": CREATED,
        "expires_at": null, "filename": file.name, "purpose": file.purpose, "status": "processed", "status_details": null,
    });
    wire::json(StatusCode::OK, &described)
}

struct Completion<'a> {
    body: &'a [u8],
    request: &'a Value,
    ask: &'a Ask,
    whole_calls: bool,
}

impl Completion<'_> {
    fn answers(&self) -> Vec<Answer> {
        (0..self.ask.choices).map(|choice| Answer::new(self.ask, choice)).collect()
    }

    fn wants_logprobs(&self) -> bool {
        self.request["logprobs"] == true
    }

    fn usage(&self, answers: &[Answer]) -> Value {
        let prompt = tokens(self.ask.characters);
        let completion: usize = answers.iter().map(Answer::tokens).sum();
        json!({
            "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 0, "audio_tokens": 0,
                "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
            },
        })
    }

    /// The id of a tool call, unique in the response.
    fn call_id(&self, choice: usize, call: usize) -> String {
        wire::id("call_", self.body, (choice << 16) + call + 1)
    }

    fn whole(&self) -> Value {
        let answers = self.answers();
        let choices: Value = answers.iter().enumerate().map(|(index, answer)| self.choice(index, answer)).collect();
        json!({
            "id": wire::id("chatcmpl-", self.body, 0), "object": "chat.completion", "created": CREATED,
            "model": self.request["model"], "choices": choices, "usage": self.usage(&answers),
            "service_tier": "default", "system_fingerprint": null,
        })
    }

    fn choice(&self, index: usize, answer: &Answer) -> Value {
        match answer {
            Answer::Text(text) => {
                let logprobs =
                    if self.wants_logprobs() { logprobs(&deltas(text, self.ask.options.chunk)) } else { Value::Null };
                json!({
                    "index": index,
                    "message": {"role": "assistant", "content": text, "refusal": null, "annotations": []},
                    "logprobs": logprobs, "finish_reason": "stop",
                })
            }
            Answer::Calls(calls) => {
                let call = |(call, made): (usize, &super::answer::Call)| {
                    json!({
                        "id": self.call_id(index, call), "type": "function",
                        "function": {"name": made.name, "arguments": made.arguments},
                    })
                };
                let calls: Value = calls.iter().enumerate().map(call).collect();
                json!({
                    "index": index,
                    "message": {"role": "assistant", "content": null, "tool_calls": calls, "refusal": null, "annotations": []},
                    "logprobs": null, "finish_reason": "tool_calls",
                })
            }
        }
    }

    /// The events of a streamed answer; the choices take turns, one delta each.
    fn events(&self) -> Vec<Bytes> {
        let answers = self.answers();
        let mut lanes: Vec<_> =
            answers.iter().enumerate().map(|(index, answer)| self.deltas(index, answer).into_iter()).collect();
        let mut events = Vec::new();
        loop {
            let before = events.len();
            for (index, lane) in lanes.iter_mut().enumerate() {
                if let Some(Delta { delta, logprobs, finish_reason }) = lane.next() {
                    let choice =
                        json!({"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish_reason});
                    events.push(self.chunk(json!([choice]), Value::Null));
                }
            }
            if events.len() == before {
                break;
            }
        }
        if self.wants_usage() {
            events.push(self.chunk(json!([]), self.usage(&answers)));
        }
        events.push(Bytes::from_static(b"data: [DONE]\n\n"));
        events
    }

    fn wants_usage(&self) -> bool {
        self.request["stream_options"]["include_usage"] == true
    }

    /// One event; `usage` is a key of it only when the request asked for usage.
    fn chunk(&self, choices: Value, usage: Value) -> Bytes {
        let mut chunk = json!({
            "id": wire::id("chatcmpl-", self.body, 0), "object": "chat.completion.chunk", "created": CREATED,
            "model": self.request["model"], "service_tier": "default", "system_fingerprint": null, "choices": choices,
        });
        if self.wants_usage() {
            chunk["usage"] = usage;
        }
        Bytes::from(format!("data: {chunk}\n\n"))
    }

    /// One choice's deltas, from the role to the finish reason.
    fn deltas(&self, index: usize, answer: &Answer) -> Vec<Delta> {
        let mut all = Vec::new();
        match answer {
            Answer::Text(text) => {
                all.push(Delta::new(json!({"role": "assistant", "content": "", "refusal": null})));
                all.extend(deltas(text, self.ask.options.chunk).into_iter().map(|piece| Delta {
                    logprobs: if self.wants_logprobs() { logprobs(&[piece]) } else { Value::Null },
                    ..Delta::new(json!({"content": piece}))
                }));
                all.push(Delta::finish("stop"));
            }
            Answer::Calls(calls) => {
                all.push(Delta::new(json!({"role": "assistant", "content": null})));
                for (call, made) in calls.iter().enumerate() {
                    let arguments = if self.whole_calls { made.arguments.as_str() } else { "" };
                    all.push(Delta::new(json!({"tool_calls": [{
                        "index": call, "id": self.call_id(index, call), "type": "function",
                        "function": {"name": made.name, "arguments": arguments},
                    }]})));
                    if self.whole_calls {
                        continue;
                    }
                    all.extend(made.fragments(self.ask.options.chunk).into_iter().map(|fragment| {
                        Delta::new(json!({"tool_calls": [{"index": call, "function": {"arguments": fragment}}]}))
                    }));
                }
                all.push(Delta::finish("tool_calls"));
            }
        }
        all
    }
}

/// What a chunk says about one choice.
struct Delta {
    delta: Value,
    logprobs: Value,
    finish_reason: Value,
}

impl Delta {
    fn new(delta: Value) -> Delta {
        Delta { delta, logprobs: Value::Null, finish_reason: Value::Null }
    }

    fn finish(reason: &str) -> Delta {
        Delta { finish_reason: Value::from(reason), ..Delta::new(json!({})) }
    }
}

/// Log probabilities, which repeat the text token by token.
fn logprobs(pieces: &[&str]) -> Value {
    let token = |piece: &&str| json!({"token": piece, "logprob": -0.25, "bytes": piece.as_bytes(), "top_logprobs": []});
    json!({"content": pieces.iter().map(token).collect::<Value>(), "refusal": null})
}

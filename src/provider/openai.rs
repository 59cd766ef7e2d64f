//! OpenAI Chat Completions and what speaks like it (Azure, Groq, DeepSeek, Mistral, Together, OpenRouter, vLLM, …).
//!
//! Source: the API reference and the type definitions of the official SDKs (openai 2.x). Chat Completions are walked in full;
//! the other endpoints of these providers by their best-known fields, and everything else by the backstop.

mod azure;
mod lines;
mod parts;
mod realtime;
mod request;
mod response;
mod responses;
mod stream;
mod target;
mod threads;

use super::{Dialect, Facts, Fault, Refusal, Reply, StreamDialect, Target, Usage, Walk};
use crate::decode::Channel;
use crate::decode::framing::Framing;
use crate::decode::json::{Json, Node};
use serde_json::json;

pub use azure::Azure;
use realtime::events::{Api, Session};
pub(super) use request::turns;

/// The dialect.
pub struct OpenAi;

/// Operations whose answers can say that the filter ended them; `other` is taken for a chat.
const REFUSES: &[&str] = &["chat", "text_completion", "other"];

/// The time that answers of the gateway's own claim to have been made at: it has no clock (Unix seconds, required by SDKs).
const CREATED: u64 = 0;

impl Dialect for OpenAi {
    fn names(&self) -> &'static [&'static str] {
        &["openai", "groq", "deepseek", "together", "openrouter", "vllm", "xai", "perplexity", "fireworks"]
    }

    fn target(&self, method: &str, path: &str) -> Target {
        target::target(method, path)
    }

    fn socket(&self, target: &Target) -> bool {
        matches!(target.operation, "realtime" | "responses")
    }

    fn facts(&self, target: &Target, body: &Json<'_>) -> Facts {
        let facts = facts(body.root());
        let of_path = target.model.clone();
        let model = match target.operation {
            // messages of a session may name another model than its address
            "realtime" => facts.model.or(of_path),
            // where the path names a deployment, Azure does not read the body's model
            _ => of_path.or(facts.model),
        };
        Facts { model, ..facts }
    }

    fn request<'b>(&self, target: &Target, body: &Json<'b>) -> Walk<'b> {
        request::walk(target.operation, body)
    }

    fn response<'b>(&self, target: &Target, body: &Json<'b>) -> Walk<'b> {
        // a file of one line
        let line = match target.operation {
            "file_content" => lines::walk(Channel::Response, body),
            _ => None,
        };
        line.unwrap_or_else(|| response::walk(target.operation, body))
    }

    fn line<'b>(&self, channel: Channel, line: &Json<'b>) -> Option<Walk<'b>> {
        lines::walk(channel, line)
    }

    fn pins(&self, target: &Target) -> bool {
        // the size and the digest of the whole are told apart from its parts
        target.operation == "uploads"
    }

    fn uploaded(&self, target: &Target, body: &Json<'_>) -> Vec<String> {
        uploaded(target, body)
    }

    fn usage(&self, _target: &Target, body: &Json<'_>) -> Usage {
        usage(body.root())
    }

    fn stream(&self, target: &Target, framing: Framing) -> Box<dyn StreamDialect> {
        match (framing, target.operation) {
            (Framing::Messages, "responses") => Box::new(Session::new(Api::Responses)),
            (Framing::Messages, _) => Box::new(Session::new(Api::Realtime)),
            (_, "responses") => Box::new(responses::stream::ResponsesStream::default()),
            (_, "threads") => Box::new(threads::ThreadStream::default()),
            (_, operation) => Box::new(stream::ChatStream::of(operation)),
        }
    }

    fn error(&self, fault: Fault, refusal: &Refusal<'_>) -> Reply {
        let (status, ..) = error_kind(fault, refusal.status);
        reply(
            status,
            &error_body(fault, refusal),
            matches!(fault, Fault::Policy | Fault::BadRequest | Fault::TooLarge | Fault::NotFound),
        )
    }

    fn refusal(&self, target: &Target, refusal: &Refusal<'_>) -> Reply {
        if target.operation == "responses" {
            return reply(200, &responses::refusal::whole(refusal), false);
        }
        if !REFUSES.contains(&target.operation) {
            return self.error(Fault::Policy, refusal);
        }
        let mut choice = json!({ "index": 0, "logprobs": null, "finish_reason": "content_filter" });
        let (prefix, object) = match target.operation {
            "text_completion" => {
                choice["text"] = refusal.message.into();
                ("cmpl", "text_completion")
            }
            _ => {
                choice["message"] = json!({ "role": "assistant", "content": refusal.message, "refusal": null });
                ("chatcmpl", "chat.completion")
            }
        };
        let body = json!({
            "id": format!("{prefix}-{}", refusal.id),
            "object": object,
            "created": CREATED,
            "model": refusal.model.unwrap_or_default(),
            "choices": [choice],
            "usage": { "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0 },
        });
        reply(200, &body, false)
    }

    fn refusal_stream(&self, target: &Target, _framing: Framing, refusal: &Refusal<'_>) -> Reply {
        let content_type = "text/event-stream";
        if target.operation == "responses" {
            let body = responses::refusal::stream(refusal);
            return Reply { status: 200, content_type, headers: Vec::new(), body };
        }
        if !REFUSES.contains(&target.operation) {
            return self.error(Fault::Policy, refusal);
        }
        let mut state = stream::ChatStream::of(target.operation);
        let mut body = state.open(refusal);
        body.extend(state.blocked(refusal));
        Reply { status: 200, content_type, headers: Vec::new(), body }
    }
}

/// A JSON answer of the gateway's own. `final_`: SDKs are told not to send the request again.
fn reply(status: u16, body: &serde_json::Value, final_: bool) -> Reply {
    let headers = if final_ { vec![("x-should-retry", "false".to_owned())] } else { Vec::new() };
    Reply { status, content_type: "application/json", headers, body: body.to_string().into_bytes() }
}

/// Status, `type` and `code` of an error.
pub(super) fn error_kind(fault: Fault, policy_status: u16) -> (u16, &'static str, &'static str) {
    match fault {
        Fault::Policy => (policy_status, "policy_violation", "content_policy_violation"),
        Fault::BadRequest => (400, "invalid_request_error", "invalid_request"),
        Fault::TooLarge => (413, "invalid_request_error", "request_too_large"),
        Fault::NotFound => (404, "invalid_request_error", "not_found"),
        Fault::Upstream => (502, "server_error", "upstream_error"),
        Fault::Timeout => (504, "server_error", "upstream_timeout"),
        Fault::Unavailable => (503, "server_error", "gateway_unavailable"),
    }
}

/// The body of an error.
fn error_body(fault: Fault, refusal: &Refusal<'_>) -> serde_json::Value {
    let (_, kind, code) = error_kind(fault, refusal.status);
    json!({ "error": { "message": refusal.message, "type": kind, "param": null, "code": code } })
}

/// The id that a file was given.
pub(super) fn uploaded(target: &Target, body: &Json<'_>) -> Vec<String> {
    let id = body.root().get("id").and_then(Node::str).filter(|_| target.operation == "files");
    id.map(|id| id.into_owned()).into_iter().collect()
}

/// What every request of this family says of itself.
pub(super) fn facts(root: Node<'_, '_>) -> Facts {
    Facts {
        model: root
            .get("model")
            .or_else(|| root.get("session")?.get("model"))
            .and_then(Node::str)
            .map(|model| model.into_owned()),
        stream: root.get("stream").and_then(Node::as_bool).unwrap_or(false).then_some(Framing::Sse),
        ..Facts::default()
    }
}

/// `usage` of Chat Completions and of Responses; of a Responses event, that of its `response`.
fn usage(root: Node<'_, '_>) -> Usage {
    let Some(usage) = root.get("usage").or_else(|| root.get("response")?.get("usage")) else { return Usage::default() };
    let count = |names: [&str; 2]| names.iter().find_map(|name| usage.get(name)?.as_u64());
    let details = usage.get("prompt_tokens_details").or_else(|| usage.get("input_tokens_details"));
    Usage {
        input: count(["prompt_tokens", "input_tokens"]),
        output: count(["completion_tokens", "output_tokens"]),
        cached: details.and_then(|d| d.get("cached_tokens")?.as_u64()),
    }
}

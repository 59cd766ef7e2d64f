//! OpenAI Chat Completions and what speaks like it (Azure, Groq, DeepSeek, Mistral, Together, OpenRouter, vLLM, …).
//!
//! Source: the API reference and the type definitions of the official SDKs (openai 2.x). Chat Completions are walked in full;
//! the other endpoints of these providers by their best-known fields, and everything else by the backstop.

mod request;
mod response;
mod stream;

use super::{Dialect, Facts, Fault, Refusal, Reply, StreamDialect, Target, Usage, Walk, operation_of};
use crate::decode::framing::Framing;
use crate::decode::json::{Json, Node};
use serde_json::json;

pub(super) use request::turns;

/// The dialect.
pub struct OpenAi;

/// The time that answers of the gateway's own claim to have been made at: it has no clock (Unix seconds, required by SDKs).
const CREATED: u64 = 0;

impl Dialect for OpenAi {
    fn names(&self) -> &'static [&'static str] {
        &["openai", "azure", "groq", "deepseek", "together", "openrouter", "vllm", "xai", "perplexity", "fireworks"]
    }

    fn target(&self, _method: &str, path: &str) -> Target {
        const OPERATIONS: &[(&str, &str)] = &[
            ("/chat/completions", "chat"),
            ("/responses", "responses"),
            ("/completions", "text_completion"),
            ("/embeddings", "embeddings"),
            ("/moderations", "moderations"),
            ("/files", "files"),
            ("/models", "models"),
        ];
        Target::of(operation_of(OPERATIONS, path))
    }

    fn credential(&self, key: &str) -> (&'static str, String) {
        ("authorization", format!("Bearer {key}"))
    }

    fn facts(&self, _target: &Target, body: &Json<'_>) -> Facts {
        facts(body.root())
    }

    fn request<'b>(&self, target: &Target, body: &Json<'b>) -> Walk<'b> {
        request::walk(target.operation, body)
    }

    fn response<'b>(&self, _target: &Target, body: &Json<'b>) -> Walk<'b> {
        response::walk(body)
    }

    fn uploaded(&self, target: &Target, body: &Json<'_>) -> Vec<String> {
        uploaded(target, body)
    }

    fn usage(&self, _target: &Target, body: &Json<'_>) -> Usage {
        usage(body.root())
    }

    fn stream(&self, _target: &Target, _framing: Framing) -> Box<dyn StreamDialect> {
        Box::new(stream::ChatStream::default())
    }

    fn error(&self, fault: Fault, refusal: &Refusal<'_>) -> Reply {
        let (status, kind, code) = error_kind(fault, refusal.status);
        let body = json!({ "error": { "message": refusal.message, "type": kind, "param": null, "code": code } });
        reply(status, &body, matches!(fault, Fault::Policy | Fault::BadRequest | Fault::TooLarge | Fault::NotFound))
    }

    fn refusal(&self, _target: &Target, refusal: &Refusal<'_>) -> Reply {
        let body = json!({
            "id": format!("chatcmpl-{}", refusal.id),
            "object": "chat.completion",
            "created": CREATED,
            "model": refusal.model.unwrap_or_default(),
            "choices": [{
                "index": 0,
                "message": { "role": "assistant", "content": refusal.message, "refusal": null },
                "logprobs": null,
                "finish_reason": "content_filter",
            }],
            "usage": { "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0 },
        });
        reply(200, &body, false)
    }

    fn refusal_stream(&self, _target: &Target, _framing: Framing, refusal: &Refusal<'_>) -> Reply {
        let mut state = stream::ChatStream::default();
        let mut body = state.open(refusal);
        body.extend(state.blocked(refusal));
        Reply { status: 200, content_type: "text/event-stream", headers: Vec::new(), body }
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

/// The id that a file was given.
pub(super) fn uploaded(target: &Target, body: &Json<'_>) -> Vec<String> {
    let id = body.root().get("id").and_then(Node::str).filter(|_| target.operation == "files");
    id.map(|id| id.into_owned()).into_iter().collect()
}

/// What every request of this family says of itself.
pub(super) fn facts(root: Node<'_, '_>) -> Facts {
    Facts {
        model: root.get("model").and_then(Node::str).map(|model| model.into_owned()),
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

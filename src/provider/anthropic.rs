//! Anthropic Messages. Source: the API reference and the type definitions of the official SDKs (anthropic 2.x).

mod blocks;
mod results;
mod stream;

use super::openai::{facts, turns, uploaded};
use super::{Dialect, Facts, Fault, Refusal, Reply, StreamDialect, Target, Usage, Walk, Walker, operation_of};
use crate::decode::Channel;
use crate::decode::framing::Framing;
use crate::decode::json::{Json, Node};
use serde_json::{Value, json};

/// The dialect.
pub struct Anthropic;

impl Dialect for Anthropic {
    fn names(&self) -> &'static [&'static str] {
        &["anthropic"]
    }

    fn target(&self, _method: &str, path: &str) -> Target {
        const OPERATIONS: &[(&str, &str)] = &[
            ("/messages/count_tokens", "count_tokens"),
            ("/messages/batches", "batches"),
            ("/messages", "chat"),
            ("/complete", "text_completion"),
            ("/files", "files"),
            ("/models", "models"),
            ("/skills", "skills"),
            ("/memory_stores", "memory_stores"),
            ("/sessions", "sessions"),
            ("/agents", "agents"),
        ];
        let target = Target::of(operation_of(OPERATIONS, path));
        let ends = |ending| path.split('?').next().unwrap_or_default().trim_end_matches('/').ends_with(ending);
        match target.operation {
            "batches" if ends("/results") => Target::of("batch_results"),
            "files" if ends("/content") => Target::of("file_content"),
            _ => target,
        }
    }

    fn credential(&self, key: &str) -> (&'static str, String) {
        ("x-api-key", key.to_owned())
    }

    fn facts(&self, _target: &Target, body: &Json<'_>) -> Facts {
        facts(body.root())
    }

    fn request<'b>(&self, target: &Target, body: &Json<'b>) -> Walk<'b> {
        let mut walker = Walker::new(body);
        let root = walker.root();
        match target.operation {
            "batches" => {
                for params in root.each("requests").flat_map(Node::items).flat_map(|r| r.each("params")) {
                    message_request(&mut walker, params);
                }
            }
            _ => message_request(&mut walker, root),
        }
        walker.finish(Channel::Prompt)
    }

    fn response<'b>(&self, _target: &Target, body: &Json<'b>) -> Walk<'b> {
        let mut walker = Walker::new(body);
        let root = walker.root();
        for content in root.each("content") {
            blocks::content(&mut walker, blocks::Side::Answer, Channel::Response, content);
        }
        walker.text_at(Channel::Response, root, "completion");
        walker.finish(Channel::Response)
    }

    fn uploaded(&self, target: &Target, body: &Json<'_>) -> Vec<String> {
        uploaded(target, body)
    }

    fn usage(&self, _target: &Target, body: &Json<'_>) -> Usage {
        body.root().get("usage").map(usage).unwrap_or_default()
    }

    fn framing(&self, target: &Target, media_type: &str) -> Option<Framing> {
        let framing = Framing::of(media_type);
        // one line for each request of the batch, of whatever media type; errors are JSON
        let lines = target.operation == "batch_results" && !media_type.contains("/json");
        framing.or(lines.then_some(Framing::Lines))
    }

    fn stream(&self, target: &Target, _framing: Framing) -> Box<dyn StreamDialect> {
        match target.operation {
            "batch_results" => Box::new(results::Results::default()),
            "text_completion" => Box::new(stream::CompletionStream::default()),
            _ => Box::new(stream::MessageStream::default()),
        }
    }

    fn error(&self, fault: Fault, refusal: &Refusal<'_>) -> Reply {
        let (status, kind) = error_kind(fault, refusal.status);
        let again = matches!(fault, Fault::Upstream | Fault::Timeout | Fault::Unavailable);
        let mut headers = vec![("request-id", format!("req_{}", refusal.id))];
        if !again {
            headers.push(("x-should-retry", "false".to_owned()));
        }
        let body = error_body(kind, refusal).to_string().into_bytes();
        Reply { status, content_type: "application/json", headers, body }
    }

    fn refusal(&self, target: &Target, refusal: &Refusal<'_>) -> Reply {
        match target.operation {
            "chat" => {}
            "text_completion" => {
                let body = completion(refusal).to_string().into_bytes();
                return Reply { status: 200, content_type: "application/json", headers: Vec::new(), body };
            }
            // nothing else has a place for a reason
            _ => return self.error(Fault::Policy, refusal),
        }
        let mut message = message(refusal);
        message["content"] = json!([{ "type": "text", "text": refusal.message }]);
        message["stop_reason"] = "refusal".into();
        let body = message.to_string().into_bytes();
        Reply { status: 200, content_type: "application/json", headers: Vec::new(), body }
    }

    fn refusal_stream(&self, target: &Target, _framing: Framing, refusal: &Refusal<'_>) -> Reply {
        let body = match target.operation {
            "text_completion" => stream::CompletionStream::default().end(refusal),
            _ => {
                let mut state = stream::MessageStream::default();
                let mut body = state.open(refusal);
                body.extend(state.blocked(refusal));
                body
            }
        };
        Reply { status: 200, content_type: "text/event-stream", headers: Vec::new(), body }
    }
}

/// A message of the gateway's own, without content.
fn message(refusal: &Refusal<'_>) -> Value {
    json!({
        "id": format!("msg_{}", refusal.id),
        "type": "message",
        "role": "assistant",
        "model": refusal.model.unwrap_or_default(),
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
        "usage": { "input_tokens": 0, "output_tokens": 0 },
    })
}

/// A completion of the older API, of the gateway's own.
fn completion(refusal: &Refusal<'_>) -> Value {
    json!({
        "id": format!("compl_{}", refusal.id),
        "type": "completion",
        "completion": refusal.message,
        "stop_reason": "refusal",
        "model": refusal.model.unwrap_or_default(),
    })
}

/// Status and `error.type`.
fn error_kind(fault: Fault, policy_status: u16) -> (u16, &'static str) {
    match fault {
        Fault::Policy => (policy_status, "permission_error"),
        Fault::BadRequest => (400, "invalid_request_error"),
        Fault::Identity => (401, "authentication_error"),
        Fault::TooLarge => (413, "request_too_large"),
        Fault::NotFound => (404, "not_found_error"),
        Fault::Upstream => (502, "api_error"),
        Fault::Timeout => (504, "timeout_error"),
        Fault::Unavailable => (503, "api_error"),
    }
}

fn error_body(kind: &str, refusal: &Refusal<'_>) -> Value {
    json!({
        "type": "error",
        "error": { "type": kind, "message": refusal.message },
        "request_id": format!("req_{}", refusal.id),
    })
}

fn usage(usage: Node<'_, '_>) -> Usage {
    let count = |key: &str| usage.get(key).and_then(Node::as_u64);
    Usage { input: count("input_tokens"), output: count("output_tokens"), cached: count("cache_read_input_tokens") }
}

fn message_request<'j, 'b>(walker: &mut Walker<'j, 'b>, root: Node<'j, 'b>) {
    for system in root.each("system") {
        blocks::content(walker, blocks::Side::Request, Channel::System, system);
    }
    for list in root.each("messages") {
        for (message, earlier) in turns(list) {
            walker.history = earlier;
            let role = message.get("role").and_then(Node::str).unwrap_or_default();
            let channel = match &*role {
                "assistant" => Channel::Response,
                "system" => Channel::System,
                _ => Channel::Prompt,
            };
            for content in message.each("content") {
                blocks::content(walker, blocks::Side::Request, channel, content);
            }
        }
        walker.history = false;
    }
    walker.value_at(Channel::System, root, "tools");
    walker.texts_at(Channel::Prompt, root, "stop_sequences");
    walker.value_at(Channel::Prompt, root, "metadata");
    walker.value_at(Channel::System, root, "output_config");
    walker.value_at(Channel::System, root, "output_format");
    // a token from an earlier refusal, to be sent back as it came
    for credit in root.each("fallback_credit_token") {
        walker.opaque(Channel::Prompt, credit);
        credit.each("token").for_each(|token| walker.opaque(Channel::Prompt, token));
    }
    // legacy `/v1/complete`
    walker.text_at(Channel::Prompt, root, "prompt");
}

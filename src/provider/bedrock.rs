//! Amazon Bedrock: Converse, and InvokeModel with the bodies of the models' own APIs.
//!
//! Source: the service model of the official SDK (botocore 1.44, `bedrock-runtime`) and recorded traffic.

mod converse;
mod invoke;
mod stream;

use super::generic::Generic;
use super::openai::{OpenAi, error_kind};
use super::{Dialect, Facts, Fault, Refusal, Reply, StreamDialect, Target, Usage, Walk, Walker};
use crate::decode::Channel;
use crate::decode::framing::Framing;
use crate::decode::json::{Json, Node};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::sync::Arc;

/// The dialect.
pub struct Bedrock;

/// The stop reason of an answer that a filter has ended.
const FILTERED: &str = "content_filtered";

/// The family of models whose bodies are those of Converse.
const NOVA: &str = "nova";

impl Dialect for Bedrock {
    fn names(&self) -> &'static [&'static str] {
        &["bedrock"]
    }

    fn at(&self, path: &str) -> Option<Arc<dyn Dialect>> {
        path.starts_with("/openai/").then(|| Arc::new(OpenAi) as Arc<dyn Dialect>)
    }

    fn target(&self, _method: &str, path: &str) -> Target {
        let path = path.split('?').next().unwrap_or_default();
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let of_guardrail = segments.first().is_some_and(|first| first.starts_with("guardrail"));
        // a model's name may be percent-encoded more or less: its last `/` stands before the operation
        let inside = path.strip_prefix("/model/").and_then(|rest| rest.rsplit_once('/'));
        let Some((model, operation)) = inside else {
            return Target::of(if of_guardrail { "moderations" } else { "other" });
        };
        let model = percent_decode_str(model).decode_utf8_lossy().into_owned();
        let native = operation.starts_with("invoke");
        Target {
            operation: match operation {
                "converse" | "converse-stream" => "chat",
                "invoke" | "invoke-with-response-stream" => "invoke",
                "count-tokens" => "count_tokens",
                _ => "other",
            },
            stream: operation.ends_with("-stream").then_some(Framing::EventStream),
            family: native.then(|| invoke::family(&model)).flatten(),
            model: Some(model),
        }
    }

    fn facts(&self, _target: &Target, _body: &Json<'_>) -> Facts {
        // the path says it all
        Facts::default()
    }

    fn request<'b>(&self, target: &Target, body: &Json<'b>) -> Walk<'b> {
        if let Some(native) = invoke::native(target) {
            return native.request(&Target::of("chat"), body);
        }
        let mut walker = Walker::new(body);
        let root = walker.root();
        match target.operation {
            "invoke" if target.family != Some(NOVA) => invoke::request(&mut walker, root),
            "count_tokens" => {
                for input in root.each("input") {
                    input.each("converse").for_each(|inner| converse::request(&mut walker, inner));
                    // the body of InvokeModel in base64
                    for body in input.each("invokeModel").flat_map(|inner| inner.each("body")) {
                        walker.payload(Channel::Prompt, body);
                    }
                }
            }
            _ => converse::request(&mut walker, root),
        }
        walker.finish(Channel::Prompt)
    }

    fn response<'b>(&self, target: &Target, body: &Json<'b>) -> Walk<'b> {
        if let Some(native) = invoke::native(target) {
            return native.response(&Target::of("chat"), body);
        }
        let mut walker = Walker::new(body);
        let root = walker.root();
        match target.operation {
            "invoke" if target.family != Some(NOVA) => invoke::response(&mut walker, root),
            _ => converse::response(&mut walker, root),
        }
        walker.finish(Channel::Response)
    }

    fn usage(&self, target: &Target, body: &Json<'_>) -> Usage {
        match invoke::native(target) {
            Some(native) => native.usage(&Target::of("chat"), body),
            None => usage(body.root()),
        }
    }

    fn stream(&self, target: &Target, _framing: Framing) -> Box<dyn StreamDialect> {
        match (target.operation, target.family) {
            ("invoke", Some(NOVA)) => Box::new(stream::ConverseStream::wrapped()),
            ("invoke", _) => Box::new(match invoke::native(target) {
                Some(native) => stream::ChunkStream::of(native.stream(&Target::of("chat"), Framing::Sse)),
                None => stream::ChunkStream::unknown(Generic::default().stream(target, Framing::Sse)),
            }),
            _ => Box::new(stream::ConverseStream::default()),
        }
    }

    fn error(&self, fault: Fault, refusal: &Refusal<'_>) -> Reply {
        let (status, ..) = error_kind(fault, refusal.status);
        let headers =
            vec![("x-amzn-errortype", exception(fault).to_owned()), ("x-amzn-requestid", refusal.id.to_owned())];
        let body = json!({ "message": refusal.message }).to_string().into_bytes();
        Reply { status, content_type: "application/json", headers, body }
    }

    fn refusal(&self, target: &Target, refusal: &Refusal<'_>) -> Reply {
        if let Some(native) = invoke::native(target) {
            return native.refusal(&Target::of("chat"), refusal);
        }
        match (target.operation, target.family) {
            ("chat", _) | ("invoke", Some(NOVA)) => {
                let body = answer(refusal).to_string().into_bytes();
                Reply { status: 200, content_type: "application/json", headers: Vec::new(), body }
            }
            // nothing else has a place for a reason
            _ => self.error(Fault::Policy, refusal),
        }
    }

    fn refusal_stream(&self, target: &Target, framing: Framing, refusal: &Refusal<'_>) -> Reply {
        let body = match (target.operation, target.family) {
            ("chat", _) => stream::ConverseStream::default().refusal(refusal),
            ("invoke", Some(NOVA)) => stream::ConverseStream::wrapped().refusal(refusal),
            ("invoke", _) => match invoke::native(target) {
                Some(native) => stream::chunks(&native.refusal_stream(&Target::of("chat"), Framing::Sse, refusal).body),
                None => return self.error(Fault::Policy, refusal),
            },
            _ => return self.error(Fault::Policy, refusal),
        };
        let headers = vec![("x-amzn-requestid", refusal.id.to_owned())];
        Reply { status: 200, content_type: framing.media_type(), headers, body }
    }
}

/// The exception that SDKs raise. The SDKs repeat requests after 429 and 5xx only.
fn exception(fault: Fault) -> &'static str {
    match fault {
        Fault::Policy => "AccessDeniedException",
        Fault::BadRequest | Fault::TooLarge => "ValidationException",
        Fault::NotFound => "ResourceNotFoundException",
        Fault::Upstream => "ModelErrorException",
        Fault::Timeout => "ModelTimeoutException",
        Fault::Unavailable => "ServiceUnavailableException",
    }
}

/// A whole answer of the gateway's own to Converse.
fn answer(refusal: &Refusal<'_>) -> Value {
    json!({
        "output": { "message": { "role": "assistant", "content": [{ "text": refusal.message }] } },
        "stopReason": FILTERED,
        "usage": { "inputTokens": 0, "outputTokens": 0, "totalTokens": 0 },
        "metrics": { "latencyMs": 0 },
    })
}

/// `usage` of Converse and of models that count likewise.
fn usage(root: Node<'_, '_>) -> Usage {
    let Some(usage) = root.get("usage") else { return Usage::default() };
    let count = |names: &[&str]| names.iter().find_map(|name| usage.get(name)?.as_u64());
    Usage {
        input: count(&["inputTokens", "input_tokens", "prompt_tokens"]),
        output: count(&["outputTokens", "output_tokens", "completion_tokens"]),
        cached: count(&["cacheReadInputTokens", "cacheReadInputTokenCount"]),
    }
}

//! Cohere: chat v2 and v1, embeddings, reranking.
//!
//! Source: the API reference and the types of the official SDK (cohere 7).

mod stream;

use super::openai::{facts, turns};
use super::{Dialect, Facts, Fault, Refusal, Reply, StreamDialect, Target, Usage, Walk, Walker, openai, operation_of};
use crate::decode::Channel;
use crate::decode::framing::Framing;
use crate::decode::json::{Json, Kind, Node};
use crate::decode::offset::Unit;
use serde_json::{Value, json};
use std::sync::Arc;

/// The dialect.
pub struct Cohere;

/// The finish reason of an answer that was stopped on purpose and is not whole.
const FILTERED: &str = "ERROR";

impl Dialect for Cohere {
    fn names(&self) -> &'static [&'static str] {
        &["cohere"]
    }

    fn at(&self, path: &str) -> Option<Arc<dyn Dialect>> {
        path.contains("/compatibility/v1/").then(|| Arc::new(openai::OpenAi) as Arc<dyn Dialect>)
    }

    fn target(&self, _method: &str, path: &str) -> Target {
        const OPERATIONS: &[(&str, &str)] = &[
            ("/v2/chat", "chat"),
            ("/v1/chat", "chat_v1"),
            ("/embed", "embeddings"),
            ("/rerank", "rerank"),
            ("/generate", "text_completion"),
            ("/classify", "classify"),
            ("/summarize", "summarize"),
            ("/tokenize", "tokenize"),
            ("/detokenize", "detokenize"),
            ("/datasets", "files"),
            ("/models", "models"),
        ];
        Target::of(operation_of(OPERATIONS, path))
    }

    fn facts(&self, target: &Target, body: &Json<'_>) -> Facts {
        let facts = facts(body.root());
        let lines = facts.stream.is_some() && target.operation != "chat";
        Facts { stream: if lines { Some(Framing::Lines) } else { facts.stream }, ..facts }
    }

    fn request<'b>(&self, _target: &Target, body: &Json<'b>) -> Walk<'b> {
        let mut walker = Walker::new(body);
        let root = walker.root();
        for list in root.each("messages") {
            for (message, earlier) in turns(list) {
                walker.history = earlier;
                self::message(&mut walker, message);
            }
        }
        // v1: the history stands apart from the new message
        walker.history = true;
        for turn in root.each("chat_history").flat_map(Node::items) {
            self::turn(&mut walker, turn);
        }
        walker.history = false;
        for key in ["message", "prompt", "text", "query", "input"] {
            walker.text_at(Channel::Prompt, root, key);
        }
        for key in ["texts", "inputs", "stop_sequences", "search_queries"] {
            walker.texts_at(Channel::Prompt, root, key);
        }
        walker.text_at(Channel::System, root, "preamble");
        for key in ["tools", "response_format", "citation_options", "connectors"] {
            walker.value_at(Channel::System, root, key);
        }
        for key in ["documents", "examples"] {
            walker.value_at(Channel::Prompt, root, key);
        }
        walker.value_at(Channel::ToolResult, root, "tool_results");
        for image in root.each("images").flat_map(Node::items) {
            walker.url(Channel::Upload, image);
        }
        for input in root.each("inputs").flat_map(Node::items) {
            for content in input.each("content") {
                parts(&mut walker, Channel::Prompt, content);
            }
        }
        root.each("tokens").for_each(|tokens| walker.unreadable(Channel::Prompt, tokens));
        walker.finish(Channel::Prompt)
    }

    fn response<'b>(&self, target: &Target, body: &Json<'b>) -> Walk<'b> {
        let mut walker = Walker::new(body);
        let root = walker.root();
        for message in root.each("message").filter(|message| message.kind() == Kind::Object) {
            self::message(&mut walker, message);
        }
        // the text again, in pieces of some tokens
        for logprobs in root.each("logprobs") {
            walker.copy(0..walker.segments(), logprobs);
        }
        for turn in root.each("chat_history").flat_map(Node::items) {
            self::turn(&mut walker, turn);
        }
        if target.operation == "chat_v1" {
            let text = walker.text_at(Channel::Response, root, "text");
            citations(&mut walker, &[text], root);
        }
        for generation in root.each("generations").flat_map(Node::items) {
            let first = walker.segments();
            walker.text_at(Channel::Response, generation, "text");
            for likelihoods in generation.each("token_likelihoods") {
                walker.copy(first..walker.segments(), likelihoods);
            }
        }
        for call in root.each("tool_calls").flat_map(Node::items) {
            walker.value_at(Channel::ToolCall, call, "parameters");
        }
        walker.texts_at(Channel::Response, root, "texts");
        walker.text_at(Channel::Response, root, "prompt");
        walker.value_at(Channel::Response, root, "documents");
        root.each("tokens").for_each(|tokens| walker.unreadable(Channel::Response, tokens));
        walker.finish(Channel::Response)
    }

    fn usage(&self, _target: &Target, body: &Json<'_>) -> Usage {
        usage(body.root())
    }

    fn stream(&self, target: &Target, framing: Framing) -> Box<dyn StreamDialect> {
        match (target.operation, framing) {
            ("chat", _) => Box::new(stream::ChatStream::default()),
            _ => Box::new(stream::LineStream::new(framing)),
        }
    }

    fn error(&self, fault: Fault, refusal: &Refusal<'_>) -> Reply {
        let (status, ..) = openai::error_kind(fault, refusal.status);
        reply(status, &json!({ "id": refusal.id, "message": refusal.message }))
    }

    fn refusal(&self, target: &Target, refusal: &Refusal<'_>) -> Reply {
        match target.operation {
            "chat" => reply(
                200,
                &json!({
                    "id": refusal.id,
                    "finish_reason": FILTERED,
                    "message": { "role": "assistant", "content": [{ "type": "text", "text": refusal.message }] },
                    "usage": { "tokens": { "input_tokens": 0, "output_tokens": 0 } },
                }),
            ),
            "chat_v1" => reply(
                200,
                &json!({
                    "response_id": refusal.id, "generation_id": refusal.id, "text": refusal.message,
                    "finish_reason": FILTERED, "chat_history": [], "meta": {},
                }),
            ),
            // nothing else has a place for a reason
            _ => self.error(Fault::Policy, refusal),
        }
    }

    fn refusal_stream(&self, target: &Target, framing: Framing, refusal: &Refusal<'_>) -> Reply {
        let body = match target.operation {
            "chat" => stream::ChatStream::default().refusal(refusal),
            _ => stream::LineStream::new(framing).refusal(refusal),
        };
        Reply { status: 200, content_type: framing.media_type(), headers: Vec::new(), body }
    }
}

fn reply(status: u16, body: &Value) -> Reply {
    Reply { status, content_type: "application/json", headers: Vec::new(), body: body.to_string().into_bytes() }
}

/// The tokens counted, of v2 in `usage`, of v1 in `meta`.
fn usage(root: Node<'_, '_>) -> Usage {
    let counts = root.get("usage").or_else(|| root.get("meta"));
    let Some(tokens) = counts.and_then(|c| c.get("tokens").or_else(|| c.get("billed_units"))) else {
        return Usage::default();
    };
    // some answers write whole numbers with a fraction
    let count = |key: &str| {
        let node = tokens.get(key)?;
        node.as_u64().or_else(|| node.raw_str().strip_suffix(".0")?.parse().ok())
    };
    let cached = counts.and_then(|c| c.get("cached_tokens")?.as_u64());
    Usage { input: count("input_tokens"), output: count("output_tokens"), cached }
}

/// A message of v2, in a request or an answer.
fn message<'j, 'b>(walker: &mut Walker<'j, 'b>, message: Node<'j, 'b>) {
    let role = message.get("role").and_then(Node::str).unwrap_or_default();
    let channel = match &*role {
        "system" => Channel::System,
        "tool" => Channel::ToolResult,
        "assistant" => Channel::Response,
        _ => Channel::Prompt,
    };
    let texts: Vec<Option<usize>> =
        message.each("content").flat_map(|content| parts(walker, channel, content)).collect();
    walker.text_at(channel, message, "tool_plan");
    for function in message.each("tool_calls").flat_map(Node::items).flat_map(|call| call.each("function")) {
        function.each("arguments").for_each(|arguments| walker.json_text(Channel::ToolCall, arguments));
    }
    citations(walker, &texts, message);
}

/// A content that is a text or a list of parts. Returns the segment of each one's text, if it has any.
fn parts<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, content: Node<'j, 'b>) -> Vec<Option<usize>> {
    let mut texts: Vec<Option<usize>> = walker.text(channel, content).map(Some).into_iter().collect();
    for part in content.items() {
        texts.push(walker.text_at(channel, part, "text"));
        walker.text_at(channel, part, "thinking");
        for url in part.each("image_url").flat_map(|image| image.each("url")) {
            walker.url(Channel::Upload, url);
        }
        for document in part.each("document") {
            walker.value_at(channel, document, "data");
        }
    }
    texts
}

/// A turn of v1's `chat_history`.
fn turn<'j, 'b>(walker: &mut Walker<'j, 'b>, turn: Node<'j, 'b>) {
    let role = turn.get("role").and_then(Node::str).unwrap_or_default();
    let channel = match &*role.to_ascii_uppercase() {
        "CHATBOT" => Channel::Response,
        "SYSTEM" => Channel::System,
        "TOOL" => Channel::ToolResult,
        _ => Channel::Prompt,
    };
    walker.text_at(channel, turn, "message");
    for call in turn.each("tool_calls").flat_map(Node::items) {
        walker.value_at(Channel::ToolCall, call, "parameters");
    }
    walker.value_at(Channel::ToolResult, turn, "tool_results");
}

/// `citations[]`: what is cited stands there again, with its place in one of the texts counted in characters: the one it
/// names, or the first.
fn citations<'j, 'b>(walker: &mut Walker<'j, 'b>, texts: &[Option<usize>], object: Node<'j, 'b>) {
    for citation in object.each("citations").flat_map(Node::items) {
        walker.text_at(Channel::Response, citation, "text");
        walker.value_at(Channel::Response, citation, "sources");
        let index = citation.get("content_index").and_then(Node::as_u64).and_then(|index| usize::try_from(index).ok());
        let of = match index {
            Some(index) => texts.get(index).copied().flatten(),
            None => texts.iter().copied().flatten().next(),
        };
        if let Some(of) = of {
            walker.offsets(of, citation, ["start", "end"], Unit::CodePoints);
        }
    }
}

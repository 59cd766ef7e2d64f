//! Ollama's own API: lines of JSON, streamed unless the request says otherwise. Under `/v1` it speaks other providers' APIs.
//!
//! Source: `docs/api.md` of the Ollama repository and the types of its Python client (ollama 0.6).

use super::anthropic::Anthropic;
use super::openai::{OpenAi, turns};
use super::{
    Dialect, EventFacts, EventWalker, Facts, Fault, LaneKey, Marks, Refusal, Reply, StreamDialect, Target, Usage, Walk,
    Walker, operation_of,
};
use crate::decode::Channel;
use crate::decode::framing::Framing;
use crate::decode::json::{Json, Node};
use serde_json::{Value, json};
use std::sync::Arc;

/// The dialect.
pub struct Ollama;

/// The time that answers of the gateway's own claim to have been made at: it has no clock, and clients require one.
const CREATED: &str = "1970-01-01T00:00:00Z";
/// Ollama itself knows no such reason; its clients take any text, and the others would say that the answer is complete.
const FILTERED: &str = "content_filter";

impl Dialect for Ollama {
    fn names(&self) -> &'static [&'static str] {
        &["ollama"]
    }

    fn at(&self, path: &str) -> Option<Arc<dyn Dialect>> {
        match path.split('?').next().unwrap_or_default() {
            path if path.ends_with("/v1/messages") => Some(Arc::new(Anthropic)),
            path if path.contains("/v1/") => Some(Arc::new(OpenAi)),
            _ => None,
        }
    }

    fn target(&self, _method: &str, path: &str) -> Target {
        const OPERATIONS: &[(&str, &str)] = &[
            ("/api/chat", "chat"),
            ("/api/generate", "text_completion"),
            ("/api/embed", "embeddings"),
            ("/api/embeddings", "embeddings"),
            ("/api/create", "create_model"),
            ("/api/pull", "pull_model"),
            ("/api/push", "push_model"),
            ("/api/tags", "models"),
            ("/api/show", "models"),
        ];
        Target::of(operation_of(OPERATIONS, path))
    }

    fn facts(&self, target: &Target, body: &Json<'_>) -> Facts {
        let root = body.root();
        let streams =
            ["chat", "text_completion", "create_model", "pull_model", "push_model"].contains(&target.operation);
        let asked = root.get("stream").and_then(Node::as_bool).unwrap_or(streams);
        Facts {
            model: root.get("model").and_then(Node::str).map(|model| model.into_owned()),
            stream: (streams && asked).then_some(Framing::Lines),
            ..Facts::default()
        }
    }

    fn request<'b>(&self, target: &Target, body: &Json<'b>) -> Walk<'b> {
        let mut walker = Walker::new(body);
        let root = walker.root();
        for list in root.each("messages") {
            for (message, earlier) in turns(list) {
                walker.history = earlier;
                self::message(&mut walker, message);
            }
        }
        walker.history = false;
        for key in ["prompt", "suffix", "input"] {
            walker.texts_at(Channel::Prompt, root, key);
        }
        for key in ["system", "template"] {
            walker.text_at(Channel::System, root, key);
        }
        for key in ["tools", "format"] {
            walker.value_at(Channel::System, root, key);
        }
        images(&mut walker, root);
        tokens(&mut walker, root, Channel::Prompt);
        if target.operation == "create_model" {
            walker.texts_at(Channel::System, root, "license");
        }
        walker.finish(Channel::Prompt)
    }

    fn response<'b>(&self, _target: &Target, body: &Json<'b>) -> Walk<'b> {
        let mut walker = Walker::new(body);
        let root = walker.root();
        for message in root.each("message") {
            self::message(&mut walker, message);
        }
        for key in ["response", "thinking"] {
            walker.text_at(Channel::Response, root, key);
        }
        let texts = 0..walker.segments();
        for logprobs in root.each("logprobs") {
            walker.copy(texts.clone(), logprobs);
        }
        tokens(&mut walker, root, Channel::Response);
        walker.finish(Channel::Response)
    }

    fn usage(&self, _target: &Target, body: &Json<'_>) -> Usage {
        usage(body.root())
    }

    fn stream(&self, target: &Target, _framing: Framing) -> Box<dyn StreamDialect> {
        Box::new(LineStream { chat: target.operation == "chat", ended: false })
    }

    fn error(&self, fault: Fault, refusal: &Refusal<'_>) -> Reply {
        let status = match fault {
            Fault::Policy => refusal.status,
            Fault::BadRequest => 400,
            Fault::TooLarge => 413,
            Fault::NotFound => 404,
            Fault::Upstream => 502,
            Fault::Timeout => 504,
            Fault::Unavailable => 503,
        };
        reply(status, Framing::Messages, &json!({ "error": refusal.message }))
    }

    fn refusal(&self, target: &Target, refusal: &Refusal<'_>) -> Reply {
        reply(200, Framing::Messages, &last(target.operation == "chat", refusal))
    }

    fn refusal_stream(&self, target: &Target, framing: Framing, refusal: &Refusal<'_>) -> Reply {
        reply(200, framing, &last(target.operation == "chat", refusal))
    }
}

fn reply(status: u16, framing: Framing, body: &Value) -> Reply {
    let body = format!("{body}\n").into_bytes();
    Reply { status, content_type: framing.media_type(), headers: Vec::new(), body }
}

/// The last object of an answer of the gateway's own, with the message as its text.
fn last(chat: bool, refusal: &Refusal<'_>) -> Value {
    let mut object = json!({
        "model": refusal.model.unwrap_or_default(),
        "created_at": CREATED,
        "done": true,
        "done_reason": FILTERED,
    });
    match chat {
        true => object["message"] = json!({ "role": "assistant", "content": refusal.message }),
        false => object["response"] = refusal.message.into(),
    }
    object
}

fn usage(root: Node<'_, '_>) -> Usage {
    let count = |key: &str| root.get(key).and_then(Node::as_u64);
    Usage { input: count("prompt_eval_count"), output: count("eval_count"), cached: None }
}

/// A message of a request or an answer.
fn message<'j, 'b>(walker: &mut Walker<'j, 'b>, message: Node<'j, 'b>) {
    let role = message.get("role").and_then(Node::str).unwrap_or_default();
    let channel = match &*role {
        "system" => Channel::System,
        "tool" => Channel::ToolResult,
        "assistant" => Channel::Response,
        _ => Channel::Prompt,
    };
    for key in ["content", "thinking"] {
        walker.text_at(channel, message, key);
    }
    for arguments in arguments(message) {
        walker.json_text(Channel::ToolCall, arguments);
    }
    images(walker, message);
}

/// The arguments of each tool call of a message: an object, not its source.
fn arguments<'j, 'b>(message: Node<'j, 'b>) -> impl Iterator<Item = Node<'j, 'b>> {
    let calls = message.each("tool_calls").flat_map(Node::items);
    calls.flat_map(|call| call.each("function")).flat_map(|function| function.each("arguments"))
}

fn images<'j, 'b>(walker: &mut Walker<'j, 'b>, object: Node<'j, 'b>) {
    for image in object.each("images").flat_map(Node::items) {
        walker.payload(Channel::Upload, image);
    }
}

/// `context`: the conversation so far as token ids, which no rule can read.
fn tokens<'j, 'b>(walker: &mut Walker<'j, 'b>, object: Node<'j, 'b>, channel: Channel) {
    for context in object.each("context").filter(|context| context.items().next().is_some()) {
        walker.unreadable(channel, context);
    }
}

/// Reads the lines of one answer and writes its ends.
struct LineStream {
    chat: bool,
    ended: bool,
}

impl StreamDialect for LineStream {
    fn event(&mut self, _name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let Some(json) = data else { return EventFacts::default() };
        let mut walker = EventWalker::new(json);
        let root = walker.root();
        let lane = |kind| LaneKey::new(kind, 0, 0);
        for message in root.each("message") {
            for key in ["content", "thinking"] {
                walker.delta_at(Channel::Response, &lane(key), message, key);
            }
            for arguments in arguments(message) {
                walker.json_text(Channel::ToolCall, arguments);
            }
        }
        for key in ["response", "thinking"] {
            walker.delta_at(Channel::Response, &lane(key), root, key);
        }
        root.each("logprobs").for_each(|logprobs| walker.event_copy(logprobs));
        for context in root.each("context").filter(|context| context.items().next().is_some()) {
            walker.unreadable(Channel::Response, context);
        }
        let last = root.get("done").and_then(Node::as_bool) == Some(true) || root.get("error").is_some();
        // downloads end with this status instead
        let success = root.get("status").is_some_and(|status| status.is("success"));
        let mut facts = walker.finish();
        facts.usage = usage(root);
        facts.ends_all = last || success;
        facts.marks.ended = facts.ends_all;
        facts
    }

    fn sent(&mut self, marks: &Marks) {
        self.ended |= marks.ended;
    }

    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        self.ended = true;
        format!("{}\n", last(self.chat, refusal)).into_bytes()
    }

    fn failed(&mut self, _fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        self.ended = true;
        format!("{}\n", json!({ "error": refusal.message })).into_bytes()
    }

    fn ended(&self) -> bool {
        self.ended
    }
}

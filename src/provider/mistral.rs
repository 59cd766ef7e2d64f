//! Mistral: chat completions like OpenAI's, and what Mistral has besides: fill-in-the-middle, agents, conversations, OCR,
//! classifiers.
//!
//! Source: the API reference and the types of the official SDK (mistralai 3).

use super::openai::{OpenAi, error_kind};
use super::{
    Dialect, EventFacts, EventWalker, Facts, Fault, LaneKey, Marks, Refusal, Reply, StreamDialect, Target, Usage, Walk,
    Walker, operation_of,
};
use crate::decode::Channel;
use crate::decode::framing::Framing;
use crate::decode::json::{Json, Node};
use serde_json::{Value, json};

/// The dialect.
pub struct Mistral;

impl Dialect for Mistral {
    fn names(&self) -> &'static [&'static str] {
        &["mistral"]
    }

    fn target(&self, _method: &str, path: &str) -> Target {
        const OPERATIONS: &[(&str, &str)] = &[
            ("/chat/completions", "chat"),
            ("/agents/completions", "chat"),
            ("/fim/completions", "text_completion"),
            ("/embeddings", "embeddings"),
            ("/ocr", "ocr"),
            ("/moderations", "moderations"),
            ("/chat/moderations", "moderations"),
            ("/classifications", "classify"),
            ("/chat/classifications", "classify"),
            ("/audio/transcriptions", "transcription"),
            ("/files", "files"),
            ("/models", "models"),
            ("/conversations", "conversations"),
        ];
        // `/v1/conversations#stream` and `/v1/conversations/{id}#stream` in the SDK are the same path with `stream: true`
        Target::of(operation_of(OPERATIONS, path))
    }

    fn facts(&self, target: &Target, body: &Json<'_>) -> Facts {
        OpenAi.facts(target, body)
    }

    fn request<'b>(&self, target: &Target, body: &Json<'b>) -> Walk<'b> {
        match target.operation {
            "ocr" | "conversations" => {
                let mut walker = Walker::new(body);
                let root = walker.root();
                root.each("document").for_each(|document| chunk(&mut walker, Channel::Upload, document));
                root.each("inputs").for_each(|inputs| entries(&mut walker, inputs));
                for key in ["instructions", "description"] {
                    walker.text_at(Channel::System, root, key);
                }
                for key in ["tools", "document_annotation_format", "bbox_annotation_format", "completion_args"] {
                    walker.value_at(Channel::System, root, key);
                }
                walker.finish(Channel::Prompt)
            }
            // `input` of a moderation may be a conversation, which the backstop reads
            _ => OpenAi.request(target, body),
        }
    }

    fn response<'b>(&self, target: &Target, body: &Json<'b>) -> Walk<'b> {
        match target.operation {
            "ocr" | "conversations" => {
                let mut walker = Walker::new(body);
                let root = walker.root();
                for page in root.each("pages").flat_map(Node::items) {
                    walker.text_at(Channel::Response, page, "markdown");
                    for image in page.each("images").flat_map(Node::items) {
                        image.each("image_base64").for_each(|data| walker.payload(Channel::Response, data));
                    }
                }
                for key in ["outputs", "entries", "messages"] {
                    root.each(key).for_each(|list| entries(&mut walker, list));
                }
                walker.finish(Channel::Response)
            }
            _ => OpenAi.response(target, body),
        }
    }

    fn uploaded(&self, target: &Target, body: &Json<'_>) -> Vec<String> {
        OpenAi.uploaded(target, body)
    }

    fn line<'b>(&self, channel: Channel, line: &Json<'b>) -> Option<Walk<'b>> {
        OpenAi.line(channel, line)
    }

    fn usage(&self, target: &Target, body: &Json<'_>) -> Usage {
        OpenAi.usage(target, body)
    }

    fn stream(&self, target: &Target, framing: Framing) -> Box<dyn StreamDialect> {
        match target.operation {
            "conversations" => Box::new(ConversationStream::default()),
            _ => OpenAi.stream(target, framing),
        }
    }

    fn error(&self, fault: Fault, refusal: &Refusal<'_>) -> Reply {
        let (status, kind, code) = error_kind(fault, refusal.status);
        let body = json!({ "object": "error", "message": refusal.message, "type": kind, "param": null, "code": code });
        let reply = OpenAi.error(fault, refusal);
        Reply { status, body: body.to_string().into_bytes(), ..reply }
    }

    fn refusal(&self, target: &Target, refusal: &Refusal<'_>) -> Reply {
        match target.operation {
            // the SDK's list of finish reasons is closed, but for values it does not know
            "chat" | "text_completion" => OpenAi.refusal(target, refusal),
            "conversations" => {
                let body = json!({
                    "object": "conversation.response", "conversation_id": refusal.id,
                    "outputs": [{ "object": "entry", "type": "message.output", "role": "assistant", "content": refusal.message }],
                    "usage": { "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0 },
                });
                let body = body.to_string().into_bytes();
                Reply { status: 200, content_type: "application/json", headers: Vec::new(), body }
            }
            _ => self.error(Fault::Policy, refusal),
        }
    }

    fn refusal_stream(&self, target: &Target, framing: Framing, refusal: &Refusal<'_>) -> Reply {
        match target.operation {
            "conversations" => {
                let mut body = Vec::new();
                event(&mut body, &json!({ "type": "conversation.response.started", "conversation_id": refusal.id }));
                event(
                    &mut body,
                    &json!({ "type": "message.output.delta", "id": refusal.id, "output_index": 0, "content_index": 0,
                        "role": "assistant", "content": refusal.message }),
                );
                body.extend(ConversationStream::default().blocked(refusal));
                Reply { status: 200, content_type: "text/event-stream", headers: Vec::new(), body }
            }
            _ => OpenAi.refusal_stream(target, framing, refusal),
        }
    }
}

/// What a conversation is made of: a text, or a list of messages, calls and results.
fn entries<'j, 'b>(walker: &mut Walker<'j, 'b>, inputs: Node<'j, 'b>) {
    walker.text(Channel::Prompt, inputs);
    for entry in inputs.items() {
        let kind = entry.get("type").and_then(Node::str).unwrap_or_default();
        let role = entry.get("role").and_then(Node::str).unwrap_or_default();
        let channel = match (&*kind, &*role) {
            ("function.result", _) => Channel::ToolResult,
            ("message.output", _) | (_, "assistant") => Channel::Response,
            (_, "system") => Channel::System,
            _ => Channel::Prompt,
        };
        for content in entry.each("content") {
            walker.text(channel, content);
            content.items().for_each(|part| chunk(walker, channel, part));
        }
        for key in ["result", "info"] {
            walker.value_at(Channel::ToolResult, entry, key);
        }
        entry.each("arguments").for_each(|arguments| walker.json_text(Channel::ToolCall, arguments));
    }
}

/// A part of a content.
fn chunk<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, part: Node<'j, 'b>) {
    for key in ["text", "title", "description", "document_name"] {
        walker.text_at(channel, part, key);
    }
    for thinking in part.each("thinking") {
        walker.text(channel, thinking);
        thinking.items().for_each(|inner| {
            walker.text_at(channel, inner, "text");
        });
    }
    for key in ["document_url", "image_url", "url"] {
        for node in part.each(key) {
            let urls = node.is_string().then_some(node).into_iter().chain(node.each("url"));
            urls.for_each(|url| walker.url(Channel::Upload, url));
        }
    }
    part.each("file_id").for_each(|id| walker.reference(Channel::Upload, id));
    for audio in part.each("input_audio").filter(|audio| audio.is_string()) {
        walker.unreadable(Channel::Upload, audio);
    }
}

fn event(out: &mut Vec<u8>, data: &Value) {
    let name = data["type"].as_str().unwrap_or_default();
    out.extend_from_slice(format!("event: {name}\ndata: {data}\n\n").as_bytes());
}

/// Reads the events of a conversation and writes its ends.
#[derive(Default)]
struct ConversationStream {
    ended: bool,
}

impl StreamDialect for ConversationStream {
    fn event(&mut self, name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let Some(json) = data else {
            return EventFacts { ends_all: true, ..EventFacts::default() };
        };
        let mut walker = EventWalker::new(json);
        let root = walker.root();
        let kind = root.get("type").and_then(Node::str).map(|kind| kind.into_owned());
        let kind = kind.as_deref().or(name).unwrap_or_default();
        let number = |key: &str| root.get(key).and_then(Node::as_u64).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        match kind {
            "message.output.delta" => {
                let lane = LaneKey::new("content", number("output_index"), number("content_index"));
                for content in root.each("content") {
                    walker.delta(Channel::Response, &lane, content);
                    walker.delta_at(Channel::Response, &lane, content, "text");
                    let lane = LaneKey::new("thinking", lane.index, lane.sub);
                    for thinking in content.each("thinking") {
                        walker.delta(Channel::Response, &lane, thinking);
                        thinking.items().for_each(|part| walker.delta_at(Channel::Response, &lane, part, "text"));
                    }
                }
            }
            "function.call.delta" => {
                let lane = LaneKey::new("arguments", number("output_index"), 0);
                root.each("arguments").for_each(|arguments| walker.fragment(&lane, arguments));
            }
            "tool.execution.delta" => {
                let lane = LaneKey::new("arguments", number("output_index"), 1);
                root.each("arguments").for_each(|arguments| walker.fragment(&lane, arguments));
            }
            _ => {}
        }
        let mut facts = walker.finish();
        facts.usage = OpenAi.usage(&Target::default(), json);
        let last = ["conversation.response.done", "conversation.response.error"].contains(&kind);
        facts.ends_all = last;
        facts.marks.ended = last;
        facts
    }

    fn sent(&mut self, marks: &Marks) {
        self.ended |= marks.ended;
    }

    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        // there is no finish reason: an error is all that says that the answer is not whole
        self.failed(Fault::Policy, refusal)
    }

    fn failed(&mut self, fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        self.ended = true;
        let (code, ..) = error_kind(fault, refusal.status);
        let mut out = Vec::new();
        event(&mut out, &json!({ "type": "conversation.response.error", "message": refusal.message, "code": code }));
        out
    }

    fn ended(&self) -> bool {
        self.ended
    }
}

//! Streamed answers: the events of Converse, and the chunks of InvokeModel, which wrap a model's own events.

use super::{FILTERED, usage};
use crate::decode::Channel;
use crate::decode::event_stream::frame;
use crate::decode::json::{Json, Node};
use crate::decode::sse;
use crate::provider::{EventFacts, EventWalker, Fault, LaneKey, Marks, Refusal, StreamDialect};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Reads the events of Converse and writes its ends.
#[derive(Default)]
pub(super) struct ConverseStream {
    /// Each event is wrapped in a chunk, under a key that names it: InvokeModel of Nova.
    wrapped: bool,
    started: bool,
    open: BTreeSet<u64>,
    ended: bool,
}

impl ConverseStream {
    pub(super) fn wrapped() -> Self {
        Self { wrapped: true, ..Self::default() }
    }

    /// A whole stream of the gateway's own, with the message as its text.
    pub(super) fn refusal(mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        self.start(&mut out);
        let delta = json!({ "contentBlockIndex": 0, "delta": { "text": refusal.message } });
        self.write(&mut out, "contentBlockDelta", &delta);
        self.open.insert(0);
        out.extend(self.blocked(refusal));
        out
    }

    fn start(&mut self, out: &mut Vec<u8>) {
        self.started = true;
        self.write(out, "messageStart", &json!({ "role": "assistant" }));
    }

    fn write(&self, out: &mut Vec<u8>, name: &str, event: &Value) {
        match self.wrapped {
            true => out.extend(chunk(json!({ name: event }).to_string().as_bytes())),
            false => out.extend(named(":event-type", name, event)),
        }
    }
}

impl StreamDialect for ConverseStream {
    fn event(&mut self, name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let Some(json) = data else { return EventFacts::default() };
        let mut walker = EventWalker::new(json);
        let root = walker.root();
        let name = name.filter(|name| *name != "chunk");
        let events: Vec<(String, Node<'_, '_>)> = match name {
            Some(name) => vec![(name.to_owned(), root)],
            None => root.entries().filter_map(|(key, event)| Some((key.str()?.into_owned(), event))).collect(),
        };
        for (name, event) in &events {
            read(name, *event, &mut walker);
        }
        walker.finish()
    }

    fn signs(&self, lane: &LaneKey) -> bool {
        lane.kind == "reasoning"
    }

    fn sent(&mut self, marks: &Marks) {
        self.started |= marks.started;
        self.open.extend(&marks.opened);
        marks.closed.iter().for_each(|block| {
            self.open.remove(block);
        });
        self.ended |= marks.ended;
    }

    fn blocked(&mut self, _refusal: &Refusal<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.started {
            self.start(&mut out);
        }
        for index in std::mem::take(&mut self.open) {
            self.write(&mut out, "contentBlockStop", &json!({ "contentBlockIndex": index }));
        }
        self.write(&mut out, "messageStop", &json!({ "stopReason": FILTERED }));
        let usage = json!({ "inputTokens": 0, "outputTokens": 0, "totalTokens": 0 });
        self.write(&mut out, "metadata", &json!({ "usage": usage, "metrics": { "latencyMs": 0 } }));
        self.ended = true;
        out
    }

    fn failed(&mut self, fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        self.ended = true;
        failure(fault, refusal)
    }

    fn ended(&self) -> bool {
        self.ended
    }
}

/// Reads one event of Converse.
fn read<'j, 'b>(name: &str, event: Node<'j, 'b>, walker: &mut EventWalker<'j, 'b>) {
    let number = event.get("contentBlockIndex").and_then(Node::as_u64).unwrap_or(0);
    let index = u32::try_from(number).unwrap_or(u32::MAX);
    let lane = |kind| LaneKey::new(kind, index, 0);
    match name {
        "messageStart" => walker.facts.marks.started = true,
        "contentBlockStart" => walker.facts.marks.opened.push(number),
        "contentBlockDelta" => {
            // text begins without a start of its block
            walker.facts.marks.opened.push(number);
            for delta in event.each("delta") {
                walker.delta_at(Channel::Response, &lane("text"), delta, "text");
                for input in delta.each("toolUse").flat_map(|tool| tool.each("input")) {
                    walker.fragment(&lane("arguments"), input);
                }
                for reasoning in delta.each("reasoningContent") {
                    walker.delta_at(Channel::Response, &lane("reasoning"), reasoning, "text");
                    reasoning.each("signature").for_each(|node| walker.signature(&lane("reasoning"), node));
                    reasoning.each("redactedContent").for_each(|node| walker.opaque(Channel::Response, node));
                }
                for key in ["toolResult", "citation"] {
                    delta.each(key).for_each(|node| walker.value(Channel::Response, node));
                }
                for image in delta.each("image").flat_map(|image| image.each("source")) {
                    image.each("bytes").for_each(|bytes| walker.unreadable(Channel::Response, bytes));
                }
            }
        }
        "contentBlockStop" => {
            walker.facts.marks.closed.push(number);
            walker.facts.ends.extend(["text", "arguments", "reasoning"].map(lane));
        }
        "messageStop" => {
            walker.facts.ends_all = true;
            // `metadata` follows, but clients have the reason
            walker.facts.marks.ended = true;
        }
        "metadata" => {
            walker.facts.usage = usage(event);
            event.each("trace").for_each(|trace| walker.value(Channel::Response, trace));
        }
        name if name.ends_with("Exception") => {
            walker.facts.ends_all = true;
            walker.facts.marks.ended = true;
        }
        _ => {}
    }
    // random text that hides lengths
    event.each("p").for_each(|padding| walker.opaque(Channel::Response, padding));
}

/// Reads the chunks of a model's own events and writes its ends as chunks.
pub(super) struct ChunkStream {
    inner: Box<dyn StreamDialect>,
    /// The model's own way to end a stream is known.
    known: bool,
    failed: bool,
}

impl ChunkStream {
    /// Of a model whose dialect is known, which writes server-sent events.
    pub(super) fn of(inner: Box<dyn StreamDialect>) -> Self {
        Self { inner, known: true, failed: false }
    }

    /// Of any other model.
    pub(super) fn unknown(inner: Box<dyn StreamDialect>) -> Self {
        Self { inner, known: false, failed: false }
    }
}

impl StreamDialect for ChunkStream {
    fn event(&mut self, name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        match name {
            Some("chunk") | None => self.inner.event(None, data),
            Some(_) => {
                let mut facts = self.inner.event(name, data);
                facts.ends_all = true;
                facts.marks.ended = true;
                facts
            }
        }
    }

    fn signs(&self, lane: &LaneKey) -> bool {
        self.inner.signs(lane)
    }

    fn sent(&mut self, marks: &Marks) {
        self.inner.sent(marks);
    }

    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        match self.known {
            true => chunks(&self.inner.blocked(refusal)),
            false => self.failed(Fault::Policy, refusal),
        }
    }

    fn failed(&mut self, fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        self.failed = true;
        failure(fault, refusal)
    }

    fn ended(&self) -> bool {
        self.failed || self.inner.ended()
    }
}

/// Server-sent events as chunks: what a dialect writes for its own transport, on this one.
pub(super) fn chunks(events: &[u8]) -> Vec<u8> {
    let mut framed = Vec::new();
    let mut framer = sse::Framer::new(usize::MAX);
    framer.push(events, &mut framed).expect("there is no limit");
    let data = framed.iter().filter_map(sse::Event::data).filter(|data| **data != *b"[DONE]");
    data.flat_map(|data| chunk(&data)).collect()
}

fn chunk(inner: &[u8]) -> Vec<u8> {
    named(":event-type", "chunk", &json!({ "bytes": BASE64_STANDARD.encode(inner) }))
}

/// The exception that ends a stream by protocol.
fn failure(fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
    let name = match fault {
        Fault::Upstream => "modelStreamErrorException",
        Fault::Timeout => "modelTimeoutException",
        Fault::Unavailable => "serviceUnavailableException",
        Fault::Policy | Fault::BadRequest | Fault::TooLarge | Fault::NotFound => "validationException",
    };
    named(":exception-type", name, &json!({ "message": refusal.message }))
}

fn named(header: &str, name: &str, payload: &Value) -> Vec<u8> {
    let kind = if header == ":event-type" { "event" } else { "exception" };
    frame(
        &[(header, name), (":content-type", "application/json"), (":message-type", kind)],
        payload.to_string().as_bytes(),
    )
}

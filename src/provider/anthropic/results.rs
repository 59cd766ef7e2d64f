//! Results of a batch: one JSON value a line, each the outcome of one request.

use super::blocks::{self, Side};
use super::{error_body, error_kind, usage};
use crate::decode::Channel;
use crate::decode::json::{Json, Node};
use crate::provider::{EventFacts, EventWalker, Fault, Marks, Refusal, StreamDialect};
use serde_json::{Value, json};

/// Reads the lines. Each is whole: no text goes on in the next.
#[derive(Default)]
pub(super) struct Results {
    /// The request whose outcome was read last.
    custom_id: String,
}

impl StreamDialect for Results {
    fn event(&mut self, _name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let Some(json) = data else { return EventFacts::default() };
        let mut walker = EventWalker::new(json);
        let root = walker.root();
        self.custom_id = root.get("custom_id").and_then(Node::str).unwrap_or_default().into_owned();
        for message in root.each("result").flat_map(|result| result.each("message")) {
            for content in message.each("content") {
                blocks::content(&mut walker, Side::Answer, Channel::Response, content);
            }
            walker.facts.usage = message.get("usage").map(usage).unwrap_or_default();
        }
        walker.finish()
    }

    fn sent(&mut self, _marks: &Marks) {}

    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        self.failed(Fault::Policy, refusal)
    }

    fn failed(&mut self, fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        let (_, kind) = error_kind(fault, refusal.status);
        let result = json!({ "type": "errored", "error": error_body(kind, refusal) });
        let line: Value = json!({ "custom_id": self.custom_id, "result": result });
        format!("{line}\n").into_bytes()
    }

    fn ended(&self) -> bool {
        // there is no terminator: a complete transfer is the end
        true
    }
}

//! Providers without a dialect of their own yet: every string leaf of every JSON body, and of every event of a stream.
//!
//! In a stream, the leaves at one path of successive events form a lane, since that is where deltas stand. A leaf that is no
//! delta (a name that is repeated in each event) is scanned all the same.

use super::openai::{OpenAi, facts};
use super::{
    Dialect, EventFacts, Facts, Fault, LaneKey, Marks, Refusal, Reply, StreamDialect, StreamLeaf, Target, Usage, Walk,
    Walker, backstop,
};
use crate::decode::framing::Framing;
use crate::decode::json::Json;
use crate::decode::{Channel, Reason};

/// The dialect.
pub struct Generic;

impl Dialect for Generic {
    fn names(&self) -> &'static [&'static str] {
        &["generic", "bedrock"]
    }

    fn target(&self, _method: &str, _path: &str) -> Target {
        Target::of("other")
    }

    fn credential(&self, key: &str) -> (&'static str, String) {
        ("authorization", format!("Bearer {key}"))
    }

    fn facts(&self, _target: &Target, body: &Json<'_>) -> Facts {
        facts(body.root())
    }

    fn request<'b>(&self, _target: &Target, body: &Json<'b>) -> Walk<'b> {
        Walker::new(body).finish(Channel::Prompt)
    }

    fn response<'b>(&self, _target: &Target, body: &Json<'b>) -> Walk<'b> {
        Walker::new(body).finish(Channel::Response)
    }

    fn usage(&self, target: &Target, body: &Json<'_>) -> Usage {
        OpenAi.usage(target, body)
    }

    fn stream(&self, _target: &Target, _framing: Framing) -> Box<dyn StreamDialect> {
        Box::new(LeafStream)
    }

    fn error(&self, fault: Fault, refusal: &Refusal<'_>) -> Reply {
        OpenAi.error(fault, refusal)
    }

    fn refusal(&self, _target: &Target, refusal: &Refusal<'_>) -> Reply {
        // no filter reason is known that every such provider's clients understand
        OpenAi.error(Fault::Policy, refusal)
    }

    fn refusal_stream(&self, _target: &Target, _framing: Framing, refusal: &Refusal<'_>) -> Reply {
        OpenAi.error(Fault::Policy, refusal)
    }
}

/// Every leaf of every event, by path.
struct LeafStream;

impl StreamDialect for LeafStream {
    fn event(&mut self, _name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let mut facts = EventFacts::default();
        let Some(json) = data else { return facts };
        for leaf in json.root().tree().filter(|n| n.is_string() && !n.is_key()) {
            if backstop::is_label(leaf) || leaf.span().len() <= 2 {
                continue;
            }
            if backstop::is_opaque(leaf) {
                facts.uninspected(Reason::Opaque, Channel::Response, leaf);
                continue;
            }
            facts.backstop_leaves += 1;
            let lane = LaneKey { kind: leaf.path().into(), index: 0, sub: 0 };
            facts.deltas.push(StreamLeaf { lane, channel: Channel::Response, json_fragment: false, node: leaf.id() });
        }
        facts
    }

    fn sent(&mut self, _marks: &Marks) {}

    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        self.failed(Fault::Policy, refusal)
    }

    fn failed(&mut self, fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        let mut out = b"data: ".to_vec();
        out.extend(OpenAi.error(fault, refusal).body);
        out.extend_from_slice(b"\n\n");
        out
    }

    fn ended(&self) -> bool {
        // no terminator is known: a complete transfer is taken for the end
        true
    }
}

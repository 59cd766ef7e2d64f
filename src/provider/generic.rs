//! Providers without a dialect of their own: where text lies is told by the configuration ([`Layout`]), and whatever it does
//! not name is seen by the backstop: every string leaf of every JSON body, and of every event of a stream.
//!
//! In a stream, the leaves at one path of successive events form a lane, since that is where deltas stand. Unless the layout
//! tells which leaves are deltas, all are taken for such: one that is none (a name repeated in each event) is scanned all the
//! same. How errors, refusals and the ends of streams are written is the part of another dialect, if the configuration names
//! one.

use super::layout::{Layout, Use};
use super::openai::OpenAi;
use super::{
    Dialect, EventFacts, EventWalker, Facts, Fault, LaneKey, Marks, Refusal, Reply, StreamDialect, Target, Usage, Walk,
    Walker,
};
use crate::decode::Channel;
use crate::decode::framing::Framing;
use crate::decode::json::{Json, Node};
use std::sync::Arc;

/// The dialect.
#[derive(Default)]
pub struct Generic {
    layout: Arc<Layout>,
    /// Whose errors and ends are written, if any provider's are; else OpenAI's errors.
    base: Option<Arc<dyn Dialect>>,
}

impl Generic {
    pub(super) fn new(layout: Arc<Layout>, base: Option<Arc<dyn Dialect>>) -> Self {
        Self { layout, base }
    }

    fn base(&self) -> &dyn Dialect {
        self.base.as_deref().unwrap_or(&OpenAi)
    }

    fn walk<'b>(&self, body: &Json<'b>, channel: Channel) -> Walk<'b> {
        let mut walker = Walker::new(body);
        for (what, node) in self.layout.places(walker.root()) {
            match what {
                Use::Text(Channel::ToolCall) => walker.json_text(Channel::ToolCall, node),
                Use::Text(channel) => walker.value(channel, node),
                Use::Payload => walker.payload(Channel::Upload, node),
                Use::Opaque => strings(node).for_each(|leaf| walker.opaque(channel, leaf)),
                Use::Delta => {
                    walker.text(Channel::Response, node);
                }
                Use::Fragment => walker.json_text(Channel::ToolCall, node),
            }
        }
        walker.finish(channel)
    }
}

/// The strings of a value, without keys.
fn strings<'j, 'b>(node: Node<'j, 'b>) -> impl Iterator<Item = Node<'j, 'b>> {
    node.tree().filter(|node| node.is_string() && !node.is_key())
}

impl Dialect for Generic {
    fn names(&self) -> &'static [&'static str] {
        &["generic"]
    }

    fn at(&self, path: &str) -> Option<Arc<dyn Dialect>> {
        let base = self.base.as_ref()?.at(path)?;
        Some(Arc::new(Self { layout: self.layout.clone(), base: Some(base) }))
    }

    fn target(&self, method: &str, path: &str) -> Target {
        self.base.as_ref().map_or_else(|| Target::of("other"), |base| base.target(method, path))
    }

    fn credential(&self, key: &str) -> (&'static str, String) {
        self.base().credential(key)
    }

    fn facts(&self, target: &Target, body: &Json<'_>) -> Facts {
        let mut facts = self.base().facts(target, body);
        let last = |path: &super::JsonPath| path.find(body.root()).into_iter().last();
        if let Some(path) = &self.layout.model {
            facts.model = last(path).and_then(Node::str).map(|model| model.into_owned());
        }
        if let Some(path) = &self.layout.stream {
            facts.stream = last(path).and_then(Node::as_bool).unwrap_or(false).then_some(Framing::Sse);
        }
        facts
    }

    fn request<'b>(&self, _target: &Target, body: &Json<'b>) -> Walk<'b> {
        self.walk(body, Channel::Prompt)
    }

    fn response<'b>(&self, _target: &Target, body: &Json<'b>) -> Walk<'b> {
        self.walk(body, Channel::Response)
    }

    fn uploaded(&self, target: &Target, body: &Json<'_>) -> Vec<String> {
        self.base().uploaded(target, body)
    }

    fn line<'b>(&self, channel: Channel, line: &Json<'b>) -> Option<Walk<'b>> {
        self.base().line(channel, line)
    }

    fn pins(&self, target: &Target) -> bool {
        self.base.as_ref().is_some_and(|base| base.pins(target))
    }

    fn usage(&self, target: &Target, body: &Json<'_>) -> Usage {
        self.base().usage(target, body)
    }

    fn framing(&self, target: &Target, media_type: &str) -> Option<Framing> {
        self.base().framing(target, media_type)
    }

    fn stream(&self, target: &Target, framing: Framing) -> Box<dyn StreamDialect> {
        let base = self.base.as_ref().map(|base| base.stream(target, framing));
        // where no terminator is known, a complete transfer is taken for the end
        let ended = base.is_none() && self.layout.end.is_empty();
        Box::new(LeafStream { layout: self.layout.clone(), framing, base, ended })
    }

    fn error(&self, fault: Fault, refusal: &Refusal<'_>) -> Reply {
        self.base().error(fault, refusal)
    }

    fn refusal(&self, target: &Target, refusal: &Refusal<'_>) -> Reply {
        match &self.base {
            Some(base) => base.refusal(target, refusal),
            // no filter reason is known that every such provider's clients understand
            None => OpenAi.error(Fault::Policy, refusal),
        }
    }

    fn refusal_stream(&self, target: &Target, framing: Framing, refusal: &Refusal<'_>) -> Reply {
        match &self.base {
            Some(base) => base.refusal_stream(target, framing, refusal),
            None => OpenAi.error(Fault::Policy, refusal),
        }
    }
}

/// Every leaf of every event, by path.
struct LeafStream {
    layout: Arc<Layout>,
    framing: Framing,
    base: Option<Box<dyn StreamDialect>>,
    ended: bool,
}

impl StreamDialect for LeafStream {
    fn event(&mut self, name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let known = self.base.as_mut().map(|base| base.event(name, data)).unwrap_or_default();
        let Some(json) = data else {
            // the `[DONE]` of so many
            return EventFacts { ends_all: true, marks: Marks { ended: true, ..known.marks }, ..EventFacts::default() };
        };
        let mut walker = EventWalker::new(json);
        let root = walker.root();
        for (what, node) in self.layout.places(root) {
            let lane = || LaneKey { kind: node.path().into(), index: 0, sub: 0 };
            match what {
                Use::Delta => walker.delta(Channel::Response, &lane(), node),
                Use::Fragment => walker.fragment(&lane(), node),
                Use::Text(Channel::ToolCall) => walker.json_text(Channel::ToolCall, node),
                Use::Text(channel) => walker.value(channel, node),
                Use::Payload => walker.payload(Channel::Upload, node),
                Use::Opaque => strings(node).for_each(|leaf| walker.opaque(Channel::Response, leaf)),
            }
        }
        let ends = self.layout.ends(root);
        let mut facts = match self.layout.tells_deltas() {
            true => walker.finish(),
            false => walker.finish_as_deltas(),
        };
        (facts.usage, facts.marks, facts.ends_all) = (known.usage, known.marks, known.ends_all || ends);
        facts.marks.ended |= ends;
        facts
    }

    fn sent(&mut self, marks: &Marks) {
        self.ended |= marks.ended;
        if let Some(base) = &mut self.base {
            base.sent(marks);
        }
    }

    fn kept(&mut self, data: &[u8]) {
        if let Some(base) = &mut self.base {
            base.kept(data);
        }
    }

    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        match &mut self.base {
            Some(base) => base.blocked(refusal),
            None => self.failed(Fault::Policy, refusal),
        }
    }

    fn failed(&mut self, fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        if let Some(base) = &mut self.base {
            return base.failed(fault, refusal);
        }
        let body = OpenAi.error(fault, refusal).body;
        match self.framing {
            Framing::Sse => [b"data: ", body.as_slice(), b"\n\n"].concat(),
            _ => [body.as_slice(), b"\n"].concat(),
        }
    }

    fn ended(&self) -> bool {
        self.ended || self.base.as_ref().is_some_and(|base| base.ended())
    }
}

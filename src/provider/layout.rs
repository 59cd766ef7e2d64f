//! Where text lies in the bodies of a provider, told by the configuration, so that an in-house model needs no code.

use super::json_path::JsonPath;
use crate::decode::Channel;
use crate::decode::json::{Kind, Node};
use std::collections::BTreeMap;

/// The fields of requests, answers and events. What no path names goes to the backstop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    pub fields: Vec<(Use, JsonPath)>,
    /// The model, in a request.
    pub model: Option<JsonPath>,
    /// Whether the answer is to be streamed, in a request.
    pub stream: Option<JsonPath>,
    /// Values whose presence in an event says that it is the last one.
    pub end: Vec<JsonPath>,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Text of a channel; of an object or a list, all of it.
    Text(Channel),
    /// A file: base64, or a `data:` URI.
    Payload,
    /// State that only the provider can read.
    Opaque,
    /// In events: text that continues that of the event before.
    Delta,
    /// The same of JSON source: the arguments of a tool in pieces.
    Fragment,
}

impl Layout {
    /// The values that the paths name, each once: of paths that meet, the first counts.
    pub(super) fn places<'j, 'b>(&self, root: Node<'j, 'b>) -> Vec<(Use, Node<'j, 'b>)> {
        // where each value that was found begins, and its end
        let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
        let mut places = Vec::new();
        for (what, path) in &self.fields {
            for node in path.find(root) {
                let span = node.span();
                let before = taken.range(..span.end).next_back();
                if before.is_none_or(|(_, end)| *end <= span.start) {
                    taken.insert(span.start, span.end);
                    places.push((*what, node));
                }
            }
        }
        places
    }

    /// Whether a path tells which texts continue from event to event.
    pub(super) fn tells_deltas(&self) -> bool {
        self.fields.iter().any(|(what, _)| matches!(what, Use::Delta | Use::Fragment))
    }

    /// Whether this event is the last.
    pub(super) fn ends(&self, root: Node<'_, '_>) -> bool {
        let says_so = |node: Node<'_, '_>| match node.kind() {
            Kind::Null => false,
            Kind::Bool => node.as_bool() == Some(true),
            _ => !node.is(""),
        };
        self.end.iter().flat_map(|path| path.find(root)).any(says_so)
    }
}

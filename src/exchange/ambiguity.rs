//! JSON that its readers read differently: a key that is there twice, or in two spellings of which some parsers make one.
//!
//! Whichever value a reader takes, its text is scanned. What the gateway itself acts on must be there once: a policy on models
//! says nothing about a request that names two.

use crate::decode::json::{Json, Kind, Limits, Node};

/// What a request with such keys is told where they are refused.
pub(super) const MESSAGE: &str = "a JSON object of the request has a key twice, or in two spellings, of which readers take different ones; send each key once";

/// The keys by which the gateway judges, routes and answers.
const ACTED_ON: &[&str] = &["model", "method", "stream"];

/// The value of each key that the gateway acts on and another reader may not find, or find another value of.
pub(super) fn of_facts<'j>(json: &'j Json<'_>) -> impl Iterator<Item = Node<'j, 'j>> {
    let root = json.root();
    // messages of a batch, and what settings stand in, such as `session`
    let below = root.items().chain(root.entries().map(|(_, value)| value)).filter(|node| node.kind() == Kind::Object);
    let objects = std::iter::once((root, true)).chain(below.map(|node| (node, false)));
    objects.flat_map(|(object, alone)| ACTED_ON.iter().filter_map(move |key| of_key(object, key, alone)))
}

/// The last value of a key that has another value too. `alone`: another spelling counts even if nothing is beside it.
fn of_key<'j, 'b>(object: Node<'j, 'b>, key: &str, alone: bool) -> Option<Node<'j, 'b>> {
    let mut values = object.each(key).chain(object.variants(key));
    let first = values.next()?;
    let other = values.filter(|value| value.raw() != first.raw()).last();
    other.or_else(|| (alone && object.get(key).is_none()).then_some(first))
}

/// Whether any object of a body has such keys. What is not JSON has none.
pub(super) fn anywhere(body: &[u8], limits: &Limits) -> bool {
    let lines = body.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).filter(|line| line.starts_with(b"{"));
    let has = |text: &[u8]| Json::parse(text, limits).map(|json| !json.anomalies().is_empty());
    has(body).unwrap_or_else(|_| lines.into_iter().any(|line| has(line).unwrap_or(false)))
}

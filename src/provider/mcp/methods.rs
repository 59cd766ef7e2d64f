//! Methods of the protocol, of all its revisions up to 2026-07-28.

use crate::decode::json::{Json, Kind, Node, NodeId};

/// Every method a client calls, and every notification it sends: the operations of this dialect.
const METHODS: &[&str] = &[
    "initialize",
    "ping",
    "server/discover",
    "tools/list",
    "tools/call",
    "prompts/list",
    "prompts/get",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "resources/subscribe",
    "resources/unsubscribe",
    "subscriptions/listen",
    "completion/complete",
    "logging/setLevel",
    "tasks/get",
    "tasks/update",
    "tasks/cancel",
    "tasks/result",
    "tasks/list",
    "notifications/initialized",
    "notifications/cancelled",
    "notifications/progress",
    "notifications/roots/list_changed",
    "notifications/elicitation/complete",
    "notifications/tasks/status",
];

/// The header that repeats what a request is about (2026-07-28).
pub(super) const NAME_HEADER: &str = "mcp-name";
/// The beginning of headers that repeat an argument each (2026-07-28).
pub(super) const PARAMETER_HEADER: &str = "mcp-param-";
/// The operation of a message without a method: the client answers a request of the server's.
const ANSWER: &str = "answer";
/// The operation of several messages that are not of one method.
const BATCH: &str = "batch";
/// Longest id that is repeated in an answer of the gateway's own, in bytes of JSON. Clients count, or take a UUID.
const LONGEST_ID: usize = 256;
/// Most messages of a batch that are answered one by one.
const MOST_MESSAGES: usize = 100;

/// The operation of a body.
pub(super) fn operation(body: &Json<'_>) -> &'static str {
    let root = body.root();
    let mut operations = root.items().map(of_message);
    match (root.kind(), operations.next()) {
        (Kind::Array, Some(first)) if operations.all(|other| other == first) => first,
        (Kind::Array, _) => BATCH,
        _ => of_message(root),
    }
}

fn of_message(message: Node<'_, '_>) -> &'static str {
    match message.get("method").and_then(Node::str) {
        Some(method) => METHODS.iter().find(|known| **known == method).copied().unwrap_or("other"),
        None => ANSWER,
    }
}

/// The id of the request in a body, as it is written; of a batch, the list of ids.
pub(super) fn request_id(body: &Json<'_>) -> Option<String> {
    let root = body.root();
    if root.kind() != Kind::Array {
        return id_of(root).map(str::to_owned);
    }
    let ids: Vec<&str> = root.items().filter_map(id_of).take(MOST_MESSAGES).collect();
    (!ids.is_empty()).then(|| format!("[{}]", ids.join(",")))
}

/// The id by which a message asks for an answer.
fn id_of<'b>(message: Node<'_, 'b>) -> Option<&'b str> {
    message.get("method")?;
    let id = message.get("id").filter(|id| matches!(id.kind(), Kind::String | Kind::Number))?;
    Some(id.raw_str()).filter(|raw| raw.len() <= LONGEST_ID)
}

/// Whether a message of the server's, or one of a batch, answers a request.
pub(super) fn answers(root: Node<'_, '_>) -> bool {
    let answer = |m: Node<'_, '_>| m.get("result").is_some() || m.get("error").is_some();
    answer(root) || root.items().any(answer)
}

/// The values of a request that a header repeats (2026-07-28): `mcp-name` the name or the URI, `mcp-param-…` an argument. Which
/// one is told by the tool's schema, which is not at hand: any of the same text.
pub(super) fn repeated(header: &str, text: &str, body: &Json<'_>) -> Vec<NodeId> {
    let params = body.root().each("params");
    let same = |node: &Node<'_, '_>| match node.kind() {
        Kind::String => node.is(text),
        Kind::Number | Kind::Bool => node.raw_str() == text,
        _ => false,
    };
    match header {
        NAME_HEADER => params.flat_map(|p| p.each("name").chain(p.each("uri"))).filter(same).map(Node::id).collect(),
        header if header.starts_with(PARAMETER_HEADER) => {
            let arguments = params.flat_map(|p| p.each("arguments")).flat_map(Node::tree);
            arguments.filter(|node| !node.is_key()).filter(same).map(Node::id).collect()
        }
        _ => Vec::new(),
    }
}

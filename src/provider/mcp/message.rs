//! What JSON-RPC messages hold, in either direction: requests, notifications, results and errors, in bodies and in events.
//!
//! Fields are known by their names, whatever the method: a stream that is taken up again brings answers to requests nobody
//! sees, and servers put requests of their own into it.

use crate::decode::Channel;
use crate::decode::json::{Kind, Node};
use crate::provider::{Described, Walker, backstop};
use aws_lc_rs::digest;

/// Levels of blocks within blocks (the result of a tool within a message); what is deeper is left to the backstop.
const MOST_LEVELS: usize = 8;

/// Longest id that is scanned as any number would be, in digits: clients count, but some draw numbers as long as a card's.
const LONGEST_COUNT: usize = 5;

/// Who sends a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    Client,
    Server,
}

impl Sender {
    /// The channel of text that is no tool's.
    fn channel(self) -> Channel {
        match self {
            Self::Client => Channel::Prompt,
            Self::Server => Channel::Response,
        }
    }
}

/// A message, or a batch of them (2025-03-26).
pub(super) fn messages<'j, 'b>(walker: &mut Walker<'j, 'b>, sender: Sender, root: Node<'j, 'b>) {
    message(walker, sender, root);
    root.items().for_each(|item| message(walker, sender, item));
}

fn message<'j, 'b>(walker: &mut Walker<'j, 'b>, sender: Sender, message: Node<'j, 'b>) {
    message.each("id").for_each(|node| id(walker, sender.channel(), node));
    message.each("params").for_each(|node| params(walker, sender, node));
    message.each("result").for_each(|node| result(walker, sender, node));
    for error in message.each("error") {
        texts(walker, sender.channel(), error, &["message"]);
        values(walker, sender.channel(), error, &["data"]);
    }
}

/// The parameters of a request or a notification.
fn params<'j, 'b>(walker: &mut Walker<'j, 'b>, sender: Sender, params: Node<'j, 'b>) {
    let plain = sender.channel();
    for token in params.each("_meta").flat_map(|meta| meta.each("progressToken")).chain(params.each("progressToken")) {
        id(walker, plain, token);
    }
    params.each("requestId").for_each(|node| id(walker, plain, node));
    opaque(walker, plain, params, &["requestState", "cursor"]);
    // tools/call, prompts/get, resources/read, completion/complete
    values(walker, Channel::ToolCall, params, &["arguments"]);
    texts(walker, Channel::ToolCall, params, &["uri"]);
    params.each("argument").for_each(|argument| texts(walker, plain, argument, &["value"]));
    params.each("context").for_each(|context| values(walker, plain, context, &["arguments"]));
    for responses in params.each("inputResponses") {
        responses.entries().for_each(|(_, response)| result(walker, sender, response));
    }
    // sampling/createMessage
    texts(walker, Channel::System, params, &["systemPrompt"]);
    for message in params.each("messages").flat_map(Node::items) {
        message.each("content").for_each(|content| blocks(walker, Channel::Prompt, content, 0));
    }
    params.each("tools").flat_map(Node::items).for_each(|item| description(walker, item));
    values(walker, plain, params, &["metadata"]);
    // elicitation/create
    values(walker, Channel::System, params, &["requestedSchema"]);
    // notifications/message, notifications/progress, notifications/cancelled
    values(walker, plain, params, &["data"]);
    texts(walker, plain, params, &["message", "reason", "url"]);
}

/// The result of a request, or one that is brought later under its key.
fn result<'j, 'b>(walker: &mut Walker<'j, 'b>, sender: Sender, result: Node<'j, 'b>) {
    let plain = sender.channel();
    opaque(walker, plain, result, &["requestState", "nextCursor"]);
    for content in result.each("content") {
        match sender {
            Sender::Server => blocks(walker, Channel::ToolResult, content, 0),
            // what the client's model answered
            Sender::Client if result.get("role").is_some() => blocks(walker, Channel::Response, content, 0),
            // what the user filled in
            Sender::Client => walker.value(plain, content),
        }
    }
    values(walker, Channel::ToolResult, result, &["structuredContent"]);
    for list in ["tools", "prompts", "resources", "resourceTemplates"] {
        result.each(list).flat_map(Node::items).for_each(|item| description(walker, item));
    }
    if sender == Sender::Server {
        result.each("tools").flat_map(Node::items).filter_map(described).for_each(|tool| walker.described(tool));
    }
    for message in result.each("messages").flat_map(Node::items) {
        message.each("content").for_each(|content| blocks(walker, Channel::ToolResult, content, 0));
    }
    for contents in result.each("contents").flat_map(Node::items) {
        resource(walker, Channel::ToolResult, contents);
    }
    texts(walker, Channel::System, result, &["instructions", "description"]);
    for value in result.each("completion").flat_map(|c| c.each("values")).flat_map(Node::items) {
        walker.text(plain, value);
    }
    for root in result.each("roots").flat_map(Node::items) {
        texts(walker, plain, root, &["uri", "name"]);
    }
    for requests in result.each("inputRequests") {
        for (_, request) in requests.entries() {
            request.each("params").for_each(|node| params(walker, sender, node));
        }
    }
}

/// A tool, prompt or resource as the server describes it to the model.
fn description<'j, 'b>(walker: &mut Walker<'j, 'b>, item: Node<'j, 'b>) {
    texts(walker, Channel::System, item, &["title", "description", "uri", "uriTemplate"]);
    values(walker, Channel::System, item, &["inputSchema", "outputSchema", "annotations", "arguments"]);
    for source in item.each("icons").flat_map(Node::items).flat_map(|icon| icon.each("src")) {
        let is_data = source.str().is_some_and(|src| src.trim_start().starts_with("data:"));
        match is_data {
            true => walker.opaque(Channel::System, source),
            false => walker.value(Channel::System, source),
        }
    }
}

/// What a model is told of a tool, as its source: a description that is written otherwise is another one.
fn described(tool: Node<'_, '_>) -> Option<Described> {
    let mut hash = digest::Context::new(&digest::SHA256);
    for key in ["title", "description", "inputSchema", "outputSchema", "annotations"] {
        for node in tool.each(key) {
            hash.update(&(node.raw().len() as u64).to_le_bytes());
            hash.update(key.as_bytes());
            hash.update(node.raw());
        }
    }
    let digest = hash.finish().as_ref().try_into().ok()?;
    Some(Described { name: tool.get("name")?.str()?.into_owned(), path: tool.path(), digest })
}

/// Content: a block, or a list of them.
fn blocks<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, content: Node<'j, 'b>, level: usize) {
    walker.text(channel, content);
    let alone = (content.kind() == Kind::Object).then_some(content);
    for block in alone.into_iter().chain(content.items()) {
        texts(walker, channel, block, &["text", "title", "description", "uri"]);
        block.each("data").for_each(|data| walker.payload(channel, data));
        block.each("resource").for_each(|node| resource(walker, channel, node));
        // tools within sampling
        values(walker, Channel::ToolCall, block, &["input"]);
        values(walker, Channel::ToolResult, block, &["structuredContent"]);
        if level < MOST_LEVELS {
            block.each("content").for_each(|inner| blocks(walker, Channel::ToolResult, inner, level + 1));
        }
    }
}

fn resource<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, resource: Node<'j, 'b>) {
    texts(walker, channel, resource, &["uri", "text"]);
    resource.each("blob").for_each(|blob| walker.payload(channel, blob));
}

/// What an answer is told by: never rewritten.
fn id<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, node: Node<'j, 'b>) {
    match node.kind() {
        Kind::Number if node.span().len() > LONGEST_COUNT => walker.opaque(channel, node),
        Kind::String if !backstop::is_name(&node.str().unwrap_or_default()) => {
            walker.pinned(channel, node);
        }
        _ => {}
    }
}

fn texts<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, object: Node<'j, 'b>, keys: &[&str]) {
    for key in keys {
        walker.text_at(channel, object, key);
    }
}

fn values<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, object: Node<'j, 'b>, keys: &[&str]) {
    for key in keys {
        walker.value_at(channel, object, key);
    }
}

fn opaque<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, object: Node<'j, 'b>, keys: &[&str]) {
    for key in keys {
        object.each(key).for_each(|node| walker.opaque(channel, node));
    }
}

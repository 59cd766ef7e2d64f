//! What JSON-RPC messages hold, in either direction: requests, notifications, results and errors, in bodies and in events.
//!
//! Fields are known by their names, whatever the method: a stream that is taken up again brings answers to requests nobody
//! sees, and servers put requests of their own into it.

use crate::decode::Channel;
use crate::decode::json::{Kind, Node};
use crate::provider::Described;
use aws_lc_rs::digest;

/// Levels of blocks within blocks (the result of a tool within a message); what is deeper is left to the backstop.
const MOST_LEVELS: usize = 8;

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

/// Takes in what a message holds, be it a body or an event.
pub(super) trait Sink<'j, 'b> {
    /// A string of text.
    fn text(&mut self, channel: Channel, node: Node<'j, 'b>);
    /// A JSON value whose keys, strings and numbers are text.
    fn value(&mut self, channel: Channel, node: Node<'j, 'b>);
    /// Base64.
    fn payload(&mut self, channel: Channel, node: Node<'j, 'b>);
    /// What only its maker can read, and must come back as it is.
    fn opaque(&mut self, channel: Channel, node: Node<'j, 'b>);
    /// A tool that the server offers.
    fn tool(&mut self, tool: Described);
    /// What an answer is told by: never rewritten.
    fn id(&mut self, channel: Channel, node: Node<'j, 'b>);
}

/// A message, or a batch of them (2025-03-26).
pub(super) fn messages<'j, 'b>(sink: &mut impl Sink<'j, 'b>, sender: Sender, root: Node<'j, 'b>) {
    message(sink, sender, root);
    root.items().for_each(|item| message(sink, sender, item));
}

fn message<'j, 'b>(sink: &mut impl Sink<'j, 'b>, sender: Sender, message: Node<'j, 'b>) {
    message.each("id").for_each(|id| sink.id(sender.channel(), id));
    message.each("params").for_each(|node| params(sink, sender, node));
    message.each("result").for_each(|node| result(sink, sender, node));
    for error in message.each("error") {
        texts(sink, sender.channel(), error, &["message"]);
        values(sink, sender.channel(), error, &["data"]);
    }
}

/// The parameters of a request or a notification.
fn params<'j, 'b>(sink: &mut impl Sink<'j, 'b>, sender: Sender, params: Node<'j, 'b>) {
    let plain = sender.channel();
    for token in params.each("_meta").flat_map(|meta| meta.each("progressToken")).chain(params.each("progressToken")) {
        sink.id(plain, token);
    }
    params.each("requestId").for_each(|id| sink.id(plain, id));
    opaque(sink, plain, params, &["requestState", "cursor"]);
    // tools/call, prompts/get, resources/read, completion/complete
    values(sink, Channel::ToolCall, params, &["arguments"]);
    texts(sink, Channel::ToolCall, params, &["uri"]);
    params.each("argument").for_each(|argument| texts(sink, plain, argument, &["value"]));
    params.each("context").for_each(|context| values(sink, plain, context, &["arguments"]));
    for responses in params.each("inputResponses") {
        responses.entries().for_each(|(_, response)| result(sink, sender, response));
    }
    // sampling/createMessage
    texts(sink, Channel::System, params, &["systemPrompt"]);
    for message in params.each("messages").flat_map(Node::items) {
        message.each("content").for_each(|content| blocks(sink, Channel::Prompt, content, 0));
    }
    params.each("tools").flat_map(Node::items).for_each(|item| description(sink, item));
    values(sink, plain, params, &["metadata"]);
    // elicitation/create
    values(sink, Channel::System, params, &["requestedSchema"]);
    // notifications/message, notifications/progress, notifications/cancelled
    values(sink, plain, params, &["data"]);
    texts(sink, plain, params, &["message", "reason", "url"]);
}

/// The result of a request, or one that is brought later under its key.
fn result<'j, 'b>(sink: &mut impl Sink<'j, 'b>, sender: Sender, result: Node<'j, 'b>) {
    let plain = sender.channel();
    opaque(sink, plain, result, &["requestState", "nextCursor"]);
    for content in result.each("content") {
        match sender {
            Sender::Server => blocks(sink, Channel::ToolResult, content, 0),
            // what the client's model answered
            Sender::Client if result.get("role").is_some() => blocks(sink, Channel::Response, content, 0),
            // what the user filled in
            Sender::Client => sink.value(plain, content),
        }
    }
    values(sink, Channel::ToolResult, result, &["structuredContent"]);
    for list in ["tools", "prompts", "resources", "resourceTemplates"] {
        result.each(list).flat_map(Node::items).for_each(|item| description(sink, item));
    }
    if sender == Sender::Server {
        result.each("tools").flat_map(Node::items).filter_map(described).for_each(|tool| sink.tool(tool));
    }
    for message in result.each("messages").flat_map(Node::items) {
        message.each("content").for_each(|content| blocks(sink, Channel::ToolResult, content, 0));
    }
    for contents in result.each("contents").flat_map(Node::items) {
        resource(sink, Channel::ToolResult, contents);
    }
    texts(sink, Channel::System, result, &["instructions", "description"]);
    for value in result.each("completion").flat_map(|c| c.each("values")).flat_map(Node::items) {
        sink.text(plain, value);
    }
    for root in result.each("roots").flat_map(Node::items) {
        texts(sink, plain, root, &["uri", "name"]);
    }
    for requests in result.each("inputRequests") {
        for (_, request) in requests.entries() {
            request.each("params").for_each(|node| params(sink, sender, node));
        }
    }
}

/// A tool, prompt or resource as the server describes it to the model.
fn description<'j, 'b>(sink: &mut impl Sink<'j, 'b>, item: Node<'j, 'b>) {
    texts(sink, Channel::System, item, &["title", "description", "uri", "uriTemplate"]);
    values(sink, Channel::System, item, &["inputSchema", "outputSchema", "annotations", "arguments"]);
    for source in item.each("icons").flat_map(Node::items).flat_map(|icon| icon.each("src")) {
        let is_data = source.str().is_some_and(|src| src.trim_start().starts_with("data:"));
        if is_data { sink.opaque(Channel::System, source) } else { sink.text(Channel::System, source) }
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
fn blocks<'j, 'b>(sink: &mut impl Sink<'j, 'b>, channel: Channel, content: Node<'j, 'b>, level: usize) {
    sink.text(channel, content);
    let alone = (content.kind() == Kind::Object).then_some(content);
    for block in alone.into_iter().chain(content.items()) {
        texts(sink, channel, block, &["text", "title", "description", "uri"]);
        block.each("data").for_each(|data| sink.payload(channel, data));
        block.each("resource").for_each(|node| resource(sink, channel, node));
        // tools within sampling
        values(sink, Channel::ToolCall, block, &["input"]);
        values(sink, Channel::ToolResult, block, &["structuredContent"]);
        if level < MOST_LEVELS {
            block.each("content").for_each(|inner| blocks(sink, Channel::ToolResult, inner, level + 1));
        }
    }
}

fn resource<'j, 'b>(sink: &mut impl Sink<'j, 'b>, channel: Channel, resource: Node<'j, 'b>) {
    texts(sink, channel, resource, &["uri", "text"]);
    resource.each("blob").for_each(|blob| sink.payload(channel, blob));
}

fn texts<'j, 'b>(sink: &mut impl Sink<'j, 'b>, channel: Channel, object: Node<'j, 'b>, keys: &[&str]) {
    for key in keys {
        object.each(key).for_each(|node| sink.text(channel, node));
    }
}

fn values<'j, 'b>(sink: &mut impl Sink<'j, 'b>, channel: Channel, object: Node<'j, 'b>, keys: &[&str]) {
    for key in keys {
        object.each(key).for_each(|node| sink.value(channel, node));
    }
}

fn opaque<'j, 'b>(sink: &mut impl Sink<'j, 'b>, channel: Channel, object: Node<'j, 'b>, keys: &[&str]) {
    for key in keys {
        object.each(key).for_each(|node| sink.opaque(channel, node));
    }
}

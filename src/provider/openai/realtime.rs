//! Sessions over a WebSocket: the Realtime API, and Responses in the same form.
//!
//! Each message is one JSON event. What the client sends is walked like the body of a request (of Responses it is one), what
//! the provider sends is read by [`events::Session`]. Source: the API reference and the types of the official SDK (openai
//! 2.54, `types/realtime`, `types/responses/responses_server_event`).

pub(super) mod events;
mod names;

use crate::decode::Channel;
use crate::decode::json::{Json, Node};
use crate::provider::{Walk, Walker};

/// The model that the query of a session's address names: `model=…`, of Azure's older addresses `deployment=…`.
pub(super) fn model(query: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| matches!(*key, "model" | "deployment"))?;
    Some(percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned())
}

/// Walks one message of the client's.
pub(super) fn walk<'b>(json: &Json<'b>) -> Walk<'b> {
    let mut walker = Walker::new(json);
    let root = walker.root();
    for audio in root.each("audio").filter(|audio| audio.is_string()) {
        walker.unreadable(Channel::Upload, audio);
    }
    for node in root.each("item") {
        item(&mut walker, node);
    }
    for node in root.each("session").chain(root.each("response")) {
        settings(&mut walker, node);
    }
    walker.finish(Channel::Prompt)
}

/// What a session, or one answer of it, is to be like.
fn settings<'j, 'b>(walker: &mut Walker<'j, 'b>, node: Node<'j, 'b>) {
    walker.text_at(Channel::System, node, "instructions");
    walker.value_at(Channel::System, node, "tools");
    walker.value_at(Channel::Prompt, node, "metadata");
    for variables in node.each("prompt").flat_map(|prompt| prompt.each("variables")) {
        walker.value(Channel::Prompt, variables);
    }
    for input in node.each("input") {
        walker.text(Channel::Prompt, input);
        input.items().for_each(|node| item(walker, node));
    }
}

/// An item of the conversation.
fn item<'j, 'b>(walker: &mut Walker<'j, 'b>, item: Node<'j, 'b>) {
    let channel = channel_of(item, Channel::Prompt);
    for content in item.each("content") {
        walker.text(channel, content);
        for part in content.items() {
            for key in ["text", "transcript"] {
                walker.text_at(channel, part, key);
            }
            for audio in part.each("audio").filter(|audio| audio.is_string()) {
                walker.unreadable(Channel::Upload, audio);
            }
            part.each("image_url").for_each(|url| walker.url(Channel::Upload, url));
        }
    }
    for arguments in item.each("arguments") {
        walker.json_text(Channel::ToolCall, arguments);
    }
    for output in item.each("output") {
        walker.json_text(Channel::ToolResult, output);
    }
}

/// Whose text an item is: `own`, unless it says otherwise.
fn channel_of(item: Node<'_, '_>, own: Channel) -> Channel {
    let is = |key: &str, value: &str| item.get(key).is_some_and(|node| node.is(value));
    if is("role", "user") {
        Channel::Prompt
    } else if is("role", "system") || is("role", "developer") {
        Channel::System
    } else if is("role", "assistant") {
        Channel::Response
    } else if is("type", "function_call_output") {
        Channel::ToolResult
    } else {
        own
    }
}

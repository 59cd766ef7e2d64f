//! Contents and their parts, in requests, answers and tool results.

use super::fields::{each, fields, one_or_more};
use crate::decode::Channel;
use crate::decode::json::Node;
use crate::provider::Walker;

/// Which way the parts travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Request,
    Answer,
}

impl Side {
    /// The channel of media.
    fn media(self) -> Channel {
        match self {
            Self::Request => Channel::Upload,
            Self::Answer => Channel::Response,
        }
    }
}

/// The channel of what a role says; no role is the user.
pub(super) fn channel_of(content: Node<'_, '_>) -> Channel {
    match content.get("role").and_then(Node::str).as_deref() {
        Some("model") => Channel::Response,
        Some("system") => Channel::System,
        Some("function" | "tool") => Channel::ToolResult,
        _ => Channel::Prompt,
    }
}

/// A content: `{role, parts}`; leniently also a text, as SDKs take it. Returns the segment of each part's text, if it has one.
pub(super) fn content<'j, 'b>(
    walker: &mut Walker<'j, 'b>,
    side: Side,
    channel: Channel,
    content: Node<'j, 'b>,
) -> Vec<Option<usize>> {
    walker.text(channel, content);
    let parts = each(content, "parts").flat_map(one_or_more);
    parts.map(|node| walker.text(channel, node).or_else(|| part(walker, side, channel, node))).collect()
}

/// `contents[]` of a conversation. What stands before the user's last content was sent in an earlier turn.
pub(super) fn conversation<'j, 'b>(walker: &mut Walker<'j, 'b>, list: Node<'j, 'b>) {
    let of_user = |node: &Node<'j, 'b>| channel_of(*node) != Channel::Response;
    let turn = one_or_more(list).filter(of_user).last().map(Node::id);
    walker.history = turn.is_some();
    for node in one_or_more(list) {
        walker.history &= Some(node.id()) != turn;
        content(walker, Side::Request, channel_of(node), node);
    }
    walker.history = false;
}

/// A part. Returns the segment of its text.
///
/// Reasoning comes as text with `thought`, and as a signature of the provider's own state. The signature has to come back as
/// it was; the text beside it is a summary, which the server does not check against it.
fn part<'j, 'b>(walker: &mut Walker<'j, 'b>, side: Side, channel: Channel, part: Node<'j, 'b>) -> Option<usize> {
    let mut text = None;
    for (name, node) in fields(part) {
        match &*name {
            "text" => text = walker.text(channel, node),
            "functionCall" => {
                each(node, "args").for_each(|args| walker.value(Channel::ToolCall, args));
                each(node, "partialArgs").for_each(|args| walker.value(Channel::ToolCall, args));
            }
            name => field(walker, side, channel, name, node),
        }
    }
    text
}

/// What a part holds besides text and calls.
pub(super) fn field<'j, 'b>(walker: &mut Walker<'j, 'b>, side: Side, channel: Channel, name: &str, node: Node<'j, 'b>) {
    match name {
        "thoughtSignature" => walker.opaque(channel, node),
        "inlineData" => blob(walker, side.media(), node),
        "fileData" => file(walker, side.media(), node),
        "functionResponse" => function_response(walker, node),
        "executableCode" => each(node, "code").for_each(|code| {
            walker.text(Channel::ToolCall, code);
        }),
        "codeExecutionResult" => each(node, "output").for_each(|output| {
            walker.text(Channel::ToolResult, output);
        }),
        "toolCall" => each(node, "args").for_each(|args| walker.value(Channel::ToolCall, args)),
        "toolResponse" => each(node, "response").for_each(|node| walker.value(Channel::ToolResult, node)),
        "audioTranscription" => transcription(walker, channel, node),
        "partMetadata" => walker.value(channel, node),
        _ => {}
    }
}

/// What a function returned, with media of its own.
pub(super) fn function_response<'j, 'b>(walker: &mut Walker<'j, 'b>, node: Node<'j, 'b>) {
    each(node, "response").for_each(|response| walker.value(Channel::ToolResult, response));
    for (name, media) in each(node, "parts").flat_map(one_or_more).flat_map(fields) {
        match &*name {
            "inlineData" => blob(walker, Channel::ToolResult, media),
            "fileData" => file(walker, Channel::ToolResult, media),
            _ => {}
        }
    }
}

/// Bytes in base64, of either alphabet.
pub(super) fn blob<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, node: Node<'j, 'b>) {
    each(node, "data").for_each(|data| walker.payload(channel, data));
    each(node, "displayName").for_each(|name| {
        walker.text(channel, name);
    });
}

/// A file that was uploaded earlier, or any address on the web.
fn file<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, node: Node<'j, 'b>) {
    for uri in each(node, "fileUri") {
        match uri.str().is_some_and(|uri| uri.trim_start().get(..5).is_some_and(|s| s.eq_ignore_ascii_case("data:"))) {
            true => walker.payload(channel, uri),
            false => walker.reference(channel, uri),
        }
    }
    each(node, "displayName").for_each(|name| {
        walker.text(channel, name);
    });
}

/// A transcript; its words repeat it.
fn transcription<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, node: Node<'j, 'b>) {
    let first = walker.segments();
    each(node, "text").for_each(|text| {
        walker.text(channel, text);
    });
    each(node, "words").for_each(|words| walker.copy(first..walker.segments(), words));
}

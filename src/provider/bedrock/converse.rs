//! Converse: messages of content blocks, in requests and answers.

use crate::decode::Channel;
use crate::decode::json::Node;
use crate::provider::Walker;

/// Which way the blocks travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Request,
    Answer,
}

pub(super) fn request<'j, 'b>(walker: &mut Walker<'j, 'b>, root: Node<'j, 'b>) {
    for system in root.each("system") {
        blocks(walker, Side::Request, Channel::System, system);
    }
    for list in root.each("messages") {
        let of_user = |message: &Node<'j, 'b>| message.get("role").is_some_and(|role| role.is("user"));
        let turn = list.items().filter(of_user).last().map(Node::id);
        walker.history = turn.is_some();
        for message in list.items() {
            walker.history &= Some(message.id()) != turn;
            let assistant = message.get("role").is_some_and(|role| role.is("assistant"));
            let channel = if assistant { Channel::Response } else { Channel::Prompt };
            message.each("content").for_each(|content| blocks(walker, Side::Request, channel, content));
        }
        walker.history = false;
    }
    // ApplyGuardrail
    root.each("content").for_each(|content| blocks(walker, Side::Request, Channel::Prompt, content));
    for key in ["toolConfig", "outputConfig", "additionalModelRequestFields"] {
        walker.value_at(Channel::System, root, key);
    }
    for key in ["promptVariables", "requestMetadata"] {
        walker.value_at(Channel::Prompt, root, key);
    }
    for config in root.each("inferenceConfig") {
        walker.texts_at(Channel::Prompt, config, "stopSequences");
    }
}

pub(super) fn response<'j, 'b>(walker: &mut Walker<'j, 'b>, root: Node<'j, 'b>) {
    for message in root.each("output").flat_map(|output| output.each("message")) {
        message.each("content").for_each(|content| blocks(walker, Side::Answer, Channel::Response, content));
    }
    walker.value_at(Channel::Response, root, "additionalModelResponseFields");
    // assessments repeat the text that a guardrail matched
    walker.value_at(Channel::Response, root, "trace");
    for key in ["outputs", "assessments"] {
        walker.value_at(Channel::Response, root, key);
    }
}

/// A list of blocks; leniently also one text, as some models take it.
fn blocks<'j, 'b>(walker: &mut Walker<'j, 'b>, side: Side, channel: Channel, content: Node<'j, 'b>) {
    walker.text(channel, content);
    content.items().for_each(|item| block(walker, side, channel, item));
}

/// A block is an object of one key, which names its kind.
fn block<'j, 'b>(walker: &mut Walker<'j, 'b>, side: Side, channel: Channel, block: Node<'j, 'b>) {
    walker.text(channel, block);
    let media = if side == Side::Request { Channel::Upload } else { Channel::Response };
    for (key, value) in block.entries() {
        match key.str().as_deref().unwrap_or_default() {
            "text" => {
                walker.text(channel, value);
                // of a guardrail's content
                walker.text_at(channel, value, "text");
            }
            "json" => walker.value(channel, value),
            "image" | "video" | "audio" => source(walker, side, media, value),
            "document" => {
                for key in ["name", "context"] {
                    walker.text_at(media, value, key);
                }
                source(walker, side, media, value);
            }
            "toolUse" => walker.value_at(Channel::ToolCall, value, "input"),
            "toolResult" => {
                value.each("content").for_each(|content| blocks(walker, side, Channel::ToolResult, content));
            }
            "guardContent" => self::block(walker, side, channel, value),
            "searchResult" => {
                for key in ["title", "source"] {
                    walker.text_at(channel, value, key);
                }
                value.each("content").for_each(|content| blocks(walker, side, channel, content));
            }
            "citationsContent" => citations(walker, side, channel, value),
            "reasoningContent" => reasoning(walker, side, channel, value),
            _ => {}
        }
    }
}

/// Reasoning that was signed has to come back as it was.
fn reasoning<'j, 'b>(walker: &mut Walker<'j, 'b>, side: Side, channel: Channel, reasoning: Node<'j, 'b>) {
    for text in reasoning.each("reasoningText") {
        let signature = text.get("signature").filter(|signature| signature.is_string());
        for node in text.each("text") {
            let index = match (side, signature) {
                (Side::Request, Some(_)) => walker.pinned(Channel::Response, node),
                _ => walker.text(channel, node),
            };
            if let (Some(index), Some(signature)) = (index, signature) {
                walker.signed(index, signature);
            }
        }
        text.each("signature").for_each(|signature| walker.opaque(channel, signature));
    }
    reasoning.each("redactedContent").for_each(|content| walker.opaque(channel, content));
}

/// Generated text with what it cites.
fn citations<'j, 'b>(walker: &mut Walker<'j, 'b>, side: Side, channel: Channel, value: Node<'j, 'b>) {
    value.each("content").for_each(|content| blocks(walker, side, channel, content));
    for citation in value.each("citations").flat_map(Node::items) {
        for key in ["title", "source"] {
            walker.text_at(channel, citation, key);
        }
        citation.each("sourceContent").for_each(|content| blocks(walker, side, channel, content));
    }
}

/// `source`: bytes in base64, text, blocks, or an object in S3.
fn source<'j, 'b>(walker: &mut Walker<'j, 'b>, side: Side, channel: Channel, block: Node<'j, 'b>) {
    for source in block.each("source") {
        source.each("bytes").for_each(|bytes| walker.payload(channel, bytes));
        walker.text_at(channel, source, "text");
        source.each("content").for_each(|content| blocks(walker, side, channel, content));
        for uri in source.each("s3Location").flat_map(|location| location.each("uri")) {
            walker.reference(channel, uri);
        }
    }
}

//! Content blocks, in requests, answers, tool results and documents.

use crate::decode::Channel;
use crate::decode::json::{Kind, Node};
use crate::provider::Walker;

/// Which way the blocks travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Request,
    Answer,
}

/// A content: a string, or a list of blocks, or one block.
pub(super) fn content<'j, 'b>(walker: &mut Walker<'j, 'b>, side: Side, channel: Channel, content: Node<'j, 'b>) {
    walker.text(channel, content);
    if content.get("type").is_some() {
        block(walker, side, channel, content);
    }
    for item in content.items() {
        walker.text(channel, item);
        block(walker, side, channel, item);
    }
}

/// One block.
pub(super) fn block<'j, 'b>(walker: &mut Walker<'j, 'b>, side: Side, channel: Channel, block: Node<'j, 'b>) {
    let kind = block.get("type").and_then(Node::str).unwrap_or_default();
    match &*kind {
        "thinking" => signed(walker, side, block, "thinking"),
        "redacted_thinking" => block.each("data").for_each(|node| walker.opaque(channel, node)),
        "compaction" => {
            signed(walker, side, block, "content");
            block.each("encrypted_content").for_each(|node| walker.opaque(channel, node));
            walker.value_at(Channel::System, block, "tool_changes");
        }
        "tool_use" | "server_tool_use" | "mcp_tool_use" => walker.value_at(Channel::ToolCall, block, "input"),
        "image" => sources(walker, side, Channel::Upload, block),
        "document" => {
            for key in ["title", "context"] {
                walker.text_at(Channel::Upload, block, key);
            }
            sources(walker, side, Channel::Upload, block);
        }
        "search_result" => {
            for key in ["source", "title"] {
                walker.text_at(Channel::ToolResult, block, key);
            }
            block.each("content").for_each(|node| self::content(walker, side, Channel::ToolResult, node));
        }
        "container_upload" => file(walker, side, block),
        kind if kind.ends_with("tool_result") => block.each("content").for_each(|node| result(walker, side, node)),
        _ => {}
    }
    walker.text_at(channel, block, "text");
    for citations in block.each("citations") {
        citations.items().for_each(|item| citation(walker, channel, item));
    }
}

/// Where a text was taken from. Its places count into the document or the search result that was cited, not into the text.
pub(super) fn citation<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, citation: Node<'j, 'b>) {
    for key in ["cited_text", "title", "document_title", "source", "url"] {
        walker.text_at(channel, citation, key);
    }
    citation.each("encrypted_index").for_each(|node| walker.opaque(channel, node));
}

/// Text of the model's that the provider has signed. Sent back, it must be what was signed: any change is refused.
fn signed<'j, 'b>(walker: &mut Walker<'j, 'b>, side: Side, block: Node<'j, 'b>, key: &str) {
    let signature = block.get("signature").filter(|signature| signature.is_string() && !signature.is(""));
    for node in block.each(key) {
        let index = match (side, signature) {
            (Side::Request, Some(_)) => walker.pinned(Channel::Response, node),
            _ => walker.text(Channel::Response, node),
        };
        if let (Some(index), Some(signature)) = (index, signature) {
            walker.signed(index, signature);
        }
    }
    block.each("signature").for_each(|node| walker.opaque(Channel::Response, node));
}

/// The content of a tool's result: blocks, or what the server's own tools found, printed or read.
fn result<'j, 'b>(walker: &mut Walker<'j, 'b>, side: Side, node: Node<'j, 'b>) {
    walker.text(Channel::ToolResult, node);
    let single = (node.kind() == Kind::Object).then_some(node);
    for hit in node.items().chain(single) {
        walker.text(Channel::ToolResult, hit);
        block(walker, side, Channel::ToolResult, hit);
        let kind = hit.get("type").and_then(Node::str).unwrap_or_default();
        if reads_content(&kind) {
            continue;
        }
        for key in ["stdout", "stderr", "url", "page_age", "error_message"] {
            walker.text_at(Channel::ToolResult, hit, key);
        }
        walker.texts_at(Channel::ToolResult, hit, "lines");
        for key in ["encrypted_content", "encrypted_stdout"] {
            hit.each(key).for_each(|node| walker.opaque(Channel::ToolResult, node));
        }
        for tool in hit.each("tool_references").flat_map(Node::items) {
            walker.text_at(Channel::ToolResult, tool, "tool_name");
        }
        if kind == "web_search_result" {
            walker.text_at(Channel::ToolResult, hit, "title");
        }
        hit.each("content").for_each(|inner| output(walker, side, inner));
    }
}

/// Whether [`block`] reads `content` of blocks of this type.
fn reads_content(kind: &str) -> bool {
    matches!(kind, "compaction" | "search_result") || kind.ends_with("tool_result")
}

/// What a server's tool has found or made: a text, a page, files.
fn output<'j, 'b>(walker: &mut Walker<'j, 'b>, side: Side, output: Node<'j, 'b>) {
    content(walker, side, Channel::ToolResult, output);
    let made = |item: &Node<'_, '_>| item.get("type").and_then(Node::str).is_some_and(|kind| kind.ends_with("_output"));
    output.items().filter(made).for_each(|item| file(walker, side, item));
}

/// A file that is elsewhere. One that the model has made passes through the gateway when it is fetched.
fn file<'j, 'b>(walker: &mut Walker<'j, 'b>, side: Side, object: Node<'j, 'b>) {
    for id in object.each("file_id") {
        match side {
            Side::Request => walker.reference(Channel::Upload, id),
            Side::Answer => {
                walker.text(Channel::Upload, id);
            }
        }
    }
}

/// `source`: base64, plain text, blocks, a URL or a file.
fn sources<'j, 'b>(walker: &mut Walker<'j, 'b>, side: Side, channel: Channel, block: Node<'j, 'b>) {
    for source in block.each("source") {
        let kind = source.get("type").and_then(Node::str).unwrap_or_default();
        for data in source.each("data") {
            match &*kind {
                "text" => {
                    walker.text(channel, data);
                }
                _ => walker.payload(channel, data),
            }
        }
        source.each("url").for_each(|node| walker.url(channel, node));
        file(walker, side, source);
        source.each("content").for_each(|node| content(walker, side, channel, node));
    }
}

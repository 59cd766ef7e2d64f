//! Content blocks, in requests, answers, tool results and documents.

use crate::decode::Channel;
use crate::decode::json::Node;
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

fn block<'j, 'b>(walker: &mut Walker<'j, 'b>, side: Side, channel: Channel, block: Node<'j, 'b>) {
    let kind = block.get("type").and_then(Node::str).unwrap_or_default();
    match &*kind {
        "thinking" => {
            for node in block.each("thinking") {
                // sent back, it must be what was signed: any change is refused by the provider
                match side {
                    Side::Request => walker.pinned(Channel::Response, node),
                    Side::Answer => {
                        walker.text(channel, node);
                    }
                }
            }
            block.each("signature").for_each(|node| walker.opaque(channel, node));
        }
        "redacted_thinking" => block.each("data").for_each(|node| walker.opaque(channel, node)),
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
        "container_upload" => block.each("file_id").for_each(|node| walker.reference(Channel::Upload, node)),
        kind if kind.ends_with("tool_result") => {
            for node in block.each("content") {
                result(walker, side, node);
            }
        }
        _ => {}
    }
    walker.text_at(channel, block, "text");
    for citations in block.each("citations") {
        for citation in citations.items() {
            for key in ["cited_text", "title", "document_title", "url"] {
                walker.text_at(channel, citation, key);
            }
        }
    }
}

/// The content of a tool's result: blocks, or an object of the server tools' own (`stdout`, a fetched page, search hits).
fn result<'j, 'b>(walker: &mut Walker<'j, 'b>, side: Side, node: Node<'j, 'b>) {
    content(walker, side, Channel::ToolResult, node);
    let hits: Vec<Node<'j, 'b>> = std::iter::once(node).chain(node.items()).collect();
    for hit in hits {
        for key in ["stdout", "stderr", "title", "url"] {
            walker.text_at(Channel::ToolResult, hit, key);
        }
        hit.each("encrypted_content").for_each(|node| walker.opaque(Channel::ToolResult, node));
        for inner in hit.each("content") {
            walker.text(Channel::ToolResult, inner);
            if inner.get("type").is_some() {
                block(walker, side, Channel::ToolResult, inner);
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
        source.each("file_id").for_each(|node| walker.reference(channel, node));
        source.each("content").for_each(|node| content(walker, side, channel, node));
    }
}

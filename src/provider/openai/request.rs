//! Requests.

use crate::decode::Channel;
use crate::decode::json::{Json, Kind, Node};
use crate::provider::{Walk, Walker};

/// Walks a request body. A key that is there twice is read twice: upstreams disagree on which of the two counts.
pub(super) fn walk<'b>(operation: &str, json: &Json<'b>) -> Walk<'b> {
    let mut walker = Walker::new(json);
    let root = walker.root();
    if operation == "chat" {
        for list in root.each("messages") {
            messages(&mut walker, list);
        }
    }
    for key in ["tools", "functions"] {
        walker.value_at(Channel::System, root, key);
    }
    // legacy completions, embeddings, moderations: text, or token ids that no rule can read
    for key in ["prompt", "input", "suffix"] {
        for node in root.each(key) {
            text_or_tokens(&mut walker, node);
        }
    }
    walker.text_at(Channel::System, root, "instructions");
    for prediction in root.each("prediction") {
        for content in prediction.each("content") {
            parts(&mut walker, Channel::Prompt, content);
        }
    }
    walker.value_at(Channel::System, root, "response_format");
    walker.texts_at(Channel::Prompt, root, "stop");
    walker.value_at(Channel::Prompt, root, "metadata");
    walker.finish(Channel::Prompt)
}

/// Each message, and whether it stands before the last one of the user's: in an earlier turn.
pub(in crate::provider) fn turns<'j, 'b>(list: Node<'j, 'b>) -> impl Iterator<Item = (Node<'j, 'b>, bool)> {
    let last_of_user = list.items().filter(|m| m.get("role").is_some_and(|r| r.is("user"))).last();
    let turn = last_of_user.map(Node::id);
    list.items().scan(turn.is_some(), move |earlier, message| {
        *earlier &= Some(message.id()) != turn;
        Some((message, *earlier))
    })
}

/// `messages[]`. What stands before the last message of the user was sent in an earlier turn.
fn messages<'j, 'b>(walker: &mut Walker<'j, 'b>, list: Node<'j, 'b>) {
    for (message, earlier) in turns(list) {
        walker.history = earlier;
        self::message(walker, message);
    }
    walker.history = false;
}

fn message<'j, 'b>(walker: &mut Walker<'j, 'b>, message: Node<'j, 'b>) {
    let role = message.get("role").and_then(Node::str).unwrap_or_default();
    let channel = match &*role {
        "system" | "developer" => Channel::System,
        "tool" | "function" => Channel::ToolResult,
        "assistant" => Channel::Response,
        _ => Channel::Prompt,
    };
    for content in message.each("content") {
        parts(walker, channel, content);
    }
    for key in ["refusal", "reasoning_content", "reasoning"] {
        walker.text_at(channel, message, key);
    }
    tool_calls(walker, message);
    for audio in message.each("audio") {
        for id in audio.each("id") {
            walker.reference(channel, id);
        }
    }
}

/// `tool_calls[]` and the older `function_call` of a message, in a request or an answer.
pub(super) fn tool_calls<'j, 'b>(walker: &mut Walker<'j, 'b>, message: Node<'j, 'b>) {
    let calls = message.each("tool_calls").flat_map(Node::items);
    for call in calls {
        for custom in call.each("custom") {
            walker.text_at(Channel::ToolCall, custom, "input");
        }
        for arguments in call.each("function").flat_map(|f| f.each("arguments")) {
            walker.json_text(Channel::ToolCall, arguments);
        }
    }
    for arguments in message.each("function_call").flat_map(|f| f.each("arguments")) {
        walker.json_text(Channel::ToolCall, arguments);
    }
}

/// A content that is a string or a list of parts.
fn parts<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, content: Node<'j, 'b>) {
    walker.text(channel, content);
    for part in content.items() {
        walker.text(channel, part);
        for key in ["text", "refusal", "thinking"] {
            walker.text_at(channel, part, key);
        }
        for image in part.each("image_url") {
            // a list of some compatibles gives the URL without the object
            walker_url(walker, image);
            for url in image.each("url") {
                walker_url(walker, url);
            }
        }
        for audio in part.each("input_audio") {
            for data in audio.each("data") {
                walker.unreadable(Channel::Upload, data);
            }
        }
        for file in part.each("file") {
            walker.text_at(Channel::Upload, file, "filename");
            for data in file.each("file_data") {
                walker.payload(Channel::Upload, data);
            }
            for id in file.each("file_id") {
                walker.reference(Channel::Upload, id);
            }
        }
    }
}

fn walker_url<'j, 'b>(walker: &mut Walker<'j, 'b>, node: Node<'j, 'b>) {
    if node.is_string() {
        walker.url(Channel::Upload, node);
    }
}

/// A text, a list of texts, or token ids: `[1, 2]`, `[[1, 2], [3]]`.
fn text_or_tokens<'j, 'b>(walker: &mut Walker<'j, 'b>, node: Node<'j, 'b>) {
    let of_numbers = |list: Node<'j, 'b>| list.items().next().is_some_and(|first| first.kind() == Kind::Number);
    walker.text(Channel::Prompt, node);
    if of_numbers(node) || node.items().any(of_numbers) {
        walker.unreadable(Channel::Prompt, node);
        return;
    }
    for item in node.items() {
        walker.text(Channel::Prompt, item);
    }
}

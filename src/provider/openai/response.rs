//! Whole answers of all endpoints, by what stands in them: an answer that is fetched later comes from another address.

use super::request::message;
use super::threads::STEP;
use super::{parts, responses};
use crate::decode::Channel;
use crate::decode::json::{Json, Kind, Node};
use crate::provider::Read::{Json as Any, Payload, Text, Unreadable, Url};
use crate::provider::{Field, Walk, Walker};
use Channel::{Response, System, ToolResult};

/// Fields of answers, and of the elements of lists, that are not messages.
const FIELDS: &[Field] = &[
    // audio
    ("text", Response, Text),
    ("segments[].text", Response, Text),
    ("words[].word", Response, Text),
    // images
    ("b64_json", Response, Payload),
    ("url", Response, Url),
    ("revised_prompt", Response, Text),
    // servers of one's own
    ("prompt", Response, Text),
    ("prompt_logprobs", Response, Unreadable),
    ("prompt_token_ids", Response, Unreadable),
    ("results[].document.text", Response, Text),
    // Assistants
    ("instructions", System, Text),
    ("session.instructions", System, Text),
    ("tools", System, Any),
    ("description", System, Text),
    ("error.message", Response, Text),
    ("last_error.message", Response, Text),
];

pub(super) fn walk<'b>(operation: &str, json: &Json<'b>) -> Walk<'b> {
    let mut walker = Walker::new(json);
    body(&mut walker, operation, json.root());
    walker.finish(Response)
}

/// The body of an answer, or of one line of a batch.
pub(super) fn body<'j, 'b>(walker: &mut Walker<'j, 'b>, operation: &str, root: Node<'j, 'b>) {
    object(walker, operation, root);
    // lists: of what is stored, of images, of embeddings
    for element in root.each("data").flat_map(Node::items) {
        object(walker, operation, element);
    }
}

fn object<'j, 'b>(walker: &mut Walker<'j, 'b>, operation: &str, object: Node<'j, 'b>) {
    for choice in object.each("choices").flat_map(Node::items) {
        self::choice(walker, choice);
    }
    let is = |key: &str, start: &str| object.get(key).and_then(Node::str).is_some_and(|text| text.starts_with(start));
    let output = || object.get("output").is_some_and(|output| output.kind() == Kind::Array);
    if is("object", "response") || object.get("type").is_none() && output() {
        return responses::response(walker, object);
    }
    if object.get("role").is_some() && matches!(operation, "chat_stored" | "threads") {
        return message(walker, object, Response);
    }
    if object.get("role").is_some() || is("type", "") && matches!(operation, "conversations" | "response_items") {
        return responses::item(walker, object, Response);
    }
    for content in object.each("content") {
        parts::content(walker, ToolResult, content);
    }
    for embedding in object.each("embedding") {
        walker.fractions(embedding);
        walker.opaque(Response, embedding);
    }
    walker.read(object, STEP);
    walker.read(object, FIELDS);
}

fn choice<'j, 'b>(walker: &mut Walker<'j, 'b>, choice: Node<'j, 'b>) {
    let first = walker.segments();
    walker.text_at(Response, choice, "text");
    for message in choice.each("message") {
        self::message(walker, message, Response);
    }
    // The tokens repeat the text, each with its bytes: they say again what was redacted. Of which text is not told: some
    // servers give those of reasoning and of tool calls as well.
    for logprobs in choice.each("logprobs") {
        walker.copy(first..walker.segments(), logprobs);
    }
    walker.read(
        choice,
        &[
            ("token_ids", Response, Unreadable),
            ("prompt_logprobs", Response, Unreadable),
            ("prompt_token_ids", Response, Unreadable),
        ],
    );
}

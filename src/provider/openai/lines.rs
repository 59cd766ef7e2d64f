//! Lines of the files of batches and of fine-tuning. What a line holds says what it is.

use super::{request, response, target};
use crate::decode::Channel;
use crate::decode::json::{Json, Kind, Node};
use crate::provider::Read::{Json as Any, Text};
use crate::provider::{Walk, Walker};

/// One line: of a batch's requests `{custom_id, method, url, body}`, of its results `{custom_id, response: {body}, error}`, of
/// a fine-tuning set `{messages, tools}`, `{input, preferred_output, non_preferred_output}` or `{prompt, completion}`.
pub(super) fn walk<'b>(channel: Channel, json: &Json<'b>) -> Option<Walk<'b>> {
    let root = json.root();
    let mut walker = Walker::new(json);
    let has = |key: &str| root.get(key).is_some();
    let object = |key: &str| root.get(key).is_some_and(|value| value.kind() == Kind::Object);
    // some name the endpoint once for the whole batch
    if (has("url") || has("custom_id")) && object("body") {
        let url = root.get("url").and_then(Node::str).unwrap_or_default();
        let operation = target::target("POST", &url).operation;
        root.each("body").for_each(|body| request::body(&mut walker, operation, body));
    } else if has("custom_id") && has("response") {
        results(&mut walker, root);
    } else if has("messages") || has("prompt") && has("completion") {
        request::body(&mut walker, "chat", root);
        walker.read(root, &[("completion", Channel::Response, Text)]);
    } else if has("preferred_output") {
        root.each("input").for_each(|input| request::body(&mut walker, "chat", input));
        let outputs = root.each("preferred_output").chain(root.each("non_preferred_output"));
        outputs.flat_map(Node::items).for_each(|message| request::message(&mut walker, message, Channel::Response));
    } else {
        return None;
    }
    Some(walker.finish(channel))
}

/// The result of one request of a batch. Of which endpoint it is, its body says.
pub(super) fn results<'j, 'b>(walker: &mut Walker<'j, 'b>, line: Node<'j, 'b>) {
    for body in line.each("response").flat_map(|response| response.each("body")) {
        response::body(walker, "other", body);
    }
    walker.read(line, &[("error.message", Channel::Response, Text), ("response.error", Channel::Response, Any)]);
}

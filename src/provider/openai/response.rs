//! Whole answers.

use super::request::tool_calls;
use crate::decode::Channel;
use crate::decode::json::{Json, Node};
use crate::decode::offset::Unit;
use crate::provider::{Walk, Walker};

pub(super) fn walk<'b>(json: &Json<'b>) -> Walk<'b> {
    let mut walker = Walker::new(json);
    let root = walker.root();
    for choices in root.each("choices") {
        for choice in choices.items() {
            self::choice(&mut walker, choice);
        }
    }
    walker.finish(Channel::Response)
}

fn choice<'j, 'b>(walker: &mut Walker<'j, 'b>, choice: Node<'j, 'b>) {
    let first = walker.segments();
    walker.text_at(Channel::Response, choice, "text");
    for message in choice.each("message") {
        let content = walker.text_at(Channel::Response, message, "content");
        for annotation in message.each("annotations").flat_map(Node::items).flat_map(|a| a.each("url_citation")) {
            if let Some(of) = content {
                walker.offsets(of, annotation, ["start_index", "end_index"], Unit::CodePoints);
            }
        }
        for key in ["refusal", "reasoning_content", "reasoning"] {
            walker.text_at(Channel::Response, message, key);
        }
        tool_calls(walker, message);
        for audio in message.each("audio") {
            for data in audio.each("data") {
                walker.unreadable(Channel::Response, data);
            }
            walker.text_at(Channel::Response, audio, "transcript");
        }
    }
    // The tokens repeat the text, each with its bytes: they say again what was redacted. Of which text is not told: some
    // servers give those of reasoning and of tool calls as well.
    for logprobs in choice.each("logprobs") {
        walker.copy(first..walker.segments(), logprobs);
    }
}

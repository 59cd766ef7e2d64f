//! Whole answers.

use super::request::tool_call;
use crate::decode::Channel;
use crate::decode::json::{Json, Node};
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
    let legacy = walker.text_at(Channel::Response, choice, "text");
    let mut content = legacy;
    let mut refusal = None;
    for message in choice.each("message") {
        content = walker.text_at(Channel::Response, message, "content").or(content);
        refusal = walker.text_at(Channel::Response, message, "refusal").or(refusal);
        for key in ["reasoning_content", "reasoning"] {
            walker.text_at(Channel::Response, message, key);
        }
        for calls in message.each("tool_calls") {
            for call in calls.items() {
                tool_call(walker, call);
            }
        }
        for call in message.each("function_call") {
            for arguments in call.each("arguments") {
                walker.json_text(Channel::ToolCall, arguments);
            }
        }
        for audio in message.each("audio") {
            for data in audio.each("data") {
                walker.unreadable(Channel::Response, data);
            }
            walker.text_at(Channel::Response, audio, "transcript");
        }
    }
    // the tokens repeat the text, each with its bytes: they say again what was redacted
    for logprobs in choice.each("logprobs") {
        for (key, of) in [("content", content), ("refusal", refusal), ("tokens", legacy)] {
            for list in logprobs.each(key) {
                if let Some(of) = of {
                    walker.copy(of, list);
                }
            }
        }
        if let Some(of) = legacy {
            for key in ["top_logprobs", "text_offset", "token_logprobs"] {
                logprobs.each(key).for_each(|list| walker.copy(of, list));
            }
        }
    }
}

//! The content of messages: a string, or a list of parts. Chat Completions, Responses and Conversations name their parts
//! differently; no two of them give one name different meanings.

use crate::decode::Channel;
use crate::decode::json::Node;
use crate::decode::offset::Unit;
use crate::provider::{Field, Read, Walker};

/// The channel of a message's content; `own` if the message does not say whose it is.
pub(super) fn channel_of(message: Node<'_, '_>, own: Channel) -> Channel {
    match &*message.get("role").and_then(Node::str).unwrap_or_default() {
        "system" | "developer" => Channel::System,
        "tool" | "function" => Channel::ToolResult,
        "assistant" => Channel::Response,
        "user" => Channel::Prompt,
        _ => own,
    }
}

/// A content that is a string or a list of parts.
pub(super) fn content<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, content: Node<'j, 'b>) {
    walker.text(channel, content);
    for part in content.items() {
        self::part(walker, channel, part);
    }
}

/// Files and images of a part, whoever sent them.
const UPLOADS: &[Field] = &[
    ("image_url", Channel::Upload, Read::Url),
    ("image_url.url", Channel::Upload, Read::Url),
    ("image_url.file_id", Channel::Upload, Read::Reference),
    ("image_file.file_id", Channel::Upload, Read::Reference),
    ("input_audio.data", Channel::Upload, Read::Unreadable),
    ("audio", Channel::Upload, Read::Unreadable),
    ("audio_url.url", Channel::Upload, Read::Url),
    ("video_url.url", Channel::Upload, Read::Url),
    ("file.filename", Channel::Upload, Read::Text),
    ("file.file_data", Channel::Upload, Read::Payload),
    ("file.file_id", Channel::Upload, Read::Reference),
    ("filename", Channel::Upload, Read::Text),
    ("file_data", Channel::Upload, Read::Payload),
    ("file_url", Channel::Upload, Read::Url),
    ("file_id", Channel::Upload, Read::Reference),
    // Mistral
    ("document_url", Channel::Upload, Read::Url),
    ("document_name", Channel::Upload, Read::Text),
];

/// One part of a content. Some servers give plain strings.
pub(super) fn part<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, part: Node<'j, 'b>) {
    walker.text(channel, part);
    let first = walker.segments();
    for text in part.each("text") {
        match walker.text(channel, text) {
            Some(of) => annotations(walker, channel, part, of),
            // Assistants: `{"type": "text", "text": {"value": …, "annotations": […]}}`
            None => {
                if let Some(of) = walker.text_at(channel, text, "value") {
                    annotations(walker, channel, text, of);
                }
            }
        }
    }
    for key in ["refusal", "thinking", "transcript"] {
        walker.texts_at(channel, part, key);
    }
    // Mistral's reasoning: `{"type": "thinking", "thinking": [{"type": "text", "text": …}]}`
    for inner in part.each("thinking").flat_map(Node::items) {
        walker.text_at(channel, inner, "text");
    }
    for logprobs in part.each("logprobs") {
        walker.copy(first..walker.segments(), logprobs);
    }
    walker.read(part, UPLOADS);
    // Mistral's is base64, or a URL
    for audio in part.each("input_audio").filter(|audio| audio.is_string()) {
        match audio.str().is_some_and(|text| text.contains("://")) {
            true => walker.url(Channel::Upload, audio),
            false => walker.payload(Channel::Upload, audio),
        }
    }
}

/// Citations in a text say what they cite, and where it refers to them: in code points, by recorded answers.
pub(super) fn annotations<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, object: Node<'j, 'b>, of: usize) {
    for annotation in object.each("annotations").flat_map(Node::items) {
        for inner in std::iter::once(annotation).chain(annotation.each("url_citation")) {
            walker.offsets(of, inner, PLACE, Unit::CodePoints);
            for key in ["title", "url"] {
                walker.text_at(channel, inner, key);
            }
        }
    }
}

/// The keys at which an annotation says where it belongs.
pub(super) const PLACE: [&str; 2] = ["start_index", "end_index"];

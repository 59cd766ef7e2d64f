//! Sessions over a WebSocket: the Realtime API, and Responses in the same form.
//!
//! Each message is one JSON event. What the client sends is walked like the body of a request (of Responses it is one), what
//! the provider sends is read by [`events::Session`]. Source: the API reference and the types of the official SDK (openai
//! 2.54, `types/realtime`, `types/responses/responses_server_event`).

pub(super) mod events;
mod names;

use super::responses;
use crate::decode::Channel;
use crate::decode::json::Node;
use crate::provider::{Field, Read, Walker};

/// The model that the query of a session's address names: `model=…`, of Azure's older addresses `deployment=…`.
pub(super) fn model(query: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| matches!(*key, "model" | "deployment"))?;
    Some(percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned())
}

/// Fields of settings besides those that Responses have too.
const SETTINGS: &[Field] = &[
    ("instructions", Channel::System, Read::Text),
    ("metadata", Channel::Prompt, Read::Json),
    ("prompt.id", Channel::System, Read::Reference),
];

/// One message of the client's, or the body of a request that prepares a session.
pub(super) fn request<'j, 'b>(walker: &mut Walker<'j, 'b>, root: Node<'j, 'b>) {
    for audio in root.each("audio").filter(|audio| audio.is_string()) {
        walker.unreadable(Channel::Upload, audio);
    }
    root.each("item").for_each(|item| responses::item(walker, item, Channel::Prompt));
    // what a session, or one answer of it, is to be like
    for settings in std::iter::once(root).chain(root.each("session")).chain(root.each("response")) {
        for input in settings.each("input").flat_map(Node::items) {
            responses::item(walker, input, Channel::Prompt);
        }
        responses::settings(walker, settings);
        walker.read(settings, SETTINGS);
    }
}

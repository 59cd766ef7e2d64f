//! Requests: generation, counting, embeddings, caches, batches, predictions of Vertex, messages of live sessions.

use super::fields::{each, fields, one_or_more};
use super::live;
use super::parts::{Side, content, conversation};
use crate::decode::Channel;
use crate::decode::json::{Json, Node};
use crate::provider::{Walk, Walker};

/// How deep requests may stand in requests: `batch.inputConfig.requests.requests[].request`.
const DEEPEST: usize = 8;

/// Walks a request body. Which fields there are tells what it is.
pub(super) fn walk<'b>(json: &Json<'b>) -> Walk<'b> {
    let mut walker = Walker::new(json);
    let root = walker.root();
    request(&mut walker, root, DEEPEST);
    walker.finish(Channel::Prompt)
}

fn request<'j, 'b>(walker: &mut Walker<'j, 'b>, node: Node<'j, 'b>, depth: usize) {
    for (name, value) in fields(node) {
        match &*name {
            "contents" => conversation(walker, value),
            "content" => {
                content(walker, Side::Request, Channel::Prompt, value);
            }
            "systemInstruction" => {
                content(walker, Side::Request, Channel::System, value);
            }
            "tools" | "toolConfig" => walker.value(Channel::System, value),
            "generationConfig" => generation(walker, value),
            "cachedContent" => walker.reference(Channel::Prompt, value),
            "labels" => walker.value(Channel::Prompt, value),
            "instances" => one_or_more(value).for_each(|instance| self::instance(walker, instance)),
            // of a batch, a count, an embedding, a live session
            "batch" | "inputConfig" | "requests" | "request" | "generateContentRequest" | "setup" if depth > 0 => {
                one_or_more(value).for_each(|inner| request(walker, inner, depth - 1));
            }
            // of a batch whose requests are in a file
            "fileName" => walker.reference(Channel::Upload, value),
            name => live::message(walker, name, value),
        }
    }
}

fn generation<'j, 'b>(walker: &mut Walker<'j, 'b>, config: Node<'j, 'b>) {
    for (name, value) in fields(config) {
        match &*name {
            "responseSchema" | "responseJsonSchema" => walker.value(Channel::System, value),
            "stopSequences" => one_or_more(value).for_each(|stop| {
                walker.text(Channel::Prompt, stop);
            }),
            _ => {}
        }
    }
}

/// One input of a prediction: text to embed, a prompt for an image, with images of its own.
fn instance<'j, 'b>(walker: &mut Walker<'j, 'b>, instance: Node<'j, 'b>) {
    walker.text(Channel::Prompt, instance);
    for (name, value) in fields(instance) {
        match &*name {
            "content" | "prompt" | "text" | "title" | "context" => {
                walker.text(Channel::Prompt, value);
            }
            "image" | "video" | "audio" | "mask" | "lastFrame" => media(walker, value),
            "referenceImages" => one_or_more(value).for_each(|reference| {
                each(reference, "referenceImage").for_each(|image| media(walker, image));
            }),
            _ => {}
        }
    }
}

fn media<'j, 'b>(walker: &mut Walker<'j, 'b>, node: Node<'j, 'b>) {
    for (name, value) in fields(node) {
        match &*name {
            "bytesBase64Encoded" | "imageBytes" | "videoBytes" | "data" => walker.payload(Channel::Upload, value),
            "gcsUri" | "uri" => walker.url(Channel::Upload, value),
            _ => {}
        }
    }
}

//! Whole answers.

use super::fields::{each, fields, last, one_or_more};
use super::parts::{Side, content};
use crate::decode::Channel;
use crate::decode::json::{Json, Node};
use crate::decode::offset::Unit;
use crate::provider::{Usage, Walk, Walker};

/// How deep answers may stand in answers: those of a batch, of an operation.
const DEEPEST: usize = 8;

pub(super) fn walk<'b>(json: &Json<'b>) -> Walk<'b> {
    let mut walker = Walker::new(json);
    let root = walker.root();
    // a stream that is read as a whole is a list of answers
    one_or_more(root).for_each(|answer| self::answer(&mut walker, answer, DEEPEST));
    walker.finish(Channel::Response)
}

fn answer<'j, 'b>(walker: &mut Walker<'j, 'b>, node: Node<'j, 'b>, depth: usize) {
    for (name, value) in fields(node) {
        match &*name {
            "candidates" => one_or_more(value).for_each(|candidate| self::candidate(walker, candidate)),
            "promptFeedback" => each(value, "blockReasonMessage").for_each(|message| {
                walker.text(Channel::Response, message);
            }),
            "predictions" => one_or_more(value).for_each(|prediction| self::prediction(walker, prediction)),
            "response" | "responses" | "inlinedResponses" | "output" | "metadata" | "dest" if depth > 0 => {
                one_or_more(value).for_each(|inner| answer(walker, inner, depth - 1));
            }
            _ => {}
        }
    }
}

fn candidate<'j, 'b>(walker: &mut Walker<'j, 'b>, candidate: Node<'j, 'b>) {
    let first = walker.segments();
    let mut parts = Vec::new();
    for node in each(candidate, "content") {
        parts = content(walker, Side::Answer, Channel::Response, node);
    }
    let text = first..walker.segments();
    for (name, value) in fields(candidate) {
        match &*name {
            "finishMessage" => {
                walker.text(Channel::Response, value);
            }
            "citationMetadata" => {
                let lists = fields(value).filter(|(name, _)| matches!(&**name, "citationSources" | "citations"));
                for source in lists.flat_map(|(_, list)| one_or_more(list)) {
                    // which part they count into is told only if there is one
                    if let [Some(part)] = parts[..] {
                        offsets(walker, part, source);
                    }
                    texts(walker, source, &["title", "uri"]);
                }
            }
            "groundingMetadata" => grounding(walker, &parts, value),
            "continuationToken" => walker.opaque(Channel::Response, value),
            // the tokens say again what was redacted
            "logprobsResult" => walker.copy(text.clone(), value),
            _ => {}
        }
    }
}

/// Where in a text something begins and ends.
fn offsets<'j, 'b>(walker: &mut Walker<'j, 'b>, part: usize, object: Node<'j, 'b>) {
    for keys in [["startIndex", "endIndex"], ["start_index", "end_index"]] {
        walker.offsets(part, object, keys, Unit::Bytes);
    }
}

/// What the answer rests on. The segments repeat places of the answer's `parts` and count into them, the chunks what was
/// found.
pub(super) fn grounding<'j, 'b>(walker: &mut Walker<'j, 'b>, parts: &[Option<usize>], metadata: Node<'j, 'b>) {
    for (name, value) in fields(metadata) {
        match &*name {
            "webSearchQueries" | "imageSearchQueries" | "retrievalQueries" => {
                one_or_more(value).for_each(|query| {
                    walker.text(Channel::Response, query);
                });
            }
            "groundingSupports" => {
                for segment in one_or_more(value).flat_map(|support| each(support, "segment")) {
                    let part = last(segment, "partIndex").and_then(Node::as_u64).unwrap_or(0);
                    let part = usize::try_from(part).ok().and_then(|part| parts.get(part).copied().flatten());
                    if let Some(part) = part {
                        offsets(walker, part, segment);
                    }
                    texts(walker, segment, &["text"]);
                }
            }
            "groundingChunks" => {
                for (_, source) in one_or_more(value).flat_map(fields) {
                    texts(walker, source, &["title", "text", "uri", "domain"]);
                }
            }
            "searchEntryPoint" => {
                texts(walker, value, &["renderedContent"]);
                each(value, "sdkBlob").for_each(|blob| walker.payload(Channel::Response, blob));
            }
            "googleMapsWidgetContextToken" => walker.opaque(Channel::Response, value),
            _ => {}
        }
    }
}

fn texts<'j, 'b>(walker: &mut Walker<'j, 'b>, object: Node<'j, 'b>, names: &[&str]) {
    for (_, value) in fields(object).filter(|(name, _)| names.contains(&&**name)) {
        walker.text(Channel::Response, value);
    }
}

/// A prediction of Vertex: text, or an image or video with the prompt it was made of.
fn prediction<'j, 'b>(walker: &mut Walker<'j, 'b>, prediction: Node<'j, 'b>) {
    walker.text(Channel::Response, prediction);
    for (name, value) in fields(prediction) {
        match &*name {
            "content" | "prompt" | "text" => {
                walker.text(Channel::Response, value);
            }
            "bytesBase64Encoded" | "imageBytes" | "videoBytes" => walker.payload(Channel::Response, value),
            _ => {}
        }
    }
}

/// The names of a file or a cache that was taken in: requests name a file by its address, a cache by its name.
pub(super) fn uploaded(operation: &str, root: Node<'_, '_>) -> Vec<String> {
    let named = match operation {
        "upload" => last(root, "file"),
        "cached_contents" => Some(root),
        _ => None,
    };
    let names = named.into_iter().flat_map(fields).filter(|(field, _)| matches!(&**field, "name" | "uri"));
    names.filter_map(|(_, name)| Some(name.str()?.into_owned())).collect()
}

/// `usageMetadata`. What was thought counts as written, what tools brought as read: so the two make up the total.
pub(super) fn usage(root: Node<'_, '_>) -> Usage {
    let Some(usage) = last(root, "usageMetadata") else { return Usage::default() };
    let count = |name| last(usage, name).and_then(Node::as_u64);
    let sum = |a: Option<u64>, b: Option<u64>| match (a, b) {
        (None, None) => None,
        (a, b) => Some(a.unwrap_or(0).saturating_add(b.unwrap_or(0))),
    };
    Usage {
        input: sum(count("promptTokenCount"), count("toolUsePromptTokenCount")),
        // the Live API calls it `responseTokenCount`
        output: sum(count("candidatesTokenCount").or(count("responseTokenCount")), count("thoughtsTokenCount")),
        cached: count("cachedContentTokenCount"),
    }
}

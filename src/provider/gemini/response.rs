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
            "citationMetadata" => {
                for source in sources(value) {
                    // which part they count into is told only if there is one
                    if let [Some(part)] = parts[..] {
                        for keys in PLACE {
                            walker.offsets(part, source, keys, Unit::Bytes);
                        }
                    }
                }
            }
            "groundingMetadata" => {
                for (part, segment) in segments(value) {
                    let part = usize::try_from(part).ok().and_then(|part| parts.get(part).copied().flatten());
                    for (part, keys) in part.into_iter().flat_map(|part| PLACE.map(|keys| (part, keys))) {
                        walker.offsets(part, segment, keys, Unit::Bytes);
                    }
                }
            }
            // the tokens say again what was redacted
            "logprobsResult" => walker.copy(text.clone(), value),
            _ => {}
        }
        beside(walker, &name, value);
    }
}

/// The numbers that say where in a text something begins and ends, in bytes of it.
pub(super) const PLACE: [[&str; 2]; 2] = [["startIndex", "endIndex"], ["start_index", "end_index"]];

/// What was cited, each with its place in the answer.
pub(super) fn sources<'j, 'b>(metadata: Node<'j, 'b>) -> impl Iterator<Item = Node<'j, 'b>> {
    let lists = fields(metadata).filter(|(name, _)| matches!(&**name, "citationSources" | "citations"));
    lists.flat_map(|(_, list)| one_or_more(list))
}

/// The places of the answer that rest on something: the number of the part, and the place in it.
pub(super) fn segments<'j, 'b>(metadata: Node<'j, 'b>) -> impl Iterator<Item = (u64, Node<'j, 'b>)> {
    let supports = each(metadata, "groundingSupports").flat_map(one_or_more);
    let segments = supports.flat_map(|support| each(support, "segment"));
    segments.map(|segment| (last(segment, "partIndex").and_then(Node::as_u64).unwrap_or(0), segment))
}

/// What stands beside a candidate's content: why it ended, what it cites and rests on. The segments repeat places of the
/// answer, the chunks what was found.
pub(super) fn beside<'j, 'b>(walker: &mut Walker<'j, 'b>, name: &str, value: Node<'j, 'b>) {
    match name {
        "finishMessage" => {
            walker.text(Channel::Response, value);
        }
        "citationMetadata" => sources(value).for_each(|source| texts(walker, source, &["title", "uri"])),
        "groundingMetadata" => grounding(walker, value),
        "urlContextMetadata" => {
            let pages = each(value, "urlMetadata").flat_map(one_or_more);
            pages.for_each(|page| texts(walker, page, &["retrievedUrl"]));
        }
        "continuationToken" => walker.opaque(Channel::Response, value),
        _ => {}
    }
}

fn grounding<'j, 'b>(walker: &mut Walker<'j, 'b>, metadata: Node<'j, 'b>) {
    segments(metadata).for_each(|(_, segment)| texts(walker, segment, &["text"]));
    for (name, value) in fields(metadata) {
        match &*name {
            "webSearchQueries" | "imageSearchQueries" | "retrievalQueries" => {
                one_or_more(value).for_each(|query| {
                    walker.text(Channel::Response, query);
                });
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

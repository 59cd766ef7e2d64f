//! What the provider says in a session.

use super::names::Names;
use crate::decode::Channel;
use crate::decode::json::{Json, Node};
use crate::provider::openai::{CREATED, error_kind, parts, responses, usage};
use crate::provider::{
    EventFacts, EventWalker, Fault, Field, Interruption, LaneKey, Marks, Read, Refusal, StreamDialect,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// Which API a session speaks. Their events are alike; their ends are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::provider::openai) enum Api {
    Realtime,
    Responses,
}

/// Longest id taken over into events of the gateway's own, in bytes.
const LONGEST_ID: usize = 64;
/// How ids of the gateway's own events begin.
const OWN: &str = "portcullis_";

/// The id of an answer or a session's lane, if it is one: names of the protocol, not text.
fn id(node: Option<Node<'_, '_>>) -> Option<String> {
    let text = node?.str()?;
    let name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    (text.len() <= LONGEST_ID && text.bytes().all(name)).then(|| text.into_owned())
}

/// An answer, or an item of the conversation.
#[derive(Debug, Default)]
struct Known {
    /// Of an item: the answer it is part of.
    response: Option<String>,
    /// Of an answer: nothing more of it is sent.
    withheld: bool,
}

/// What an event is part of.
#[derive(Debug, Default)]
struct Place {
    response: Option<String>,
    item: Option<String>,
    /// One of several conversations over one connection (Responses).
    stream: Option<String>,
}

/// Reads the events of one session.
pub(in crate::provider::openai) struct Session {
    api: Api,
    responses: Names<Known>,
    items: Names<Known>,
    /// Lanes that have begun, and the answer each belongs to.
    lanes: HashMap<LaneKey, Option<String>>,
    /// Those that the event read last ends.
    ending: Vec<LaneKey>,
    /// Answers the client has seen begin and not end.
    open: BTreeMap<u64, String>,
    /// Ids of answers in events that were read and not yet sent.
    numbered: BTreeMap<u64, String>,
    /// What the event read last is part of.
    current: Place,
    /// Events of the gateway's own so far.
    own: u32,
}

impl Session {
    pub(in crate::provider::openai) fn new(api: Api) -> Self {
        Self {
            api,
            responses: Names::default(),
            items: Names::default(),
            lanes: HashMap::new(),
            ending: Vec::new(),
            open: BTreeMap::new(),
            numbered: BTreeMap::new(),
            current: Place::default(),
            own: 0,
        }
    }

    /// Reads what an event is part of, and notes to which answer its item belongs.
    fn place(&mut self, root: Node<'_, '_>) -> Place {
        let item = id(root.get("item_id").or_else(|| root.get("item")?.get("id")));
        let named = id(root.get("response_id").or_else(|| root.get("response")?.get("id")));
        if let (Some(item), Some(response)) = (&item, &named) {
            self.items.of(item).1.response = Some(response.clone());
        }
        let of_item = || self.items.get(item.as_deref()?)?.response.clone();
        Place { response: named.or_else(of_item), item, stream: id(root.get("stream_id")) }
    }

    /// Deltas of one text form a lane.
    fn delta<'j, 'b>(&mut self, base: &str, root: Node<'j, 'b>, item: Option<&str>, walker: &mut EventWalker<'j, 'b>) {
        let lane = self.lane(base, root, item);
        for node in root.each("delta").filter(|node| node.is_string()) {
            if base.ends_with("audio") {
                walker.unreadable(Channel::Response, node);
                continue;
            }
            let json_fragment = base.ends_with("arguments");
            let channel = match base {
                _ if json_fragment || base.ends_with("tool_call_input") => Channel::ToolCall,
                _ if base.contains("input_audio_transcription") || base.contains("input_transcript") => Channel::Prompt,
                _ => Channel::Response,
            };
            self.lanes.insert(lane.clone(), self.current.response.clone());
            walker.continues(lane.clone(), channel, json_fragment, node);
        }
        root.each("logprobs").for_each(|logprobs| walker.event_copy(logprobs));
    }

    /// The lane of an event's text. Items are numbered over the session: an index counts within one answer.
    fn lane(&mut self, base: &str, root: Node<'_, '_>, item: Option<&str>) -> LaneKey {
        let number = |key: &str| root.get(key).and_then(Node::as_u64).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        let index = item.map_or_else(|| number("output_index"), |item| self.items.of(item).0);
        LaneKey { kind: base.to_owned().into(), index, sub: number("content_index").max(number("summary_index")) }
    }

    /// The lanes that end with an event.
    fn ends(&mut self, kind: &str, root: Node<'_, '_>, item: Option<&str>, facts: &mut EventFacts) {
        let over: Vec<LaneKey> = match kind {
            "conversation.item.done" | "response.output_item.done" => {
                let number = item.map(|item| self.items.of(item).0);
                self.lanes.keys().filter(|lane| Some(lane.index) == number).cloned().collect()
            }
            _ if is_last(kind) => {
                let response = &self.current.response;
                self.lanes.iter().filter(|(_, of)| *of == response).map(|(lane, _)| lane.clone()).collect()
            }
            _ => {
                let base = [".done", ".completed", ".failed"].iter().find_map(|end| kind.strip_suffix(end));
                let lane = base.map(|base| self.lane(base, root, item));
                lane.filter(|lane| self.lanes.contains_key(lane)).into_iter().collect()
            }
        };
        for lane in &over {
            self.lanes.remove(lane);
        }
        self.ending.clone_from(&over);
        facts.ends = over;
    }

    /// An event of the gateway's own.
    fn event_of(&mut self, kind: &str, refusal: &Refusal<'_>, stream_id: Option<String>, more: Value) -> Vec<u8> {
        let mut event = json!({ "type": kind });
        let fields = event.as_object_mut().into_iter();
        for fields in fields {
            if self.api == Api::Realtime {
                fields.insert("event_id".into(), self.own_id(refusal).into());
            }
            if let Some(stream_id) = &stream_id {
                fields.insert("stream_id".into(), stream_id.as_str().into());
            }
            fields.extend(more.as_object().cloned().unwrap_or_default());
        }
        event.to_string().into_bytes()
    }

    fn own_id(&mut self, refusal: &Refusal<'_>) -> String {
        self.own += 1;
        format!("{OWN}{}_{}", refusal.id, self.own)
    }

    /// The event that tells of an error; `about` is the client's event that brought it about.
    fn error(&mut self, fault: Fault, refusal: &Refusal<'_>, about: Option<Node<'_, '_>>) -> Vec<u8> {
        let (status, kind, code) = error_kind(fault, refusal.status);
        let mut error = json!({ "type": kind, "code": code, "message": refusal.message, "param": null });
        let field = |key: &str| about.and_then(|about| id(about.get(key)));
        let stream_id = field("stream_id").or_else(|| about.is_none().then(|| self.current.stream.clone()).flatten());
        if self.api == Api::Realtime {
            error["event_id"] = field("event_id").into();
            return self.event_of("error", refusal, None, json!({ "error": error }));
        }
        self.event_of("error", refusal, stream_id, json!({ "status": status, "error": error }))
    }

    /// The event that ends an answer as filtered.
    fn filtered(&mut self, response: &str, refusal: &Refusal<'_>) -> Vec<u8> {
        let reason = "content_filter";
        let (kind, response) = match self.api {
            Api::Realtime => (
                "response.done",
                json!({
                    "object": "realtime.response",
                    "id": response,
                    "status": "incomplete",
                    "status_details": { "type": "incomplete", "reason": reason },
                    "output": [],
                    "metadata": null,
                    "usage": null,
                }),
            ),
            Api::Responses => (
                "response.incomplete",
                json!({
                    "object": "response",
                    "id": response,
                    "created_at": CREATED,
                    "status": "incomplete",
                    "incomplete_details": { "reason": reason },
                    "error": null,
                    "model": refusal.model.unwrap_or_default(),
                    "output": [],
                    "parallel_tool_calls": true,
                    "tool_choice": "auto",
                    "tools": [],
                    "metadata": {},
                }),
            ),
        };
        let stream_id = self.current.stream.clone();
        self.event_of(kind, refusal, stream_id, json!({ "response": response }))
    }
}

/// The event ends an answer.
fn is_last(kind: &str) -> bool {
    const LAST: &[&str] =
        &["response.done", "response.completed", "response.incomplete", "response.failed", "response.cancelled"];
    LAST.contains(&kind)
}

impl StreamDialect for Session {
    fn event(&mut self, _name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let Some(json) = data else { return EventFacts::default() };
        let root = json.root();
        let kind = root.get("type").and_then(Node::str).unwrap_or_default();
        self.current = self.place(root);
        let item = self.current.item.clone();
        let mut walker = EventWalker::new(json);
        walker.facts.usage = usage(root);
        if let Some(base) = kind.strip_suffix(".delta") {
            self.delta(base, root, item.as_deref(), &mut walker);
        }
        whole(&mut walker, &kind, root);
        let mut facts = walker.finish();
        self.ends(&kind, root, item.as_deref(), &mut facts);
        if let Some(response) = &self.current.response {
            let number = u64::from(self.responses.of(response).0);
            if is_last(&kind) {
                facts.marks.closed.push(number);
                facts.marks.ended = true;
            } else if kind == "response.created" {
                facts.marks.opened.push(number);
                self.numbered.insert(number, response.clone());
            }
        }
        facts
    }

    fn sent(&mut self, marks: &Marks) {
        for number in &marks.opened {
            if let Some(response) = self.numbered.remove(number) {
                self.open.insert(*number, response);
            }
        }
        for number in &marks.closed {
            self.open.remove(number);
        }
    }

    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        self.error(Fault::Policy, refusal, None)
    }

    fn failed(&mut self, fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        self.open.clear();
        self.error(fault, refusal, None)
    }

    fn ended(&self) -> bool {
        self.open.is_empty()
    }

    fn refused(&mut self, refusal: &Refusal<'_>, about: Option<&Json<'_>>) -> Option<Vec<u8>> {
        Some(self.error(Fault::Policy, refusal, about.map(Json::root)))
    }

    fn interrupt(&mut self, refusal: &Refusal<'_>) -> Option<Interruption> {
        let error = self.error(Fault::Policy, refusal, None);
        let mut told = Interruption { client: vec![error], ..Interruption::default() };
        let Place { response, item, .. } = &self.current;
        let of_response = |of: &Option<String>| response.is_some() && of == response;
        let number = item.as_deref().map(|item| self.items.of(item));
        let over = |lane: &LaneKey, of: &Option<String>| {
            of_response(of) || number.as_ref().is_some_and(|(n, _)| *n == lane.index)
        };
        told.over = self.lanes.iter().filter(|(lane, of)| over(lane, of)).map(|(lane, _)| lane.clone()).collect();
        self.lanes.retain(|lane, _| !told.over.contains(lane));
        told.over.append(&mut self.ending);
        if let Some((_, item)) = number {
            item.withheld = true;
        }
        let Some(response) = response.clone() else { return Some(told) };
        let (number, known) = self.responses.of(&response);
        known.withheld = true;
        if self.open.remove(&u64::from(number)).is_some() {
            told.client.push(self.filtered(&response, refusal));
        }
        if self.api == Api::Realtime {
            let event_id = self.own_id(refusal);
            let cancel = json!({ "type": "response.cancel", "event_id": event_id, "response_id": response });
            told.upstream.push(cancel.to_string().into_bytes());
        }
        Some(told)
    }

    fn withholds(&mut self, data: &Json<'_>) -> bool {
        let root = data.root();
        // what comes of the cancellation is between the gateway and the provider
        let of_own =
            root.get("error").and_then(|error| id(error.get("event_id"))).is_some_and(|id| id.starts_with(OWN));
        let place = self.place(root);
        let withheld = |names: &Names<Known>, id: &Option<String>| {
            id.as_deref().and_then(|id| names.get(id)).is_some_and(|known| known.withheld)
        };
        of_own || withheld(&self.responses, &place.response) || withheld(&self.items, &place.item)
    }
}

/// What an event tells as a whole: it repeats the deltas, or what the client sent.
fn whole<'j, 'b>(walker: &mut EventWalker<'j, 'b>, kind: &str, root: Node<'j, 'b>) {
    root.each("item").for_each(|item| responses::item(walker, item, Channel::Response));
    root.each("part").for_each(|part| parts::part(walker, Channel::Response, part));
    root.each("session").chain(root.each("response")).for_each(|settings| responses::response(walker, settings));
    let own = if kind.starts_with("conversation.item.input_audio") { Channel::Prompt } else { Channel::Response };
    for key in ["text", "transcript", "refusal"] {
        walker.text_at(own, root, key);
    }
    walker.read(root, REPEATS);
}

/// What repeats the deltas of tools, audio and images.
const REPEATS: &[Field] = &[
    ("arguments", Channel::ToolCall, Read::Json),
    ("input", Channel::ToolCall, Read::Text),
    ("output", Channel::ToolResult, Read::Text),
    ("audio", Channel::Response, Read::Unreadable),
    ("partial_image_b64", Channel::Response, Read::Unreadable),
    ("result", Channel::Response, Read::Unreadable),
];

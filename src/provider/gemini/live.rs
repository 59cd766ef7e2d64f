//! The Live API: messages of a socket, from the client (`setup`, `clientContent`, `realtimeInput`, `toolResponse`) and from the
//! server (`serverContent`, `toolCall`, …).

use super::ends;
use super::events::{Lanes, Reading};
use super::fields::{each, fields, last, one_or_more};
use super::parts::{blob, conversation, function_response};
use super::response::{beside, usage};
use crate::decode::Channel;
use crate::decode::framing::Framing;
use crate::decode::json::{Json, Node};
use crate::provider::{EventFacts, Fault, LaneKey, Marks, Refusal, StreamDialect, Walker};
use serde_json::json;

/// What a client's message holds besides a `setup`, which is a request like others.
pub(super) fn message<'j, 'b>(walker: &mut Walker<'j, 'b>, name: &str, value: Node<'j, 'b>) {
    match name {
        "clientContent" => each(value, "turns").for_each(|turns| conversation(walker, turns)),
        "realtimeInput" => {
            for (name, input) in fields(value) {
                match &*name {
                    "text" => {
                        walker.text(Channel::Prompt, input);
                    }
                    "audio" | "video" | "mediaChunks" => {
                        one_or_more(input).for_each(|media| blob(walker, Channel::Upload, media));
                    }
                    _ => {}
                }
            }
        }
        "toolResponse" => {
            let responses = each(value, "functionResponses").flat_map(one_or_more);
            responses.for_each(|response| function_response(walker, response));
        }
        "sessionResumption" => each(value, "handle").for_each(|handle| walker.opaque(Channel::Prompt, handle)),
        _ => {}
    }
}

/// Reads the server's messages.
#[derive(Default)]
pub(super) struct LiveStream {
    lanes: Lanes,
    /// The client has seen a part of an answer, and not its end.
    answering: bool,
}

impl StreamDialect for LiveStream {
    fn event(&mut self, _name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let Some(json) = data else { return EventFacts::default() };
        let root = json.root();
        let mut reading = Reading::new(json, &mut self.lanes);
        reading.walker.facts.usage = usage(root);
        for (name, value) in fields(root) {
            match &*name {
                "serverContent" => content(&mut reading, value),
                "toolCall" => {
                    each(value, "functionCalls").flat_map(one_or_more).for_each(|call| reading.call(call, 0));
                    // the client answers before anything else comes: nothing may be held back before it
                    reading.walker.facts.ends_all = true;
                }
                "sessionResumptionUpdate" => each(value, "newHandle").for_each(|handle| {
                    reading.walker.opaque(Channel::Response, handle);
                }),
                _ => {}
            }
        }
        reading.finish()
    }

    fn sent(&mut self, marks: &Marks) {
        self.answering = (self.answering || marks.started) && !marks.ended;
    }

    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        self.answering = false;
        turn(refusal, "RESPONSE_REJECTED")
    }

    fn failed(&mut self, _fault: Fault, _refusal: &Refusal<'_>) -> Vec<u8> {
        // the protocol has no errors: the server says that it goes, and the socket closes
        self.answering = false;
        ends::last(Framing::Messages, true, &json!({ "goAway": { "timeLeft": "0s" } }))
    }

    fn ended(&self) -> bool {
        !self.answering
    }

    fn refused(&mut self, refusal: &Refusal<'_>, message: Option<&Json<'_>>) -> Option<Vec<u8>> {
        let root = message?.root();
        // of what the client waits for an answer to, the turn is over; without its setup or its microphone there is no session
        let spoken = last(root, "realtimeInput").is_some_and(|input| last(input, "text").is_some());
        let asked = spoken || ["clientContent", "toolResponse"].iter().any(|name| last(root, name).is_some());
        asked.then(|| turn(refusal, "PROHIBITED_INPUT_CONTENT"))
    }
}

/// A whole turn that says why there is no answer.
fn turn(refusal: &Refusal<'_>, reason: &str) -> Vec<u8> {
    let told = json!({ "role": "model", "parts": [{ "text": refusal.message }] });
    let content = json!({ "modelTurn": told, "turnComplete": true, "turnCompleteReason": reason });
    ends::last(Framing::Messages, true, &json!({ "serverContent": content }))
}

fn content<'j, 'b>(reading: &mut Reading<'_, 'j, 'b>, content: Node<'j, 'b>) {
    for (name, value) in fields(content) {
        match &*name {
            "modelTurn" => {
                reading.walker.facts.marks.started = true;
                reading.parts(value, 0);
            }
            // what the user said, written down
            "inputTranscription" => spoken(reading, value, "input_transcription", Channel::Prompt),
            "interimInputTranscription" => spoken(reading, value, "interim_transcription", Channel::Prompt),
            "outputTranscription" => spoken(reading, value, "output_transcription", Channel::Response),
            "turnComplete" | "interrupted" | "waitingForInput" => {
                let so = value.as_bool() == Some(true);
                reading.walker.facts.ends_all |= so;
                reading.walker.facts.marks.ended |= so && name == "turnComplete";
            }
            name => beside(&mut reading.walker, name, value),
        }
    }
}

fn spoken<'j, 'b>(
    reading: &mut Reading<'_, 'j, 'b>,
    transcription: Node<'j, 'b>,
    kind: &'static str,
    channel: Channel,
) {
    let lane = LaneKey::new(kind, 0, 0);
    each(transcription, "text").for_each(|text| reading.continues(text, lane.clone(), channel));
    if last(transcription, "finished").and_then(Node::as_bool) == Some(true) {
        reading.walker.facts.ends.push(lane);
    }
}

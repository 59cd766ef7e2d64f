//! Streams of server-sent events, each of which is one message: notifications and requests of the server's, then the answer.

use super::message::{Sender, messages};
use super::{code, error_body, methods, refusal_body};
use crate::decode::json::Json;
use crate::provider::{EventFacts, EventWalker, Fault, Marks, Refusal, StreamDialect};

/// Reads the messages of one stream and writes its ends.
pub(super) struct MessageStream {
    /// The request calls a tool, whose result the model reads.
    pub calls_tool: bool,
    /// The end of the stream says nothing: it answers no request, or the client asks for what is left of it.
    pub open_ended: bool,
}

impl StreamDialect for MessageStream {
    fn event(&mut self, _name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let Some(json) = data else {
            // an event without a message gives the client an id from which it takes the stream up again (2025-11-25)
            return EventFacts { marks: Marks { ended: true, ..Marks::default() }, ..EventFacts::default() };
        };
        let mut walker = EventWalker::new(json);
        let root = walker.root();
        messages(&mut walker, Sender::Server, root);
        let mut facts = walker.finish();
        facts.marks.ended = methods::answers(root);
        facts
    }

    fn sent(&mut self, marks: &Marks) {
        self.open_ended |= marks.ended;
    }

    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        self.open_ended = true;
        let message = match refusal.request_id {
            // nobody waits for an answer in this stream: its end is all there is to say
            None => return Vec::new(),
            Some(_) if self.calls_tool => refusal_body(refusal),
            Some(_) => error_body(code(Fault::Policy), refusal),
        };
        event(&message)
    }

    fn failed(&mut self, fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        self.open_ended = true;
        match refusal.request_id {
            None => Vec::new(),
            Some(_) => event(&error_body(code(fault), refusal)),
        }
    }

    fn ended(&self) -> bool {
        self.open_ended
    }
}

pub(super) fn event(message: &str) -> Vec<u8> {
    format!("event: message\ndata: {message}\n\n").into_bytes()
}

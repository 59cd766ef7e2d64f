//! Sessions over a socket: many questions and answers in one exchange.
//!
//! Each message of the client's is judged like the body of a request. The provider's messages are the events of one stream
//! ([`StreamGuard::message`]), which goes on after an answer that was blocked if the dialect can say so.

use super::body::{BodyHead, Judged, Side};
use super::{Exchange, StreamGuard};
use crate::detect::Scratch;

/// Entries of the receipt for what nobody inspected of a client's messages; what comes beyond is told as one.
const MOST_PARTS: usize = 64;

/// What becomes of a message of the client's.
#[derive(Debug)]
pub enum Sent {
    /// Send the message that came (P1).
    Unchanged,
    /// Send this one instead.
    Changed(Vec<u8>),
    /// Send nothing on, and tell the client this.
    Refused(Vec<u8>),
    /// Send nothing on, and close the session: there is no message to tell it with.
    Closed,
}

impl Exchange {
    /// Judges one message of the client's in the session whose answers `answers` judges. Binary messages may hold JSON too.
    pub fn message(&mut self, answers: &mut StreamGuard, message: &[u8], binary: bool, scratch: &mut Scratch) -> Sent {
        let begins = message.iter().find(|byte| !byte.is_ascii_whitespace());
        let media_type = if binary && begins != Some(&b'{') { "application/octet-stream" } else { "application/json" };
        let head = BodyHead { content_type: Some(media_type), content_encoding: None };
        let known = self.report.receipt.uninspected.len();
        let judged = self.request(&head, message, scratch);
        self.report.receipt.gather(known, MOST_PARTS);
        match judged {
            Judged::Unchanged => Sent::Unchanged,
            Judged::Changed(changed) => Sent::Changed(changed),
            Judged::Reply(_) => answers.refused(self, message).map_or(Sent::Closed, Sent::Refused),
        }
    }

    /// What becomes of a message that is not judged, and not sent on for the reason `told`.
    pub fn refuse_message(&mut self, answers: &mut StreamGuard, message: &[u8], told: &str) -> Sent {
        self.report.message = Some(told.to_owned());
        answers.refused(self, message).map_or(Sent::Closed, Sent::Refused)
    }

    /// Judges why one side says it closes the session. Returns what the other side is told.
    pub fn close_reason(&mut self, side: Side, reason: &str, scratch: &mut Scratch) -> String {
        let head = BodyHead { content_type: Some("text/plain"), content_encoding: None };
        let judged = match side {
            Side::Request => self.request(&head, reason.as_bytes(), scratch),
            Side::Answer => self.answer(&head, reason.as_bytes(), scratch),
        };
        match judged {
            Judged::Unchanged => reason.to_owned(),
            Judged::Changed(changed) => String::from_utf8(changed).unwrap_or_default(),
            Judged::Reply(_) => String::new(),
        }
    }
}

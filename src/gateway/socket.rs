//! A WebSocket as the gateway judges it: the handshake's credentials, and messages both ways.

use super::exchange::{GatewayExchange, NOT_SERVED, SCRATCH};
use super::routes::Entry;
use crate::decode::framing::Framing;
use crate::exchange::session::Sent;
use crate::exchange::stream::Flow;
use crate::exchange::{BodyHead, Side};
use crate::policy::Action;
use crate::provider::{Dialect, Target};
use crate::proxy::guard::{Message, Party, Relayed};
use bytes::Bytes;
use http::Method;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue, SEC_WEBSOCKET_PROTOCOL};
use std::sync::Arc;

/// How a subprotocol begins in which browsers, which cannot set headers, present a key (OpenAI Realtime).
const KEY: &str = "openai-insecure-api-key.";
/// A policy was violated; an unexpected condition (RFC 6455 §7.4.1).
const VIOLATION: u16 = 1008;
const INTERNAL: u16 = 1011;

/// What an upstream speaks at an address; `None`: the request asks for a WebSocket, and it offers none there.
pub(super) fn spoken(entry: &Entry, method: &Method, rest: &str, socket: bool) -> Option<(Arc<dyn Dialect>, Target)> {
    let (dialect, mut target) = entry.spoken(method.as_str(), rest);
    if socket {
        target.stream = dialect.socket(&target).then_some(Some(Framing::Messages))?;
    }
    Some((dialect, target))
}

fn protocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(SEC_WEBSOCKET_PROTOCOL).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

/// The headers with the key that stands among the subprotocols where other callers present theirs; `None` if there is none,
/// or one in its usual place.
pub(super) fn with_key(headers: &HeaderMap) -> Option<HeaderMap> {
    if headers.contains_key(AUTHORIZATION) {
        return None;
    }
    let key = protocols(headers).find_map(|protocol| protocol.strip_prefix(KEY))?;
    let value = HeaderValue::try_from(format!("Bearer {key}")).ok()?;
    let mut headers = headers.clone();
    headers.insert(AUTHORIZATION, value);
    Some(headers)
}

/// Takes keys out of the subprotocols.
pub(super) fn forget_key(headers: &mut HeaderMap) {
    let kept: Vec<&str> = protocols(headers).filter(|protocol| !protocol.starts_with(KEY)).collect();
    let kept = HeaderValue::try_from(kept.join(", ")).ok().filter(|kept| !kept.is_empty());
    match kept {
        Some(kept) => drop(headers.insert(SEC_WEBSOCKET_PROTOCOL, kept)),
        None => drop(headers.remove(SEC_WEBSOCKET_PROTOCOL)),
    }
}

impl GatewayExchange {
    pub(super) fn open_session(&mut self) -> usize {
        self.streams = true;
        self.stream = Some(self.exchange.stream(Framing::Messages));
        self.exchange.judge().limits.answer
    }

    pub(super) fn judge_message(&mut self, from: Party, message: Message, out: &mut Relayed) {
        match from {
            Party::Client => self.sent(message, out),
            Party::Upstream => self.answered(&message, out),
        }
    }

    /// A message of the client's.
    fn sent(&mut self, message: Message, out: &mut Relayed) {
        let Message { data, binary } = &message;
        let served = self.serves_models_of(data);
        let Some(answers) = &mut self.stream else { return };
        let exchange = &mut self.exchange;
        let judged = if served {
            SCRATCH.with_borrow_mut(|scratch| exchange.message(answers, data, *binary, scratch))
        } else {
            exchange.fault("forward", "model_not_served");
            exchange.refuse_message(answers, data, NOT_SERVED)
        };
        let binary = *binary;
        match judged {
            Sent::Unchanged => out.to_upstream.push(message),
            Sent::Changed(data) => out.to_upstream.push(Message { data: data.into(), binary }),
            Sent::Refused(data) => out.to_client.push(Message { data: data.into(), binary }),
            Sent::Closed => out.close = Some((VIOLATION, exchange.report.message.clone().unwrap_or_default())),
        }
    }

    /// A message may name another model than the handshake did.
    fn serves_models_of(&self, message: &[u8]) -> bool {
        let Some(entry) = self.entry.as_ref().filter(|_| self.group.asks_for_model()) else { return true };
        let head = BodyHead { content_type: Some("application/json"), content_encoding: None };
        self.exchange.models_of(&head, message).iter().all(|model| entry.entrance.serves(model))
    }

    /// A message of the provider's.
    fn answered(&mut self, message: &Message, out: &mut Relayed) {
        let Some(answers) = &mut self.stream else { return };
        let (exchange, mut written) = (&mut self.exchange, Vec::new());
        let flow = SCRATCH
            .with_borrow_mut(|scratch| answers.message(exchange, &message.data, message.binary, scratch, &mut written));
        self.written_messages(written, out);
        if flow == Flow::End {
            let report = &self.exchange.report;
            let blocked = report.action.is_some_and(|action| action >= Action::Justify);
            let reason = report.message.clone().filter(|_| blocked);
            let code = if blocked { VIOLATION } else { INTERNAL };
            out.close = Some((code, reason.unwrap_or_else(|| "the model's answer broke off".into())));
        }
    }

    /// Takes over what the judge of the answers has written.
    pub(super) fn written_messages(&mut self, written: Vec<u8>, out: &mut Relayed) {
        let Some(answers) = &mut self.stream else { return };
        let written = Bytes::from(written);
        let mut start = 0;
        for event in answers.written() {
            out.to_client.push(Message { data: written.slice(start..event.end), binary: event.binary });
            start = event.end;
        }
        let own = answers.take_for_upstream().into_iter();
        out.to_upstream.extend(own.map(|data| Message { data: data.into(), binary: false }));
    }

    pub(super) fn judge_reason(&mut self, from: Party, reason: &str) -> String {
        if reason.is_empty() {
            return String::new();
        }
        let side = if from == Party::Client { Side::Request } else { Side::Answer };
        SCRATCH.with_borrow_mut(|scratch| self.exchange.close_reason(side, reason, scratch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(protocols: &[&str]) -> HeaderMap {
        protocols.iter().map(|line| (SEC_WEBSOCKET_PROTOCOL, line.parse().unwrap())).collect()
    }

    #[test]
    fn p4_a_key_among_the_subprotocols_is_a_key() {
        let mut headers = map(&["realtime, openai-insecure-api-key.sk-1", "openai-beta.realtime-v1"]);
        assert_eq!(with_key(&headers).unwrap()[AUTHORIZATION], "Bearer sk-1");
        forget_key(&mut headers);
        assert_eq!(headers, map(&["realtime, openai-beta.realtime-v1"]));
        assert_eq!(with_key(&headers), None);
        let mut headers = map(&["openai-insecure-api-key.sk-1"]);
        forget_key(&mut headers);
        assert!(headers.is_empty());
        let mut both = map(&["openai-insecure-api-key.sk-1"]);
        both.insert(AUTHORIZATION, "Bearer sk-2".parse().unwrap());
        assert_eq!(with_key(&both), None, "the usual place comes first");
    }
}

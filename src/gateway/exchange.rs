//! One exchange as the proxy moves it.

use super::addresses::Elsewhere;
use super::retries::Attempt;
use super::routes::{Entry, Group, Place};
use super::{Gateway, Shared, addresses, record, socket};
use crate::detect::Scratch;
use crate::exchange::stream::{Flow as CoreFlow, UpstreamEnd as CoreEnd};
use crate::exchange::{BodyHead, Envelope, Exchange, Judged, StreamGuard};
use crate::policy::{self, Action};
use crate::principal::{Identify, Principal, Signature};
use crate::provider::{Fault, Reply};
use crate::proxy::failure::Failure;
use crate::proxy::guard::{
    Flow, Guarded, Message, Outcome, Overflow, Party, Relayed, RequestBody, RequestDecision, RequestHead,
    ResponseDecision, ResponsePlan, Route, StreamClose, UpstreamEnd,
};
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use std::cell::RefCell;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

thread_local! {
    /// Memory of scans, one per worker.
    pub(super) static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::default());
}

/// Judges one exchange for the proxy, and records it at the end.
pub struct GatewayExchange {
    pub(super) exchange: Exchange,
    route: Route,
    /// The upstreams that share the entrance, of which the model decides.
    pub(super) group: Group,
    /// The one that was chosen.
    pub(super) entry: Option<Arc<Entry>>,
    method: Method,
    /// The target after the entrance.
    rest: String,
    /// The URL of the entrance, as the caller knows it.
    own_base: Option<String>,
    /// The exchange's place among those its upstream works on.
    place: Option<Place>,
    pub(super) stream: Option<StreamGuard>,
    /// The exchange is to go on in WebSocket messages.
    socket: bool,
    /// The gateway key stands among the WebSocket's subprotocols.
    key_in_protocol: bool,
    /// Reused for what the stream writes.
    written: Vec<u8>,
    /// Headers that name persons or hold gateway keys: never sent upstream.
    private: Vec<HeaderName>,
    pub(super) shared: Arc<Shared>,
    pub(super) received: SystemTime,
    pub(super) trace_id: Option<String>,
    /// The SDK says that it sends the request again.
    pub(super) retry: bool,
    /// What proves who the caller is, once the body has come.
    signature: Option<Signature>,
    peer: IpAddr,
    /// The id by which an AWS SDK tells its attempts at one request from others.
    invocation: Option<String>,
    pub(super) attempt: Option<Attempt>,
    /// The exchange that this one repeats.
    pub(super) retry_of: Option<String>,
    /// The answer is a stream.
    pub(super) streams: bool,
}

/// Headers of the gateway's own that must not reach a model.
const OWN_HEADERS: &[&str] = &["x-portcullis-justification", "x-portcullis-key"];
/// Headers in which callers present a provider's credential.
const CREDENTIALS: &[&str] = &["authorization", "x-api-key", "api-key", "x-goog-api-key", "x-amz-security-token"];
/// Where in a file the bytes of a resumable upload belong (Google).
const UPLOAD_OFFSET: &str = "x-goog-upload-offset";
/// Headers whose value describes the body's bytes: gone when the body is rewritten.
const BODY_HEADERS: &[&str] = &["digest", "content-digest", "repr-digest", "content-md5"];

impl GatewayExchange {
    /// Fails with a message for the caller if the target cannot be sent upstream.
    pub(super) fn new(
        exchange: Exchange,
        head: &RequestHead<'_>,
        (group, rest): (Group, &str),
        caller: Caller<'_>,
        gateway: &Gateway,
    ) -> Result<Self, String> {
        let first = group.first();
        let upstream = first.upstream.clone();
        let target = upstream.target(rest).map_err(|_| BAD_TARGET.to_owned())?;
        let mut private: Vec<HeaderName> = (caller.identify.private_headers().chain(OWN_HEADERS.iter().copied()))
            .filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok())
            .collect();
        if !upstream.set_headers.is_empty() || first.signer.is_some() {
            // the gateway presents its own credential: the caller's is none of the provider's business
            private.extend(CREDENTIALS.iter().map(|name| HeaderName::from_static(name)));
        }
        private.extend(caller.key_header.and_then(|name| HeaderName::from_bytes(name.as_bytes()).ok()));
        let by_host = !first.entrance.hosts.is_empty() && first.entrance.prefix.is_none();
        let own_base = addresses::own_base(&gateway.config.server, by_host, head, rest);
        let header = |name: &str| head.headers.get(name).and_then(|v| v.to_str().ok());
        Ok(Self {
            exchange,
            route: Route {
                upstream,
                target,
                request_body: RequestBody::Judged,
                inspect_response: true,
                max_body: first.max_body,
            },
            method: head.method.clone(),
            rest: rest.to_owned(),
            own_base,
            group,
            entry: None,
            place: None,
            stream: None,
            socket: head.socket,
            key_in_protocol: caller.key_in_protocol,
            signature: caller.signature,
            peer: head.peer.ip(),
            written: Vec::new(),
            private,
            shared: gateway.shared.clone(),
            received: caller.now,
            trace_id: header("traceparent").and_then(trace_id),
            retry: header("x-stainless-retry-count").is_some_and(|n| n != "0")
                || header("amz-sdk-request").is_some_and(|attempts| !is_first(attempts)),
            invocation: header("amz-sdk-invocation-id").map(str::to_owned),
            attempt: None,
            retry_of: None,
            streams: false,
        })
    }
}

/// Who the exchange is for, as far as the proxy's headers go.
pub(super) struct Caller<'a> {
    pub identify: &'a Identify,
    /// The header that held a gateway key.
    pub key_header: Option<String>,
    /// It was recognised among the subprotocols of a WebSocket.
    pub key_in_protocol: bool,
    /// He has signed the request, it says.
    pub signature: Option<Signature>,
    pub now: SystemTime,
}

/// Whether the header of AWS SDKs, `attempt=1; max=3`, tells of the first attempt.
fn is_first(attempts: &str) -> bool {
    attempts.split(';').filter_map(|part| part.trim().strip_prefix("attempt=")).all(|number| number == "1")
}

/// The trace id of a W3C `traceparent`, if it is valid.
fn trace_id(traceparent: &str) -> Option<String> {
    let mut fields = traceparent.split('-');
    let (version, id) = (fields.next()?, fields.next()?);
    let hex = |s: &str| s.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let valid = version.len() == 2 && version != "ff" && id.len() == 32 && hex(id) && id.bytes().any(|b| b != b'0');
    valid.then(|| id.to_owned())
}

/// The headers that say how to read a body. Several content codings in several headers count as one list.
fn body_head<'h>(headers: &'h HeaderMap, codings: &'h mut String) -> BodyHead<'h> {
    for value in headers.get_all(CONTENT_ENCODING) {
        if !codings.is_empty() {
            codings.push(',');
        }
        // a coding nobody can name is one nobody can remove: the body is uninspected
        codings.push_str(value.to_str().unwrap_or("unreadable"));
    }
    BodyHead {
        content_type: headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()),
        content_encoding: (!codings.is_empty()).then_some(codings.as_str()),
    }
}

/// Removes what described the bytes of a body that was rewritten.
fn forget_body(headers: &mut HeaderMap) {
    headers.remove(CONTENT_ENCODING);
    headers.remove(ETAG);
    for name in BODY_HEADERS {
        headers.remove(*name);
    }
}

impl GatewayExchange {
    /// Chooses the upstream by the model, and takes a place there; the reply if there is none.
    fn choose(&mut self, head: &BodyHead<'_>, body: &[u8]) -> Result<(), Reply> {
        let mut entry = self.group.first().clone();
        if self.group.asks_for_model() {
            let mut models = self.exchange.models_of(head, body);
            models.extend(self.exchange.model().map(str::to_owned));
            // of several, the upstream may take any
            if let Some(model) = models.first() {
                let serving = self.group.serving(model).filter(|e| models.iter().all(|m| e.entrance.serves(m)));
                entry = match serving {
                    Some(entry) => entry.clone(),
                    None => return Err(self.refuse("model_not_served", Fault::Policy, NOT_SERVED)),
                };
            }
            let Some((dialect, target)) = socket::spoken(&entry, &self.method, &self.rest, self.socket) else {
                return Err(Guarded::error(self, Failure::UpgradeUnsupported));
            };
            self.exchange.hand_over(dialect, target, entry.facts.clone(), entry.failures);
            if body.len() > entry.max_body {
                return Err(Guarded::error(self, Failure::BodyTooLarge));
            }
            let Ok(target) = entry.upstream.target(&self.rest) else {
                return Err(self.refuse("bad_target", Fault::BadRequest, BAD_TARGET));
            };
            (self.route.upstream, self.route.target) = (entry.upstream.clone(), target);
        }
        self.place = entry.place();
        self.entry = Some(entry);
        match self.place {
            Some(_) => Ok(()),
            None => Err(self.refuse("upstream_busy", Fault::Unavailable, BUSY)),
        }
    }

    /// Puts what was rewritten outside the body in its place.
    fn readdress(&mut self, headers: &mut HeaderMap) -> Result<(), Reply> {
        let rewritten = self.exchange.rewritten();
        for (index, value) in rewritten.headers {
            // what cannot stand in a header does not leave
            let value = HeaderValue::from_bytes(&value).unwrap_or(HeaderValue::from_static(""));
            if let Some((_, place)) = headers.iter_mut().nth(index) {
                *place = value;
            }
        }
        if let Some(rest) = rewritten.target {
            let Ok(target) = self.route.upstream.target(&rest) else {
                return Err(self.refuse("bad_target", Fault::BadRequest, BAD_TARGET));
            };
            (self.route.target, self.rest) = (target, rest);
        }
        Ok(())
    }

    /// Signs the request as it leaves, if the upstream's configuration says so.
    fn sign(&self, headers: &mut HeaderMap, body: &[u8]) {
        let Some(signer) = self.entry.as_ref().and_then(|entry| entry.signer.as_ref()) else { return };
        let (host, target) = (self.route.upstream.host(), self.route.target.as_str());
        signer.sign(self.method.as_str(), host, target, headers, body, SystemTime::now());
    }

    /// The gateway's own answer to a request that it does not send on.
    fn refuse(&mut self, fault: &'static str, kind: Fault, message: &str) -> Reply {
        self.exchange.fault("forward", fault);
        self.exchange.failure(kind, message)
    }
}

pub(super) const NOT_SERVED: &str =
    "the gateway serves no model of this name here; ask for another model, or for its `models` to be widened";
const BUSY: &str = "the gateway sends no more requests at a time to this model provider; try again in a moment";
const ELSEWHERE: &str = "the model provider's answer leads to an address outside the gateway; it is not passed on";
const BAD_TARGET: &str = "the path of the request is not valid";

/// How a stream ends; `None`: nothing reaches anyone, and what was found still counts.
fn end_of(how: UpstreamEnd) -> Option<CoreEnd> {
    match how {
        UpstreamEnd::Complete => Some(CoreEnd::Complete),
        UpstreamEnd::Reset => Some(CoreEnd::Broken(Fault::Upstream)),
        UpstreamEnd::Deadline => Some(CoreEnd::Broken(Fault::Timeout)),
        UpstreamEnd::ClientGone => None,
    }
}

impl Guarded for GatewayExchange {
    fn route(&self) -> &Route {
        &self.route
    }

    fn request(&mut self, headers: &mut HeaderMap, body: Bytes) -> RequestDecision {
        if let Err(error) = self.signature.take().map_or(Ok(()), |signature| signature.verify(&body, self.received)) {
            let stranger = Principal::anonymous();
            let risk_key = stranger.risk_key(self.peer).into_owned();
            self.exchange.is_of(stranger, risk_key);
            return RequestDecision::Reply(self.refuse("signature", Fault::BadRequest, &error.to_string()));
        }
        for name in &self.private {
            headers.remove(name);
        }
        let user = &self.exchange.opening().risk_key;
        let attempt = self.shared.retries.attempt(user, self.invocation.as_deref(), &body);
        self.retry_of = self.shared.retries.repeats(&attempt, Instant::now());
        self.retry |= self.retry_of.is_some();
        self.attempt = Some(attempt);
        let mut codings = String::new();
        let head = body_head(headers, &mut codings);
        if let Err(reply) = self.choose(&head, &body) {
            return RequestDecision::Reply(reply);
        }
        if headers.get(UPLOAD_OFFSET).is_some_and(|offset| offset != "0") {
            self.exchange.partial();
        }
        let envelope = Envelope { target: &self.rest, headers };
        let judged = SCRATCH.with_borrow_mut(|scratch| self.exchange.request_in(&envelope, &head, &body, scratch));
        if let Err(reply) = self.readdress(headers) {
            return RequestDecision::Reply(reply);
        }
        if self.socket && (self.key_in_protocol || !self.route.upstream.set_headers.is_empty()) {
            socket::forget_key(headers);
        }
        let body = match judged {
            Judged::Unchanged => body,
            Judged::Changed(changed) => {
                forget_body(headers);
                Bytes::from(changed)
            }
            Judged::Reply(reply) => return RequestDecision::Reply(reply),
        };
        self.sign(headers, &body);
        RequestDecision::Forward(body)
    }

    fn response_addresses(&mut self, headers: &mut HeaderMap) -> Result<(), Reply> {
        addresses::lead(headers, self.own_base.as_deref(), &self.route.upstream).map_err(|Elsewhere| {
            self.exchange.fault("forward", "address_elsewhere");
            self.exchange.failure(Fault::Upstream, ELSEWHERE)
        })
    }

    fn response_head(&mut self, status: StatusCode, headers: &HeaderMap) -> ResponsePlan {
        let _ = status;
        let media_type = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let encoded = headers.get(CONTENT_ENCODING).is_some_and(|v| v != "identity");
        if let Some(framing) = self.exchange.framing(media_type).filter(|_| !encoded) {
            self.streams = true;
            self.stream = Some(self.exchange.stream(framing));
            return ResponsePlan::Stream;
        }
        ResponsePlan::Whole { limit: self.exchange.judge().limits.answer }
    }

    fn response_whole(&mut self, status: StatusCode, headers: &mut HeaderMap, body: Bytes) -> ResponseDecision {
        let _ = status;
        let mut codings = String::new();
        let judged =
            SCRATCH.with_borrow_mut(|scratch| self.exchange.answer(&body_head(headers, &mut codings), &body, scratch));
        match judged {
            Judged::Unchanged => ResponseDecision::Forward(body),
            Judged::Changed(changed) => {
                forget_body(headers);
                ResponseDecision::Forward(Bytes::from(changed))
            }
            Judged::Reply(reply) => ResponseDecision::Reply(reply),
        }
    }

    fn response_overflow(&mut self) -> Overflow {
        let open = self.exchange.opening().failure.answer == policy::Failure::Open;
        self.exchange.answer_too_large(open);
        if open {
            return Overflow::PassThrough;
        }
        Overflow::Reply(self.exchange.failure(Fault::Upstream, Failure::ResponseTooLarge.message()))
    }

    fn stream_push(&mut self, piece: &[u8], out: &mut BytesMut) -> Flow {
        let Some(stream) = &mut self.stream else { return Flow::End };
        self.written.clear();
        let flow =
            SCRATCH.with_borrow_mut(|scratch| stream.push(&mut self.exchange, piece, scratch, &mut self.written));
        out.extend_from_slice(&self.written);
        match flow {
            CoreFlow::Continue => Flow::Continue,
            CoreFlow::End => Flow::End,
        }
    }

    fn stream_end(&mut self, how: UpstreamEnd, out: &mut BytesMut) -> StreamClose {
        let Some(stream) = &mut self.stream else { return StreamClose::Broken };
        let Some(how) = end_of(how) else { return StreamClose::Broken };
        self.written.clear();
        SCRATCH.with_borrow_mut(|scratch| stream.end(&mut self.exchange, how, scratch, &mut self.written));
        out.extend_from_slice(&self.written);
        StreamClose::Proper
    }

    fn socket_open(&mut self) -> usize {
        self.open_session()
    }

    fn socket_message(&mut self, from: Party, message: Message, out: &mut Relayed) {
        self.judge_message(from, message, out);
    }

    fn socket_reason(&mut self, from: Party, reason: &str) -> String {
        self.judge_reason(from, reason)
    }

    fn socket_end(&mut self, how: UpstreamEnd, out: &mut Relayed) {
        let Some(how) = end_of(how) else { return };
        let Some(stream) = &mut self.stream else { return };
        let mut written = Vec::new();
        SCRATCH.with_borrow_mut(|scratch| stream.end(&mut self.exchange, how, scratch, &mut written));
        self.written_messages(written, out);
    }

    fn response_headers(&self, headers: &mut HeaderMap) {
        let report = &self.exchange.report;
        let action = report.action.unwrap_or(Action::Allow);
        headers.insert("x-portcullis-decision", HeaderValue::from_static(record::name(action)));
        if let Ok(receipt) = HeaderValue::from_str(&report.receipt_header(self.exchange.judge().policies.versions())) {
            headers.insert("x-portcullis-receipt", receipt);
        }
        if let Some(note) = report.message.as_deref().filter(|_| action == Action::Coach)
            && let Ok(note) = HeaderValue::from_str(&ascii(note))
        {
            headers.insert("x-portcullis-message", note);
        }
    }

    fn error(&mut self, failure: Failure) -> Reply {
        self.exchange.fault(failure.phase(), failure.name());
        self.exchange.failure(failure.fault(), failure.message())
    }

    fn finish(&mut self, outcome: &Outcome) {
        record::finish(self, outcome);
    }
}

/// A text for a header: characters outside ASCII as `?`, so that every client can read it.
fn ascii(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii() && !c.is_ascii_control() { c } else { '?' }).collect()
}

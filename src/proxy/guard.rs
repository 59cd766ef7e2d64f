//! The seam between the proxy and the gateway's brain.
//!
//! The proxy moves bytes and keeps deadlines; it knows no rule and no policy. A [`Guard`] judges: one per generation of the
//! configuration, shared by all workers. For each exchange it makes a [`Guarded`], which sees the request, the response head
//! and the answer in order, and is told how the exchange ended, exactly once.
//!
//! Calls on a [`Guarded`] come in this order:
//! `route` · (`request` · `route`) · (`response_head` · (`response_whole` | `stream_push`* · `stream_end`) · `response_headers`) · `finish`,
//! with `error` at any point where the proxy has to answer instead of the upstream.
//! Of a WebSocket, once the upstream has agreed to it: `socket_open` · `response_headers` · (`socket_message` |
//! `socket_reason`)* · `socket_end` · `finish`.

use super::failure::Failure;
use super::id::ExchangeId;
use super::upstream::Upstream;
use bytes::{Bytes, BytesMut};
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, StatusCode};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use crate::provider::Reply;

/// The head of a request, before hop-by-hop headers are stripped.
pub struct RequestHead<'a> {
    pub id: &'a ExchangeId,
    pub method: &'a Method,
    /// Path and query as received, not decoded. May carry credentials (`?key=`): never log it.
    pub target: &'a str,
    /// The host the request names, perhaps with a port.
    pub host: Option<&'a str>,
    pub headers: &'a HeaderMap,
    /// The client asks to go on in WebSocket messages.
    pub socket: bool,
    /// Address of the direct peer.
    pub peer: SocketAddr,
    /// The peer's verified leaf certificate (DER), when it presented one.
    pub client_certificate: Option<&'a [u8]>,
    pub received: Instant,
}

/// How the proxy hands over the request's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestBody {
    /// Collected whole (at most `max_body`), judged by [`Guarded::request`], then forwarded.
    Judged,
    /// Streamed to the upstream unseen; [`Guarded::request`] gets an empty body and decides on the headers alone.
    Unseen,
}

/// Where an exchange goes.
#[derive(Debug, Clone)]
pub struct Route {
    pub upstream: Arc<Upstream>,
    /// The target sent upstream, see [`Upstream::target`].
    pub target: PathAndQuery,
    pub request_body: RequestBody,
    /// The answer is inspected: `accept-encoding: identity` is asked of the upstream.
    pub inspect_response: bool,
    /// Cap of the request's body in bytes.
    pub max_body: usize,
}

/// What to do with a request once its head is known.
pub enum Begin<E> {
    Forward(E),
    /// Answered at once: no route, bad identity. The guard keeps its own record of it.
    Reply(Reply),
}

/// What to do with a request once its body is known.
pub enum RequestDecision {
    /// Forward with this body; the very same [`Bytes`] when nothing changed.
    Forward(Bytes),
    Reply(Reply),
}

/// How the answer's body is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponsePlan {
    /// Relayed unseen, piece by piece.
    PassThrough,
    /// Collected up to `limit` bytes, then judged by [`Guarded::response_whole`].
    Whole { limit: usize },
    /// Judged piece by piece by [`Guarded::stream_push`].
    Stream,
}

/// What to do with a collected answer.
pub enum ResponseDecision {
    Forward(Bytes),
    Reply(Reply),
}

/// What to do with an answer larger than its plan's limit.
pub enum Overflow {
    /// Relay it unseen; the exchange records it as uninspected.
    PassThrough,
    Reply(Reply),
}

/// Whether a stream goes on after a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    Continue,
    /// What was written to `out` ends the answer by protocol: the proxy sends it, ends the body properly and cancels the upstream.
    End,
}

/// One of the two ends of a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    Client,
    Upstream,
}

/// A message of a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub data: Bytes,
    /// Not text, by its frame; a message of text is UTF-8.
    pub binary: bool,
}

/// What goes out once a message was judged.
#[derive(Debug, Default)]
pub struct Relayed {
    pub to_client: Vec<Message>,
    pub to_upstream: Vec<Message>,
    /// The WebSocket is closed once those are sent: the code and the reason that the client gets.
    pub close: Option<(u16, String)>,
}

/// How the upstream's side of a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpstreamEnd {
    /// The body was complete.
    Complete,
    /// Connection or stream broken before the body's end.
    Reset,
    /// Nothing came for too long, or the exchange took too long in all.
    Deadline,
    /// The client left; nothing written to `out` reaches anyone.
    ClientGone,
}

/// How the client's side of a stream is closed after [`Guarded::stream_end`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamClose {
    /// What was sent says by protocol how the stream ended: close the transfer properly.
    Proper,
    /// Nothing could be said in the stream: break the transfer, so that no client takes the end for success.
    Broken,
}

/// How an answer reached the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Handed to the connection in full.
    Complete,
    /// The client closed or reset before the end.
    ClientGone,
    /// The proxy broke the transfer off.
    Broken,
}

/// Moments of an exchange, each measured from the request head's arrival. `None`: that step was not reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// The request's body was complete.
    pub body: Option<Duration>,
    /// The request was handed to an upstream connection (after connecting, if that was needed).
    pub sent: Option<Duration>,
    /// The response head arrived.
    pub first_byte: Option<Duration>,
    /// The upstream's last byte arrived.
    pub upstream_end: Option<Duration>,
    /// The exchange ended.
    pub total: Duration,
}

/// How many messages a WebSocket carried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Messages {
    pub from_client: u64,
    pub to_client: u64,
}

/// The end of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Status sent, or 499 when the client left before there was one (nginx's convention).
    pub status: u16,
    pub delivery: Delivery,
    /// The first failure, if there was one.
    pub failure: Option<Failure>,
    /// Body bytes received from the client.
    pub request_bytes: u64,
    /// Body bytes handed to the client's connection.
    pub response_bytes: u64,
    /// Of a WebSocket: messages from the client and to it.
    pub messages: Option<Messages>,
    pub timings: Timings,
}

/// Judges exchanges. One per generation.
pub trait Guard: Send + Sync + 'static {
    type Exchange: Guarded;

    /// Identifies the caller and picks the upstream.
    fn begin(&self, head: &RequestHead<'_>) -> Begin<Self::Exchange>;

    /// An answer of the proxy's own to a request that never became an exchange (bad framing, upgrade).
    fn refuse(&self, id: &ExchangeId, failure: Failure) -> Reply;
}

/// Judges one exchange. Moves to a blocking thread while it judges a large body, hence `Send`.
pub trait Guarded: Send + 'static {
    fn route(&self) -> &Route;

    /// Judges the request. `headers` are those about to be sent (hop-by-hop headers gone); `body` is as received.
    fn request(&mut self, headers: &mut HeaderMap, body: Bytes) -> RequestDecision;

    /// Leads the addresses in an answer's headers through the gateway; what to answer instead if one leads elsewhere.
    fn response_addresses(&mut self, headers: &mut HeaderMap) -> Result<(), Reply> {
        let _ = headers;
        Ok(())
    }

    /// Plans the answer. Not called for answers without a body (HEAD, 204, 304).
    fn response_head(&mut self, status: StatusCode, headers: &HeaderMap) -> ResponsePlan;

    /// Judges a whole answer; may change its headers (`content-encoding`, `etag`). Lengths are the proxy's business.
    fn response_whole(&mut self, status: StatusCode, headers: &mut HeaderMap, body: Bytes) -> ResponseDecision;

    /// The answer is larger than the plan's limit.
    fn response_overflow(&mut self) -> Overflow;

    /// Judges one piece of a stream and writes what may go out.
    fn stream_push(&mut self, piece: &[u8], out: &mut BytesMut) -> Flow;

    /// Ends a stream that [`Flow::End`] has not ended: writes what was held back, or the provider's stream error.
    fn stream_end(&mut self, how: UpstreamEnd, out: &mut BytesMut) -> StreamClose;

    /// The upstream has agreed to a WebSocket. Returns the largest message taken from it, in bytes.
    fn socket_open(&mut self) -> usize;

    /// Judges one message of a WebSocket.
    fn socket_message(&mut self, from: Party, message: Message, out: &mut Relayed);

    /// Judges why one side says it closes a WebSocket; returns what the other side is told.
    fn socket_reason(&mut self, from: Party, reason: &str) -> String;

    /// The upstream's side of a WebSocket is over: writes what was held back, or the provider's error.
    fn socket_end(&mut self, how: UpstreamEnd, out: &mut Relayed);

    /// Adds `x-portcullis-*` headers. The id is set by the proxy.
    fn response_headers(&self, headers: &mut HeaderMap);

    /// An answer of the proxy's own, in the provider's error shape.
    fn error(&mut self, failure: Failure) -> Reply;

    /// The exchange is over: record it. Called exactly once.
    fn finish(&mut self, outcome: &Outcome);
}

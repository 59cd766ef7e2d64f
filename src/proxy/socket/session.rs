//! A WebSocket between client and upstream: one message at a time is received, judged, and sent on.
//!
//! A side is read only while nothing waits to be sent to the other, so that neither can fill the gateway. Pings are answered
//! here and passed on without their payload; a side that gives no sign of life for `stream_idle` is gone. Dropping the session
//! lets go of both sides.

use super::super::deadline::Deadline;
use super::super::failure::Failure;
use super::super::forward::{JUDGE_APART_FROM, apart_if};
use super::super::guard::{self, Delivery, Guarded, Party, Relayed, UpstreamEnd};
use super::super::live::{Busy, Live};
use super::super::server::Phase;
use super::super::wire::Wire;
use bytes::Bytes;
use futures_util::{Sink, Stream};
use http::HeaderMap;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use std::collections::VecDeque;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

/// How long a side may take for its part of the closing handshake.
const CLOSING: Duration = Duration::from_secs(10);
/// Messages of the gateway's own that may wait for a client that does not read.
const WAITING: usize = 64;
/// Longest reason of a close frame, in bytes (RFC 6455 §5.5: 125 with the code).
const LONGEST_REASON: usize = 123;
/// Read at a time from each side. Messages of audio are of this order.
const READ: usize = 16 * 1024;

/// A session agreed on with the upstream, before the client's connection is handed over.
pub(in crate::proxy) struct Session<E: Guarded> {
    pub(in crate::proxy) upstream: Upgraded,
    pub(in crate::proxy) live: Box<Live<E>>,
    /// When the session has to end.
    pub(in crate::proxy) until: Instant,
    /// How long a side may give no sign of life.
    pub(in crate::proxy) idle: Duration,
    /// Largest message of the client's, in bytes.
    pub(in crate::proxy) max_message: usize,
    /// Largest message of the upstream's, in bytes.
    pub(in crate::proxy) max_answer: usize,
    pub(in crate::proxy) phase: watch::Receiver<Phase>,
    pub(in crate::proxy) _busy: Busy,
}

/// One side of a session.
struct End<S> {
    socket: WebSocketStream<S>,
    outbox: VecDeque<Message>,
    unflushed: bool,
    /// The last sign of life, and whether one was asked for since.
    heard: Instant,
    asked: bool,
}

/// What happens next in a session.
enum Event {
    Message(Party, Message),
    /// The side is gone: by a fault, or without a word.
    Gone(Party, Option<Error>),
    Due,
    Drain,
}

/// Why a session ends, as each side is told, and how that counts.
struct Parting {
    /// The side that has closed already.
    closed: Option<Party>,
    client: Option<CloseFrame>,
    upstream: Option<CloseFrame>,
    delivery: Delivery,
}

fn close(code: u16, reason: &str) -> Option<CloseFrame> {
    let end = (0..=reason.len().min(LONGEST_REASON)).rfind(|end| reason.is_char_boundary(*end)).unwrap_or(0);
    let reason = &reason[..end];
    Some(CloseFrame { code: CloseCode::from(code), reason: Utf8Bytes::from(reason) })
}

/// Going away; a violated protocol; not text; too large; an unexpected condition (RFC 6455 §7.4.1).
const AWAY: u16 = 1001;
const PROTOCOL: u16 = 1002;
const NOT_TEXT: u16 = 1007;
const TOO_LARGE: u16 = 1009;
const INTERNAL: u16 = 1011;

impl<S: AsyncRead + AsyncWrite + Unpin> End<S> {
    async fn new(stream: S, read: Bytes, role: Role, max_message: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ)
            .write_buffer_size(READ)
            .max_message_size(Some(max_message))
            .max_frame_size(Some(max_message));
        let socket = WebSocketStream::from_partially_read(stream, read.into(), role, Some(config)).await;
        Self { socket, outbox: VecDeque::new(), unflushed: false, heard: Instant::now(), asked: false }
    }

    /// Ready once nothing is left to send.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while !self.outbox.is_empty() {
            std::task::ready!(Pin::new(&mut self.socket).poll_ready(cx))?;
            if let Some(message) = self.outbox.pop_front() {
                self.unflushed = true;
                Pin::new(&mut self.socket).start_send(message)?;
            }
        }
        if self.unflushed {
            std::task::ready!(Pin::new(&mut self.socket).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Message, Option<Error>>> {
        let next = std::task::ready!(Pin::new(&mut self.socket).poll_next(cx));
        (self.heard, self.asked) = (Instant::now(), false);
        // a ping or close frame is answered with the next flush
        self.unflushed = true;
        Poll::Ready(next.map_or(Err(None), |read| read.map_err(Some)))
    }

    /// When the side is asked for a sign of life, or given up.
    fn due(&self, idle: Duration) -> Instant {
        self.heard + if self.asked { idle } else { idle / 2 }
    }

    /// Takes part in the closing handshake until the other side has closed.
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Poll::Ready(Err(_)) = self.poll_send(cx) {
            return Poll::Ready(());
        }
        loop {
            match std::task::ready!(Pin::new(&mut self.socket).poll_next(cx)) {
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Poll::Ready(()),
            }
        }
    }
}

impl<E: Guarded> Session<E> {
    /// Carries messages until a side closes. `early` are bytes of the client's that were read with its request.
    pub(in crate::proxy) async fn run(self, wire: Wire, early: Bytes) {
        let Self { upstream, mut live, until, idle, max_message, max_answer, mut phase, _busy } = self;
        live.outcome.messages = Some(guard::Messages::default());
        let client = End::new(wire, early, Role::Server, max_message).await;
        let upstream = End::new(TokioIo::new(upstream), Bytes::new(), Role::Client, max_answer).await;
        let mut sides = Sides { client, upstream, turn: Party::Upstream };
        let mut timer = Deadline::at(until);
        let drain = async { drop(phase.wait_for(|phase| *phase != Phase::Running).await) };
        let mut drain = pin!(drain);
        let parting = loop {
            timer.set(until.min(sides.client.due(idle)).min(sides.upstream.due(idle)));
            let event = std::future::poll_fn(|cx| {
                if let Poll::Ready(event) = sides.poll(cx) {
                    return Poll::Ready(event);
                }
                if timer.poll(cx).is_ready() {
                    return Poll::Ready(Event::Due);
                }
                drain.as_mut().poll(cx).map(|()| Event::Drain)
            });
            let parting = match event.await {
                Event::Message(from, Message::Text(text)) => {
                    let message = guard::Message { data: text.into(), binary: false };
                    let parting;
                    (live, parting) = relay(live, &mut sides, from, message).await;
                    parting
                }
                Event::Message(from, Message::Binary(data)) => {
                    let message = guard::Message { data, binary: true };
                    let parting;
                    (live, parting) = relay(live, &mut sides, from, message).await;
                    parting
                }
                Event::Message(Party::Client, Message::Ping(_)) => {
                    sides.upstream.ping();
                    None
                }
                Event::Message(Party::Upstream, Message::Ping(_)) => {
                    sides.client.ping();
                    None
                }
                Event::Message(_, Message::Pong(_) | Message::Frame(_)) => None,
                Event::Message(from, Message::Close(frame)) => Some(closed(&mut live, &mut sides, from, frame)),
                Event::Gone(from, error) => Some(gone(&mut live, &mut sides, from, error.as_ref())),
                Event::Due => due(&mut live, &mut sides, until, idle),
                Event::Drain => {
                    ended(&mut live, &mut sides, UpstreamEnd::Deadline);
                    let frame = close(AWAY, "the gateway is shutting down");
                    Some(Parting {
                        closed: None,
                        client: frame,
                        upstream: close(AWAY, ""),
                        delivery: Delivery::Complete,
                    })
                }
            };
            if let Some(parting) = parting {
                break parting;
            }
        };
        live.upstream_ended();
        sides.part(&parting).await;
        live.finish(parting.delivery);
    }
}

/// Both sides of a session.
struct Sides {
    client: End<Wire>,
    upstream: End<TokioIo<Upgraded>>,
    /// Whose turn it is to be read first.
    turn: Party,
}

impl Sides {
    /// Sends what waits, and reads from a side that may be read.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        let client = self.client.poll_send(cx);
        if let Poll::Ready(Err(error)) = client {
            return Poll::Ready(Event::Gone(Party::Client, Some(error)));
        }
        let upstream = self.upstream.poll_send(cx);
        if let Poll::Ready(Err(error)) = upstream {
            return Poll::Ready(Event::Gone(Party::Upstream, Some(error)));
        }
        let order = match self.turn {
            Party::Client => [Party::Client, Party::Upstream],
            Party::Upstream => [Party::Upstream, Party::Client],
        };
        for party in order {
            let read = match party {
                Party::Client if upstream.is_ready() && self.client.outbox.len() < WAITING => self.client.poll_read(cx),
                Party::Upstream if client.is_ready() => self.upstream.poll_read(cx),
                _ => continue,
            };
            if let Poll::Ready(read) = read {
                self.turn = if party == Party::Client { Party::Upstream } else { Party::Client };
                return Poll::Ready(read.map_or_else(|e| Event::Gone(party, e), |m| Event::Message(party, m)));
            }
        }
        Poll::Pending
    }

    /// Puts messages where they go.
    fn take(&mut self, relayed: Relayed) {
        let message = |message: guard::Message| match message.binary {
            true => Message::Binary(message.data),
            // judged as text and still text; were it not, a binary message would do no harm
            false => match Utf8Bytes::try_from(message.data.clone()) {
                Ok(text) => Message::Text(text),
                Err(_) => Message::Binary(message.data),
            },
        };
        self.client.outbox.extend(relayed.to_client.into_iter().map(message));
        self.upstream.outbox.extend(relayed.to_upstream.into_iter().map(message));
    }

    /// Closes both sides.
    async fn part(&mut self, parting: &Parting) {
        // tungstenite has answered the side that closed
        if parting.closed != Some(Party::Client) {
            self.client.outbox.push_back(Message::Close(parting.client.clone()));
        }
        if parting.closed != Some(Party::Upstream) {
            self.upstream.outbox.push_back(Message::Close(parting.upstream.clone()));
        }
        let (mut client, mut upstream) = (false, false);
        let both = std::future::poll_fn(|cx| {
            client = client || self.client.poll_close(cx).is_ready();
            upstream = upstream || self.upstream.poll_close(cx).is_ready();
            if client && upstream { Poll::Ready(()) } else { Poll::Pending }
        });
        // whoever does not answer is let go without
        Deadline::after(CLOSING).limit(both).await;
    }
}

impl<S> End<S> {
    /// Asks for a sign of life, unless that waits already.
    fn ping(&mut self) {
        if self.outbox.is_empty() {
            self.outbox.push_back(Message::Ping(Bytes::new()));
        }
    }

    /// Asks for a sign of life if there was none for half of `idle`.
    fn ask(&mut self, now: Instant, idle: Duration) {
        if !self.asked && now >= self.heard + idle / 2 {
            self.asked = true;
            self.ping();
        }
    }
}

/// Judges one message and sends on what is left of it.
async fn relay<E: Guarded>(
    mut live: Box<Live<E>>,
    sides: &mut Sides,
    from: Party,
    message: guard::Message,
) -> (Box<Live<E>>, Option<Parting>) {
    let bytes = message.data.len();
    if from == Party::Client {
        live.outcome.request_bytes += bytes as u64;
        if let Some(messages) = &mut live.outcome.messages {
            messages.from_client += 1;
        }
    }
    let judge = move |exchange: &mut E, _: &mut HeaderMap| {
        let mut out = Relayed::default();
        exchange.socket_message(from, message, &mut out);
        out
    };
    let (mut live, _, relayed) = apart_if(bytes >= JUDGE_APART_FROM, live, HeaderMap::new(), judge).await;
    let Ok(mut relayed) = relayed else {
        let delivery = Delivery::Broken;
        return (
            live,
            Some(Parting { closed: None, client: close(INTERNAL, ""), upstream: close(AWAY, ""), delivery }),
        );
    };
    let parting = relayed.close.take().map(|(code, reason)| Parting {
        closed: None,
        client: close(code, &reason),
        upstream: close(AWAY, ""),
        delivery: Delivery::Complete,
    });
    send(&mut live, sides, relayed);
    (live, parting)
}

/// Sends what was judged, and counts it.
fn send<E: Guarded>(live: &mut Live<E>, sides: &mut Sides, relayed: Relayed) {
    let bytes: usize = relayed.to_client.iter().map(|message| message.data.len()).sum();
    live.outcome.response_bytes += bytes as u64;
    if let Some(messages) = &mut live.outcome.messages {
        messages.to_client += relayed.to_client.len() as u64;
    }
    sides.take(relayed);
}

/// Sends what the upstream's end leaves to say.
fn ended<E: Guarded>(live: &mut Live<E>, sides: &mut Sides, how: UpstreamEnd) {
    let mut out = Relayed::default();
    // a panic is counted; what it leaves unsaid was not judged
    if live.judge(|exchange| exchange.socket_end(how, &mut out)).is_ok() {
        send(live, sides, out);
    }
}

/// A side has closed: the other is told why.
fn closed<E: Guarded>(live: &mut Live<E>, sides: &mut Sides, from: Party, frame: Option<CloseFrame>) -> Parting {
    if from == Party::Upstream {
        ended(live, sides, UpstreamEnd::Complete);
    } else {
        ended(live, sides, UpstreamEnd::ClientGone);
    }
    let told = frame.and_then(|frame| {
        let reason = live.judge(|exchange| exchange.socket_reason(from, &frame.reason)).unwrap_or_default();
        close(frame.code.into(), &reason)
    });
    let (client, upstream) = if from == Party::Client { (None, told) } else { (told, None) };
    Parting { closed: Some(from), client, upstream, delivery: Delivery::Complete }
}

/// A side is gone, or has broken the protocol.
fn gone<E: Guarded>(live: &mut Live<E>, sides: &mut Sides, from: Party, error: Option<&Error>) -> Parting {
    let code = match error {
        Some(Error::Capacity(_)) => TOO_LARGE,
        Some(Error::Utf8(_)) => NOT_TEXT,
        // an end of the connection without a close frame
        Some(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => AWAY,
        Some(Error::Protocol(_) | Error::AttackAttempt) => PROTOCOL,
        _ => AWAY,
    };
    match from {
        Party::Client => {
            ended(live, sides, UpstreamEnd::ClientGone);
            let broken = match code {
                TOO_LARGE => Some((Failure::BodyTooLarge, "the message is larger than the gateway's `max_body`")),
                AWAY => None,
                _ => Some((Failure::BodyBroken, "the message is malformed")),
            };
            if let Some((failure, _)) = broken {
                live.failed(failure);
            }
            let reason = broken.map_or("", |(_, reason)| reason);
            let delivery = if broken.is_some() { Delivery::Broken } else { Delivery::ClientGone };
            Parting { closed: None, client: close(code, reason), upstream: close(AWAY, ""), delivery }
        }
        Party::Upstream => {
            live.failed(if code == TOO_LARGE { Failure::ResponseTooLarge } else { Failure::StreamBroken });
            ended(live, sides, UpstreamEnd::Reset);
            let upstream = close(code, "");
            let client = close(INTERNAL, Failure::StreamBroken.message());
            Parting { closed: None, client, upstream, delivery: Delivery::Broken }
        }
    }
}

/// A deadline has passed: a side is asked for a sign of life, or the session ends.
fn due<E: Guarded>(live: &mut Live<E>, sides: &mut Sides, until: Instant, idle: Duration) -> Option<Parting> {
    let now = Instant::now();
    let silent = |heard: Instant| now >= heard + idle;
    let failure = match now >= until {
        true => Failure::TotalTimeout,
        false if silent(sides.client.heard) || silent(sides.upstream.heard) => Failure::IdleTimeout,
        false => {
            sides.client.ask(now, idle);
            sides.upstream.ask(now, idle);
            return None;
        }
    };
    live.failed(failure);
    ended(live, sides, UpstreamEnd::Deadline);
    let client = close(INTERNAL, failure.message());
    Some(Parting { closed: None, client, upstream: close(AWAY, ""), delivery: Delivery::Broken })
}

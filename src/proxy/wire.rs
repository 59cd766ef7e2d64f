//! The client's connection as the HTTP parser sees it.
//!
//! For HTTP/1 the bytes are inspected on their way: a head reaches the parser whole and only if its framing has one reading.
//! A bad head is replaced by a harmless stand-in request; [`Inspection::violation`] tells the service to answer it with an error
//! instead, so that earlier pipelined requests are still answered in order. HTTP/2 passes through.
//!
//! The wire also keeps the deadlines no exchange can keep: a head that dribbles in, an idle kept-alive connection, and a client
//! that does not read.

mod framing;
mod head;

use super::deadline::Deadline;
use super::failure::Failure;
use bytes::{Buf, BytesMut};
use framing::Body;
use head::{BodyFraming, Scan};
use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::server::TlsStream;

/// What a bad head is replaced by; answered with an error, never forwarded.
const STAND_IN: &[u8] = b"GET / HTTP/1.1\r\nhost: refused\r\n\r\n";
/// Read at a time while a head is incomplete.
const HEAD_READ: usize = 8 * 1024;
/// On close, unread input is discarded up to this many bytes and this long: closing a socket with unread input makes the kernel
/// send a reset, which can destroy the answer on its way (RFC 9112 §9.6).
const LINGER_BYTES: usize = 1 << 20;
const LINGER: Duration = Duration::from_millis(500);

/// A client connection, in clear or over TLS.
#[derive(Debug)]
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Deadlines of a connection's own.
#[derive(Debug, Clone, Copy)]
pub(super) struct WireLimits {
    pub(super) max_head: usize,
    pub(super) head: Duration,
    pub(super) keep_alive: Duration,
    pub(super) write_stall: Duration,
}

/// What the wire and the service on top of it tell each other.
#[derive(Debug, Default)]
pub(super) struct Inspection {
    /// Heads handed to the parser, and which of them (counted from 1) is a stand-in, and why.
    heads: Cell<u64>,
    refused: Cell<Option<(u64, Failure)>>,
    /// Exchanges begun but not yet answered in full.
    busy: Cell<u32>,
    /// The connection has left HTTP: nothing of what comes is a request.
    switched: Cell<bool>,
    /// When the last answer ended.
    idle_since: Cell<Option<Instant>>,
}

impl Inspection {
    /// Why the `nth` request of this connection (counted from 1) is a stand-in, if it is.
    pub(super) fn violation(&self, nth: u64) -> Option<Failure> {
        self.refused.get().filter(|(bad, _)| *bad == nth).map(|(_, failure)| failure)
    }

    /// The answer to the request under way ends HTTP on this connection.
    pub(super) fn switch(&self) {
        self.switched.set(true);
    }

    pub(super) fn begin(&self) {
        self.busy.set(self.busy.get() + 1);
    }

    pub(super) fn end(&self) {
        self.busy.set(self.busy.get() - 1);
        self.idle_since.set(Some(Instant::now()));
    }
}

/// Where the input stands.
#[derive(Debug)]
enum Input {
    /// At or inside a head; an incomplete one lies in `held`.
    Head,
    Body(Body),
    /// No more input is passed on.
    Refused,
    /// HTTP/2, another protocol after an upgrade, or a body whose framing is broken: the reader sees everything.
    Raw,
}

/// Patience with the client has ended.
enum Lost {
    /// Between exchanges: the connection is simply closed.
    Idle,
    /// Inside a head: the stand-in is ready to be read.
    Refused,
}

#[derive(Debug)]
pub(super) struct Wire {
    stream: Stream,
    /// Received and not yet handed on.
    held: BytesMut,
    /// The first bytes of `held` that are ready to be handed on.
    released: usize,
    input: Input,
    inspection: Rc<Inspection>,
    limits: WireLimits,
    /// Head or keep-alive deadline; armed only while reading has to wait.
    patience: Option<Deadline>,
    head_since: Option<Instant>,
    stall: Option<Deadline>,
    lingering: Option<(Deadline, usize)>,
}

impl Wire {
    /// A wire for HTTP/2. `first` are bytes already read.
    pub(super) fn raw(stream: Stream, first: BytesMut, limits: WireLimits) -> Self {
        let released = first.len();
        Self { released, ..Self::new(stream, first, Input::Raw, limits) }
    }

    /// A wire for HTTP/1. `first` are bytes already read.
    pub(super) fn http1(stream: Stream, first: BytesMut, limits: WireLimits) -> Self {
        let mut wire = Self::new(stream, first, Input::Head, limits);
        wire.inspect_held();
        wire
    }

    fn new(stream: Stream, held: BytesMut, input: Input, limits: WireLimits) -> Self {
        Self {
            stream,
            held,
            released: 0,
            input,
            inspection: Rc::default(),
            limits,
            patience: None,
            head_since: None,
            stall: None,
            lingering: None,
        }
    }

    pub(super) fn inspection(&self) -> Rc<Inspection> {
        self.inspection.clone()
    }

    /// Follows `bytes`, which continue what was handed on before; returns how many may be handed on.
    fn inspect(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            match &mut self.input {
                Input::Raw => return bytes.len(),
                Input::Refused => return at,
                Input::Body(body) => match body.follow(&bytes[at..]) {
                    Ok((taken, ended)) => {
                        at += taken;
                        if ended {
                            self.input = Input::Head;
                        }
                    }
                    // The parser's own decoder stops at the same place and reports it to the exchange.
                    Err(framing::Malformed) => self.input = Input::Raw,
                },
                Input::Head => match head::scan(&bytes[at..]) {
                    Scan::Partial => {
                        if bytes.len() - at > self.limits.max_head {
                            self.refuse(Failure::HeadTooLarge);
                        }
                        return at;
                    }
                    Scan::Complete { len, .. } if len > self.limits.max_head => {
                        self.refuse(Failure::HeadTooLarge);
                        return at;
                    }
                    Scan::Complete { len, body } => {
                        at += len;
                        self.inspection.heads.set(self.inspection.heads.get() + 1);
                        self.head_since = None;
                        if body != BodyFraming::Length(0) {
                            self.input = Input::Body(Body::new(body));
                        }
                    }
                    Scan::Bad(failure) => {
                        self.refuse(failure);
                        return at;
                    }
                },
            }
        }
        at
    }

    fn refuse(&mut self, failure: Failure) {
        let nth = self.inspection.heads.get() + 1;
        self.inspection.heads.set(nth);
        self.inspection.refused.set(Some((nth, failure)));
        self.input = Input::Refused;
    }

    /// Inspects `held` from its start and releases what may be handed on.
    fn inspect_held(&mut self) {
        let held = std::mem::take(&mut self.held);
        self.released = self.inspect(&held);
        self.held = held;
        self.stand_in();
    }

    /// After a refusal, lets the stand-in follow what was released.
    fn stand_in(&mut self) {
        if matches!(self.input, Input::Refused) {
            self.held.truncate(self.released);
            self.held.extend_from_slice(STAND_IN);
            self.released = self.held.len();
        }
    }

    /// Nothing to read: is it time to give up on the client?
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<Lost> {
        // The exchange keeps the deadlines of its body; a refused connection closes after its answer.
        if matches!(self.input, Input::Refused | Input::Body(_)) {
            return Poll::Pending;
        }
        let partial = !self.held.is_empty();
        loop {
            let patience = self.patience.get_or_insert_with(|| Deadline::after(self.limits.keep_alive));
            let due = if partial {
                *self.head_since.get_or_insert_with(Instant::now) + self.limits.head
            } else if self.inspection.busy.get() > 0 {
                // An exchange is under way and keeps its own deadlines.
                Instant::now() + self.limits.keep_alive
            } else {
                self.inspection.idle_since.get().map_or(patience.due(), |since| since + self.limits.keep_alive)
            };
            patience.set(due);
            ready!(patience.poll(cx));
            if due > Instant::now() {
                continue;
            }
            if !partial {
                return Poll::Ready(Lost::Idle);
            }
            self.refuse(Failure::HeadTimeout);
            self.released = 0;
            self.stand_in();
            return Poll::Ready(Lost::Refused);
        }
    }

    fn poll_stall(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let stall = self.stall.get_or_insert_with(|| Deadline::after(self.limits.write_stall));
        stall.poll(cx).map(|()| io::Error::new(io::ErrorKind::TimedOut, "the client stopped reading"))
    }

    /// Runs a write of the stream under the stall deadline.
    fn poll_writing<T>(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut Stream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match write(Pin::new(&mut self.stream), cx) {
            Poll::Ready(done) => {
                self.stall = None;
                Poll::Ready(done)
            }
            Poll::Pending => self.poll_stall(cx).map(Err),
        }
    }

    /// Discards what the client still sends, until it closes or patience ends.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let (deadline, left) = self.lingering.get_or_insert_with(|| (Deadline::after(LINGER), LINGER_BYTES));
        let mut scratch = [0u8; 4096];
        loop {
            let mut buf = ReadBuf::new(&mut scratch);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buf) {
                Poll::Pending => return deadline.poll(cx),
                Poll::Ready(Ok(())) if !buf.filled().is_empty() && *left > buf.filled().len() => {
                    *left -= buf.filled().len();
                }
                Poll::Ready(_) => return Poll::Ready(()),
            }
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        if wire.inspection.switched.get() && !matches!(wire.input, Input::Raw) {
            wire.input = Input::Raw;
            wire.released = wire.held.len();
        }
        loop {
            if wire.released > 0 {
                let taken = wire.released.min(buf.remaining());
                buf.put_slice(&wire.held[..taken]);
                wire.held.advance(taken);
                wire.released -= taken;
                return Poll::Ready(Ok(()));
            }
            if matches!(wire.input, Input::Refused) {
                return Poll::Pending;
            }
            if wire.held.is_empty() {
                // The usual case: straight into the parser's buffer, inspected in place.
                let before = buf.filled().len();
                match Pin::new(&mut wire.stream).poll_read(cx, buf) {
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => match ready!(wire.wait(cx)) {
                        Lost::Idle => return Poll::Ready(Ok(())),
                        Lost::Refused => continue,
                    },
                }
                let fresh = &buf.filled()[before..];
                if fresh.is_empty() {
                    return Poll::Ready(Ok(()));
                }
                let passed = wire.inspect(fresh);
                if passed < fresh.len() || matches!(wire.input, Input::Refused) {
                    wire.held.extend_from_slice(&fresh[passed..]);
                    buf.set_filled(before + passed);
                    wire.stand_in();
                }
                if passed > 0 {
                    return Poll::Ready(Ok(()));
                }
                continue;
            }
            // An incomplete head: gather more of it before anything is handed on.
            let mut scratch = [0u8; HEAD_READ];
            let mut more = ReadBuf::new(&mut scratch);
            match Pin::new(&mut wire.stream).poll_read(cx, &mut more) {
                Poll::Ready(Ok(())) if more.filled().is_empty() => return Poll::Ready(Ok(())),
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => match ready!(wire.wait(cx)) {
                    Lost::Idle => return Poll::Ready(Ok(())),
                    Lost::Refused => continue,
                },
            }
            wire.held.extend_from_slice(more.filled());
            // Without a new line end the scan could only repeat itself; one scan per line is at most MAX_HEADERS scans.
            if memchr::memchr(b'\n', more.filled()).is_some() || wire.held.len() > wire.limits.max_head {
                wire.inspect_held();
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().poll_writing(cx, |stream, cx| stream.poll_write(cx, buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().poll_writing(cx, |stream, cx| stream.poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_writing(cx, |stream, cx| stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        if wire.lingering.is_none() {
            ready!(wire.poll_writing(cx, |stream, cx| stream.poll_shutdown(cx)))?;
        }
        if matches!(wire.input, Input::Refused | Input::Body(_)) {
            ready!(wire.poll_linger(cx));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

//! Bodies as the proxy sends them: to the upstream, and back to the client.
//!
//! Nothing is buffered ahead: hyper asks for the next piece when it has room for it, and only then is the upstream asked.

use super::deadline::Pace;
use super::failure::Failure;
use super::guard::{Delivery, Flow, Guarded, StreamClose, UpstreamEnd};
use super::live::{Busy, Live};
use super::pool::Lease;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// The request's body on its way to the upstream.
pub(super) enum UpstreamBody {
    Whole { data: Option<Bytes>, trailers: Option<HeaderMap> },
    Unseen { incoming: Incoming, received: Rc<Cell<u64>> },
}

impl UpstreamBody {
    /// A second copy for a retry; none of a body that streams.
    pub(super) fn again(&self) -> Option<Self> {
        match self {
            Self::Whole { data, trailers } => Some(Self::Whole { data: data.clone(), trailers: trailers.clone() }),
            Self::Unseen { .. } => None,
        }
    }
}

impl Body for UpstreamBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.get_mut() {
            Self::Whole { data, trailers } => {
                let frame = data.take().map(Frame::data).or_else(|| trailers.take().map(Frame::trailers));
                Poll::Ready(frame.map(Ok))
            }
            Self::Unseen { incoming, received } => {
                let frame = Pin::new(incoming).poll_frame(cx);
                if let Poll::Ready(Some(Ok(frame))) = &frame
                    && let Some(data) = frame.data_ref()
                {
                    received.set(received.get() + data.len() as u64);
                }
                frame
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole { data, trailers } => data.is_none() && trailers.is_none(),
            Self::Unseen { incoming, .. } => incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole { data, trailers: None } => SizeHint::with_exact(data.as_ref().map_or(0, Bytes::len) as u64),
            // Trailers need a chunked transfer in HTTP/1.
            Self::Whole { .. } => SizeHint::new(),
            Self::Unseen { incoming, .. } => incoming.size_hint(),
        }
    }
}

/// The answer's body on its way to the client.
pub(super) struct Answer<E: Guarded> {
    content: Content<E>,
    /// Tells the connection that an exchange is under way for as long as the answer lives.
    _busy: Busy,
}

enum Content<E: Guarded> {
    Whole { data: Option<Bytes>, trailers: Option<HeaderMap>, live: Option<Box<Live<E>>> },
    Relay(Box<Relay<E>>),
}

impl<E: Guarded> Answer<E> {
    /// An answer known in full. `live` is told when it was handed over.
    pub(super) fn whole(data: Bytes, trailers: Option<HeaderMap>, live: Option<Box<Live<E>>>, busy: Busy) -> Self {
        let data = (!data.is_empty()).then_some(data);
        let mut whole = Content::Whole { data, trailers, live };
        whole.settle();
        Self { content: whole, _busy: busy }
    }

    pub(super) fn relay(relay: Relay<E>, busy: Busy) -> Self {
        Self { content: Content::Relay(Box::new(relay)), _busy: busy }
    }
}

impl<E: Guarded> Content<E> {
    /// Finishes the exchange of a whole answer once nothing of it is left to hand over.
    fn settle(&mut self) {
        if let Self::Whole { data: None, trailers: None, live } = self
            && let Some(mut live) = live.take()
        {
            live.finish(Delivery::Complete);
        }
    }
}

impl<E: Guarded> Body for Answer<E> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let content = &mut self.get_mut().content;
        match content {
            Content::Whole { data, trailers, live } => {
                let frame = if let Some(data) = data.take() {
                    if let Some(live) = live {
                        live.outcome.response_bytes += data.len() as u64;
                    }
                    Some(Frame::data(data))
                } else {
                    trailers.take().map(Frame::trailers)
                };
                content.settle();
                Poll::Ready(frame.map(Ok))
            }
            Content::Relay(relay) => relay.poll(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Whole { data, trailers, .. } => data.is_none() && trailers.is_none(),
            Content::Relay(relay) => relay.ended.is_some() && relay.out.is_empty() && relay.trailers.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole { data, trailers: None, .. } => {
                SizeHint::with_exact(data.as_ref().map_or(0, Bytes::len) as u64)
            }
            Content::Relay(relay) if !relay.judged => relay.upstream.as_ref().map(Body::size_hint).unwrap_or_default(),
            _ => SizeHint::new(),
        }
    }
}

/// An answer that is passed on as it comes.
pub(super) struct Relay<E: Guarded> {
    /// `None` once the upstream's side has ended. Declared before `lease`: a stream is let go before its connection.
    upstream: Option<Incoming>,
    lease: Option<Lease>,
    live: Box<Live<E>>,
    judged: bool,
    /// Bytes to send next.
    out: BytesMut,
    trailers: Option<HeaderMap>,
    /// How the client's side ends once `out` and `trailers` are sent.
    ended: Option<StreamClose>,
    pace: Pace,
}

impl<E: Guarded> Relay<E> {
    /// Relays `upstream`, through the exchange's stream judge when `judged`. `first` was received already and needs no judging.
    pub(super) fn new(
        upstream: Incoming,
        lease: Lease,
        live: Box<Live<E>>,
        judged: bool,
        first: BytesMut,
        mut pace: Pace,
    ) -> Self {
        pace.next_piece();
        Self {
            upstream: Some(upstream),
            lease: Some(lease),
            live,
            judged,
            out: first,
            trailers: None,
            ended: None,
            pace,
        }
    }

    pub(super) fn live(&mut self) -> &mut Live<E> {
        &mut self.live
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        loop {
            if !self.out.is_empty() {
                let piece = self.out.split().freeze();
                return self.emit(piece);
            }
            if let Some(trailers) = self.trailers.take() {
                self.live.finish(Delivery::Complete);
                return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
            }
            match self.ended {
                Some(StreamClose::Proper) => {
                    self.live.finish(Delivery::Complete);
                    return Poll::Ready(None);
                }
                Some(StreamClose::Broken) => {
                    self.live.finish(Delivery::Broken);
                    return Poll::Ready(Some(Err(io::Error::other("the answer was broken off"))));
                }
                None => {}
            }
            let Some(upstream) = &mut self.upstream else { return Poll::Ready(None) };
            match Pin::new(upstream).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.pace.next_piece();
                    match frame.into_data() {
                        Ok(piece) => {
                            if let Some(piece) = self.take(piece) {
                                return self.emit(piece);
                            }
                        }
                        Err(frame) => {
                            self.trailers = frame.into_trailers().ok();
                            self.end(UpstreamEnd::Complete);
                        }
                    }
                }
                Poll::Ready(None) => self.end(UpstreamEnd::Complete),
                Poll::Ready(Some(Err(_))) => {
                    self.live.failed(Failure::StreamBroken);
                    self.end(UpstreamEnd::Reset);
                }
                Poll::Pending => {
                    if self.pace.deadline.poll(cx).is_pending() {
                        return Poll::Pending;
                    }
                    self.live.failed(self.pace.missed(Failure::IdleTimeout));
                    self.end(UpstreamEnd::Deadline);
                }
            }
        }
    }

    /// Takes a piece of the upstream's body: returns it when it goes out as it is, else its judged form lies in `out`.
    fn take(&mut self, piece: Bytes) -> Option<Bytes> {
        if self.judged {
            let (live, out) = (&mut self.live, &mut self.out);
            match live.judge(|exchange| exchange.stream_push(&piece, out)) {
                Ok(Flow::Continue) => {}
                Ok(Flow::End) => {
                    self.live.upstream_ended();
                    self.cancel();
                    self.ended = Some(StreamClose::Proper);
                    return None;
                }
                Err(_) => {
                    self.out.clear();
                    self.cancel();
                    self.ended = Some(StreamClose::Broken);
                    return None;
                }
            }
        }
        // A body of known length ends here: hyper may not ask again.
        if self.upstream.as_ref().is_some_and(Body::is_end_stream) {
            self.end(UpstreamEnd::Complete);
        }
        (!self.judged).then_some(piece)
    }

    fn emit(&mut self, piece: Bytes) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.live.outcome.response_bytes += piece.len() as u64;
        if self.ended == Some(StreamClose::Proper) && self.out.is_empty() && self.trailers.is_none() {
            self.live.finish(Delivery::Complete);
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    /// The upstream's side is over.
    fn end(&mut self, how: UpstreamEnd) {
        self.live.upstream_ended();
        if how == UpstreamEnd::Complete {
            self.upstream = None;
            if let Some(lease) = self.lease.take() {
                lease.give_back();
            }
        } else {
            self.cancel();
        }
        self.ended = Some(if self.judged {
            let (live, out) = (&mut self.live, &mut self.out);
            live.judge(|exchange| exchange.stream_end(how, out)).unwrap_or(StreamClose::Broken)
        } else if how == UpstreamEnd::Complete {
            StreamClose::Proper
        } else {
            StreamClose::Broken
        });
    }

    /// Stops the upstream: closes the HTTP/1 connection, resets the HTTP/2 stream.
    fn cancel(&mut self) {
        self.upstream = None;
        self.lease = None;
    }
}

impl<E: Guarded> Drop for Relay<E> {
    fn drop(&mut self) {
        if self.judged && self.ended.is_none() {
            let (live, out) = (&mut self.live, &mut self.out);
            // A panic is counted by `judge`; there is no one left to tell.
            let _closed = live.judge(|exchange| exchange.stream_end(UpstreamEnd::ClientGone, out));
        }
    }
}

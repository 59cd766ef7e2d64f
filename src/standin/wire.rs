//! Bodies the stand-in model writes: whole ones, and streams whose pieces leave one by one.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use serde_json::Value;
use tokio::time::{Sleep, sleep};

use super::ask::Options;

/// A response body: pieces, each written on its own, and perhaps a broken connection at the end.
#[derive(Debug)]
pub(super) struct Reply {
    pieces: VecDeque<Bytes>,
    streamed: bool,
    pause: Duration,
    /// The wait before the next piece; `None` before it is begun.
    wait: Option<Pin<Box<Sleep>>>,
    /// Whether the connection breaks after the last piece instead of ending.
    reset: bool,
}

impl Reply {
    fn whole(body: Bytes) -> Reply {
        Reply { pieces: VecDeque::from([body]), streamed: false, pause: Duration::ZERO, wait: None, reset: false }
    }

    fn stream(events: Vec<Bytes>, options: &Options) -> Reply {
        let mut pieces: VecDeque<Bytes> = match options.cut {
            Some(size) => {
                let all = Bytes::from(events.concat());
                (0..all.len()).step_by(size).map(|at| all.slice(at..all.len().min(at + size))).collect()
            }
            None => events.into(),
        };
        if let Some(after) = options.reset {
            pieces.truncate(after);
        }
        Reply { pieces, streamed: true, pause: options.slow, wait: None, reset: options.reset.is_some() }
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = self.get_mut();
        if !this.streamed {
            return Poll::Ready(this.pieces.pop_front().map(|piece| Ok(Frame::data(piece))));
        }
        // The server flushes what it has whenever the body is not ready, so a wait, even one of zero length, before
        // every piece keeps pieces apart on the wire.
        let pause = this.pause;
        match &mut this.wait {
            Some(wait) => ready!(wait.as_mut().poll(cx)),
            None => {
                let wait = this.wait.insert(Box::pin(sleep(pause)));
                if pause.is_zero() {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                ready!(wait.as_mut().poll(cx));
            }
        }
        this.wait = None;
        match this.pieces.pop_front() {
            Some(piece) => Poll::Ready(Some(Ok(Frame::data(piece)))),
            None if this.reset => Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::ConnectionReset)))),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty() && !self.reset
    }

    fn size_hint(&self) -> SizeHint {
        if self.streamed {
            return SizeHint::default();
        }
        SizeHint::with_exact(self.pieces.iter().map(|piece| piece.len() as u64).sum())
    }
}

/// A whole body of the given type.
pub(super) fn bytes(status: StatusCode, content_type: &'static str, body: Bytes) -> Response<Reply> {
    let mut response = Response::new(Reply::whole(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    response
}

/// A whole JSON body.
pub(super) fn json(status: StatusCode, body: &Value) -> Response<Reply> {
    bytes(status, "application/json", Bytes::from(body.to_string()))
}

/// A stream of server-sent events, delivered as `options` say.
pub(super) fn sse(events: Vec<Bytes>, options: &Options) -> Response<Reply> {
    let mut response = stream("text/event-stream; charset=utf-8", events, options);
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-cache"));
    response
}

/// A stream of the given type, delivered as `options` say.
pub(super) fn stream(content_type: &'static str, events: Vec<Bytes>, options: &Options) -> Response<Reply> {
    let mut response = Response::new(Reply::stream(events, options));
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    response
}

/// An id in the APIs' manner, `prefix` and 24 letters or digits, the same for the same body and `salt`.
pub(super) fn id(prefix: &str, body: &[u8], salt: usize) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut id = String::from(prefix);
    for part in 0..3 {
        let mut hasher = DefaultHasher::new();
        (body, salt, part).hash(&mut hasher);
        let mut hash = hasher.finish();
        for _ in 0..8 {
            id.push(char::from(ALPHABET[(hash % 62) as usize]));
            hash /= 62;
        }
    }
    id
}

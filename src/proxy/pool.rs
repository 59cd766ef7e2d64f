//! Connections to upstreams, kept by each worker for itself: no locks, and exact cancellation. Dropping a [`Lease`] whose answer
//! is not complete closes the HTTP/1 connection or resets the HTTP/2 stream, so that a model stops working for a client that left.

use super::body::UpstreamBody;
use super::connect;
use super::failure::Failure;
use super::upstream::{Origin, Protocol};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// Idle HTTP/1 connections kept per origin and worker.
const MAX_IDLE: usize = 128;
/// Exchanges put on one HTTP/2 connection before another is opened; servers commonly allow 100 or more (RFC 9113 §6.5.2).
const MAX_STREAMS: u32 = 100;

/// The task that drives a connection; dropping this closes the connection at once.
#[derive(Debug)]
pub(super) struct Driver(AbortHandle);

impl Driver {
    pub(super) fn spawn(connection: impl Future<Output = ()> + 'static) -> Self {
        Self(tokio::task::spawn_local(connection).abort_handle())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(super) struct Http1 {
    pub(super) sender: http1::SendRequest<UpstreamBody>,
    pub(super) _driver: Driver,
}

pub(super) struct Http2 {
    pub(super) sender: http2::SendRequest<UpstreamBody>,
    pub(super) _driver: Driver,
}

/// A new connection, its protocol agreed.
pub(super) enum Connected {
    Http1(Http1),
    Http2(Http2),
}

struct Idle {
    connection: Http1,
    since: Instant,
}

/// An HTTP/2 connection shared by many exchanges.
struct Shared {
    connection: Http2,
    streams: Cell<u32>,
    idle_since: Cell<Instant>,
}

/// Connections of one origin.
#[derive(Default)]
struct Lane {
    idle: RefCell<Vec<Idle>>,
    shared: RefCell<Vec<Rc<Shared>>>,
    /// ALPN has agreed on HTTP/2 here before: wait for a connection being opened instead of opening many.
    multiplexes: Cell<bool>,
    opening: Cell<bool>,
    opened: Notify,
}

/// A worker's connections.
pub(super) struct Pool {
    lanes: RefCell<HashMap<Arc<Origin>, Rc<Lane>>>,
    idle_limit: Duration,
}

enum Link {
    Http1(Http1),
    Http2(Stream),
}

/// One exchange's share of an HTTP/2 connection.
struct Stream {
    sender: http2::SendRequest<UpstreamBody>,
    shared: Rc<Shared>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.shared.streams.set(self.shared.streams.get() - 1);
        self.shared.idle_since.set(Instant::now());
    }
}

/// A connection lent to one exchange.
pub(super) struct Lease {
    link: Link,
    lane: Rc<Lane>,
    /// It has served an exchange before, so it may turn out to be stale.
    pub(super) reused: bool,
}

impl Pool {
    pub(super) fn new(idle_limit: Duration) -> Self {
        Self { lanes: RefCell::default(), idle_limit }
    }

    fn lane(&self, origin: &Arc<Origin>) -> Rc<Lane> {
        if let Some(lane) = self.lanes.borrow().get(origin) {
            return lane.clone();
        }
        self.lanes.borrow_mut().entry(origin.clone()).or_default().clone()
    }

    /// A connection to `origin`, pooled or, with `fresh` or for want of one, new.
    pub(super) async fn lease(&self, origin: &Arc<Origin>, fresh: bool) -> Result<Lease, Failure> {
        let lane = self.lane(origin);
        loop {
            if !fresh && let Some(link) = lane.take() {
                return Ok(Lease { link, lane, reused: true });
            }
            let multiplexed = origin.protocol == Protocol::Http2 || lane.multiplexes.get();
            if multiplexed && lane.opening.get() {
                lane.opened.notified().await;
                if fresh && let Some(link) = lane.take() {
                    return Ok(Lease { link, lane, reused: true });
                }
                continue;
            }
            let _opening = multiplexed.then(|| Opening::begin(&lane));
            let link = match connect::connect(origin).await? {
                Connected::Http1(connection) => {
                    lane.multiplexes.set(false);
                    Link::Http1(connection)
                }
                Connected::Http2(connection) => {
                    lane.multiplexes.set(true);
                    let shared =
                        Rc::new(Shared { connection, streams: Cell::new(0), idle_since: Cell::new(Instant::now()) });
                    lane.shared.borrow_mut().push(shared.clone());
                    Link::Http2(Stream::on(shared))
                }
            };
            drop(_opening);
            return Ok(Lease { link, lane, reused: false });
        }
    }

    /// Lends a connection that was opened for one exchange.
    pub(super) fn alone(&self, origin: &Arc<Origin>, connection: Http1) -> Lease {
        Lease { link: Link::Http1(connection), lane: self.lane(origin), reused: false }
    }

    /// Closes connections that are closed on the other side or idle for too long, and forgets origins without any.
    pub(super) fn sweep(&self) {
        let idle_limit = self.idle_limit;
        self.lanes.borrow_mut().retain(|_, lane| {
            lane.idle
                .borrow_mut()
                .retain(|idle| !idle.connection.sender.is_closed() && idle.since.elapsed() < idle_limit);
            lane.shared.borrow_mut().retain(|shared| {
                shared.streams.get() > 0
                    || !shared.connection.sender.is_closed() && shared.idle_since.get().elapsed() < idle_limit
            });
            Rc::strong_count(lane) > 1 || !lane.idle.borrow().is_empty() || !lane.shared.borrow().is_empty()
        });
    }
}

/// Marks a lane as opening a connection; others wait until it is dropped.
struct Opening<'a>(&'a Lane);

impl<'a> Opening<'a> {
    fn begin(lane: &'a Lane) -> Self {
        lane.opening.set(true);
        Self(lane)
    }
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        self.0.opening.set(false);
        self.0.opened.notify_waiters();
    }
}

impl Lane {
    fn take(&self) -> Option<Link> {
        let mut shared = self.shared.borrow_mut();
        shared.retain(|shared| !shared.connection.sender.is_closed() || shared.streams.get() > 0);
        if let Some(shared) =
            shared.iter().find(|shared| !shared.connection.sender.is_closed() && shared.streams.get() < MAX_STREAMS)
        {
            return Some(Link::Http2(Stream::on(shared.clone())));
        }
        let mut idle = self.idle.borrow_mut();
        // The one used last is the likeliest to be alive and warm; one just given back may not be ready yet.
        idle.retain(|idle| !idle.connection.sender.is_closed());
        let at = idle.iter().rposition(|idle| idle.connection.sender.is_ready())?;
        Some(Link::Http1(idle.remove(at).connection))
    }
}

impl Stream {
    fn on(shared: Rc<Shared>) -> Self {
        shared.streams.set(shared.streams.get() + 1);
        Self { sender: shared.connection.sender.clone(), shared }
    }
}

impl Lease {
    pub(super) fn is_http2(&self) -> bool {
        matches!(self.link, Link::Http2(_))
    }

    pub(super) async fn send(
        &mut self,
        request: Request<UpstreamBody>,
    ) -> Result<Response<Incoming>, TrySendError<Request<UpstreamBody>>> {
        match &mut self.link {
            Link::Http1(connection) => connection.sender.try_send_request(request).await,
            Link::Http2(stream) => stream.sender.try_send_request(request).await,
        }
    }

    /// Gives the connection back after a complete answer.
    pub(super) fn give_back(self) {
        if let Link::Http1(connection) = self.link
            && !connection.sender.is_closed()
        {
            let mut idle = self.lane.idle.borrow_mut();
            if idle.len() < MAX_IDLE {
                idle.push(Idle { connection, since: Instant::now() });
            }
        }
    }
}

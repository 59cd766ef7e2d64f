//! The life of one exchange: receive, judge, forward, relay.
//!
//! Dropping the future returned by [`serve`], or the answer's body, means that the client has left: everything the exchange
//! holds is let go, which cancels the upstream, and the exchange is finished as [`Delivery::ClientGone`].

use super::body::{Answer, Relay, UpstreamBody};
use super::connect;
use super::deadline::Pace;
use super::failure::{BadFraming, Failure};
use super::guard::{
    Begin, Guard, Guarded, Overflow, Reply, RequestBody, RequestDecision, RequestHead, ResponseDecision, ResponsePlan,
};
use super::headers;
use super::id::ExchangeId;
use super::live::{Busy, Live, count, guarded};
use super::pool::Lease;
use super::socket::session::Session;
use super::socket::{self, Handshake, Offer};
use super::upstream::Upstream;
use super::wire::Inspection;
use super::worker::Worker;
use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, UPGRADE};
use http::uri::PathAndQuery;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version, request, response,
};
use hyper::body::{Body, Incoming};
use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

const ID: HeaderName = HeaderName::from_static("x-portcullis-id");
/// Bodies from this size on are judged on a blocking thread, so that one large body does not delay the exchanges of others
/// (P7). Below it, handing over costs more than it saves: a scan of 256 KiB takes well under a millisecond.
pub(super) const JUDGE_APART_FROM: usize = 256 * 1024;
/// A reused connection that breaks this soon after a request was written was stale; the request is sent once more. Later, the
/// upstream may already have worked on it, and a model call is not safe to repeat.
const STALE_WITHIN: Duration = Duration::from_secs(1);

/// What exchanges of one client connection share.
pub(super) struct Connection<G: Guard> {
    pub(super) worker: Rc<Worker<G>>,
    pub(super) peer: SocketAddr,
    pub(super) certificate: Option<Vec<u8>>,
    pub(super) inspection: Rc<Inspection>,
    pub(super) requests: Cell<u64>,
    /// What the connection goes on with after HTTP.
    pub(super) session: RefCell<Option<Session<G::Exchange>>>,
}

type Served<G> = Response<Answer<<G as Guard>::Exchange>>;

/// Answers one request.
pub(super) fn serve<G: Guard>(
    connection: &Rc<Connection<G>>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Served<G>, Infallible>> + use<G> {
    let nth = connection.requests.get() + 1;
    connection.requests.set(nth);
    // Counted here and not in the future, so that the connection is busy from the moment its request is known.
    let busy = Busy::begin(&connection.inspection);
    let connection = connection.clone();
    async move {
        let received = Instant::now();
        let id = ExchangeId::new(SystemTime::now());
        let mut response = begin(&connection, request, nth, received, &id, busy).await;
        response.headers_mut().insert(ID, id.header());
        Ok(response)
    }
}

async fn begin<G: Guard>(
    connection: &Connection<G>,
    request: Request<Incoming>,
    nth: u64,
    received: Instant,
    id: &ExchangeId,
    busy: Busy,
) -> Served<G> {
    let worker = &connection.worker;
    let generation = worker.generations.current();
    let refuse = |failure| {
        count(&worker.telemetry, failure, "closed");
        guarded(|| generation.guard.refuse(id, failure)).unwrap_or_else(plain_reply)
    };
    let violation = connection.inspection.violation(nth);
    if let Some(failure) = violation.or_else(|| unacceptable(&request)) {
        let mut response = reply(refuse(failure), None, busy);
        if request.version() <= Version::HTTP_11 {
            // What follows on this connection cannot be trusted to begin where it seems to.
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        return response;
    }
    let asks_for_socket = socket::asked(&request);
    let (mut parts, incoming) = request.into_parts();
    let begun = guarded(|| {
        generation.guard.begin(&RequestHead {
            id,
            method: &parts.method,
            target: parts.uri.path_and_query().map_or("/", PathAndQuery::as_str),
            host: host(&parts),
            headers: &parts.headers,
            socket: asks_for_socket,
            peer: connection.peer,
            client_certificate: connection.certificate.as_deref(),
            received,
        })
    });
    let exchange = match begun {
        Ok(Begin::Forward(exchange)) => exchange,
        Ok(Begin::Reply(answer)) => return reply(answer, None, busy),
        Err(failure) => return reply(refuse(failure), None, busy),
    };
    let live = Live::new(exchange, received, worker.telemetry.clone());
    let upstream = live.exchange.route().upstream.clone();
    let handshake = asks_for_socket.then(|| {
        // a body would be read as messages by one side and not by the other
        if incoming.is_end_stream() { Handshake::take(&mut parts.headers) } else { Err(Failure::BadHandshake) }
    });
    let handshake = match handshake.transpose() {
        Ok(handshake) => handshake,
        Err(failure) => return fail(live, failure, busy),
    };
    headers::towards_upstream(&mut parts.headers, upstream.forward_client_address.then(|| connection.peer.ip()));
    let pace = Pace::new(received.into(), upstream.deadlines.total, upstream.deadlines.idle);
    Exchange { connection, handshake, upstream, pace, received }.run(live, parts, incoming, busy).await
}

/// The host a request names: HTTP/2 in its target, HTTP/1 in its header.
fn host(parts: &request::Parts) -> Option<&str> {
    let header = || parts.headers.get(HOST).and_then(|value| value.to_str().ok());
    parts.uri.authority().map(http::uri::Authority::as_str).or_else(header)
}

/// Requests that no configuration makes acceptable.
fn unacceptable(request: &Request<Incoming>) -> Option<Failure> {
    if request.method() == Method::CONNECT {
        return Some(Failure::UpgradeUnsupported);
    }
    let names_other_than_h2c = |value: &HeaderValue| {
        value.as_bytes().split(|byte| *byte == b',').any(|token| !token.trim_ascii().eq_ignore_ascii_case(b"h2c"))
    };
    if request.headers().get_all(UPGRADE).iter().any(names_other_than_h2c) && !socket::asked(request) {
        return Some(Failure::UpgradeUnsupported);
    }
    // HTTP/1 was checked on the wire; here HTTP/2's two ways to name the host.
    if request.version() == Version::HTTP_2 {
        let mut hosts = request.headers().get_all(HOST).iter();
        let authority = request.uri().authority().map(http::uri::Authority::as_str);
        match (authority, hosts.next(), hosts.next()) {
            (_, _, Some(_)) | (None, None, _) => return Some(Failure::BadFraming(BadFraming::HostCount)),
            (Some(authority), Some(host), None) if !host.as_bytes().eq_ignore_ascii_case(authority.as_bytes()) => {
                return Some(Failure::BadFraming(BadFraming::TargetUnlikeHost));
            }
            _ => {}
        }
    }
    None
}

/// An exchange that has an upstream.
struct Exchange<'a, G: Guard> {
    connection: &'a Connection<G>,
    /// The client asks for a WebSocket.
    handshake: Option<Handshake>,
    upstream: Arc<Upstream>,
    pace: Pace,
    received: Instant,
}

/// A body received in full.
struct Whole {
    data: Bytes,
    trailers: Option<HeaderMap>,
}

enum Collected {
    Whole(Whole),
    /// Larger than the limit: what was received so far.
    Over(BytesMut),
}

/// Why a body was not received in full.
enum Interrupted {
    Broken,
    Deadline,
}

impl<G: Guard> Exchange<'_, G> {
    async fn run(
        mut self,
        mut live: Box<Live<G::Exchange>>,
        parts: request::Parts,
        incoming: Incoming,
        busy: Busy,
    ) -> Served<G> {
        let request::Parts { method, mut headers, .. } = parts;
        let route = live.exchange.route();
        let inspect_response = route.inspect_response;
        let received = match route.request_body {
            RequestBody::Judged => {
                let max = route.max_body;
                match self.receive(&mut live, &headers, incoming, max).await {
                    Ok(whole) => Ok(whole),
                    Err(failure) => return fail(live, failure, busy),
                }
            }
            RequestBody::Unseen => Err(incoming),
        };
        let streamed = Rc::new(Cell::new(0));
        let body = match received {
            Ok(Whole { data, trailers }) => {
                let decision;
                (live, headers, decision) = judge_request(live, headers, data).await;
                match decision {
                    Ok(RequestDecision::Forward(data)) => {
                        UpstreamBody::Whole { data: (!data.is_empty()).then_some(data), trailers }
                    }
                    Ok(RequestDecision::Reply(answer)) => return reply(answer, Some(live), busy),
                    Err(failure) => return error(live, failure, busy),
                }
            }
            Err(incoming) => {
                let decision = live.judge(|exchange| exchange.request(&mut headers, Bytes::new()));
                match decision {
                    Ok(RequestDecision::Forward(_)) => UpstreamBody::Unseen { incoming, received: streamed.clone() },
                    Ok(RequestDecision::Reply(answer)) => return reply(answer, Some(live), busy),
                    Err(failure) => return error(live, failure, busy),
                }
            }
        };
        // the body may have told which of several upstreams it is for
        let route = live.exchange.route();
        let target = route.target.clone();
        self.upstream = route.upstream.clone();
        if inspect_response {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        for (name, value) in &self.upstream.set_headers {
            headers.insert(name.clone(), value.clone());
        }
        fit_length(&mut headers, &body);

        let mut request = Request::new(body);
        *request.method_mut() = method.clone();
        *request.headers_mut() = headers;
        if let Some(handshake) = self.handshake.take() {
            return self.open_socket(live, request, &target, &handshake, busy).await;
        }
        let sent = self.send(&mut live, request, &target).await;
        live.outcome.request_bytes += streamed.get();
        match sent {
            Ok((response, lease)) => self.answer(live, &method, response, lease, busy).await,
            Err(failure) => fail(live, failure, busy),
        }
    }

    /// Asks the upstream for a WebSocket, on a connection of its own, and has the client's connection go on with it.
    async fn open_socket(
        mut self,
        mut live: Box<Live<G::Exchange>>,
        mut request: Request<UpstreamBody>,
        target: &PathAndQuery,
        handshake: &Handshake,
        busy: Busy,
    ) -> Served<G> {
        let offer = Offer::put(request.headers_mut());
        address(&mut request, &self.upstream, target, false);
        self.pace.within(self.upstream.deadlines.connect);
        let connected = self.pace.deadline.limit(connect::connect_http1(&self.upstream.origin)).await;
        let connection = match connected.ok_or_else(|| self.pace.missed(Failure::ConnectTimeout)).flatten() {
            Ok(connection) => connection,
            Err(failure) => return fail(live, failure, busy),
        };
        let mut lease = self.connection.worker.pool.alone(&self.upstream.origin, connection);
        live.sent();
        self.pace.within(self.upstream.deadlines.first_byte);
        let response = match self.pace.deadline.limit(lease.send(request)).await {
            Some(Ok(response)) => response,
            Some(Err(_)) => return fail(live, Failure::UpstreamBroken, busy),
            None => {
                let missed = self.pace.missed(Failure::FirstByteTimeout);
                return fail(live, missed, busy);
            }
        };
        live.first_byte();
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return self.answer(live, &Method::GET, response, lease, busy).await;
        }
        if !offer.is_taken(response.headers()) {
            return fail(live, Failure::UpstreamBroken, busy);
        }
        let mut headers = response.headers().clone();
        let opened = self.pace.deadline.limit(hyper::upgrade::on(response)).await;
        let Some(Ok(upstream)) = opened else { return fail(live, Failure::UpstreamBroken, busy) };
        let max_answer = match live.judge(Guarded::socket_open) {
            Ok(max_answer) => max_answer,
            Err(failure) => return error(live, failure, busy),
        };
        headers::towards_client(&mut headers);
        let mut head = handshake.answer(headers);
        live.head(head.status, &mut head.headers);
        let session = Session {
            upstream,
            until: (self.received + self.upstream.deadlines.total).into(),
            idle: self.upstream.deadlines.idle,
            max_message: live.exchange.route().max_body,
            max_answer,
            phase: self.connection.worker.phase.clone(),
            _busy: Busy::begin(&self.connection.inspection),
            live,
        };
        self.connection.inspection.switch();
        self.connection.session.replace(Some(session));
        Response::from_parts(head, Answer::whole(Bytes::new(), None, None, busy))
    }

    /// Receives the request's body.
    async fn receive(
        &mut self,
        live: &mut Live<G::Exchange>,
        headers: &HeaderMap,
        incoming: Incoming,
        max: usize,
    ) -> Result<Whole, Failure> {
        if incoming.is_end_stream() {
            live.body_received();
            return Ok(Whole { data: Bytes::new(), trailers: None });
        }
        if content_length(headers).is_some_and(|length| length > max as u64) {
            return Err(Failure::BodyTooLarge);
        }
        let limits = &self.connection.worker.limits;
        // A body that trickles in is cut off, however steadily it trickles.
        let mut pace = Pace::new(tokio::time::Instant::now(), limits.body_total, limits.body_idle);
        match collect(incoming, max, &mut pace).await {
            Ok((_, Collected::Whole(whole))) => {
                live.outcome.request_bytes = whole.data.len() as u64;
                live.body_received();
                Ok(whole)
            }
            Ok((_, Collected::Over(_))) => Err(Failure::BodyTooLarge),
            Err(Interrupted::Broken) => Err(Failure::BodyBroken),
            Err(Interrupted::Deadline) => Err(Failure::BodyTimeout),
        }
    }

    /// Sends the request and waits for the response head. A stale pooled connection is replaced once.
    async fn send(
        &mut self,
        live: &mut Live<G::Exchange>,
        mut request: Request<UpstreamBody>,
        target: &PathAndQuery,
    ) -> Result<(Response<Incoming>, Lease), Failure> {
        let mut retried = false;
        loop {
            self.pace.within(self.upstream.deadlines.connect);
            let lease = self.connection.worker.pool.lease(&self.upstream.origin, retried);
            let mut lease = match self.pace.deadline.limit(lease).await {
                Some(lease) => lease?,
                None => return Err(self.pace.missed(Failure::ConnectTimeout)),
            };
            address(&mut request, &self.upstream, target, lease.is_http2());
            let spare = if lease.reused && !retried { again(&request) } else { None };
            live.sent();
            let started = Instant::now();
            self.pace.within(self.upstream.deadlines.first_byte);
            match self.pace.deadline.limit(lease.send(request)).await {
                None => return Err(self.pace.missed(Failure::FirstByteTimeout)),
                Some(Ok(response)) => {
                    live.first_byte();
                    return Ok((response, lease));
                }
                Some(Err(mut error)) => {
                    let unsent = error.take_message();
                    let stale = spare.filter(|_| started.elapsed() < STALE_WITHIN && broke_early(error.error()));
                    match unsent.or(stale) {
                        Some(again) if !retried => request = again,
                        _ => {
                            tracing::debug!(upstream = self.upstream.name, error = %error.error(), "no answer");
                            return Err(Failure::UpstreamBroken);
                        }
                    }
                    count(&self.connection.worker.telemetry, Failure::UpstreamBroken, "retried");
                    retried = true;
                }
            }
        }
    }

    /// Turns the upstream's response into the client's.
    async fn answer(
        mut self,
        mut live: Box<Live<G::Exchange>>,
        method: &Method,
        response: Response<Incoming>,
        lease: Lease,
        busy: Busy,
    ) -> Served<G> {
        let (mut head, incoming) = response.into_parts();
        head.version = Version::HTTP_11;
        headers::towards_client(&mut head.headers);
        match live.judge(|exchange| exchange.response_addresses(&mut head.headers)) {
            Ok(Ok(())) => {}
            Ok(Err(answer)) => return reply(answer, Some(live), busy),
            Err(failure) => return error(live, failure, busy),
        }
        let bodiless =
            *method == Method::HEAD || head.status == StatusCode::NO_CONTENT || head.status == StatusCode::NOT_MODIFIED;
        if bodiless {
            lease.give_back();
            live.upstream_ended();
            return answer(head, Whole { data: Bytes::new(), trailers: None }, live, busy);
        }
        let plan = match live.judge(|exchange| exchange.response_head(head.status, &head.headers)) {
            Ok(plan) => plan,
            Err(failure) => return error(live, failure, busy),
        };
        let judged = match plan {
            ResponsePlan::PassThrough => false,
            ResponsePlan::Stream => {
                head.headers.remove(CONTENT_LENGTH);
                true
            }
            ResponsePlan::Whole { limit } => {
                let over = content_length(&head.headers).is_some_and(|length| length > limit as u64);
                let collected = if over {
                    Ok((Some(incoming), Collected::Over(BytesMut::new())))
                } else {
                    self.pace.next_piece();
                    collect(incoming, limit, &mut self.pace).await
                };
                match collected {
                    Ok((_, Collected::Whole(whole))) => {
                        lease.give_back();
                        live.upstream_ended();
                        return judge_answer(head, whole, live, busy).await;
                    }
                    Ok((incoming, Collected::Over(first))) => {
                        return match live.judge(Guarded::response_overflow) {
                            Ok(Overflow::PassThrough) => {
                                let incoming = incoming.expect("a body over its limit is not at its end");
                                let relay = Relay::new(incoming, lease, live, false, first, self.pace);
                                relayed(head, relay, busy)
                            }
                            Ok(Overflow::Reply(answer)) => reply(answer, Some(live), busy),
                            Err(failure) => error(live, failure, busy),
                        };
                    }
                    Err(Interrupted::Broken) => return fail(live, Failure::StreamBroken, busy),
                    Err(Interrupted::Deadline) => {
                        let missed = self.pace.missed(Failure::IdleTimeout);
                        return fail(live, missed, busy);
                    }
                }
            }
        };
        relayed(head, Relay::new(incoming, lease, live, judged, BytesMut::new(), self.pace), busy)
    }
}

/// Collects a body of at most `max` bytes. A body in one piece is not copied. The body is given back when it is over the limit.
async fn collect(
    mut incoming: Incoming,
    max: usize,
    pace: &mut Pace,
) -> Result<(Option<Incoming>, Collected), Interrupted> {
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    let mut trailers = None;
    loop {
        let next = std::future::poll_fn(|cx| Pin::new(&mut incoming).poll_frame(cx));
        let frame = match pace.deadline.limit(next).await {
            None => return Err(Interrupted::Deadline),
            Some(Some(Err(_))) => return Err(Interrupted::Broken),
            Some(None) => break,
            Some(Some(Ok(frame))) => frame,
        };
        pace.next_piece();
        match frame.into_data() {
            Ok(piece) if first.is_empty() && rest.is_empty() => first = piece,
            Ok(piece) => {
                if rest.is_empty() {
                    // The length is the sender's claim: trusted for a first reservation only within reason.
                    let left = usize::try_from(incoming.size_hint().lower()).unwrap_or(usize::MAX).min(1 << 20);
                    rest.reserve(first.len() + piece.len() + left);
                    rest.extend_from_slice(&first);
                    first = Bytes::new();
                }
                rest.extend_from_slice(&piece);
            }
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
        if first.len().max(rest.len()) > max {
            if rest.is_empty() {
                rest.extend_from_slice(&first);
            }
            return Ok((Some(incoming), Collected::Over(rest)));
        }
        if incoming.is_end_stream() {
            break;
        }
    }
    let data = if rest.is_empty() { first } else { rest.freeze() };
    Ok((None, Collected::Whole(Whole { data, trailers })))
}

pub(super) type Judged<E, T> = (Box<Live<E>>, HeaderMap, Result<T, Failure>);

/// Judges the request, on a blocking thread if it is large.
async fn judge_request<E: Guarded>(live: Box<Live<E>>, headers: HeaderMap, body: Bytes) -> Judged<E, RequestDecision> {
    let large = body.len() >= JUDGE_APART_FROM;
    apart_if(large, live, headers, |exchange, headers| exchange.request(headers, body)).await
}

/// Judges a whole answer and gives it to the client.
async fn judge_answer<E: Guarded>(
    mut head: response::Parts,
    whole: Whole,
    live: Box<Live<E>>,
    busy: Busy,
) -> Response<Answer<E>> {
    let Whole { data, trailers } = whole;
    let (large, status) = (data.len() >= JUDGE_APART_FROM, head.status);
    let judge = move |exchange: &mut E, headers: &mut HeaderMap| exchange.response_whole(status, headers, data);
    let (live, headers, decision) = apart_if(large, live, std::mem::take(&mut head.headers), judge).await;
    head.headers = headers;
    match decision {
        Ok(ResponseDecision::Forward(data)) => answer(head, Whole { data, trailers }, live, busy),
        Ok(ResponseDecision::Reply(answer)) => reply(answer, Some(live), busy),
        Err(failure) => error(live, failure, busy),
    }
}

/// Runs `judge` here, or on a blocking thread when it has much to do. Should the client leave meanwhile, the exchange is
/// finished when the thread lets go of it.
pub(super) async fn apart_if<E: Guarded, T: Send + 'static>(
    large: bool,
    mut live: Box<Live<E>>,
    mut headers: HeaderMap,
    judge: impl FnOnce(&mut E, &mut HeaderMap) -> T + Send + 'static,
) -> Judged<E, T> {
    let work = move || {
        let result = live.judge(|exchange| judge(exchange, &mut headers));
        (live, headers, result)
    };
    if !large {
        return work();
    }
    match tokio::task::spawn_blocking(work).await {
        Ok(judged) => judged,
        // The judge's own panics are caught inside. What is left is a bug, or the runtime going down with this connection.
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => std::future::pending().await,
        },
    }
}

/// Addresses a request to the upstream in the form its protocol wants.
fn address(request: &mut Request<UpstreamBody>, upstream: &Upstream, target: &PathAndQuery, http2: bool) {
    if http2 {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(upstream.scheme());
        parts.authority = Some(upstream.authority.clone());
        parts.path_and_query = Some(target.clone());
        *request.uri_mut() = Uri::from_parts(parts).expect("scheme, authority and path make a URI");
        request.headers_mut().remove(HOST);
    } else {
        *request.uri_mut() = Uri::from(target.clone());
        request.headers_mut().insert(HOST, upstream.host_header.clone());
    }
}

/// A second copy of a request, if its body can be sent again.
fn again(request: &Request<UpstreamBody>) -> Option<Request<UpstreamBody>> {
    let mut copy = Request::new(request.body().again()?);
    *copy.method_mut() = request.method().clone();
    *copy.headers_mut() = request.headers().clone();
    Some(copy)
}

/// The connection closed before any byte of an answer.
fn broke_early(error: &hyper::Error) -> bool {
    use std::error::Error;
    let reset = |error: &std::io::Error| {
        use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected};
        matches!(error.kind(), ConnectionReset | BrokenPipe | ConnectionAborted | NotConnected)
    };
    error.is_canceled()
        || error.is_closed()
        || error.is_incomplete_message()
        || error.source().and_then(|source| source.downcast_ref()).is_some_and(reset)
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Makes `content-length` true: hyper writes the length of a whole body itself, but believes a header that is there.
fn fit_length(headers: &mut HeaderMap, body: &UpstreamBody) {
    if let UpstreamBody::Whole { data, trailers } = body {
        let length = data.as_ref().map_or(0, Bytes::len) as u64;
        if headers.contains_key(CONTENT_LENGTH) && (trailers.is_some() || content_length(headers) != Some(length)) {
            headers.remove(CONTENT_LENGTH);
        }
    }
}

/// The upstream's answer with a body known in full.
fn answer<E: Guarded>(
    mut head: response::Parts,
    whole: Whole,
    mut live: Box<Live<E>>,
    busy: Busy,
) -> Response<Answer<E>> {
    let Whole { data, trailers } = whole;
    if !data.is_empty() && head.headers.contains_key(CONTENT_LENGTH) {
        // Replaced in place, so that the headers keep their order.
        head.headers.insert(CONTENT_LENGTH, data.len().into());
    }
    live.head(head.status, &mut head.headers);
    Response::from_parts(head, Answer::whole(data, trailers, Some(live), busy))
}

/// The upstream's answer with a body passed on as it comes.
fn relayed<E: Guarded>(mut head: response::Parts, mut relay: Relay<E>, busy: Busy) -> Response<Answer<E>> {
    relay.live().head(head.status, &mut head.headers);
    Response::from_parts(head, Answer::relay(relay, busy))
}

/// An answer of the gateway's own.
fn reply<E: Guarded>(reply: Reply, live: Option<Box<Live<E>>>, busy: Busy) -> Response<Answer<E>> {
    let mut headers = HeaderMap::with_capacity(reply.headers.len() + 8);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let live = live.map(|mut live| {
        live.head(status, &mut headers);
        live
    });
    let mut response = Response::new(Answer::whole(Bytes::from(reply.body), None, live, busy));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// Notes a failure and answers with it.
fn fail<E: Guarded>(mut live: Box<Live<E>>, failure: Failure, busy: Busy) -> Response<Answer<E>> {
    live.failed(failure);
    error(live, failure, busy)
}

/// Answers with a failure noted before.
fn error<E: Guarded>(mut live: Box<Live<E>>, failure: Failure, busy: Busy) -> Response<Answer<E>> {
    let answer = live.judge(|exchange| exchange.error(failure)).unwrap_or_else(|_| plain_reply(failure));
    reply(answer, Some(live), busy)
}

/// An error for when not even the guard can word one.
fn plain_reply(failure: Failure) -> Reply {
    Reply {
        status: failure.status(),
        content_type: "text/plain; charset=utf-8",
        headers: vec![("x-should-retry", "false".into())],
        body: format!("{}\n", failure.message()).into_bytes(),
    }
}

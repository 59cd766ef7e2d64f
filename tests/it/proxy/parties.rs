//! The parties of an exchange as the tests play them: a guard without rules, an upstream, a client on a raw socket.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, StatusCode};
use portcullis::proxy::admin::AdminApi;
use portcullis::proxy::failure::Failure;
use portcullis::proxy::generations::Generations;
use portcullis::proxy::guard::{
    Begin, Flow, Guard, Guarded, Message as SocketMessage, Outcome, Overflow, Party, Relayed, Reply, RequestBody,
    RequestDecision, RequestHead, ResponseDecision, ResponsePlan, Route, StreamClose, UpstreamEnd,
};
use portcullis::proxy::id::ExchangeId;
use portcullis::proxy::server::{Running, Server, Settings};
use portcullis::proxy::upstream::{Deadlines, Protocol, Trust, Upstream};
use portcullis::telemetry::Telemetry;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longest wait for something that should happen soon.
pub const PATIENCE: Duration = Duration::from_secs(20);
pub const MAX_BODY: usize = 16 << 20;
/// Largest message taken from an upstream.
pub const SOCKET_ANSWER: usize = 1 << 20;

/// What the guard saw, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    Begin { client_certificate: bool },
    StreamEnd(UpstreamEnd),
    Finish(Outcome),
}

pub type Log = Arc<Mutex<Vec<Seen>>>;

/// A guard that chooses what to do by the first segment of the path: `/through`, `/stream`, `/whole`, `/unseen`, `/panic-…`.
pub struct Plain {
    pub upstream: Arc<Upstream>,
    pub log: Log,
    pub number: u64,
}

pub struct PlainExchange {
    route: Route,
    mode: String,
    log: Log,
    number: u64,
}

fn own(failure: Failure) -> Reply {
    Reply {
        status: failure.status(),
        content_type: "application/json",
        headers: vec![("x-should-retry", "false".into())],
        body: format!("{{\"error\":\"{}\"}}", failure.name()).into_bytes(),
    }
}

impl Guard for Plain {
    type Exchange = PlainExchange;

    fn begin(&self, head: &RequestHead<'_>) -> Begin<PlainExchange> {
        self.log.lock().unwrap().push(Seen::Begin { client_certificate: head.client_certificate.is_some() });
        let mode = head.target.split(['/', '?']).nth(1).unwrap_or_default().to_owned();
        if mode == "nowhere" {
            let body = b"{\"error\":\"not_found\"}".to_vec();
            return Begin::Reply(Reply { status: 404, content_type: "application/json", headers: vec![], body });
        }
        assert_ne!(mode, "panic-begin", "as asked");
        let target = self.upstream.target(head.target).unwrap();
        let request_body = if mode == "unseen" { RequestBody::Unseen } else { RequestBody::Judged };
        let route = Route {
            upstream: self.upstream.clone(),
            target,
            request_body,
            inspect_response: mode != "through",
            max_body: MAX_BODY,
        };
        Begin::Forward(PlainExchange { route, mode, log: self.log.clone(), number: self.number })
    }

    fn refuse(&self, _id: &ExchangeId, failure: Failure) -> Reply {
        own(failure)
    }
}

impl Guarded for PlainExchange {
    fn route(&self) -> &Route {
        &self.route
    }

    fn request(&mut self, headers: &mut HeaderMap, body: Bytes) -> RequestDecision {
        assert_ne!(self.mode, "panic-request", "as asked");
        if self.mode == "blocked" {
            return RequestDecision::Reply(own(Failure::JudgePanicked));
        }
        headers.insert("x-judged", HeaderValue::from(body.len()));
        RequestDecision::Forward(body)
    }

    fn response_head(&mut self, _status: StatusCode, _headers: &HeaderMap) -> ResponsePlan {
        match self.mode.as_str() {
            "stream" | "panic-stream" => ResponsePlan::Stream,
            "whole" => ResponsePlan::Whole { limit: MAX_BODY },
            "whole-small" | "whole-small-refused" => ResponsePlan::Whole { limit: 1000 },
            _ => ResponsePlan::PassThrough,
        }
    }

    fn response_whole(&mut self, _: StatusCode, _: &mut HeaderMap, body: Bytes) -> ResponseDecision {
        ResponseDecision::Forward(body)
    }

    fn response_overflow(&mut self) -> Overflow {
        if self.mode == "whole-small" { Overflow::PassThrough } else { Overflow::Reply(own(Failure::ResponseTooLarge)) }
    }

    fn stream_push(&mut self, piece: &[u8], out: &mut BytesMut) -> Flow {
        assert_ne!(self.mode, "panic-stream", "as asked");
        match memchr::memmem::find(piece, b"STOP") {
            None => {
                out.extend_from_slice(piece);
                Flow::Continue
            }
            Some(at) => {
                out.extend_from_slice(&piece[..at]);
                out.extend_from_slice(b"[ended]");
                Flow::End
            }
        }
    }

    fn stream_end(&mut self, how: UpstreamEnd, out: &mut BytesMut) -> StreamClose {
        self.log.lock().unwrap().push(Seen::StreamEnd(how));
        if how != UpstreamEnd::Complete {
            out.extend_from_slice(format!("[error {how:?}]").as_bytes());
        }
        StreamClose::Proper
    }

    fn socket_open(&mut self) -> usize {
        SOCKET_ANSWER
    }

    /// Passes messages on; `STOP` of the client's is answered, `STOP` of the upstream's ends the session.
    fn socket_message(&mut self, from: Party, message: SocketMessage, out: &mut Relayed) {
        assert_ne!(self.mode, "panic-message", "as asked");
        let stop = memchr::memmem::find(&message.data, b"STOP").is_some();
        let own = SocketMessage { data: Bytes::from_static(b"[stopped]"), binary: message.binary };
        match from {
            Party::Client if stop => out.to_client.push(own),
            Party::Client => out.to_upstream.push(message),
            Party::Upstream if stop => {
                out.to_upstream.push(own);
                out.close = Some((1008, "stopped".into()));
            }
            Party::Upstream => out.to_client.push(message),
        }
    }

    fn socket_reason(&mut self, _from: Party, reason: &str) -> String {
        reason.replace("secret", "***")
    }

    fn socket_end(&mut self, how: UpstreamEnd, out: &mut Relayed) {
        self.log.lock().unwrap().push(Seen::StreamEnd(how));
        if how != UpstreamEnd::Complete && how != UpstreamEnd::ClientGone {
            out.to_client.push(SocketMessage { data: format!("[error {how:?}]").into(), binary: false });
        }
    }

    fn response_headers(&self, headers: &mut HeaderMap) {
        headers.insert("x-portcullis-generation", HeaderValue::from(self.number));
    }

    fn error(&mut self, failure: Failure) -> Reply {
        own(failure)
    }

    fn finish(&mut self, outcome: &Outcome) {
        self.log.lock().unwrap().push(Seen::Finish(*outcome));
    }
}

struct NoRisk;

impl AdminApi for NoRisk {
    fn risk(&self, user: &str) -> Option<String> {
        (user == "maria müller").then(|| r#"{"score":12}"#.into())
    }

    fn signal(&self, _user: &str, body: &[u8]) -> Result<(), String> {
        if body == b"{}" { Ok(()) } else { Err("give an object".into()) }
    }

    fn unready(&self) -> Option<&'static str> {
        None
    }
}

/// A running gateway and what its guard saw.
pub struct Gateway {
    pub running: Option<Running>,
    pub log: Log,
    pub telemetry: Arc<Telemetry>,
    pub generations: Arc<Generations<Plain>>,
}

/// How a test's gateway differs from the usual.
pub struct Setup {
    pub settings: Settings,
    pub deadlines: Deadlines,
    pub protocol: Protocol,
    pub scheme: &'static str,
    pub trust: Trust,
}

impl Setup {
    pub fn new() -> Self {
        let mut settings = Settings::new(([127, 0, 0, 1], 0).into());
        settings.workers = NonZeroUsize::new(1);
        settings.limits.drain = PATIENCE;
        Self {
            settings,
            deadlines: Deadlines::default(),
            protocol: Protocol::Auto,
            scheme: "http",
            trust: Trust::new(None).unwrap(),
        }
    }

    pub fn start(self, upstream: SocketAddr) -> Gateway {
        let log: Log = Arc::default();
        let telemetry = Arc::new(Telemetry::new());
        let url = format!("{}://localhost:{}", self.scheme, upstream.port());
        let (logged, deadlines) = (log.clone(), self.deadlines);
        let load = Box::new(move |number| {
            let mut upstream = Upstream::new("test", &url, self.protocol, &self.trust)?;
            upstream.deadlines = deadlines;
            Ok(Plain { upstream: Arc::new(upstream), log: logged.clone(), number })
        });
        let generations = Arc::new(Generations::new(load, telemetry.clone()).unwrap());
        let server = Server::bind(self.settings).unwrap();
        let running = server.start(generations.clone(), Arc::new(NoRisk), telemetry.clone()).unwrap();
        Gateway { running: Some(running), log, telemetry, generations }
    }
}

impl Gateway {
    pub fn to(upstream: SocketAddr) -> Self {
        Setup::new().start(upstream)
    }

    pub fn address(&self) -> SocketAddr {
        self.running.as_ref().unwrap().address()
    }

    pub fn client(&self) -> Client {
        Client::to(self.address())
    }

    /// Waits for the outcome of the `nth` exchange that ends, from 0.
    pub fn outcome(&self, nth: usize) -> Outcome {
        wait_for("an exchange to finish", || {
            let log = self.log.lock().unwrap();
            log.iter().filter_map(|seen| if let Seen::Finish(outcome) = seen { Some(*outcome) } else { None }).nth(nth)
        })
    }

    pub fn saw(&self, wanted: &Seen) -> bool {
        self.log.lock().unwrap().contains(wanted)
    }
}

/// Waits until `check` gives something.
pub fn wait_for<T>(what: &str, check: impl Fn() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = check() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A request or response as it was on the wire, chunks joined.
#[derive(Debug, Default)]
pub struct Message {
    pub first_line: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub trailers: Vec<(String, String)>,
    /// The body ended as its framing says.
    pub complete: bool,
}

impl Message {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn status(&self) -> u16 {
        self.first_line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{self:?}"))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// One side of a connection, reading messages and writing bytes.
pub struct Client {
    pub reader: BufReader<TcpStream>,
}

impl Client {
    pub fn to(address: SocketAddr) -> Self {
        Self::on(TcpStream::connect(address).unwrap())
    }

    pub fn on(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { reader: BufReader::new(stream) }
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.reader.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    pub fn post(&mut self, target: &str, body: impl AsRef<[u8]>) -> Message {
        let body = body.as_ref();
        let length = body.len();
        let mut bytes =
            format!("POST {target} HTTP/1.1\r\nhost: gateway\r\ncontent-length: {length}\r\n\r\n").into_bytes();
        bytes.extend_from_slice(body);
        self.send(bytes);
        self.response()
    }

    pub fn get(&mut self, target: &str) -> Message {
        self.send(format!("GET {target} HTTP/1.1\r\nhost: gateway\r\n\r\n"));
        self.response()
    }

    pub fn response(&mut self) -> Message {
        let mut message = self.head().expect("a response");
        self.body(&mut message, true);
        message
    }

    /// Reads one request; `None` when the connection is closed.
    pub fn request(&mut self) -> Option<Message> {
        let mut message = self.head()?;
        self.body(&mut message, false);
        Some(message)
    }

    /// Reads the head of a message; `None` at the end of the connection.
    pub fn head(&mut self) -> Option<Message> {
        let mut message = Message::default();
        let mut line = String::new();
        if self.reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        message.first_line = line.trim_end().to_owned();
        message.headers = self.fields()?;
        Some(message)
    }

    fn fields(&mut self) -> Option<Vec<(String, String)>> {
        let mut fields = Vec::new();
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let Some((name, value)) = line.trim_end().split_once(':') else { return Some(fields) };
            fields.push((name.to_owned(), value.trim().to_owned()));
        }
    }

    pub fn body(&mut self, message: &mut Message, response: bool) {
        if message.header("transfer-encoding").is_some() {
            loop {
                let Some(piece) = self.chunk() else { return };
                if piece.is_empty() {
                    break;
                }
                message.body.extend(piece);
            }
            if let Some(trailers) = self.fields() {
                message.trailers = trailers;
                message.complete = true;
            }
        } else if let Some(length) = message.header("content-length") {
            message.body = vec![0; length.parse().unwrap()];
            message.complete = self.reader.read_exact(&mut message.body).is_ok();
        } else if response {
            message.complete = self.reader.read_to_end(&mut message.body).is_ok();
        } else {
            message.complete = true;
        }
    }

    /// Reads one chunk; empty for the last, `None` when the transfer breaks.
    pub fn chunk(&mut self) -> Option<Vec<u8>> {
        let mut line = String::new();
        if self.reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let size = usize::from_str_radix(line.trim_end(), 16).ok()?;
        let mut piece = vec![0; size];
        self.reader.read_exact(&mut piece).ok()?;
        if size > 0 {
            self.reader.read_exact(&mut [0; 2]).ok()?;
        }
        Some(piece)
    }

    /// Whether the other side has closed, after reading what it still sent.
    pub fn closed(&mut self) -> bool {
        let mut rest = Vec::new();
        match self.reader.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}

/// An upstream that plays `script` on every connection, each on a thread of its own.
pub struct Script {
    pub address: SocketAddr,
    pub connections: Arc<AtomicUsize>,
}

impl Script {
    pub fn play(script: impl Fn(Client) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let (counted, script) = (connections.clone(), Arc::new(script));
        // The thread ends with the test process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                let script = script.clone();
                std::thread::spawn(move || script(Client::on(stream)));
            }
        });
        Self { address, connections }
    }

    /// Answers every request with its own head and body.
    pub fn echo() -> Self {
        Self::play(|mut connection| {
            while let Some(request) = connection.request() {
                let mut text = format!("{}\n", request.first_line);
                for (name, value) in &request.headers {
                    text += &format!("{name}: {value}\n");
                }
                let mut body = text.into_bytes();
                body.push(b'\n');
                body.extend(&request.body);
                let length = body.len();
                connection.send(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nx-upstream: echo\r\n\r\n"));
                connection.send(body);
            }
        })
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

pub const CHUNKED: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

pub fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

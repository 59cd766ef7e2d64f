//! P1 on recorded traffic: what real clients sent and real providers answered crosses the gateway byte for byte.
//!
//! A replaying upstream answers each request with the answer that was recorded for it, streams in pieces cut at random
//! places, and keeps the bytes it received. The requests carry the number of their exchange in `x-replay-index`.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::gateway::Gateway;

/// The recordings to replay, each with the provider as the configuration names it.
const PROVIDERS: [&str; 8] = ["openai", "azure", "anthropic", "deepseek", "groq", "mistral", "together", "gemini"];
/// How many exchanges are under way at the same time.
const AT_ONCE: usize = 8;

/// Everything is noted, nothing is changed or refused.
const LOG_ONLY: &str = r#"
[policy]
id = "log-only"
title = "Everything is noted, nothing is changed"
packs = ["base/*", "country/*", "industry/*"]
mode = "enforce"

[[statement]]
id = "note-findings"
title = "What is found is noted"
match = { categories = ["*"] }
action = "log"

[[statement]]
id = "note-uninspected"
title = "What cannot be inspected is noted"
match = { uninspected = ["*"] }
action = "log"
"#;

/// One recorded exchange.
struct Exchange {
    /// Where it was recorded, for messages.
    name: String,
    provider: &'static str,
    method: Method,
    path: String,
    request_type: Option<String>,
    request: Bytes,
    status: StatusCode,
    /// Headers of the answer that the recording kept.
    headers: Vec<(String, String)>,
    response_type: Option<String>,
    response: Bytes,
}

impl Exchange {
    fn read(provider: &'static str, line: &str) -> Exchange {
        let value: Value = serde_json::from_str(line).expect("a recording is JSON");
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        let body = |key: &str| match value[key].as_str() {
            Some(text) => Bytes::from(text.to_owned()),
            None => {
                let encoded = value[format!("{key}_b64")].as_str().unwrap_or_default();
                Bytes::from(BASE64_STANDARD.decode(encoded).expect("a recording's base64 is whole"))
            }
        };
        let headers = value["resp_headers"].as_object().into_iter().flatten();
        Exchange {
            name: format!("{} #{} ({})", value["src"].as_str().unwrap_or_default(), value["i"], value["path"]),
            provider,
            method: text("method").and_then(|method| method.parse().ok()).expect("a recording has a method"),
            path: text("path").expect("a recording has a path"),
            request_type: text("req_ct"),
            request: body("req"),
            status: value["status"].as_u64().and_then(|s| StatusCode::from_u16(s as u16).ok()).expect("a status"),
            headers: headers.filter_map(|(name, v)| Some((name.clone(), v.as_str()?.to_owned()))).collect(),
            response_type: text("resp_ct"),
            response: body("resp"),
        }
    }

    fn streamed(&self) -> bool {
        self.response_type.as_deref().is_some_and(|kind| kind.starts_with("text/event-stream"))
    }
}

/// The recordings, or `None` where there are none.
fn recordings() -> Option<Vec<Exchange>> {
    let fixtures = std::env::var_os("PORTCULLIS_FIXTURES").map(PathBuf::from);
    let folder = fixtures.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures"));
    let mut all = Vec::new();
    for provider in PROVIDERS {
        let text = fs::read_to_string(folder.join("cassettes").join(format!("{provider}.jsonl"))).ok()?;
        all.extend(text.lines().map(|line| Exchange::read(provider, line)));
    }
    Some(all)
}

/// A request as the upstream saw it.
#[derive(Debug, PartialEq)]
struct Seen {
    method: Method,
    target: String,
    content_type: Option<String>,
    body: Bytes,
}

/// The upstream that answers with recordings.
struct Upstream {
    addr: SocketAddr,
    /// What arrived, by the exchange's number; more than one entry is a request sent twice.
    seen: Arc<Mutex<Vec<Vec<Seen>>>>,
}

impl Upstream {
    async fn start(recordings: Arc<Vec<Exchange>>) -> Upstream {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port on loopback");
        let addr = listener.local_addr().expect("it is bound");
        let seen: Arc<Mutex<Vec<Vec<Seen>>>> = Arc::new(Mutex::new(recordings.iter().map(|_| Vec::new()).collect()));
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).expect("an open socket takes the option");
                let (recordings, seen) = (Arc::clone(&recordings), Arc::clone(&shared));
                let service = service_fn(move |request| {
                    let (recordings, seen) = (Arc::clone(&recordings), Arc::clone(&seen));
                    async move { Ok::<_, Infallible>(answer(request, &recordings, &seen).await) }
                });
                tokio::spawn(async move {
                    let connection = hyper::server::conn::http1::Builder::new();
                    // How a connection ends shows in the exchanges that were on it.
                    let _ = connection.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Upstream { addr, seen }
    }
}

async fn answer(request: Request<Incoming>, recordings: &[Exchange], seen: &Mutex<Vec<Vec<Seen>>>) -> Response<Pieces> {
    let (head, body) = request.into_parts();
    let index = head.headers.get("x-replay-index").and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let Some((index, exchange)) = index.and_then(|index| Some((index, recordings.get(index)?))) else {
        let mut lost = Response::new(Pieces::default());
        *lost.status_mut() = StatusCode::MISDIRECTED_REQUEST;
        return lost;
    };
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let arrival =
        Seen { method: head.method, target: head.uri.to_string(), content_type: content_type(&head.headers), body };
    seen.lock().expect("no holder panics")[index].push(arrival);

    let mut response = Response::builder().status(exchange.status);
    if let Some(kind) = &exchange.response_type {
        response = response.header("content-type", kind);
    }
    for (name, value) in &exchange.headers {
        response = response.header(name, value);
    }
    let pieces =
        if exchange.streamed() { cut(&exchange.response, index as u64) } else { [exchange.response.clone()].into() };
    response.body(Pieces { pieces, ..Pieces::default() }).expect("a recorded head is valid")
}

/// Cuts a body at random places, into pieces of 1 to 200 bytes; the same for the same seed.
fn cut(body: &Bytes, seed: u64) -> VecDeque<Bytes> {
    let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut pieces = VecDeque::new();
    let mut at = 0;
    while at < body.len() {
        // Xorshift (Marsaglia 2003); its quality is ample for choosing cuts.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let end = body.len().min(at + 1 + (random % 200) as usize);
        pieces.push_back(body.slice(at..end));
        at = end;
    }
    pieces
}

/// A body whose pieces leave one by one: being unready between two makes the server flush the first.
#[derive(Default)]
struct Pieces {
    pieces: VecDeque<Bytes>,
    rested: bool,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.rested = !self.rested;
        if self.rested {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(self.pieces.pop_front().map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }
}

fn content_type(headers: &HeaderMap) -> Option<String> {
    Some(String::from_utf8_lossy(headers.get("content-type")?.as_bytes()).into_owned())
}

/// Sends every recorded request to `to` (with the provider's name as prefix, if `prefixed`) and lists what differs.
async fn replay(recordings: Arc<Vec<Exchange>>, upstream: &Upstream, to: SocketAddr, prefixed: bool) -> Vec<String> {
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let mut tasks = tokio::task::JoinSet::new();
    for worker in 0..AT_ONCE {
        let (client, recordings) = (client.clone(), Arc::clone(&recordings));
        tasks.spawn(async move {
            let mut problems = Vec::new();
            for (index, exchange) in recordings.iter().enumerate().skip(worker).step_by(AT_ONCE) {
                let prefix = if prefixed { format!("/{}", exchange.provider) } else { String::new() };
                let mut request = Request::builder()
                    .method(exchange.method.clone())
                    .uri(format!("http://{to}{prefix}{}", exchange.path))
                    .header("authorization", "Bearer sk-replay")
                    .header("x-replay-index", index);
                if let Some(kind) = &exchange.request_type {
                    request = request.header("content-type", kind);
                }
                let request = request.body(Full::new(exchange.request.clone())).expect("a recorded head is valid");
                if let Err(problem) = compare(exchange, client.request(request).await).await {
                    problems.push(format!("{}: {problem}", exchange.name));
                }
            }
            problems
        });
    }
    let mut problems: Vec<String> = tasks.join_all().await.into_iter().flatten().collect();

    let seen = upstream.seen.lock().expect("no holder panics");
    for (exchange, seen) in recordings.iter().zip(seen.iter()) {
        let expected = Seen {
            method: exchange.method.clone(),
            target: exchange.path.clone(),
            content_type: exchange.request_type.clone(),
            body: exchange.request.clone(),
        };
        match seen.as_slice() {
            [one] if *one == expected => {}
            [one] => {
                problems.push(format!("{}: the request arrived changed: {}", exchange.name, difference(&expected, one)))
            }
            several => problems.push(format!("{}: the request arrived {} times", exchange.name, several.len())),
        }
    }
    problems
}

/// Compares an answer with the recorded one.
async fn compare(
    exchange: &Exchange,
    answer: Result<Response<Incoming>, hyper_util::client::legacy::Error>,
) -> Result<(), String> {
    let (head, body) = answer.map_err(|error| format!("no answer: {error}"))?.into_parts();
    let body = body.collect().await.map_err(|error| format!("the answer broke off: {error}"))?.to_bytes();
    if head.status != exchange.status {
        return Err(format!(
            "status {} instead of {}: {}",
            head.status,
            exchange.status,
            String::from_utf8_lossy(&body)
        ));
    }
    if content_type(&head.headers) != exchange.response_type {
        return Err(format!("content type {:?} instead of {:?}", content_type(&head.headers), exchange.response_type));
    }
    for (name, value) in &exchange.headers {
        if head.headers.get(name).map(|got| got.as_bytes()) != Some(value.as_bytes()) {
            return Err(format!("the header `{name}` was lost or changed"));
        }
    }
    if body != exchange.response {
        return Err(format!("the answer changed: {}", first_difference(&exchange.response, &body)));
    }
    Ok(())
}

fn difference(expected: &Seen, got: &Seen) -> String {
    if (&expected.method, &expected.target) != (&got.method, &got.target) {
        return format!("{} {} instead of {} {}", got.method, got.target, expected.method, expected.target);
    }
    if expected.content_type != got.content_type {
        return format!("content type {:?} instead of {:?}", got.content_type, expected.content_type);
    }
    first_difference(&expected.body, &got.body)
}

fn first_difference(expected: &[u8], got: &[u8]) -> String {
    let at = expected.iter().zip(got).take_while(|(a, b)| a == b).count();
    let excerpt = |bytes: &[u8]| {
        let end = bytes.len().min(at + 40);
        String::from_utf8_lossy(&bytes[at.saturating_sub(20)..end]).into_owned()
    };
    format!(
        "{} bytes instead of {}, first at {at}: {:?} instead of {:?}",
        got.len(),
        expected.len(),
        excerpt(got),
        excerpt(expected)
    )
}

fn assert_none(problems: &[String], of: usize) {
    let shown = problems.iter().take(10).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(problems.is_empty(), "{} of {of} exchanges differ, such as:\n{shown}", problems.len());
}

/// Without the gateway nothing differs either: what the other test finds is the gateway's doing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replaying_itself_changes_nothing() {
    let Some(recordings) = recordings().map(Arc::new) else {
        return println!("SKIPPED: recorded traffic because `PORTCULLIS_FIXTURES` names no folder with `cassettes`");
    };
    let upstream = Upstream::start(Arc::clone(&recordings)).await;
    let problems = replay(Arc::clone(&recordings), &upstream, upstream.addr, false).await;
    assert_none(&problems, recordings.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p1_recorded_traffic_crosses_byte_for_byte() {
    let Some(recordings) = recordings().map(Arc::new) else {
        return println!("SKIPPED: recorded traffic because `PORTCULLIS_FIXTURES` names no folder with `cassettes`");
    };
    let upstream = Upstream::start(Arc::clone(&recordings)).await;
    let section = |name: &str| {
        format!(
            "[[upstream]]\nname = \"{name}\"\nprovider = \"{name}\"\nprefix = \"/{name}\"\nbase_url = \"http://{}\"\n\n",
            upstream.addr
        )
    };
    let gateway = Gateway::start(&PROVIDERS.map(section).concat(), LOG_ONLY);
    let problems = replay(Arc::clone(&recordings), &upstream, gateway.addr, true).await;
    assert_none(&problems, recordings.len());

    let records = gateway.records(recordings.len());
    assert_eq!(records.len(), recordings.len(), "one record for each exchange; the log:\n{}", gateway.log());
    for record in &records {
        assert!(matches!(record["action"].as_str(), Some("allow" | "log")), "{record}");
        assert!(!record["generation"].is_null(), "{record}");
    }
}

//! The stand-in model: a small server on loopback that speaks the APIs of the large providers.
//!
//! The demo, the SDK tests and the benches need a model that costs nothing, never changes its mind and tells what it
//! received. The stand-in answers whole and streamed, by the wire formats of those APIs; the same body always gets
//! the same answer, ids included, so that an answer through the gateway can be compared with one without it. It is
//! not a model: it understands nothing, and its token counts are a quarter of the characters.
//!
//! | path | answer |
//! |---|---|
//! | `POST /v1/chat/completions` | OpenAI chat completion, whole or streamed |
//! | `POST /v1/messages` | Anthropic message, whole or streamed |
//! | `POST /v1/messages/count_tokens` | `{"input_tokens": n}` |
//! | `POST /v1/messages/batches` | a batch that is never done |
//! | `GET /v1/models` | one model, `stand-in` |
//! | `POST /v1/files` | accepts a multipart upload and describes its `file` part |
//! | `POST /v1/responses` | OpenAI response, whole or streamed |
//! | `POST /v1/embeddings`, `/v1/moderations`, `/v1/images/generations`, `/v1/audio/…` | the rest of OpenAI's API |
//! | `/openai/deployments/{name}/…`, `/openai/v1/…` | the same as Azure addresses them |
//! | `POST /v1/models/{model}:{method}`, `/v1beta/…` | Gemini: content (whole, SSE or JSON array), embeddings, token counts |
//! | `POST /upload/v1/files`, `/upload/v1beta/…` | Gemini's resumable uploads |
//! | `POST /model/{model}/{operation}` | Amazon Bedrock: Converse and InvokeModel, whole or as AWS event streams |
//! | `POST /api/chat`, `/api/generate`, `/api/embed` | Ollama |
//! | `POST /v2/chat`, `/v2/embed` | Cohere |
//! | `GET /received` | what came in, newest last: `seq`, `id`, `method`, `path`, `bytes`, `headers` |
//! | `GET /received?id={id}` | those of them with this id; with an empty one, those without any |
//! | `GET /received/{id}` | the exact body of one of them, by id or by sequence number |
//!
//! What it says is chosen by the request, first rule that fits:
//!
//! 1. the last user text holds `SAY <<text>>` → `text`, without its `|`: `SAY <<4111|1111|1111|1111>>` asks for a
//!    value that the prompt itself does not hold;
//! 2. the last user text mentions the `customer record` → an invented one, with a test card number;
//! 3. the model is `say:<text>` → `text`; the model is `echo` → the last user text;
//! 4. the last message is a tool's result → a sentence that repeats it;
//! 5. otherwise → how many messages, characters and images it read.
//!
//! When the request brings tools, the answer is a call of the first (or of the chosen) one; when it asks for JSON by a
//! schema, the answer is JSON of that shape. In both, text of rules 1 to 3 becomes the first string of the JSON.
//!
//! How it says so is chosen by options after a slash in the model's name, as in `stand-in/chunk=3,slow=20`:
//! `chunk=N` cuts streamed text into deltas of about N bytes (default: words), `cut=N` cuts the stream's bytes into
//! pieces of N wherever they fall, `slow=MS` waits before each piece, `reset=N` breaks the connection after N pieces,
//! `status=N` answers with that error in the API's own shape.

mod answer;
mod ask;
mod bedrock;
mod chat;
mod cohere;
mod gemini;
mod ledger;
mod messages;
mod mistral;
mod ollama;
mod openai;
mod responses;
mod schema;
mod upload;
mod wire;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use ledger::Ledger;
use wire::Reply;

/// The largest request body taken, in bytes: the size both APIs document as their own limit (32 MB), with room to spare.
const MAX_BODY: usize = 64 << 20;

/// The time every answer claims to have been made at, in Unix seconds: answers must not differ from run to run.
const CREATED: u64 = 1_767_225_600;
/// [`CREATED`] as the Anthropic API writes times.
const CREATED_TEXT: &str = "2026-01-01T00:00:00Z";

/// A running stand-in model; it stops when dropped.
#[derive(Debug)]
pub struct Standin {
    addr: SocketAddr,
    ledger: Arc<Ledger>,
    accept: JoinHandle<()>,
}

impl Standin {
    /// Starts a stand-in model on `addr`; port 0 takes a free one.
    ///
    /// # Errors
    /// When `addr` is not a loopback address (the stand-in shows to anybody what it received), or cannot be bound.
    pub async fn start(addr: SocketAddr) -> io::Result<Standin> {
        if !addr.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("the stand-in model listens on loopback only, not on `{addr}`: use `127.0.0.1`"),
            ));
        }
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        let ledger = Arc::new(Ledger::default());
        let accept = tokio::spawn(accept(listener, Arc::clone(&ledger)));
        Ok(Standin { addr, ledger, accept })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The exact body of a request the model received, by its `x-portcullis-id` or `x-client-request-id` header or by
    /// its sequence number (from 1). Only the latest requests are kept.
    pub fn received(&self, id: &str) -> Option<Vec<u8>> {
        self.ledger.body(id).map(|body| body.to_vec())
    }

    /// How many requests reached the model so far; also the sequence number of the latest one.
    pub fn requests(&self) -> u64 {
        self.ledger.count()
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        self.accept.abort();
    }
}

/// Accepts connections until aborted; the connections end with it, since the set aborts its tasks when dropped.
async fn accept(listener: TcpListener, ledger: Arc<Ledger>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(serve(stream, Arc::clone(&ledger)))),
                // Out of file descriptors, most likely: wait for some to close instead of spinning.
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, ledger: Arc<Ledger>) {
    // Pieces of a stream must leave when they are written. Without this the answer is right, only late.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let ledger = Arc::clone(&ledger);
        async move { Ok::<_, Infallible>(respond(request, &ledger).await) }
    });
    // A connection's end is its client's affair; nothing here depends on how it ended.
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(request: Request<Incoming>, ledger: &Ledger) -> Response<Reply> {
    let (head, body) = request.into_parts();
    if head.method == Method::GET && head.uri.path().starts_with("/received") {
        return received(&head.uri, ledger);
    }
    let (api, path) = Api::of(&head);
    let error = api.error();
    let body = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return error(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large or broke off"),
    };
    ledger.record(&head, body.clone());
    let post = head.method == Method::POST;
    match (api, path) {
        (Api::OpenAi | Api::Mistral, "chat/completions") if post => chat::complete(&body, api == Api::Mistral),
        (Api::OpenAi, "responses") if post => responses::create(&body),
        (Api::OpenAi, "models") => chat::models(),
        (Api::Anthropic, "messages" | "messages/count_tokens") if !head.headers.contains_key("anthropic-version") => {
            error(StatusCode::BAD_REQUEST, "anthropic-version: header is required")
        }
        (Api::Anthropic, "messages") if post => messages::create(&body),
        (Api::Anthropic, "messages/batches") if post => messages::batch(&body),
        (Api::Anthropic, "messages/count_tokens") if post => messages::count_tokens(&body),
        (Api::Anthropic, "models") => messages::models(),
        (Api::OpenAi | Api::Anthropic | Api::Mistral, "files") if post => match upload::file(&head.headers, &body) {
            Ok(file) => match api {
                Api::Anthropic => messages::file(&file),
                Api::Mistral => mistral::file(&file),
                _ => chat::file(&file),
            },
            Err(problem) => error(StatusCode::BAD_REQUEST, problem),
        },
        (Api::OpenAi | Api::Mistral, path) if post => openai::call(path, &head.headers, &body),
        (Api::Gemini, "files") if post => gemini::upload(&head, &body),
        (Api::Gemini, path) if post => gemini::call(path, head.uri.query().unwrap_or_default(), &body),
        (Api::Bedrock, path) if post => bedrock::call(path, &body),
        (Api::Ollama, "tags") => ollama::models(),
        (Api::Ollama, path) if post => ollama::call(path, &body),
        (Api::Cohere, "chat") if post => cohere::chat(&body),
        (Api::Cohere, "embed") if post => cohere::embed(&body),
        _ => error(StatusCode::NOT_FOUND, "the stand-in model has no such endpoint"),
    }
}

/// The APIs, told apart by what the paths begin with.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Api {
    OpenAi,
    Anthropic,
    Mistral,
    Gemini,
    Bedrock,
    Ollama,
    Cohere,
}

impl Api {
    /// The API of a request, and its path without what tells the API.
    fn of(head: &Parts) -> (Api, &str) {
        let path = head.uri.path();
        if let Some((_, path)) = path.strip_prefix("/openai/deployments/").and_then(|rest| rest.split_once('/')) {
            return (Api::OpenAi, path);
        }
        let apis = [
            ("/v1/", Api::of_v1(head)),
            ("/openai/v1/", Api::OpenAi),
            ("/v1beta/", Api::Gemini),
            ("/upload/v1beta/", Api::Gemini),
            ("/upload/v1/", Api::Gemini),
            ("/model/", Api::Bedrock),
            ("/api/", Api::Ollama),
            ("/v2/", Api::Cohere),
        ];
        let of = apis.iter().find_map(|(start, api)| Some((*api, path.strip_prefix(start)?)));
        of.unwrap_or((Api::OpenAi, path))
    }

    /// The API of a request under `/v1/`, where most are.
    fn of_v1(head: &Parts) -> Api {
        let path = head.uri.path();
        let agent = head.headers.get("user-agent").and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        if head.headers.contains_key("anthropic-version") || path.starts_with("/v1/messages") {
            Api::Anthropic
        } else if agent.starts_with("mistral-client-") {
            Api::Mistral
        } else if path.starts_with("/v1/models/") && path.contains(':') {
            Api::Gemini
        } else {
            Api::OpenAi
        }
    }

    /// How the API words an error.
    fn error(self) -> fn(StatusCode, &str) -> Response<Reply> {
        match self {
            Api::OpenAi => chat::error,
            Api::Anthropic => messages::error,
            Api::Mistral => mistral::error,
            Api::Gemini => gemini::error,
            Api::Bedrock => bedrock::error,
            Api::Ollama => ollama::error,
            Api::Cohere => cohere::error,
        }
    }
}

/// Answers `GET /received` and `GET /received/{id}`.
fn received(uri: &Uri, ledger: &Ledger) -> Response<Reply> {
    let Some(id) = uri.path().strip_prefix("/received/") else {
        let id = uri.query().and_then(|query| query.strip_prefix("id="));
        return wire::json(StatusCode::OK, &ledger.summary(id));
    };
    match ledger.body(id) {
        Some(body) => wire::bytes(StatusCode::OK, "application/octet-stream", body),
        None => wire::bytes(StatusCode::NOT_FOUND, "text/plain", Bytes::from_static(b"no such request\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// Sends a request by hand and reads until the server closes; says whether the answer ended by HTTP's rules.
    async fn exchange(standin: &Standin, path: &str, headers: &str, body: &str) -> (String, bool) {
        let mut stream = TcpStream::connect(standin.addr()).await.expect("the stand-in listens");
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: stand-in\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.expect("the stand-in reads");
        let mut answer = Vec::new();
        // A reset connection is an error here, after what had come before it.
        let _ = stream.read_to_end(&mut answer).await;
        let ended = answer.ends_with(b"\r\n0\r\n\r\n");
        (String::from_utf8_lossy(&answer).into_owned(), ended)
    }

    async fn start() -> Standin {
        Standin::start(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port on loopback")
    }

    #[tokio::test]
    async fn keeps_the_exact_bytes_it_received() {
        let standin = start().await;
        let body = r#"{ "model":"echo", "messages":[{"role":"user","content":"caf\u00e9"}], "n":1.0 }"#;
        let (answer, _) = exchange(&standin, "/v1/chat/completions", "x-portcullis-id: a1\r\n", body).await;
        assert!(answer.contains("\"content\":\"café\""), "{answer}");
        assert_eq!(standin.received("a1").as_deref(), Some(body.as_bytes()));
        assert_eq!(standin.received("1").as_deref(), Some(body.as_bytes()));
        assert_eq!(standin.requests(), 1);
    }

    #[tokio::test]
    async fn ends_streams_properly_unless_asked_to_break_them() {
        let standin = start().await;
        let body = |model: &str| {
            format!(
                r#"{{"model":"{model}","max_tokens":9,"stream":true,"messages":[{{"role":"user","content":"hi"}}]}}"#
            )
        };
        let (chat, ended) = exchange(&standin, "/v1/chat/completions", "", &body("echo/chunk=1")).await;
        assert!(ended && chat.contains("data: [DONE]\n\n"), "{chat}");
        let version = "anthropic-version: 2023-06-01\r\n";
        let (message, ended) = exchange(&standin, "/v1/messages", version, &body("echo")).await;
        assert!(ended && message.contains("event: message_stop\n"), "{message}");
        let (broken, ended) = exchange(&standin, "/v1/messages", version, &body("echo/reset=4")).await;
        assert!(!ended && broken.contains("event: content_block_delta"), "{broken}");
        assert!(!broken.contains("message_stop"), "{broken}");
    }

    #[tokio::test]
    async fn cuts_the_wire_anywhere_without_changing_the_bytes() {
        let standin = start().await;
        let body = |model: &str| {
            format!(r#"{{"model":"echo{model}","stream":true,"messages":[{{"role":"user","content":"zażółć"}}]}}"#)
        };
        let (answer, ended) = exchange(&standin, "/v1/chat/completions", "", &body("/cut=3")).await;
        let (_, chunks) = answer.split_once("\r\n\r\n").expect("a head");
        // One HTTP chunk for each piece: its length on a line, its bytes, a line end. Cuts fall inside characters.
        assert!(ended && chunks.starts_with("3\r\ndat\r\n3\r\na: \r\n"), "{chunks}");
        assert!(chunks.contains(char::REPLACEMENT_CHARACTER), "{chunks}");
    }

    #[tokio::test]
    async fn speaks_every_api_by_its_path() {
        let standin = start().await;
        let user = r#""messages":[{"role":"user","content":"Oslo"}]"#;
        let text = r#"[{"text":"Oslo"}]"#;
        let cases = [
            ("/v1/responses", r#"{"model":"echo","input":"Oslo"}"#.to_owned(), r#""text":"Oslo""#),
            (
                "/openai/deployments/echo/chat/completions?api-version=1",
                format!(r#"{{"model":"echo",{user}}}"#),
                "Oslo",
            ),
            ("/v1beta/models/echo:generateContent", format!(r#"{{"contents":[{{"parts":{text}}}]}}"#), "\"Oslo\"}"),
            (
                "/v1beta/models/echo:streamGenerateContent",
                format!(r#"{{"contents":[{{"parts":{text}}}]}}"#),
                "[{\"cand",
            ),
            ("/model/echo/converse", format!(r#"{{"messages":[{{"role":"user","content":{text}}}]}}"#), "end_turn"),
            (
                "/model/echo/converse-stream",
                format!(r#"{{"messages":[{{"role":"user","content":{text}}}]}}"#),
                "messageStop",
            ),
            ("/api/chat", format!(r#"{{"model":"echo",{user}}}"#), r#""done":true"#),
            ("/v2/chat", format!(r#"{{"model":"echo",{user}}}"#), "COMPLETE"),
        ];
        for (path, body, expected) in cases {
            let (answer, _) = exchange(&standin, path, "", &body).await;
            assert!(
                answer.contains("200 OK") && answer.contains("Oslo") && answer.contains(expected),
                "{path}: {answer}"
            );
        }
        let (error, _) = exchange(&standin, "/model/echo~status%3D429/converse", "", &format!("{{{user}}}")).await;
        assert!(error.contains("x-amzn-errortype: ThrottlingException"), "{error}");
    }

    #[tokio::test]
    async fn listens_on_loopback_only() {
        let problem = Standin::start(SocketAddr::from(([0, 0, 0, 0], 0))).await.expect_err("not loopback");
        assert!(problem.to_string().contains("loopback"), "{problem}");
    }
}

//! P1 and P3 for what a request says outside its body: its target and its headers.

use crate::gateway::{Gateway, call};
use crate::judging::{BLOCK_ALL, REDACT_ALL, exchange, judge};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use portcullis::decode::Channel;
use portcullis::detect::Scratch;
use portcullis::exchange::{BodyHead, Envelope, Exchange, Judge, Judged};
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

/// Generated; Luhn-valid.
const CARD: &str = "4539 5787 6362 1486";
const LABEL: &str = "[CREDIT_CARD]";

fn headers(list: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in list {
        let name: HeaderName = name.parse().expect("a name");
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).expect("a value"));
    }
    headers
}

/// Target, headers and body.
type Sent = (String, Vec<(String, String)>, Vec<u8>);

/// What is sent of a request: its target, headers and body; `Err` if the gateway answers itself.
fn pass(x: &mut Exchange, target: &str, list: &[(&str, &str)], body: &[u8]) -> Result<Sent, Vec<u8>> {
    let mut headers = headers(list);
    let head = BodyHead { content_type: Some("application/json"), content_encoding: None };
    let judged = x.request_in(&Envelope { target, headers: &headers }, &head, body, &mut Scratch::default());
    let body = match judged {
        Judged::Unchanged => body.to_vec(),
        Judged::Changed(changed) => changed,
        Judged::Reply(reply) => return Err(reply.body),
    };
    let rewritten = x.rewritten();
    for (index, value) in rewritten.headers {
        let (_, place) = headers.iter_mut().nth(index).expect("it is there");
        *place = HeaderValue::from_bytes(&value).expect("a value");
    }
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    Ok((rewritten.target.unwrap_or(target.to_owned()), headers, body))
}

fn open(judge: &Arc<Judge>, provider: &str) -> Exchange {
    exchange(judge, provider, "/v1/chat/completions")
}

/// What official SDKs send with every request, with values of the kinds they have.
const OF_SDKS: &[(&str, &str)] = &[
    ("accept", "application/json"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("authorization", "Bearer sk-proj-4539578763621486abcdefabcdefabcdef"),
    ("x-api-key", "sk-ant-api03-4539578763621486"),
    ("cookie", "__cf_bm=4539578763621486; session=maria@example.org"),
    ("user-agent", "OpenAI/Python 2.54.0"),
    ("x-stainless-runtime-version", "3.12.3"),
    ("x-stainless-read-timeout", "600"),
    ("openai-organization", "org-AbC123"),
    ("openai-project", "proj_9f86d081884c7d659a2feaa0"),
    ("anthropic-version", "2023-06-01"),
    ("anthropic-beta", "files-api-2025-04-14,code-execution-2025-05-22"),
    ("idempotency-key", "stainless-python-retry-0b6d5f2e-66a4-4d0a-9f2b-1f1d6a3c9e01"),
    ("x-request-id", "0b6d5f2e-66a4-4d0a-9f2b-1f1d6a3c9e01"),
    ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"),
    ("x-goog-api-client", "google-genai-sdk/3.4.0 gl-python/3.12.3"),
    ("x-goog-upload-protocol", "resumable"),
    ("x-goog-upload-header-content-length", "4539578763621486"),
    ("x-amz-date", "20260301T101112Z"),
    ("x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("amz-sdk-request", "attempt=1; max=2"),
    ("mcp-protocol-version", "2026-07-28"),
    ("mcp-method", "tools/call"),
    ("mcp-session-id", "1868a90c-6ffc-4f3a-9d2e-aaaabbbbcccc"),
    ("last-event-id", "1868a90c_7"),
    ("helicone-auth", "Bearer sk-helicone-abcdefg"),
];

#[test]
fn p1_what_sdks_send_with_every_request_is_no_text() {
    let judge = judge(BLOCK_ALL);
    let body = br#"{"model":"m","messages":[{"role":"user","content":"Hello"}]}"#;
    for target in [
        "/v1/chat/completions",
        "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
        "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse&key=AIzaSyD-4539578763621486abcdefghijklmno",
        "/upload/v1beta/files?upload_id=AHVrFxOabc-_123&upload_protocol=resumable",
        "/v1/files/file-AbC123xyz/content",
    ] {
        let mut x = open(&judge, "openai");
        let (to, _, sent) = pass(&mut x, target, OF_SDKS, body).expect("nothing is found");
        assert_eq!((to.as_str(), sent.as_slice()), (target, &body[..]));
        assert_eq!(x.report.found, []);
    }
    let mut x = open(&judge, "openai");
    pass(&mut x, "/v1/chat/completions", OF_SDKS, b"").expect("nothing is found");
    assert_eq!(x.report.receipt.inspected_bytes(), 0, "{:?}", x.report.receipt);
}

#[test]
fn a_value_in_a_header_goes_and_the_other_headers_stay() {
    let judge = judge(REDACT_ALL);
    for (name, before, after, channel) in [
        ("x-customer", "card 4539 5787 6362 1486.", "card [CREDIT_CARD].", Channel::Prompt),
        ("x-customer-id", "4539578763621486", "[CREDIT_CARD]", Channel::Prompt),
        ("x-goog-upload-file-name", "4539 5787 6362 1486.pdf", "[CREDIT_CARD].pdf", Channel::Upload),
        (
            "content-disposition",
            "attachment; filename=\"4539 5787 6362 1486.pdf\"",
            "attachment; filename=\"[CREDIT_CARD].pdf\"",
            Channel::Upload,
        ),
        (
            "referer",
            "https://app.example/?q=4539-5787-6362-1486",
            "https://app.example/?q=[CREDIT_CARD]",
            Channel::Prompt,
        ),
        ("x-note", "\u{e9}t\u{e9} 4539 5787 6362 1486", "\u{e9}t\u{e9} [CREDIT_CARD]", Channel::Prompt),
        ("mcp-param-card", "4539 5787 6362 1486", "[CREDIT_CARD]", Channel::ToolCall),
    ] {
        let mut x = open(&judge, "openai");
        let list = [("accept", "*/*"), (name, "first"), (name, before), ("x-last", "ok")];
        let (target, headers, body) = pass(&mut x, "/v1/files", &list, b"").expect("it is redacted");
        let values: Vec<&str> = headers.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!((target.as_str(), values, body.len()), ("/v1/files", vec!["*/*", "first", after, "ok"], 0));
        let found: Vec<_> = x.report.found.iter().map(|f| (f.channel, f.path.clone(), f.redacted)).collect();
        assert_eq!(found, [(channel, format!("header.{name}"), true)]);
    }
}

#[test]
fn a_value_in_the_query_goes_and_one_in_the_path_is_refused() {
    let judge = judge(REDACT_ALL);
    for (before, after, path) in [
        (
            "/search?query=card+4539+5787+6362+1486&n=5",
            "/search?query=card+%5BCREDIT%5FCARD%5D&n=5",
            "target.query.query",
        ),
        (
            "/search?n=5&q=4539%205787%206362%201486%20%C3%A9",
            "/search?n=5&q=%5BCREDIT%5FCARD%5D%20%C3%A9",
            "target.query.q",
        ),
        ("/search?a%20b=4539-5787-6362-1486", "/search?a%20b=%5BCREDIT%5FCARD%5D", "target.query[0]"),
        ("/search?card+4539+5787+6362+1486", "/search?card+%5BCREDIT%5FCARD%5D", "target.query."),
    ] {
        let mut x = open(&judge, "openai");
        let (target, ..) = pass(&mut x, before, &[], b"").expect("it is redacted");
        assert_eq!(target, after);
        assert_eq!(x.report.found.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), [path]);
        // what came of it is clean, and stays as it is
        let mut x = open(&judge, "openai");
        assert_eq!(pass(&mut x, after, &[], b"").expect("nothing is found").0, after);
    }
    for target in
        ["/customers/4539%205787%206362%201486/notes", "/customers/4539-5787-6362-1486", "/x?q=%ff4539-5787-6362-1486"]
    {
        let mut x = open(&judge, "openai");
        let told = pass(&mut x, target, &[], b"").expect_err("it cannot be redacted");
        assert!(!String::from_utf8_lossy(&told).contains("4539"));
    }
}

#[test]
fn a_header_that_repeats_an_argument_becomes_what_the_argument_becomes() {
    let judge = judge(REDACT_ALL);
    let marked = |text: &str| format!("=?base64?{}?=", BASE64_STANDARD.encode(text));
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "pay", "arguments": {
        "to": "Zo\u{eb}", "card": CARD, "note": format!("\u{e9}t\u{e9} {CARD}"), "deep": { "number": 4539578763621486u64 }, "amount": 12 } } });
    let list = [
        ("mcp-method", "tools/call"),
        ("mcp-name", "pay"),
        ("mcp-param-to", &*marked("Zo\u{eb}")),
        ("mcp-param-card", CARD),
        ("mcp-param-note", &*marked(&format!("\u{e9}t\u{e9} {CARD}"))),
        ("mcp-param-number", "4539578763621486"),
        ("mcp-param-amount", "12"),
    ];
    let mut x = open(&judge, "mcp");
    let (_, headers, sent) = pass(&mut x, "/mcp", &list, body.to_string().as_bytes()).expect("it is redacted");
    let values: Vec<&str> = headers.iter().map(|(_, value)| value.as_str()).collect();
    let note = marked(&format!("\u{e9}t\u{e9} {LABEL}"));
    assert_eq!(values, ["tools/call", "pay", list[2].1, LABEL, &*note, LABEL, "12"]);
    let sent: serde_json::Value = serde_json::from_slice(&sent).expect("it stays JSON");
    let arguments = &sent["params"]["arguments"];
    assert_eq!((&arguments["card"], &arguments["deep"]["number"]), (&json!(LABEL), &json!(LABEL)));
    assert_eq!(arguments["note"], format!("\u{e9}t\u{e9} {LABEL}"));
    // a copy counts once
    assert!(x.report.found.iter().all(|f| f.path.starts_with("params.")), "{:?}", x.report.found);

    // a header that repeats nothing is a text of its own
    let clean = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "pay", "arguments": { "a": "b" } } });
    let mut x = open(&judge, "mcp");
    let (_, headers, sent) =
        pass(&mut x, "/mcp", &[("mcp-param-note", &*marked(&format!("\u{e9} {CARD}")))], clean.to_string().as_bytes())
            .expect("it is redacted");
    assert_eq!((headers[0].1.as_str(), sent), (&*marked(&format!("\u{e9} {LABEL}")), clean.to_string().into_bytes()));
}

#[test]
fn p3_the_receipt_counts_what_is_outside_the_body() {
    let mut x = open(&judge(REDACT_ALL), "openai");
    pass(&mut x, "/search?q=hello", &[("x-note", "four")], b"").expect("nothing is found");
    assert_eq!(x.report.receipt.inspected, [(Channel::Prompt, ("q=hello".len() + "four".len()) as u64)]);
}

/// Serves `count` requests with an empty object, and gives them back as they came.
pub(crate) fn recording(count: usize) -> (std::net::SocketAddr, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
    let addr = listener.local_addr().expect("it is bound");
    let serve = move || {
        let mut requests = Vec::new();
        for _ in 0..count {
            let (mut socket, _) = listener.accept().expect("the gateway connects");
            let (mut request, mut piece) = (Vec::new(), [0; 4096]);
            loop {
                let text = String::from_utf8_lossy(&request);
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    let length =
                        head.lines().find_map(|l| l.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
                    if body.len() >= length {
                        break;
                    }
                }
                match socket.read(&mut piece).expect("the gateway sends") {
                    0 => break,
                    n => request.extend_from_slice(&piece[..n]),
                }
            }
            let answer =
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
            socket.write_all(answer.as_bytes()).expect("the gateway reads");
            requests.push(String::from_utf8_lossy(&request).into_owned());
        }
        requests
    };
    (addr, std::thread::spawn(serve))
}

#[test]
fn targets_and_headers_reach_the_upstream_rewritten() {
    let (addr, served) = recording(3);
    let upstreams = format!(
        "[[upstream]]\nname = \"tools\"\nprovider = \"mcp\"\nbase_url = \"http://{addr}/base\"\nprefix = \"/tools\"\n"
    );
    let policy = format!("[policy]\nid = \"p\"\ntitle = \"P\"\npacks = [\"base/*\"]\n{REDACT_ALL}");
    let gateway = Gateway::start(&upstreams, &policy);
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "pay", "arguments": { "card": CARD } } });
    let head = format!("content-type: application/json\r\nMcp-Name: pay\r\nMcp-Param-Card: {CARD}\r\n");
    let query = "/tools/mcp?query=card%204539%205787%206362%201486&n=1";
    for (method, target, head, body) in [
        ("POST", "/tools/mcp", &*head, body.to_string()),
        ("GET", query, "accept: text/event-stream\r\nx-note: 4539 5787 6362 1486\r\n", String::new()),
        ("DELETE", query, "", String::new()),
    ] {
        let answer = call(gateway.addr, method, target, head, body.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let requests = served.join().expect("three requests came");
    assert!(requests.iter().all(|request| !request.contains("5787")), "{requests:?}");
    assert!(requests[0].contains("mcp-param-card: [CREDIT_CARD]\r\n"), "{}", requests[0]);
    assert!(requests[0].contains(r#""card":"[CREDIT_CARD]""#), "{}", requests[0]);
    let rewritten = "/base/mcp?query=card%20%5BCREDIT%5FCARD%5D&n=1 HTTP/1.1\r\n";
    assert!(requests[1].starts_with(&format!("GET {rewritten}")), "{}", requests[1]);
    assert!(requests[1].contains("x-note: [CREDIT_CARD]\r\n"), "{}", requests[1]);
    assert!(requests[2].starts_with(&format!("DELETE {rewritten}")), "{}", requests[2]);
    // a path cannot be rewritten
    let refused = call(gateway.addr, "GET", "/tools/cards/4539-5787-6362-1486", "", b"");
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    let records = gateway.records(4);
    assert!(!format!("{records:?}{}", gateway.log()).contains("5787"), "{records:?}");
}

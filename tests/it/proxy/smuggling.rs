//! Requests two servers could read in two ways never reach an upstream.

use super::parties::{Client, Gateway, Script};
use std::sync::{Arc, Mutex};

#[test]
fn ambiguous_requests_are_refused_with_400_and_the_connection_is_closed() {
    let upstream = Script::echo();
    let gateway = Gateway::to(upstream.address);
    let body_after = "GET /through/smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
    for request in [
        "POST /through HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /through HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n",
        "POST /through HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ncontent-length: 4\r\n\r\nabcd",
        "POST /through HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nabcd",
        "POST /through HTTP/1.1\r\nhost: a\r\ncontent-length: 4, 4\r\n\r\nabcd",
        "POST /through HTTP/1.1\r\nhost: a\r\ncontent-length: +4\r\n\r\nabcd",
        "POST /through HTTP/1.1\r\nhost: a\r\ncontent-length: -4\r\n\r\nabcd",
        "POST /through HTTP/1.1\r\nhost: a\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST /through HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "POST /through HTTP/1.1\r\nhost: a\r\ntransfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
        "POST /through HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /through HTTP/1.1\nhost: a\n\n",
        "GET /through HTTP/1.1\r\nhost: a\nx: y\r\n\r\n",
        "GET /through HTTP/1.1\r\nhost: a\r\nx: y\r\n folded\r\n\r\n",
        "GET /through HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        "GET /through HTTP/1.1\r\n\r\n",
        "GET /through HTTP/1.1\r\nhost: a b\r\n\r\n",
        "GET http://b/through HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET /through HTTP/1.1\r\nhost: a\r\ncontent-length : 4\r\n\r\n",
        "GET /through HTTP/1.1\r\nhost: a\r\nx\rcontent-length: 4\r\n\r\n",
    ] {
        let mut client = gateway.client();
        client.send(format!("{request}{body_after}"));
        let answer = client.response();
        assert_eq!(answer.status(), 400, "{request:?}");
        assert_eq!(answer.text(), r#"{"error":"bad_framing"}"#, "{request:?}");
        assert_eq!(answer.header("connection"), Some("close"), "{request:?}");
        assert!(answer.header("x-portcullis-id").is_some());
        assert!(client.closed(), "{request:?}");
    }
    // a WebSocket without its key, and one with a body
    let asks = "GET /through HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n";
    let with_body = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\ncontent-length: 1\r\n\r\nx";
    for rest in ["\r\n", with_body] {
        let mut client = gateway.client();
        client.send(format!("{asks}{rest}"));
        let answer = client.response();
        assert_eq!((answer.status(), answer.text().as_str()), (400, r#"{"error":"bad_handshake"}"#), "{rest:?}");
    }
    assert_eq!(upstream.connections(), 0);
}

#[test]
fn pipelined_requests_before_a_bad_one_are_answered_in_order() {
    let upstream = Script::echo();
    let gateway = Gateway::to(upstream.address);
    let good = "POST /through/1 HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc\
                POST /through/2 HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n";
    let all = format!("{good}GET /through/3 HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n");
    // However the bytes are cut, the bad request is found.
    for size in [1, 7, 40, 1000] {
        let mut client = gateway.client();
        for piece in all.as_bytes().chunks(size) {
            client.send(piece);
        }
        let (first, second, third) = (client.response(), client.response(), client.response());
        assert!(first.text().contains("/through/1") && first.text().ends_with("abc"), "{first:?}");
        assert!(second.text().contains("/through/2") && second.text().ends_with("xyz"), "{second:?}");
        assert_eq!(third.status(), 400);
        assert!(client.closed());
    }
}

#[test]
fn a_malformed_chunked_body_never_reaches_the_upstream_whole() {
    let upstream = Script::echo();
    let gateway = Gateway::to(upstream.address);
    for body in ["3\nabc\r\n0\r\n\r\n", "zz\r\nabc\r\n0\r\n\r\n", "3\r\nabcX0\r\n\r\n", "3;x\nabc\r\n0\r\n\r\n"] {
        let mut client = gateway.client();
        client.send(format!("POST /through HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n{body}"));
        assert_eq!(client.response().status(), 400, "{body:?}");
        assert!(client.closed(), "{body:?}");
    }
    assert_eq!(upstream.connections(), 0);
}

#[test]
fn headers_of_one_connection_do_not_cross() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let names = seen.clone();
    let upstream = Script::play(move |mut connection: Client| {
        while let Some(request) = connection.request() {
            names.lock().unwrap().extend(request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()));
            connection.send(
                "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: x-hop, keep-alive\r\nx-hop: 1\r\nkeep-alive: timeout=5\r\n\
                 alt-svc: h3\r\nx-portcullis-decision: forged\r\nx-kept: yes\r\ndate: Mon, 01 Jan 2024 00:00:00 GMT\r\n\r\nok",
            );
        }
    });
    let gateway = Gateway::to(upstream.address);
    let mut client = gateway.client();
    client.send(
        "GET /through HTTP/1.1\r\nhost: gateway\r\nconnection: keep-alive, x-secret\r\nx-secret: 1\r\nkeep-alive: 1\r\n\
         te: gzip\r\nproxy-authorization: Basic x\r\nx-forwarded-for: 10.1.2.3\r\nforwarded: for=10.1.2.3\r\n\
         x-portcullis-justification: because\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\nauthorization: Bearer k\r\n\r\n",
    );
    let answer = client.response();
    let mut names: Vec<_> = answer.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-length", "date", "x-kept", "x-portcullis-generation", "x-portcullis-id"]);
    assert_eq!(answer.header("date"), Some("Mon, 01 Jan 2024 00:00:00 GMT"));
    let mut seen = seen.lock().unwrap().clone();
    seen.sort_unstable();
    assert_eq!(seen, ["authorization", "host", "x-judged"]);
}

#[test]
fn upgrades_are_refused_clearly() {
    let upstream = Script::echo();
    let gateway = Gateway::to(upstream.address);
    for request in [
        "GET /through HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n",
        "GET /through HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket, other\r\n\r\n",
        "GET /through HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\n\r\n",
        "POST /through HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\ncontent-length: 0\r\n\r\n",
        "GET /through HTTP/1.0\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
        "CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n",
    ] {
        let mut client = gateway.client();
        client.send(request);
        let answer = client.response();
        assert_eq!(
            (answer.status(), answer.text().as_str()),
            (501, r#"{"error":"upgrade_unsupported"}"#),
            "{request:?}"
        );
    }
    assert_eq!(upstream.connections(), 0);
}

//! Bodies of every size and framing cross unchanged, at the pace of the slower side.

use super::parties::{CHUNKED, Client, Gateway, MAX_BODY, Script, Setup, chunk, wait_for};
use portcullis::proxy::guard::Delivery;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[test]
fn connections_are_kept_alive_on_both_sides() {
    let upstream = Script::echo();
    let gateway = Gateway::to(upstream.address);
    let mut client = gateway.client();
    let mut ids = Vec::new();
    for n in 0..20 {
        for mode in ["through", "stream", "whole"] {
            let answer = client.post(&format!("/{mode}/{n}?q=%20a"), format!("body {n}"));
            assert_eq!(answer.status(), 200);
            assert!(answer.text().starts_with(&format!("POST /{mode}/{n}?q=%20a HTTP/1.1\n")), "{answer:?}");
            assert!(answer.text().contains(&format!("host: localhost:{}\n", upstream.address.port())), "{answer:?}");
            assert!(answer.text().ends_with(&format!("\n\nbody {n}")), "{answer:?}");
            assert_eq!(answer.text().contains("accept-encoding: identity"), mode != "through");
            ids.push(answer.header("x-portcullis-id").unwrap().to_owned());
        }
    }
    assert_eq!(upstream.connections(), 1);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 60);
    let outcome = gateway.outcome(59);
    assert_eq!((outcome.status, outcome.delivery, outcome.failure), (200, Delivery::Complete, None));
    assert_eq!(outcome.request_bytes, 7);
    let timings = outcome.timings;
    let order = [timings.body, timings.sent, timings.first_byte, timings.upstream_end, Some(timings.total)];
    assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{timings:?}");
}

#[test]
fn big_bodies_cross_unchanged() {
    let upstream = Script::echo();
    let gateway = Gateway::to(upstream.address);
    let big: Vec<u8> = (0..8_000_000u32).map(|n| (n ^ (n >> 9)) as u8).collect();
    for mode in ["through", "stream", "whole", "unseen"] {
        let mut client = gateway.client();
        // Written and read at the same time: an unseen body may come back before it is sent in full.
        let mut writer = client.reader.get_ref().try_clone().unwrap();
        let sent = big.clone();
        let head = format!("POST /{mode} HTTP/1.1\r\nhost: gateway\r\ncontent-length: {}\r\n\r\n", big.len());
        let writing = std::thread::spawn(move || {
            writer.write_all(head.as_bytes()).unwrap();
            writer.write_all(&sent).unwrap();
        });
        let answer = client.response();
        writing.join().unwrap();
        assert!(answer.complete && answer.body.ends_with(&big), "{mode}: {} bytes", answer.body.len());
    }
    for nth in 0..4 {
        let outcome = gateway.outcome(nth);
        assert_eq!(outcome.request_bytes, big.len() as u64);
        assert!(outcome.response_bytes > big.len() as u64);
    }
}

#[test]
fn chunked_requests_and_trailers_cross() {
    let upstream = Script::play(|mut connection: Client| {
        while let Some(request) = connection.request() {
            assert_eq!(request.trailers, [("x-sum".to_owned(), "42".to_owned())]);
            assert_eq!(request.text(), "hello world");
            connection.send(format!("{}trailer: x-total\r\n\r\n", &CHUNKED[..CHUNKED.len() - 2]));
            connection.send(format!("{}{}0\r\nx-total: 7\r\n\r\n", chunk("one"), chunk("two")));
        }
    });
    let gateway = Gateway::to(upstream.address);
    for mode in ["through", "stream", "whole"] {
        let mut client = gateway.client();
        client.send(format!(
            "POST /{mode} HTTP/1.1\r\nhost: a\r\nte: trailers\r\ntrailer: x-sum\r\ntransfer-encoding: chunked\r\n\r\n\
             5\r\nhello\r\n6; ext=1\r\n world\r\n0\r\nx-sum: 42\r\n\r\n"
        ));
        let answer = client.response();
        assert_eq!(answer.text(), "onetwo", "{mode}");
        if mode != "whole" {
            assert_eq!(answer.trailers, [("x-total".to_owned(), "7".to_owned())], "{mode}");
        }
    }
}

#[test]
fn expect_continue_is_answered() {
    let upstream = Script::echo();
    let gateway = Gateway::to(upstream.address);
    let mut client = gateway.client();
    client.send("POST /through HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n");
    assert_eq!(client.head().unwrap().first_line, "HTTP/1.1 100 Continue");
    client.send("hello");
    let answer = client.response();
    assert!(answer.text().ends_with("\n\nhello") && !answer.text().contains("expect"), "{answer:?}");
}

#[test]
fn answers_without_a_body_keep_their_headers() {
    let upstream = Script::play(|mut connection: Client| {
        while let Some(request) = connection.request() {
            connection.send(match request.first_line.split(' ').next() {
                Some("HEAD") => "HTTP/1.1 200 OK\r\ncontent-length: 1234\r\n\r\n",
                Some("DELETE") => "HTTP/1.1 204 No Content\r\n\r\n",
                _ => "HTTP/1.1 304 Not Modified\r\netag: \"x\"\r\n\r\n",
            });
        }
    });
    let gateway = Gateway::to(upstream.address);
    for mode in ["through", "stream", "whole"] {
        let mut client = gateway.client();
        for (method, status, header, value) in [
            ("HEAD", 200, "content-length", Some("1234")),
            ("DELETE", 204, "content-length", None),
            ("GET", 304, "etag", Some("\"x\"")),
        ] {
            client.send(format!("{method} /{mode} HTTP/1.1\r\nhost: a\r\n\r\n"));
            let answer = client.head().unwrap();
            assert_eq!(answer.status(), status, "{method} {mode}");
            assert_eq!(answer.header(header), value, "{method} {mode}");
        }
    }
    assert_eq!(upstream.connections(), 1);
    assert_eq!(gateway.outcome(8).delivery, Delivery::Complete);
}

#[test]
fn a_body_over_the_limit_is_refused_before_or_while_it_comes() {
    let upstream = Script::echo();
    let gateway = Gateway::to(upstream.address);
    let mut client = gateway.client();
    client.send(format!("POST /through HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\nabc", MAX_BODY + 1));
    assert_eq!(client.response().text(), r#"{"error":"body_too_large"}"#);

    let mut client = gateway.client();
    let mut writer = client.reader.get_ref().try_clone().unwrap();
    let writing = std::thread::spawn(move || {
        writer.write_all(b"POST /through HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
        let piece = format!("100000\r\n{}\r\n", "x".repeat(1 << 20));
        // The gateway stops reading at some point; that ends the writing.
        for _ in 0..20 {
            if writer.write_all(piece.as_bytes()).is_err() {
                break;
            }
        }
    });
    assert_eq!(client.response().status(), 413);
    writing.join().unwrap();
    assert_eq!(upstream.connections(), 0);
}

#[test]
fn an_answer_over_its_limit_is_passed_or_refused_as_the_guard_says() {
    let upstream = Script::echo();
    let gateway = Gateway::to(upstream.address);
    let big = "x".repeat(5_000);
    let mut client = gateway.client();
    assert!(client.post("/whole-small", &big).text().ends_with(&big));
    assert_eq!(client.post("/whole-small-refused", &big).text(), r#"{"error":"response_too_large"}"#);

    // The same without a length in the head.
    let upstream = Script::play(|mut connection: Client| {
        while connection.request().is_some() {
            connection.send(CHUNKED);
            for _ in 0..5 {
                connection.send(chunk(&"y".repeat(500)));
            }
            connection.send("0\r\n\r\n");
        }
    });
    let gateway = Gateway::to(upstream.address);
    let mut client = gateway.client();
    let answer = client.get("/whole-small");
    assert!(answer.complete);
    assert_eq!(answer.text(), "y".repeat(2_500));
    assert_eq!(client.get("/whole-small-refused").status(), 502);
}

#[test]
fn pieces_of_a_stream_go_out_as_they_come() {
    let upstream = Script::play(|mut connection: Client| {
        while connection.request().is_some() {
            connection.send(CHUNKED);
            for n in 0..50 {
                connection.send(chunk(&format!("data: {n}\n\n")));
                std::thread::sleep(Duration::from_millis(3));
            }
            connection.send("0\r\n\r\n");
        }
    });
    let gateway = Gateway::to(upstream.address);
    for mode in ["through", "stream"] {
        let mut client = gateway.client();
        client.send(format!("POST /{mode} HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhi"));
        let head = client.head().unwrap();
        assert_eq!(head.status(), 200);
        let mut pieces = Vec::new();
        while let Some(piece) = client.chunk().filter(|piece| !piece.is_empty()) {
            pieces.push(String::from_utf8(piece).unwrap());
        }
        assert_eq!(pieces.concat(), (0..50).map(|n| format!("data: {n}\n\n")).collect::<String>());
        // A busy machine may join a few; a proxy that batches joins most.
        assert!(pieces.len() > 25, "{mode}: {} pieces", pieces.len());
    }
}

#[test]
fn a_client_that_reads_slowly_slows_the_upstream_down() {
    let written = Arc::new(AtomicUsize::new(0));
    let counted = written.clone();
    let upstream = Script::play(move |mut connection: Client| {
        if connection.request().is_none() {
            return;
        }
        connection.send(CHUNKED);
        let piece = chunk(&"z".repeat(64 * 1024));
        while counted.load(Ordering::SeqCst) < 256 << 20
            && connection.reader.get_mut().write_all(piece.as_bytes()).is_ok()
        {
            counted.fetch_add(piece.len(), Ordering::SeqCst);
        }
    });
    for mode in ["through", "stream"] {
        written.store(0, Ordering::SeqCst);
        let gateway = Setup::new().start(upstream.address);
        let mut client = gateway.client();
        client.send(format!("GET /{mode} HTTP/1.1\r\nhost: a\r\n\r\n"));
        assert_eq!(client.head().unwrap().status(), 200);
        // Nothing is read: soon nothing more is written either.
        let stalled = wait_for("the upstream to stall", || {
            let before = written.load(Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(150));
            (before > 0 && written.load(Ordering::SeqCst) == before).then_some(before)
        });
        // Socket buffers on loopback hold some megabytes; the gateway itself well under one.
        assert!(stalled < 64 << 20, "{mode}: {stalled} bytes were taken from the upstream");
    }
}

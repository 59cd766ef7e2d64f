//! Every phase has its deadline, and every missed deadline its outcome.

use super::parties::{CHUNKED, Client, Gateway, PATIENCE, Script, Seen, Setup, chunk};
use portcullis::proxy::failure::Failure;
use portcullis::proxy::guard::{Delivery, UpstreamEnd};
use std::net::TcpListener;
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(100);

fn faults(gateway: &Gateway, phase: &str, fault: &str) -> bool {
    let line = format!("portcullis_faults_total{{phase=\"{phase}\",fault=\"{fault}\",outcome=\"closed\"}} 1\n");
    gateway.telemetry.render().contains(&line)
}

#[test]
fn a_head_that_dribbles_is_cut_off() {
    let upstream = Script::echo();
    let mut setup = Setup::new();
    setup.settings.limits.head = SHORT;
    let gateway = setup.start(upstream.address);
    for start in ["GET /thr", "GET /through HTTP/1.1\r\nhost: a\r\nx"] {
        let mut client = gateway.client();
        // A first exchange: deadlines start anew with each head.
        client.get("/through");
        client.send(start);
        let began = Instant::now();
        let answer = client.response();
        assert_eq!((answer.status(), answer.text().as_str()), (408, r#"{"error":"head_timeout"}"#));
        assert!(began.elapsed() >= SHORT / 2);
        assert!(client.closed());
    }
    // One that says nothing at all is closed without a word.
    let mut client = gateway.client();
    assert!(client.head().is_none());
}

#[test]
fn idle_connections_are_closed_but_busy_ones_are_not() {
    let upstream = Script::play(|mut connection: Client| {
        while connection.request().is_some() {
            std::thread::sleep(SHORT * 3);
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        }
    });
    let mut setup = Setup::new();
    setup.settings.limits.keep_alive = SHORT;
    let gateway = setup.start(upstream.address);
    let mut client = gateway.client();
    assert_eq!(client.get("/through").text(), "ok");
    let began = Instant::now();
    assert!(client.head().is_none());
    assert!(began.elapsed() < PATIENCE / 2);
}

#[test]
fn a_request_body_must_keep_coming() {
    let upstream = Script::echo();
    let mut setup = Setup::new();
    setup.settings.limits.body_idle = SHORT;
    setup.settings.limits.body_total = SHORT * 10;
    let gateway = setup.start(upstream.address);
    let mut client = gateway.client();
    client.send("POST /through HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc");
    assert_eq!(client.response().status(), 408);
    assert_eq!(gateway.outcome(0).failure, Some(Failure::BodyTimeout));

    // Slow but steady is fine, up to the total.
    let mut client = gateway.client();
    client.send("POST /through HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n");
    for byte in ["h", "e", "l", "l", "o"] {
        std::thread::sleep(SHORT / 4);
        client.send(byte);
    }
    assert!(client.response().text().ends_with("hello"));

    let mut client = gateway.client();
    client.send("POST /through HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n");
    let began = Instant::now();
    client.reader.get_ref().set_read_timeout(Some(SHORT / 4)).unwrap();
    // Sends on until there is an answer.
    let answer = loop {
        client.send("x");
        if let Some(answer) = client.head() {
            break answer;
        }
        assert!(began.elapsed() < PATIENCE);
    };
    assert_eq!(answer.status(), 408);
    assert!(began.elapsed() >= SHORT * 8, "{:?}", began.elapsed());
}

#[test]
fn upstream_deadlines_become_errors() {
    // Nobody listens on a port that was just given back.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gateway = Gateway::to(free);
    let answer = gateway.client().get("/through");
    assert_eq!((answer.status(), answer.text().as_str()), (502, r#"{"error":"connect_failed"}"#));
    assert_eq!(answer.header("x-should-retry"), Some("false"));
    assert!(faults(&gateway, "forward", "connect_failed"));

    // TLS towards a server that never answers the handshake.
    let silent = Script::play(|mut connection: Client| assert!(connection.closed()));
    let mut setup = Setup::new();
    setup.scheme = "https";
    setup.deadlines.connect = SHORT;
    let gateway = setup.start(silent.address);
    assert_eq!(gateway.client().get("/through").text(), r#"{"error":"connect_timeout"}"#);

    let mute = Script::play(|mut connection: Client| while connection.request().is_some() {});
    let mut setup = Setup::new();
    setup.deadlines.first_byte = SHORT;
    let gateway = setup.start(mute.address);
    let answer = gateway.client().get("/through");
    assert_eq!((answer.status(), answer.text().as_str()), (504, r#"{"error":"first_byte_timeout"}"#));
    let outcome = gateway.outcome(0);
    assert_eq!((outcome.status, outcome.failure), (504, Some(Failure::FirstByteTimeout)));
    assert!(faults(&gateway, "forward", "first_byte_timeout"));

    let mut setup = Setup::new();
    setup.deadlines.total = SHORT;
    let gateway = setup.start(mute.address);
    assert_eq!(gateway.client().get("/through").text(), r#"{"error":"total_timeout"}"#);
}

#[test]
fn a_stream_that_falls_silent_ends_with_the_providers_error() {
    let upstream = Script::play(|mut connection: Client| {
        while connection.request().is_some() {
            connection.send(CHUNKED);
            connection.send(chunk("one"));
            // Silence, until the gateway gives up.
            connection.head();
        }
    });
    let mut setup = Setup::new();
    setup.deadlines.idle = SHORT;
    let gateway = setup.start(upstream.address);

    let answer = gateway.client().get("/stream");
    assert_eq!(answer.text(), "one[error Deadline]");
    assert!(answer.complete);
    let outcome = gateway.outcome(0);
    assert_eq!((outcome.delivery, outcome.failure), (Delivery::Complete, Some(Failure::IdleTimeout)));
    assert!(gateway.saw(&Seen::StreamEnd(UpstreamEnd::Deadline)));

    let answer = gateway.client().get("/through");
    assert_eq!((answer.text().as_str(), answer.complete), ("one", false));
    assert_eq!(gateway.outcome(1).delivery, Delivery::Broken);

    let answer = gateway.client().get("/whole");
    assert_eq!((answer.status(), answer.text().as_str()), (504, r#"{"error":"idle_timeout"}"#));
}

#[test]
fn a_client_that_stops_reading_is_let_go() {
    let upstream = Script::play(|mut connection: Client| {
        if connection.request().is_some() {
            connection.send(CHUNKED);
            let piece = chunk(&"z".repeat(64 * 1024));
            use std::io::Write;
            while connection.reader.get_mut().write_all(piece.as_bytes()).is_ok() {}
        }
    });
    let mut setup = Setup::new();
    setup.settings.limits.write_stall = SHORT;
    let gateway = setup.start(upstream.address);
    let mut client = gateway.client();
    client.send("GET /through HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_eq!(gateway.outcome(0).delivery, Delivery::ClientGone);
}

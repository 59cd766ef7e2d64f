//! Either side may leave at any time; the other learns of it at once.

use super::parties::{CHUNKED, Client, Gateway, Script, Seen, chunk};
use portcullis::proxy::failure::Failure;
use portcullis::proxy::guard::{Delivery, UpstreamEnd};
use std::net::Shutdown;
use std::sync::mpsc;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(10);

#[test]
fn a_client_that_leaves_before_the_answer_cancels_the_upstream() {
    let (tell, told) = mpsc::channel();
    let tell = std::sync::Mutex::new(tell);
    let upstream = Script::play(move |mut connection: Client| {
        assert!(connection.request().is_some());
        tell.lock().unwrap().send("asked").unwrap();
        // The next thing that happens is the gateway's close.
        assert!(connection.closed());
        tell.lock().unwrap().send("closed").unwrap();
    });
    let gateway = Gateway::to(upstream.address);
    for nth in 0..3 {
        let mut client = gateway.client();
        client.send("POST /stream HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhi");
        assert_eq!(told.recv_timeout(SOON), Ok("asked"));
        drop(client);
        assert_eq!(told.recv_timeout(SOON), Ok("closed"));
        let outcome = gateway.outcome(nth);
        assert_eq!((outcome.status, outcome.delivery), (499, Delivery::ClientGone));
    }
}

#[test]
fn a_client_that_leaves_during_a_silent_stream_cancels_the_upstream() {
    let (tell, told) = mpsc::channel();
    let tell = std::sync::Mutex::new(tell);
    let upstream = Script::play(move |mut connection: Client| {
        assert!(connection.request().is_some());
        connection.send(CHUNKED);
        connection.send(chunk("one"));
        assert!(connection.closed());
        tell.lock().unwrap().send(()).unwrap();
    });
    let gateway = Gateway::to(upstream.address);
    for (nth, mode) in ["stream", "through"].into_iter().enumerate() {
        let mut client = gateway.client();
        client.send(format!("GET /{mode} HTTP/1.1\r\nhost: a\r\n\r\n"));
        assert_eq!(client.head().unwrap().status(), 200);
        assert_eq!(client.chunk().unwrap(), b"one");
        client.reader.get_ref().shutdown(Shutdown::Both).unwrap();
        assert_eq!(told.recv_timeout(SOON), Ok(()), "{mode}");
        let outcome = gateway.outcome(nth);
        assert_eq!((outcome.status, outcome.delivery, outcome.response_bytes), (200, Delivery::ClientGone, 3));
    }
    assert!(gateway.saw(&Seen::StreamEnd(UpstreamEnd::ClientGone)));
}

#[test]
fn an_upstream_that_breaks_off_becomes_the_providers_error() {
    let upstream = Script::play(|mut connection: Client| {
        if connection.request().is_some() {
            connection.send(CHUNKED);
            connection.send(chunk("one"));
            // Closed without the last chunk.
        }
    });
    let gateway = Gateway::to(upstream.address);
    let answer = gateway.client().get("/stream");
    assert_eq!((answer.text().as_str(), answer.complete), ("one[error Reset]", true));
    assert_eq!(gateway.outcome(0).failure, Some(Failure::StreamBroken));

    let answer = gateway.client().get("/through");
    assert_eq!((answer.text().as_str(), answer.complete), ("one", false));
    assert_eq!(gateway.outcome(1).delivery, Delivery::Broken);

    let answer = gateway.client().get("/whole");
    assert_eq!((answer.status(), answer.text().as_str()), (502, r#"{"error":"upstream_reset"}"#));
}

#[test]
fn a_short_body_of_known_length_is_an_error_too() {
    let upstream = Script::play(|mut connection: Client| {
        if connection.request().is_some() {
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort");
        }
    });
    let gateway = Gateway::to(upstream.address);
    assert!(!gateway.client().get("/through").complete);
    assert_eq!(gateway.client().get("/stream").text(), "short[error Reset]");
    assert_eq!(gateway.client().get("/whole").status(), 502);
}

#[test]
fn a_decision_in_mid_stream_ends_the_answer_and_the_upstream() {
    let (tell, told) = mpsc::channel();
    let tell = std::sync::Mutex::new(tell);
    let upstream = Script::play(move |mut connection: Client| {
        assert!(connection.request().is_some());
        connection.send(CHUNKED);
        connection.send(chunk("fine "));
        connection.send(chunk("more STOP secret"));
        assert!(connection.closed());
        tell.lock().unwrap().send(()).unwrap();
    });
    let gateway = Gateway::to(upstream.address);
    let mut client = gateway.client();
    let answer = client.get("/stream");
    assert_eq!((answer.text().as_str(), answer.complete), ("fine more [ended]", true));
    assert_eq!(told.recv_timeout(SOON), Ok(()));
    assert_eq!(gateway.outcome(0).delivery, Delivery::Complete);
    // The client's connection lives on.
    assert_eq!(client.get("/nowhere").status(), 404);
}

#[test]
fn a_stale_connection_is_replaced_once_and_only_then() {
    // Every connection serves one request, keeps quiet about closing, and closes when the next arrives.
    let upstream = Script::play(|mut connection: Client| {
        if connection.request().is_some() {
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
            let _unanswered = connection.request();
        }
    });
    let gateway = Gateway::to(upstream.address);
    let mut client = gateway.client();
    for _ in 0..5 {
        assert_eq!(client.post("/through", "again").text(), "ok");
    }
    assert_eq!(upstream.connections(), 5);
    let retried = r#"portcullis_faults_total{phase="forward",fault="upstream_broken",outcome="retried"} 4"#;
    assert!(gateway.telemetry.render().contains(retried));

    // A new connection that closes without an answer is the upstream's failure, and is not retried.
    let upstream = Script::play(|mut connection: Client| drop(connection.request()));
    let gateway = Gateway::to(upstream.address);
    let answer = gateway.client().post("/through", "once");
    assert_eq!((answer.status(), answer.text().as_str()), (502, r#"{"error":"upstream_broken"}"#));
    assert_eq!(upstream.connections(), 1);

    // One that has worked on the request for long is not asked again, however old the connection.
    let upstream = Script::play(|mut connection: Client| {
        if connection.request().is_some() {
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
            if connection.request().is_some() {
                std::thread::sleep(Duration::from_millis(1200));
            }
        }
    });
    let gateway = Gateway::to(upstream.address);
    let mut client = gateway.client();
    assert_eq!(client.post("/through", "one").text(), "ok");
    assert_eq!(client.post("/through", "two").status(), 502);
    assert_eq!(upstream.connections(), 1);
}

#[test]
fn a_panic_of_the_judge_closes_only_its_own_exchange() {
    let upstream = Script::echo();
    let gateway = Gateway::to(upstream.address);
    let mut client = gateway.client();
    for mode in ["panic-begin", "panic-request"] {
        let answer = client.post(&format!("/{mode}"), "x");
        assert_eq!((answer.status(), answer.text().as_str()), (503, r#"{"error":"panic"}"#), "{mode}");
    }
    assert_eq!(upstream.connections(), 0);
    // Also on the blocking thread large bodies are judged on.
    assert_eq!(client.post("/panic-request", "x".repeat(1 << 20)).status(), 503);
    assert!(client.post("/through", "still here").text().ends_with("still here"));
    // In a stream nothing can be said any more: the transfer breaks.
    let mut streaming = gateway.client();
    streaming.send("GET /panic-stream HTTP/1.1\r\nhost: a\r\n\r\n");
    assert!(streaming.closed());
    assert_eq!(client.get("/through").status(), 200);
}

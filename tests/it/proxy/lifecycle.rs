//! Reload, drain, and the admin listener.

use super::parties::{CHUNKED, Client, PATIENCE, Script, Setup, chunk, wait_for};
use portcullis::proxy::generations::Cause;
use portcullis::proxy::server::{Server, Settings, token_digest};
use std::net::TcpStream;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

#[test]
fn generations_swap_under_load_without_a_failed_exchange() {
    let upstream = Script::echo();
    let mut setup = Setup::new();
    setup.settings.workers = NonZeroUsize::new(2);
    let gateway = setup.start(upstream.address);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let mut client = gateway.client();
                    let (mut last, mut count) = (0, 0);
                    while !stop.load(Ordering::Relaxed) {
                        let answer = client.post("/stream", "load");
                        assert_eq!(answer.status(), 200);
                        let generation: u64 = answer.header("x-portcullis-generation").unwrap().parse().unwrap();
                        assert!(generation >= last, "a connection went back from {last} to {generation}");
                        last = generation;
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        for expected in 2..=100 {
            assert_eq!(gateway.generations.reload(Cause::Admin), Ok(expected));
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        stop.store(true, Ordering::Relaxed);
        let served: usize = clients.into_iter().map(|client| client.join().unwrap()).sum();
        assert!(served > 50, "{served} exchanges");
    });
    // Connections outlive generations: there are no more of them than clients.
    assert!(upstream.connections() <= 8, "{}", upstream.connections());
}

#[test]
fn drain_lets_exchanges_end_and_refuses_new_ones() {
    let (go, gate) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (reached, released) = (go.clone(), gate.clone());
    let upstream = Script::play(move |mut connection: Client| {
        while connection.request().is_some() {
            connection.send(CHUNKED);
            connection.send(chunk("one "));
            reached.wait();
            released.wait();
            connection.send(format!("{}0\r\n\r\n", chunk("two")));
        }
    });
    let mut setup = Setup::new();
    setup.settings.admin = Some(([127, 0, 0, 1], 0).into());
    let mut gateway = setup.start(upstream.address);
    let running = gateway.running.take().unwrap();
    let address = running.address();
    let mut admin = Client::to(running.admin_address().unwrap());
    assert_eq!(admin.get("/readyz").status(), 200);

    let mut idle = Client::to(address);
    assert_eq!(idle.get("/nowhere").status(), 404);
    let mut busy = Client::to(address);
    busy.send("GET /stream HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_eq!(busy.head().unwrap().status(), 200);
    assert_eq!(busy.chunk().unwrap(), b"one ");
    go.wait();
    running.drain();

    assert!(idle.closed());
    wait_for("the listener to close", || TcpStream::connect(address).is_err().then_some(()));
    let answer = admin.get("/readyz");
    assert_eq!((answer.status(), answer.text().as_str()), (503, "draining\n"));
    assert_eq!(admin.get("/healthz").status(), 200);

    gate.wait();
    assert_eq!(busy.chunk().unwrap(), b"two");
    assert_eq!(busy.chunk().unwrap(), b"");
    assert!(busy.closed());
    running.wait().unwrap();
}

#[test]
fn a_drain_has_an_end() {
    let upstream = Script::play(|mut connection: Client| while connection.request().is_some() {});
    let mut setup = Setup::new();
    setup.settings.limits.drain = std::time::Duration::from_millis(100);
    let mut gateway = setup.start(upstream.address);
    let running = gateway.running.take().unwrap();
    let mut client = Client::to(running.address());
    client.send("GET /through HTTP/1.1\r\nhost: a\r\n\r\n");
    wait_for("the request to arrive", || (upstream.connections() == 1).then_some(()));
    running.drain();
    let began = std::time::Instant::now();
    running.wait().unwrap();
    assert!(began.elapsed() < PATIENCE / 2);
    assert!(client.closed());
    assert_eq!(gateway.outcome(0).status, 499);
}

#[test]
fn the_admin_listener_asks_for_its_token() {
    let upstream = Script::echo();
    let mut setup = Setup::new();
    setup.settings.admin = Some(([127, 0, 0, 1], 0).into());
    setup.settings.admin_token = Some(token_digest("opensesame"));
    let gateway = setup.start(upstream.address);
    gateway.client().get("/through");
    let mut admin = Client::to(gateway.running.as_ref().unwrap().admin_address().unwrap());
    let mut ask = |line: &str, token: &str| {
        admin.send(format!("{line} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\ncontent-length: 0\r\n\r\n"));
        admin.response()
    };
    assert_eq!(ask("GET /healthz", "no").status(), 200);
    for line in ["GET /metrics", "POST /-/reload", "GET /api/v1/risk/maria", "GET /unknown"] {
        for token in ["", "opensesam", "opensesame2"] {
            assert_eq!(ask(line, token).status(), 401, "{line} {token}");
        }
    }
    let metrics = ask("GET /metrics", "opensesame");
    assert_eq!(metrics.header("content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    assert!(metrics.text().contains("portcullis_policy_generation 1\n") && metrics.text().ends_with("# EOF\n"));
    assert_eq!(ask("POST /-/reload", "opensesame").text(), r#"{"generation":2}"#);
    assert_eq!(ask("POST /api/v1/reload", "opensesame").text(), r#"{"generation":3}"#);
    assert_eq!(ask("GET /api/v1/risk/maria%20m%C3%BCller", "opensesame").text(), r#"{"score":12}"#);
    assert_eq!(ask("GET /api/v1/risk/nobody", "opensesame").status(), 404);
    assert_eq!(ask("POST /api/v1/risk/maria", "opensesame").status(), 422);
    assert_eq!(ask("POST /api/v1/risk/maria", "no").status(), 401);
    let wrong = ask("GET /-/reload", "opensesame");
    assert_eq!((wrong.status(), wrong.header("allow")), (405, Some("POST")));
}

#[test]
fn an_open_admin_listener_is_refused_at_start() {
    let mut settings = Settings::new(([127, 0, 0, 1], 0).into());
    settings.admin = Some(([0, 0, 0, 0], 0).into());
    let message = Server::bind(settings).unwrap_err();
    assert!(message.contains("has no token"), "{message}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let _listener = std::net::TcpListener::bind(taken).unwrap();
    let message = Server::bind(Settings::new(taken)).unwrap_err();
    assert!(message.starts_with(&format!("cannot listen on `{taken}`")), "{message}");
}

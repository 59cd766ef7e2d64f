//! WebSockets on real sockets, with peers of another make than the gateway's handshakes.

use super::parties::{Gateway, PATIENCE, SOCKET_ANSWER, Seen, Setup, wait_for};
use super::versions::Authority;
use portcullis::proxy::failure::Failure;
use portcullis::proxy::guard::{Delivery, Messages, UpstreamEnd};
use portcullis::proxy::tls::server_config;
use portcullis::proxy::upstream::Trust;
use rustls::StreamOwned;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::server::{Request, Response};
use tungstenite::protocol::CloseFrame;
use tungstenite::{Error, Message, WebSocket};

type Socket = WebSocket<TcpStream>;

fn patient(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// An upstream that accepts WebSockets and plays `script` on each; gives the heads of the handshakes.
#[expect(clippy::result_large_err, reason = "the peer's own signature")]
fn upstream(script: impl Fn(Socket) + Send + Sync + Clone + 'static) -> (SocketAddr, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (send, heads) = channel();
    // the thread ends with the test process
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (send, script) = (send.clone(), script.clone());
            std::thread::spawn(move || {
                let answer = |request: &Request, mut response: Response| {
                    let headers = response.headers_mut();
                    if request.headers().contains_key("sec-websocket-protocol") {
                        headers.insert("sec-websocket-protocol", "realtime".parse().unwrap());
                    }
                    headers.insert("x-request-id", "req_1".parse().unwrap());
                    // a test that does not look at the head has let go of it
                    let _unseen = send.send(request.clone());
                    Ok(response)
                };
                if let Ok(socket) = tungstenite::accept_hdr(patient(stream), answer) {
                    script(socket);
                }
            });
        }
    });
    (address, heads)
}

/// Sends back every message until the client closes.
fn echo(mut socket: Socket) {
    while let Ok(message) = socket.read() {
        if (message.is_text() || message.is_binary()) && socket.send(message).is_err() {
            break;
        }
    }
}

fn connect(
    gateway: &Gateway,
    path: &str,
    headers: &[(&'static str, &str)],
) -> (Socket, http::Response<Option<Vec<u8>>>) {
    let stream = patient(TcpStream::connect(gateway.address()).unwrap());
    let mut request = format!("ws://gateway{path}").into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    tungstenite::client(request, stream).unwrap_or_else(|error| panic!("{error}"))
}

/// Reads until the socket closes: messages, and the close frame.
fn rest(socket: &mut Socket) -> (Vec<Message>, Option<CloseFrame>) {
    let (mut messages, mut frame) = (Vec::new(), None);
    loop {
        match socket.read() {
            Ok(Message::Close(close)) => frame = close,
            Ok(message) => messages.push(message),
            Err(Error::ConnectionClosed | Error::AlreadyClosed) => return (messages, frame),
            Err(error) => panic!("the socket was not closed properly: {error}, after {messages:?} {frame:?}"),
        }
    }
}

fn code(frame: &Option<CloseFrame>) -> Option<(u16, String)> {
    frame.as_ref().map(|frame| (frame.code.into(), frame.reason.to_string()))
}

#[test]
fn p1_messages_pass_both_ways_as_they_came() {
    let (address, heads) = upstream(echo);
    let gateway = Gateway::to(address);
    let (mut socket, head) = connect(
        &gateway,
        "/through/v1/realtime?model=m",
        &[
            ("sec-websocket-protocol", "realtime, other"),
            ("sec-websocket-extensions", "permessage-deflate"),
            ("x-kept", "1"),
        ],
    );
    assert_eq!(head.headers()["sec-websocket-protocol"], "realtime");
    assert_eq!(
        (&head.headers()["x-request-id"], head.headers().contains_key("x-portcullis-id")),
        (&"req_1".parse().unwrap(), true)
    );
    let asked = heads.recv_timeout(PATIENCE).unwrap();
    assert_eq!(asked.uri().path_and_query().unwrap().as_str(), "/through/v1/realtime?model=m");
    assert_eq!(
        (&asked.headers()["x-kept"], &asked.headers()["x-judged"]),
        (&"1".parse().unwrap(), &"0".parse().unwrap())
    );
    assert!(!asked.headers().contains_key("sec-websocket-extensions"), "no extension is agreed on");

    let big = "Grüße ".repeat(100_000);
    let sent = [
        Message::text("{\"a\": 1}"),
        Message::binary(vec![0u8, 255, 7]),
        Message::text(""),
        Message::text(big),
        Message::binary(vec![9u8; 300_000]),
    ];
    let mut bytes = 0;
    for message in &sent {
        bytes += message.len() as u64;
        socket.send(message.clone()).unwrap();
        assert_eq!(&socket.read().unwrap(), message);
    }
    // a ping is answered here
    socket.send(Message::Ping("are you there?".into())).unwrap();
    assert_eq!(socket.read().unwrap(), Message::Pong("are you there?".into()));
    let frame = CloseFrame { code: 1000.into(), reason: "bye".into() };
    socket.close(Some(frame)).unwrap();
    rest(&mut socket);
    let outcome = gateway.outcome(0);
    assert_eq!((outcome.status, outcome.delivery, outcome.failure), (101, Delivery::Complete, None));
    assert_eq!(outcome.messages, Some(Messages { from_client: 5, to_client: 5 }));
    assert_eq!((outcome.request_bytes, outcome.response_bytes), (bytes, bytes));
}

#[test]
fn a_refused_handshake_is_an_answer_like_any_other() {
    let upstream = super::parties::Script::play(|mut connection| {
        while connection.request().is_some() {
            connection.send("HTTP/1.1 401 Unauthorized\r\ncontent-length: 7\r\nx-why: key\r\n\r\nno key!");
        }
    });
    let gateway = Gateway::to(upstream.address);
    let stream = TcpStream::connect(gateway.address()).unwrap();
    match tungstenite::client("ws://gateway/whole/v1/realtime", patient(stream)) {
        Err(tungstenite::HandshakeError::Failure(Error::Http(answer))) => {
            assert_eq!((answer.status().as_u16(), &answer.headers()["x-why"]), (401, &"key".parse().unwrap()));
        }
        other => panic!("the handshake was to be refused: {:?}", other.map(|_| ())),
    }
    assert_eq!((gateway.outcome(0).status, gateway.outcome(0).messages), (401, None));
    // one that says yes without having read the key
    let upstream = super::parties::Script::play(|mut connection| {
        drop(connection.request());
        connection.send("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: x\r\n\r\n");
    });
    let gateway = Gateway::to(upstream.address);
    let stream = TcpStream::connect(gateway.address()).unwrap();
    assert!(tungstenite::client("ws://gateway/through", patient(stream)).is_err());
    assert_eq!((gateway.outcome(0).status, gateway.outcome(0).failure), (502, Some(Failure::UpstreamBroken)));
}

#[test]
fn the_judge_answers_and_closes_in_the_session() {
    let (address, _heads) = upstream(|mut socket| {
        let first = socket.read().unwrap();
        socket.send(first).unwrap();
        socket.send(Message::text("STOP")).unwrap();
        let (messages, frame) = rest(&mut socket);
        assert_eq!(messages, [Message::text("[stopped]")]);
        assert_eq!(code(&frame), Some((1001, String::new())));
    });
    let gateway = Gateway::to(address);
    let (mut socket, _) = connect(&gateway, "/through", &[]);
    socket.send(Message::binary("STOP".as_bytes().to_vec())).unwrap();
    assert_eq!(socket.read().unwrap(), Message::binary("[stopped]".as_bytes().to_vec()));
    socket.send(Message::text("go")).unwrap();
    let (messages, frame) = rest(&mut socket);
    assert_eq!((messages, code(&frame)), (vec![Message::text("go")], Some((1008, "stopped".into()))));
    assert_eq!(gateway.outcome(0).delivery, Delivery::Complete);
}

#[test]
fn closes_are_told_with_what_may_be_said() {
    let (address, _heads) = upstream(|mut socket| {
        let frame = CloseFrame { code: 3000.into(), reason: "the secret key is wrong".into() };
        socket.close(Some(frame)).unwrap();
        rest(&mut socket);
    });
    let gateway = Gateway::to(address);
    let (mut socket, _) = connect(&gateway, "/through", &[]);
    let (messages, frame) = rest(&mut socket);
    assert_eq!((messages.len(), code(&frame)), (0, Some((3000, "the *** key is wrong".into()))));
    wait_for("the end of the answers", || gateway.saw(&Seen::StreamEnd(UpstreamEnd::Complete)).then_some(()));

    let (send, closed) = channel();
    let (address, _heads) = upstream(move |mut socket| send.send(code(&rest(&mut socket).1)).unwrap());
    let gateway = Gateway::to(address);
    let (mut socket, _) = connect(&gateway, "/through", &[]);
    socket.close(Some(CloseFrame { code: 1000.into(), reason: "my secret".into() })).unwrap();
    rest(&mut socket);
    assert_eq!(closed.recv_timeout(PATIENCE).unwrap(), Some((1000, "my ***".into())));
    // a client that just vanishes
    let (socket, _) = connect(&gateway, "/through", &[]);
    drop(socket);
    assert_eq!(closed.recv_timeout(PATIENCE).unwrap(), Some((1001, String::new())));
    assert_eq!(gateway.outcome(1).delivery, Delivery::ClientGone);
}

#[test]
fn p5_faults_close_both_sides() {
    // the upstream vanishes
    let (address, _heads) = upstream(|mut socket| drop(socket.read()));
    let gateway = Gateway::to(address);
    let (mut socket, _) = connect(&gateway, "/through", &[]);
    socket.send(Message::text("go")).unwrap();
    let (messages, frame) = rest(&mut socket);
    assert_eq!(messages, [Message::text("[error Reset]")]);
    assert_eq!(code(&frame).map(|(code, _)| code), Some(1011));
    let outcome = gateway.outcome(0);
    assert_eq!((outcome.failure, outcome.delivery), (Some(Failure::StreamBroken), Delivery::Broken));

    // a message too large, from either side
    let (address, _heads) = upstream(|mut socket| {
        drop(socket.send(Message::binary(vec![0u8; SOCKET_ANSWER + 1])));
        drop(socket.read());
    });
    let gateway = Gateway::to(address);
    let (mut socket, _) = connect(&gateway, "/through", &[]);
    assert_eq!(code(&rest(&mut socket).1).map(|(code, _)| code), Some(1011));
    assert_eq!(gateway.outcome(0).failure, Some(Failure::ResponseTooLarge));

    let (address, _heads) = upstream(echo);
    let gateway = Gateway::to(address);
    let (mut socket, _) = connect(&gateway, "/through", &[]);
    drop(socket.send(Message::binary(vec![0u8; super::parties::MAX_BODY + 1])));
    assert_eq!(gateway.outcome(0).failure, Some(Failure::BodyTooLarge));

    // bad frames: reserved bits, an unmasked frame, text that is none
    for frame in [&[0xf1u8, 0x80, 0, 0, 0, 0][..], &[0x81, 0x01, b'x'], &[0x81, 0x81, 0, 0, 0, 0, 0xff]] {
        let gateway = Gateway::to(address);
        let (mut socket, _) = connect(&gateway, "/through", &[]);
        std::io::Write::write_all(socket.get_mut(), frame).unwrap();
        let closed = code(&rest(&mut socket).1).map(|(code, _)| code);
        assert!(matches!(closed, Some(1002 | 1007)), "{frame:x?}: {closed:?}");
        assert_eq!(gateway.outcome(0).failure, Some(Failure::BodyBroken), "{frame:x?}");
    }

    // a judge that panics
    let gateway = Gateway::to(address);
    let (mut socket, _) = connect(&gateway, "/panic-message", &[]);
    socket.send(Message::text("go")).unwrap();
    assert_eq!(rest(&mut socket).0, []);
    assert_eq!(gateway.outcome(0).failure, Some(Failure::JudgePanicked));
}

#[test]
fn a_side_without_a_sign_of_life_is_given_up_and_a_quiet_one_is_not() {
    let ms = Duration::from_millis;
    let start = |address: SocketAddr, total: Duration| {
        let mut setup = Setup::new();
        setup.deadlines.idle = ms(400);
        setup.deadlines.total = total;
        setup.start(address)
    };
    // both sides only answer pings
    let (address, _heads) = upstream(echo);
    let gateway = start(address, ms(2000));
    let (mut socket, _) = connect(&gateway, "/through", &[]);
    let begun = Instant::now();
    let (messages, frame) = rest(&mut socket);
    assert!(begun.elapsed() > ms(1500), "the session lived for {:?}", begun.elapsed());
    assert!(
        messages.iter().any(Message::is_ping) && messages.contains(&Message::text("[error Deadline]")),
        "{messages:?}"
    );
    assert_eq!(code(&frame).map(|(code, _)| code), Some(1011));
    assert_eq!(gateway.outcome(0).failure, Some(Failure::TotalTimeout));
    // the upstream reads nothing
    let (address, _heads) = upstream(|socket| {
        std::thread::sleep(PATIENCE);
        drop(socket);
    });
    let gateway = start(address, PATIENCE);
    let (mut socket, _) = connect(&gateway, "/through", &[]);
    let begun = Instant::now();
    while socket.read().is_ok_and(|message| !message.is_close()) {}
    assert!(begun.elapsed() < ms(3000), "it was noticed after {:?}", begun.elapsed());
    drop(socket);
    assert_eq!(gateway.outcome(0).failure, Some(Failure::IdleTimeout));
}

#[test]
fn p7_a_side_that_does_not_read_is_not_read_from() {
    let (send, counted) = channel();
    let (address, _heads) = upstream(move |mut socket| {
        // more than the buffers of the way hold
        let mut sent = 0u64;
        socket.get_mut().set_write_timeout(Some(Duration::from_millis(1500))).unwrap();
        while sent < 256 << 20 && socket.send(Message::binary(vec![0u8; 256 << 10])).is_ok() {
            sent += 256 << 10;
        }
        send.send(sent).unwrap();
    });
    let gateway = Gateway::to(address);
    let (socket, _) = connect(&gateway, "/through", &[]);
    let sent = counted.recv_timeout(PATIENCE).unwrap();
    assert!(sent < 64 << 20, "{sent} bytes were taken in");
    drop(socket);
}

#[test]
fn both_sides_may_be_encrypted() {
    let authority = Authority::new();
    let (certificate, key) = authority.sign();
    let config = server_config(certificate.as_bytes(), key.as_bytes(), None).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let tls = config.clone();
    std::thread::spawn(move || {
        let stream = patient(listener.accept().unwrap().0);
        let stream = StreamOwned::new(rustls::ServerConnection::new(tls).unwrap(), stream);
        let mut socket = tungstenite::accept(stream).unwrap();
        while let Ok(message) = socket.read() {
            if message.is_text() && socket.send(message).is_err() {
                break;
            }
        }
    });
    let mut setup = Setup::new();
    setup.scheme = "https";
    setup.trust = Trust::new(Some(authority.pem().as_bytes())).unwrap();
    setup.settings.tls = Some(config);
    let gateway = setup.start(address);

    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(builder.with_root_certificates(roots).with_no_client_auth());
    let session = rustls::ClientConnection::new(config, "localhost".try_into().unwrap()).unwrap();
    let stream = StreamOwned::new(session, patient(TcpStream::connect(gateway.address()).unwrap()));
    let Ok((mut socket, _)) = tungstenite::client("ws://localhost/through", stream) else { panic!("it is accepted") };
    let message = Message::text("x".repeat(100_000));
    socket.send(message.clone()).unwrap();
    assert_eq!(socket.read().unwrap(), message);
    socket.close(None).unwrap();
    while socket.read().is_ok() {}
    assert_eq!(gateway.outcome(0).delivery, Delivery::Complete);
}

#[test]
fn draining_says_goodbye_to_both() {
    let (send, closed) = channel();
    let (address, _heads) = upstream(move |mut socket| send.send(code(&rest(&mut socket).1)).unwrap());
    let gateway = Gateway::to(address);
    let (mut socket, _) = connect(&gateway, "/through", &[]);
    gateway.running.as_ref().unwrap().drain();
    assert_eq!(code(&rest(&mut socket).1).map(|(code, _)| code), Some(1001));
    assert_eq!(closed.recv_timeout(PATIENCE).unwrap().map(|(code, _)| code), Some(1001));
    assert_eq!(gateway.outcome(0).delivery, Delivery::Complete);
}

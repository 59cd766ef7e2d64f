//! WebSockets through the gateway as users run it: policies, credentials, records.

use crate::gateway::Gateway;
use crate::judging::{BLOCK_ALL, REDACT_ALL};
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::server::{Request, Response};
use tungstenite::{Error, HandshakeError, Message, WebSocket};

/// Generated; Luhn-valid.
const CARD: &str = "4539 5787 6362 1486";
const PATIENCE: Duration = Duration::from_secs(20);

type Socket = WebSocket<TcpStream>;

/// A model that answers each `response.create` with the pieces it was told to, and gives on what it was sent.
struct Model {
    address: SocketAddr,
    heads: Receiver<Request>,
    seen: Receiver<Value>,
}

#[expect(clippy::result_large_err, reason = "the peer's own signature")]
fn model(pieces: &'static [&'static str]) -> Model {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
    let address = listener.local_addr().expect("it is bound");
    let (send_head, heads) = channel();
    let (send_seen, seen) = channel();
    // the thread ends with the test process
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let head = |request: &Request, mut response: Response| {
                let protocols = request.headers().get("sec-websocket-protocol").cloned();
                if protocols.is_some() {
                    response.headers_mut().insert("sec-websocket-protocol", "realtime".parse().expect("a token"));
                }
                let _unseen = send_head.send(request.clone());
                Ok(response)
            };
            let Ok(mut socket) = tungstenite::accept_hdr(stream, head) else { continue };
            while let Ok(message) = socket.read() {
                let Message::Text(text) = message else { continue };
                let event: Value = serde_json::from_str(&text).expect("the gateway sends JSON on");
                let kind = event["type"].clone();
                let _unseen = send_seen.send(event);
                if kind == "response.create" {
                    let events = answer(pieces);
                    if events.iter().any(|event| socket.send(Message::text(event.to_string())).is_err()) {
                        break;
                    }
                }
            }
        }
    });
    Model { address, heads, seen }
}

fn answer(pieces: &[&str]) -> Vec<Value> {
    let item = json!({ "id": "item_1", "type": "message", "role": "assistant",
                       "content": [{ "type": "output_audio", "transcript": pieces.concat() }] });
    let mut events = vec![
        json!({ "type": "response.created", "event_id": "event_1", "response": { "id": "resp_1", "output": [] } }),
    ];
    events.extend(pieces.iter().map(|piece| {
        json!({ "type": "response.output_audio_transcript.delta", "response_id": "resp_1", "item_id": "item_1",
                "output_index": 0, "content_index": 0, "delta": piece })
    }));
    events
        .push(json!({ "type": "response.output_item.done", "response_id": "resp_1", "output_index": 0, "item": item }));
    events
        .push(json!({ "type": "response.done", "response": { "id": "resp_1", "status": "completed", "output": [item],
                        "usage": { "input_tokens": 5, "output_tokens": 7 } } }));
    events
}

fn gateway(model: &Model, more: &str, statements: &str) -> Gateway {
    let upstreams = format!(
        "[[upstream]]\nname = \"openai\"\nprovider = \"openai\"\nprefix = \"/openai\"\nbase_url = \"http://{}\"\n{more}",
        model.address
    );
    let policy = format!("[policy]\nid = \"test\"\ntitle = \"Test\"\npacks = [\"*\"]\n{statements}");
    Gateway::start(&upstreams, &policy)
}

fn connect(gateway: &Gateway, path: &str, headers: &[(&'static str, &str)]) -> Result<Socket, Error> {
    let stream = TcpStream::connect(gateway.addr).expect("the gateway listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("the socket takes the option");
    let mut request = format!("ws://gateway{path}").into_client_request().expect("a request");
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().expect("a header value"));
    }
    match tungstenite::client(request, stream) {
        Ok((socket, _)) => Ok(socket),
        Err(HandshakeError::Failure(error)) => Err(error),
        Err(HandshakeError::Interrupted(_)) => panic!("the stream blocks"),
    }
}

fn send(socket: &mut Socket, event: &Value) {
    socket.send(Message::text(event.to_string())).expect("the session is open");
}

/// Reads events up to the first of a kind.
fn until(socket: &mut Socket, kind: &str) -> Vec<Value> {
    let mut events = Vec::new();
    loop {
        let Message::Text(text) = socket.read().expect("the session goes on") else { continue };
        let event: Value = serde_json::from_str(&text).expect("an event is JSON");
        let last = event["type"] == kind;
        events.push(event);
        if last {
            return events;
        }
    }
}

fn say(text: &str) -> Value {
    json!({ "type": "conversation.item.create", "event_id": "evt_1",
            "item": { "type": "message", "role": "user", "content": [{ "type": "input_text", "text": text }] } })
}

#[test]
fn a_realtime_session_is_redacted_both_ways_and_recorded_once() {
    let model = model(&["Your card is 4539 57", "87 6362 14", "86, yes."]);
    let gateway = gateway(&model, "", REDACT_ALL);
    let mut socket = connect(&gateway, "/openai/v1/realtime?model=gpt-realtime", &[]).expect("the handshake is taken");
    send(&mut socket, &say(&format!("my card is {CARD}")));
    send(&mut socket, &json!({ "type": "response.create" }));
    let events = until(&mut socket, "response.done");
    let said: String = events.iter().filter_map(|event| event["delta"].as_str()).collect();
    assert_eq!(said, "Your card is [CREDIT_CARD], yes.");
    let all = json!(events).to_string();
    assert!(!all.contains("1486") && !all.contains("4539"), "{all}");
    let sent = model.seen.recv_timeout(PATIENCE).expect("the model was asked");
    assert_eq!(sent["item"]["content"][0]["text"], "my card is [CREDIT_CARD]");
    socket.close(None).expect("the session is open");
    while socket.read().is_ok() {}

    let record = gateway.records(1).remove(0);
    assert_eq!((&record["operation"], &record["model"]), (&json!("realtime"), &json!("gpt-realtime")));
    assert_eq!(
        (&record["status"], &record["stream"], &record["action"]),
        (&json!(101), &json!(true), &json!("redact"))
    );
    assert_eq!(record["messages"], json!({ "from_client": 2, "to_client": events.len() }));
    assert_eq!(record["tokens"], json!({ "input": 5, "output": 7 }));
    let channels: Vec<&str> =
        record["findings"].as_array().unwrap().iter().filter_map(|f| f["channel"].as_str()).collect();
    assert!(channels.contains(&"prompt") && channels.contains(&"response"), "{record}");
    assert!(!record.to_string().contains("1486") && !gateway.log().contains("1486"));
}

#[test]
fn a_block_stays_in_the_session() {
    let model = model(&["Your card is 4539 57", "87 6362 14", "86, yes."]);
    let gateway = gateway(&model, "", BLOCK_ALL);
    let mut socket = connect(&gateway, "/openai/v1/realtime", &[]).expect("the handshake is taken");
    send(&mut socket, &say(&format!("my card is {CARD}")));
    let told = until(&mut socket, "error").remove(0);
    assert_eq!((&told["error"]["event_id"], &told["error"]["type"]), (&json!("evt_1"), &json!("policy_violation")));
    send(&mut socket, &json!({ "type": "response.create" }));
    let events = until(&mut socket, "response.done");
    let all = json!(events).to_string();
    assert!(!all.contains("4539"), "{all}");
    assert_eq!(events.last().unwrap()["response"]["status_details"]["reason"], "content_filter");
    let seen: Vec<Value> = (0..2).map(|_| model.seen.recv_timeout(PATIENCE).expect("the model was asked")).collect();
    assert_eq!((&seen[0]["type"], &seen[1]["type"]), (&json!("response.create"), &json!("response.cancel")));
    send(&mut socket, &say("and now?"));
    assert_eq!(model.seen.recv_timeout(PATIENCE).unwrap()["item"]["content"][0]["text"], "and now?");
}

#[test]
fn handshakes_are_judged_and_credentials_stay_where_they_belong() {
    let model = model(&[]);
    let key = "gw-key-1";
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let keys = format!("\n[identity]\nkeys = [{{ sha256 = \"{hex}\", user = \"maria\" }}]\n");
    let models = "deny_models = [\"secret-*\"]\n";
    let gateway = gateway(&model, &format!("{models}{keys}"), REDACT_ALL);

    let protocols = format!("realtime, openai-insecure-api-key.{key}");
    let with_key = [("sec-websocket-protocol", protocols.as_str()), ("sec-websocket-extensions", "permessage-deflate")];
    let mut socket =
        connect(&gateway, "/openai/v1/realtime?model=gpt-realtime", &with_key).expect("the handshake is taken");
    let head = model.heads.recv_timeout(PATIENCE).unwrap();
    assert_eq!(head.headers()["sec-websocket-protocol"], "realtime", "a gateway key stays here");
    assert!(!head.headers().contains_key("sec-websocket-extensions"));
    // another model than that of the handshake is asked for
    send(&mut socket, &json!({ "type": "session.update", "session": { "model": "secret-1" } }));
    assert_eq!(until(&mut socket, "error")[0]["error"]["type"], "policy_violation");
    drop(socket);
    assert_eq!(gateway.records(1)[0]["principal"]["user"], "maria");

    // the caller's own key for the provider goes where it is for
    let own = "realtime, openai-insecure-api-key.sk-own";
    let socket =
        connect(&gateway, "/openai/v1/realtime", &[("sec-websocket-protocol", own)]).expect("the handshake is taken");
    assert_eq!(model.heads.recv_timeout(PATIENCE).unwrap().headers()["sec-websocket-protocol"], own);
    drop(socket);

    for (path, status) in
        [("/openai/v1/realtime?model=secret-1", 403), ("/openai/v1/chat/completions", 501), ("/nowhere", 404)]
    {
        match connect(&gateway, path, &[]) {
            Err(Error::Http(answer)) => {
                assert_eq!(answer.status().as_u16(), status, "{path}");
                let body = answer.body().as_deref().unwrap_or_default();
                assert!(
                    serde_json::from_slice::<Value>(body).is_ok_and(|body| body["error"]["message"].is_string()),
                    "{path}"
                );
            }
            other => panic!("{path}: {:?}", other.map(|_| ())),
        }
    }
}

//! Resumable uploads: where they go on is the gateway again, and each part is judged as an upload.

use crate::gateway::{Gateway, call};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

/// Generated; Luhn-valid.
const CARD: &str = "4539 5787 6362 1486";

/// Findings in uploads are blocked, and so are files that nobody has seen.
const POLICY: &str = r#"
[policy]
id = "uploads"
title = "No cards in files"
packs = ["base/*"]

[[statement]]
id = "cards"
title = "Cards"
match = { rules = ["credit_card"], channels = ["upload"] }
action = "block"
message = "Remove the card."

[[statement]]
id = "unseen"
title = "Unseen files"
match = { uninspected = ["remote"] }
action = "block"
message = "Upload the file through the gateway."
"#;

/// A request as the upstream saw it: its first line, its headers in lower case, its body.
type Seen = Arc<Mutex<Vec<(String, String, Vec<u8>)>>>;

/// An upstream that takes uploads; `location` makes the address of an upload of its own address.
fn upstream(location: fn(SocketAddr) -> String) -> (SocketAddr, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
    let addr = listener.local_addr().expect("it is bound");
    let seen = Seen::default();
    let shared = Arc::clone(&seen);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(stream);
            let (mut first, mut headers) = (String::new(), String::new());
            reader.read_line(&mut first).expect("a request line");
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).expect("a header");
                if line.trim().is_empty() {
                    break;
                }
                headers.push_str(&line.to_ascii_lowercase());
            }
            let length = headers.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body).expect("the body is whole");
            let (head, answer) = match headers.contains("x-goog-upload-command: start") {
                true => (format!("x-goog-upload-status: active\r\nx-goog-upload-url: {}\r\n", location(addr)), "{}"),
                false => (
                    "x-goog-upload-status: final\r\n".to_owned(),
                    r#"{"file":{"name":"files/abc","uri":"https://g.example/v1beta/files/abc"}}"#,
                ),
            };
            shared.lock().expect("no holder panics").push((first, headers, body));
            let length = answer.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{head}content-length: {length}\r\nconnection: close\r\n\r\n{answer}"
            );
            reader.get_mut().write_all(answer.as_bytes()).expect("the gateway reads on");
        }
    });
    (addr, seen)
}

fn gateway(upstream: SocketAddr) -> Gateway {
    let section = format!(
        "[[upstream]]\nname = \"gemini\"\nprovider = \"gemini\"\nprefix = \"/gemini\"\nbase_url = \"http://{upstream}\"\n"
    );
    Gateway::start(&section, POLICY)
}

const START: &str =
    "x-goog-upload-protocol: resumable\r\nx-goog-upload-command: start\r\ncontent-type: application/json\r\n";
const LAST: &str =
    "x-goog-upload-command: upload, finalize\r\nx-goog-upload-offset: 0\r\ncontent-type: application/json\r\n";

fn start(gateway: &Gateway) -> String {
    let body = br#"{"file":{"displayName":"notes"}}"#;
    call(gateway.addr, "POST", "/gemini/upload/v1beta/files", START, body)
}

#[test]
fn p3_an_upload_goes_on_through_the_gateway_and_is_judged_as_one() {
    let (addr, seen) =
        upstream(|addr| format!("http://{addr}/upload/v1beta/files?upload_id=1&upload_protocol=resumable"));
    let gateway = gateway(addr);
    let answer = start(&gateway);
    let url = answer.lines().find_map(|line| line.strip_prefix("x-goog-upload-url: ")).expect("the address is told");
    // the name that the caller used for the gateway, see `call`
    let target = url.trim().strip_prefix("http://a").expect("it is the gateway's");
    assert_eq!(target, "/gemini/upload/v1beta/files?upload_id=1&upload_protocol=resumable");

    // raw bytes, whatever the media type says: a table, and JSON that is cut
    for body in ["name,number\nmaria,12\n", "{\"a\": [1, 2", "\u{feff}{}"] {
        let answer = call(gateway.addr, "POST", target, LAST, body.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert_eq!(seen.lock().expect("no holder panics").last().expect("it arrived").2, body.as_bytes());
    }
    let arrived = seen.lock().expect("no holder panics").len();
    for body in [format!("name,number\nmaria,{CARD}\n"), format!("{{\"number\": \"{CARD}\"")] {
        let answer = call(gateway.addr, "POST", target, LAST, body.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("PERMISSION_DENIED"), "{answer}");
    }
    assert_eq!(seen.lock().expect("no holder panics").len(), arrived, "a blocked part was sent on");
    let records = gateway.records(6);
    let blocked = records.iter().filter(|r| r["action"] == "block");
    assert!(blocked.clone().all(|r| r["findings"][0]["channel"] == "upload"), "{records:?}");
    assert_eq!(blocked.count(), 2, "{records:?}");
}

#[test]
fn p5_an_address_outside_the_gateway_is_not_passed_on() {
    let (addr, _) = upstream(|_| "https://elsewhere.example/upload?upload_id=1".to_owned());
    let answer = start(&gateway(addr));
    assert!(answer.starts_with("HTTP/1.1 502") && !answer.contains("elsewhere.example"), "{answer}");
    assert!(answer.contains("outside the gateway"), "{answer}");
}

#[test]
fn a_file_that_was_inspected_may_be_named_and_a_later_part_does_not_vouch_for_the_whole() {
    let (addr, _) = upstream(|addr| format!("http://{addr}/upload/v1beta/files?upload_id=1"));
    let gateway = gateway(addr);
    let asks = br#"{"contents":[{"parts":[{"fileData":{"fileUri":"https://g.example/v1beta/files/abc","mimeType":"text/csv"}}]}]}"#;
    let ask = || {
        let head = "content-type: application/json\r\n";
        call(gateway.addr, "POST", "/gemini/v1beta/models/g:generateContent", head, asks)
    };
    let upload = |offset: &str| {
        let head = LAST.replace("offset: 0", offset);
        call(gateway.addr, "POST", "/gemini/upload/v1beta/files?upload_id=1", &head, b"name,number\n")
    };
    assert!(ask().starts_with("HTTP/1.1 403"));
    upload("offset: 8388608");
    assert!(ask().starts_with("HTTP/1.1 403"));
    upload("offset: 0");
    assert!(ask().starts_with("HTTP/1.1 200"));
}

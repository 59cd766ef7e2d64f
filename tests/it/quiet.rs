//! P4: what callers send never reaches a log, a metric, a record or an error body, in whatever spelling.

use crate::gateway::{Gateway, call, raw};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use portcullis::standin::Standin;
use serde_json::json;
use std::net::SocketAddr;

const POLICY: &str = "[policy]\nid = \"quiet\"\ntitle = \"Quiet\"\npacks = [\"base/*\"]\n\n[[statement]]\nid = \"block\"\ntitle = \"Block\"\n\
    match = { categories = [\"secret\"] }\naction = \"block\"\nmessage = \"Remove it.\"\n\n[[statement]]\nid = \"cover\"\ntitle = \"Cover\"\n\
    match = { categories = [\"payment\"] }\naction = \"redact\"\n";
/// Generated; Luhn-valid.
const CARD: &str = "4539 5787 6362 1486";

/// A canary in each of its spellings.
fn spellings(canary: &str) -> Vec<String> {
    let hex: String = canary.bytes().map(|b| format!("{b:02x}")).collect();
    // base64 of a text inside another one depends on where it begins: the middle of each of three is compared
    let shifted = (0..3).map(|n| {
        let encoded = BASE64_STANDARD_NO_PAD.encode(format!("{}{canary}", "x".repeat(n)));
        encoded[4..encoded.len() - 2].to_owned()
    });
    let mut all: Vec<String> = shifted.collect();
    all.push(BASE64_URL_SAFE_NO_PAD.encode(canary));
    all.extend([canary.to_owned(), canary.replace(' ', "%20"), canary.replace(' ', "+"), hex.to_uppercase(), hex]);
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p4_nothing_that_is_sent_shows_anywhere() {
    let standin = Standin::start(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port on loopback");
    let upstreams = format!(
        "[telemetry]\nlog = \"trace\"\n\n[[upstream]]\nname = \"m\"\nprovider = \"openai\"\nprefix = \"/m\"\nbase_url = \"http://{}\"\n\n\
         [[upstream]]\nname = \"gone\"\nprovider = \"anthropic\"\nprefix = \"/gone\"\nbase_url = \"http://127.0.0.1:1\"\n",
        standin.addr()
    );
    tokio::task::spawn_blocking(move || send_and_look(&upstreams)).await.expect("the test did not panic");
}

fn send_and_look(upstreams: &str) {
    let gateway = Gateway::start(upstreams, POLICY);
    let secret = format!("AK{}", "IAUJZDEGXDNCF32EPF");
    let canary = |n: usize| format!("canary-{n}-quetzalcoatl-{n}");
    let json_type = "content-type: application/json\r\n";
    let chat = "/m/v1/chat/completions";
    let ask =
        |text: &str| json!({ "model": "stand-in", "messages": [{ "role": "user", "content": text }] }).to_string();
    let post = |target: &str, headers: &str, body: &[u8]| call(gateway.addr, "POST", target, headers, body);
    let form = format!(
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{}.txt\"\r\n\r\n{} {secret}\r\n--b--\r\n",
        canary(1),
        canary(2)
    );
    let errors = [
        post(chat, json_type, ask(&format!("{} {CARD}", canary(3))).as_bytes()),
        post(chat, json_type, ask(&format!("{} {secret}", canary(4))).as_bytes()),
        post(
            chat,
            &format!("{json_type}authorization: Bearer sk-{}\r\nx-api-key: {}\r\n", canary(5), canary(6)),
            ask("hi").as_bytes(),
        ),
        post(
            chat,
            &format!(
                "{json_type}x-portcullis-key: pck_{}\r\ncookie: a={}\r\nx-other: {}\r\n",
                canary(7),
                canary(8),
                canary(9)
            ),
            ask("hi").as_bytes(),
        ),
        post("/m/v1/files", "content-type: multipart/form-data; boundary=b\r\n", form.as_bytes()),
        post(chat, json_type, format!("{{\"messages\": [\"{} {CARD}", canary(10)).as_bytes()),
        post(&format!("/nowhere/{}?key={}", canary(11), canary(12)), json_type, b"{}"),
        post(&format!("/gone/v1/messages?key={}", canary(13)), json_type, ask(&canary(14)).as_bytes()),
        post(chat, "content-type: application/json\r\ncontent-encoding: gzip\r\n", canary(15).as_bytes()),
        raw(
            gateway.addr,
            format!(
                "POST {chat} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 99999999999\r\n\r\n{}",
                canary(16)
            )
            .as_bytes(),
        ),
        raw(gateway.addr, format!("POST {chat} HTTP/1.1\r\nhost: a\r\nbad header {}\r\n\r\n", canary(17)).as_bytes()),
        call(gateway.admin, "GET", &format!("/api/v1/risk/{}?key={}", canary(18), canary(19)), "", b""),
    ];
    assert!(errors[0].starts_with("HTTP/1.1 200"), "{}", errors[0]);
    assert!(
        errors[1].starts_with("HTTP/1.1 403") && errors[4].starts_with("HTTP/1.1 403"),
        "{} {}",
        errors[1],
        errors[4]
    );
    // keys of objects become paths in records
    post(
        chat,
        json_type,
        json!({ "model": "stand-in", "messages": [], "odd": { CARD: { "x": CARD } } }).to_string().as_bytes(),
    );

    let records: String = gateway.records(9).iter().map(|record| format!("{record}\n")).collect();
    assert!(records.lines().count() >= 8, "{records}");
    let metrics = call(gateway.admin, "GET", "/metrics", "", b"");
    assert!(metrics.starts_with("HTTP/1.1 200"), "{metrics}");
    let log = gateway.log();
    assert!(!log.is_empty());
    let mut canaries: Vec<String> = (1..=19).map(canary).collect();
    canaries.extend([CARD.to_owned(), CARD.replace(' ', ""), secret]);
    let mut problems = Vec::new();
    for canary in &canaries {
        for spelling in spellings(canary) {
            let places = [("the log", &log), ("a record", &records), ("a metric", &metrics)];
            for (place, text) in places.into_iter().chain(errors.iter().map(|e| ("an answer", e))) {
                if let Some(at) = text.find(&spelling) {
                    let line = text[..at].lines().count().saturating_sub(1);
                    problems.push(format!("{canary} in {place}: {}", text.lines().nth(line).unwrap_or_default()));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

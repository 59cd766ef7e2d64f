//! What an SDK sends again after a failure is the same incident: told so in records, counted once.

use crate::gateway::{Gateway, call};
use portcullis::standin::Standin;
use serde_json::{Value, json};
use std::net::SocketAddr;

const REDACT: &str = "[policy]\nid = \"p\"\ntitle = \"P\"\npacks = [\"base/*\"]\n\
    [[statement]]\nid = \"redact\"\nmatch = { categories = [\"*\"] }\naction = \"redact\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn attempts_at_one_request_are_one_incident() {
    let standin = Standin::start(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port on loopback");
    let upstream = format!(
        "[[upstream]]\nname = \"a\"\nprovider = \"openai\"\nprefix = \"/a\"\nbase_url = \"http://{}\"\n",
        standin.addr()
    );
    let gateway = Gateway::start(&upstream, REDACT);
    let send = |model: &str, headers: &str| {
        // a generated card number
        let text = "My card is 4539 5787 6362 1486";
        let body = json!({ "model": model, "messages": [{ "role": "user", "content": text }] }).to_string();
        let headers = format!("content-type: application/json\r\n{headers}");
        call(gateway.addr, "POST", "/a/v1/chat/completions", &headers, body.as_bytes())
    };
    let failing = "stand-in/status=503";
    for (model, headers) in [
        (failing, ""),
        (failing, "x-stainless-retry-count: 1\r\n"),
        // the SDK does not count
        (failing, ""),
        // fine answers are not repeated: whoever sends the same again does it again
        ("stand-in", ""),
        ("stand-in", ""),
        (failing, "amz-sdk-invocation-id: one\r\namz-sdk-request: attempt=1; max=3\r\n"),
        (failing, "amz-sdk-invocation-id: one\r\namz-sdk-request: attempt=2; max=3\r\n"),
        (failing, "amz-sdk-invocation-id: two\r\namz-sdk-request: attempt=1; max=3\r\n"),
    ] {
        send(model, headers);
    }
    let records = gateway.records(8);
    let first = records[0]["id"].clone();
    let invocation = records[5]["id"].clone();
    let expected = [Value::Null, first.clone(), first, Value::Null, Value::Null, Value::Null, invocation, Value::Null];
    let told: Vec<Value> = records.iter().map(|record| record["retry_of"].clone()).collect();
    assert_eq!(told, expected);
    let marked: Vec<bool> = records.iter().map(|record| record["retry"] == true).collect();
    assert_eq!(marked, [false, true, true, false, false, false, true, false]);
    let metrics = call(gateway.admin, "GET", "/metrics", "", b"");
    let counted = metrics.lines().filter(|line| line.starts_with("portcullis_findings_total{")).collect::<Vec<_>>();
    assert!(counted.iter().any(|line| line.contains("credit_card") && line.ends_with(" 5")), "{counted:?}");
}

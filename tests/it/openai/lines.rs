//! Files of JSON lines: the requests and the results of batches, and sets for fine-tuning, on their way up and down.

use super::{CARD, judge_all, unread};
use crate::judging::{exchange, sent};
use portcullis::decode::Reason;
use portcullis::decode::json::Limits;
use portcullis::detect::Scratch;
use portcullis::diagnostic::reader::Choice;
use portcullis::exchange::{BodyHead, Exchange};
use serde_json::{Value, json};

const LABEL: &str = "[CREDIT_CARD]";

/// A form with a file of these bytes.
fn form(file: &str) -> Vec<u8> {
    let head = "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--b\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"batch.jsonl\"\r\nContent-Type: application/octet-stream\r\n\r\n";
    format!("{head}{file}\r\n--b--\r\n").into_bytes()
}

fn upload(x: &mut Exchange, body: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let head = BodyHead { content_type: Some("multipart/form-data; boundary=b"), content_encoding: None };
    sent(x.request(&head, body, &mut Scratch::default()), body)
}

fn download(x: &mut Exchange, media_type: &str, body: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let head = BodyHead { content_type: Some(media_type), content_encoding: None };
    sent(x.answer(&head, body, &mut Scratch::default()), body)
}

/// Channel and path of each finding.
fn found(x: &Exchange) -> Vec<(&str, &str)> {
    x.report.found.iter().map(|found| (found.channel.name(), found.path.as_str())).collect()
}

fn requests(v: &str) -> String {
    let image = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==";
    let arguments = format!("{{\"card\":\"{v}\"}}");
    let lines = [
        json!({ "custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": { "model": "m", "messages": [
            { "role": "system", "content": v }, { "role": "user", "content": [{ "type": "image_url", "image_url": { "url": image } }] }] } }),
        json!({ "custom_id": "2", "method": "POST", "url": "/v1/responses", "body": { "model": "m", "input": [
            { "type": "function_call", "call_id": "c", "name": "pay", "arguments": arguments }] } }),
        json!({ "custom_id": "3", "method": "POST", "url": "/v1/embeddings", "body": { "model": "m", "input": ["a", v] } }),
        json!({ "something": "else", "deep": [v] }),
    ];
    lines.map(|line| line.to_string()).join("\n") + "\n"
}

#[test]
fn p1_each_line_of_a_batch_is_read_as_its_endpoint_reads_it() {
    let mut x = exchange(&judge_all(), "openai", "/v1/files");
    assert_eq!(upload(&mut x, &form(&requests(CARD))), Ok(form(&requests(LABEL))));
    assert_eq!(
        found(&x),
        [
            ("system", "part[1].line[0].body.messages[0].content"),
            ("tool_call", "part[1].line[1].body.input[0].arguments"),
            ("prompt", "part[1].line[2].body.input[1]"),
            ("upload", "part[1].line[3]"),
        ]
    );
    assert_eq!(unread(&x), [(Reason::UnknownType, "part[1].line[0].body.messages[1].content[0].image_url.url")]);
    let clean = form(&requests("Grüße").replace('\n', "\r\n\r\n"));
    assert_eq!(upload(&mut exchange(&judge_all(), "openai", "/v1/files"), &clean), Ok(clean));
}

#[test]
fn p1_the_results_of_a_batch_are_read_as_answers() {
    let results = |v: &str, end: usize, logprobs: Value| {
        let annotation = json!({ "type": "url_citation", "url_citation": { "url": "https://a.test", "title": "t", "start_index": 0, "end_index": end } });
        let choice = json!({ "index": 0, "finish_reason": "stop", "logprobs": logprobs,
            "message": { "role": "assistant", "content": format!("{v}!"), "annotations": [annotation] } });
        let lines = [
            json!({ "id": "b1", "custom_id": "1", "response": { "status_code": 200, "request_id": "r", "body": { "object": "chat.completion", "choices": [choice] } }, "error": null }),
            json!({ "id": "b2", "custom_id": "2", "response": { "status_code": 200, "request_id": "r", "body": { "object": "response", "output": [
                { "type": "function_call_output", "call_id": "c", "output": v }] } }, "error": null }),
            json!({ "id": "b3", "custom_id": "3", "response": null, "error": { "code": "batch_expired", "message": v } }),
        ];
        lines.map(|line| line.to_string()).join("\n")
    };
    let logprobs = json!({ "content": [{ "token": "45", "logprob": -0.1, "bytes": [52, 53] }] });
    let body = results(CARD, CARD.len(), logprobs.clone());
    let wanted = results(LABEL, LABEL.len(), Value::Null);
    for media_type in ["application/jsonl", "application/octet-stream", "application/json"] {
        let mut x = exchange(&judge_all(), "openai", "/v1/files/file-1/content");
        let out = download(&mut x, media_type, body.as_bytes()).expect("it passes");
        assert_eq!(String::from_utf8_lossy(&out), wanted);
        assert_eq!(
            found(&x),
            [
                ("response", "line[0].response.body.choices[0].message.content"),
                ("tool_result", "line[1].response.body.output[0].output"),
                ("response", "line[2].error.message"),
            ]
        );
    }
    // a file of one line
    let one = body.lines().nth(1).unwrap_or_default();
    let mut x = exchange(&judge_all(), "openai", "/v1/files/file-1/content");
    let out = download(&mut x, "application/octet-stream", one.as_bytes()).expect("it passes");
    assert_eq!(String::from_utf8_lossy(&out), wanted.lines().nth(1).unwrap_or_default());
    assert_eq!(found(&x), [("tool_result", "response.body.output[0].output")]);
    let clean = results("Grüße", 5, logprobs).into_bytes();
    assert_eq!(
        download(&mut exchange(&judge_all(), "openai", "/v1/files/f/content"), "application/jsonl", &clean),
        Ok(clean)
    );
}

#[test]
fn p1_sets_for_fine_tuning_are_read_as_conversations() {
    let set = |v: &str| {
        let chat = json!({ "messages": [{ "role": "user", "content": "hi" }, { "role": "assistant", "content": v, "weight": 1 }] });
        let pair = json!({ "input": { "messages": [{ "role": "user", "content": v }] }, "preferred_output": [{ "role": "assistant", "content": v }], "non_preferred_output": [] });
        format!("{chat}\n{pair}\n{{broken {v}\n")
    };
    let mut x = exchange(&judge_all(), "openai", "/v1/files");
    assert_eq!(upload(&mut x, &form(&set(CARD))), Ok(form(&set(LABEL))));
    assert_eq!(
        found(&x),
        [
            ("response", "part[1].line[0].messages[1].content"),
            ("prompt", "part[1].line[1].input.messages[0].content"),
            ("response", "part[1].line[1].preferred_output[0].content"),
            ("upload", "part[1].line[2]"),
        ]
    );
}

#[test]
fn p7_the_lines_of_a_file_share_the_limit_on_nodes() {
    let numbers = vec!["1"; Limits::default().nodes - 20].join(",");
    let many = format!("{{\"messages\":[],\"x\":[{numbers}]}}");
    let line = json!({ "messages": [{ "role": "user", "content": CARD }] }).to_string();
    let mut x = exchange(&judge_all(), "openai", "/v1/files");
    let out = upload(&mut x, &form(&[many, line.clone(), line].join("\n"))).expect("it passes");
    assert!(!String::from_utf8_lossy(&out).contains(CARD));
    assert_eq!(found(&x), [("prompt", "part[1].line[1].messages[0].content"), ("upload", "part[1].line[2]")]);
}

#[test]
fn parts_of_an_upload_are_refused_rather_than_rewritten() {
    let mut x = exchange(&judge_all(), "openai", "/v1/uploads/upload_1/parts");
    assert!(upload(&mut x, &form(&requests(CARD))).is_err());
    let clean = form(&requests("Grüße"));
    assert_eq!(upload(&mut exchange(&judge_all(), "openai", "/v1/uploads/upload_1/parts"), &clean), Ok(clean));
}

//! Content that is elsewhere: named in the receipt, and known if it passed through the gateway before.

use crate::judging::{LOG_ALL, exchange_of, judge};
use portcullis::decode::Reason;
use portcullis::detect::Scratch;
use portcullis::exchange::{BodyHead, Exchange, Judge, Judged};
use serde_json::json;
use std::sync::Arc;

/// Sends a file and returns what the exchange is after the provider's answer.
fn upload(judge: &Arc<Judge>, provider: &str, user: &str, content: &[u8], answer: &str) -> Exchange {
    let mut x = exchange_of(user, judge, provider, "/v1/files");
    let mut body = b"--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n".to_vec();
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--b--\r\n");
    let mut scratch = Scratch::default();
    let head = BodyHead { content_type: Some("multipart/form-data; boundary=b"), content_encoding: None };
    assert!(matches!(x.request(&head, &body, &mut scratch), Judged::Unchanged));
    let head = BodyHead { content_type: Some("application/json"), content_encoding: None };
    x.answer(&head, answer.as_bytes(), &mut scratch);
    x
}

/// The reasons for which parts of a chat with these files are uninspected, with their paths.
fn remote(judge: &Arc<Judge>, provider: &str, user: &str, ids: &[&str]) -> Vec<String> {
    let (path, parts): (&str, Vec<_>) = match provider {
        "anthropic" => {
            let part = |id: &&str| json!({ "type": "document", "source": { "type": "file", "file_id": id } });
            ("/v1/messages", ids.iter().map(part).collect())
        }
        _ => {
            let part = |id: &&str| json!({ "type": "file", "file": { "file_id": id } });
            ("/v1/chat/completions", ids.iter().map(part).collect())
        }
    };
    let body = json!({ "model": "m", "messages": [{ "role": "user", "content": parts }] }).to_string();
    let mut x = exchange_of(user, judge, provider, path);
    let head = BodyHead { content_type: Some("application/json"), content_encoding: None };
    x.request(&head, body.as_bytes(), &mut Scratch::default());
    let parts = x.report.receipt.uninspected.iter().filter(|part| part.reason == Reason::Remote);
    parts.map(|part| part.path.clone()).collect()
}

#[test]
fn p3_a_file_that_was_inspected_on_its_way_is_known() {
    for provider in ["openai", "anthropic"] {
        let judge = judge(LOG_ALL);
        upload(&judge, provider, "maria", b"Minutes of the meeting.", r#"{"id":"file-1"}"#);
        assert_eq!(remote(&judge, provider, "maria", &["file-1"]), [""; 0], "{provider}");
        let unknown = remote(&judge, provider, "maria", &["file-1", "file-2"]);
        assert!(unknown.len() == 1 && unknown[0].contains("content[1]"), "{provider}: {unknown:?}");
        assert_eq!(remote(&judge, provider, "ben", &["file-1"]).len(), 1, "what one user sent, another one has not");
    }
}

#[test]
fn p3_a_file_that_nobody_could_read_stays_unknown() {
    let judge = judge(LOG_ALL);
    upload(&judge, "openai", "maria", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", r#"{"id":"file-1"}"#);
    assert_eq!(remote(&judge, "openai", "maria", &["file-1"]).len(), 1);
    // an answer that tells of a file without one having been sent
    let mut x = exchange_of("maria", &judge, "openai", "/v1/files");
    let head = BodyHead { content_type: Some("application/json"), content_encoding: None };
    let mut scratch = Scratch::default();
    x.request(&BodyHead::default(), b"", &mut scratch);
    x.answer(&head, br#"{"id":"file-2"}"#, &mut scratch);
    assert_eq!(remote(&judge, "openai", "maria", &["file-2"]).len(), 1);
}

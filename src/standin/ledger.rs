//! What the stand-in model received, so that a demo or a test can show the bytes that really arrived.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use bytes::Bytes;
use http::request::Parts;
use serde_json::{Value, json};

/// How many requests are remembered.
const MAX_ENTRIES: usize = 1024;
/// How many bytes of bodies are remembered, over all entries.
const MAX_BYTES: usize = 32 << 20;
/// The headers that name a request, in order of preference: the gateway's own, then the one OpenAI offers its clients.
const ID_HEADERS: [&str; 2] = ["x-portcullis-id", "x-client-request-id"];

/// The latest requests, oldest first.
#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    entries: VecDeque<Entry>,
    bytes: usize,
    count: u64,
}

#[derive(Debug)]
struct Entry {
    seq: u64,
    id: Option<String>,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl Ledger {
    pub(super) fn record(&self, head: &Parts, body: Bytes) {
        let headers: Vec<(String, String)> = head
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let id = ID_HEADERS
            .iter()
            .find_map(|name| head.headers.get(*name))
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let path = head.uri.path_and_query().map_or_else(|| head.uri.path().to_owned(), ToString::to_string);
        let mut inner = self.lock();
        inner.count += 1;
        inner.bytes += body.len();
        let entry = Entry { seq: inner.count, id, method: head.method.to_string(), path, headers, body };
        inner.entries.push_back(entry);
        while inner.entries.len() > MAX_ENTRIES || inner.bytes > MAX_BYTES {
            let Some(oldest) = inner.entries.pop_front() else { break };
            inner.bytes -= oldest.body.len();
        }
    }

    /// The body of the latest request with this id, or of the one with this sequence number.
    pub(super) fn body(&self, id: &str) -> Option<Bytes> {
        let inner = self.lock();
        let named = |entry: &&Entry| entry.id.as_deref() == Some(id);
        let numbered = |entry: &&Entry| id.parse() == Ok(entry.seq);
        let entry = inner.entries.iter().rev().find(named).or_else(|| inner.entries.iter().find(numbered))?;
        Some(entry.body.clone())
    }

    pub(super) fn count(&self) -> u64 {
        self.lock().count
    }

    /// The remembered requests without their bodies, as JSON: all, or those with this id; `""` is that of those without.
    pub(super) fn summary(&self, id: Option<&str>) -> Value {
        let asked = |entry: &&Entry| id.is_none_or(|id| entry.id.as_deref().unwrap_or_default() == id);
        let describe = |entry: &Entry| {
            json!({
                "seq": entry.seq, "id": entry.id, "method": entry.method, "path": entry.path,
                "bytes": entry.body.len(), "headers": entry.headers,
            })
        };
        self.lock().entries.iter().filter(asked).map(describe).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("no holder of this lock can panic")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(id: Option<&str>) -> Parts {
        let mut request = http::Request::post("/v1/messages?beta=true");
        if let Some(id) = id {
            request = request.header("x-portcullis-id", id);
        }
        request.body(()).expect("a valid request").into_parts().0
    }

    #[test]
    fn finds_bodies_by_id_and_by_number_and_forgets_the_oldest() {
        let ledger = Ledger::default();
        ledger.record(&head(Some("a")), Bytes::from_static(b"first"));
        ledger.record(&head(None), Bytes::from_static(b"second"));
        assert_eq!(ledger.body("a").as_deref(), Some(&b"first"[..]));
        assert_eq!(ledger.body("2").as_deref(), Some(&b"second"[..]));
        assert_eq!(ledger.body("3"), None);
        assert_eq!(ledger.summary(None)[0]["path"], "/v1/messages?beta=true");
        let seqs = |id| {
            ledger
                .summary(Some(id))
                .as_array()
                .expect("a list")
                .iter()
                .map(|one| one["seq"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!((seqs("a"), seqs(""), seqs("b")), (vec![json!(1)], vec![json!(2)], vec![]));

        ledger.record(&head(Some("big")), Bytes::from(vec![b'x'; MAX_BYTES]));
        assert_eq!(ledger.body("a"), None, "the oldest body made room");
        assert_eq!(ledger.body("big").map(|body| body.len()), Some(MAX_BYTES));
        assert_eq!(ledger.count(), 3);
    }
}

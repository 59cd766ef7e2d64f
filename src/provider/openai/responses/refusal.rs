//! Answers and ends of the gateway's own: a valid Response object, and the events that bring a stream to its end.

use crate::provider::Refusal;
use crate::provider::openai::CREATED;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Most that is kept of an answer to repeat it when it is ended, in bytes of its events. An answer that is longer is not
/// repeated: SDKs have it from its deltas.
const MOST_KEPT: usize = 1 << 20;

/// What the client has of an answer.
#[derive(Default)]
pub(super) struct SoFar {
    /// The Response object as the provider began it.
    head: Option<Map<String, Value>>,
    /// Its items by their place, and whether each is finished.
    items: BTreeMap<u64, (Value, bool)>,
    kept: usize,
    /// The highest sequence number sent.
    pub number: Option<u64>,
}

impl SoFar {
    /// Whether an event of this kind is asked for once it has been sent.
    pub fn keeps(kind: &str) -> bool {
        matches!(
            kind,
            "response.created"
                | "response.queued"
                | "response.in_progress"
                | "response.output_item.added"
                | "response.output_item.done"
                | "response.content_part.added"
                | "response.output_text.delta"
                | "response.refusal.delta"
        )
    }

    /// Takes in the data of an event as the client has it.
    pub fn take(&mut self, data: &[u8]) {
        self.kept = self.kept.saturating_add(data.len());
        if self.kept > MOST_KEPT {
            self.items.clear();
            return;
        }
        let Ok(Value::Object(mut event)) = serde_json::from_slice(data) else { return };
        let at = |event: &Map<String, Value>, key: &str| event.get(key).and_then(Value::as_u64).unwrap_or(0);
        let (index, part) = (at(&event, "output_index"), at(&event, "content_index") as usize);
        let kind = event.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        match kind.as_str() {
            "response.output_item.added" | "response.output_item.done" => {
                let finished = kind.ends_with("done");
                self.items.extend(event.remove("item").map(|item| (index, (item, finished))));
            }
            "response.content_part.added" => {
                let content = self.items.get_mut(&index).and_then(|(item, _)| item.get_mut("content")?.as_array_mut());
                if let Some((content, part)) = content.zip(event.remove("part")) {
                    content.push(part);
                }
            }
            "response.output_text.delta" | "response.refusal.delta" => {
                let key = if kind.contains("refusal") { "refusal" } else { "text" };
                let item = self.items.get_mut(&index);
                let text = item.and_then(|(item, _)| item.get_mut("content")?.get_mut(part)?.get_mut(key));
                if let (Some(Value::String(text)), Some(delta)) = (text, event.get("delta").and_then(Value::as_str)) {
                    text.push_str(delta);
                }
            }
            _ => {
                if let (None, Some(Value::Object(response))) = (&self.head, event.remove("response")) {
                    self.head = Some(response);
                }
            }
        }
    }

    /// The events that end the answer with the filter's reason. Messages that are open are closed as they are; a call that is
    /// not whole is left out, so that nobody carries it out.
    pub fn end(mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        let mut out = Out { bytes: Vec::new(), number: self.number.map_or(0, |last| last + 1) };
        let head = self.head.take().unwrap_or_else(|| {
            let head = response(refusal, "in_progress", Vec::new());
            if self.number.is_none() {
                out.event("response.created", json!({ "response": &head }));
            }
            head
        });
        let mut output = Vec::new();
        for (index, (mut item, finished)) in self.items {
            if !finished {
                if item["type"] != "message" {
                    continue;
                }
                close(&mut item, index, &mut out);
            }
            output.push(item);
        }
        let incomplete = ended(head, output);
        out.event("response.incomplete", json!({ "response": incomplete }));
        out.bytes
    }
}

/// Closes an open message.
fn close(item: &mut Value, index: u64, out: &mut Out) {
    item["status"] = "incomplete".into();
    let id = item["id"].clone();
    for (at, part) in item["content"].as_array().into_iter().flatten().enumerate() {
        let place = json!({ "item_id": id, "output_index": index, "content_index": at });
        match (part["text"].as_str(), part["refusal"].as_str()) {
            (Some(text), _) => out.placed("response.output_text.done", &place, json!({ "text": text, "logprobs": [] })),
            (_, Some(text)) => out.placed("response.refusal.done", &place, json!({ "refusal": text })),
            _ => {}
        }
        out.placed("response.content_part.done", &place, json!({ "part": part }));
    }
    out.event("response.output_item.done", json!({ "output_index": index, "item": item }));
}

/// The Response object of an answer that was ended.
fn ended(mut head: Map<String, Value>, output: Vec<Value>) -> Map<String, Value> {
    head.insert("status".into(), "incomplete".into());
    head.insert("incomplete_details".into(), json!({ "reason": "content_filter" }));
    head.insert("output".into(), output.into());
    head
}

/// A Response object of the gateway's own, with every field that SDKs require.
fn response(refusal: &Refusal<'_>, status: &str, output: Vec<Value>) -> Map<String, Value> {
    let response = json!({
        "id": format!("resp_{}", refusal.id),
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "background": false,
        "error": null,
        "incomplete_details": null,
        "instructions": null,
        "max_output_tokens": null,
        "metadata": {},
        "model": refusal.model.unwrap_or_default(),
        "output": output,
        "parallel_tool_calls": true,
        "previous_response_id": null,
        "reasoning": { "effort": null, "summary": null },
        "store": false,
        "temperature": null,
        "text": { "format": { "type": "text" } },
        "tool_choice": "auto",
        "tools": [],
        "top_p": null,
        "truncation": "disabled",
        "usage": null,
        "user": null,
    });
    match response {
        Value::Object(response) => response,
        _ => Map::new(),
    }
}

fn message(refusal: &Refusal<'_>, status: &str, content: Value) -> Value {
    let id = format!("msg_{}", refusal.id);
    json!({ "id": id, "type": "message", "role": "assistant", "status": status, "content": content })
}

fn text(text: &str) -> Value {
    json!({ "type": "output_text", "text": text, "annotations": [], "logprobs": [] })
}

/// A whole answer with the message as its text.
pub(in crate::provider::openai) fn whole(refusal: &Refusal<'_>) -> Value {
    let message = message(refusal, "incomplete", json!([text(refusal.message)]));
    let head = response(refusal, "incomplete", Vec::new());
    let usage = json!({ "input_tokens": 0, "output_tokens": 0,
        "input_tokens_details": { "cached_tokens": 0, "cache_write_tokens": 0 },
        "output_tokens_details": { "reasoning_tokens": 0 }, "total_tokens": 0 });
    let mut whole = ended(head, vec![message]);
    whole.insert("usage".into(), usage);
    Value::Object(whole)
}

/// The same as a stream.
pub(in crate::provider::openai) fn stream(refusal: &Refusal<'_>) -> Vec<u8> {
    let mut out = Out { bytes: Vec::new(), number: 0 };
    let head = response(refusal, "in_progress", Vec::new());
    out.event("response.created", json!({ "response": head }));
    out.event("response.in_progress", json!({ "response": head }));
    let item = message(refusal, "in_progress", json!([]));
    out.event("response.output_item.added", json!({ "output_index": 0, "item": item }));
    let place = json!({ "item_id": item["id"], "output_index": 0, "content_index": 0 });
    out.placed("response.content_part.added", &place, json!({ "part": text("") }));
    out.placed("response.output_text.delta", &place, json!({ "delta": refusal.message, "logprobs": [] }));
    let mut item = message(refusal, "in_progress", json!([text(refusal.message)]));
    close(&mut item, 0, &mut out);
    out.event("response.incomplete", json!({ "response": whole(refusal) }));
    out.bytes
}

/// Events in the making, numbered.
struct Out {
    bytes: Vec<u8>,
    number: u64,
}

impl Out {
    fn event(&mut self, kind: &str, mut data: Value) {
        data["type"] = kind.into();
        data["sequence_number"] = self.number.into();
        self.number += 1;
        event(&mut self.bytes, &data);
    }

    /// An event of a part.
    fn placed(&mut self, kind: &str, place: &Value, mut data: Value) {
        for (key, value) in place.as_object().into_iter().flatten() {
            data[key] = value.clone();
        }
        self.event(kind, data);
    }
}

/// One event, named as SDKs expect.
pub(super) fn event(out: &mut Vec<u8>, data: &Value) {
    let name = data["type"].as_str().unwrap_or_default();
    out.extend_from_slice(format!("event: {name}\ndata: {data}\n\n").as_bytes());
}

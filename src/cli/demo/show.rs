//! What the tour prints: for each exchange who asked, what was sent, found and decided, what the model received, what the
//! user got, and what the gateway added.

use super::Houses;
use super::tour::{Body, Stop};
use crate::audit::DecisionRecord;
use crate::cli::client::Answer;
use serde_json::Value;
use std::fmt::Write;
use std::net::SocketAddr;

/// Longest text shown of one body, in characters.
const SHOWN: usize = 400;

/// One exchange, from all sides.
pub struct Exchange<'a> {
    pub sent: &'a [u8],
    /// What the model received; `None` if nothing reached it.
    pub received: Option<&'a [u8]>,
    pub answer: &'a Answer,
    pub record: &'a DecisionRecord,
}

pub fn welcome(out: &mut String, model: SocketAddr, houses: &Houses) {
    let _ = writeln!(out, "Portcullis demo: everything runs in this process, on loopback.\n");
    let _ = writeln!(out, "  stand-in model       http://{model}   (OpenAI Chat Completions and Anthropic Messages)");
    for (name, house) in
        [("a company", &houses.company), ("a hospital", &houses.hospital), ("a ministry", &houses.ministry)]
    {
        let _ = writeln!(out, "  gateway of {name:<10}  http://{}   policy {}", house.addr, house.policy);
    }
    out.push('\n');
}

pub fn stop(out: &mut String, number: usize, stop: &Stop, x: &Exchange<'_>) {
    let _ = writeln!(out, "── {number}. {}", stop.title);
    let record = x.record;
    let who = &record.principal;
    let _ = writeln!(
        out,
        "   who       {} · {} · {} · risk {} ({:.0})",
        who.user,
        who.country.as_deref().unwrap_or("–"),
        who.industry.as_deref().unwrap_or("–"),
        record.risk.band,
        record.risk.score
    );
    line(out, "sent", &told(&stop.body, x.sent));
    if record.findings.is_empty() {
        line(out, "found", "nothing");
    }
    for found in &record.findings {
        let text = format!(
            "{} ({}), {} confidence, in {} at {}, #{}",
            found.rule, found.category, found.confidence, found.channel, found.path, found.fingerprint
        );
        line(out, "found", &text);
    }
    line(out, "decided", record.action);
    for statement in record.statements.iter().filter(|s| s.action == record.action) {
        let text =
            format!("{}/{} “{}”: {}", statement.policy, statement.id, statement.title, statement.because.join("; "));
        line(out, "  why", &text);
        line(out, "  passes if", &statement.would_pass);
    }
    match x.received {
        None => line(out, "model got", "nothing: the request never left"),
        Some(bytes) if bytes == x.sent => line(out, "model got", &format!("the same {} bytes", bytes.len())),
        Some(bytes) => line(out, "model got", &told(&stop.body, bytes)),
    }
    let status = x.answer.status;
    line(out, "user got", &format!("{status} {}", answer_text(x.answer)));
    let timing = &record.timing_us;
    let phase = |t: Option<u64>| t.unwrap_or(0);
    let text = format!(
        "{} µs (decode {}, scan {}, decide {}, act {})",
        phase(timing.overhead),
        phase(timing.decode),
        phase(timing.scan),
        phase(timing.decide),
        phase(timing.act)
    );
    line(out, "added", &text);
    out.push('\n');
}

pub fn curl_lines(out: &mut String, gateway: SocketAddr, key: &str) {
    let _ = writeln!(out, "Try it yourself:\n");
    let _ = writeln!(
        out,
        "curl -si http://{gateway}/openai/v1/chat/completions -H 'content-type: application/json' -H 'authorization: Bearer {key}' \\\n  -d '{{\"model\":\"echo\",\"messages\":[{{\"role\":\"user\",\"content\":\"Meine Steuer-ID: 86 095 742 719\"}}]}}'\n"
    );
    let _ = writeln!(
        out,
        "curl -sN http://{gateway}/anthropic/v1/messages -H 'content-type: application/json' -H 'anthropic-version: 2023-06-01' -H 'x-api-key: {key}' \\\n  -d '{{\"model\":\"stand-in/chunk=5\",\"max_tokens\":99,\"stream\":true,\"messages\":[{{\"role\":\"user\",\"content\":\"SAY <<card 4539 57|87 63|62 1|486>>\"}}]}}'\n"
    );
}

/// One labelled line; the text is cut to a readable length.
fn line(out: &mut String, label: &str, text: &str) {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    let mut lines = shown.lines();
    let _ = writeln!(out, "   {label:<9} {}", lines.next().unwrap_or_default());
    for rest in lines {
        let _ = writeln!(out, "   {:<9} {rest}", "");
    }
}

/// The part of a request that tells the story: the last message with text or tool calls, or the file.
fn told(kind: &Body, bytes: &[u8]) -> String {
    match kind {
        Body::File(..) => {
            let text = String::from_utf8_lossy(bytes);
            text.split("\r\n\r\n").nth(2).and_then(|t| t.split("\r\n--").next()).unwrap_or(&text).to_owned()
        }
        Body::Chat(_) | Body::Messages(_) => {
            let json: Value = serde_json::from_slice(bytes).unwrap_or_default();
            let messages = json["messages"].as_array().cloned().unwrap_or_default();
            let calls = messages.iter().find_map(|m| m["tool_calls"][0]["function"]["arguments"].as_str());
            let text = calls.map(|c| format!("tool call arguments {c}"));
            text.or_else(|| messages.last().and_then(|m| m["content"].as_str().map(str::to_owned))).unwrap_or_default()
        }
    }
}

/// The text of an answer: the message, the error, or the concatenated deltas with the reason the stream ended.
fn answer_text(answer: &Answer) -> String {
    let body = String::from_utf8_lossy(&answer.body);
    if answer.header("content-type").is_some_and(|t| t.starts_with("text/event-stream")) {
        return stream_text(&body);
    }
    let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let pointers = ["/error/message", "/choices/0/message/content", "/content/0/text", "/filename"];
    pointers.iter().find_map(|p| json.pointer(p)?.as_str()).map_or_else(|| body.clone().into_owned(), str::to_owned)
}

fn stream_text(body: &str) -> String {
    let mut text = String::new();
    let mut reason = String::new();
    for data in body.lines().filter_map(|l| l.strip_prefix("data: ")) {
        let json: Value = serde_json::from_str(data).unwrap_or_default();
        for pointer in ["/choices/0/delta/content", "/delta/text"] {
            text.push_str(json.pointer(pointer).and_then(Value::as_str).unwrap_or_default());
        }
        for pointer in ["/choices/0/finish_reason", "/delta/stop_reason"] {
            if let Some(why) = json.pointer(pointer).and_then(Value::as_str) {
                reason = why.to_owned();
            }
        }
    }
    format!("(stream) {text} [{reason}]")
}

//! The Model Context Protocol over HTTP: JSON-RPC messages in bodies and in streams of server-sent events.
//!
//! Source: the specification's revisions 2024-11-05 to 2026-07-28, and the official SDK for Python (mcp 2.3). Both eras are
//! read alike: sessions with `initialize`, requests of the server's on streams, and batches; and stateless requests that repeat
//! their name and parameters in headers.

mod message;
mod methods;
mod stream;

use super::{Dialect, Facts, Fault, Refusal, Reply, StreamDialect, Target, Usage, Walk, Walker};
use crate::decode::Channel;
use crate::decode::framing::Framing;
use crate::decode::json::{Json, NodeId};
use message::{Sender, messages};
use serde_json::{Value, json};

/// The dialect.
pub struct Mcp;

/// The operation of a request that opens a stream of the server's messages.
const LISTEN: &str = "listen";
/// The operation whose result the model reads.
const CALL: &str = "tools/call";

impl Dialect for Mcp {
    fn names(&self) -> &'static [&'static str] {
        &["mcp"]
    }

    fn target(&self, method: &str, _path: &str) -> Target {
        Target::of(match method {
            "GET" => LISTEN,
            "DELETE" => "end_session",
            _ => "other",
        })
    }

    fn facts(&self, _target: &Target, body: &Json<'_>) -> Facts {
        Facts { operation: Some(methods::operation(body)), request_id: methods::request_id(body), ..Facts::default() }
    }

    fn request<'b>(&self, _target: &Target, body: &Json<'b>) -> Walk<'b> {
        walk(Sender::Client, body)
    }

    fn repeats(&self, header: &str) -> bool {
        header == methods::NAME_HEADER || header.starts_with(methods::PARAMETER_HEADER)
    }

    fn repeated(&self, header: &str, text: &str, body: &Json<'_>) -> Vec<NodeId> {
        methods::repeated(header, text, body)
    }

    fn response<'b>(&self, _target: &Target, body: &Json<'b>) -> Walk<'b> {
        walk(Sender::Server, body)
    }

    fn usage(&self, _target: &Target, _body: &Json<'_>) -> Usage {
        Usage::default()
    }

    fn stream(&self, target: &Target, _framing: Framing) -> Box<dyn StreamDialect> {
        let open_ended = matches!(target.operation, LISTEN | "subscriptions/listen");
        Box::new(stream::MessageStream { calls_tool: target.operation == CALL, open_ended })
    }

    fn error(&self, fault: Fault, refusal: &Refusal<'_>) -> Reply {
        let status = match fault {
            Fault::Policy => refusal.status,
            // 404 means to clients that their session is gone, and they begin another
            Fault::BadRequest | Fault::NotFound => 400,
            Fault::TooLarge => 413,
            Fault::Upstream => 502,
            Fault::Timeout => 504,
            Fault::Unavailable => 503,
        };
        reply(status, error_body(code(fault), refusal))
    }

    fn refusal(&self, target: &Target, refusal: &Refusal<'_>) -> Reply {
        match target.operation {
            CALL if refusal.request_id.is_some() => reply(200, refusal_body(refusal)),
            // a notification or an answer of the client's: nobody waits for a message
            _ if refusal.request_id.is_none() => self.error(Fault::Policy, refusal),
            _ => reply(200, error_body(code(Fault::Policy), refusal)),
        }
    }

    fn refusal_stream(&self, target: &Target, _framing: Framing, refusal: &Refusal<'_>) -> Reply {
        // every client reads both
        self.refusal(target, refusal)
    }
}

fn reply(status: u16, body: String) -> Reply {
    Reply { status, content_type: "application/json", headers: Vec::new(), body: body.into_bytes() }
}

/// JSON-RPC error codes: the protocol's own where there is one, else of the range for implementations (-32000 to -32019)
/// that no SDK gives a meaning.
fn code(fault: Fault) -> i32 {
    match fault {
        Fault::BadRequest => -32600,
        Fault::Policy => -32010,
        Fault::TooLarge => -32011,
        Fault::NotFound => -32012,
        Fault::Upstream => -32013,
        Fault::Timeout => -32014,
        Fault::Unavailable => -32015,
    }
}

/// A JSON-RPC error under the id of the request.
fn error_body(code: i32, refusal: &Refusal<'_>) -> String {
    let error = json!({ "code": code, "message": refusal.message, "data": { "request_id": refusal.id } });
    message_under_id(refusal, "error", &error)
}

/// The result of a tool that tells the model what happened. Clients of 2026-07-28 need the kind of a result; others ignore it.
fn refusal_body(refusal: &Refusal<'_>) -> String {
    let text = json!({ "type": "text", "text": refusal.message });
    message_under_id(refusal, "result", &json!({ "content": [text], "isError": true, "resultType": "complete" }))
}

/// A message under the id of the request; of a batch, one under each.
fn message_under_id(refusal: &Refusal<'_>, field: &str, value: &Value) -> String {
    let id = refusal.request_id.unwrap_or("null");
    let message = |id: &str| format!(r#"{{"jsonrpc":"2.0","id":{id},"{field}":{value}}}"#);
    let ids: Option<Vec<Value>> = id.starts_with('[').then(|| serde_json::from_str(id).unwrap_or_default());
    match ids {
        Some(ids) => format!("[{}]", ids.iter().map(|id| message(&id.to_string())).collect::<Vec<_>>().join(",")),
        None => message(id),
    }
}

fn walk<'b>(sender: Sender, body: &Json<'b>) -> Walk<'b> {
    let mut walker = Walker::new(body);
    let root = walker.root();
    messages(&mut walker, sender, root);
    walker.finish(match sender {
        Sender::Client => Channel::Prompt,
        Sender::Server => Channel::Response,
    })
}

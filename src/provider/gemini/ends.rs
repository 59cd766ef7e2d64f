//! What the gateway says of its own: errors, refusals, and the ends of streams in each framing.

use crate::decode::framing::Framing;
use crate::provider::{Fault, Refusal};
use serde_json::{Value, json};

/// HTTP status and its name (google.rpc.Code).
pub(super) fn status(fault: Fault, policy_status: u16) -> (u16, &'static str) {
    match fault {
        Fault::Policy => (policy_status, "PERMISSION_DENIED"),
        Fault::BadRequest => (400, "INVALID_ARGUMENT"),
        Fault::Identity => (401, "UNAUTHENTICATED"),
        Fault::TooLarge => (413, "INVALID_ARGUMENT"),
        Fault::NotFound => (404, "NOT_FOUND"),
        Fault::Upstream => (502, "UNAVAILABLE"),
        Fault::Timeout => (504, "DEADLINE_EXCEEDED"),
        Fault::Unavailable => (503, "UNAVAILABLE"),
    }
}

/// `{"error": …}`, with the gateway's request id as `google.rpc.RequestInfo`.
pub(super) fn error(fault: Fault, refusal: &Refusal<'_>) -> Value {
    let (code, status) = status(fault, refusal.status);
    let details = json!([{ "@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": refusal.id }]);
    json!({ "error": { "code": code, "message": refusal.message, "status": status, "details": details } })
}

/// An answer without text whose candidates stopped because of "sensitive personally identifiable information". As in the
/// provider's own, there is no content: SDKs give `None` for the text. Those of the Gemini API keep no `finishMessage`; what they
/// show of a refusal is the feedback's message.
pub(super) fn filtered(candidates: &[u64], refusal: &Refusal<'_>) -> Value {
    let candidate = |index: &u64| json!({ "finishReason": "SPII", "finishMessage": refusal.message, "index": index });
    json!({
        "candidates": candidates.iter().map(candidate).collect::<Vec<_>>(),
        "promptFeedback": { "blockReasonMessage": refusal.message },
    })
}

/// The last event of a stream. `begun`: the client has seen events before it.
pub(super) fn last(framing: Framing, begun: bool, event: &Value) -> Vec<u8> {
    match framing {
        Framing::Array if begun => format!(",\r\n{event}]"),
        Framing::Array => format!("[{event}]"),
        Framing::Lines => format!("{event}\n"),
        Framing::Messages => event.to_string(),
        _ => format!("data: {event}\r\n\r\n"),
    }
    .into_bytes()
}

//! Azure OpenAI: the same bodies and streams behind other addresses, with another credential and another error.

use super::{OpenAi, error_body, reply};
use crate::decode::Channel;
use crate::decode::framing::Framing;
use crate::decode::json::Json;
use crate::provider::{Dialect, Facts, Fault, Refusal, Reply, StreamDialect, Target, Usage, Walk};
use serde_json::json;

/// The dialect.
pub struct Azure;

impl Dialect for Azure {
    fn names(&self) -> &'static [&'static str] {
        &["azure"]
    }

    fn target(&self, method: &str, path: &str) -> Target {
        OpenAi.target(method, path)
    }

    /// A key of the resource. A token of Entra would go as a bearer.
    fn credential(&self, key: &str) -> (&'static str, String) {
        ("api-key", key.to_owned())
    }

    fn facts(&self, target: &Target, body: &Json<'_>) -> Facts {
        OpenAi.facts(target, body)
    }

    fn request<'b>(&self, target: &Target, body: &Json<'b>) -> Walk<'b> {
        OpenAi.request(target, body)
    }

    fn response<'b>(&self, target: &Target, body: &Json<'b>) -> Walk<'b> {
        OpenAi.response(target, body)
    }

    fn line<'b>(&self, channel: Channel, line: &Json<'b>) -> Option<Walk<'b>> {
        OpenAi.line(channel, line)
    }

    fn pins(&self, target: &Target) -> bool {
        OpenAi.pins(target)
    }

    fn uploaded(&self, target: &Target, body: &Json<'_>) -> Vec<String> {
        OpenAi.uploaded(target, body)
    }

    fn usage(&self, target: &Target, body: &Json<'_>) -> Usage {
        OpenAi.usage(target, body)
    }

    fn socket(&self, target: &Target) -> bool {
        OpenAi.socket(target)
    }

    fn stream(&self, target: &Target, framing: Framing) -> Box<dyn StreamDialect> {
        OpenAi.stream(target, framing)
    }

    /// What was blocked is told as Azure's own filter tells it: applications for Azure look for its code.
    fn error(&self, fault: Fault, refusal: &Refusal<'_>) -> Reply {
        if fault != Fault::Policy {
            return OpenAi.error(fault, refusal);
        }
        let mut body = error_body(fault, refusal);
        body["error"]["code"] = "content_filter".into();
        body["error"]["status"] = refusal.status.into();
        body["error"]["innererror"] = json!({ "code": "ResponsibleAIPolicyViolation", "content_filter_result": {} });
        reply(refusal.status, &body, true)
    }

    fn refusal(&self, target: &Target, refusal: &Refusal<'_>) -> Reply {
        OpenAi.refusal(target, refusal)
    }

    fn refusal_stream(&self, target: &Target, framing: Framing, refusal: &Refusal<'_>) -> Reply {
        OpenAi.refusal_stream(target, framing, refusal)
    }
}

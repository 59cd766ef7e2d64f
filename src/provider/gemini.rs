//! Google Gemini and Vertex AI: contents of parts, answers of candidates, streams of answers. Vertex also carries the bodies of
//! other publishers' models, which their dialects read.
//!
//! Source: the API reference and the type definitions of the official SDK (google-genai 3.x).

mod ends;
mod events;
mod fields;
mod interactions;
mod live;
mod parts;
mod request;
mod response;
mod stream;
mod target;

use super::{Dialect, Facts, Fault, Refusal, Reply, StreamDialect, Target, Usage, Walk};
use crate::decode::Channel;
use crate::decode::framing::Framing;
use crate::decode::json::{Json, Node};
use stream::GenerateStream;
use target::guest;

/// The dialect, as one of its two platforms speaks it.
pub struct Gemini {
    pub vertex: bool,
}

/// The operation whose bodies are steps.
const INTERACTIONS: &str = "interactions";
/// The operation that is a session over a socket.
const LIVE: &str = "live";

impl Dialect for Gemini {
    fn names(&self) -> &'static [&'static str] {
        if self.vertex { &["vertex"] } else { &["gemini"] }
    }

    fn target(&self, method: &str, path: &str) -> Target {
        target::of(method, path)
    }

    fn credential(&self, key: &str) -> (&'static str, String) {
        match self.vertex {
            true => ("authorization", format!("Bearer {key}")),
            false => ("x-goog-api-key", key.to_owned()),
        }
    }

    fn facts(&self, target: &Target, body: &Json<'_>) -> Facts {
        if let Some(guest) = guest(target) {
            return guest.facts(target, body);
        }
        // where the path names no model: `models/…` in the body of a cache, a batch, a session
        let root = body.root();
        let setup = fields::last(root, "setup").unwrap_or(root);
        let model = fields::last(setup, "model").and_then(Node::str);
        let model =
            model.filter(|_| target.model.is_none()).map(|m| m.strip_prefix("models/").unwrap_or(&m).to_owned());
        let streams = target.operation == INTERACTIONS && root.get("stream").and_then(Node::as_bool) == Some(true);
        Facts { model, stream: streams.then_some(Framing::Sse), ..Facts::default() }
    }

    fn request<'b>(&self, target: &Target, body: &Json<'b>) -> Walk<'b> {
        match guest(target) {
            Some(guest) => guest.request(target, body),
            None if target.operation == INTERACTIONS => interactions::walk(body, Channel::Prompt),
            None => request::walk(body),
        }
    }

    fn response<'b>(&self, target: &Target, body: &Json<'b>) -> Walk<'b> {
        match guest(target) {
            Some(guest) => guest.response(target, body),
            None if target.operation == INTERACTIONS => interactions::walk(body, Channel::Response),
            None => response::walk(body),
        }
    }

    fn uploaded(&self, target: &Target, body: &Json<'_>) -> Vec<String> {
        match guest(target) {
            Some(guest) => guest.uploaded(target, body),
            None => response::uploaded(target.operation, body.root()),
        }
    }

    fn usage(&self, target: &Target, body: &Json<'_>) -> Usage {
        match guest(target) {
            Some(guest) => guest.usage(target, body),
            None if target.operation == INTERACTIONS => interactions::usage(body.root()),
            None => response::usage(body.root()),
        }
    }

    fn socket(&self, target: &Target) -> bool {
        match guest(target) {
            Some(guest) => guest.socket(target),
            None => target.operation == LIVE,
        }
    }

    fn framing(&self, target: &Target, media_type: &str) -> Option<Framing> {
        if let Some(guest) = guest(target) {
            return guest.framing(target, media_type);
        }
        let json = media_type.trim_start().get(..16).is_some_and(|m| m.eq_ignore_ascii_case("application/json"));
        Framing::of(media_type).or(target.stream.filter(|asked| json && *asked == Framing::Array))
    }

    fn stream(&self, target: &Target, framing: Framing) -> Box<dyn StreamDialect> {
        match guest(target) {
            Some(guest) => guest.stream(target, framing),
            None if target.operation == INTERACTIONS => Box::new(interactions::InteractionStream::default()),
            None if target.operation == LIVE => Box::new(live::LiveStream::default()),
            None => Box::new(GenerateStream::new(framing)),
        }
    }

    fn error(&self, fault: Fault, refusal: &Refusal<'_>) -> Reply {
        let (status, _) = ends::status(fault, refusal.status);
        let last = !matches!(fault, Fault::Upstream | Fault::Timeout | Fault::Unavailable);
        // the SDKs of other publishers' models repeat requests unless they are told, Google's the parts of uploads
        let headers = match last {
            true => vec![("x-should-retry", "false".to_owned()), ("x-goog-upload-status", "cancelled".to_owned())],
            false => Vec::new(),
        };
        let body = ends::error(fault, refusal).to_string().into_bytes();
        Reply { status, content_type: "application/json", headers, body }
    }

    fn refusal(&self, target: &Target, refusal: &Refusal<'_>) -> Reply {
        if let Some(guest) = guest(target) {
            return guest.refusal(target, refusal);
        }
        if target.operation != "chat" {
            // no answer but that of a model can say that it was filtered
            return self.error(Fault::Policy, refusal);
        }
        let body = ends::filtered(&[0], refusal).to_string().into_bytes();
        Reply { status: 200, content_type: "application/json", headers: Vec::new(), body }
    }

    fn refusal_stream(&self, target: &Target, framing: Framing, refusal: &Refusal<'_>) -> Reply {
        if let Some(guest) = guest(target) {
            return guest.refusal_stream(target, framing, refusal);
        }
        if target.operation != "chat" {
            return self.error(Fault::Policy, refusal);
        }
        let body = GenerateStream::new(framing).blocked(refusal);
        Reply { status: 200, content_type: framing.media_type(), headers: Vec::new(), body }
    }
}

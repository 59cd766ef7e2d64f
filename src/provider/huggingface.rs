//! Text Generation Inference of Hugging Face, and endpoints that take `inputs`. Under `/v1` it speaks OpenAI's API.
//!
//! Source: the OpenAPI document of text-generation-inference 3.

use super::openai::{OpenAi, error_kind, facts};
use super::{
    Dialect, EventFacts, EventWalker, Facts, Fault, LaneKey, Marks, Refusal, Reply, StreamDialect, Target, Usage, Walk,
    Walker, operation_of,
};
use crate::decode::Channel;
use crate::decode::framing::Framing;
use crate::decode::json::{Json, Kind, Node};
use serde_json::{Value, json};
use std::sync::Arc;

/// The dialect.
pub struct HuggingFace;

impl Dialect for HuggingFace {
    fn names(&self) -> &'static [&'static str] {
        &["huggingface"]
    }

    fn at(&self, path: &str) -> Option<Arc<dyn Dialect>> {
        path.contains("/v1/").then(|| Arc::new(OpenAi) as Arc<dyn Dialect>)
    }

    fn target(&self, _method: &str, path: &str) -> Target {
        const OPERATIONS: &[(&str, &str)] = &[
            ("/generate_stream", "text_completion"),
            ("/generate", "text_completion"),
            ("/tokenize", "tokenize"),
            ("/chat_tokenize", "tokenize"),
            ("/embed", "embeddings"),
            ("/rerank", "rerank"),
            ("/predict", "classify"),
            ("/info", "models"),
        ];
        let operation = operation_of(OPERATIONS, path);
        // `/` and the path of a hosted model generate as well
        let operation = if operation == "other" { "text_completion" } else { operation };
        let streams = path.split('?').next().unwrap_or_default().ends_with("/generate_stream");
        Target { stream: streams.then_some(Framing::Sse), ..Target::of(operation) }
    }

    fn facts(&self, _target: &Target, body: &Json<'_>) -> Facts {
        facts(body.root())
    }

    fn request<'b>(&self, _target: &Target, body: &Json<'b>) -> Walk<'b> {
        let mut walker = Walker::new(body);
        let root = walker.root();
        for inputs in root.each("inputs") {
            match inputs.kind() {
                // pairs, questions with their context, and whatever else a pipeline takes
                Kind::Object => walker.value(Channel::Prompt, inputs),
                _ => {
                    walker.texts_at(Channel::Prompt, root, "inputs");
                }
            }
        }
        for key in ["query", "texts"] {
            walker.texts_at(Channel::Prompt, root, key);
        }
        for parameters in root.each("parameters") {
            walker.texts_at(Channel::Prompt, parameters, "stop");
            walker.value_at(Channel::System, parameters, "grammar");
        }
        walker.finish(Channel::Prompt)
    }

    fn response<'b>(&self, _target: &Target, body: &Json<'b>) -> Walk<'b> {
        let mut walker = Walker::new(body);
        let root = walker.root();
        let answers = (root.kind() == Kind::Object).then_some(root).into_iter().chain(root.items());
        for answer in answers {
            generated(&mut walker, answer);
        }
        walker.finish(Channel::Response)
    }

    fn usage(&self, _target: &Target, body: &Json<'_>) -> Usage {
        let root = body.root();
        usage(root.items().next().unwrap_or(root))
    }

    fn stream(&self, _target: &Target, _framing: Framing) -> Box<dyn StreamDialect> {
        Box::new(TokenStream { ended: false })
    }

    fn error(&self, fault: Fault, refusal: &Refusal<'_>) -> Reply {
        let (status, kind, _) = error_kind(fault, refusal.status);
        reply(status, &json!({ "error": refusal.message, "error_type": kind }))
    }

    fn refusal(&self, _target: &Target, refusal: &Refusal<'_>) -> Reply {
        // no finish reason tells of a filter
        self.error(Fault::Policy, refusal)
    }

    fn refusal_stream(&self, target: &Target, _framing: Framing, refusal: &Refusal<'_>) -> Reply {
        self.refusal(target, refusal)
    }
}

fn reply(status: u16, body: &Value) -> Reply {
    Reply { status, content_type: "application/json", headers: Vec::new(), body: body.to_string().into_bytes() }
}

fn usage(answer: Node<'_, '_>) -> Usage {
    let output = answer.get("details").and_then(|details| details.get("generated_tokens")?.as_u64());
    Usage { output, ..Usage::default() }
}

/// An answer, and the same text again token by token.
fn generated<'j, 'b>(walker: &mut Walker<'j, 'b>, answer: Node<'j, 'b>) {
    let first = walker.segments();
    walker.text_at(Channel::Response, answer, "generated_text");
    let text = first..walker.segments();
    for details in answer.each("details") {
        for key in ["tokens", "prefill", "top_tokens"] {
            details.each(key).for_each(|tokens| walker.copy(text.clone(), tokens));
        }
        for best in details.each("best_of_sequences").flat_map(Node::items) {
            let first = walker.segments();
            walker.text_at(Channel::Response, best, "generated_text");
            for key in ["tokens", "prefill", "top_tokens"] {
                best.each(key).for_each(|tokens| walker.copy(first..first + 1, tokens));
            }
        }
    }
}

/// Reads the tokens of one answer; the last event repeats the whole text.
struct TokenStream {
    ended: bool,
}

impl StreamDialect for TokenStream {
    fn event(&mut self, _name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let Some(json) = data else { return EventFacts::default() };
        let mut walker = EventWalker::new(json);
        let root = walker.root();
        let lane = LaneKey::new("text", 0, 0);
        for token in root.each("token") {
            walker.delta_at(Channel::Response, &lane, token, "text");
        }
        root.each("top_tokens").for_each(|tokens| walker.event_copy(tokens));
        let last = root.get("generated_text").is_some_and(Node::is_string) || root.get("error").is_some();
        let mut facts = walker.finish();
        facts.usage = usage(root);
        facts.ends_all = last;
        facts.marks.ended = last;
        facts
    }

    fn sent(&mut self, marks: &Marks) {
        self.ended |= marks.ended;
    }

    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        self.failed(Fault::Policy, refusal)
    }

    fn failed(&mut self, fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        self.ended = true;
        let (_, kind, _) = error_kind(fault, refusal.status);
        format!("data: {}\n\n", json!({ "error": refusal.message, "error_type": kind })).into_bytes()
    }

    fn ended(&self) -> bool {
        self.ended
    }
}

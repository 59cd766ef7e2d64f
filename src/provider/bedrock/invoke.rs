//! InvokeModel: the bodies of each model's own API.

use super::NOVA;
use crate::decode::Channel;
use crate::decode::json::Node;
use crate::provider::anthropic::Anthropic;
use crate::provider::cohere::Cohere;
use crate::provider::openai::OpenAi;
use crate::provider::{Dialect, Target, Walker};

/// Families by a part of the model's id, which may have a region before it (`eu.anthropic.…`) or be the name of a profile.
const FAMILIES: &[(&str, &str)] = &[
    ("anthropic.", "anthropic"),
    ("amazon.nova", NOVA),
    ("cohere.command-r", "cohere"),
    ("openai.", "openai"),
    ("deepseek.", "openai"),
    ("qwen.", "openai"),
    ("mistral.", "openai"),
];

/// The family of a model; `None` for those whose bodies are read by their well-known fields.
pub(super) fn family(model: &str) -> Option<&'static str> {
    FAMILIES.iter().find(|(part, _)| model.contains(part)).map(|(_, family)| *family)
}

/// The dialect of the model's bodies, if it is another provider's.
pub(super) fn native(target: &Target) -> Option<&'static dyn Dialect> {
    match target.family {
        Some("anthropic") => Some(&Anthropic),
        Some("cohere") => Some(&Cohere),
        Some("openai") => Some(&OpenAi),
        _ => None,
    }
}

/// Requests of Titan, Llama, Jurassic and their like.
pub(super) fn request<'j, 'b>(walker: &mut Walker<'j, 'b>, root: Node<'j, 'b>) {
    for key in ["prompt", "inputText", "inputs", "texts", "text", "negative_text", "query"] {
        walker.texts_at(Channel::Prompt, root, key);
    }
    for config in root.each("textGenerationConfig") {
        walker.texts_at(Channel::Prompt, config, "stopSequences");
    }
    for key in ["stop", "stop_sequences", "stopSequences"] {
        walker.texts_at(Channel::Prompt, root, key);
    }
    for key in ["inputImage", "image"] {
        root.each(key).filter(|node| node.is_string()).for_each(|image| walker.payload(Channel::Upload, image));
    }
    for image in root.each("images").flat_map(Node::items) {
        walker.payload(Channel::Upload, image);
    }
}

/// Answers of Titan, Llama, Mistral, Jurassic, Cohere Command and their like.
pub(super) fn response<'j, 'b>(walker: &mut Walker<'j, 'b>, root: Node<'j, 'b>) {
    walker.text_at(Channel::Response, root, "generation");
    for (list, key) in [("results", "outputText"), ("outputs", "text"), ("generations", "text")] {
        for item in root.each(list).flat_map(Node::items) {
            walker.text_at(Channel::Response, item, key);
        }
    }
    for completion in root.each("completions").flat_map(Node::items) {
        let first = walker.segments();
        completion.each("data").for_each(|data| {
            walker.text_at(Channel::Response, data, "text");
            data.each("tokens").for_each(|tokens| walker.copy(first..first + 1, tokens));
        });
    }
    // the prompt once more, with its tokens
    for prompt in root.each("prompt") {
        let first = walker.segments();
        walker.text_at(Channel::Response, prompt, "text");
        prompt.each("tokens").for_each(|tokens| walker.copy(first..first + 1, tokens));
        walker.text(Channel::Response, prompt);
    }
    for image in root.each("images").flat_map(Node::items) {
        walker.payload(Channel::Response, image);
    }
}

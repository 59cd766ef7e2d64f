//! What the address of a request says.

use crate::decode::framing::Framing;
use crate::provider::Target;

/// Operations by path, from the first segment that is a resource of the API on; `*` stands for an id. What lies deeper
/// than any line counts as the longest line it begins with.
const OPERATIONS: &[(&str, &str)] = &[
    ("chat/completions", "chat"),
    ("chat/completions/*", "chat_stored"),
    ("responses", "responses"),
    ("responses/input_tokens", "input_tokens"),
    ("responses/compact", "compact"),
    ("responses/*/input_items", "response_items"),
    ("conversations", "conversations"),
    ("completions", "text_completion"),
    ("embeddings", "embeddings"),
    ("moderations", "moderations"),
    ("images/generations", "image_generation"),
    ("images/edits", "image_edit"),
    ("images/variations", "image_variation"),
    ("audio/transcriptions", "transcription"),
    ("audio/translations", "translation"),
    ("audio/speech", "speech"),
    ("files", "files"),
    ("files/*/content", "file_content"),
    ("uploads", "uploads"),
    ("batches", "batches"),
    ("fine_tuning", "fine_tuning"),
    ("vector_stores", "vector_stores"),
    ("vector_stores/*/search", "vector_store_search"),
    ("assistants", "assistants"),
    ("threads", "threads"),
    ("realtime", "realtime"),
    ("traces/ingest", "traces"),
    ("models", "models"),
    ("containers", "containers"),
    ("evals", "evals"),
    ("videos", "videos"),
    ("tokenize", "tokenize"),
    ("detokenize", "detokenize"),
    ("rerank", "rerank"),
    ("score", "score"),
    ("pooling", "pooling"),
];

/// Reads a method and a path with its query: `/v1/…` and what other providers put in its place, Azure's `/openai/v1/…` and
/// `/openai/deployments/{model}/…`.
pub(super) fn target(method: &str, path: &str) -> Target {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    // the upstream's prefix may hold what comes before
    let (model, rest) = match segments[..] {
        ["openai", "deployments", model, ref rest @ ..] | ["deployments", model, ref rest @ ..] => (Some(model), rest),
        _ => (None, &segments[..]),
    };
    let operation = match (operation(rest), method) {
        // the same address lists what is stored
        ("chat", "GET") => "chat_stored",
        (operation, _) => operation,
    };
    // only a response that is stored is asked for as a stream by its address
    let streams = operation == "responses" && query.split('&').any(|parameter| parameter == "stream=true");
    let model = model.map(decoded).or_else(|| (operation == "realtime").then(|| super::realtime::model(query))?);
    Target { model, stream: streams.then_some(Framing::Sse), ..Target::of(operation) }
}

fn operation(segments: &[&str]) -> &'static str {
    // `files` and `completions` may stand within a path, so the first place that fits counts
    for from in 0..segments.len() {
        let rest = &segments[from..];
        let fits = OPERATIONS.iter().filter(|(pattern, _)| {
            let steps = pattern.split('/').count();
            steps <= rest.len() && pattern.split('/').zip(rest).all(|(step, segment)| step == "*" || step == *segment)
        });
        if let Some((_, operation)) = fits.max_by_key(|(pattern, _)| specificity(pattern)) {
            return operation;
        }
    }
    "other"
}

/// A longer pattern says more, and of two as long the one that names more.
fn specificity(pattern: &str) -> (usize, usize) {
    let steps = pattern.split('/');
    (steps.clone().count(), steps.filter(|step| *step != "*").count())
}

fn decoded(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_operations() {
        for (method, path, operation) in [
            ("POST", "/v1/chat/completions", "chat"),
            ("POST", "/chat/completions/", "chat"),
            ("POST", "/beta/chat/completions", "chat"),
            ("POST", "/openai/v1/chat/completions?api-version=preview", "chat"),
            ("GET", "/v1/chat/completions?limit=3", "chat_stored"),
            ("GET", "/v1/chat/completions/chatcmpl-1/messages", "chat_stored"),
            ("POST", "/v1/responses", "responses"),
            ("GET", "/v1/responses/resp_1", "responses"),
            ("POST", "/v1/responses/resp_1/cancel", "responses"),
            ("GET", "/v1/responses/resp_1/input_items", "response_items"),
            ("POST", "/v1/responses/input_tokens", "input_tokens"),
            ("POST", "/v1/responses/compact", "compact"),
            ("POST", "/v1/conversations/conv_1/items", "conversations"),
            ("POST", "/v1/completions", "text_completion"),
            ("POST", "/v1/files", "files"),
            ("GET", "/v1/files/file-1", "files"),
            ("GET", "/v1/files/file-1/content", "file_content"),
            ("POST", "/v1/uploads/upload_1/parts", "uploads"),
            ("POST", "/v1/vector_stores/vs_1/search", "vector_store_search"),
            ("POST", "/v1/vector_stores/vs_1/files", "vector_stores"),
            ("POST", "/v1/threads/thread_1/runs", "threads"),
            ("POST", "/v1/audio/speech", "speech"),
            ("POST", "/v1/realtime/client_secrets", "realtime"),
            ("GET", "/v1/models/gpt-5", "models"),
            ("POST", "/tokenize", "tokenize"),
            ("POST", "/v1/brand_new", "other"),
            ("GET", "/", "other"),
        ] {
            assert_eq!(target(method, path).operation, operation, "{method} {path}");
        }
    }

    #[test]
    fn azure_names_the_model_in_the_path() {
        let of = target("POST", "/openai/deployments/gpt%2D4o/chat/completions?api-version=2024-10-21");
        assert_eq!((of.operation, of.model.as_deref()), ("chat", Some("gpt-4o")));
        let of = target("POST", "/openai/deployments/files/embeddings?api-version=2024-10-21");
        assert_eq!((of.operation, of.model.as_deref()), ("embeddings", Some("files")));
        assert_eq!(target("POST", "/deployments/d/completions").model.as_deref(), Some("d"));
        assert_eq!(target("POST", "/openai/v1/responses").model, None);
    }

    #[test]
    fn a_stored_response_is_streamed_when_the_address_asks_for_it() {
        let of = |path| target("GET", path).stream;
        assert_eq!(of("/v1/responses/resp_1?stream=true&starting_after=7"), Some(Framing::Sse));
        assert_eq!(of("/v1/responses/resp_1?stream=false"), None);
    }
}

//! What a path says: `/{version}/models/{model}:{verb}`, and of Vertex
//! `/{version}/projects/{project}/locations/{place}/publishers/{publisher}/models/{model}:{verb}`.

use crate::decode::framing::Framing;
use crate::provider::anthropic::Anthropic;
use crate::provider::openai::OpenAi;
use crate::provider::{Dialect, Target};
use percent_encoding::percent_decode_str;

/// Operations by verb.
const VERBS: &[(&str, &str)] = &[
    ("generateContent", "chat"),
    ("streamGenerateContent", "chat"),
    ("countTokens", "count_tokens"),
    ("computeTokens", "count_tokens"),
    ("embedContent", "embeddings"),
    ("batchEmbedContents", "embeddings"),
    ("asyncBatchEmbedContent", "batches"),
    ("batchGenerateContent", "batches"),
    ("predict", "predict"),
    ("predictLongRunning", "predict"),
    ("fetchPredictOperation", "operations"),
    ("bidiGenerateContent", "live"),
    ("register", "files"),
];

/// Operations by the collection the path is in.
const COLLECTIONS: &[(&str, &str)] = &[
    ("upload", "upload"),
    ("files", "files"),
    ("cachedContents", "cached_contents"),
    ("interactions", "interactions"),
    ("batches", "batches"),
    ("batchPredictionJobs", "batches"),
    ("operations", "operations"),
    ("fileSearchStores", "file_search_stores"),
    ("tunedModels", "tuned_models"),
    ("tuningJobs", "tuned_models"),
    ("models", "models"),
];

/// The dialect of a publisher's models on Vertex, whose bodies are its own.
fn publisher(name: &str) -> Option<&'static str> {
    match name {
        "google" => None,
        "anthropic" => Some("anthropic"),
        // the other publishers' bodies are like OpenAI's
        _ => Some("openai"),
    }
}

/// The dialect of the bodies, if it is another's.
pub(super) fn guest(target: &Target) -> Option<&'static dyn Dialect> {
    match target.family {
        Some("anthropic") => Some(&Anthropic),
        Some("openai") => Some(&OpenAi),
        _ => None,
    }
}

pub(super) fn of(method: &str, path: &str) -> Target {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    // a server reads `%3A` as the colon it stands for
    let path = percent_decode_str(path).decode_utf8_lossy();
    if path.contains("/openai/") || path.contains("/endpoints/openapi/") {
        return Target { family: Some("openai"), ..OpenAi.target(method, &path) };
    }
    if path.contains("BidiGenerate") {
        return Target { stream: Some(Framing::Messages), ..Target::of("live") };
    }
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    let (name, verb) = segments.last().and_then(|s| s.rsplit_once(':')).unwrap_or_default();
    let collection = segments.len().checked_sub(2).map(|at| segments[at]);
    let model = matches!(collection, Some("models" | "tunedModels" | "endpoints")).then(|| name.to_owned());
    let model = model.filter(|model| !model.is_empty());
    if matches!(verb, "rawPredict" | "streamRawPredict") {
        let at = segments.iter().position(|s| *s == "publishers");
        let family = at.and_then(|at| segments.get(at + 1)).map_or(Some("openai"), |name| publisher(name));
        let counts = model.as_deref() == Some("count-tokens");
        return Target {
            operation: if counts { "count_tokens" } else { "chat" },
            // the path's is no model then; the body names it
            model: model.filter(|_| !counts),
            stream: (verb == "streamRawPredict").then_some(Framing::Sse),
            family,
        };
    }
    let by_verb = VERBS.iter().find(|(name, _)| *name == verb);
    let by_collection = || COLLECTIONS.iter().find(|(name, _)| segments.contains(name));
    let operation = by_verb.or_else(by_collection).map_or("other", |(_, operation)| operation);
    let sse = query.split('&').any(|p| matches!(p, "alt=sse" | "$alt=sse" | "%24alt=sse"));
    let stream = (verb == "streamGenerateContent").then_some(if sse { Framing::Sse } else { Framing::Array });
    Target { operation, model, stream, family: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_say_operation_model_and_framing() {
        const VERTEX: &str = "/v1/projects/p/locations/eu/publishers";
        for (path, operation, model, stream, family) in [
            ("/v1beta/models/gemini-2.5-flash:generateContent", "chat", Some("gemini-2.5-flash"), None, None),
            ("/models/g%3AstreamGenerateContent?key=k&alt=sse", "chat", Some("g"), Some(Framing::Sse), None),
            ("/v1/models/g:streamGenerateContent", "chat", Some("g"), Some(Framing::Array), None),
            ("/v1beta/tunedModels/mine:generateContent", "chat", Some("mine"), None, None),
            ("/v1beta/models/e:batchEmbedContents", "embeddings", Some("e"), None, None),
            ("/v1beta/models/g:countTokens", "count_tokens", Some("g"), None, None),
            ("/v1beta/models/g:batchGenerateContent", "batches", Some("g"), None, None),
            ("/v1beta/cachedContents", "cached_contents", None, None, None),
            ("/v1beta/files/abc:download?alt=media", "files", None, None, None),
            ("/upload/v1beta/files?upload_id=x", "upload", None, None, None),
            ("/v1beta/interactions", "interactions", None, None, None),
            ("/v1beta/models/veo/operations/o", "operations", None, None, None),
            ("/v1beta/models?pageSize=5", "models", None, None, None),
            ("/v1beta/openai/chat/completions", "chat", None, None, Some("openai")),
            ("/v1/projects/p/locations/eu/endpoints/openapi/chat/completions", "chat", None, None, Some("openai")),
            ("/v1/projects/p/locations/eu/endpoints/7:predict", "predict", Some("7"), None, None),
            (
                "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent",
                "live",
                None,
                Some(Framing::Messages),
                None,
            ),
        ] {
            let expected = Target { operation, model: model.map(str::to_owned), stream, family };
            assert_eq!(of("POST", path), expected, "{path}");
        }
        let of_vertex = |rest: &str| of("POST", &format!("{VERTEX}/{rest}"));
        let claude = of_vertex("anthropic/models/claude-x@1:streamRawPredict");
        assert_eq!((claude.operation, claude.family), ("chat", Some("anthropic")));
        assert_eq!((claude.model.as_deref(), claude.stream), (Some("claude-x@1"), Some(Framing::Sse)));
        assert_eq!(of_vertex("mistralai/models/m:rawPredict").family, Some("openai"));
        assert_eq!(of_vertex("anthropic/models/count-tokens:rawPredict").operation, "count_tokens");
        assert_eq!(of_vertex("google/models/g:generateContent").model.as_deref(), Some("g"));
    }
}

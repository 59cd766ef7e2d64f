//! The rest of the OpenAI API, as the stand-in model speaks it: embeddings, moderations, images, audio, completions.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use serde_json::{Value, json};

use super::CREATED;
use super::answer::{tokens, vectors};
use super::chat::error;
use super::upload;
use super::wire::{self, Reply};

/// The smallest picture: one transparent pixel as PNG, in base64.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// Answers `POST /v1/{path}`.
pub(super) fn call(path: &str, headers: &HeaderMap, body: &[u8]) -> Response<Reply> {
    if let "audio/transcriptions" | "audio/translations" = path {
        return match upload::file(headers, body) {
            // It hears what the bytes say when they are taken for text.
            Ok(file) => wire::json(StatusCode::OK, &json!({"text": String::from_utf8_lossy(file.data)})),
            Err(problem) => error(StatusCode::BAD_REQUEST, problem),
        };
    }
    let Ok(request) = serde_json::from_slice::<Value>(body) else {
        return error(StatusCode::BAD_REQUEST, "the body is not JSON");
    };
    match path {
        "embeddings" => embeddings(body, &request),
        "moderations" => moderations(body, &request),
        "images/generations" => {
            let image = json!({"b64_json": PIXEL, "revised_prompt": request["prompt"]});
            wire::json(StatusCode::OK, &json!({"created": CREATED, "data": [image]}))
        }
        "audio/speech" => {
            let spoken = request["input"].as_str().unwrap_or_default().to_owned();
            wire::bytes(StatusCode::OK, "audio/mpeg", Bytes::from(spoken))
        }
        _ => error(StatusCode::NOT_FOUND, "the stand-in model has no such endpoint"),
    }
}

/// The id is Mistral's; clients of OpenAI's ignore it.
fn embeddings(body: &[u8], request: &Value) -> Response<Reply> {
    let encoded = request["encoding_format"] == "base64";
    let item = |(index, vector): (usize, Vec<f32>)| {
        let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
        let embedding = if encoded { json!(BASE64_STANDARD.encode(bytes)) } else { json!(vector) };
        json!({"object": "embedding", "index": index, "embedding": embedding})
    };
    let data: Value = vectors(&request["input"]).into_iter().enumerate().map(item).collect();
    let count = tokens(request["input"].to_string().chars().count());
    let list = json!({
        "id": wire::id("", body, 0), "object": "list", "data": data, "model": request["model"],
        "usage": {"prompt_tokens": count, "total_tokens": count},
    });
    wire::json(StatusCode::OK, &list)
}

/// Nothing is ever wrong with a text.
fn moderations(body: &[u8], request: &Value) -> Response<Reply> {
    const CATEGORIES: [&str; 13] = [
        "harassment",
        "harassment/threatening",
        "hate",
        "hate/threatening",
        "illicit",
        "illicit/violent",
        "self-harm",
        "self-harm/instructions",
        "self-harm/intent",
        "sexual",
        "sexual/minors",
        "violence",
        "violence/graphic",
    ];
    let each = |value: Value| CATEGORIES.iter().map(|name| ((*name).to_owned(), value.clone())).collect::<Value>();
    let result = || {
        json!({
            "flagged": false, "categories": each(false.into()), "category_scores": each(0.01.into()),
            "category_applied_input_types": each(json!(["text"])),
        })
    };
    let results: Value = vectors(&request["input"]).iter().map(|_| result()).collect();
    let moderation = json!({"id": wire::id("modr-", body, 0), "model": request["model"], "results": results});
    wire::json(StatusCode::OK, &moderation)
}

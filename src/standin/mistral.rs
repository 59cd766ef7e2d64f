//! What Mistral's API adds to Chat Completions, as the stand-in model speaks it.

use http::{Response, StatusCode};
use serde_json::json;

use super::CREATED;
use super::upload::File;
use super::wire::{self, Reply};

/// Answers `POST /v1/files`.
pub(super) fn file(file: &File) -> Response<Reply> {
    let described = json!({
        "id": "00000000-0000-4000-8000-000000000000", "object": "file", "bytes": file.data.len(), "created_at": CREATED,
        "filename": file.name, "purpose": "fine-tune", "sample_type": "instruct", "source": "upload", "mimetype": file.mime,
    });
    wire::json(StatusCode::OK, &described)
}

/// An error in the API's shape.
pub(super) fn error(status: StatusCode, message: &str) -> Response<Reply> {
    let described =
        json!({"object": "error", "message": message, "type": "invalid_request_error", "param": null, "code": null});
    wire::json(status, &described)
}

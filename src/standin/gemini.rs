//! Gemini's `generateContent`, as the stand-in model speaks it.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use super::CREATED_TEXT;
use super::answer::{Answer, deltas, tokens, vector};
use super::ask::Ask;
use super::wire::{self, Reply};

/// The beginning of the paths, without the version.
const MODELS: &str = "models/";

/// Answers `POST /v1/models/{model}:{method}`; `query` says how a stream is framed.
pub(super) fn call(target: &str, query: &str, body: &[u8]) -> Response<Reply> {
    let Some((model, method)) = target.strip_prefix(MODELS).and_then(|rest| rest.rsplit_once(':')) else {
        return error(StatusCode::NOT_FOUND, "the stand-in model has no such method");
    };
    let Ok(request) = serde_json::from_slice::<Value>(body) else {
        return error(StatusCode::BAD_REQUEST, "the body is not JSON");
    };
    match method {
        "embedContent" => return wire::json(StatusCode::OK, &json!({"embedding": embedding(&request)})),
        "batchEmbedContents" => {
            let requests = request["requests"].as_array().into_iter().flatten();
            let embeddings: Value = requests.map(embedding).collect();
            return wire::json(StatusCode::OK, &json!({"embeddings": embeddings}));
        }
        _ => {}
    }
    let ask = match Ask::chat(&as_chat(model, &request)) {
        Ok(ask) => ask,
        Err(problem) => return error(StatusCode::BAD_REQUEST, &problem),
    };
    if let Some(status) = ask.options.status {
        return error(status, "the request asked for this error");
    }
    let content = Content { body, ask: &ask };
    match method {
        "generateContent" => wire::json(StatusCode::OK, &content.whole()),
        "streamGenerateContent" if query.contains("alt=sse") => {
            let event = |part| Bytes::from(format!("data: {part}\r\n\r\n"));
            wire::sse(content.parts().into_iter().map(event).collect(), &ask.options)
        }
        "streamGenerateContent" => {
            let parts = content.parts();
            let item = |(index, part): (usize, &Value)| Bytes::from(format!("{}{part}", ["[", ",\r\n"][index.min(1)]));
            let mut pieces: Vec<Bytes> = parts.iter().enumerate().map(item).collect();
            pieces.push(Bytes::from_static(b"]\n"));
            wire::stream("application/json; charset=UTF-8", pieces, &ask.options)
        }
        "countTokens" => wire::json(StatusCode::OK, &json!({"totalTokens": tokens(ask.characters)})),
        _ => error(StatusCode::NOT_FOUND, "the stand-in model has no such method"),
    }
}

/// An error in the API's shape.
pub(super) fn error(status: StatusCode, message: &str) -> Response<Reply> {
    let name = match status.as_u16() {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        _ => "INTERNAL",
    };
    wire::json(status, &json!({"error": {"code": status.as_u16(), "message": message, "status": name}}))
}

/// Answers a resumable upload: its start with the address the bytes go to, on the host the client named, the bytes with
/// what has become of them.
pub(super) fn upload(head: &Parts, body: &[u8]) -> Response<Reply> {
    let host = head.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !head.uri.query().unwrap_or_default().contains("upload_id=") {
        let id = wire::id("", body, 0);
        let address = format!("http://{host}{}?upload_id={id}&upload_protocol=resumable", head.uri.path());
        let mut response = wire::json(StatusCode::OK, &json!({}));
        let headers = response.headers_mut();
        headers.insert("x-goog-upload-status", HeaderValue::from_static("active"));
        if let Ok(address) = HeaderValue::from_str(&address) {
            headers.insert("x-goog-upload-url", address);
        }
        return response;
    }
    let name = format!("files/{}", wire::id("", body, 0).to_lowercase());
    let described = json!({"file": {
        "name": name, "mimeType": "text/plain", "sizeBytes": body.len().to_string(), "createTime": CREATED_TEXT,
        "updateTime": CREATED_TEXT, "expirationTime": CREATED_TEXT, "state": "ACTIVE", "source": "UPLOADED",
        "uri": format!("https://generativelanguage.googleapis.com/v1beta/{name}"),
    }});
    let mut response = wire::json(StatusCode::OK, &described);
    response.headers_mut().insert("x-goog-upload-status", HeaderValue::from_static("final"));
    response
}

/// The request in the terms of Chat Completions.
fn as_chat(model: &str, request: &Value) -> Value {
    let contents = request["contents"].as_array().into_iter().flatten();
    let mut messages: Vec<Value> = contents.map(message).collect();
    if let Some(parts) = request["systemInstruction"].get("parts") {
        messages.insert(0, json!({"role": "system", "content": parts}));
    }
    let config = &request["generationConfig"];
    let schema = config.get("responseJsonSchema").or_else(|| config.get("responseSchema"));
    let calling = &request["toolConfig"]["functionCallingConfig"];
    let declared = request["tools"].as_array().into_iter().flatten();
    let functions = declared.flat_map(|tool| tool["functionDeclarations"].as_array().into_iter().flatten());
    let tools: Value = functions
        .map(|function| {
            let keys = ["parametersJsonSchema", "parameters_json_schema", "parameters"];
            let parameters = keys.iter().find_map(|key| function.get(*key));
            json!({"type": "function", "function": {"name": function["name"], "parameters": parameters}})
        })
        .collect();
    let mut chat = json!({
        "model": model, "messages": messages, "tools": tools, "n": config["candidateCount"],
        "tool_choice": match calling["mode"].as_str() { Some("ANY") => "required", Some("NONE") => "none", _ => "auto" },
    });
    if let Some(schema) = schema {
        chat["response_format"] = json!({"type": "json_schema", "json_schema": {"schema": schema}});
    }
    chat
}

fn message(content: &Value) -> Value {
    let parts = content["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
    if let Some(answered) = parts.iter().find_map(|part| part.get("functionResponse")) {
        return json!({"role": "tool", "content": answered["response"].to_string()});
    }
    let parts: Value = parts
        .iter()
        .map(|part| match part.get("inlineData") {
            Some(inline) => {
                let data = inline["data"].as_str().unwrap_or_default();
                json!({"type": "image_url", "image_url": {"url": format!("data:;base64,{data}")}})
            }
            None => part.clone(),
        })
        .collect();
    json!({"role": if content["role"] == "model" { "assistant" } else { "user" }, "content": parts})
}

fn embedding(request: &Value) -> Value {
    json!({"values": vector(&super::ask::text(&request["content"]["parts"]))})
}

struct Content<'a> {
    body: &'a [u8],
    ask: &'a Ask,
}

impl Content<'_> {
    fn response(&self, candidates: Value, answered: usize) -> Value {
        let prompt = tokens(self.ask.characters);
        json!({
            "candidates": candidates, "modelVersion": self.ask.model, "responseId": wire::id("", self.body, 0),
            "usageMetadata": {
                "promptTokenCount": prompt, "candidatesTokenCount": answered, "totalTokenCount": prompt + answered,
            },
        })
    }

    fn whole(&self) -> Value {
        let answers: Vec<Answer> = (0..self.ask.choices).map(|choice| Answer::new(self.ask, choice)).collect();
        let candidate = |(index, answer): (usize, &Answer)| {
            json!({
                "content": {"role": "model", "parts": parts(answer)}, "finishReason": "STOP", "index": index,
            })
        };
        let answered = answers.iter().map(Answer::tokens).sum();
        self.response(answers.iter().enumerate().map(candidate).collect(), answered)
    }

    /// The responses a stream consists of; a call of a function is always whole.
    fn parts(&self) -> Vec<Value> {
        let answer = Answer::new(self.ask, 0);
        let pieces: Vec<Value> = match &answer {
            Answer::Text(text) => {
                deltas(text, self.ask.options.chunk).into_iter().map(|piece| json!([{"text": piece}])).collect()
            }
            Answer::Calls(_) => vec![parts(&answer)],
        };
        let last = pieces.len().saturating_sub(1);
        let response = |(index, parts): (usize, Value)| {
            let mut candidate = json!({"content": {"role": "model", "parts": parts}, "index": 0});
            if index == last {
                candidate["finishReason"] = "STOP".into();
            }
            self.response(json!([candidate]), if index == last { answer.tokens() } else { 0 })
        };
        pieces.into_iter().enumerate().map(response).collect()
    }
}

fn parts(answer: &Answer) -> Value {
    match answer {
        Answer::Text(text) => json!([{"text": text}]),
        Answer::Calls(calls) => {
            calls.iter().map(|call| json!({"functionCall": {"name": call.name, "args": call.value()}})).collect()
        }
    }
}

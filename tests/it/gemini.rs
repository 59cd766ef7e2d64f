//! P1 and P3 for Gemini and Vertex: every place of their bodies where text can stand, in both spellings of the field names.

use crate::judging::{BLOCK_ALL, REDACT_ALL, exchange, judge, judge_of, request, sent};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use portcullis::config::{BlockStyle, Config};
use portcullis::decode::{Channel, Reason};
use portcullis::detect::Scratch;
use portcullis::exchange::stream::Flow;
use portcullis::exchange::{BodyHead, Exchange, Judge};
use serde_json::{Value, json};
use std::sync::Arc;

/// Generated; Luhn-valid.
const CARD: &str = "4539 5787 6362 1486";
const LABEL: &str = "[CREDIT_CARD]";

const GENERATE: &str = "/v1beta/models/gemini-2.5-flash:generateContent";
const EMBED: &str = "/v1beta/models/e:batchEmbedContents";
const BATCH: &str = "/v1beta/models/g:batchGenerateContent";
const LIVE: &str = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";
const INTERACTIONS: &str = "/v1beta/interactions";
const PREDICT: &str = "/v1/projects/p/locations/eu/publishers/google/models/m:predict";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Request,
    Answer,
}
use Side::{Answer, Request};

/// Redacts everything found, and lets pass what nobody can read, so that the receipt shows it.
fn judge_all() -> Arc<Judge> {
    judge(&format!(
        "{REDACT_ALL}[[statement]]\nid = \"unread\"\ntitle = \"Unread\"\nmatch = {{ uninspected = [\"*\"] }}\naction = \"log\"\n"
    ))
}

fn pass(x: &mut Exchange, side: Side, body: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    match side {
        Request => request(x, body),
        Answer => {
            let head = BodyHead { content_type: Some("application/json; charset=UTF-8"), content_encoding: None };
            sent(x.answer(&head, body, &mut Scratch::default()), body)
        }
    }
}

fn says(role: &str, part: Value) -> Value {
    json!({ "contents": [{ "role": role, "parts": [part] }] })
}

fn answers(part: Value) -> Value {
    json!({ "candidates": [{ "content": { "role": "model", "parts": [part] }, "finishReason": "STOP", "index": 0 }],
        "usageMetadata": { "promptTokenCount": 1, "candidatesTokenCount": 2, "totalTokenCount": 3 },
        "modelVersion": "gemini-2.5-flash", "responseId": "r1" })
}

fn candidate(key: &str, value: Value) -> Value {
    let mut answer = answers(json!({ "text": "hi" }));
    answer["candidates"][0][key] = value;
    answer
}

/// A name, the path, the side, the channel, and a body made of the text in question: some places encode it.
type Sample = (&'static str, &'static str, Side, Channel, fn(&str) -> Value);

const SAMPLES: &[Sample] = &[
    ("user text", GENERATE, Request, Channel::Prompt, |v| says("user", json!({ "text": format!("Grüße, {v}!") }))),
    ("no role", GENERATE, Request, Channel::Prompt, |v| json!({ "contents": [{ "parts": [{ "text": v }] }] })),
    ("one content", GENERATE, Request, Channel::Prompt, |v| json!({ "contents": { "parts": { "text": v } } })),
    ("model text", GENERATE, Request, Channel::Response, |v| says("model", json!({ "text": v }))),
    ("signed thought", GENERATE, Request, Channel::Response, |v| {
        says("model", json!({ "text": v, "thought": true, "thoughtSignature": "EpICsk-abc" }))
    }),
    (
        "system",
        GENERATE,
        Request,
        Channel::System,
        |v| json!({ "contents": [], "systemInstruction": { "parts": [{ "text": v }] } }),
    ),
    (
        "function declaration",
        GENERATE,
        Request,
        Channel::System,
        |v| json!({ "contents": [], "tools": [{ "functionDeclarations": [{ "name": "pay", "description": format!("such as {v}") }] }] }),
    ),
    (
        "response schema",
        GENERATE,
        Request,
        Channel::System,
        |v| json!({ "contents": [], "generationConfig": { "responseJsonSchema": { "type": "object", "description": v } } }),
    ),
    (
        "stop sequence",
        GENERATE,
        Request,
        Channel::Prompt,
        |v| json!({ "contents": [], "generationConfig": { "stopSequences": ["a", v] } }),
    ),
    ("label", GENERATE, Request, Channel::Prompt, |v| json!({ "contents": [], "labels": { "team": v } })),
    ("function call", GENERATE, Request, Channel::ToolCall, |v| {
        says("model", json!({ "functionCall": { "name": "pay", "args": { "card": v, "n": 1.5 }, "id": "c1" } }))
    }),
    ("function response", GENERATE, Request, Channel::ToolResult, |v| {
        says("user", json!({ "functionResponse": { "name": "pay", "response": { "result": [v] } } }))
    }),
    ("file of a function's", GENERATE, Request, Channel::ToolResult, |v| {
        says(
            "user",
            json!({ "functionResponse": { "name": "pay", "response": {}, "parts": [{ "inlineData": { "mimeType": "text/plain", "data": BASE64_STANDARD.encode(v) } }] } }),
        )
    }),
    ("inline text", GENERATE, Request, Channel::Upload, |v| {
        says(
            "user",
            json!({ "inlineData": { "mimeType": "text/csv", "data": BASE64_STANDARD.encode(format!("name,{v}\n")) } }),
        )
    }),
    (
        "inline text, URL-safe",
        GENERATE,
        Request,
        Channel::Upload,
        // `?` and `~` make characters in which the alphabets differ
        |v| {
            says(
                "user",
                json!({ "inlineData": { "mimeType": "text/csv", "data": BASE64_URL_SAFE_NO_PAD.encode(format!("a?b~c>>???~~~ {v}\n")) } }),
            )
        },
    ),
    ("name of a file", GENERATE, Request, Channel::Upload, |v| {
        says("user", json!({ "inlineData": { "mimeType": "text/plain", "data": "aGk=", "displayName": v } }))
    }),
    ("address of a file", GENERATE, Request, Channel::Upload, |v| {
        says("user", json!({ "fileData": { "mimeType": "text/plain", "fileUri": format!("https://a/{v}") } }))
    }),
    ("code", GENERATE, Request, Channel::ToolCall, |v| {
        says("model", json!({ "executableCode": { "language": "PYTHON", "code": format!("print('{v}')\n") } }))
    }),
    ("output of code", GENERATE, Request, Channel::ToolResult, |v| {
        says("model", json!({ "codeExecutionResult": { "outcome": "OUTCOME_OK", "output": v } }))
    }),
    ("server tool's call", GENERATE, Request, Channel::ToolCall, |v| {
        says("model", json!({ "toolCall": { "toolType": "GOOGLE_SEARCH_WEB", "args": { "queries": [v] }, "id": "t" } }))
    }),
    ("server tool's response", GENERATE, Request, Channel::ToolResult, |v| {
        says(
            "user",
            json!({ "toolResponse": { "toolType": "GOOGLE_SEARCH_WEB", "response": { "search_suggestions": format!("<b>{v}</b>") }, "id": "t" } }),
        )
    }),
    ("transcript", GENERATE, Request, Channel::Prompt, |v| {
        says("user", json!({ "audioTranscription": { "text": v, "languageCode": "de" } }))
    }),
    (
        "cache",
        "/v1beta/cachedContents",
        Request,
        Channel::Prompt,
        |v| json!({ "model": "models/g", "displayName": "a cache", "contents": [{ "role": "user", "parts": [{ "text": v }] }], "ttl": "3600s" }),
    ),
    (
        "count of a request",
        "/v1beta/models/g:countTokens",
        Request,
        Channel::Prompt,
        |v| json!({ "generateContentRequest": { "model": "models/g", "contents": [{ "parts": [{ "text": v }] }] } }),
    ),
    (
        "embedding",
        EMBED,
        Request,
        Channel::Prompt,
        |v| json!({ "requests": [{ "model": "models/e", "content": { "parts": [{ "text": v }] } }] }),
    ),
    (
        "batch",
        BATCH,
        Request,
        Channel::System,
        |v| json!({ "batch": { "displayName": "b", "inputConfig": { "requests": { "requests": [{ "request": { "systemInstruction": { "parts": [{ "text": v }] }, "contents": [] }, "metadata": { "key": "1" } }] } } } }),
    ),
    ("instance", PREDICT, Request, Channel::Prompt, |v| json!({ "instances": [{ "content": v, "title": "t" }] })),
    (
        "text of an instance's image",
        PREDICT,
        Request,
        Channel::Upload,
        |v| json!({ "instances": [{ "prompt": "p", "image": { "bytesBase64Encoded": BASE64_STANDARD.encode(v) } }] }),
    ),
    (
        "live setup",
        LIVE,
        Request,
        Channel::System,
        |v| json!({ "setup": { "model": "models/g", "systemInstruction": { "parts": [{ "text": v }] }, "generationConfig": { "responseModalities": ["AUDIO"] } } }),
    ),
    (
        "live turns",
        LIVE,
        Request,
        Channel::Prompt,
        |v| json!({ "clientContent": { "turns": [{ "role": "user", "parts": [{ "text": v }] }], "turnComplete": true } }),
    ),
    ("live text", LIVE, Request, Channel::Prompt, |v| json!({ "realtimeInput": { "text": v } })),
    (
        "live tool response",
        LIVE,
        Request,
        Channel::ToolResult,
        |v| json!({ "toolResponse": { "functionResponses": [{ "id": "f", "name": "pay", "response": { "result": v } }] } }),
    ),
    ("interaction", INTERACTIONS, Request, Channel::Prompt, |v| json!({ "model": "g", "input": v })),
    (
        "interaction's instruction",
        INTERACTIONS,
        Request,
        Channel::System,
        |v| json!({ "model": "g", "input": [], "systemInstruction": v }),
    ),
    (
        "step of the user's",
        INTERACTIONS,
        Request,
        Channel::Prompt,
        |v| json!({ "model": "g", "input": [{ "type": "user_input", "content": [{ "type": "text", "text": v }] }] }),
    ),
    (
        "document of the user's",
        INTERACTIONS,
        Request,
        Channel::Upload,
        |v| json!({ "model": "g", "input": { "type": "document", "mimeType": "text/csv", "data": BASE64_STANDARD.encode(v) } }),
    ),
    (
        "result of the user's",
        INTERACTIONS,
        Request,
        Channel::ToolResult,
        |v| json!({ "model": "g", "input": [{ "type": "function_result", "callId": "c", "result": { "number": v } }] }),
    ),
    (
        "output of a model",
        INTERACTIONS,
        Answer,
        Channel::Response,
        |v| json!({ "id": "i", "status": "completed", "steps": [{ "type": "model_output", "content": [{ "type": "text", "text": v }] }] }),
    ),
    (
        "thought of a model",
        INTERACTIONS,
        Answer,
        Channel::Response,
        |v| json!({ "steps": [{ "type": "thought", "signature": "EpICsk-abc", "summary": [{ "type": "text", "text": v }] }] }),
    ),
    (
        "call of a model",
        INTERACTIONS,
        Answer,
        Channel::ToolCall,
        |v| json!({ "steps": [{ "type": "function_call", "id": "c", "name": "pay", "arguments": { "card": v } }] }),
    ),
    ("new field", GENERATE, Request, Channel::Prompt, |v| json!({ "contents": [], "brandNew": { "x": [v] } })),
    ("answer", GENERATE, Answer, Channel::Response, |v| answers(json!({ "text": format!("Es ist {v}.") }))),
    ("thought", GENERATE, Answer, Channel::Response, |v| answers(json!({ "text": v, "thought": true }))),
    ("call in an answer", GENERATE, Answer, Channel::ToolCall, |v| {
        answers(json!({ "functionCall": { "name": "pay", "args": { "card": v } }, "thoughtSignature": "EpICsk-abc" }))
    }),
    ("pieces of a call", GENERATE, Answer, Channel::ToolCall, |v| {
        answers(json!({ "functionCall": { "partialArgs": [{ "jsonPath": "$.card", "stringValue": v }] } }))
    }),
    ("finish message", GENERATE, Answer, Channel::Response, |v| candidate("finishMessage", json!(v))),
    ("citation", GENERATE, Answer, Channel::Response, |v| {
        candidate(
            "citationMetadata",
            json!({ "citationSources": [{ "startIndex": 0, "uri": format!("https://a/{v}") }] }),
        )
    }),
    ("grounding segment", GENERATE, Answer, Channel::Response, |v| {
        candidate(
            "groundingMetadata",
            json!({ "groundingSupports": [{ "segment": { "endIndex": 9, "text": v }, "groundingChunkIndices": [0] }] }),
        )
    }),
    ("grounding chunk", GENERATE, Answer, Channel::Response, |v| {
        candidate(
            "groundingMetadata",
            json!({ "groundingChunks": [{ "retrievedContext": { "title": "t", "text": v } }] }),
        )
    }),
    ("grounding query", GENERATE, Answer, Channel::Response, |v| {
        candidate("groundingMetadata", json!({ "webSearchQueries": ["a", v] }))
    }),
    ("search entry", GENERATE, Answer, Channel::Response, |v| {
        candidate("groundingMetadata", json!({ "searchEntryPoint": { "renderedContent": format!("<a>{v}</a>") } }))
    }),
    (
        "why a prompt was refused",
        GENERATE,
        Answer,
        Channel::Response,
        |v| json!({ "promptFeedback": { "blockReason": "OTHER", "blockReasonMessage": v } }),
    ),
    (
        "answer of a batch",
        "/v1beta/batches/b",
        Answer,
        Channel::Response,
        |v| json!({ "name": "batches/b", "done": true, "response": { "inlinedResponses": { "inlinedResponses": [{ "response": answers(json!({ "text": v })) }] } } }),
    ),
    ("prediction", PREDICT, Answer, Channel::Response, |v| json!({ "predictions": [{ "content": v }] })),
    (
        "error",
        GENERATE,
        Answer,
        Channel::Response,
        |v| json!([{ "error": { "code": 400, "message": v, "status": "INVALID_ARGUMENT" } }]),
    ),
];

/// Every name of a body's fields in snake_case.
fn snake(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| {
                let name = key.chars().flat_map(|c| {
                    let parts = if c.is_ascii_uppercase() { vec!['_', c.to_ascii_lowercase()] } else { vec![c] };
                    parts.into_iter()
                });
                (name.collect::<String>(), snake(value))
            })
            .collect(),
        Value::Array(list) => list.into_iter().map(snake).collect(),
        other => other,
    }
}

#[test]
fn p1_a_value_is_redacted_wherever_text_can_stand_and_found_in_its_channel() {
    let judge = judge_all();
    let mut problems = Vec::new();
    for (name, path, side, channel, sample) in SAMPLES {
        for spelling in [|v| v, snake] {
            let body = spelling(sample(CARD)).to_string();
            let mut x = exchange(&judge, "gemini", path);
            match pass(&mut x, *side, body.as_bytes()).map(|out| serde_json::from_slice::<Value>(&out)) {
                Ok(Ok(out)) if out == spelling(sample(LABEL)) => {}
                other => problems.push(format!("{name}: {other:?}")),
            }
            let channels: Vec<Channel> = x.report.found.iter().map(|f| f.channel).collect();
            if channels != [*channel] {
                problems.push(format!("{name}: found in {channels:?}"));
            }
            // the same body with another word in the place leaves as it came
            let body = spelling(sample("Köln")).to_string();
            let mut x = exchange(&judge, "vertex", path);
            if pass(&mut x, *side, body.as_bytes()) != Ok(body.into_bytes()) {
                problems.push(format!("{name}: changed without a finding"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn p3_what_nobody_reads_is_in_the_receipt() {
    let judge = judge_all();
    let image = BASE64_STANDARD.encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    for (side, body, expected) in [
        (
            Request,
            says("model", json!({ "text": "t", "thoughtSignature": "EpICsk-abc" })),
            (Reason::Opaque, Channel::Response, "contents[0].parts[0].thoughtSignature"),
        ),
        (
            Request,
            says("user", json!({ "inlineData": { "mimeType": "image/png", "data": image } })),
            (Reason::UnknownType, Channel::Upload, "contents[0].parts[0].inlineData.data"),
        ),
        (
            Request,
            says("user", json!({ "fileData": { "fileUri": "https://a/files/x", "mimeType": "image/png" } })),
            (Reason::Remote, Channel::Upload, "contents[0].parts[0].fileData.fileUri"),
        ),
        (
            Request,
            json!({ "contents": [], "cachedContent": "cachedContents/x" }),
            (Reason::Remote, Channel::Prompt, "cachedContent"),
        ),
        (
            Answer,
            answers(json!({ "inlineData": { "mimeType": "image/png", "data": image } })),
            (Reason::UnknownType, Channel::Response, "candidates[0].content.parts[0].inlineData.data"),
        ),
    ] {
        let mut x = exchange(&judge, "gemini", GENERATE);
        let text = body.to_string();
        assert_eq!(pass(&mut x, side, text.as_bytes()), Ok(text.clone().into_bytes()));
        let parts = &x.report.receipt.uninspected;
        let parts: Vec<_> = parts.iter().map(|u| (u.reason, u.channel, u.path.as_str())).collect();
        assert_eq!(parts, [expected]);
    }
}

#[test]
fn p3_tokens_that_repeat_a_redacted_answer_go_with_it() {
    let token = |token: &str| json!({ "token": token, "logProbability": -0.1, "tokenId": 7 });
    let logprobs = json!({ "chosenCandidates": [token("4539"), token(" 5787"), token(" 6362"), token(" 1486")] });
    for (text, kept) in [(CARD, false), ("four words and more", true)] {
        let mut answer = answers(json!({ "text": text }));
        answer["candidates"][0]["logprobsResult"] = logprobs.clone();
        let mut x = exchange(&judge_all(), "gemini", GENERATE);
        let out = pass(&mut x, Answer, answer.to_string().as_bytes()).expect("it passes");
        let out: Value = serde_json::from_slice(&out).expect("it stays JSON");
        assert_eq!(!out["candidates"][0]["logprobsResult"].is_null(), kept, "{out}");
    }
}

#[test]
fn p1_grounding_and_citations_still_point_at_their_words() {
    let parts = ["Zwölf. ", &format!("Mit {CARD} zahlt Zoë. Ende.")];
    let mut answer = answers(json!({ "text": parts[0] }));
    answer["candidates"][0]["content"]["parts"] = json!([{ "text": parts[0] }, { "text": parts[1] }]);
    let at = |text: &str, word: &str| {
        let start = text.find(word).expect("the word is in it");
        (start, start + word.len())
    };
    let segment = |part: usize, word: &str| {
        let (start, end) = at(parts[part], word);
        json!({ "segment": { "partIndex": part, "startIndex": start, "endIndex": end, "text": word } })
    };
    answer["candidates"][0]["groundingMetadata"] =
        json!({ "groundingSupports": [segment(1, "Zoë"), segment(0, "Zwölf"), segment(1, CARD)] });
    let judge = judge_all();
    for spelling in [|v| v, snake] {
        let body = spelling(answer.clone()).to_string();
        let out = pass(&mut exchange(&judge, "gemini", GENERATE), Answer, body.as_bytes()).expect("it passes");
        let out: Value = serde_json::from_slice(&out).expect("it stays JSON");
        assert!(!out.to_string().contains(CARD));
        let texts = out.pointer("/candidates/0/content/parts").expect("they are there");
        let find = |value: &Value, name: &str| {
            let snaked: String = name
                .chars()
                .flat_map(|c| if c.is_uppercase() { vec!['_', c.to_ascii_lowercase()] } else { vec![c] })
                .collect();
            value.get(name).or_else(|| value.get(snaked)).cloned().expect("the field is there")
        };
        for support in
            find(&find(&out["candidates"][0], "groundingMetadata"), "groundingSupports").as_array().expect("a list")
        {
            let segment = &support["segment"];
            let number = |name: &str| find(segment, name).as_u64().expect("a number") as usize;
            let text = texts[number("partIndex")]["text"].as_str().expect("text");
            assert_eq!(&text[number("startIndex")..number("endIndex")], segment["text"]);
        }
    }
    // one part: citations count into it
    let mut answer = answers(json!({ "text": parts[1] }));
    let (start, end) = at(parts[1], "Zoë");
    answer["candidates"][0]["citationMetadata"] =
        json!({ "citationSources": [{ "startIndex": start, "endIndex": end }] });
    let out =
        pass(&mut exchange(&judge, "gemini", GENERATE), Answer, answer.to_string().as_bytes()).expect("it passes");
    let out: Value = serde_json::from_slice(&out).expect("it stays JSON");
    let source = &out["candidates"][0]["citationMetadata"]["citationSources"][0];
    let place = |name: &str| source[name].as_u64().expect("a number") as usize;
    let text = out["candidates"][0]["content"]["parts"][0]["text"].as_str().expect("text");
    assert_eq!(&text[place("startIndex")..place("endIndex")], "Zoë");
}

#[test]
fn a_value_that_was_blocked_is_redacted_in_later_turns() {
    let turn = |role: &str, text: &str| json!({ "role": role, "parts": [{ "text": text }] });
    let judge = judge(BLOCK_ALL);
    for (contents, earlier) in [
        (json!([turn("user", CARD)]), false),
        (json!([turn("user", CARD), turn("model", "ok"), turn("user", "go on")]), true),
        (json!([turn("user", "hi"), turn("model", "ok"), turn("user", CARD)]), false),
    ] {
        let mut x = exchange(&judge, "gemini", GENERATE);
        let passed = request(&mut x, json!({ "contents": contents }).to_string().as_bytes());
        assert_eq!((passed.is_ok(), x.report.found[0].seen_before), (earlier, earlier), "{contents}");
    }
}

#[test]
fn usage_adds_up_to_the_total() {
    let mut x = exchange(&judge_all(), "gemini", GENERATE);
    let mut answer = answers(json!({ "text": "hi" }));
    answer["usageMetadata"] = json!({ "promptTokenCount": 10, "toolUsePromptTokenCount": 3, "candidatesTokenCount": 5,
        "thoughtsTokenCount": 7, "cachedContentTokenCount": 4, "totalTokenCount": 25 });
    pass(&mut x, Answer, answer.to_string().as_bytes()).expect("it passes");
    let usage = x.report.usage;
    assert_eq!((usage.input, usage.output, usage.cached), (Some(13), Some(12), Some(4)));
}

#[test]
fn a_block_is_told_as_the_provider_tells_errors() {
    let mut x = exchange(&judge(BLOCK_ALL), "gemini", GENERATE);
    let refused = request(&mut x, says("user", json!({ "text": CARD })).to_string().as_bytes()).expect_err("blocked");
    let refused: Value = serde_json::from_slice(&refused).expect("it is JSON");
    assert_eq!((&refused["error"]["code"], &refused["error"]["status"]), (&json!(403), &json!("PERMISSION_DENIED")));
    assert!(refused["error"]["message"].as_str().is_some_and(|m| m.contains("Remove it.")), "{refused}");
}

#[test]
fn a_refusal_is_an_answer_without_text_in_the_framing_that_was_asked_for() {
    let mut config = Config::default();
    config.server.block_style = BlockStyle::Refusal;
    let judge = judge_of(config, BLOCK_ALL);
    let body = says("user", json!({ "text": CARD })).to_string();
    for (path, parse) in [
        (GENERATE, (|body| body) as fn(String) -> String),
        ("/v1/models/g:streamGenerateContent", |body| body),
        ("/v1/models/g:streamGenerateContent?alt=sse", |body| body.trim_start_matches("data: ").to_owned()),
    ] {
        let refused = request(&mut exchange(&judge, "gemini", path), body.as_bytes()).expect_err("blocked");
        let refused = parse(String::from_utf8(refused).expect("it is text"));
        let refused: Value = serde_json::from_str(&refused).expect("it is JSON");
        let answer = if refused.is_array() { &refused[0] } else { &refused };
        assert_eq!(answer["candidates"][0]["finishReason"], "SPII", "{path}");
        assert!(answer["candidates"][0]["content"].is_null());
    }
    // there is no filtered embedding
    let body = json!({ "requests": [{ "content": { "parts": [{ "text": CARD }] } }] }).to_string();
    let refused = request(&mut exchange(&judge, "gemini", EMBED), body.as_bytes()).expect_err("blocked");
    assert!(String::from_utf8_lossy(&refused).contains("PERMISSION_DENIED"));
}

#[test]
fn models_of_other_publishers_are_read_by_their_dialects() {
    let judge = judge_all();
    let claude = json!({ "anthropic_version": "vertex-2023-10-16", "max_tokens": 9, "messages": [
        { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "t", "content": CARD }] }] });
    let path = "/v1/projects/p/locations/eu/publishers/anthropic/models/claude-x@1:streamRawPredict";
    let mut x = exchange(&judge, "vertex", path);
    let out = request(&mut x, claude.to_string().as_bytes()).expect("it passes");
    assert!(!String::from_utf8_lossy(&out).contains(CARD));
    assert_eq!(x.report.found[0].channel, Channel::ToolResult);
    assert_eq!(x.model(), Some("claude-x@1"));

    let chat = json!({ "model": "google/gemini", "messages": [{ "role": "system", "content": CARD }] });
    for (provider, path) in [
        ("gemini", "/v1beta/openai/chat/completions"),
        ("vertex", "/v1/projects/p/locations/eu/endpoints/openapi/chat/completions"),
        ("vertex", "/v1/projects/p/locations/eu/publishers/mistralai/models/m:rawPredict"),
    ] {
        let mut x = exchange(&judge, provider, path);
        request(&mut x, chat.to_string().as_bytes()).expect("it passes");
        assert_eq!(x.report.found[0].channel, Channel::System, "{path}");
    }
}

#[test]
fn streams_and_refusals_of_other_publishers_are_their_own() {
    let mut config = Config::default();
    config.server.block_style = BlockStyle::Refusal;
    let judge = judge_of(config, BLOCK_ALL);
    let path = "/v1/projects/p/locations/eu/publishers/anthropic/models/claude-x@1:streamRawPredict";
    let ask =
        |text: &str| json!({ "max_tokens": 9, "stream": true, "messages": [{ "role": "user", "content": text }] });
    let mut x = exchange(&judge, "vertex", path);
    let refused = request(&mut x, ask(CARD).to_string().as_bytes()).expect_err("blocked");
    assert!(refused.starts_with(b"event: message_start"), "{}", String::from_utf8_lossy(&refused));

    let mut x = exchange(&judge, "vertex", path);
    request(&mut x, ask("hi").to_string().as_bytes()).expect("it passes");
    let framing = x.framing("text/event-stream; charset=utf-8").expect("it is a stream");
    let mut answer = x.stream(framing);
    let delta = json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": CARD } });
    let start = json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } });
    let stop = json!({ "type": "content_block_stop", "index": 0 });
    let events =
        [start, delta, stop].map(|e| format!("event: {}\ndata: {e}\n\n", e["type"].as_str().unwrap_or_default()));
    let (mut scratch, mut out) = (Scratch::default(), Vec::new());
    assert_eq!(answer.push(&mut x, events.concat().as_bytes(), &mut scratch, &mut out), Flow::End);
    let out = String::from_utf8(out).expect("what leaves is text");
    assert!(out.contains("\"stop_reason\":\"refusal\"") && !out.contains("4539"), "{out}");
    assert!(out.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"), "{out}");
}

//! Bodies and streams of the shapes that providers are sent and send, from fixed seeds.

use crate::random::Random;
use serde_json::{Value, json};

#[derive(Clone, Copy)]
pub enum Side {
    Request,
    Answer,
}

pub struct Body {
    pub name: &'static str,
    pub provider: &'static str,
    pub path: &'static str,
    pub side: Side,
    pub json: String,
}

pub struct Stream {
    pub name: &'static str,
    pub provider: &'static str,
    pub path: &'static str,
    /// Name and data of each event.
    pub events: Vec<(Option<String>, String)>,
}

const WORDS: &[&str] = &[
    "the",
    "report",
    "of",
    "a",
    "quarter",
    "shows",
    "that",
    "customers",
    "want",
    "shorter",
    "answers",
    "and",
    "fewer",
    "forms",
    "we",
    "should",
    "write",
    "down",
    "which",
    "steps",
    "can",
    "go",
    "before",
    "next",
    "release",
    "in",
    "spring",
];
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Prose of about so many bytes.
fn prose(random: &mut Random, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 16);
    while text.len() < bytes {
        text.push_str(random.pick(WORDS));
        text.push_str(if random.one_in(12) { ". " } else { " " });
    }
    text
}

/// Source code: a line break, quotes or a backslash every few words.
fn code(random: &mut Random, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 64);
    while text.len() < bytes {
        let (name, word) = (random.pick(WORDS), random.pick(WORDS));
        text.push_str(&format!("\tlet {name} = \"{word}\\n\"; // {word}\n"));
    }
    text
}

fn id(random: &mut Random, prefix: &str) -> String {
    prefix.to_owned() + &random.string(BASE64.trim_end_matches("+/"), 24)
}

/// Tools with JSON schemas, as agents send them with each request.
fn schemas(random: &mut Random, count: usize) -> Vec<Value> {
    let tool = |random: &mut Random| {
        json!({"type": "function", "function": {
            "name": format!("{}_{}", random.pick(WORDS), random.pick(WORDS)),
            "description": prose(random, 200),
            "parameters": {"type": "object", "properties": {
                "query": {"type": "string", "description": prose(random, 60)},
                "limit": {"type": "integer", "minimum": 1, "maximum": 50},
                "order": {"type": "string", "enum": ["newest", "oldest", "best"]},
            }, "required": ["query"], "additionalProperties": false},
        }})
    };
    (0..count).map(|_| tool(random)).collect()
}

/// A conversation of an agent: turns of prose, calls and what the tools say.
fn conversation(random: &mut Random, bytes: usize) -> Value {
    let mut messages = vec![json!({"role": "system", "content": prose(random, 1000)})];
    let mut length = 0;
    while length < bytes {
        let (call, ask, say) = (id(random, "call_"), prose(random, 500), prose(random, 1200));
        let arguments = json!({"query": prose(random, 40), "limit": 5}).to_string();
        messages.push(json!({"role": "user", "content": ask}));
        messages.push(json!({"role": "assistant", "content": null, "tool_calls": [
            {"id": call, "type": "function", "function": {"name": "search", "arguments": arguments}}]}));
        messages.push(json!({"role": "tool", "tool_call_id": call, "content": say}));
        messages.push(json!({"role": "assistant", "content": prose(random, 700)}));
        length += 2800;
    }
    json!({"model": "gpt-5", "messages": messages, "tools": schemas(random, 8), "stream": true, "temperature": 0.2})
}

fn chat(content: &str) -> Value {
    json!({"model": "gpt-5", "messages": [
        {"role": "system", "content": "You answer in short sentences."}, {"role": "user", "content": content}],
        "temperature": 0.2, "stream": false})
}

fn responses_answer(random: &mut Random) -> Value {
    let item = |random: &mut Random| {
        json!({"id": id(random, "msg_"), "type": "message", "status": "completed", "role": "assistant", "content": [
            {"type": "output_text", "text": prose(random, 1500), "logprobs": [], "annotations": [
                {"type": "url_citation", "start_index": 10, "end_index": 40, "url": "https://example.org/a",
                 "title": prose(random, 30)}]}]})
    };
    let call = json!({"id": id(random, "fc_"), "type": "function_call", "status": "completed",
        "call_id": id(random, "call_"), "name": "search", "arguments": "{\"query\":\"spring release\"}"});
    let reasoning = json!({"id": id(random, "rs_"), "type": "reasoning", "summary": [
        {"type": "summary_text", "text": prose(random, 300)}], "encrypted_content": random.string(BASE64, 800)});
    let output = vec![reasoning, item(random), call, item(random)];
    json!({"id": id(random, "resp_"), "object": "response", "created_at": 1_760_000_000, "status": "completed",
        "error": null, "incomplete_details": null, "instructions": prose(random, 400), "max_output_tokens": null,
        "model": "gpt-5", "output": output, "parallel_tool_calls": true, "previous_response_id": null,
        "reasoning": {"effort": "medium", "summary": "auto"}, "store": true, "temperature": 1.0,
        "text": {"format": {"type": "text"}}, "tool_choice": "auto", "tools": [], "top_p": 1.0,
        "truncation": "disabled", "usage": {"input_tokens": 100, "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 200, "output_tokens_details": {"reasoning_tokens": 64}, "total_tokens": 300}, "metadata": {}})
}

fn anthropic(random: &mut Random) -> Value {
    let mut messages = Vec::new();
    for _ in 0..6 {
        let call = id(random, "toolu_");
        messages.push(json!({"role": "user", "content": [
            {"type": "text", "text": prose(random, 600), "cache_control": {"type": "ephemeral"}}]}));
        messages.push(json!({"role": "assistant", "content": [
            {"type": "thinking", "thinking": prose(random, 400), "signature": random.string(BASE64, 300)},
            {"type": "text", "text": prose(random, 300)},
            {"type": "tool_use", "id": call, "name": "search", "input": {"query": prose(random, 40), "limit": 5}}]}));
        messages.push(json!({"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": call, "content": [{"type": "text", "text": prose(random, 900)}]}]}));
    }
    json!({"model": "claude-sonnet-4-5", "max_tokens": 1024, "system": prose(random, 1000), "messages": messages,
        "tools": [{"name": "search", "description": prose(random, 300), "input_schema": {"type": "object",
            "properties": {"query": {"type": "string"}, "limit": {"type": "integer"}}}}]})
}

fn gemini(random: &mut Random) -> Value {
    let turn = |random: &mut Random, role: &str| json!({"role": role, "parts": [{"text": prose(random, 700)}]});
    let contents: Vec<Value> = (0..10).map(|i| turn(random, if i % 2 == 0 { "user" } else { "model" })).collect();
    json!({"contents": contents, "systemInstruction": {"parts": [{"text": prose(random, 500)}]},
        "generationConfig": {"temperature": 0.2, "maxOutputTokens": 1024},
        "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]})
}

fn embeddings(random: &mut Random) -> Value {
    let mut fraction = || (random.below(2_000_000) as f64 - 1e6) / 1.3e7;
    let mut vector = |index: usize| {
        let vector: Vec<f64> = (0..1536).map(|_| fraction()).collect();
        json!({"object": "embedding", "index": index, "embedding": vector})
    };
    let data: Vec<Value> = (0..4).map(&mut vector).collect();
    json!({"object": "list", "data": data, "model": "text-embedding-3-small",
        "usage": {"prompt_tokens": 32, "total_tokens": 32}})
}

fn image(random: &mut Random) -> Value {
    // the first bytes of a PNG, then noise
    let url = format!("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA{}", random.string(BASE64, 200_000));
    json!({"model": "gpt-5", "messages": [{"role": "user", "content": [
        {"type": "text", "text": "What is in this picture?"}, {"type": "image_url", "image_url": {"url": url}}]}]})
}

/// Every body that is measured.
pub fn all() -> Vec<Body> {
    let random = &mut Random::new(4);
    let short = prose(random, 400);
    let prose_64k = prose(random, 64 << 10);
    let code_64k = code(random, 48 << 10);
    let chinese: String = "报告显示客户希望得到更简短的答复。".repeat(600);
    let escaped: String = chinese.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let escaped = chat("TEXT").to_string().replace("TEXT", &escaped);
    use Side::{Answer, Request};
    let body = |name, provider, path, side, json: String| Body { name, provider, path, side, json };
    let chats = "/v1/chat/completions";
    vec![
        body("short-chat", "openai", chats, Request, chat(&short).to_string()),
        body("conversation", "openai", chats, Request, conversation(random, 60 << 10).to_string()),
        body("indented-conversation", "openai", chats, Request, format!("{:#}", conversation(random, 60 << 10))),
        body("prose", "openai", chats, Request, chat(&prose_64k).to_string()),
        body("chinese", "openai", chats, Request, chat(&chinese).to_string()),
        body("code", "openai", chats, Request, chat(&code_64k).to_string()),
        body("escaped-chinese", "openai", chats, Request, escaped),
        body("responses-answer", "openai", "/v1/responses", Answer, responses_answer(random).to_string()),
        body("anthropic", "anthropic", "/v1/messages", Request, anthropic(random).to_string()),
        body("gemini", "gemini", "/v1beta/models/gemini-2.5-pro:generateContent", Request, gemini(random).to_string()),
        body("embeddings", "openai", "/v1/embeddings", Answer, embeddings(random).to_string()),
        body("image", "openai", chats, Request, image(random).to_string()),
        body("unknown-fields", "generic", "/ask", Request, conversation(random, 60 << 10).to_string()),
    ]
}

/// Every stream that is measured.
pub fn streams() -> Vec<Stream> {
    let random = &mut Random::new(5);
    let mut words = || random.pick(WORDS).to_owned() + " ";
    let chat = (0..64).map(|_| {
        let delta = json!({"content": words()});
        let data = json!({"id": "chatcmpl-9aBcDeFgHiJkLmNoPqRs", "object": "chat.completion.chunk",
            "created": 1_760_000_000, "model": "gpt-5", "system_fingerprint": "fp_50cad350e4",
            "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": null}]});
        (None, data.to_string())
    });
    let chat = chat.collect();
    let responses = (0..64).map(|i| {
        let data = json!({"type": "response.output_text.delta", "sequence_number": i + 4, "item_id": "msg_68af0b2c",
            "output_index": 0, "content_index": 0, "delta": words(), "logprobs": [], "obfuscation": "p3x9q1zzk"});
        (Some("response.output_text.delta".into()), data.to_string())
    });
    let responses = responses.collect();
    let anthropic = (0..64).map(|_| {
        let data = json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": words()}});
        (Some("content_block_delta".into()), data.to_string())
    });
    let anthropic = anthropic.collect();
    let gemini = (0..64).map(|_| {
        let data = json!({"candidates": [{"content": {"parts": [{"text": words()}], "role": "model"}, "index": 0}],
            "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 4, "totalTokenCount": 14},
            "modelVersion": "gemini-2.5-pro", "responseId": "x7aJaMvQ"});
        (None, data.to_string())
    });
    let gemini = gemini.collect();
    let stream = |name, provider, path, events| Stream { name, provider, path, events };
    vec![
        stream("chat-deltas", "openai", "/v1/chat/completions", chat),
        stream("responses-deltas", "openai", "/v1/responses", responses),
        stream("anthropic-deltas", "anthropic", "/v1/messages", anthropic),
        stream("gemini-pieces", "gemini", "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse", gemini),
    ]
}

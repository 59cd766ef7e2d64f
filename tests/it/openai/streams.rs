//! Streams of the other endpoints and of compatible servers: their lanes, and how they end.

use super::{CARD, chunk, data_of, judge_all, pass, stream_of};
use crate::judging::{BLOCK_ALL, exchange, judge};
use portcullis::decode::framing::Framing;
use portcullis::diagnostic::reader::Choice;
use portcullis::provider::{Fault, Refusal, find};
use serde_json::{Value, json};

/// A path, the event that carries a piece of text, and the channel of the text.
type Sample = (&'static str, fn(&str) -> Value, &'static str);

const CHAT: &str = "/v1/chat/completions";
const RESPONSES: &str = "/v1/responses";
const RUNS: &str = "/v1/threads/thread_1/runs";

fn step(call: Value) -> Value {
    json!({ "object": "thread.run.step.delta", "delta": { "step_details": { "tool_calls": [call] } } })
}

fn item(kind: &str, delta: impl Into<Value>) -> Value {
    json!({ "type": format!("response.{kind}.delta"), "output_index": 1, "content_index": 0, "delta": delta.into() })
}

const DELTAS: &[Sample] = &[
    (CHAT, |t| chunk(json!({ "content": t })), "response"),
    (CHAT, |t| chunk(json!({ "content": [{ "type": "text", "text": t }] })), "response"),
    (
        CHAT,
        |t| chunk(json!({ "content": [{ "type": "thinking", "thinking": [{ "type": "text", "text": t }] }] })),
        "response",
    ),
    (CHAT, |t| chunk(json!({ "refusal": t })), "response"),
    (CHAT, |t| chunk(json!({ "reasoning": t })), "response"),
    (CHAT, |t| chunk(json!({ "reasoning_content": t })), "response"),
    (
        CHAT,
        |t| chunk(json!({ "reasoning_details": [{ "type": "reasoning.text", "text": t, "index": 0 }] })),
        "response",
    ),
    (CHAT, |t| chunk(json!({ "audio": { "id": "a", "transcript": t } })), "response"),
    (CHAT, |t| chunk(json!({ "tool_calls": [{ "index": 1, "function": { "arguments": t } }] })), "tool_call"),
    (CHAT, |t| chunk(json!({ "tool_calls": [{ "index": 1, "custom": { "input": t } }] })), "tool_call"),
    (CHAT, |t| chunk(json!({ "function_call": { "arguments": t } })), "tool_call"),
    ("/v1/completions", |t| json!({ "object": "text_completion", "choices": [{ "index": 0, "text": t }] }), "response"),
    ("/v1/audio/transcriptions", |t| json!({ "type": "transcript.text.delta", "delta": t }), "response"),
    (RESPONSES, |t| item("refusal", t), "response"),
    (RESPONSES, |t| item("reasoning_text", t), "response"),
    (RESPONSES, |t| item("custom_tool_call_input", t), "tool_call"),
    (RESPONSES, |t| item("mcp_call_arguments", t), "tool_call"),
    (RESPONSES, |t| item("code_interpreter_call_code", t), "tool_call"),
    (RESPONSES, |t| item("audio.transcript", t), "response"),
    (RESPONSES, |t| item("shell_call_command", t), "tool_call"),
    (RESPONSES, |t| item("shell_call_output_content", json!({ "stdout": t })), "tool_result"),
    (
        RUNS,
        |t| json!({ "object": "thread.message.delta", "delta": { "content": [{ "index": 0, "text": { "value": t } }] } }),
        "response",
    ),
    (RUNS, |t| step(json!({ "index": 0, "function": { "arguments": t } })), "tool_call"),
    (RUNS, |t| step(json!({ "index": 0, "code_interpreter": { "input": t } })), "tool_call"),
    (
        RUNS,
        |t| step(json!({ "index": 0, "code_interpreter": { "outputs": [{ "index": 0, "logs": t }] } })),
        "tool_result",
    ),
];

/// The text that an event carries where the sample has it.
fn text_of(event: &Value, sample: fn(&str) -> Value) -> String {
    const MARK: &str = "\u{1}";
    fn find(model: &Value, event: &Value) -> Option<String> {
        match (model, event) {
            (Value::String(mark), Value::String(text)) => (mark == MARK).then(|| text.clone()),
            (Value::Array(model), Value::Array(event)) => model.iter().zip(event).find_map(|(m, e)| find(m, e)),
            (Value::Object(model), event) => model.iter().find_map(|(key, value)| find(value, event.get(key)?)),
            _ => None,
        }
    }
    find(&sample(MARK), event).unwrap_or_default()
}

#[test]
fn p2_a_value_cut_over_deltas_goes_from_every_lane() {
    let judge = judge_all();
    let mut problems = Vec::new();
    for (path, sample, channel) in DELTAS {
        let arguments = sample("").to_string().contains("arguments");
        let text = if arguments { format!("{{\"card\":\"{CARD}\"}}") } else { format!("The card is {CARD}, see.") };
        let wanted = text.replace(CARD, "[CREDIT_CARD]");
        let chars: Vec<char> = text.chars().collect();
        for size in [1, 5] {
            let events: Vec<Value> =
                chars.chunks(size).map(|piece| sample(&piece.iter().collect::<String>())).collect();
            let mut stream = stream_of(&events);
            stream.push_str("data: [DONE]\n\n");
            let mut x = exchange(&judge, "openai", path);
            // where `[DONE]` is no end, an error follows
            let (out, ended) = pass(&mut x, &stream, 77);
            let told: String = data_of(&out).iter().map(|event| text_of(event, *sample)).collect();
            let channels: Vec<&str> = x.report.found.iter().map(|found| found.channel.name()).collect();
            if told != wanted || channels != [*channel] || ended {
                problems.push(format!("{path} {}: {channels:?} {told}", sample("")));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn p2_each_endpoint_ends_a_blocked_stream_in_its_own_way() {
    let judge = judge(BLOCK_ALL);
    let blocked = |provider: &str, path: &str, event: Value| {
        let (out, _) = pass(&mut exchange(&judge, provider, path), &stream_of(&[event]), 900);
        assert!(!out.contains(CARD), "{out}");
        out
    };
    let legacy = json!({ "id": "cmpl-1", "object": "text_completion", "created": 7, "model": "m",
        "choices": [{ "index": 0, "text": CARD }] });
    let out = blocked("openai", "/v1/completions", legacy);
    let last = &data_of(&out)[0];
    assert_eq!((&last["id"], &last["object"]), (&json!("cmpl-1"), &json!("text_completion")));
    let filtered = json!({ "index": 0, "text": "", "logprobs": null, "finish_reason": "content_filter" });
    assert_eq!(last["choices"], json!([filtered]));
    assert!(out.ends_with("data: [DONE]\n\n"), "{out}");

    let out = blocked("azure", "/openai/deployments/d/chat/completions", chunk(json!({ "content": CARD })));
    assert_eq!(data_of(&out)[0]["choices"][0]["finish_reason"], "content_filter");

    // neither transcripts nor runs know a reason for it: an error that SDKs raise
    let message = json!({ "content": [{ "index": 0, "text": { "value": CARD } }] });
    for (path, event) in [
        ("/v1/audio/transcriptions", json!({ "type": "transcript.text.delta", "delta": CARD })),
        (RUNS, json!({ "object": "thread.message.delta", "delta": message })),
    ] {
        let out = blocked("openai", path, event);
        assert_eq!(data_of(&out)[0]["error"]["code"], "content_policy_violation", "{out}");
    }
}

#[test]
fn p5_only_events_that_nobody_knows_may_end_without_an_end() {
    let judge = judge_all();
    let brand_new = stream_of(&[json!({ "type": "agent.turn.started" }), json!({ "type": "agent.turn.completed" })]);
    let of = |path: &str, stream: &str| pass(&mut exchange(&judge, "openai", path), stream, 900).0;
    assert_eq!(of("/v1/agents/a/turns", &brand_new), brand_new);
    assert!(of(CHAT, &brand_new).contains("upstream_error"));
    let chat = stream_of(&[chunk(json!({ "content": "Hi" }))]);
    assert!(of("/v1/agents/a/turns", &chat).contains("upstream_error"));
}

#[test]
fn p1_citations_in_a_stream_point_at_the_same_words_after_a_redaction() {
    let text = format!("𝄞 {CARD}, see there.");
    let start = text.split("see there").next().unwrap_or_default().chars().count();
    let citation = json!({ "url": "https://a.test", "start_index": start, "end_index": start + 9 });
    let cited = chunk(json!({ "annotations": [{ "type": "url_citation", "url_citation": citation }] }));
    let pieces: Vec<char> = text.chars().collect();
    let deltas = pieces.chunks(4).map(|piece| chunk(json!({ "content": piece.iter().collect::<String>() })));
    let mut stream = stream_of(&deltas.chain([cited]).collect::<Vec<_>>());
    stream.push_str("data: [DONE]\n\n");
    let (out, _) = pass(&mut exchange(&judge_all(), "openai", CHAT), &stream, 50);
    let events = data_of(&out);
    let told: String = events.iter().filter_map(|event| event["choices"][0]["delta"]["content"].as_str()).collect();
    let last = events.last().expect("there are events");
    assert_eq!(super::cited(&json!(told), &last["choices"][0]["delta"]["annotations"][0]["url_citation"]), "see there");
    assert!(told.contains("[CREDIT_CARD]"), "{told}");
}

#[test]
fn a_blocked_request_is_told_in_the_shape_of_its_endpoint() {
    let refusal = Refusal { id: "01", message: "Remove it.", status: 403, model: Some("m"), request_id: None };
    let json = |body: &[u8]| serde_json::from_slice::<Value>(body).expect("it is JSON");
    let openai = find("openai").expect("it is known");
    let target = |path: &str| openai.target("POST", path);

    let whole = json(&openai.refusal(&target(RESPONSES), &refusal).body);
    assert_eq!((&whole["object"], &whole["status"]), (&json!("response"), &json!("incomplete")));
    assert_eq!(whole["output"][0]["content"][0]["text"], "Remove it.");
    let stream = openai.refusal_stream(&target(RESPONSES), Framing::Sse, &refusal);
    let events = data_of(std::str::from_utf8(&stream.body).expect("it is text"));
    assert_eq!(events.first().map(|event| &event["type"]), Some(&json!("response.created")));
    let last = events.last().expect("there are events");
    assert_eq!((&last["type"], &last["response"]), (&json!("response.incomplete"), &whole));
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], number);
    }
    assert_eq!(json(&openai.refusal(&target("/v1/completions"), &refusal).body)["choices"][0]["text"], "Remove it.");
    assert_eq!(openai.refusal(&target("/v1/embeddings"), &refusal).status, 403);

    let azure = find("azure").expect("it is known").error(Fault::Policy, &refusal);
    let body = json(&azure.body);
    assert_eq!((azure.status, &body["error"]["code"]), (403, &json!("content_filter")));
    assert_eq!(body["error"]["innererror"]["code"], "ResponsibleAIPolicyViolation");
    assert_eq!(find("azure").map(|azure| azure.credential("k").0), Some("api-key"));
}

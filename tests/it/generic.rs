//! An in-house model without code: where its text lies is told by the configuration, and what no path names is scanned all
//! the same (P1–P3).

use crate::judging::{BLOCK_ALL, REDACT_ALL, exchange_in, judge, request, sent};
use portcullis::config::Config;
use portcullis::decode::framing::Framing;
use portcullis::decode::{Channel, Reason};
use portcullis::detect::Scratch;
use portcullis::diagnostic::{Problems, Source};
use portcullis::exchange::stream::{Flow, UpstreamEnd};
use portcullis::exchange::{BodyHead, Exchange, Judge};
use portcullis::provider;
use serde_json::{Value, json};
use std::sync::Arc;

/// Generated; Luhn-valid.
const CARD: &str = "4539 5787 6362 1486";
const LABEL: &str = "[CREDIT_CARD]";

/// Redacts everything found, and lets pass what nobody can read, so that the receipt shows it.
fn judge_all() -> Arc<Judge> {
    judge(&format!(
        "{REDACT_ALL}[[statement]]\nid = \"unread\"\ntitle = \"Unread\"\nmatch = {{ uninspected = [\"*\"] }}\naction = \"log\"\n"
    ))
}

/// An exchange with an upstream of these lines in the configuration.
fn house(judge: &Arc<Judge>, provider: &str, lines: &str) -> Exchange {
    house_at("/predict", judge, provider, lines)
}

fn house_at(path: &str, judge: &Arc<Judge>, provider: &str, lines: &str) -> Exchange {
    let head = format!("[[upstream]]\nname = \"house\"\nprovider = \"{provider}\"\nprefix = \"/house\"\n");
    let text = format!("{head}base_url = \"http://model.test\"\n{lines}");
    let mut problems = Problems::new();
    let config = Config::read(&Source::new("config.toml", text), &provider::names(), &mut problems);
    let config = config.unwrap_or_else(|| panic!("{}", problems.render(false)));
    let settings = &config.upstreams[0].dialect;
    let dialect = provider::configured(provider, settings).expect("the provider is known");
    let (dialect, target) = settings.operations.spoken(&dialect, "POST", path);
    exchange_in(dialect, target, "maria", judge, provider)
}

const PATHS: &str = r#"
[upstream.paths]
system = "preamble"
prompt = ["inputs[*].text", "question"]
upload = "files[*].content"
tool_call = "calls[*].arguments"
tool_result = "results"
response = "outputs[*].text"
opaque = "session"
model = "options.model"
stream = "options.stream"
delta = "outputs[*].delta"
arguments = "call"
end = "why"
"#;

/// Channel and path of each finding.
fn found(x: &Exchange) -> Vec<(Channel, &str)> {
    x.report.found.iter().map(|found| (found.channel, found.path.as_str())).collect()
}

/// What leaves of a stream that comes in pieces of `size` bytes, and whether the gateway ended it.
fn pass(x: &mut Exchange, framing: Framing, stream: &str, size: usize) -> (String, bool) {
    let mut guard = x.stream(framing);
    let (mut scratch, mut out) = (Scratch::default(), Vec::new());
    let mut ended = false;
    for piece in stream.as_bytes().chunks(size) {
        ended = ended || guard.push(x, piece, &mut scratch, &mut out) == Flow::End;
    }
    if !ended {
        guard.end(x, UpstreamEnd::Complete, &mut scratch, &mut out);
    }
    (String::from_utf8(out).expect("what leaves is text"), ended)
}

fn events(data: &[Value]) -> String {
    data.iter().map(|event| format!("data: {event}\n\n")).collect()
}

#[test]
fn p3_paths_tell_the_channel_of_each_text_and_the_rest_is_scanned_all_the_same() {
    let judge = judge_all();
    let mut x = house(&judge, "generic", PATHS);
    let body = json!({
        "preamble": format!("system {CARD}"),
        "inputs": [{ "text": CARD, "note": CARD }, { "text": format!("x {CARD}") }],
        "question": CARD,
        "calls": [{ "arguments": format!("{{\"card\":\"{CARD}\",\"n\":1.50}}") }],
        "results": { "rows": [CARD, 4539578763621486_u64] },
        "outputs": [{ "text": CARD }],
        "session": { "token": "sk-abc", "card": CARD },
        "options": { "model": "house-7b", "stream": true },
    });
    let out = request(&mut x, body.to_string().as_bytes()).expect("it is sent on");
    let out: Value = serde_json::from_slice(&out).expect("it stays JSON");
    assert_eq!(x.model(), Some("house-7b"));
    assert!(x.asked_for_stream());
    let expected = json!({
        "preamble": format!("system {LABEL}"),
        "inputs": [{ "text": LABEL, "note": LABEL }, { "text": format!("x {LABEL}") }],
        "question": LABEL,
        "calls": [{ "arguments": format!("{{\"card\":\"{LABEL}\",\"n\":1.50}}") }],
        "results": { "rows": [LABEL, LABEL] },
        "outputs": [{ "text": LABEL }],
        "session": { "token": "sk-abc", "card": CARD },
        "options": { "model": "house-7b", "stream": true },
    });
    assert_eq!(out, expected);
    let mut places = found(&x);
    places.sort();
    places.dedup();
    assert_eq!(
        places,
        [
            (Channel::Prompt, "inputs[0].note"),
            (Channel::Prompt, "inputs[0].text"),
            (Channel::Prompt, "inputs[1].text"),
            (Channel::Prompt, "question"),
            (Channel::System, "preamble"),
            (Channel::ToolCall, "calls[0].arguments"),
            (Channel::ToolResult, "results"),
            (Channel::Response, "outputs[0].text"),
        ]
    );
    let opaque = x.report.receipt.uninspected.iter().map(|part| (part.reason, part.path.as_str()));
    assert_eq!(opaque.collect::<Vec<_>>(), [(Reason::Opaque, "session.token"), (Reason::Opaque, "session.card")]);
}

#[test]
fn p1_paths_that_meet_change_each_value_once() {
    let judge = judge_all();
    let lines = "paths = { prompt = [\"a\", \"a[*]\", \"a[*].b\", \"a[0].b\"], tool_result = \"a[*].b\" }";
    let body = json!({ "a": [{ "b": CARD, "c": CARD }] });
    let out = request(&mut house(&judge, "generic", lines), body.to_string().as_bytes()).expect("it is sent on");
    assert_eq!(String::from_utf8_lossy(&out), json!({ "a": [{ "b": LABEL, "c": LABEL }] }).to_string());
}

#[test]
fn p2_deltas_and_arguments_of_an_in_house_stream_cut_at_every_byte() {
    let judge = judge_all();
    let text = format!("Karte {CARD}, ok");
    let start = text.find(CARD).expect("it is there");
    for cut in start..=start + CARD.len() {
        let (a, b) = text.split_at(cut);
        let arguments = format!("{{\"card\":\"{text}\"}}");
        let (c, d) = arguments.split_at("{\"card\":\"".len() + cut);
        let stream = events(&[
            json!({ "outputs": [{ "delta": "first" }, { "delta": a }] }),
            json!({ "outputs": [{ "delta": " lane" }, { "delta": b }], "id": "x 4539" }),
            json!({ "call": c, "id": "x 4539" }),
            json!({ "call": d }),
            json!({ "why": "stop" }),
        ]);
        for framing in [Framing::Sse, Framing::Lines] {
            let stream = if framing == Framing::Sse {
                stream.clone()
            } else {
                stream.replace("data: ", "").replace("\n\n", "\n")
            };
            let outs = [1, 7, 64, stream.len()].map(|size| {
                let (out, ended) = pass(&mut house(&judge, "generic", PATHS), framing, &stream, size);
                assert!(!ended, "{out}");
                out
            });
            assert!(outs.iter().all(|out| *out == outs[0]), "the transfer's cuts change what leaves");
            let events = outs[0]
                .lines()
                .filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ").unwrap_or(line)).ok());
            let (mut content, mut call) = (String::new(), String::new());
            for event in events {
                content.push_str(event.pointer("/outputs/1/delta").and_then(Value::as_str).unwrap_or_default());
                call.push_str(event["call"].as_str().unwrap_or_default());
            }
            assert_eq!(content, text.replace(CARD, LABEL));
            assert_eq!(call, arguments.replace(CARD, LABEL));
        }
    }
}

#[test]
fn p2_without_paths_every_leaf_may_be_a_delta() {
    let judge = judge_all();
    let (a, b) = CARD.split_at(9);
    let stream = events(&[json!({ "x": { "y": a } }), json!({ "x": { "y": b } })]);
    let (out, _) = pass(&mut house(&judge, "generic", ""), Framing::Sse, &stream, 11);
    assert!(out.contains(LABEL) && !out.contains(b), "{out}");
}

#[test]
fn p5_a_stream_without_the_end_that_the_paths_name_is_broken_off() {
    let judge = judge_all();
    let begun = events(&[json!({ "outputs": [{ "delta": "hi" }] })]);
    for (end, whole) in [
        ("", false),
        ("data: [DONE]\n\n", true),
        ("data: {\"why\":\"stop\"}\n\n", true),
        ("data: {\"why\":null}\n\n", false),
    ] {
        let stream = format!("{begun}{end}");
        let (out, _) = pass(&mut house(&judge, "generic", PATHS), Framing::Sse, &stream, 9);
        assert_eq!(out == stream, whole, "{out}");
        assert_eq!(out.contains("\"error\""), !whole, "{out}");
    }
}

#[test]
fn a_block_ends_an_in_house_stream_as_its_provider_would() {
    let judge = judge(BLOCK_ALL);
    let stream = events(&[json!({ "outputs": [{ "delta": format!("x {CARD} y") }] }), json!({ "why": "stop" })]);
    for (provider, end) in [
        ("generic", "\"code\":\"content_policy_violation\""),
        ("openai", "data: [DONE]\n\n"),
        ("anthropic", "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"),
    ] {
        let (out, ended) = pass(&mut house(&judge, provider, PATHS), Framing::Sse, &stream, 11);
        assert!(ended && out.contains(end) && !out.contains("4539"), "{provider}: {out}");
    }
    let lines = stream.replace("data: ", "").replace("\n\n", "\n");
    let (out, ended) = pass(&mut house(&judge, "generic", PATHS), Framing::Lines, &lines, 11);
    assert!(ended && out.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{out}");
}

#[test]
fn an_answer_is_read_by_the_same_paths() {
    let judge = judge_all();
    let mut x = house(&judge, "generic", PATHS);
    let body = json!({ "outputs": [{ "text": format!("Here: {CARD}") }], "other": CARD }).to_string();
    let head = BodyHead { content_type: Some("application/json"), content_encoding: None };
    let judged = x.answer(&head, body.as_bytes(), &mut Scratch::default());
    assert_eq!(sent(judged, body.as_bytes()), Ok(body.replace(CARD, LABEL).into_bytes()));
    assert_eq!(found(&x), [(Channel::Response, "outputs[0].text"), (Channel::Response, "other")]);
}

#[test]
fn addresses_of_openai_like_providers_are_what_the_configuration_says() {
    let judge = judge_all();
    let lines = "operations = { \"/api/v2/cortex/inference:complete\" = \"chat\" }";
    let mut x = house_at("/api/v2/cortex/inference:complete", &judge, "openai", lines);
    let body = json!({ "model": "m", "messages": [{ "role": "system", "content": CARD }, { "role": "user", "content_list": [{ "type": "text", "text": CARD }] }] });
    let out = request(&mut x, body.to_string().as_bytes()).expect("it is sent on");
    assert_eq!(String::from_utf8_lossy(&out), body.to_string().replace(CARD, LABEL));
    assert_eq!(
        found(&x),
        [(Channel::System, "messages[0].content"), (Channel::Prompt, "messages[1].content_list[0].text")]
    );
}

#[test]
fn p2_what_an_openai_like_provider_writes_beside_the_text_is_cut_at_every_byte() {
    let judge = judge_all();
    for cut in 0..=CARD.len() {
        let (a, b) = CARD.split_at(cut);
        let chunk = |text: &str, finish: Value| {
            let delta = json!({ "type": "text", "text": text, "content": text, "content_list": [{ "type": "text", "text": text }] });
            json!({ "id": "1", "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] })
        };
        let stream =
            events(&[chunk(a, Value::Null), chunk(b, Value::Null), chunk("", json!("stop"))]) + "data: [DONE]\n\n";
        let lines = "operations = { \"/api/v2/cortex/inference:complete\" = \"chat\" }";
        let mut x = house_at("/api/v2/cortex/inference:complete", &judge, "openai", lines);
        let (out, ended) = pass(&mut x, Framing::Sse, &stream, 1 + cut);
        assert!(!ended, "{out}");
        for pointer in ["text", "content", "content_list/0/text"] {
            let pointer = format!("/choices/0/delta/{pointer}");
            let data = out.lines().filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok());
            let text: String = data.filter_map(|event| event.pointer(&pointer)?.as_str().map(str::to_owned)).collect();
            assert_eq!(text, LABEL, "{pointer}, cut at {cut}");
        }
    }
}

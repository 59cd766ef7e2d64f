//! Every dialect on any JSON: no text is unaccounted for, in bodies and in events; and whatever was read, a stream can be ended.

use super::Choices;
use portcullis::decode::framing::Framing;
use portcullis::decode::json::{Json, Limits, Node};
use portcullis::decode::{Channel, Uninspected};
use portcullis::provider::{Dialect, EventFacts, Fault, Marks, Refusal, Walk, find, names};
use std::sync::Arc;

/// Paths of requests that dialects tell apart.
const PATHS: &[&str] = &[
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/completions",
    "/v1/embeddings",
    "/v1/files/file-1/content",
    "/v1/threads/t/runs",
    "/v1/traces/ingest",
    "/v1/conversations/c/items",
    "/v1/audio/transcriptions",
    "/v1/messages",
    "/v1beta/models/m:streamGenerateContent",
    "/api/chat",
    "/v2/chat",
    "/",
];

pub fn run(input: &[u8]) {
    let (mut choices, body) = Choices::take(input);
    let Ok(json) = Json::parse(body, &Limits { depth: 64, nodes: 4096 }) else { return };
    let names = names();
    let dialect = find(names[choices.below(names.len())]).expect("it is named");
    let target = dialect.target("POST", PATHS[choices.below(PATHS.len())]);
    accounted(&json, &dialect.request(&target, &json));
    accounted(&json, &dialect.response(&target, &json));
    if let Some(walk) = dialect.line(Channel::Upload, &json) {
        accounted(&json, &walk);
    }
    dialect.facts(&target, &json);
    dialect.usage(&target, &json);
    stream(&dialect, &target, &json);
}

/// Texts of several words, which no name of the protocol has.
fn prose<'j, 'b>(json: &'j Json<'b>) -> impl Iterator<Item = Node<'j, 'b>> {
    json.nodes().filter(|node| {
        let words = node.str().is_some_and(|text| text.split(' ').nth(3).is_some());
        node.is_string() && !node.is_key() && words
    })
}

fn named(parts: &[Uninspected], node: Node<'_, '_>) -> bool {
    let path = node.path();
    parts.iter().any(|part| path.starts_with(&part.path))
}

fn accounted(json: &Json<'_>, walk: &Walk<'_>) {
    for node in prose(json) {
        let span = node.span();
        let read = walk.segments.iter().any(|segment| {
            let of = segment.source_span(0..segment.text.len());
            of.start <= span.start + 1 && span.end <= of.end + 1
        });
        // tokens of a text that is read, which go with it
        let copied = walk.copies.iter().any(|copy| copy.span.start <= span.start && span.end <= copy.span.end);
        assert!(read || copied || named(&walk.uninspected, node), "nobody reads {}", node.path());
    }
    let segments = walk.segments.len();
    let of = walk.pinned.iter().chain(&walk.history).chain(walk.copies.iter().map(|copy| &copy.of));
    assert!(of.chain(walk.offsets.iter().map(|offset| &offset.of)).all(|of| *of < segments));
    assert!(walk.references.iter().all(|reference| reference.part < walk.uninspected.len()));
}

fn stream(dialect: &Arc<dyn Dialect>, target: &portcullis::provider::Target, json: &Json<'_>) {
    let refusal = Refusal { id: "01", message: "no", status: 403, model: None, request_id: None };
    for framing in [Framing::Sse, Framing::Lines] {
        for end in [true, false] {
            let mut state = dialect.stream(target, framing);
            for event in json.root().items().map(Node::raw).chain([json.text().as_bytes()]) {
                let event = Json::parse(event, &Limits::default()).expect("it is a part of JSON");
                let facts = state.event(None, Some(&event));
                known(&event, &facts);
                state.sent(&facts.marks);
                if facts.marks.kept {
                    state.kept(event.text().as_bytes());
                }
            }
            state.sent(&Marks::default());
            let bytes = if end { state.blocked(&refusal) } else { state.failed(Fault::Upstream, &refusal) };
            let lines = bytes.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(b"data: "));
            for data in lines.filter(|data| *data != b"[DONE]") {
                assert!(Json::parse(data, &Limits::default()).is_ok(), "data of the gateway's own is JSON");
            }
        }
    }
}

fn known(event: &Json<'_>, facts: &EventFacts) {
    for node in prose(event) {
        let leaves = facts.deltas.iter().chain(&facts.whole).chain(&facts.payloads).map(|leaf| leaf.node);
        let within = |of: Node<'_, '_>| of.span().start <= node.span().start && node.span().end <= of.span().end;
        let read = leaves.chain(facts.copies.iter().copied()).any(|leaf| within(event.node(leaf)));
        assert!(read || named(&facts.uninspected, node), "nobody reads {} of an event", node.path());
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let text = "four words of prose";
    let bodies = [
        r#"{"messages":[{"role":"user","content":[{"type":"text","text":"T"},{"type":"file","file":{"file_data":"T","file_id":"f"}}],"tool_calls":[{"function":{"arguments":"{\"a\":\"T\"}"}}]}],"tools":[{"x":"T"}],"stop":["T"],"input":["T",[1]],"prompt":"T","metadata":{"k":"T"}}"#,
        r#"{"choices":[{"index":0,"text":"T","message":{"role":"assistant","content":"T","annotations":[{"url_citation":{"start_index":1,"end_index":2,"title":"T"}}],"audio":{"data":"T"},"reasoning_details":[{"data":"T","text":"T"}]},"delta":{"content":"T","tool_calls":[{"index":1,"function":{"arguments":"T"}}]},"logprobs":{"content":[{"token":"T","logprob":-0.5}]},"finish_reason":"stop"}],"data":[{"embedding":"T","b64_json":"T","url":"T"}]}"#,
        r#"[{"type":"response.created","sequence_number":1,"response":{"object":"response","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"T","logprobs":[{"token":"T"}]}]},{"type":"reasoning","summary":[{"text":"T"}],"encrypted_content":"T"}]}},{"type":"response.output_item.added","output_index":0,"item":{"type":"message","content":[]}},{"type":"response.content_part.added","output_index":0,"content_index":0,"part":{"type":"output_text","text":""}},{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"T"},{"type":"response.output_text.annotation.added","annotation":{"start_index":1,"end_index":2,"title":"T"}},{"type":"response.output_text.done","text":"T"}]"#,
        r#"{"object":"thread.message.delta","delta":{"content":[{"index":0,"text":{"value":"T","annotations":[]}}],"step_details":{"tool_calls":[{"index":0,"function":{"arguments":"T","output":"T"},"code_interpreter":{"input":"T","outputs":[{"logs":"T"}]}}]}}}"#,
        r#"{"custom_id":"1","url":"/v1/chat/completions","body":{"messages":[{"role":"system","content":"T"}]},"response":{"body":{"choices":[{"message":{"content":"T"}}]}},"error":{"message":"T"}}"#,
        r#"{"system":"T","messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"T","signature":"T"},{"type":"tool_use","input":{"a":"T"}}]}],"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"T"},"content_block":{"type":"text","text":"T"}}"#,
        r#"{"contents":[{"role":"user","parts":[{"text":"T"},{"inlineData":{"data":"T"}},{"functionCall":{"args":{"a":"T"}}}]}],"candidates":[{"content":{"parts":[{"text":"T"}]},"finishReason":"STOP"}]}"#,
        r#"{"message":{"role":"assistant","content":"T","thinking":"T"},"response":"T","done":false,"documents":[{"data":{"text":"T"}}],"jsonrpc":"2.0","method":"tools/call","params":{"arguments":{"a":"T"}},"result":{"content":[{"type":"text","text":"T"}]}}"#,
    ];
    let each = bodies.iter().map(|body| body.replace('T', text));
    // the first bytes choose dialect and path
    let choices = |body: String| (0..24u8).map(move |choice| [&[choice, b'k', b'e', b'y'], body.as_bytes()].concat());
    each.flat_map(choices).collect()
}

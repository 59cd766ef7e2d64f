//! The JSON tape against `serde_json`; accounting of leaves; rewriting that changes the replaced ranges alone (P1, P3).

use super::Choices;
use portcullis::decode::json::{Claims, Json, Kind, Limits, Node};
use portcullis::decode::{Channel, Replacement, Segment, rewrite};
use serde_json::Value;

pub fn run(input: &[u8]) {
    let (mut choices, body) = Choices::take(input);
    let limits = Limits { depth: 64, nodes: 4096 };
    let known: Result<Value, _> = serde_json::from_slice(body);
    let json = match Json::parse(body, &limits) {
        Ok(json) => json,
        Err(error) => {
            assert!(error.offset <= body.len(), "{error}");
            assert!(error.too_large || known.is_err(), "{error}, but serde_json reads it");
            return;
        }
    };
    json.nodes().for_each(|node| node_is_right(node, body));
    if let Ok(known) = &known {
        alike(json.root(), known);
    }
    let mut claims = Claims::new(&json);
    let leaves: Vec<Node<'_, '_>> = json.unclaimed_leaves(&claims).collect();
    for node in json.nodes().filter(|node| node.is_string() && !node.is_key() && node.span().len() > 2) {
        assert!(leaves.iter().any(|leaf| leaf.id() == node.id()), "a text that nobody accounts for: {}", node.path());
    }
    claims.claim_tree(json.root());
    assert_eq!(json.unclaimed_leaves(&claims).count(), 0);
    json.anomalies();

    let segments: Vec<Segment<'_>> = leaves.iter().map(|leaf| Segment::string(Channel::Prompt, *leaf)).collect();
    assert_eq!(rewrite(body, &segments, &[]), body, "nothing was replaced");
    let (mut replacements, mut expected) = (Vec::new(), Vec::new());
    for (segment, Segment { text, .. }) in segments.iter().enumerate() {
        let mut new = text.to_string();
        for range in choices.ranges(text, 3).into_iter().rev() {
            let text = ["", "[X]", "\"\\\n\u{1F600}"][choices.below(3)].to_owned();
            new.replace_range(range.clone(), &text);
            replacements.push(Replacement { segment, range, text });
        }
        expected.push(new);
    }
    let body = rewrite(body, &segments, &replacements);
    let json = Json::parse(&body, &Limits::default()).unwrap_or_else(|error| panic!("rewritten: {error}"));
    for (leaf, expected) in leaves.iter().zip(expected) {
        let node = json.node(leaf.id());
        let text = node.str().unwrap_or_else(|| node.raw_str().into());
        // Two halves of a surrogate pair between which all is removed read as one character.
        if !expected.contains("\u{FFFD}\u{FFFD}") {
            assert_eq!(text, expected, "at {}", leaf.path());
        }
    }
}

fn node_is_right(node: Node<'_, '_>, body: &[u8]) {
    let span = node.span();
    assert_eq!(node.raw(), &body[span.clone()]);
    if let Some(parent) = node.parent() {
        assert!(parent.span().start < span.start && span.end < parent.span().end);
    }
    // Half a surrogate pair is an error there and U+FFFD here.
    if let (Some(text), Ok(known)) = (node.str(), serde_json::from_str::<String>(node.raw_str())) {
        assert_eq!(text, known);
    }
    assert!(node.path().len() <= 16 * 1024, "paths are for records");
}

/// Of keys that stand twice the last counts, for both.
fn alike(node: Node<'_, '_>, known: &Value) {
    let kind = match known {
        Value::Null => Kind::Null,
        Value::Bool(known) => {
            assert_eq!(node.as_bool(), Some(*known));
            Kind::Bool
        }
        Value::Number(_) => Kind::Number,
        Value::String(known) => {
            assert!(node.is(known));
            Kind::String
        }
        Value::Array(known) => {
            assert_eq!(node.items().count(), known.len());
            node.items().zip(known).for_each(|(node, known)| alike(node, known));
            Kind::Array
        }
        Value::Object(known) => {
            assert!(node.entries().all(|(key, _)| known.contains_key(&*key.str().expect("keys are strings"))));
            known.iter().for_each(|(key, known)| alike(node.get(key).expect("the key is there"), known));
            Kind::Object
        }
    };
    assert_eq!(node.kind(), kind);
}

pub fn seeds() -> Vec<Vec<u8>> {
    [
        r#"1234{"model":"m","messages":[{"role":"user","content":"call 030 1234567 or \u0031\ud83d\ude00"}],"n":1}"#,
        r#"5678[null,true,-1.5e10,123456789,"\"\\\/\b\f\n\r\t",{"a":{"A":[[],{}]},"a":"again"}]"#,
        "9abc\u{feff} {\"k e y\" : \"\\ud800\", \"\": \"é\"} ",
    ]
    .map(|seed| seed.as_bytes().to_vec())
    .to_vec()
}

//! Values split over messages, content parts, JSON fields and array items of one request are found and redacted; what merely
//! stands side by side is not.

use crate::judging::{BLOCK_ALL, LOG_ALL, REDACT_ALL, exchange, judge, request, sent as sent_on};
use crate::random::Random;
use portcullis::detect::{Scratch, validator};
use portcullis::exchange::report::Found;
use portcullis::exchange::{BodyHead, Judge};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

static REDACTS: LazyLock<Arc<Judge>> = LazyLock::new(|| judge(REDACT_ALL));

/// Split values per kind of place, number of pieces and kind of value.
const EACH: usize = 6;

/// How a value is written, and what is said before it.
struct Identifier {
    kind: &'static str,
    said: &'static str,
    make: fn(&mut Random) -> String,
}

const IDENTIFIERS: [Identifier; 6] = [
    Identifier { kind: "card", said: "my card is", make: |random| card(random) },
    Identifier { kind: "card, grouped", said: "my card is", make: |random| grouped(&card(random), ' ') },
    Identifier { kind: "IBAN", said: "the account is", make: |random| iban(random) },
    Identifier { kind: "IBAN, grouped", said: "the account is", make: |random| grouped(&iban(random), ' ') },
    Identifier { kind: "SSN", said: "my social security number is", make: ssn },
    Identifier { kind: "token", said: "deploy with", make: |random| format!("sk_live_{}", letters(random, 24)) },
];

fn digits(random: &mut Random, count: usize) -> String {
    (0..count).map(|_| char::from(b'0' + random.below(10) as u8)).collect()
}

fn letters(random: &mut Random, count: usize) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    (0..count).map(|_| char::from(ALPHABET[random.below(ALPHABET.len())])).collect()
}

/// The first value made that the validator accepts.
fn accepted(name: &str, mut make: impl FnMut() -> String) -> String {
    let check = validator::find(name).expect("the validator is known").check;
    std::iter::repeat_with(&mut make).find(|value| check(value)).expect("an endless supply")
}

fn card(random: &mut Random) -> String {
    accepted("payment_card", || format!("4{}", digits(random, 15)))
}

fn iban(random: &mut Random) -> String {
    accepted("iban", || format!("DE{}", digits(random, 20)))
}

fn ssn(random: &mut Random) -> String {
    let plain = accepted("us_ssn", || digits(random, 9));
    format!("{}-{}-{}", &plain[..3], &plain[3..5], &plain[5..])
}

/// In groups of four.
fn grouped(plain: &str, by: char) -> String {
    let mut out = String::new();
    for (at, c) in plain.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            out.push(by);
        }
        out.push(c);
    }
    out
}

/// A value in pieces: cut anywhere as it is written, or between its groups.
fn pieces(value: &str, count: usize, random: &mut Random) -> Vec<String> {
    let groups: Vec<&str> = value.split(' ').collect();
    if groups.len() >= count && random.below(2) == 0 {
        let cuts = cuts(groups.len(), count, random);
        return cuts.windows(2).map(|w| groups[w[0]..w[1]].join(" ")).collect();
    }
    cuts(value.len(), count, random).windows(2).map(|w| value[w[0]..w[1]].to_owned()).collect()
}

/// Where to cut so many things into `count` parts, both ends included.
fn cuts(things: usize, count: usize, random: &mut Random) -> Vec<usize> {
    let mut inner: Vec<usize> = (1..things).collect();
    while inner.len() > count - 1 {
        inner.remove(random.below(inner.len()));
    }
    std::iter::once(0).chain(inner).chain([things]).collect()
}

/// A request with the pieces somewhere in it.
struct Place {
    name: &'static str,
    body: fn(&[String], &str) -> Value,
    /// Every text of the body that held a piece.
    texts: fn(&Value) -> Vec<String>,
}

const PLACES: [Place; 7] = [
    Place {
        name: "messages",
        body: |pieces, said| {
            let mut texts = pieces.to_vec();
            texts[0] = format!("{said} {}", texts[0]);
            texts.last_mut().expect("there are pieces").push_str(" thanks a lot");
            chat(texts.into_iter().map(|text| json!({ "role": "user", "content": text })).collect())
        },
        texts: |body| list(&body["messages"], "/content"),
    },
    Place {
        name: "messages with answers between",
        body: |pieces, said| {
            let say = |text: &str| json!({ "role": "user", "content": text });
            let answer = json!({ "role": "assistant", "content": "Go on." });
            chat(
                [said]
                    .into_iter()
                    .chain(pieces.iter().map(String::as_str))
                    .flat_map(|t| [say(t), answer.clone()])
                    .collect(),
            )
        },
        texts: |body| list(&body["messages"], "/content"),
    },
    Place {
        name: "content parts",
        body: |pieces, said| {
            let part = |text: String| json!({ "type": "text", "text": text });
            let mut parts = vec![part(format!("Read this: {said}"))];
            parts.extend(pieces.iter().cloned().map(part));
            parts.push(part("Please write it down.".into()));
            chat(vec![json!({ "role": "user", "content": parts })])
        },
        texts: |body| list(&body["messages"][0]["content"], "/text"),
    },
    Place {
        name: "fields of tool arguments",
        body: |pieces, said| {
            let mut fields = vec![("who".to_owned(), "Maria".to_owned()), ("note".into(), said.to_owned())];
            fields.extend(pieces.iter().enumerate().map(|(i, piece)| (format!("part_{i}"), piece.clone())));
            fields.push(("city".into(), "Berlin".into()));
            call(&object(fields))
        },
        texts: |body| arguments(body, strings),
    },
    Place {
        name: "items of tool arguments",
        body: |pieces, said| call(&json!({ "note": said, "items": pieces, "city": "Berlin" })),
        texts: |body| arguments(body, strings),
    },
    Place {
        name: "fields of metadata",
        body: |pieces, said| {
            let mut fields = vec![("note".to_owned(), said.to_owned())];
            fields.extend(pieces.iter().enumerate().map(|(i, piece)| (format!("p{i}"), piece.clone())));
            let mut body = chat(vec![json!({ "role": "user", "content": "see the metadata" })]);
            body["metadata"] = object(fields);
            body
        },
        texts: |body| strings(&body["metadata"]),
    },
    Place {
        name: "items of an unknown field",
        body: |pieces, said| {
            let mut body = chat(vec![json!({ "role": "user", "content": "see below" })]);
            body["notes"] = json!([said, pieces, "that is all"]);
            body
        },
        texts: |body| strings(&body["notes"]),
    },
];

fn chat(messages: Vec<Value>) -> Value {
    json!({ "model": "m", "messages": messages })
}

fn object(fields: Vec<(String, String)>) -> Value {
    Value::Object(fields.into_iter().map(|(key, text)| (key, Value::String(text))).collect())
}

/// A request that repeats a tool call with these arguments.
fn call(arguments: &Value) -> Value {
    let function = json!({ "name": "pay", "arguments": arguments.to_string() });
    let call = json!({ "id": "call_1", "type": "function", "function": function });
    chat(vec![
        json!({ "role": "user", "content": "pay" }),
        json!({ "role": "assistant", "content": null, "tool_calls": [call] }),
    ])
}

fn arguments(body: &Value, texts: fn(&Value) -> Vec<String>) -> Vec<String> {
    let source =
        body["messages"][1]["tool_calls"][0]["function"]["arguments"].as_str().expect("arguments are a string");
    texts(&serde_json::from_str(source).expect("arguments stay JSON"))
}

fn list(items: &Value, pointer: &str) -> Vec<String> {
    let items = items.as_array().expect("a list");
    items.iter().map(|item| item.pointer(pointer).and_then(Value::as_str).expect("a text").to_owned()).collect()
}

/// Every string and number of a value.
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(fields) => fields.values().flat_map(strings).collect(),
        Value::Number(number) => vec![number.to_string()],
        _ => Vec::new(),
    }
}

/// What leaves of a body.
fn sent(body: &Value) -> Value {
    let mut x = exchange(&REDACTS, "openai", "/v1/chat/completions");
    let sent = request(&mut x, body.to_string().as_bytes()).expect("it is redacted, not refused");
    serde_json::from_slice(&sent).expect("JSON stays JSON")
}

/// Whether nothing of the pieces is left in the texts: no digit, and of a token no piece of three letters.
fn gone(pieces: &[String], texts: &[String]) -> bool {
    let is_gone = |piece: &&String| piece.len() < 3 || !texts.iter().any(|text| text.contains(piece.trim()));
    !texts.iter().any(|text| text.contains(|c: char| c.is_ascii_digit())) && pieces.iter().all(|piece| is_gone(&piece))
}

#[test]
fn values_split_over_texts_of_a_request_are_redacted() {
    let mut random = Random(17);
    let mut table: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    let (mut all, mut missed) = ((0, 0), Vec::new());
    for place in &PLACES {
        for identifier in &IDENTIFIERS {
            for count in 2..=6 {
                for _ in 0..EACH {
                    let pieces = pieces(&(identifier.make)(&mut random), count, &mut random);
                    let texts = (place.texts)(&sent(&(place.body)(&pieces, identifier.said)));
                    let done = gone(&pieces, &texts);
                    let (found, of) = table.entry((place.name, identifier.kind)).or_default();
                    (*found, *of) = (*found + usize::from(done), *of + 1);
                    all = (all.0 + usize::from(done), all.1 + 1);
                    if !done {
                        missed.push(format!("{} of {}: {texts:?}", identifier.kind, place.name));
                    }
                }
            }
        }
    }
    println!("| split over | {} |", IDENTIFIERS.each_ref().map(|i| i.kind).join(" | "));
    for place in &PLACES {
        let cell = |i: &Identifier| {
            let (found, of) = table[&(place.name, i.kind)];
            format!("{:.0} %", 100.0 * found as f64 / of as f64)
        };
        println!("| {} | {} |", place.name, IDENTIFIERS.each_ref().map(cell).join(" | "));
    }
    println!("{} of {} split values were redacted", all.0, all.1);
    assert!(all.0 * 100 >= all.1 * 95, "{} missed:\n{}", missed.len(), missed[..missed.len().min(40)].join("\n"));
}

#[test]
fn a_number_with_one_digit_in_each_item_is_redacted() {
    let mut random = Random(19);
    for _ in 0..20 {
        let number = card(&mut random);
        let digits: Vec<Value> = number.bytes().map(|b| json!(b - b'0')).collect();
        let texts: Vec<Value> = number.chars().map(|c| json!(c.to_string())).collect();
        for items in [digits, texts] {
            let left = arguments(&sent(&call(&json!({ "who": "Maria", "card": items, "city": "Berlin" }))), strings);
            assert!(gone(&[], &left), "{left:?}");
        }
        let messages = number.chars().map(|c| json!({ "role": "user", "content": c.to_string() })).collect();
        let left = list(&sent(&chat(messages))["messages"], "/content");
        assert_eq!(left.concat(), "[CREDIT_CARD]");
    }
}

#[test]
fn a_split_value_is_one_finding_at_its_first_text() {
    let body = json!({ "content": [
        { "type": "text", "text": "The card on file is 4539 5787" },
        { "type": "text", "text": "6362 1486, as you said." },
    ] });
    let mask = "[[statement]]\nid = \"mask\"\ntitle = \"Mask\"\nmatch = { categories = [\"payment\"] }\naction = \"redact\"\nstyle = { mask = { keep = 4 } }\n";
    let mut x = exchange(&judge(mask), "anthropic", "/v1/messages");
    let head = BodyHead { content_type: Some("application/json"), content_encoding: None };
    let body = body.to_string();
    let sent = sent_on(x.answer(&head, body.as_bytes(), &mut Scratch::default()), body.as_bytes());
    let sent: Value = serde_json::from_slice(&sent.expect("it is redacted")).expect("JSON stays JSON");
    assert_eq!(list(&sent["content"], "/text"), ["The card on file is **** **** **** 1486", ", as you said."]);
    let [found] = x.report.found.as_slice() else { panic!("{:?}", x.report.found) };
    assert_eq!((found.rule.as_str(), found.path.as_str(), found.count), ("credit_card", "content[0].text", 1));
    assert_eq!((found.redacted, found.disguise.as_slice()), (true, ["split"].as_slice()));
}

#[test]
fn a_split_value_that_was_blocked_does_not_block_later_turns() {
    let judge = judge(BLOCK_ALL);
    let say = |role: &str, text: &str| json!({ "role": role, "content": text });
    let mut messages = vec![say("user", "my card is 4539 5787"), say("user", "6362 1486")];
    let turn = |messages: &[Value]| {
        let mut x = exchange(&judge, "openai", "/v1/chat/completions");
        request(&mut x, chat(messages.to_vec()).to_string().as_bytes())
    };
    turn(&messages).expect_err("it is blocked");
    messages.extend([say("assistant", "No."), say("user", "Then tell me a story.")]);
    let sent = turn(&messages).expect("what was judged before is redacted");
    let sent: Value = serde_json::from_slice(&sent).expect("JSON stays JSON");
    assert_eq!(list(&sent["messages"], "/content")[..2], ["my card is [CREDIT_CARD]", ""]);
}

/// Texts that are nobody's secret.
const CLEAN: &str = include_str!("../corpus/clean.txt");
/// Most clean requests with a false finding over a seam, of a thousand.
const FALSE: usize = 2;

fn split(found: &[Found]) -> Vec<String> {
    found.iter().filter(|f| f.disguise.contains(&"split")).map(|f| format!("{} at {}", f.rule, f.path)).collect()
}

#[test]
fn clean_texts_side_by_side_add_no_findings() {
    let judge = judge(LOG_ALL);
    let lines: Vec<String> = CLEAN.lines().filter(|l| !l.starts_with('#')).map(str::to_owned).collect();
    // by the number of texts in a request: whole lines, and lines cut in two at a blank
    let halves = lines.iter().flat_map(|line| {
        let blanks: Vec<usize> = line.match_indices(' ').map(|(at, _)| at).collect();
        let middle = blanks.get(blanks.len() / 2).copied().unwrap_or(0);
        [line[..middle].to_owned(), line[middle..].trim_start().to_owned()]
    });
    let halves: Vec<String> = halves.filter(|half| !half.is_empty()).collect();
    let (mut tried, mut wrong) = (0, Vec::new());
    for place in &PLACES {
        for texts in lines.chunks(4).chain(halves.chunks(6)) {
            let mut x = exchange(&judge, "openai", "/v1/chat/completions");
            request(&mut x, (place.body)(texts, "read this").to_string().as_bytes()).expect("it is only logged");
            tried += 1;
            wrong.extend(split(&x.report.found).iter().map(|found| format!("{}: {found} in {texts:?}", place.name)));
        }
    }
    // rows of numbers as tools return them
    let mut random = Random(23);
    for _ in 0..400 {
        let mut number = |digits| random.below(10usize.pow(digits));
        let rows: Vec<Value> = (0..8)
            .map(|id| json!({ "id": id, "count": number(4), "bytes": number(8), "at": 1_767_225_600 + number(6), "code": number(5).to_string() }))
            .collect();
        let lists = json!({ "rows": rows, "counts": (0..20).map(|_| number(4)).collect::<Vec<_>>(), "sizes": (0..20).map(|_| number(7)).collect::<Vec<_>>() });
        let mut x = exchange(&judge, "openai", "/v1/chat/completions");
        request(&mut x, call(&lists).to_string().as_bytes()).expect("it is only logged");
        tried += 1;
        wrong.extend(split(&x.report.found).iter().map(|found| format!("numbers: {found} in {lists}")));
    }
    println!("{} false findings over seams in {tried} clean requests", wrong.len());
    assert!(
        wrong.len() * 1000 <= tried * FALSE,
        "{} of {tried}:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(30)].join("\n")
    );
}

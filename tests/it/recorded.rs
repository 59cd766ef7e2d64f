//! P1 on recorded traffic, without a network: every request, whole answer and stream leaves byte for byte; and with a value
//! planted in it, no copy of the value is left.

use crate::judging::{LOG_ALL, REDACT_ALL, exchange, judge, sent};
use crate::random::Random;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use portcullis::decode::framing::{Framer, Framing};
use portcullis::decode::json::{Json, Limits};
use portcullis::detect::Scratch;
use portcullis::exchange::stream::{Flow, UpstreamEnd};
use portcullis::exchange::{BodyHead, Exchange, Judge};
use portcullis::provider::Walk;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

/// The files of recordings, each with the provider as the configuration names it.
pub const PROVIDERS: &[(&str, &str)] = &[
    ("openai", "openai"),
    ("azure", "azure"),
    ("anthropic", "anthropic"),
    ("bedrock", "bedrock"),
    ("cohere", "cohere"),
    ("deepseek", "deepseek"),
    ("gemini", "gemini"),
    ("groq", "groq"),
    ("huggingface", "huggingface"),
    ("local-ollama", "ollama"),
    ("mcp", "mcp"),
    ("mistral", "mistral"),
    ("together", "together"),
    ("writer", "generic"),
];
/// Generated; Luhn-valid.
const CARD: &str = "4539 5787 6362 1486";
/// Planted values per run: a sample, the same each time.
const SAMPLE: usize = 600;

/// One recorded exchange.
struct Recording {
    name: String,
    provider: &'static str,
    method: String,
    path: String,
    request_type: Option<String>,
    request: Vec<u8>,
    answer_type: Option<String>,
    answer: Vec<u8>,
}

impl Recording {
    fn read(provider: &'static str, line: &str) -> Self {
        let value: Value = serde_json::from_str(line).expect("a recording is JSON");
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        let body = |key: &str| match text(key) {
            Some(text) => text.into_bytes(),
            None => {
                let encoded = text(&format!("{key}_b64")).unwrap_or_default();
                BASE64_STANDARD.decode(encoded).expect("a recording's base64 is whole")
            }
        };
        Self {
            name: format!("{} #{} ({})", value["src"].as_str().unwrap_or_default(), value["i"], value["path"]),
            provider,
            method: text("method").expect("a recording has a method"),
            path: text("path").expect("a recording has a path"),
            request_type: text("req_ct"),
            request: body("req"),
            answer_type: text("resp_ct"),
            answer: body("resp"),
        }
    }

    /// How the answer is streamed.
    fn framing(&self, x: &Exchange) -> Option<Framing> {
        x.framing(self.answer_type.as_deref().unwrap_or_default())
    }

    fn streams_events(&self) -> bool {
        self.answer_type.as_deref().is_some_and(|kind| kind.starts_with("text/event-stream"))
    }

    fn open(&self, judge: &Arc<Judge>) -> Exchange {
        exchange(judge, self.provider, &self.path)
    }
}

fn recordings() -> Option<Vec<Recording>> {
    let fixtures = std::env::var_os("PORTCULLIS_FIXTURES").map(PathBuf::from);
    let folder = fixtures.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures"));
    let mut all = Vec::new();
    for (file, provider) in PROVIDERS {
        let file = folder.join("cassettes").join(format!("{file}.jsonl"));
        let Ok(text) = std::fs::read_to_string(file) else {
            println!("SKIPPED: recorded traffic because `PORTCULLIS_FIXTURES` names no folder with `cassettes`");
            return None;
        };
        all.extend(text.lines().map(|line| Recording::read(provider, line)));
    }
    Some(all)
}

fn request(x: &mut Exchange, recording: &Recording, body: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let head = BodyHead { content_type: recording.request_type.as_deref(), content_encoding: None };
    sent(x.request(&head, body, &mut Scratch::default()), body)
}

fn answer(x: &mut Exchange, recording: &Recording, body: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let head = BodyHead { content_type: recording.answer_type.as_deref(), content_encoding: None };
    sent(x.answer(&head, body, &mut Scratch::default()), body)
}

/// A stream in pieces of 1 to 300 bytes; `None` if it was ended by the gateway.
fn stream(x: &mut Exchange, framing: Framing, body: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let mut guard = x.stream(framing);
    let (mut scratch, mut out) = (Scratch::default(), Vec::new());
    let mut rest = body;
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at(rest.len().min(1 + random.below(300)));
        if guard.push(x, piece, &mut scratch, &mut out) == Flow::End && !tail.is_empty() {
            return None;
        }
        rest = tail;
    }
    guard.end(x, UpstreamEnd::Complete, &mut scratch, &mut out);
    Some(out)
}

fn report(problems: &[String], of: usize) {
    assert!(of > 0, "nothing was tried");
    let shown: Vec<&str> = problems.iter().take(12).map(String::as_str).collect();
    assert!(problems.is_empty(), "{} of {of}:\n{}", problems.len(), shown.join("\n"));
}

#[test]
fn p1_recorded_bodies_leave_as_they_came() {
    let Some(recordings) = recordings() else { return };
    let judge = judge(LOG_ALL);
    let mut random = Random(7);
    let mut problems = Vec::new();
    for recording in &recordings {
        let mut x = recording.open(&judge);
        if recording.method != "GET" {
            match request(&mut x, recording, &recording.request) {
                Ok(out) if out == recording.request => {}
                Ok(_) => problems.push(format!("{}: the request changed", recording.name)),
                Err(why) => problems.push(format!(
                    "{}: the request was refused: {}",
                    recording.name,
                    String::from_utf8_lossy(&why)
                )),
            }
        }
        if let Some(framing) = recording.framing(&x) {
            match stream(&mut x, framing, &recording.answer, &mut random) {
                Some(out) if out == recording.answer => {}
                Some(out) => {
                    let at = out.iter().zip(&recording.answer).take_while(|(a, b)| a == b).count();
                    let end = out.len().min(at + 80);
                    problems.push(format!(
                        "{}: the stream changed at {at}: {:?}",
                        recording.name,
                        String::from_utf8_lossy(&out[at..end])
                    ));
                }
                None => problems.push(format!("{}: the stream was ended", recording.name)),
            }
        } else if answer(&mut x, recording, &recording.answer).as_ref() != Ok(&recording.answer) {
            problems.push(format!("{}: the answer changed", recording.name));
        }
    }
    report(&problems, recordings.len());
}

/// Most recorded bodies with a value that is found only over the seam of two texts, of a thousand.
const SPLIT: usize = 2;

#[test]
fn recorded_texts_side_by_side_add_no_findings() {
    let Some(recordings) = recordings() else { return };
    let judge = judge(LOG_ALL);
    let (mut tried, mut wrong) = (0, Vec::new());
    for recording in &recordings {
        let mut x = recording.open(&judge);
        // what is judged counts here; what leaves is seen to above
        let _ = request(&mut x, recording, &recording.request);
        tried += 1;
        if recording.framing(&x).is_none() {
            let _ = answer(&mut x, recording, &recording.answer);
            tried += 1;
        }
        let split = x.report.found.iter().filter(|f| f.disguise.contains(&"split"));
        wrong.extend(split.map(|f| format!("{}: {} at {}", recording.name, f.rule, f.path)));
    }
    println!("{} findings over seams in {tried} recorded bodies", wrong.len());
    assert!(wrong.len() * 1000 <= tried * SPLIT, "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Every string of a value that is text by the look of it: words with spaces.
fn texts(value: &Value, pointer: &str, out: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains(' ') && !text.trim_start().starts_with(['{', '[', '"']) => {
            out.push(pointer.into())
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(i, inner)| texts(inner, &format!("{pointer}/{i}"), out))
        }
        Value::Object(map) => map.iter().for_each(|(key, inner)| {
            let key = key.replace('~', "~0").replace('/', "~1");
            texts(inner, &format!("{pointer}/{key}"), out);
        }),
        _ => {}
    }
}

/// Puts the value between two words of a text.
fn planted(text: &str, random: &mut Random) -> String {
    let spaces: Vec<usize> = text.match_indices(' ').map(|(at, _)| at).collect();
    let at = spaces[random.below(spaces.len())];
    format!("{} {CARD} {}", &text[..at], &text[at..])
}

#[test]
fn p1_a_value_planted_in_recorded_bodies_does_not_get_through() {
    let Some(recordings) = recordings() else { return };
    let judge = judge(&format!(
        "{REDACT_ALL}[[statement]]\nid = \"unread\"\ntitle = \"Unread\"\nmatch = {{ uninspected = [\"*\"] }}\naction = \"log\"\n"
    ));
    let mut random = Random(11);
    let (mut problems, mut tried) = (Vec::new(), 0);
    for turn in 0..SAMPLE * 4 {
        if tried == SAMPLE {
            break;
        }
        let recording = &recordings[random.below(recordings.len())];
        let of_request = turn % 2 == 0;
        if !of_request && recording.framing(&recording.open(&judge)).is_some() {
            continue;
        }
        let body = if of_request { &recording.request } else { &recording.answer };
        let Ok(mut value) = serde_json::from_slice::<Value>(body) else { continue };
        let mut places = Vec::new();
        texts(&value, "", &mut places);
        if places.is_empty() {
            continue;
        }
        tried += 1;
        let place = &places[random.below(places.len())];
        let leaf = value.pointer_mut(place).expect("it is there");
        *leaf = planted(leaf.as_str().expect("it is a string"), &mut random).into();
        let body = value.to_string();
        let mut x = recording.open(&judge);
        let out = match of_request {
            true => request(&mut x, recording, body.as_bytes()),
            false => answer(&mut x, recording, body.as_bytes()),
        };
        let out = match out {
            Ok(out) => String::from_utf8(out).expect("JSON is text"),
            // signed thinking cannot be redacted
            Err(_) if of_request && place.ends_with("/thinking") => continue,
            Err(why) => {
                problems.push(format!("{} {place}: refused: {}", recording.name, String::from_utf8_lossy(&why)));
                continue;
            }
        };
        if out.contains(CARD) || serde_json::from_str::<Value>(&out).is_err() {
            problems.push(format!("{} {place}: it got through, or is no longer JSON", recording.name));
        }
    }
    report(&problems, tried);
}

/// Where a stream's text deltas stand.
const DELTAS: &[&str] = &[
    "/choices/0/delta/content",
    "/delta/text",
    "/delta/thinking",
    "/choices/0/delta/reasoning_content",
    "/choices/0/text",
    "/delta",
];

/// The delta of an event's line, with the pointer to it.
fn delta_of(line: &str) -> Option<(Value, &'static str)> {
    let value: Value = serde_json::from_str(line.strip_prefix("data:")?.trim()).ok()?;
    // arguments are JSON: a value between two of them would break it
    if value["type"].as_str().is_some_and(|kind| kind.contains("arguments")) {
        return None;
    }
    let pointer =
        DELTAS.iter().find(|p| value.pointer(p).and_then(Value::as_str).is_some_and(|text| !text.is_empty()))?;
    Some((value, pointer))
}

#[test]
fn p2_a_value_planted_across_two_deltas_of_recorded_streams_does_not_get_through() {
    let Some(recordings) = recordings() else { return };
    let judge = judge(REDACT_ALL);
    let mut random = Random(13);
    let (mut problems, mut tried) = (Vec::new(), 0);
    for recording in recordings.iter().filter(|r| r.streams_events()) {
        let body = String::from_utf8_lossy(&recording.answer).into_owned();
        let lines: Vec<&str> = body.split('\n').collect();
        let deltas: Vec<usize> = (0..lines.len()).filter(|&i| delta_of(lines[i]).is_some()).collect();
        // two deltas of the same text, one after the other
        let pairs: Vec<(usize, usize)> = (deltas.windows(2))
            .map(|w| (w[0], w[1]))
            .filter(|&(a, b)| {
                let ((a, at), (b, bt)) = (delta_of(lines[a]).expect("filtered"), delta_of(lines[b]).expect("filtered"));
                let same = |p: &str| a.pointer(p) == b.pointer(p);
                at == bt
                    && ["/index", "/choices/0/index", "/type", "/output_index", "/content_index", "/item_id"]
                        .iter()
                        .all(|p| same(p))
            })
            .collect();
        for _ in 0..pairs.len().min(6) {
            tried += 1;
            let (first, second) = pairs[random.below(pairs.len())];
            let cut = 1 + random.below(CARD.len() - 1);
            let mut planted: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            for (at, half, before) in [(first, &CARD[..cut], true), (second, &CARD[cut..], false)] {
                let (mut value, pointer) = delta_of(lines[at]).expect("filtered");
                let leaf = value.pointer_mut(pointer).expect("it is there");
                let text = leaf.as_str().expect("it is a string");
                *leaf = if before { format!("{text} {half}") } else { format!("{half} {text}") }.into();
                planted[at] = format!("data: {value}");
            }
            let mut x = recording.open(&judge);
            let body = planted.join("\n");
            let Some(out) = stream(&mut x, Framing::Sse, body.as_bytes(), &mut random) else {
                problems.push(format!("{}: the stream was ended", recording.name));
                continue;
            };
            let out = String::from_utf8(out).expect("what leaves is text");
            let mut together = String::new();
            for line in out.lines().filter(|line| line.starts_with("data:") && !line.contains("[DONE]")) {
                match delta_of(line) {
                    Some((value, pointer)) => {
                        together.push_str(value.pointer(pointer).and_then(Value::as_str).unwrap_or_default())
                    }
                    None if serde_json::from_str::<Value>(line["data:".len()..].trim()).is_err() => {
                        problems.push(format!("{}: an event is no longer JSON", recording.name));
                    }
                    None => {}
                }
            }
            let label = x.report.found.iter().any(|f| f.rule == "credit_card" && f.redacted);
            if together.contains(CARD) || out.contains(CARD) || !label {
                problems.push(format!("{} lines {first}, {second} cut {cut}: it got through", recording.name));
            }
        }
    }
    report(&problems, tried);
}

/// Dialects whose walkers name all recorded prose.
const NAMED: &[&str] = &["openai", "azure", "deepseek", "groq", "together"];
/// Words from which a text is prose.
const PROSE: usize = 3;

/// Sentences are seen by a walker that knows whose they are, not by the backstop alone.
#[test]
fn recorded_prose_is_read_by_walkers() {
    let Some(recordings) = recordings() else { return };
    let prose = |text: &str| text.split_whitespace().nth(PROSE - 1).is_some();
    let (mut tried, mut problems) = (0, Vec::new());
    for recording in recordings.iter().filter(|r| NAMED.contains(&r.provider)) {
        let dialect = portcullis::provider::find(recording.provider).expect("it is known");
        let target = dialect.target(&recording.method, &recording.path);
        let mut walked = |what: &str, walk: Walk<'_>| {
            tried += walk.segments.len();
            let left = &walk.segments[walk.segments.len() - walk.backstop_leaves as usize..];
            let left = left.iter().filter(|segment| prose(&segment.text));
            problems.extend(left.map(|segment| format!("{}: {what}: {}", recording.name, segment.path)));
        };
        if let Ok(json) = Json::parse(&recording.request, &Limits::default()) {
            walked("request", dialect.request(&target, &json));
        }
        if !recording.streams_events() {
            if let Ok(json) = Json::parse(&recording.answer, &Limits::default()) {
                walked("answer", dialect.response(&target, &json));
            }
            continue;
        }
        let (mut framer, mut events) = (Framer::new(Framing::Sse, usize::MAX), Vec::new());
        framer.push(&recording.answer, &mut events).expect("no event is too large");
        let mut stream = dialect.stream(&target, Framing::Sse);
        for event in events {
            let Some(json) = event.data().and_then(|data| serde_json::from_slice::<Value>(&data).ok()) else {
                continue;
            };
            let text = json.to_string();
            let json = Json::parse(text.as_bytes(), &Limits::default()).expect("it is JSON");
            let facts = stream.event(event.name(), Some(&json));
            tried += facts.deltas.len() + facts.whole.len();
            let left = &facts.whole[facts.whole.len().saturating_sub(facts.backstop_leaves as usize)..];
            let left =
                left.iter().map(|leaf| json.node(leaf.node)).filter(|node| node.str().is_some_and(|text| prose(&text)));
            problems.extend(left.map(|node| format!("{}: event: {}", recording.name, node.path())));
        }
    }
    report(&problems, tried);
}

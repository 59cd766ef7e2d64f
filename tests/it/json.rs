//! JSON that readers read differently, or not at all: the gateway and the upstream never read different things.

use crate::judging::{BLOCK_ALL, LOG_ALL, REDACT_ALL, exchange, judge, judge_of, request, sent};
use portcullis::config::Config;
use portcullis::decode::Reason;
use portcullis::decode::framing::Framing;
use portcullis::detect::Scratch;
use portcullis::exchange::stream::UpstreamEnd;
use portcullis::exchange::{BodyHead, Exchange, Judge};
use std::sync::Arc;
use std::time::Instant;

/// Generated; Luhn-valid.
const CARD: &str = "4539 5787 6362 1486";
const CHAT: &str = "/v1/chat/completions";

/// Providers, with a path for a chat and the key that holds what is asked.
const SPEAKERS: &[(&str, &str)] = &[
    ("openai", CHAT),
    ("openai", "/v1/responses"),
    ("anthropic", "/v1/messages"),
    ("ollama", "/api/chat"),
    ("mistral", CHAT),
    ("cohere", "/v2/chat"),
    ("gemini", "/v1beta/models/gemini-2.5-pro:generateContent"),
    ("huggingface", "/generate"),
    ("bedrock", "/model/anthropic.claude-v2/converse"),
    ("mcp", "/mcp"),
    ("generic", "/ask"),
];

fn head(content_type: Option<&str>) -> BodyHead<'_> {
    BodyHead { content_type, content_encoding: None }
}

/// What is sent, or the gateway's own answer, and the exchange.
type Judged = (Result<Vec<u8>, Vec<u8>>, Exchange);

/// What leaves of a request and of an answer with this body, each in an exchange of its own.
fn both(judge: &Arc<Judge>, provider: &str, path: &str, content_type: Option<&str>, body: &[u8]) -> [Judged; 2] {
    let open = || exchange(judge, provider, path);
    let (mut asked, mut answered) = (open(), open());
    let request = asked.request(&head(content_type), body, &mut Scratch::default());
    let answer = answered.answer(&head(content_type), body, &mut Scratch::default());
    [(sent(request, body), asked), (sent(answer, body), answered)]
}

/// Whether the digits of the card are in a text in any of the ways the tests write them.
fn leaks(body: &[u8]) -> bool {
    let digits: Vec<u8> = body.iter().copied().filter(u8::is_ascii_digit).collect();
    digits.windows(16).any(|w| w == b"4539578763621486")
}

/// The units of UTF-16 or UTF-32 as bytes.
fn wide(text: &str, width: usize, big: bool, mark: bool) -> Vec<u8> {
    let text = if mark { format!("\u{feff}{text}") } else { text.to_owned() };
    let unit = |unit: u32| match big {
        true => unit.to_be_bytes()[4 - width..].to_vec(),
        false => unit.to_le_bytes()[..width].to_vec(),
    };
    text.chars().flat_map(|c| unit(c as u32)).collect()
}

#[test]
fn both_values_of_a_key_are_scanned_whichever_a_reader_takes() {
    let judge = judge(REDACT_ALL);
    let message = |pairs: &str| format!(r#"{{"model":"m","messages":[{{"role":"user",{pairs}}}]}}"#);
    let bodies = [
        message(&format!(r#""content":"{CARD}","content":"x""#)),
        message(&format!(r#""content":"x","content":"{CARD}""#)),
        message(&format!(r#""content":"x","cont\u0065nt":"{CARD}""#)),
        message(&format!(r#""Content":"{CARD}""#)),
        message(&format!(r#""content":"x","CONTENT":"{CARD}""#)),
        message(&format!(r#""content":[{{"type":"image_url","type":"text","text":"{CARD}"}}]"#)),
        message(&format!(r#""content":[{{"type":"text","type":"image_url","text":"{CARD}"}}]"#)),
        message(&format!(r#""content":"x","role":"tool","content":[{{"type":"text","text":"{CARD}"}}]"#)),
        format!(r#"{{"messages":[{{"role":"user","content":"{CARD}"}}],"messages":[]}}"#),
        format!(r#"{{"messages":[],"messages":[{{"role":"user","content":"{CARD}"}}]}}"#),
        format!(r#"{{"Messages":[{{"Role":"user","Content":"{CARD}"}}]}}"#),
        format!(r#"{{"meſſages":[{{"role":"user","content":"{CARD}"}}]}}"#),
        format!(
            r#"{{"prompt":"x","Prompt":"{CARD}","input":"{CARD}","Input":["{CARD}"],"inputs":null,"INPUTS":"{CARD}"}}"#
        ),
        format!(
            r#"{{"contents":[{{"parts":[{{"text":"x","Text":"{CARD}"}}]}}],"Contents":[{{"parts":[{{"text":"{CARD}"}}]}}]}}"#
        ),
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{}},"params":{{"arguments":{{"a":"{CARD}"}}}},"Params":["{CARD}"]}}"#
        ),
    ];
    for (provider, path) in SPEAKERS {
        for body in &bodies {
            for (sent, _) in both(&judge, provider, path, Some("application/json"), body.as_bytes()) {
                let sent = sent.unwrap_or_else(|refused| refused);
                assert!(!leaks(&sent), "{provider} {path}: {body}");
                assert!(serde_json::from_slice::<serde_json::Value>(&sent).is_ok(), "{provider} {path}: {body}");
            }
        }
    }
}

#[test]
fn what_the_gateway_acts_on_must_be_there_once() {
    let doubtful = [
        r#"{"model":"a","model":"b","messages":[]}"#,
        r#"{"model":"a","mod\u0065l":"b","messages":[]}"#,
        r#"{"model":"a","Model":"b","messages":[]}"#,
        r#"{"MODEL":"a","messages":[]}"#,
        r#"{"model":"a","stream":true,"stream":false,"messages":[]}"#,
        r#"{"model":"a","Stream":true,"messages":[]}"#,
        r#"{"type":"session.update","session":{"model":"a","model":"b"}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call"}"#,
        r#"[{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call"}]"#,
    ];
    let clear = [
        r#"{"model":"a","messages":[],"stream":false}"#,
        r#"{"model":"a","model":"a","messages":[]}"#,
        r#"{"model":"a","metadata":{"Model":"x"},"messages":[]}"#,
    ];
    let judge = judge(REDACT_ALL);
    for (provider, path) in SPEAKERS {
        for (body, refused) in doubtful.iter().map(|b| (b, true)).chain(clear.iter().map(|b| (b, false))) {
            let mut x = exchange(&judge, provider, path);
            let sent = request(&mut x, body.as_bytes());
            let malformed = x.report.receipt.uninspected.iter().any(|part| part.reason == Reason::Malformed);
            assert_eq!((sent.is_err(), malformed), (refused, refused), "{provider} {path}: {body}");
        }
    }
}

#[test]
fn models_are_routed_by_every_name_that_a_reader_could_take() {
    let judge = judge(LOG_ALL);
    let body = br#"{"model":"a","mod\u0065l":"b","Model":"c","messages":[]}"#;
    let models = exchange(&judge, "openai", CHAT).models_of(&head(Some("application/json")), body);
    for name in ["a", "b", "c"] {
        assert!(models.iter().any(|model| model == name), "{name} in {models:?}");
    }
}

#[test]
fn strict_mode_refuses_keys_that_readers_disagree_on_and_nothing_else() {
    let mut config = Config::default();
    config.server.strict_json = true;
    let judge = judge_of(config, LOG_ALL);
    let ambiguous = [
        r#"{"model":"m","messages":[{"role":"user","content":"a","content":"b"}]}"#,
        r#"{"model":"m","messages":[{"role":"user","content":"a","Content":"b"}]}"#,
        r#"{"model":"m","messages":[{"role":"user","content":"a","\u0063ontent":"a"}]}"#,
        r#"{"messages":[],"meſſages":[]}"#,
        "{\"custom_id\":\"1\"}\n{\"custom_id\":\"2\",\"custom_id\":\"3\"}\n",
    ];
    for body in ambiguous {
        let mut x = exchange(&judge, "openai", CHAT);
        let error = request(&mut x, body.as_bytes()).expect_err(body);
        let error: serde_json::Value = serde_json::from_slice(&error).expect("errors are JSON");
        assert!(error["error"]["message"].as_str().is_some_and(|m| m.contains("twice")), "{error}");
        assert_eq!(x.report.faults.iter().map(|f| f.fault).collect::<Vec<_>>(), ["ambiguous_json"]);
    }
    let clear = r#"{"model":"m","messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}"#;
    let mut x = exchange(&judge, "openai", CHAT);
    assert_eq!(request(&mut x, clear.as_bytes()).as_deref(), Ok(clear.as_bytes()));
}

/// Bodies that some readers take for JSON and others do not, each with the card in it.
fn odd_bodies() -> Vec<(String, Vec<u8>)> {
    let chat = format!(r#"{{"model":"m","messages":[{{"role":"user","content":"{CARD}"}}]}}"#);
    let with = |extra: &str| chat.replacen('{', &format!("{{{extra},"), 1).into_bytes();
    let named = |name: &str, body: Vec<u8>| (name.to_owned(), body);
    let mut bodies = vec![
        named("NaN", with(r#""x":NaN"#)),
        named("Infinity", with(r#""x":-Infinity"#)),
        named("comment", format!("/* c */ {chat} // d").into_bytes()),
        named("inner comment", chat.replacen('{', "{/*c*/", 1).into_bytes()),
        named("trailing comma", chat.replace("}]}", "},]}").into_bytes()),
        named("single quotes", chat.replace('"', "'").into_bytes()),
        named("bare keys", chat.replace("\"model\"", "model").into_bytes()),
        named("trailing bytes", format!("{chat}xyz").into_bytes()),
        named("two values", format!("{chat}{chat}").into_bytes()),
        named("two lines", format!("{chat}\n{chat}\n").into_bytes()),
        named("after a NUL", format!("{chat}\0{chat}").into_bytes()),
        named("NUL first", format!("\0{chat}").into_bytes()),
        named("NUL in a string", chat.replace("4539", "\u{0}4539").into_bytes()),
        named("truncated", chat.as_bytes()[..chat.len() - 4].to_vec()),
        named("line break in a string", chat.replace("4539", "\n4539").into_bytes()),
        named("byte order mark", format!("\u{feff}{chat}").into_bytes()),
        named("two byte order marks", format!("\u{feff}\u{feff}{chat}").into_bytes()),
        named("byte order mark behind a space", format!(" \u{feff}{chat}").into_bytes()),
        named("lone surrogate", chat.replace("4539", "\\ud83d 4539").into_bytes()),
        named("surrogates swapped", chat.replace("4539", "\\ude00\\ud83d 4539").into_bytes()),
        named("lone surrogate in a key", with(r#""\ud800":1"#)),
        named("huge exponent", with(r#""x":1e999999"#)),
        named("many digits", with(&format!("\"x\":{}", "7".repeat(100_000)))),
        named("form feed", format!("\u{c}{chat}").into_bytes()),
        named("no-break space", format!("\u{a0}{chat}").into_bytes()),
        named("deep behind", with(&format!("\"x\":{}{}", "[".repeat(100_000), "]".repeat(100_000)))),
        named("deep objects behind", with(&format!("\"x\":{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)))),
        named("deep mixture", with(&format!("\"x\":{}1{}", "[{\"a\":".repeat(50_000), "}]".repeat(50_000)))),
        named("deep, open", with(&format!("\"x\":{}", "[".repeat(100_000)))),
        named("as a string", serde_json::to_vec(&chat).expect("serializes")),
    ];
    let mut overlong = chat.clone().into_bytes();
    overlong.splice(2..2, [0xc0, 0xaf]);
    bodies.push(named("overlong UTF-8", overlong));
    let mut invalid = chat.clone().into_bytes();
    let at = chat.find("4539").expect("the card is in it");
    invalid.splice(at..at, [0xff, b' ']);
    bodies.push(named("invalid UTF-8", invalid));
    for width in [2, 4] {
        for big in [false, true] {
            for mark in [false, true] {
                bodies.push((format!("UTF-{} {big} {mark}", width * 8), wide(&chat, width, big, mark)));
            }
        }
    }
    bodies
}

#[test]
fn p5_json_that_readers_read_differently_never_carries_a_value_through() {
    let judge = judge(REDACT_ALL);
    let types = [Some("application/json"), Some("Application/JSON; charset=utf-8"), Some("text/plain"), None];
    for (name, body) in odd_bodies() {
        let speakers = if body.len() > 10_000 { &SPEAKERS[..1] } else { SPEAKERS };
        for (provider, path) in speakers {
            for media_type in types {
                let sides = ["request", "answer"].into_iter().zip(both(&judge, provider, path, media_type, &body));
                for (side, (sent, x)) in sides {
                    let Ok(sent) = sent else { continue };
                    assert!(!leaks(&sent), "{name}, {side} of {provider} {path}, {media_type:?}");
                    assert!(!x.report.found.is_empty(), "{name}, {side} of {provider} {path}, {media_type:?}");
                }
            }
        }
    }
}

#[test]
fn bodies_of_nothing_pass_and_what_cannot_be_read_is_declared() {
    let judge = judge(REDACT_ALL);
    for body in [&b""[..], b" \n", b"null", b"0", b"\"\"", b"[]", b"{}"] {
        for (sent, x) in both(&judge, "openai", CHAT, Some("application/json"), body) {
            let declared = !x.report.receipt.uninspected.is_empty();
            assert!(sent.as_deref() == Ok(body) || declared, "{}", String::from_utf8_lossy(body));
        }
    }
    let deep = format!(r#"{{"messages":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let [(_, asked), (_, answered)] = both(&judge, "openai", CHAT, Some("application/json"), deep.as_bytes());
    for x in [asked, answered] {
        assert!(x.report.receipt.uninspected.iter().any(|p| matches!(p.reason, Reason::Malformed | Reason::TooLarge)));
    }
}

/// What the client of a stream gets of these events.
fn streamed(judge: &Arc<Judge>, events: &[String]) -> (Vec<u8>, Exchange) {
    let mut x = exchange(judge, "openai", CHAT);
    let asked = request(&mut x, br#"{"model":"m","stream":true,"messages":[]}"#);
    assert!(asked.is_ok());
    let (mut guard, mut scratch, mut out) = (x.stream(Framing::Sse), Scratch::default(), Vec::new());
    for event in events {
        guard.push(&mut x, format!("data: {event}\n\n").as_bytes(), &mut scratch, &mut out);
    }
    guard.push(&mut x, b"data: [DONE]\n\n", &mut scratch, &mut out);
    guard.end(&mut x, UpstreamEnd::Complete, &mut scratch, &mut out);
    (out, x)
}

fn delta(content: &str, extra: &str) -> String {
    format!(r#"{{"id":"c","object":"chat.completion.chunk","choices":[{{"index":0,"delta":{{{content}}}}}]{extra}}}"#)
}

#[test]
fn p2_values_over_events_that_lenient_clients_read_do_not_leave() {
    let redacts = judge(REDACT_ALL);
    let deep = format!(",\"x\":{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for extra in [",\"x\":NaN", ",\"x\":-Infinity", ",", deep.as_str()] {
        let halves = [r#""content":"My card is 4539 5787""#, r#""content":" 6362 1486 .""#];
        let events: Vec<String> = halves.iter().map(|half| delta(half, extra)).collect();
        let (out, x) = streamed(&redacts, &events);
        let joined: String = String::from_utf8_lossy(&out).replace(extra, "");
        assert!(!(joined.contains("4539 5787") && joined.contains("6362 1486")), "{}", &extra[..extra.len().min(20)]);
        assert!(!x.report.receipt.uninspected.is_empty());
    }
}

#[test]
fn p2_duplicate_and_variant_keys_of_events_are_scanned() {
    let (redacts, blocks) = (judge(REDACT_ALL), judge(BLOCK_ALL));
    for content in [
        format!(r#""content":"{CARD} .","content":"x""#),
        format!(r#""content":"x","content":"{CARD} .""#),
        format!(r#""content":"x","Content":"{CARD} .""#),
        format!(r#""content":"\ud83d {CARD} .""#),
    ] {
        let (out, x) = streamed(&redacts, &[delta(&content, "")]);
        assert!(!leaks(&out), "{content}");
        let declared = !x.report.receipt.uninspected.is_empty();
        assert!(declared || !x.report.found.is_empty(), "{content}");
        let (out, _) = streamed(&blocks, &[delta(&content, "")]);
        assert!(!leaks(&out), "{content}");
    }
}

#[test]
fn p7_deep_and_wide_bodies_cost_no_more_than_their_length() {
    let judge = judge(REDACT_ALL);
    let begin = Instant::now();
    let wide = format!("{{{}\"a\":1}}", (0..100_000).map(|i| format!("\"k{i}\":1,")).collect::<String>());
    let same = format!("{{{}\"a\":1}}", "\"model\":1,\"Model\":2,".repeat(100_000));
    for body in [wide, same, "[".repeat(1 << 20), "{\"a\":".repeat(1 << 18), "[[],".repeat(1 << 18)] {
        let _ = both(&judge, "openai", CHAT, Some("application/json"), body.as_bytes());
        let _ = both(&judge, "ollama", "/api/chat", None, body.as_bytes());
    }
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
}

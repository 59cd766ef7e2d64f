//! Sessions over a WebSocket without a network: recorded messages leave as they came (P1); values over deltas, cut anywhere,
//! leave in no message (P2); a block ends one answer and not the session.

use crate::judging::{BLOCK_ALL, LOG_ALL, REDACT_ALL, exchange, judge};
use crate::random::Random;
use portcullis::decode::Channel;
use portcullis::decode::framing::Framing;
use portcullis::detect::Scratch;
use portcullis::exchange::session::Sent;
use portcullis::exchange::stream::{Flow, UpstreamEnd};
use portcullis::exchange::{Exchange, Judge, StreamGuard};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Generated; Luhn-valid.
const CARD: &str = "4539 5787 6362 1486";

/// A session under judgement.
struct Session {
    exchange: Exchange,
    answers: StreamGuard,
    scratch: Scratch,
}

/// What one message of the provider's brought.
struct Answered {
    to_client: Vec<(Vec<u8>, bool)>,
    to_upstream: Vec<Vec<u8>>,
    flow: Flow,
}

impl Session {
    fn open(judge: &Arc<Judge>, provider: &str, path: &str) -> Self {
        let exchange = exchange(judge, provider, path);
        let answers = exchange.stream(Framing::Messages);
        Self { exchange, answers, scratch: Scratch::default() }
    }

    fn send(&mut self, message: &[u8], binary: bool) -> Sent {
        self.exchange.message(&mut self.answers, message, binary, &mut self.scratch)
    }

    fn answer(&mut self, message: &[u8], binary: bool) -> Answered {
        let mut out = Vec::new();
        let flow = self.answers.message(&mut self.exchange, message, binary, &mut self.scratch, &mut out);
        self.answered(&out, flow)
    }

    fn end(&mut self) -> Answered {
        let mut out = Vec::new();
        self.answers.end(&mut self.exchange, UpstreamEnd::Complete, &mut self.scratch, &mut out);
        self.answered(&out, Flow::End)
    }

    fn answered(&mut self, out: &[u8], flow: Flow) -> Answered {
        let mut start = 0;
        let mut to_client = Vec::new();
        for written in self.answers.written() {
            to_client.push((out[start..written.end].to_vec(), written.binary));
            start = written.end;
        }
        assert_eq!(start, out.len(), "what is written is messages");
        Answered { to_client, to_upstream: self.answers.take_for_upstream(), flow }
    }

    fn event(&mut self, event: &Value) -> Vec<Value> {
        let answered = self.answer(event.to_string().as_bytes(), false);
        answered.to_client.iter().map(|(message, _)| parsed(message)).collect()
    }
}

fn parsed(message: &[u8]) -> Value {
    serde_json::from_slice(message).expect("a message is JSON")
}

/// A recorded session: each message, and whether the client sent it.
type Recorded = Vec<(bool, String)>;

/// The recorded sessions whose name holds `part`.
fn recorded(part: &str) -> Option<BTreeMap<String, Recorded>> {
    let fixtures = std::env::var_os("PORTCULLIS_FIXTURES").map(PathBuf::from);
    let folder = fixtures.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures"));
    let Ok(text) = std::fs::read_to_string(folder.join("cassettes/realtime-websocket.jsonl")) else {
        println!("SKIPPED: recorded sessions because `PORTCULLIS_FIXTURES` names no folder with `cassettes`");
        return None;
    };
    let mut sessions: BTreeMap<String, Recorded> = BTreeMap::new();
    for line in text.lines() {
        let frame: Value = serde_json::from_str(line).expect("a recording is JSON");
        let name = frame["src"].as_str().unwrap_or_default();
        if name.contains(part) {
            let message = (frame["dir"] == "sent", frame["data"].to_string());
            sessions.entry(name.to_owned()).or_default().push(message);
        }
    }
    assert!(!sessions.is_empty(), "no session is called `{part}`");
    Some(sessions)
}

/// Recorded sessions, who speaks in them, and where.
const RECORDED: [(&str, &str, &str); 3] = [
    ("test_openai_ws", "openai", "/v1/realtime?model=gpt-realtime"),
    ("test_azure_ws", "azure", "/openai/v1/realtime"),
    ("test_google_ws", "gemini", "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"),
];

#[test]
fn p1_recorded_sessions_leave_message_by_message_as_they_came() {
    let judge = judge(LOG_ALL);
    for (part, provider, path) in RECORDED {
        let Some(sessions) = recorded(part) else { return };
        for (name, messages) in sessions {
            let mut session = Session::open(&judge, provider, path);
            let (mut came, mut left) = (Vec::new(), Vec::new());
            // the Live API sends its JSON in binary messages
            let binary = provider == "gemini";
            for (sent, message) in &messages {
                if *sent {
                    let judged = session.send(message.as_bytes(), false);
                    assert!(matches!(judged, Sent::Unchanged), "{name}: {judged:?} of {message}");
                    continue;
                }
                came.push((message.clone().into_bytes(), binary));
                let answered = session.answer(message.as_bytes(), binary);
                assert_eq!((answered.flow, answered.to_upstream.len()), (Flow::Continue, 0), "{name}");
                left.extend(answered.to_client);
            }
            left.extend(session.end().to_client);
            assert!(came == left, "{name}: messages changed");
            let report = &session.exchange.report;
            assert!(report.receipt.uninspected.len() < 20, "{name}: parts of many messages are told once");
            let speech = ["\"type\":\"input_audio_buffer.append\"", "\"realtime_input\""];
            let spoke = messages.iter().any(|(_, m)| speech.iter().any(|kind| m.contains(kind)));
            assert_eq!(spoke, report.receipt.uninspected.iter().any(|u| u.channel == Channel::Upload), "{name}");
            assert!(report.usage.output.is_some_and(|tokens| tokens > 0), "{name}: {:?}", report.usage);
        }
    }
}

/// Every text of a message that a value is planted in: strings with a blank in them, which names of the protocol are not.
fn texts(value: &Value, path: String, out: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains(' ') && serde_json::from_str::<Value>(text).is_err() => out.push(path),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, item)| texts(item, format!("{path}/{n}"), out)),
        Value::Object(fields) => fields.iter().for_each(|(key, item)| texts(item, format!("{path}/{key}"), out)),
        _ => {}
    }
}

#[test]
fn planted_values_leave_in_no_message_of_a_recorded_session() {
    let judge = judge(&format!("{REDACT_ALL}{}", unread_allowed()));
    let mut random = Random(4);
    let mut planted = 0;
    for (part, provider, path) in RECORDED {
        let Some(sessions) = recorded(part) else { return };
        for (name, messages) in sessions {
            let mut session = Session::open(&judge, provider, path);
            let mut left = Vec::new();
            for (sent, message) in &messages {
                let mut event = parsed(message.as_bytes());
                let mut places = Vec::new();
                texts(&event, String::new(), &mut places);
                if !places.is_empty() && !message.contains(".delta\"") {
                    let place = &places[random.below(places.len())];
                    let text = event.pointer_mut(place).expect("the place was just found");
                    *text = format!("{} pay with {CARD} now", text.as_str().unwrap_or_default()).into();
                    planted += 1;
                }
                let message = event.to_string();
                if *sent {
                    match session.send(message.as_bytes(), false) {
                        Sent::Unchanged => left.push(message.into_bytes()),
                        Sent::Changed(changed) => left.push(changed),
                        other => panic!("{name}: {other:?}"),
                    }
                } else {
                    left.extend(session.answer(message.as_bytes(), false).to_client.into_iter().map(|(m, _)| m));
                }
            }
            left.extend(session.end().to_client.into_iter().map(|(m, _)| m));
            assert_eq!(left.len(), messages.len(), "{name}");
            for message in left {
                let text = parsed(&message).to_string();
                assert!(!text.contains("1486") && !text.contains("4539 5787"), "{name}: {text}");
            }
        }
    }
    assert!(planted > 100, "{planted} values were planted");
}

/// Lets pass what nobody can read.
fn unread_allowed() -> &'static str {
    "[[statement]]\nid = \"unread\"\ntitle = \"Unread\"\nmatch = { uninspected = [\"*\"] }\naction = \"log\"\n"
}

/// The events of one answer whose text, transcript or arguments come in these pieces.
fn answer(nth: usize, base: &str, pieces: &[&str]) -> Vec<Value> {
    let (response, item) = (format!("resp_{nth}"), format!("item_{nth}"));
    let place = json!({ "response_id": response, "item_id": item, "output_index": 0, "content_index": 0 });
    let with = |kind: &str, more: Value| {
        let mut event = place.clone();
        event["type"] = kind.into();
        for (key, value) in more.as_object().expect("an object") {
            event[key] = value.clone();
        }
        event
    };
    let whole: String = pieces.concat();
    let (key, shown) = match base {
        "response.function_call_arguments" => {
            ("arguments", json!({ "id": item, "type": "function_call", "arguments": whole }))
        }
        "response.output_audio_transcript" => (
            "transcript",
            json!({ "id": item, "role": "assistant", "content": [{ "type": "output_audio", "transcript": whole }] }),
        ),
        _ => {
            ("text", json!({ "id": item, "role": "assistant", "content": [{ "type": "output_text", "text": whole }] }))
        }
    };
    let mut events = vec![
        json!({ "type": "response.created", "response": { "id": response, "status": "in_progress", "output": [] } }),
        with("response.output_item.added", json!({ "item": { "id": item, "type": "message", "content": [] } })),
    ];
    events.extend(pieces.iter().map(|piece| with(&format!("{base}.delta"), json!({ "delta": piece }))));
    events.push(with(&format!("{base}.done"), json!({ key: whole })));
    events.push(json!({ "type": "conversation.item.done", "item": shown }));
    events.push(with("response.output_item.done", json!({ "item": shown })));
    events.push(json!({
        "type": "response.done",
        "response": { "id": response, "status": "completed", "output": [shown], "usage": { "input_tokens": 3, "output_tokens": 2 } },
    }));
    events
}

/// Cuts a text at random places.
fn cut<'t>(text: &'t str, random: &mut Random) -> Vec<&'t str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut at = 1 + random.below(rest.len().min(9));
        while !rest.is_char_boundary(at) {
            at += 1;
        }
        let (piece, more) = rest.split_at(at);
        pieces.push(piece);
        rest = more;
    }
    pieces
}

#[test]
fn p2_a_value_over_deltas_in_any_cut_is_redacted_in_every_copy() {
    let judge = judge(REDACT_ALL);
    let mut random = Random(5);
    for base in ["response.output_text", "response.output_audio_transcript", "response.function_call_arguments"] {
        let text = match base {
            "response.function_call_arguments" => format!("{{\"note\":\"caf\\u00e9, pay with {CARD} now\"}}"),
            _ => format!("Grüße, pay with {CARD} now."),
        };
        let wanted = text.replace(CARD, "[CREDIT_CARD]");
        for run in 0..60 {
            let pieces = cut(&text, &mut random);
            let mut session = Session::open(&judge, "openai", "/v1/realtime");
            let mut joined = String::new();
            let mut left = 0;
            let events = answer(run, base, &pieces);
            for event in &events {
                for event in session.event(event) {
                    left += 1;
                    joined += event["delta"].as_str().unwrap_or_default();
                    assert!(wanted.starts_with(&joined), "{base} in {pieces:?}: {joined}");
                    let shown = event.to_string().replace("\\\\", "\\");
                    assert!(!shown.contains("5787") && !shown.contains("1486"), "{base} in {pieces:?}: {shown}");
                }
            }
            assert_eq!(joined, wanted, "{base} in {pieces:?}");
            assert_eq!(left, events.len(), "{base}: no event is lost");
            assert_eq!(session.exchange.report.usage.output, Some(2));
        }
    }
}

#[test]
fn p2_a_block_ends_one_answer_and_the_session_goes_on() {
    let judge = judge(BLOCK_ALL);
    let mut random = Random(6);
    for run in 0..60 {
        let text = format!("pay with {CARD} now.");
        let mut session = Session::open(&judge, "openai", "/v1/realtime");
        let (mut shown, mut cancels) = (Vec::new(), Vec::new());
        for event in answer(run, "response.output_text", &cut(&text, &mut random)) {
            let answered = session.answer(event.to_string().as_bytes(), false);
            assert_eq!(answered.flow, Flow::Continue);
            shown.extend(answered.to_client.iter().map(|(message, _)| parsed(message)));
            cancels.extend(answered.to_upstream.iter().map(|message| parsed(message)));
        }
        let all = json!(shown).to_string();
        assert!(!all.contains("4539") && !all.contains("1486"), "{all}");
        let kinds: Vec<&str> = shown.iter().filter_map(|event| event["type"].as_str()).collect();
        assert_eq!(kinds[kinds.len() - 2..], ["error", "response.done"], "{kinds:?}");
        let error = &shown[shown.len() - 2]["error"];
        assert_eq!(error["type"], "policy_violation");
        assert!(error["message"].as_str().is_some_and(|message| message.ends_with("Remove it.")), "{error}");
        let done = &shown[shown.len() - 1]["response"];
        assert_eq!(done["id"], format!("resp_{run}"));
        assert_eq!(
            (&done["status"], &done["status_details"]["reason"]),
            (&json!("incomplete"), &json!("content_filter"))
        );
        assert_eq!(cancels.len(), 1);
        assert_eq!((&cancels[0]["type"], &cancels[0]["response_id"]), (&json!("response.cancel"), &done["id"]));

        // what comes of the cancellation stays between the gateway and the provider
        let late = json!({ "type": "error", "error": { "type": "invalid_request_error", "event_id": cancels[0]["event_id"] } });
        assert!(session.event(&late).is_empty());
        // the next answer is judged for itself
        let next = answer(1000, "response.output_text", &["All ", "is well", "."]);
        let left: Vec<Value> = next.iter().flat_map(|event| session.event(event)).collect();
        assert_eq!(left, next);
        assert_eq!(session.exchange.report.found.iter().map(|f| f.count).sum::<u32>(), 1);
        let usage = session.exchange.report.usage;
        assert_eq!((usage.input, usage.output), (Some(6), Some(4)), "both answers cost tokens");
    }
}

#[test]
fn a_blocked_message_is_answered_in_the_session() {
    let mut session = Session::open(&judge(BLOCK_ALL), "openai", "/v1/realtime");
    let item = |text: &str| {
        json!({ "type": "conversation.item.create", "event_id": "evt_7",
                "item": { "type": "message", "role": "user", "content": [{ "type": "input_text", "text": text }] } })
    };
    let Sent::Refused(told) = session.send(item(&format!("pay with {CARD}")).to_string().as_bytes(), false) else {
        panic!("the message is blocked");
    };
    let told = parsed(&told);
    assert_eq!((&told["type"], &told["error"]["event_id"]), (&json!("error"), &json!("evt_7")));
    assert!(told["error"]["message"].as_str().is_some_and(|message| message.ends_with("Remove it.")), "{told}");
    assert!(matches!(session.send(item("hello").to_string().as_bytes(), false), Sent::Unchanged));
    // sound is read by nobody: refused while no statement speaks of it
    let audio = json!({ "type": "input_audio_buffer.append", "audio": "AAAA" }).to_string();
    assert!(matches!(session.send(audio.as_bytes(), false), Sent::Refused(_)));
    assert!(matches!(session.send(&[0x08, 0x96, 0x01, 0xff], true), Sent::Refused(_)));
    // in a binary message, JSON is JSON
    let binary = item(&format!("pay with {CARD}")).to_string();
    assert!(matches!(session.send(binary.as_bytes(), true), Sent::Refused(_)));
}

#[test]
fn the_live_api_has_no_errors_so_a_block_in_an_answer_closes_the_session() {
    let path = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";
    let judge = judge(BLOCK_ALL);
    let mut session = Session::open(&judge, "gemini", path);
    let turns = json!({ "clientContent": { "turns": [{ "role": "user", "parts": [{ "text": format!("pay with {CARD}") }] }] } });
    let Sent::Refused(told) = session.send(turns.to_string().as_bytes(), false) else { panic!("the turn is blocked") };
    assert_eq!(parsed(&told)["serverContent"]["turnComplete"], true);
    // there is no session without its setup
    let setup = json!({ "setup": { "systemInstruction": { "parts": [{ "text": format!("the card is {CARD}") }] } } });
    assert!(matches!(session.send(setup.to_string().as_bytes(), false), Sent::Closed));

    let mut session = Session::open(&judge, "gemini", path);
    let said = |text: &str| json!({ "serverContent": { "modelTurn": { "parts": [{ "text": text }] } } }).to_string();
    let mut left = session.answer(said("pay with 4539 5787 ").as_bytes(), true).to_client;
    let ended = session.answer(said("6362 1486 now").as_bytes(), true);
    let after = session.answer(json!({ "serverContent": { "turnComplete": true } }).to_string().as_bytes(), true);
    assert_eq!(after.flow, Flow::End);
    left.extend(ended.to_client.into_iter().chain(after.to_client));
    let all: String = left.iter().map(|(message, _)| String::from_utf8_lossy(message).into_owned()).collect();
    assert!(!all.contains("4539") && all.contains("RESPONSE_REJECTED"), "{all}");
}

#[test]
fn p1_messages_of_both_kinds_keep_their_kind_and_their_order() {
    let judge = judge(&format!("{REDACT_ALL}{}", unread_allowed()));
    let mut session = Session::open(&judge, "openai", "/v1/realtime");
    let mut left = Vec::new();
    let deltas = answer(0, "response.output_text", &["pay with 4539 5787 ", "6362 1486 now"]);
    left.extend(session.answer(deltas[0].to_string().as_bytes(), false).to_client);
    left.extend(session.answer(deltas[2].to_string().as_bytes(), true).to_client);
    // held behind the text that waits
    let sound = [0xff, 0x00, 0x7f];
    assert!(session.answer(&sound, true).to_client.is_empty());
    left.extend(session.answer(deltas[3].to_string().as_bytes(), false).to_client);
    left.extend(session.end().to_client);
    let kinds: Vec<bool> = left.iter().take(4).map(|(_, binary)| *binary).collect();
    assert_eq!(kinds, [false, true, true, false]);
    assert_eq!(left[2].0, sound);
    let text: String =
        [&left[1], &left[3]].iter().map(|(m, _)| parsed(m)["delta"].as_str().unwrap().to_owned()).collect();
    assert_eq!(text, "pay with [CREDIT_CARD] now");
    // the answer was not complete
    assert_eq!(parsed(&left[4].0)["type"], "error");
}

#[test]
fn responses_over_a_socket_are_judged_by_lane() {
    let mut session = Session::open(&judge(BLOCK_ALL), "openai", "/v1/responses");
    let create = json!({ "type": "response.create", "stream_id": "s1", "model": "gpt-5.2", "input": format!("pay with {CARD}") });
    let Sent::Refused(told) = session.send(create.to_string().as_bytes(), false) else { panic!("it is blocked") };
    let told = parsed(&told);
    assert_eq!((&told["type"], &told["status"], &told["stream_id"]), (&json!("error"), &json!(403), &json!("s1")));
    let create = json!({ "type": "response.create", "stream_id": "s1", "model": "gpt-5.2", "input": "hello" });
    assert!(matches!(session.send(create.to_string().as_bytes(), false), Sent::Unchanged));
    assert_eq!(session.exchange.model(), Some("gpt-5.2"));

    // two answers at a time, the pieces of one value in one of them
    let delta = |lane: u32, text: &str| {
        json!({ "type": "response.output_text.delta", "stream_id": format!("s{lane}"), "item_id": format!("msg_{lane}"),
                "output_index": 0, "content_index": 0, "delta": text })
    };
    let begun = |lane: u32| {
        [
            json!({ "type": "response.created", "stream_id": format!("s{lane}"), "response": { "id": format!("resp_{lane}"), "output": [] } }),
            json!({ "type": "response.output_item.added", "stream_id": format!("s{lane}"), "response_id": format!("resp_{lane}"),
                    "output_index": 0, "item": { "id": format!("msg_{lane}"), "type": "message", "content": [] } }),
        ]
    };
    let mut left: Vec<Value> = Vec::new();
    for event in begun(1).iter().chain(&begun(2)) {
        left.extend(session.event(event));
    }
    for event in
        [delta(1, "pay 4539 "), delta(2, "It is"), delta(1, "5787 6362 "), delta(2, " noon."), delta(1, "1486 now ")]
    {
        left.extend(session.event(&event));
    }
    let done = json!({ "type": "response.output_text.done", "stream_id": "s1", "item_id": "msg_1", "output_index": 0,
                       "content_index": 0, "text": format!("pay {CARD} now ") });
    left.extend(session.event(&done));
    left.extend(session.event(&delta(2, " Bye.")));
    left.extend(session.end().to_client.iter().map(|(message, _)| parsed(message)));
    let all = json!(left).to_string();
    assert!(!all.contains("4539") && !all.contains("1486"), "{all}");
    let last = left.iter().find(|event| event["type"] == "response.incomplete").expect("the answer ends");
    assert_eq!((&last["stream_id"], &last["response"]["id"]), (&json!("s1"), &json!("resp_1")));
    assert_eq!(last["response"]["incomplete_details"]["reason"], "content_filter");
    let of_two: String = left.iter().filter(|e| e["item_id"] == "msg_2").filter_map(|e| e["delta"].as_str()).collect();
    assert_eq!(of_two, "It is noon. Bye.", "the other answer goes on");
}

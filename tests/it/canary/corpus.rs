//! What providers and their clients say to each other: exchanges written by us (`tests/canary/*.json`), and those of recorded
//! traffic, cut down to one element of each kind.
//!
//! A template is an exchange: where it goes (`provider`, `method`, `path`), and its sides: `request` or `form`, `answer` or
//! `lines`, `events` with their framing in `stream`, `client` for the messages of a socket. `places` says where the text of each
//! channel stands, as a JSON pointer into the side; `absent` why there is none; `like` names the API whose fields it shares; `also`
//! names other places of the same API.

use super::shape;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use portcullis::decode::framing::{Framer, Framing};
use portcullis::decode::json::{Json, Limits};
use portcullis::provider::{self, Dialect, Target};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The boundary of forms.
const BOUNDARY: &str = "canary";

/// Which side of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    Request,
    Answer,
    Events,
    /// Messages of the client's over a socket.
    Client,
}

impl Side {
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Answer => "answer",
            Self::Events => "events",
            Self::Client => "client",
        }
    }
}

/// How a side is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Json,
    Lines,
    Multipart,
    Stream(Framing),
}

/// A body, an event, a line, a part of a form.
#[derive(Debug, Clone)]
pub struct Unit {
    pub name: Option<String>,
    /// `null` if it is not JSON.
    pub value: Value,
    /// What is not JSON, as it stands in the stream.
    raw: Option<String>,
}

impl Unit {
    fn of(value: Value) -> Self {
        Self { name: None, value, raw: None }
    }
}

/// One side of an exchange.
#[derive(Debug, Clone)]
pub struct Sample {
    pub provider: String,
    pub method: String,
    pub path: String,
    pub side: Side,
    pub form: Form,
    pub units: Vec<Unit>,
    /// The request before it, where it decides how the answer is read.
    pub asked: Option<String>,
    /// Where the text of a channel stands: unit, and pointer into it.
    pub places: BTreeMap<String, (usize, String)>,
    /// Why a channel has no place, where that is not for want of a field.
    pub absent: BTreeMap<String, String>,
    /// Another provider's API, or one elsewhere, of which this is a copy.
    pub copy: bool,
    /// The API whose bodies these are, with all its fields.
    pub like: Option<String>,
}

impl Sample {
    pub fn dialect(&self) -> (Arc<dyn Dialect>, Target) {
        let dialect = provider::find(&self.provider).unwrap_or_else(|| panic!("{} is known", self.provider));
        let dialect = provider::speaking(&dialect, &self.path);
        let mut target = dialect.target(&self.method, &self.path);
        if self.side == Side::Client || self.form == Form::Stream(Framing::Messages) {
            target.stream = Some(Framing::Messages);
        }
        let body = match (self.side, &self.asked) {
            (Side::Request, _) if self.form == Form::Json => Some(self.units[0].value.to_string()),
            (_, asked) => asked.clone(),
        };
        if let Some(operation) = body.and_then(|body| {
            let json = Json::parse(body.as_bytes(), &Limits::default()).ok()?;
            dialect.facts(&target, &json).operation
        }) {
            target.operation = operation;
        }
        (dialect, target)
    }

    /// The operation, with the family of models where it decides.
    pub fn operation(&self) -> String {
        let (_, target) = self.dialect();
        match target.family {
            Some(family) => format!("{} ({family})", target.operation),
            None => target.operation.to_owned(),
        }
    }

    pub fn content_type(&self) -> String {
        match self.form {
            Form::Json | Form::Stream(Framing::Messages) => "application/json".into(),
            Form::Lines => "application/octet-stream".into(),
            Form::Multipart => format!("multipart/form-data; boundary={BOUNDARY}"),
            Form::Stream(framing) => framing.media_type().into(),
        }
    }

    /// The units as bytes, each by itself.
    pub fn write(&self, units: &[Unit]) -> Vec<Vec<u8>> {
        let last = units.len().saturating_sub(1);
        let each = units.iter().enumerate().map(|(at, unit)| match self.form {
            Form::Json => unit.value.to_string().into(),
            Form::Lines => format!("{}\n", unit.value).into(),
            Form::Multipart => part(&unit.value, at == last),
            Form::Stream(framing) => event(framing, unit, at, last),
        });
        each.collect()
    }

    /// Everything in what left: values of JSON, or text.
    pub fn read(&self, out: &[u8]) -> Vec<Value> {
        let text = |bytes: &[u8]| Value::String(String::from_utf8_lossy(bytes).into_owned());
        let value = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or_else(|_| text(bytes));
        match self.form {
            Form::Json => vec![value(out)],
            Form::Multipart => vec![text(out)],
            // messages are joined by the ends of lines
            Form::Lines | Form::Stream(Framing::Messages) => {
                out.split(|b| *b == b'\n').filter(|line| !line.is_empty()).map(value).collect()
            }
            Form::Stream(framing) => {
                let (mut framer, mut events) = (Framer::new(framing, usize::MAX), Vec::new());
                if framer.push(out, &mut events).is_err() {
                    return vec![text(out)];
                }
                events.extend(framer.finish());
                let data = events.iter().filter_map(|event| Some(unwrapped(event.name(), value(&event.data()?))));
                data.collect()
            }
        }
    }
}

impl Sample {
    /// Whether anything in what left should be JSON and is not.
    pub fn broken(&self, out: &[u8]) -> bool {
        let ends = |text: &str| matches!(text, "[DONE]" | "]");
        self.form != Form::Multipart
            && self.read(out).iter().any(|value| value.as_str().is_some_and(|text| !ends(text)))
    }
}

/// The event in a chunk of base64 (Bedrock).
fn unwrapped(name: Option<&str>, value: Value) -> Value {
    let inner = || {
        let bytes = BASE64_STANDARD.decode(value["bytes"].as_str()?).ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    if name == Some("chunk") { inner().unwrap_or(value) } else { value }
}

fn event(framing: Framing, unit: &Unit, at: usize, last: usize) -> Vec<u8> {
    let data = unit.raw.clone().unwrap_or_else(|| unit.value.to_string());
    match framing {
        Framing::Sse => match &unit.name {
            Some(name) => format!("event: {name}\ndata: {data}\n\n").into(),
            None => format!("data: {data}\n\n").into(),
        },
        Framing::Lines => format!("{data}\n").into(),
        Framing::Array => {
            let (open, close) = (if at == 0 { "[" } else { ",\n" }, if at == last { "]" } else { "" });
            format!("{open}{data}{close}").into()
        }
        Framing::EventStream => {
            let name = unit.name.as_deref().unwrap_or_default();
            let payload = match name {
                "chunk" => json!({ "bytes": BASE64_STANDARD.encode(&data), "p": "abc" }).to_string(),
                _ => data,
            };
            let headers = [(":event-type", name), (":content-type", "application/json"), (":message-type", "event")];
            portcullis::decode::event_stream::frame(&headers, payload.as_bytes())
        }
        Framing::Messages => data.into(),
    }
}

/// A part of a form: `name`, `filename`, and `text` or the `lines` of a file.
fn part(part: &Value, last: bool) -> Vec<u8> {
    let text = |key: &str| part[key].as_str().unwrap_or_default();
    let filename = part["filename"].as_str().map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
    let lines = part["lines"].as_array().into_iter().flatten().map(|line| format!("{line}\n"));
    let content = format!("{}{}", text("text"), lines.collect::<String>());
    let end = if last { format!("--{BOUNDARY}--\r\n") } else { String::new() };
    let name = text("name");
    let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"{filename}\r\n\r\n");
    format!("{head}{content}\r\n{end}").into()
}

/// The templates of the repository.
pub fn templates() -> Vec<Sample> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/canary");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder is part of the repository")
        .map(|entry| entry.expect("the folder is readable").path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    files.sort();
    let mut samples = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("the file is readable");
        let exchanges: Vec<Value> =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for exchange in &exchanges {
            samples.extend(sides(exchange));
            // the same API elsewhere
            for also in exchange["also"].as_array().into_iter().flatten() {
                let mut other = exchange.clone();
                (other["provider"], other["path"]) = (also["provider"].clone(), also["path"].clone());
                samples.extend(sides(&other).into_iter().map(|sample| Sample { copy: true, ..sample }));
            }
        }
    }
    samples
}

/// The sides of a template.
fn sides(exchange: &Value) -> Vec<Sample> {
    let text = |key: &str, default: &str| exchange[key].as_str().unwrap_or(default).to_owned();
    let framing = match exchange["stream"].as_str() {
        Some("lines") => Framing::Lines,
        Some("array") => Framing::Array,
        Some("frames") => Framing::EventStream,
        Some("messages") => Framing::Messages,
        _ => Framing::Sse,
    };
    let list = |key: &str| exchange[key].as_array().cloned();
    let plain = |values: Vec<Value>| values.into_iter().map(Unit::of).collect::<Vec<_>>();
    let mut found = Vec::new();
    let single = |key: &str| exchange.get(key).map(|value| vec![Unit::of(value.clone())]);
    found.push(("request", Side::Request, Form::Json, single("request")));
    found.push(("form", Side::Request, Form::Multipart, list("form").map(plain)));
    found.push(("answer", Side::Answer, Form::Json, single("answer")));
    found.push(("lines", Side::Answer, Form::Lines, list("lines").map(plain)));
    let events = list("events").map(|list| list.into_iter().map(|value| named(framing, value)).collect());
    found.push(("events", Side::Events, Form::Stream(framing), events));
    found.push(("client", Side::Client, Form::Stream(Framing::Messages), list("client").map(plain)));
    let sample = |(key, side, form, units): (&str, Side, Form, Option<Vec<Unit>>)| {
        let places = exchange["places"][key].as_object().into_iter().flatten();
        let absent = exchange["absent"].as_object().into_iter().flatten();
        let place = |pointer: &Value| {
            let pointer = pointer.as_str().expect("a place is a pointer");
            match form {
                Form::Json => (0, pointer.to_owned()),
                _ => {
                    let (unit, rest) = pointer[1..].split_once('/').expect("a unit and a pointer into it");
                    (unit.parse().expect("the number of a unit"), format!("/{rest}"))
                }
            }
        };
        Some(Sample {
            provider: text("provider", ""),
            method: text("method", "POST"),
            path: text("path", "/"),
            side,
            form,
            units: units?,
            asked: (side != Side::Request).then(|| exchange.get("request").map(Value::to_string)).flatten(),
            places: places.map(|(channel, pointer)| (channel.clone(), place(pointer))).collect(),
            absent: absent
                .map(|(channel, why)| (channel.clone(), why.as_str().unwrap_or_default().to_owned()))
                .collect(),
            copy: false,
            like: exchange["like"].as_str().or(exchange["like"][key].as_str()).map(str::to_owned),
        })
    };
    found.into_iter().filter_map(sample).collect()
}

/// An event of a template: a string is data that is not JSON, a frame's name is the only key.
fn named(framing: Framing, value: Value) -> Unit {
    if let (true, Some(raw)) = (framing == Framing::Sse, value.as_str()) {
        return Unit { name: None, value: Value::Null, raw: Some(raw.to_owned()) };
    }
    if framing == Framing::EventStream {
        let (name, value) = value.as_object().and_then(|object| object.iter().next()).expect("a frame has a name");
        return Unit { name: Some(name.clone()), value: value.clone(), raw: None };
    }
    let name = ["type", "event_type"].iter().find_map(|key| value[*key].as_str());
    Unit { name: name.filter(|_| framing == Framing::Sse).map(str::to_owned), value, raw: None }
}

/// The recorded exchanges, each side cut down to what differs in shape; `None` without recordings.
pub fn recordings() -> Option<Vec<Sample>> {
    let fixtures = std::env::var_os("PORTCULLIS_FIXTURES").map(PathBuf::from);
    let folder = fixtures.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures"));
    let mut samples = Vec::new();
    for (file, provider) in crate::recorded::PROVIDERS {
        let Ok(text) = std::fs::read_to_string(folder.join("cassettes").join(format!("{file}.jsonl"))) else {
            println!("SKIPPED: recorded traffic because `PORTCULLIS_FIXTURES` names no folder with `cassettes`");
            return None;
        };
        for line in text.lines() {
            let recording: Value = serde_json::from_str(line).expect("a recording is JSON");
            samples.extend(recorded(provider, &recording));
        }
    }
    samples.extend(sessions(&folder));
    Some(samples)
}

fn recorded(provider: &str, recording: &Value) -> Vec<Sample> {
    let text = |key: &str| recording[key].as_str();
    let bytes = |key: &str| match text(key) {
        Some(text) => text.as_bytes().to_vec(),
        None => {
            let encoded = text(&format!("{key}_b64")).unwrap_or_default();
            BASE64_STANDARD.decode(encoded).expect("a recording's base64 is whole")
        }
    };
    let sample = |side, form, units| Sample {
        provider: provider.to_owned(),
        method: text("method").unwrap_or("POST").to_owned(),
        path: text("path").unwrap_or("/").to_owned(),
        side,
        form,
        units,
        asked: (provider == "mcp").then(|| text("req").map(str::to_owned)).flatten(),
        places: BTreeMap::new(),
        absent: BTreeMap::new(),
        copy: false,
        like: None,
    };
    let parsed = |key: &str| serde_json::from_slice::<Value>(&bytes(key)).ok();
    let mut samples = Vec::new();
    if let Some(value) = parsed("req") {
        samples.push(sample(Side::Request, Form::Json, vec![Unit::of(shape::skeleton(&value))]));
    }
    let (dialect, target) = sample(Side::Answer, Form::Json, Vec::new()).dialect();
    match dialect.framing(&target, text("resp_ct").unwrap_or_default()).or(target.stream) {
        Some(framing) => samples.push(sample(Side::Events, Form::Stream(framing), events(framing, &bytes("resp")))),
        None => {
            let value = parsed("resp");
            let units = value.map(|value| vec![Unit::of(shape::skeleton(&value))]);
            samples.extend(units.map(|units| sample(Side::Answer, Form::Json, units)));
        }
    }
    samples
}

/// The events of a recorded stream, two of each shape.
fn events(framing: Framing, body: &[u8]) -> Vec<Unit> {
    let (mut framer, mut events) = (Framer::new(framing, usize::MAX), Vec::new());
    framer.push(body, &mut events).expect("a recording is well-formed");
    let mut units = Vec::new();
    for event in &events {
        let Some(data) = event.data() else { continue };
        let name = event.name().map(str::to_owned);
        match serde_json::from_slice::<Value>(&data) {
            Ok(value) => {
                let value = shape::skeleton(&unwrapped(event.name(), value));
                units.push(Unit { name, value, raw: None });
            }
            Err(_) if framing == Framing::Array => {}
            Err(_) => {
                let raw = Some(String::from_utf8_lossy(&data).into_owned());
                units.push(Unit { name, value: Value::Null, raw });
            }
        }
    }
    few(units)
}

/// The units of a shape are so alike that two stand for all.
fn few(units: Vec<Unit>) -> Vec<Unit> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut kept = units;
    kept.retain(|unit| {
        let count = seen.entry(shape::signature(&unit.value)).or_default();
        *count += 1;
        *count <= 2
    });
    kept
}

/// Recorded sessions over a socket, of each provider as one.
fn sessions(folder: &Path) -> Vec<Sample> {
    const SPEAKERS: [(&str, &str, &str); 3] = [
        ("test_openai_ws", "openai", "/v1/realtime?model=gpt-realtime"),
        ("test_azure_ws", "azure", "/openai/v1/realtime"),
        ("test_google_ws", "gemini", "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"),
    ];
    let text = std::fs::read_to_string(folder.join("cassettes/realtime-websocket.jsonl")).unwrap_or_default();
    let frames: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a recording is JSON")).collect();
    let mut samples = Vec::new();
    for (part, provider, path) in SPEAKERS {
        for (direction, side) in [("sent", Side::Client), ("received", Side::Events)] {
            let of =
                frames.iter().filter(|f| f["dir"] == direction && f["src"].as_str().is_some_and(|s| s.contains(part)));
            let units = of.map(|frame| Unit::of(shape::skeleton(&frame["data"]))).collect();
            samples.push(Sample {
                provider: provider.into(),
                method: "GET".into(),
                path: path.into(),
                side,
                form: Form::Stream(Framing::Messages),
                units: few(units),
                asked: None,
                places: BTreeMap::new(),
                absent: BTreeMap::new(),
                copy: false,
                like: None,
            });
        }
    }
    samples
}

//! `docs/reference/providers.md` says what a policy can do where, at each provider. Every cell is what the gateway did with a
//! template of [`crate::canary::corpus`]; `UPDATE_EXPECTED=1 cargo test --test it providers_page` writes the page.

use crate::canary::corpus::{self, Form, Sample, Side, Unit};
use crate::canary::plant::{How, Passed, holds_value, pass_as};
use crate::canary::shape::{self, Place, What};
use crate::judging::judge_with_pack;
use portcullis::decode::Reason;
use portcullis::decode::framing::Framing;
use portcullis::detect::Scratch;
use portcullis::diagnostic::reader::Choice;
use portcullis::exchange::Judge;
use portcullis::policy::Action;
use portcullis::provider;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

/// The providers, as the page calls them.
const PROVIDERS: &[(&str, &str)] = &[
    ("openai", "OpenAI"),
    ("azure", "Azure OpenAI"),
    ("anthropic", "Anthropic"),
    ("gemini", "Gemini"),
    ("vertex", "Vertex AI"),
    ("bedrock", "Amazon Bedrock"),
    ("mistral", "Mistral"),
    ("cohere", "Cohere"),
    ("ollama", "Ollama"),
    ("huggingface", "Hugging Face"),
    ("mcp", "MCP servers"),
    ("generic", "Any other"),
];

/// What texts are, as the page's columns.
const CHANNELS: &[&str] = &["system", "prompt", "upload", "tool call", "tool result", "response", "reasoning"];
/// What is not text, as the page's last columns.
const UNREAD: &[&str] = &["image or sound", "elsewhere", "provider's state"];
/// Messages that tell a client of a session that an answer was blocked.
const TOLD: usize = 2;
/// Where requests hold what a model answered before.
const EARLIER: &str = "earlier answer";

const INTRODUCTION: &str = "\
# What can be done where

<!-- generated; run `UPDATE_EXPECTED=1 cargo test --test it providers_page` -->

Each row is one side of an API: what the client sends (*request*, *form*), the whole answer, the events of a streamed answer
(*stream*), or the messages of a WebSocket (*socket*). Each column is one kind of content. Every cell was tried: a card number was
put there and judged by a policy that logs, by one that redacts, and by one that blocks.

| in a cell | means |
|---|---|
| all | The text is read. A policy may log the value, redact it (the rest leaves byte for byte as it came), or block |
| log, block | The text is read, but its provider signed it and takes it back only as it was: where a policy redacts, the request is refused |
| `unknown_type` | Nobody can read it. It is refused, unless a policy has a statement with `match = { uninspected = [\"unknown_type\"] }`; then that statement decides |
| `opaque`, passes | State of the provider's that must come back as it went out, or figures that are no text. It passes, unless a statement with `uninspected = [\"opaque\"]` says otherwise |
| `remote`, passes | Content that the API only names. The address is read as text, what it leads to is not. It passes, unless a statement with `uninspected = [\"remote\"]` says otherwise |
| none | The API has no field for it on this side |
| as there | The API has all the fields of the one named on the left |

The columns *system* to *response* are the channels that policies name, a model's reasoning belongs to *response*, and *response*
in a request is what the model answered in earlier turns. Files are opened: base64 of text is read like text, in every
field for images and files (*upload*). A file that went through the gateway before, and was read, is known by its id and no longer
counts as `remote`.

Fields that have no column, and fields that nobody knows yet, are read too: every string, every key that does not look like a
name, and every long number of every body and event. Of the protocol's own names and ids (`id`, `type`, `model`, …), those that do
not look like one. What nobody could read is named in the record of the exchange.

## When something is blocked

The second table of each provider says what the client gets in place of what was blocked, with `block_style = \"error\"` and
`block_status = 403`. `MESSAGE` is the policy's text, `ID` the request's id. Nothing asks SDKs to try again. A stream that has
begun is ended by its protocol: what was held back is dropped, what is open is closed, and the reason is the provider's own for
filtered content.
";

/// Redacts or blocks what is found; logs what nobody can read, but for `except`, with which `then` is done.
fn policy(found: &str, except: Option<Reason>, then: Option<&str>) -> String {
    let statement = |id: &str, matched: &str, action: &str| {
        let told = if action == "block" { "message = \"Remove it.\"\n" } else { "" };
        format!(
            "[[statement]]\nid = \"{id}\"\ntitle = \"{id}\"\nmatch = {{ {matched} }}\naction = \"{action}\"\n{told}"
        )
    };
    let others = Reason::CHOICES.iter().filter(|(_, reason)| Some(*reason) != except);
    let others: Vec<String> = others.map(|(name, _)| format!("\"{name}\"")).collect();
    let mut text = statement("found", "confidence = \"medium\", channels = [\"*\"]", found);
    text += &statement("others", &format!("uninspected = [{}]", others.join(", ")), "log");
    if let (Some(reason), Some(action)) = (except, then) {
        text += &statement("these", &format!("uninspected = [\"{}\"]", reason.name()), action);
    }
    text
}

/// Judges by policy, each built once.
#[derive(Default)]
struct Judges(BTreeMap<String, Arc<Judge>>);

impl Judges {
    fn of(&mut self, policy: String) -> Arc<Judge> {
        let judge = |policy: &String| judge_with_pack("", "base/payment", policy);
        self.0.entry(policy).or_insert_with_key(judge).clone()
    }
}

/// The page in the making.
#[derive(Default)]
struct Page {
    judges: Judges,
    scratch: Scratch,
    /// Users so far: what one was blocked for is redacted in his next requests.
    users: usize,
}

impl Page {
    fn pass(&mut self, policy: String, sample: &Sample, units: &[Unit]) -> Passed {
        let judge = self.judges.of(policy);
        self.users += 1;
        pass_as(&self.users.to_string(), &judge, sample, units, usize::MAX, &mut self.scratch)
    }

    /// What policies can do with text at a place.
    fn text(&mut self, sample: &Sample, place: &(usize, String)) -> String {
        let units = planted(sample, place);
        let came = sample.read(&joined(sample, &units));
        let at = format!("{} {} {} {place:?}", sample.provider, sample.path, sample.side.name());

        let logged = self.pass(policy("log", None, None), sample, &units);
        let sent = sample.read(&logged.sent.unwrap_or_default());
        assert!(sent.starts_with(&came), "{at}: it does not pass when it is logged");
        assert!(logged.report.found.iter().any(|found| found.rule == "credit_card"), "{at}: it is not found");

        let redacted = self.pass(policy("redact", None, None), sample, &units);
        let redact = match redacted.sent {
            Some(out) => {
                assert!(!holds_value(&sample.read(&out)), "{at}: it is not redacted");
                "all"
            }
            None => "log, block",
        };
        self.blocked(sample, &units);
        redact.to_owned()
    }

    /// Sees to it that a policy that blocks lets nothing pass. Returns what the client is told.
    fn blocked(&mut self, sample: &Sample, units: &[Unit]) -> String {
        let blocked = self.pass(policy("block", None, None), sample, units);
        let at = format!("{} {} {}", sample.provider, sample.path, sample.side.name());
        assert_eq!(blocked.report.action, Some(Action::Block), "{at}: it is not blocked");
        assert!(!holds_value(&sample.read(blocked.sent.as_deref().unwrap_or_default())), "{at}: it leaves");
        told(sample, units, &blocked)
    }

    /// What becomes of content that nobody can read.
    fn unread(&mut self, sample: &Sample, place: &(usize, String)) -> String {
        let at = format!("{} {} {} {place:?}", sample.provider, sample.path, sample.side.name());
        let path = match sample.form {
            Form::Multipart => format!("part[{}]", place.0),
            _ => shape::path(&place.1),
        };
        let logged = self.pass(policy("log", None, None), sample, &sample.units);
        let part =
            logged.report.receipt.uninspected.iter().find(|part| !part.path.is_empty() && path.ends_with(&part.path));
        let reason = part.unwrap_or_else(|| panic!("{at}: {path} is not declared: {:?}", logged.report.receipt)).reason;
        let passes = |page: &mut Self, then: Option<&str>| {
            let passed = page.pass(policy("log", Some(reason), then), sample, &sample.units);
            passed.report.action < Some(Action::Block)
        };
        assert!(passes(self, Some("log")), "{at}: it does not pass when it is logged");
        assert!(!passes(self, Some("block")), "{at}: it passes when it is blocked");
        let silent = if passes(self, None) { ", passes" } else { "" };
        format!("`{}`{silent}", reason.name())
    }

    /// A row of an API's side.
    fn row(&mut self, sample: &Sample) -> String {
        let like = sample.like.as_deref().map(|like| format!(", as {like}")).unwrap_or_default();
        let mut row = format!("| `{}`{like} | {} |", label(sample), side(sample));
        for channel in CHANNELS {
            let place = sample.places.get(*channel).or_else(|| {
                let earlier = sample.places.get(EARLIER);
                earlier.filter(|_| *channel == "response")
            });
            let cell = place.map(|place| self.text(sample, place));
            let _ = write!(row, " {} |", cell.unwrap_or_else(|| absent(sample, channel)));
        }
        for channel in UNREAD {
            let cell = sample.places.get(*channel).map(|place| self.unread(sample, place));
            let _ = write!(row, " {} |", cell.unwrap_or_else(|| absent(sample, channel)));
        }
        row
    }

    /// What the client is told when a value is blocked, and where.
    fn told(&mut self, sample: &Sample) -> Option<String> {
        let order = ["response", "prompt", "tool result", "tool call", "upload", "system"];
        let texts = order.iter().find_map(|channel| sample.places.get(*channel))?;
        Some(self.blocked(sample, &planted(sample, texts)))
    }

    fn write(&mut self) -> String {
        let samples = corpus::templates();
        let mut page = INTRODUCTION.to_owned();
        for (name, title) in PROVIDERS {
            let of: Vec<&Sample> = samples.iter().filter(|s| s.provider == *name && !s.places.is_empty()).collect();
            assert!(!of.is_empty(), "{name} has no templates");
            let _ = write!(page, "\n## {title}\n\n{}", alike(name));
            page += "| API | side |";
            CHANNELS.iter().chain(UNREAD).for_each(|channel| {
                let _ = write!(page, " {channel} |");
            });
            page += "\n|---|---|";
            page += &"---|".repeat(CHANNELS.len() + UNREAD.len());
            page.push('\n');
            for sample in &of {
                let _ = writeln!(page, "{}", self.row(sample));
            }
            let _ = write!(page, "\n| blocked | of | the client gets |\n|---|---|---|\n");
            let mut outcomes: Vec<(String, &'static str, Vec<String>)> = Vec::new();
            for sample in &of {
                let Some(told) = self.told(sample) else { continue };
                match outcomes.iter_mut().find(|(known, at, _)| (known, *at) == (&told, side(sample))) {
                    Some((.., apis)) => apis.push(label(sample)),
                    None => outcomes.push((told, side(sample), vec![label(sample)])),
                }
            }
            for (told, side, mut apis) in outcomes {
                apis.dedup();
                let apis: Vec<String> = apis.iter().map(|api| format!("`{api}`")).collect();
                let _ = writeln!(page, "| {side} | {} | {told} |", apis.join(", "));
            }
        }
        let left = samples.iter().find(|s| PROVIDERS.iter().all(|(name, _)| s.provider != *name));
        assert!(left.is_none(), "{left:?} is of no provider on the page");
        page
    }
}

/// The names under which the same dialect is configured.
fn alike(name: &str) -> String {
    let dialect = provider::find(name).expect("it is known");
    let others: Vec<String> =
        dialect.names().iter().filter(|other| **other != name).map(|other| format!("`{other}`")).collect();
    let also = if others.is_empty() { String::new() } else { format!("; alike: {}", others.join(", ")) };
    format!("`provider = \"{name}\"`{also}\n\n")
}

/// Why an API has no place for a channel.
fn absent(sample: &Sample, channel: &str) -> String {
    if let Some(why) = sample.absent.get(channel) {
        return why.clone();
    }
    match (&sample.like, sample.provider.as_str()) {
        (Some(_), _) => "as there".into(),
        (None, "generic") if UNREAD.contains(&channel) => "as `paths` says".into(),
        (None, "generic") => format!("as {}", if sample.side == Side::Request { "prompt" } else { "response" }),
        (None, _) => "none".into(),
    }
}

/// What the page calls an API.
fn label(sample: &Sample) -> String {
    let path = sample.path.split('?').next().unwrap_or_default();
    match sample.provider.as_str() {
        "mcp" => sample.operation(),
        _ => format!("{} {path}", sample.method),
    }
}

fn side(sample: &Sample) -> &'static str {
    match (sample.side, sample.form) {
        (Side::Request, Form::Multipart) => "form",
        (Side::Request, _) => "request",
        (Side::Answer, _) => "answer",
        (Side::Client, _) => "socket, from the client",
        (Side::Events, Form::Stream(Framing::Messages)) => "socket, to the client",
        (Side::Events, _) => "stream",
    }
}

/// The units with the value at a place: in a file, if one stands there, else in its text.
fn planted(sample: &Sample, (unit, pointer): &(usize, String)) -> Vec<Unit> {
    let mut units = sample.units.clone();
    let value = &mut units[*unit].value;
    let text = value.pointer(pointer).and_then(Value::as_str).expect("the places of templates are there");
    let how = if is_file(text) { How::Encoded } else { How::Inside };
    let place = Place { pointer: pointer.clone(), path: String::new(), what: What::Text };
    how.plant(sample.side, value, &place);
    units
}

/// Base64 of templates: it has no words.
fn is_file(text: &str) -> bool {
    let encoded = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    text.starts_with("data:") || text.len() >= 12 && text.bytes().all(encoded)
}

fn joined(sample: &Sample, units: &[Unit]) -> Vec<u8> {
    let between: &[u8] = if sample.form == Form::Stream(Framing::Messages) { b"\n" } else { b"" };
    sample.write(units).iter().flat_map(|unit| [unit, between].concat()).collect()
}

/// What the gateway said in place of what was blocked.
fn told(sample: &Sample, units: &[Unit], blocked: &Passed) -> String {
    let message = blocked.report.message.as_deref().unwrap_or_default();
    let plain = |text: String| text.replace(message, "MESSAGE").replace("01TEST", "ID");
    let code = |value: &Value| match value {
        Value::String(text) => format!("`{text}`"),
        value => format!("`{}`", value.to_string().replace('|', "\\|")),
    };
    let own =
        |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).map_or_else(|_| String::new(), |value| code(&value));
    plain(match sample.side {
        Side::Client if blocked.told.is_empty() => "nothing: the socket is closed with code 1008 and `MESSAGE`".into(),
        Side::Client => format!("{}; the session goes on", own(&blocked.told)),
        Side::Events => {
            let came = sample.read(&joined(sample, units));
            let out = sample.read(blocked.sent.as_deref().unwrap_or_default());
            let passed = out.iter().zip(&came).take_while(|(out, came)| out == came).count();
            let last = if blocked.for_upstream.is_empty() { out.len() } else { passed + TOLD.min(out.len() - passed) };
            let mut said = out[passed..last].iter().map(code).collect::<Vec<_>>().join(", ");
            for message in &blocked.for_upstream {
                said += &format!("; and the provider: {}", own(message));
            }
            said
        }
        _ => {
            let headers = blocked.headers.iter().map(|(name, value)| format!(", `{name}: {value}`"));
            format!("{}{}, {}", blocked.status, headers.collect::<String>(), own(&blocked.told))
        }
    })
}

#[test]
fn providers_page_says_what_the_gateway_does() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/providers.md");
    let page = Page::default().write();
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&file, &page).expect("the folder is writable");
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = page.lines().zip(written.lines()).find(|(got, was)| got != was);
    assert!(
        page == written,
        "{} is not what the gateway does, first at {differs:?}; `UPDATE_EXPECTED=1 cargo test --test it providers_page` writes it",
        file.display()
    );
}

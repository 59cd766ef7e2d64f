//! A value put at one place of a sample, and what became of it.

use super::corpus::{Form, Sample, Side, Unit};
use super::shape::{self, Place, What};
use crate::judging::exchange_in;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use portcullis::decode::framing::Framing;
use portcullis::decode::json::{Json, Limits};
use portcullis::decode::{Channel, Uninspected};
use portcullis::detect::Scratch;
use portcullis::diagnostic::reader::Choice;
use portcullis::exchange::report::Report;
use portcullis::exchange::session::Sent;
use portcullis::exchange::stream::{Flow, UpstreamEnd};
use portcullis::exchange::{BodyHead, Exchange, Judge, Judged};
use portcullis::provider::{LaneKey, StreamLeaf};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Generated; Luhn-valid.
pub const CARD: &str = "4539 5787 6362 1486";
/// The same as a number.
const NUMBER: u64 = 4_539_578_763_621_486;
/// A file with it.
const FILE: &str = "The card 4539 5787 6362 1486 is theirs.";
/// Its digits.
const DIGITS: &str = "4539578763621486";

/// How a value is put somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// In place of the text.
    Whole,
    /// In the text.
    Inside,
    /// In place of the text, its groups joined by what ids hold.
    Dashed,
    /// In place of a file: base64, or a `data:` URI.
    Encoded,
    /// In place of a number.
    Number,
    /// In the object, as nobody knows it: a text, a list of objects, a key.
    Unknown,
}

impl How {
    pub const ALL: [How; 5] = [How::Whole, How::Inside, How::Dashed, How::Number, How::Unknown];

    /// Whether a value can be put like this where such a thing stands.
    pub fn fits(self, what: What) -> bool {
        match self {
            Self::Whole | Self::Inside | Self::Dashed | Self::Encoded => what == What::Text,
            Self::Number => what == What::Number,
            Self::Unknown => what == What::Object,
        }
    }

    /// Puts the value at a place. Returns the path of the leaf that holds it.
    pub fn plant(self, side: Side, value: &mut Value, place: &Place) -> String {
        let at = value.pointer_mut(&place.pointer).expect("the place is there");
        let below = |key: &str| if place.path.is_empty() { key.to_owned() } else { format!("{}.{key}", place.path) };
        match self {
            // beside what the neighbours of an event say
            Self::Whole if side == Side::Events => *at = format!(" {CARD} ").into(),
            Self::Whole => *at = CARD.into(),
            Self::Inside => *at = inside(at.as_str().unwrap_or_default()).into(),
            Self::Dashed if side == Side::Events => *at = format!(" {} ", CARD.replace(' ', "-")).into(),
            Self::Encoded => *at = encoded(at.as_str().unwrap_or_default()).into(),
            Self::Dashed => *at = CARD.replace(' ', "-").into(),
            Self::Number => *at = NUMBER.into(),
            Self::Unknown => {
                at["x_unknown"] = CARD.into();
                at["x_unknowns"] = json!([{ "x_kind": "text", "x_deep": CARD }]);
                at[CARD] = "x".into();
                return below("x_unknown");
            }
        }
        place.path.clone()
    }
}

/// A text with the value in it; JSON stays JSON, and a `data:` URI one.
fn inside(text: &str) -> String {
    if let Ok(Value::Object(mut map)) = serde_json::from_str(text) {
        map.insert("x".into(), CARD.into());
        return Value::Object(map).to_string();
    }
    match text.find(' ') {
        Some(at) => format!("{} {CARD} {}", &text[..at], &text[at + 1..]),
        None => format!("{text} {CARD}."),
    }
}

/// A file of text with the value in it, written as `like` is.
fn encoded(like: &str) -> String {
    let uri = if like.starts_with("data:") { "data:text/plain;base64," } else { "" };
    format!("{uri}{}", BASE64_STANDARD.encode(FILE))
}

/// What became of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It did not leave. `walker`: one that knows the field read it, not the backstop alone.
    Seen { walker: bool },
    /// The whole exchange was refused.
    Blocked,
    /// It left, and the receipt says that nobody read it, for this reason.
    Declared(&'static str),
    /// It left.
    Leaked,
    /// It did not, but what left in its place is no JSON.
    Broken,
}

/// What left, and what was noted.
pub struct Passed {
    /// `None`: refused as a whole.
    pub sent: Option<Vec<u8>>,
    /// The gateway's own answer.
    pub told: Vec<u8>,
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub report: Report,
    /// Messages for the provider, of a session.
    pub for_upstream: Vec<Vec<u8>>,
}

/// Opens the exchange of a sample.
fn open(judge: &Arc<Judge>, user: &str, sample: &Sample) -> Exchange {
    let (dialect, target) = sample.dialect();
    let mut x = exchange_in(dialect, target, user, judge, &sample.provider);
    if let Some(asked) = sample.asked.as_deref().filter(|_| sample.side != Side::Request) {
        let head = BodyHead { content_type: Some("application/json"), content_encoding: None };
        let _judged = x.request(&head, asked.as_bytes(), &mut Scratch::default());
        x.report = Report::default();
    }
    x
}

/// Judges a sample with these units.
pub fn pass(judge: &Arc<Judge>, sample: &Sample, units: &[Unit], piece: usize, scratch: &mut Scratch) -> Passed {
    pass_as("maria", judge, sample, units, piece, scratch)
}

/// Judges a sample of a user's with these units, cut into pieces of so many bytes if it is a stream.
pub fn pass_as(
    user: &str,
    judge: &Arc<Judge>,
    sample: &Sample,
    units: &[Unit],
    piece: usize,
    scratch: &mut Scratch,
) -> Passed {
    let mut x = open(judge, user, sample);
    let written = sample.write(units);
    let content_type = sample.content_type();
    let head = BodyHead { content_type: Some(&content_type), content_encoding: None };
    let mut passed = Passed {
        sent: None,
        told: Vec::new(),
        status: 200,
        headers: Vec::new(),
        report: Report::default(),
        for_upstream: Vec::new(),
    };
    let mut out = Vec::new();
    match (sample.side, sample.form) {
        (Side::Client, _) => {
            let mut answers = x.stream(Framing::Messages);
            passed.sent = Some(Vec::new());
            for message in &written {
                match x.message(&mut answers, message, false, scratch) {
                    Sent::Unchanged => out.extend_from_slice(message),
                    Sent::Changed(changed) => out.extend(changed),
                    Sent::Refused(told) => (passed.sent, passed.told) = (None, told),
                    Sent::Closed => passed.sent = None,
                }
                out.push(b'\n');
            }
        }
        (_, Form::Stream(framing)) => {
            let mut guard = x.stream(framing);
            let body = written.concat();
            let pieces: Vec<&[u8]> = match framing {
                Framing::Messages => written.iter().map(Vec::as_slice).collect(),
                _ => body.chunks(piece.max(1)).collect(),
            };
            let mut over = false;
            // after the last piece, the end
            for piece in pieces.into_iter().map(Some).chain([None]) {
                let mut wrote = Vec::new();
                match piece {
                    _ if over => break,
                    Some(piece) => over = guard.push(&mut x, piece, scratch, &mut wrote) == Flow::End,
                    None => guard.end(&mut x, UpstreamEnd::Complete, scratch, &mut wrote),
                }
                passed.for_upstream.extend(guard.take_for_upstream());
                if framing != Framing::Messages {
                    out.extend(wrote);
                    continue;
                }
                let mut start = 0;
                for message in guard.written() {
                    out.extend_from_slice(&wrote[start..message.end]);
                    out.push(b'\n');
                    start = message.end;
                }
            }
            passed.sent = Some(Vec::new());
        }
        (side, _) => {
            let body = written.concat();
            let judged = match side {
                Side::Request => x.request(&head, &body, scratch),
                _ => x.answer(&head, &body, scratch),
            };
            match judged {
                Judged::Unchanged => (passed.sent, out) = (Some(Vec::new()), body),
                Judged::Changed(changed) => (passed.sent, out) = (Some(Vec::new()), changed),
                Judged::Reply(reply) => {
                    (passed.told, passed.status, passed.headers) = (reply.body, reply.status, reply.headers);
                }
            }
        }
    }
    passed.sent = passed.sent.map(|_| out);
    passed.report = x.report;
    passed
}

/// Whether any string, key or number of what left has these digits, whatever stands between them.
pub fn holds(values: &[Value], digits: &str) -> bool {
    let mut found = false;
    for value in values {
        shape::leaves(value, &mut |leaf| {
            found |= leaf.chars().filter(char::is_ascii_digit).collect::<String>().contains(digits);
        });
    }
    found
}

/// Whether the value is in what left, as it is or in a file.
pub fn holds_value(values: &[Value]) -> bool {
    let file = BASE64_STANDARD.encode(FILE);
    let mut found = holds(values, DIGITS);
    values.iter().for_each(|value| shape::leaves(value, &mut |leaf| found |= leaf.contains(&file)));
    found
}

/// Puts the value somewhere and says what became of it.
pub fn fate(
    judge: &Arc<Judge>,
    sample: &Sample,
    (unit, place): (usize, &Place),
    how: How,
    scratch: &mut Scratch,
) -> (String, Fate) {
    // of a stream, what comes later says nothing of an event
    let last = if sample.side == Side::Events { sample.units.len().min(unit + 3) } else { sample.units.len() };
    let mut units = sample.units[..last].to_vec();
    let path = how.plant(sample.side, &mut units[unit].value, place);
    let passed = pass(judge, sample, &units, usize::MAX, scratch);
    let fate = match &passed.sent {
        None => Fate::Blocked,
        Some(out) if !holds_value(&sample.read(out)) && sample.broken(out) => Fate::Broken,
        Some(out) if !holds_value(&sample.read(out)) => Fate::Seen { walker: by_walker(sample, &units, unit) },
        Some(_) => match declared(&passed.report, &path) {
            Some(part) => Fate::Declared(part.reason.name()),
            None => Fate::Leaked,
        },
    };
    (path, fate)
}

/// Two texts of a stream, one of which goes on in the other.
#[derive(Debug)]
pub struct Seam {
    /// What the lane is, for messages: its paths.
    pub name: String,
    /// Unit and pointer of each.
    first: (usize, String),
    second: (usize, String),
}

/// Every two texts of a stream that follow each other in a lane.
pub fn seams(sample: &Sample) -> Vec<Seam> {
    let Form::Stream(framing) = sample.form else { return Vec::new() };
    if sample.side != Side::Events {
        return Vec::new();
    }
    let (dialect, target) = sample.dialect();
    let mut stream = dialect.stream(&target, framing);
    let mut last: BTreeMap<LaneKey, (usize, String)> = BTreeMap::new();
    let mut seams = Vec::new();
    for (at, unit) in sample.units.iter().enumerate() {
        let text = unit.value.to_string();
        let json = Json::parse(text.as_bytes(), &Limits::default()).ok().filter(|_| !unit.value.is_null());
        let facts = stream.event(unit.name.as_deref(), json.as_ref());
        for leaf in json.iter().flat_map(|json| facts.deltas.iter().map(|leaf| (json.node(leaf.node), leaf))) {
            let (node, leaf) = leaf;
            let (path, place) = (node.path(), (at, shape::pointer(&node.path())));
            if unit.value.pointer(&place.1).is_none_or(|value| !value.is_string()) {
                continue;
            }
            if let Some(first) = last.insert(leaf.lane.clone(), place.clone()) {
                let name = format!("{} {}", leaf.lane.kind, shape::starred(&path));
                seams.push(Seam { name, first, second: place });
            }
        }
        stream.sent(&facts.marks);
        if facts.ends_all {
            last.clear();
        }
        facts.ends.iter().for_each(|lane| drop(last.remove(lane)));
    }
    seams
}

/// Cuts the value over two texts of a stream. Whether any part of it left that is long enough to be told.
pub fn leaves_in_parts(
    judge: &Arc<Judge>,
    sample: &Sample,
    seam: &Seam,
    cut: usize,
    piece: usize,
    scratch: &mut Scratch,
) -> bool {
    /// Digits by which a part is recognised.
    const TOLD: usize = 4;
    let (head, tail) = CARD.split_at(cut);
    let mut units = sample.units.clone();
    let mut put = |(unit, pointer): &(usize, String), with: &dyn Fn(&str) -> String| {
        let place = units[*unit].value.pointer_mut(pointer).expect("the place is there");
        *place = with(place.as_str().unwrap_or_default()).into();
    };
    put(&seam.first, &|text| format!("{text} {head}"));
    put(&seam.second, &|text| format!("{tail} {text}"));
    let passed = pass(judge, sample, &units, piece, scratch);
    let out = sample.read(&passed.sent.unwrap_or_default());
    [head, tail].iter().any(|part| {
        let digits: String = part.chars().filter(char::is_ascii_digit).collect();
        digits.len() >= TOLD && holds(&out, &digits)
    })
}

/// The part of the receipt that names the place of a leaf, or what it stands in.
fn declared<'r>(report: &'r Report, path: &str) -> Option<&'r Uninspected> {
    let path = shape::plain(path);
    report.receipt.uninspected.iter().find(|part| {
        let declared = shape::starred(&part.path);
        path.starts_with(&declared) || declared.ends_with(&path)
    })
}

/// Whether a walker reads the planted value, and not the backstop alone.
fn by_walker(sample: &Sample, units: &[Unit], unit: usize) -> bool {
    const PART: &str = "5787";
    let (dialect, target) = sample.dialect();
    let parsed = |unit: &Unit| unit.value.to_string();
    let text = match sample.form {
        Form::Multipart => {
            let lines = units[unit].value["lines"].as_array().into_iter().flatten().map(Value::to_string);
            match lines.into_iter().find(|line| line.contains(PART)) {
                Some(line) => line,
                // a field or a file that is text
                None => return true,
            }
        }
        _ => parsed(&units[unit]),
    };
    let Ok(json) = Json::parse(text.as_bytes(), &Limits::default()) else { return false };
    if sample.side == Side::Events
        && let Form::Stream(framing) = sample.form
    {
        let mut stream = dialect.stream(&target, framing);
        for unit in &units[..unit] {
            let text = parsed(unit);
            let json = Json::parse(text.as_bytes(), &Limits::default()).ok();
            stream.event(unit.name.as_deref(), json.as_ref());
        }
        let facts = stream.event(units[unit].name.as_deref(), Some(&json));
        let holds = |leaf: &StreamLeaf| json.node(leaf.node).raw_str().contains(PART);
        let known = |leaf: &&StreamLeaf| holds(leaf) && leaf.lane.kind != json.node(leaf.node).path();
        let alone = &facts.whole[..facts.whole.len().saturating_sub(facts.backstop_leaves as usize)];
        return facts.deltas.iter().any(|leaf| known(&leaf)) || alone.iter().chain(&facts.payloads).any(holds);
    }
    let walk = match sample.side {
        _ if matches!(sample.form, Form::Lines | Form::Multipart) => {
            dialect.line(Channel::Response, &json).unwrap_or_default()
        }
        Side::Answer => dialect.response(&target, &json),
        _ => dialect.request(&target, &json),
    };
    let known = walk.segments.len() - walk.backstop_leaves as usize;
    walk.segments[..known].iter().any(|segment| segment.text.contains(PART))
}

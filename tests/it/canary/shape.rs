//! Values of JSON by their shape: cut down to one element of each kind, and the places where something can be planted.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Longest text kept of a recording, in characters; a multiple of four, so that base64 stays base64.
const LONGEST: usize = 48;
/// Longest name of a kind of object.
const LONGEST_KIND: usize = 80;

/// A value with one element of each shape in its lists, and short texts.
pub fn skeleton(value: &Value) -> Value {
    match value {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => skeleton(&inner).to_string().into(),
            _ if text.len() <= LONGEST_KIND && !text.contains(' ') => value.clone(),
            _ => text.chars().take(LONGEST).collect::<String>().into(),
        },
        Value::Array(list) => {
            let mut seen = BTreeSet::new();
            list.iter().map(skeleton).filter(|item| seen.insert(signature(item))).collect()
        }
        Value::Object(map) => {
            map.iter().map(|(key, inner)| (key.clone(), skeleton(inner))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// The places of a value and their kinds.
pub fn signature(value: &Value) -> String {
    let mut out = BTreeSet::new();
    places(value, |place| {
        out.insert(format!("{} {:?}", place.path, place.what));
    });
    out.into_iter().collect::<Vec<_>>().join("\n")
}

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    Text,
    Number,
    Object,
    /// Something without text: `true`, `null`, an empty list.
    Bare,
}

/// A place in a value.
#[derive(Debug, Clone)]
pub struct Place {
    pub pointer: String,
    /// As records write it, with `[*]` for every index and the kind of objects that say theirs: `content[*]<text>.text`.
    pub path: String,
    pub what: What,
}

/// Every place of a value, objects before what is in them.
pub fn places(value: &Value, mut each: impl FnMut(Place)) {
    walk(value, "", "", &mut each);
}

fn walk(value: &Value, pointer: &str, path: &str, each: &mut impl FnMut(Place)) {
    let kind = ["type", "event_type"].iter().find_map(|key| value.get(key)?.as_str());
    let path = match kind.filter(|kind| kind.len() <= LONGEST_KIND && !kind.contains(' ')) {
        Some(kind) => format!("{path}<{kind}>"),
        None => path.to_owned(),
    };
    let what = match value {
        Value::String(_) => What::Text,
        Value::Number(_) => What::Number,
        Value::Object(_) => What::Object,
        _ => What::Bare,
    };
    each(Place { pointer: pointer.to_owned(), path: path.clone(), what });
    match value {
        Value::Array(list) => {
            for (at, item) in list.iter().enumerate() {
                walk(item, &format!("{pointer}/{at}"), &format!("{path}[*]"), each);
            }
        }
        Value::Object(map) => {
            for (key, inner) in map {
                let dot = if path.is_empty() { "" } else { "." };
                let escaped = key.replace('~', "~0").replace('/', "~1");
                walk(inner, &format!("{pointer}/{escaped}"), &format!("{path}{dot}{key}"), each);
            }
        }
        _ => {}
    }
}

/// The path without kinds, as the receipt writes it.
pub fn plain(path: &str) -> String {
    let mut out = String::new();
    let mut depth = 0;
    for c in path.chars() {
        match c {
            '<' => depth += 1,
            '>' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            c => out.push(c),
        }
    }
    out.trim_start_matches('.').to_owned()
}

/// A path with `[*]` for every index.
pub fn starred(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        match after.split_once(']') {
            Some((index, tail)) if index.bytes().all(|b| b.is_ascii_digit()) => {
                out.push_str("[*]");
                rest = tail;
            }
            _ => {
                out.push('[');
                rest = after;
            }
        }
    }
    out + rest
}

/// A path of a record as a JSON pointer: `a[0].b` is `/a/0/b`.
pub fn pointer(path: &str) -> String {
    let steps = path.split(['.', '[']).filter(|step| !step.is_empty());
    steps.map(|step| format!("/{}", step.trim_end_matches(']'))).collect()
}

/// The same the other way round.
pub fn path(pointer: &str) -> String {
    let step = |step: &str| if step.parse::<usize>().is_ok() { format!("[{step}]") } else { format!(".{step}") };
    pointer.split('/').skip(1).map(step).collect::<String>().trim_start_matches('.').to_owned()
}

/// Every string, key and number of a value.
pub fn leaves(value: &Value, each: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Number(number) => each(&number.to_string()),
        Value::Array(list) => list.iter().for_each(|item| leaves(item, each)),
        Value::Object(map) => map.iter().for_each(|(key, inner)| {
            each(key);
            leaves(inner, each);
        }),
        Value::Null | Value::Bool(_) => {}
    }
}

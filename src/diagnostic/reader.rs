//! Reads TOML into typed values, keeping the place of each value, and collecting every problem.
//!
//! A [`Table`] remembers which keys were asked for; [`Table::finish`] reports the others as unknown with the nearest
//! known name. So the code that reads a file is the only list of its keys.

mod scalar;
mod syntax;

pub use scalar::{ByteSize, Choice, Date, OneOrMany, Read, unknown};

use super::{Problems, Source, begun, mask, nearest};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use toml::de::{DeTable, DeValue};

/// A value with its byte range in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// A parsed TOML document. Owns its tree.
pub struct Document {
    source: Arc<Source>,
    root: Node,
    /// Every key that was asked for, as `upstream[].name`.
    asked: Mutex<BTreeSet<String>>,
}

struct Node {
    span: Range<usize>,
    kind: Kind,
}

enum Kind {
    String(String),
    /// `None`: outside ±2^127.
    Integer(Option<i128>),
    Float(f64),
    Boolean(bool),
    Datetime(toml::value::Datetime),
    List(Vec<Node>),
    Table(Vec<(Spanned<String>, Node)>),
}

impl Document {
    /// Parses; every syntax error goes to `problems`. `None` if there was any.
    pub fn parse(source: Arc<Source>, problems: &mut Problems) -> Option<Document> {
        let (root, errors) = DeTable::parse_recoverable(&source.text);
        if !errors.is_empty() {
            syntax::report(&source, errors, problems);
            return None;
        }
        let root = Node { span: root.span(), kind: table(root.get_ref()) };
        Some(Document { source, root, asked: Mutex::default() })
    }
    /// The root table.
    pub fn root(&self) -> Table<'_> {
        let Kind::Table(entries) = &self.root.kind else { unreachable!("the root of a document is a table") };
        Table { document: self, span: 0..0, entries, path: Arc::from(""), asked: Vec::new(), free_names: false }
    }
    /// Every key that finished tables were asked for, sorted, with `[]` for the elements of a list: `upstream[].name`.
    ///
    /// The reading code is the only list of keys; documentation is compared with this.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// Own copies of the parser's values, with table entries in the order of the file.
fn node(value: &toml::Spanned<DeValue<'_>>) -> Node {
    let kind = match value.get_ref() {
        DeValue::String(text) => Kind::String(text.to_string()),
        DeValue::Integer(digits) => Kind::Integer(i128::from_str_radix(digits.as_str(), digits.radix()).ok()),
        DeValue::Float(digits) => Kind::Float(digits.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(value) => Kind::Boolean(*value),
        DeValue::Datetime(value) => Kind::Datetime(*value),
        DeValue::Array(values) => Kind::List(values.iter().map(node).collect()),
        DeValue::Table(entries) => table(entries),
    };
    Node { span: value.span(), kind }
}

fn table(entries: &DeTable<'_>) -> Kind {
    let mut entries: Vec<_> = entries
        .iter()
        .map(|(key, value)| (Spanned { value: key.get_ref().to_string(), span: key.span() }, node(value)))
        .collect();
    entries.sort_by_key(|(key, _)| key.span.start);
    Kind::Table(entries)
}

/// Any TOML value with its place.
#[derive(Clone)]
pub struct Value<'d> {
    document: &'d Document,
    node: &'d Node,
    parent: Arc<str>,
    step: Step<'d>,
}

/// From the parent to the value.
#[derive(Clone, Copy)]
enum Step<'d> {
    Key(&'d str),
    Index(usize),
}

impl<'d> Value<'d> {
    pub fn source(&self) -> &'d Arc<Source> {
        &self.document.source
    }
    pub fn span(&self) -> Range<usize> {
        self.node.span.clone()
    }
    /// Dotted path for messages, list elements counted from one: `server.listen`, `rule[3].examples[1]`.
    pub fn path(&self) -> String {
        match self.step {
            Step::Key(key) if self.parent.is_empty() => key.to_owned(),
            Step::Key(key) => format!("{}.{key}", self.parent),
            Step::Index(index) => format!("{}[{}]", self.parent, index + 1),
        }
    }
    /// `a string`, `a table`, … for messages.
    pub fn type_name(&self) -> &'static str {
        match &self.node.kind {
            Kind::String(_) => "a string",
            Kind::Integer(_) => "an integer",
            Kind::Float(_) => "a decimal number",
            Kind::Boolean(_) => "true or false",
            Kind::Datetime(value) if value.time.is_none() => "a date",
            Kind::Datetime(value) if value.date.is_none() => "a time",
            Kind::Datetime(_) => "a date with a time",
            Kind::List(_) => "a list",
            Kind::Table(_) => "a table",
        }
    }
    pub fn as_str(&self) -> Option<&'d str> {
        match &self.node.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }
    pub fn as_table(&self) -> Option<Table<'d>> {
        match &self.node.kind {
            Kind::Table(entries) => Some(Table {
                document: self.document,
                span: self.span(),
                entries,
                path: Arc::from(self.path()),
                asked: Vec::new(),
                free_names: false,
            }),
            _ => None,
        }
    }
    pub fn as_array(&self) -> Option<Vec<Value<'d>>> {
        let Kind::List(nodes) = &self.node.kind else { return None };
        let parent: Arc<str> = Arc::from(self.path());
        let value =
            |(index, node)| Value { document: self.document, node, parent: parent.clone(), step: Step::Index(index) };
        Some(nodes.iter().enumerate().map(value).collect())
    }
    /// Reports a problem at this value, with its path before the message.
    pub fn problem(&self, message: impl std::fmt::Display, help: impl Into<String>, problems: &mut Problems) {
        problems.at(self.source(), self.span(), format!("`{}`: {message}", self.path()), help);
    }
    /// Whether the value is a table with a header of its own, `[name]`, rather than `{ … }`.
    fn has_header(&self) -> bool {
        matches!(self.node.kind, Kind::Table(_)) && self.source().text[self.span()].starts_with('[')
    }
}

/// A table being read.
pub struct Table<'d> {
    document: &'d Document,
    span: Range<usize>,
    entries: &'d [(Spanned<String>, Node)],
    path: Arc<str>,
    asked: Vec<&'static str>,
    /// [`Table::entries`] was called: every key is known.
    free_names: bool,
}

impl<'d> Table<'d> {
    pub fn source(&self) -> &'d Arc<Source> {
        &self.document.source
    }
    /// Place of the table: its header, or the braces of an inline table.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }
    /// Dotted path for messages, list elements counted from one: `server.tls`, `rule[3].context`; empty for the root.
    pub fn path(&self) -> &str {
        &self.path
    }
    pub fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }
    /// Place of the value of `key`; of the table if the key is absent.
    pub fn span_of(&self, key: &str) -> Range<usize> {
        self.entry(key).map_or_else(|| self.span(), |(_, node)| node.span.clone())
    }
    /// The value of an optional key. `None` if absent, or of the wrong type (then reported).
    pub fn opt<T: Read<'d>>(&mut self, key: &'static str, problems: &mut Problems) -> Option<T> {
        self.ask(key);
        let value = self.value(self.entry(key)?);
        T::read(value, problems)
    }
    /// The value of a required key; its absence is reported at the table.
    pub fn req<T: Read<'d>>(&mut self, key: &'static str, problems: &mut Problems) -> Option<T> {
        if !self.has(key) {
            self.ask(key);
            let help = match T::LOOKS_LIKE {
                scalar::TABLE if self.path.is_empty() => format!("add a line `[{key}]`, and its keys below"),
                looks_like => format!("add `{key} = {looks_like}`"),
            };
            problems.at(self.source(), self.span(), self.missing(key), help);
            return None;
        }
        self.opt(key, problems)
    }
    /// Every key with its value, for tables whose keys are free names. Marks all as known.
    pub fn entries(&mut self) -> Vec<(Spanned<&'d str>, Value<'d>)> {
        self.free_names = true;
        self.entries
            .iter()
            .map(|entry| (Spanned { value: entry.0.value.as_str(), span: entry.0.span.clone() }, self.value(entry)))
            .collect()
    }
    /// Reports each key nobody asked for, with the nearest known one.
    pub fn finish(self, problems: &mut Problems) {
        let known = |key: &str| self.free_names || self.asked.contains(&key);
        for (key, _) in self.entries.iter().filter(|(key, _)| !known(&key.value)) {
            let message = match mask::quotable(&key.value) {
                Some(name) => format!("unknown key `{}`", joined(&self.path, name)),
                None => "unknown key".to_owned(),
            };
            // A key that is there already is not the one that was meant.
            let absent = self.asked.iter().copied().filter(|known| !self.has(known));
            let help = match nearest(&key.value, absent.clone()).or_else(|| begun(&key.value, absent)) {
                Some(meant) => {
                    // One slip, one problem: the misspelt key is not also missing.
                    let missing = self.missing(meant);
                    problems.withdraw(|problem| problem.span == self.span && problem.message == missing);
                    format!("did you mean `{meant}`?")
                }
                None => format!("known keys here are {}", listed(self.asked.iter().copied(), "and")),
            };
            problems.at(self.source(), key.span.clone(), message, help);
        }
        let path = without_indices(&self.path);
        let mut asked = self.document.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.extend(self.asked.iter().map(|key| joined(&path, key)));
    }

    fn missing(&self, key: &str) -> String {
        let place = if self.path.is_empty() { String::new() } else { format!(" in `{}`", self.path) };
        format!("missing key `{key}`{place}")
    }
    fn entry(&self, key: &str) -> Option<&'d (Spanned<String>, Node)> {
        self.entries.iter().find(|(known, _)| known.value == key)
    }
    fn value(&self, (key, node): &'d (Spanned<String>, Node)) -> Value<'d> {
        Value { document: self.document, node, parent: self.path.clone(), step: Step::Key(&key.value) }
    }
    fn ask(&mut self, key: &'static str) {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// `rule[3].context` → `rule[].context`.
fn without_indices(path: &str) -> String {
    let mut inside = false;
    let kept = |c: &char| match c {
        '[' => {
            inside = true;
            true
        }
        ']' => {
            inside = false;
            true
        }
        _ => !inside,
    };
    path.chars().filter(kept).collect()
}

/// `` `a`, `b` or `c` `` for messages; `last` is the word before the last.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>, last: &str) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [most @ .., end] => format!("{} {last} {end}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests;

//! Reads TOML into typed values, keeping the place of each value, and collecting every problem.
//!
//! A [`Table`] remembers which keys were asked for; [`Table::finish`] reports the others as unknown with the nearest
//! known name. So the code that reads a file is the only list of its keys.

mod scalar;
mod syntax;

pub use scalar::{ByteSize, Choice, Date, Read, unknown};

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
mod tests {
    use super::*;
    use crate::pack::Severity;
    use std::path::PathBuf;
    use std::time::Duration;

    /// Reads `text` with `read`, and returns what was read with `place: message (help)` per problem.
    fn reading<T>(text: &str, read: impl FnOnce(&mut Table<'_>, &mut Problems) -> T) -> (Option<T>, Vec<String>) {
        let mut problems = Problems::new();
        let read = Document::parse(Source::new("t", text), &mut problems).map(|document| {
            let mut root = document.root();
            let value = read(&mut root, &mut problems);
            root.finish(&mut problems);
            value
        });
        let told = |p: &super::super::Problem| {
            format!("{} @ {} ({})", p.message, &text[p.span.clone()], p.help.as_deref().unwrap_or_default())
        };
        (read, problems.iter().map(told).collect())
    }

    #[test]
    fn every_kind_of_value_is_read() {
        let text = r#"
            text = "a\u00e9"
            flag = true
            small = 65_535
            hex = 0xff
            ratio = 0.5
            whole = 2
            path = "a/b"
            long = "7d"
            short = "250ms"
            size = "32 MiB"
            bytes = 77
            day = 2026-02-28
            severity = "high"
            list = ["x", "y"]
            [table]
            key = "v"
        "#;
        let (_, problems) = reading(text, |t, p| {
            assert_eq!(t.opt::<String>("text", p).as_deref(), Some("aé"));
            assert_eq!(t.opt("flag", p), Some(true));
            assert_eq!(t.opt("small", p), Some(65_535_u16));
            assert_eq!(t.opt("hex", p), Some(255_u32));
            assert_eq!(t.opt("ratio", p), Some(0.5));
            assert_eq!(t.opt("whole", p), Some(2.0));
            assert_eq!(t.opt("path", p), Some(PathBuf::from("a/b")));
            assert_eq!(t.opt("long", p), Some(Duration::from_secs(7 * 86_400)));
            assert_eq!(t.opt("short", p), Some(Duration::from_millis(250)));
            assert_eq!(t.opt("size", p), Some(ByteSize(32 << 20)));
            assert_eq!(t.opt("bytes", p), Some(ByteSize(77)));
            assert_eq!(t.opt("day", p), Some(Date { year: 2026, month: 2, day: 28 }));
            assert_eq!(t.opt("severity", p), Some(Severity::High));
            let list: Vec<Spanned<&str>> = t.opt("list", p).expect("a list");
            assert_eq!(&text[list[1].span.clone()], "\"y\"");
            let mut table: Table<'_> = t.req("table", p).expect("a table");
            assert_eq!(&text[table.span()], "[table]");
            assert_eq!(table.req("key", p), Some("v"));
            assert_eq!(table.opt::<u64>("absent", p), None);
            table.finish(p);
        });
        assert_eq!(problems, Vec::<String>::new());
    }

    #[test]
    fn a_wrong_type_is_told_at_the_value() {
        let (_, problems) = reading(
            "a = 1\nb = \"5\"\nc = [1, \"x\", true]\nd = \"true\"\ne = -1\nf = 70000\ng = 5\nh = \"2026-01-01\"\n[i]\n",
            |t, p| {
                assert_eq!(t.opt::<String>("a", p), None);
                assert_eq!(t.opt::<u64>("b", p), None);
                assert_eq!(t.opt::<Vec<u64>>("c", p), None);
                assert_eq!(t.opt::<bool>("d", p), None);
                assert_eq!(t.opt::<u64>("e", p), None);
                assert_eq!(t.opt::<u16>("f", p), None);
                assert_eq!(t.opt::<Duration>("g", p), None);
                assert_eq!(t.opt::<Date>("h", p), None);
                assert!(t.opt::<Vec<Table<'_>>>("i", p).is_none());
            },
        );
        assert_eq!(
            problems,
            [
                "`a`: expected a string, found an integer @ 1 (put the value in quotes)",
                "`b`: expected an integer, found a string @ \"5\" (remove the quotes)",
                "`c[2]`: expected an integer, found a string @ \"x\" (write a whole number, without quotes)",
                "`c[3]`: expected an integer, found true or false @ true (write a whole number, without quotes)",
                "`d`: expected true or false, found a string @ \"true\" (remove the quotes)",
                "`e`: the number must not be negative @ -1 ()",
                "`f`: the number must be at most 65535 @ 70000 ()",
                &format!("`g`: expected a duration, found an integer @ 5 ({})", scalar::DURATION),
                "`h`: expected a date, found a string @ \"2026-01-01\" (remove the quotes)",
                "`i`: expected a list, found a table @ [i] (write the header with two brackets: `[[i]]`)",
            ]
        );
    }

    #[test]
    fn unknown_and_missing_keys_are_told_with_the_nearest_name() {
        let (_, problems) = reading("lisen = 1\nzzz = 2\n[[rule]]\n[[rule]]\nid = \"b\"\n", |t, p| {
            t.req::<String>("listen", p);
            for mut rule in t.opt::<Vec<Table<'_>>>("rule", p).unwrap_or_default() {
                rule.req::<String>("id", p);
                rule.finish(p);
            }
        });
        assert_eq!(
            problems,
            [
                "missing key `id` in `rule[1]` @ [[rule]] (add `id = \"…\"`)",
                "unknown key `lisen` @ lisen (did you mean `listen`?)",
                "unknown key `zzz` @ zzz (known keys here are `listen` and `rule`)",
            ]
        );
    }

    #[test]
    fn a_wrong_choice_is_told_with_the_list() {
        let (_, problems) = reading("a = \"hihg\"\nb = \"sk-proj-abcdefghijkl\"", |t, p| {
            t.opt::<Severity>("a", p);
            t.opt::<Severity>("b", p);
        });
        assert_eq!(
            problems[0],
            "unknown severity `hihg` @ \"hihg\" (did you mean `high`? choose from `low`, `medium`, `high` or `critical`)"
        );
        assert!(problems[1].starts_with("unknown severity @"), "{}", problems[1]);
    }

    #[test]
    fn free_names_are_all_known_and_keys_asked_for_are_remembered() {
        let mut problems = Problems::new();
        let source = Source::new("t", "[free]\nx = 1\ny = 2\n[[list]]\nname = 1\n");
        let document = Document::parse(source, &mut problems).expect("it is TOML");
        let mut root = document.root();
        let mut free: Table<'_> = root.req("free", &mut problems).expect("a table");
        let names: Vec<&str> = free.entries().into_iter().map(|(name, _)| name.value).collect();
        assert_eq!(names, ["x", "y"]);
        free.finish(&mut problems);
        for mut table in root.opt::<Vec<Table<'_>>>("list", &mut problems).expect("a list") {
            table.opt::<u64>("name", &mut problems);
            table.finish(&mut problems);
        }
        root.finish(&mut problems);
        assert!(problems.is_empty());
        assert_eq!(document.asked(), ["free", "list", "list[].name"]);
    }
}

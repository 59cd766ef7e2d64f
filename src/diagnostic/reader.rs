//! Reads TOML into typed values, keeping the place of each value, and collecting every problem.
//!
//! A [`Table`] remembers which keys were asked for; [`Table::finish`] reports the others as unknown with the nearest
//! known name. So the code that reads a file is the only list of its keys.

use super::{Problems, Source, nearest};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
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
    root: Tree,
}

/// A value with its place.
#[derive(Debug)]
struct Tree {
    node: Node,
    span: Range<usize>,
}

#[derive(Debug)]
enum Node {
    String(String),
    Integer(Option<i64>),
    Float(f64),
    Boolean(bool),
    Datetime(Option<Date>),
    Array(Vec<Tree>),
    Table(Vec<(Spanned<String>, Tree)>),
}

impl Document {
    /// Parses; every syntax error goes to `problems`. `None` if there was any.
    pub fn parse(source: Arc<Source>, problems: &mut Problems) -> Option<Document> {
        let (table, errors) = DeTable::parse_recoverable(&source.text);
        for error in &errors {
            let span = error.span().unwrap_or(0..0);
            let help = "check quotes, brackets and `=`; text needs quotes, and regular expressions are best written in single quotes";
            problems.at(&source, span, error.message().trim_end().replace('\n', ", "), help);
        }
        let root = errors.is_empty().then(|| Tree::table(table.get_ref(), 0..source.text.len()))?;
        Some(Document { source, root })
    }

    /// The root table.
    pub fn root(&self) -> Table<'_> {
        Table::new(&self.source, &self.root, String::new())
    }
}

impl Tree {
    fn table(table: &DeTable<'_>, span: Range<usize>) -> Tree {
        let mut entries: Vec<_> = (table.iter())
            .map(|(key, value)| {
                let key = Spanned { value: key.get_ref().to_string(), span: key.span() };
                (key, Tree::value(value.get_ref(), value.span()))
            })
            .collect();
        entries.sort_by_key(|(key, _)| key.span.start);
        Tree { node: Node::Table(entries), span }
    }

    fn value(value: &DeValue<'_>, span: Range<usize>) -> Tree {
        let node = match value {
            DeValue::String(text) => Node::String(text.to_string()),
            DeValue::Integer(number) => Node::Integer(i64::from_str_radix(number.as_str(), number.radix()).ok()),
            DeValue::Float(number) => Node::Float(number.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(value) => Node::Boolean(*value),
            DeValue::Datetime(value) => {
                let date = value.date.filter(|_| value.time.is_none());
                Node::Datetime(date.map(|d| Date { year: d.year, month: d.month, day: d.day }))
            }
            DeValue::Array(items) => Node::Array(items.iter().map(|i| Tree::value(i.get_ref(), i.span())).collect()),
            DeValue::Table(table) => return Tree::table(table, span),
        };
        Tree { node, span }
    }
}

/// Any TOML value with its place.
#[derive(Clone)]
pub struct Value<'d> {
    source: &'d Arc<Source>,
    tree: &'d Tree,
    path: String,
}

impl<'d> Value<'d> {
    pub fn source(&self) -> &'d Arc<Source> {
        self.source
    }

    pub fn span(&self) -> Range<usize> {
        self.tree.span.clone()
    }

    /// `a string`, `a table`, … for messages.
    pub fn type_name(&self) -> &'static str {
        match &self.tree.node {
            Node::String(_) => "a string",
            Node::Integer(_) => "a whole number",
            Node::Float(_) => "a decimal number",
            Node::Boolean(_) => "`true` or `false`",
            Node::Datetime(_) => "a date",
            Node::Array(_) => "a list",
            Node::Table(_) => "a table",
        }
    }

    pub fn as_str(&self) -> Option<&'d str> {
        match &self.tree.node {
            Node::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_table(&self) -> Option<Table<'d>> {
        matches!(self.tree.node, Node::Table(_)).then(|| Table::new(self.source, self.tree, self.path.clone()))
    }

    pub fn as_array(&self) -> Option<Vec<Value<'d>>> {
        let Node::Array(items) = &self.tree.node else { return None };
        let value = |(i, tree)| Value { source: self.source, tree, path: format!("{}[{i}]", self.path) };
        Some(items.iter().enumerate().map(value).collect())
    }

    fn wrong(&self, expected: &str, help: &str, problems: &mut Problems) {
        let message = format!("`{}` has to be {expected}, this is {}", self.path, self.type_name());
        problems.at(self.source, self.span(), message, help);
    }
}

/// A table being read.
pub struct Table<'d> {
    source: &'d Arc<Source>,
    entries: &'d [(Spanned<String>, Tree)],
    span: Range<usize>,
    path: String,
    asked: Vec<&'static str>,
    all_known: bool,
}

impl<'d> Table<'d> {
    fn new(source: &'d Arc<Source>, tree: &'d Tree, path: String) -> Self {
        let Node::Table(entries) = &tree.node else { unreachable!("only made of tables") };
        Self { source, entries, span: tree.span.clone(), path, asked: Vec::new(), all_known: false }
    }

    pub fn source(&self) -> &'d Arc<Source> {
        self.source
    }

    /// Place of the table: its header, or the braces of an inline table.
    pub fn span(&self) -> Range<usize> {
        if self.path.is_empty() { 0..0 } else { self.span.clone() }
    }

    /// Dotted path for messages: `server.tls`, `rule[3].context`; empty for the root.
    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// Place of the value of `key`; of the table if the key is absent.
    pub fn span_of(&self, key: &str) -> Range<usize> {
        self.entry(key).map_or_else(|| self.span(), |(_, tree)| tree.span.clone())
    }

    /// The value of an optional key. `None` if absent, or of the wrong type (then reported).
    pub fn opt<T: Read<'d>>(&mut self, key: &'static str, problems: &mut Problems) -> Option<T> {
        self.asked.push(key);
        let (_, tree) = self.entry(key)?;
        T::read(Value { source: self.source, tree, path: self.join(key) }, problems)
    }

    /// The value of a required key; its absence is reported at the table.
    pub fn req<T: Read<'d>>(&mut self, key: &'static str, problems: &mut Problems) -> Option<T> {
        if !self.has(key) {
            self.asked.push(key);
            // a misspelt key is reported once, as unknown with the nearest name, not also as missing
            let misspelt = self.entries.iter().any(|(k, _)| nearest(&k.value, [key]).is_some());
            if !misspelt {
                let place = if self.path.is_empty() { "the file".to_owned() } else { format!("`{}`", self.path) };
                let message = format!("{place} has no `{key}`");
                problems.at(self.source, self.span(), message, format!("add `{key} = …`"));
            }
            return None;
        }
        self.opt(key, problems)
    }

    /// Every key with its value, for tables whose keys are free names. Marks all as known.
    pub fn entries(&mut self) -> Vec<(Spanned<&'d str>, Value<'d>)> {
        self.all_known = true;
        let entries = self.entries;
        (entries.iter())
            .map(|(key, tree)| {
                let value = Value { source: self.source, tree, path: self.join(&key.value) };
                (Spanned { value: key.value.as_str(), span: key.span.clone() }, value)
            })
            .collect()
    }

    /// Reports each key nobody asked for, with the nearest known one.
    pub fn finish(self, problems: &mut Problems) {
        if self.all_known {
            return;
        }
        for (key, _) in self.entries.iter().filter(|(key, _)| !self.asked.contains(&key.value.as_str())) {
            let place = if self.path.is_empty() { String::new() } else { format!(" in `{}`", self.path) };
            let help = match nearest(&key.value, self.asked.iter().copied()) {
                Some(known) => format!("did you mean `{known}`?"),
                None => {
                    let mut known: Vec<String> = self.asked.iter().map(|k| format!("`{k}`")).collect();
                    known.sort();
                    known.dedup();
                    format!("known keys here: {}", known.join(", "))
                }
            };
            let message = format!("unknown key `{}`{place}", key.value);
            problems.at(self.source, key.span.clone(), message, help);
        }
    }

    fn entry(&self, key: &str) -> Option<&'d (Spanned<String>, Tree)> {
        self.entries.iter().find(|(k, _)| k.value == key)
    }

    fn join(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

/// A type that can be read from a TOML value. Reports and returns `None` when it cannot.
///
/// Implemented for `String`, `&'d str`, `bool`, `u64`, `u32`, `u16`, `usize`, `f64`, `Table<'d>`, `Value<'d>`, `Vec<T>`, `Spanned<T>`,
/// `PathBuf`, `Duration` (`"7d"`, `"30s"`, `"250ms"`), [`ByteSize`] (`"32MiB"`, or a whole number of bytes), [`Date`],
/// and every [`Choice`].
pub trait Read<'d>: Sized {
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self>;
}

impl<'d> Read<'d> for Value<'d> {
    fn read(value: Value<'d>, _: &mut Problems) -> Option<Self> {
        Some(value)
    }
}

impl<'d> Read<'d> for Table<'d> {
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        let table = value.as_table();
        if table.is_none() {
            value.wrong("a table", "write it as `{ key = value, … }` or under a `[…]` header", problems);
        }
        table
    }
}

impl<'d> Read<'d> for &'d str {
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        let text = value.as_str();
        if text.is_none() {
            value.wrong("a string", "put it in quotes", problems);
        }
        text
    }
}

impl<'d> Read<'d> for String {
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        <&str>::read(value, problems).map(str::to_owned)
    }
}

impl<'d> Read<'d> for PathBuf {
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        <&str>::read(value, problems).map(PathBuf::from)
    }
}

impl<'d> Read<'d> for bool {
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        if let Node::Boolean(value) = value.tree.node {
            return Some(value);
        }
        value.wrong("`true` or `false`", "write it without quotes", problems);
        None
    }
}

impl<'d> Read<'d> for f64 {
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        match value.tree.node {
            Node::Float(number) if number.is_finite() => Some(number),
            Node::Integer(Some(number)) => Some(number as f64),
            _ => {
                value.wrong("a number", "write it without quotes", problems);
                None
            }
        }
    }
}

/// Whole numbers with the range of their type.
macro_rules! read_whole_number {
    ($($type:ty),*) => {$(
        impl<'d> Read<'d> for $type {
            fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
                if let Node::Integer(number) = value.tree.node {
                    let fits = number.and_then(|n| <$type>::try_from(n).ok());
                    if fits.is_none() {
                        let message = format!("`{}` is out of range", value.path);
                        problems.at(value.source, value.span(), message, format!("the largest possible is {}", <$type>::MAX));
                    }
                    return fits;
                }
                value.wrong("a whole number", "write it without quotes", problems);
                None
            }
        }
    )*};
}
read_whole_number!(u16, u32, u64, usize);

impl<'d, T: Read<'d>> Read<'d> for Vec<T> {
    /// Reports every item that cannot be read; `None` if there was one.
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        let Some(items) = value.as_array() else {
            value.wrong("a list", "put the items in brackets: `[…]`", problems);
            return None;
        };
        let read: Vec<Option<T>> = items.into_iter().map(|item| T::read(item, problems)).collect();
        read.into_iter().collect()
    }
}

impl<'d, T: Read<'d>> Read<'d> for Spanned<T> {
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        let span = value.span();
        T::read(value, problems).map(|value| Spanned { value, span })
    }
}

impl<'d> Read<'d> for Duration {
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        let help = "write a number with its unit in quotes: `\"250ms\"`, `\"30s\"`, `\"5m\"`, `\"12h\"`, `\"7d\"`";
        let Some(text) = value.as_str() else {
            value.wrong("a duration", help, problems);
            return None;
        };
        let read = humantime::parse_duration(text).ok();
        if read.is_none() {
            problems.at(value.source, value.span(), format!("`{}` is not a duration", value.path), help);
        }
        read
    }
}

impl<'d> Read<'d> for ByteSize {
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        let help =
            "write a number with its unit in quotes: `\"64KiB\"`, `\"32MiB\"`, `\"1GiB\"`, or a whole number of bytes";
        let read = match &value.tree.node {
            Node::Integer(Some(number)) => u64::try_from(*number).ok(),
            Node::String(text) => parse_size(text),
            _ => {
                value.wrong("a size", help, problems);
                return None;
            }
        };
        if read.is_none() {
            problems.at(value.source, value.span(), format!("`{}` is not a size", value.path), help);
        }
        read.map(ByteSize)
    }
}

/// `32MiB`, `64 KiB`, `1GB`, `512`.
fn parse_size(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let factor: u64 = match text[digits..].trim() {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return None,
    };
    text[..digits].parse::<u64>().ok()?.checked_mul(factor)
}

impl<'d> Read<'d> for Date {
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        if let Node::Datetime(Some(date)) = value.tree.node {
            return Some(date);
        }
        value.wrong("a date", "write it without quotes, year first: `2026-12-31`", problems);
        None
    }
}

impl<'d, C: Choice> Read<'d> for C {
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        let names: Vec<String> = C::CHOICES.iter().map(|(name, _)| format!("`\"{name}\"`")).collect();
        let help = format!("a {} is one of {}", C::WHAT, names.join(", "));
        let Some(text) = value.as_str() else {
            value.wrong(&format!("a {}", C::WHAT), &help, problems);
            return None;
        };
        let found = C::CHOICES.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice);
        if found.is_none() {
            let near = nearest(text, C::CHOICES.iter().map(|(name, _)| *name));
            let help = near.map(|n| format!("did you mean `\"{n}\"`? {help}")).unwrap_or(help);
            problems.at(value.source, value.span(), format!("there is no {} `{text}`", C::WHAT), help);
        }
        found
    }
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

/// A calendar date, as TOML writes it without quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

/// An enumeration read from a string; a wrong name is answered with the list and the nearest.
pub trait Choice: Copy + 'static {
    /// What it is, for messages: `severity`.
    const WHAT: &'static str;
    const CHOICES: &'static [(&'static str, Self)];
    /// The name of this choice in files, records and on the command line.
    fn name(self) -> &'static str
    where
        Self: PartialEq,
    {
        Self::CHOICES.iter().find(|(_, c)| *c == self).expect("every choice is in its own table").0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems_of(text: &str, read: impl FnOnce(&mut Table<'_>, &mut Problems)) -> String {
        let mut problems = Problems::new();
        if let Some(document) = Document::parse(Source::new("x.toml", text), &mut problems) {
            let mut root = document.root();
            read(&mut root, &mut problems);
            root.finish(&mut problems);
        }
        problems.render(false)
    }

    #[test]
    fn an_unknown_key_is_answered_with_the_nearest() {
        let text = problems_of("lisen = \"a\"\nport = 1\n", |t, p| {
            let _: Option<String> = t.opt("listen", p);
            let _: Option<u16> = t.opt("port", p);
        });
        assert_eq!(
            text,
            "error: unknown key `lisen`\n --> x.toml:1:1\n  |\n1 | lisen = \"a\"\n  | ^^^^^\n  = help: did you mean `listen`?\n\n"
        );
    }

    #[test]
    fn every_problem_is_reported_at_its_place() {
        let text = problems_of("port = 70000\nwait = \"soon\"\nsizes = [\"1MiB\", \"big\"]\n[t]\n", |t, p| {
            let _: Option<u16> = t.opt("port", p);
            let _: Option<Duration> = t.opt("wait", p);
            let _: Option<Vec<ByteSize>> = t.opt("sizes", p);
            let mut inner: Table<'_> = t.opt("t", p).expect("it is there");
            let _: Option<String> = inner.req("name", p);
        });
        for part in [
            "x.toml:1:8",
            "`port` is out of range",
            "x.toml:2:8",
            "x.toml:3:18",
            "`sizes[1]` is not a size",
            "`t` has no `name`",
        ] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }

    #[test]
    fn values_are_read() {
        let document = Document::parse(
            Source::new("x", "d = 2026-12-31\ns = \"64 KiB\"\nt = \"7d\"\nf = 2"),
            &mut Problems::new(),
        );
        let document = document.expect("it parses");
        let (mut t, mut p) = (document.root(), Problems::new());
        assert_eq!(t.opt("d", &mut p), Some(Date { year: 2026, month: 12, day: 31 }));
        assert_eq!(t.opt("s", &mut p), Some(ByteSize(65536)));
        assert_eq!(t.opt("t", &mut p), Some(Duration::from_secs(7 * 86400)));
        assert_eq!(t.opt("f", &mut p), Some(2.0));
        t.finish(&mut p);
        assert!(p.is_empty(), "{}", p.render(false));
    }

    #[test]
    fn syntax_errors_are_problems() {
        let text = problems_of("a = \n[b\nc = 1", |_, _| {});
        assert!(text.contains("x.toml:1:"), "{text}");
    }

    #[test]
    fn p4_a_credential_on_the_shown_line_is_masked() {
        let text = problems_of("api_kee = \"sk-abcdef\"\nupstream_token = \"hunter2\", x = 1", |_, _| {});
        assert!(!text.contains("hunter2"), "{text}");
        let text = problems_of("my_api_key = \"sk-abcdef\"", |_, _| {});
        assert!(text.contains("unknown key `my_api_key`") && !text.contains("abcdef"), "{text}");
    }

    #[test]
    fn carets_stand_under_wide_and_tabbed_text() {
        let text = problems_of("\t\"身份\" = 1", |_, _| {});
        assert!(text.contains("1 |  \"身份\" = 1\n  |  ^^^^^^\n"), "{text}");
    }
}

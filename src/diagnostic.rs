//! Problems in files that people write, shown with file, line, caret and the way to mend them.
//!
//! All problems of a file are collected before any is shown.

pub mod country;
pub mod reader;
mod render;

use std::ops::Range;
use std::sync::Arc;

/// A text a person wrote, with the name it is shown under (a path, or `embedded:packs/base/secrets.toml`).
#[derive(Debug)]
pub struct Source {
    pub name: String,
    pub text: String,
}

impl Source {
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into() })
    }
}

/// One problem at one place.
#[derive(Debug, Clone)]
pub struct Problem {
    /// `None` for problems without a text, such as a missing file.
    pub source: Option<Arc<Source>>,
    /// Byte range in `source.text` the caret points at.
    pub span: Range<usize>,
    /// What is wrong: lower case, names in backticks, no final period.
    pub message: String,
    /// Text beside the caret; may be empty.
    pub label: String,
    /// How to mend it.
    pub help: Option<String>,
}

/// Every problem found so far.
#[derive(Debug, Default)]
pub struct Problems {
    list: Vec<Problem>,
}

impl Problems {
    pub fn new() -> Self {
        Self::default()
    }
    pub fn push(&mut self, problem: Problem) {
        self.list.push(problem);
    }
    /// Reports a problem at `span` of `source`.
    pub fn at(
        &mut self,
        source: &Arc<Source>,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let help = help.into();
        self.push(Problem {
            source: Some(source.clone()),
            span,
            message: message.into(),
            label: String::new(),
            help: (!help.is_empty()).then_some(help),
        });
    }
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
    pub fn len(&self) -> usize {
        self.list.len()
    }
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter()
    }
    pub fn append(&mut self, other: Problems) {
        self.list.extend(other.list);
    }
    /// All problems as people read them, in the order of their places: what is wrong, file:line:column, the line, a caret,
    /// and how to mend it. String values of lines that may hold a credential are masked (P4).
    pub fn render(&self, color: bool) -> String {
        let mut order: Vec<&Problem> = self.list.iter().collect();
        order.sort_by(|a, b| place(a).cmp(&place(b)));
        let mut out = String::new();
        for problem in order {
            render::problem(&mut out, problem, color);
        }
        out
    }
}

fn place(problem: &Problem) -> (Option<&str>, usize) {
    (problem.source.as_ref().map(|s| s.name.as_str()), problem.span.start)
}

/// The known name nearest to `name` by edit distance, if one is near enough to be meant: at most a third of its letters differ.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (name.chars().count() / 3).max(1);
    (known.into_iter())
        .map(|k| (edit_distance(&name.to_lowercase(), &k.to_lowercase()), k))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, k)| k)
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn one text into the other.
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let swap = i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j];
            let mut cost = (last[j] + usize::from(a[i] != b[j])).min(last[j + 1] + 1).min(row[j] + 1);
            if swap {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

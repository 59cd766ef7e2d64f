//! Problems in files that people write, shown with file, line, caret and the way to mend them.
//!
//! All problems of a file are collected before any is shown.

pub mod country;
pub mod mask;
mod nearest;
pub mod reader;
mod render;

pub use nearest::{begun, nearest};

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
    /// Reports a problem that has no place in a text, such as a file that is not there.
    pub fn without_place(&mut self, message: impl Into<String>, help: impl Into<String>) {
        let help = help.into();
        self.push(Problem {
            source: None,
            span: 0..0,
            message: message.into(),
            label: String::new(),
            help: (!help.is_empty()).then_some(help),
        });
    }
    /// Takes back what a later problem tells better.
    fn withdraw(&mut self, told_better: impl Fn(&Problem) -> bool) {
        self.list.retain(|problem| !told_better(problem));
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
    /// All problems as people read them: `error: …`, file:line:column, the line, a caret, `help: …`.
    ///
    /// Ordered by file (in the order the files were first complained about) and place; the same complaint about the same
    /// place is shown once. Values that look like credentials are masked (see [`mask`]).
    pub fn render(&self, color: bool) -> String {
        render::render(&self.list, color)
    }
}

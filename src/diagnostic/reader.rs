//! Reads TOML into typed values, keeping the place of each value, and collecting every problem.
//!
//! A [`Table`] remembers which keys were asked for; [`Table::finish`] reports the others as unknown with the nearest
//! known name. So the code that reads a file is the only list of its keys.

use super::{Problems, Source};
use std::ops::Range;
use std::sync::Arc;

/// A value with its byte range in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// A parsed TOML document. Owns its tree.
pub struct Document {
    _todo: (),
}

impl Document {
    /// Parses; every syntax error goes to `problems`. `None` if there was any.
    pub fn parse(_source: Arc<Source>, _problems: &mut Problems) -> Option<Document> {
        todo!()
    }
    /// The root table.
    pub fn root(&self) -> Table<'_> {
        todo!()
    }
}

/// Any TOML value with its place.
#[derive(Clone)]
pub struct Value<'d> {
    _d: std::marker::PhantomData<&'d ()>,
}

impl<'d> Value<'d> {
    pub fn source(&self) -> &'d Arc<Source> {
        todo!()
    }
    pub fn span(&self) -> Range<usize> {
        todo!()
    }
    /// `a string`, `a table`, … for messages.
    pub fn type_name(&self) -> &'static str {
        todo!()
    }
    pub fn as_str(&self) -> Option<&'d str> {
        todo!()
    }
    pub fn as_table(&self) -> Option<Table<'d>> {
        todo!()
    }
    pub fn as_array(&self) -> Option<Vec<Value<'d>>> {
        todo!()
    }
}

/// A table being read.
pub struct Table<'d> {
    _d: std::marker::PhantomData<&'d ()>,
}

impl<'d> Table<'d> {
    pub fn source(&self) -> &'d Arc<Source> {
        todo!()
    }
    /// Place of the table: its header, or the braces of an inline table.
    pub fn span(&self) -> Range<usize> {
        todo!()
    }
    /// Dotted path for messages: `server.tls`, `rule[3].context`; empty for the root.
    pub fn path(&self) -> &str {
        todo!()
    }
    pub fn has(&self, _key: &str) -> bool {
        todo!()
    }
    /// Place of the value of `key`; of the table if the key is absent.
    pub fn span_of(&self, _key: &str) -> Range<usize> {
        todo!()
    }
    /// The value of an optional key. `None` if absent, or of the wrong type (then reported).
    pub fn opt<T: Read<'d>>(&mut self, _key: &'static str, _problems: &mut Problems) -> Option<T> {
        todo!()
    }
    /// The value of a required key; its absence is reported at the table.
    pub fn req<T: Read<'d>>(&mut self, _key: &'static str, _problems: &mut Problems) -> Option<T> {
        todo!()
    }
    /// Every key with its value, for tables whose keys are free names. Marks all as known.
    pub fn entries(&mut self) -> Vec<(Spanned<&'d str>, Value<'d>)> {
        todo!()
    }
    /// Reports each key nobody asked for, with the nearest known one.
    pub fn finish(self, _problems: &mut Problems) {
        todo!()
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

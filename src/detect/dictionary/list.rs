//! Word lists, as rules hold them.

use std::fmt;

/// How the entries of a word list are compared with text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Case {
    /// Letters without case, full-width forms as their ASCII letters.
    #[default]
    Any,
    /// As written, for codes and acronyms. White space still counts as one space.
    Exact,
}

/// Words and phrases that a rule finds.
#[derive(Clone, PartialEq, Eq)]
pub struct WordList {
    /// All entries, one after the other.
    text: String,
    /// Where each ends.
    ends: Vec<usize>,
    case: Case,
}

impl WordList {
    /// A list of these entries. White space around them does not count; empty ones are left out.
    pub fn from_entries<E: AsRef<str>>(entries: impl IntoIterator<Item = E>, case: Case) -> Self {
        let mut list = Self { text: String::new(), ends: Vec::new(), case };
        for entry in entries {
            let entry = entry.as_ref().trim();
            if !entry.is_empty() {
                list.text.push_str(entry);
                list.ends.push(list.text.len());
            }
        }
        list
    }

    /// The entries, in the order in which they were given.
    pub fn entries(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.text[start..*end])
    }

    /// How many entries there are, repeated ones included.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn case(&self) -> Case {
        self.case
    }
}

impl fmt::Debug for WordList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WordList").field("entries", &self.len()).field("case", &self.case).finish()
    }
}

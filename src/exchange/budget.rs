//! How much work the scans of one body may do (P7).
//!
//! Text made to hurt costs many times what ordinary text costs. The work allowed grows with the text, so a body of any size
//! is read whole unless it was made to hurt; what is left when the work is used up is *uninspected: deadline*, never clean.

use crate::detect::Scratch;

/// Work allowed, in bytes that automata read (see [`Scratch::set_budget`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// For each byte of text.
    pub per_byte: u64,
    /// For a body of any length.
    pub least: u64,
}

/// The work of one body, as its text comes.
#[derive(Debug)]
pub(super) struct Budget {
    work: Work,
    bytes: u64,
    spent: u64,
}

impl Budget {
    pub fn new(work: Work) -> Self {
        Self { work, bytes: 0, spent: 0 }
    }

    /// So much more text has come.
    pub fn grow(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }

    /// Lets the next scan use what is left.
    pub fn lend(&self, scratch: &mut Scratch) {
        scratch.set_budget(Some(self.left()));
    }

    /// Counts what the scan has used.
    pub fn settle(&mut self, scratch: &mut Scratch) {
        self.spent = self.spent.saturating_add(scratch.spent());
        scratch.set_budget(None);
    }

    /// Work that is left.
    pub fn left(&self) -> u64 {
        let allowed = self.work.per_byte.saturating_mul(self.bytes).max(self.work.least);
        allowed.saturating_sub(self.spent)
    }
}

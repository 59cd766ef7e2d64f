//! Finds entries where they may begin.

use super::{Dictionary, keys, length_bit};
use crate::detect::context::{continues_before, folded, is_unspaced, is_wordy};
use crate::detect::simd::BLOCK;
use crate::detect::{Engine, RuleSet, Scratch};
use std::ops::Range;

/// Memory of a pass, reused.
#[derive(Debug, Default)]
pub(in crate::detect) struct Buffers {
    /// The key under way, folded.
    key: String,
    /// Entries that stand at one place: their ends, shortest first.
    found: Vec<(usize, u32)>,
}

/// Looks for entries at the places of a text where the sweep says that some may begin.
///
/// Candidates are added to those of the sweep.
pub(in crate::detect) struct Pass<'a> {
    pub dictionary: &'a Dictionary,
    pub engine: &'a Engine,
    pub text: &'a str,
    pub ended: bool,
    pub active: &'a RuleSet,
    pub scratch: &'a mut Scratch,
    pub buffers: &'a mut Buffers,
}

/// Later text can still change what stands here.
pub(in crate::detect) struct Undecided;

impl Dictionary {
    /// Whether one of the rules that have a word list is active.
    pub fn is_active(&self, active: &RuleSet) -> bool {
        self.rules.meets(active)
    }

    /// Where entries may begin in a block, beside words of ASCII letters and digits.
    pub fn characters(&self, block: &[u8; BLOCK]) -> u64 {
        if !self.signs && block.is_ascii() {
            return 0;
        }
        let masks = self.kinds.masks(block);
        masks.first | masks.second
    }
}

impl Pass<'_> {
    /// At the first of a run of ASCII letters and digits.
    #[inline]
    pub fn ascii_word(&mut self, start: usize, end: usize) -> Result<(), Undecided> {
        let bytes = self.text.as_bytes();
        match bytes.get(end) {
            None if !self.ended => return self.any_entry(start),
            Some(0x80..) => return self.word(start),
            _ => {}
        }
        let length = end - start;
        if self.dictionary.lengths & length_bit(length) == 0 {
            return Ok(());
        }
        let hash = keys::hash_of_ascii(bytes, start, length);
        if !self.dictionary.words.maybe(hash) || continues_before(self.text, start) {
            return Ok(());
        }
        match self.dictionary.hashed(&self.dictionary.words, &bytes[start..end], hash) {
            Some(entries) => self.entries(start, (end, length), entries),
            None => Ok(()),
        }
    }

    /// At any other character with which an entry [may begin](Dictionary::may_begin_at).
    pub fn character(&mut self, start: usize) -> Result<(), Undecided> {
        let mut chars = self.text[start..].chars();
        let first = chars.next().expect("a character begins here");
        if is_wordy(first) {
            return self.word(start);
        }
        let Some(second) = chars.next() else { return self.any_entry(start) };
        let (dictionary, buffer) = (self.dictionary, &mut self.buffers.key);
        let (key, alone) = if is_unspaced(first) && is_unspaced(second) {
            // They have no case.
            (&self.text.as_bytes()[start..start + first.len_utf8() + second.len_utf8()], first.len_utf8())
        } else {
            buffer.clear();
            buffer.extend(folded(first));
            let alone = buffer.len();
            buffer.extend(if second.is_whitespace() { Some(' ') } else { folded(second).next() });
            (buffer.as_bytes(), alone)
        };
        let asked = |key: &[u8]| dictionary.keyed(&dictionary.characters, key);
        // Where one character is an entry, its key has all that begin with it.
        let entries = dictionary.single.then(|| asked(&key[..alone])).flatten().or_else(|| asked(key));
        entries.map_or(Ok(()), |entries| self.entries(start, (start, 0), entries))
    }

    /// At a letter or digit, in a word that is not all ASCII.
    fn word(&mut self, start: usize) -> Result<(), Undecided> {
        if continues_before(self.text, start) {
            return Ok(());
        }
        let key = &mut self.buffers.key;
        key.clear();
        let mut rest = self.text[start..].chars();
        loop {
            match rest.next() {
                None if !self.ended => return self.any_entry(start),
                Some(c) if is_wordy(c) => {
                    let before = key.len();
                    key.extend(folded(c).take_while(|c| is_wordy(*c)));
                    if key.len() > self.dictionary.longest_key {
                        return Ok(());
                    }
                    // `İ` is folded to a letter and a mark, which is none.
                    if folded(c).map(char::len_utf8).sum::<usize>() > key.len() - before {
                        break;
                    }
                }
                _ => break,
            }
        }
        let entries = self.dictionary.keyed(&self.dictionary.words, self.buffers.key.as_bytes());
        entries.map_or(Ok(()), |entries| self.entries(start, (start, 0), entries))
    }

    /// At the end of a text: follows every entry.
    fn any_entry(&mut self, start: usize) -> Result<(), Undecided> {
        let first = self.text[start..].chars().next();
        if first.is_some_and(is_wordy) && continues_before(self.text, start) {
            return Ok(());
        }
        self.entries(start, (start, 0), 0..self.dictionary.entries.len())
    }

    /// Takes the longest of some entries that stands at `start`, for each rule; `known` as in [`Entries::follow`].
    ///
    /// [`Entries::follow`]: super::entries::Entries::follow
    fn entries(&mut self, start: usize, known: (usize, usize), among: Range<usize>) -> Result<(), Undecided> {
        let Pass { dictionary, engine, text, .. } = *self;
        let found = &mut self.buffers.found;
        found.clear();
        if dictionary.entries.follow(text, start, known, among, self.ended, found) {
            return Err(Undecided);
        }
        for (end, entry) in found.drain(..).rev() {
            for rule in dictionary.entries.users(entry as usize) {
                // Where a longer entry of the rule was taken, its cursor has moved.
                if self.active.contains(*rule as usize) && start >= self.scratch.cursors.of(*rule) {
                    engine.matched(*rule, text, (start, end), true, self.scratch);
                }
            }
        }
        Ok(())
    }
}

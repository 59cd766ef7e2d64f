//! One pass over a text that finds every entry.

use super::{Dictionary, keys, length_bit};
use crate::detect::context::{continues_before, folded, is_unspaced, is_wordy};
use crate::detect::simd::{BLOCK, Masks};
use crate::detect::sweep::ones;
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

impl Dictionary {
    /// Finds the candidates that begin at or after `from`; they are added to `scratch.candidates`, in order.
    ///
    /// Returns the first position at which later text could still begin a candidate: the end of the text if it has `ended`.
    pub fn sweep(
        &self,
        engine: &Engine,
        text: &str,
        from: usize,
        ended: bool,
        active: &RuleSet,
        scratch: &mut Scratch,
    ) -> usize {
        if !self.rules.meets(active) {
            return text.len();
        }
        let mut buffers = std::mem::take(&mut scratch.dictionary);
        let bytes = text.as_bytes();
        let mut pass = Pass { dictionary: self, engine, text, bytes, ended, active, scratch, buffers: &mut buffers };
        let live = pass.run(from).unwrap_or(text.len());
        scratch.dictionary = buffers;
        live
    }
}

struct Pass<'a> {
    dictionary: &'a Dictionary,
    engine: &'a Engine,
    text: &'a str,
    bytes: &'a [u8],
    ended: bool,
    active: &'a RuleSet,
    scratch: &'a mut Scratch,
    buffers: &'a mut Buffers,
}

/// Later text can still change what stands here.
struct Undecided;

impl Pass<'_> {
    /// Looks at every place where an entry may begin. The first that later text could still change ends it.
    fn run(&mut self, from: usize) -> Option<usize> {
        let mut in_word = from.checked_sub(1).is_some_and(|at| self.bytes[at].is_ascii_alphanumeric()).into();
        let (blocks, rest) = self.bytes[from..].as_chunks::<BLOCK>();
        let mut at = from;
        for block in blocks {
            let masks = self.dictionary.kinds.masks(block);
            if let Some(undecided) = self.block(at, &masks, &mut in_word) {
                return Some(undecided);
            }
            at += BLOCK;
        }
        let mut block = [0; BLOCK];
        block[..rest.len()].copy_from_slice(rest);
        let masks = self.dictionary.kinds.masks(&block).only((1 << rest.len()) - 1);
        self.block(at, &masks, &mut in_word)
    }

    /// `in_word` is 1 if the byte before the block is an ASCII letter or digit.
    fn block(&mut self, at: usize, masks: &Masks, in_word: &mut u64) -> Option<usize> {
        let words = masks.alnum & !(masks.alnum << 1 | *in_word);
        *in_word = masks.alnum >> (BLOCK - 1);
        for offset in ones(words | masks.first | masks.second) {
            let place = at + offset;
            let looked = if words >> offset & 1 != 0 {
                let mut end = place + (masks.alnum >> offset).trailing_ones() as usize;
                if end == at + BLOCK {
                    end += self.bytes[end..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
                }
                self.ascii_word(place, end)
            } else {
                self.character(place)
            };
            if let Err(Undecided) = looked {
                return Some(place);
            }
        }
        None
    }

    /// At the first of a run of ASCII letters and digits.
    #[inline]
    fn ascii_word(&mut self, start: usize, end: usize) -> Result<(), Undecided> {
        match self.bytes.get(end) {
            None if !self.ended => return self.any_entry(start),
            Some(0x80..) => return self.word(start),
            _ => {}
        }
        let length = end - start;
        if self.dictionary.lengths & length_bit(length) == 0 {
            return Ok(());
        }
        let hash = keys::hash_of_ascii(self.bytes, start, length);
        if !self.dictionary.words.maybe(hash) || continues_before(self.text, start) {
            return Ok(());
        }
        match self.dictionary.hashed(&self.dictionary.words, &self.bytes[start..end], hash) {
            Some(entries) => self.entries(start, (end, length), entries),
            None => Ok(()),
        }
    }

    /// At any other character with which an entry may begin.
    fn character(&mut self, start: usize) -> Result<(), Undecided> {
        let mut chars = self.text[start..].chars();
        let first = chars.next().expect("a character begins here");
        if !self.dictionary.may_begin(first) {
            return Ok(());
        }
        if is_wordy(first) {
            return self.word(start);
        }
        let Some(second) = chars.next() else { return self.any_entry(start) };
        let (dictionary, buffer) = (self.dictionary, &mut self.buffers.key);
        let (key, alone) = if is_unspaced(first) && is_unspaced(second) {
            // They have no case.
            (&self.bytes[start..start + first.len_utf8() + second.len_utf8()], first.len_utf8())
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

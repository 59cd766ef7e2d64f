//! Dictionaries: the entries of every word list of every rule in one table, looked for in one pass over the text.
//!
//! # What is looked at
//! Entries and text are compared folded, as context words are. An entry has a *key* with which it begins: its first word
//! (letters and digits without a gap), or, if it begins with a sign or in a script written without spaces, its first two
//! characters. At each word of the text, and at each sign or such character with which some entry begins, the key found
//! there is hashed and asked for in a filter; only past it the table is asked, and its entries are followed character by
//! character. So a word in ASCII costs a hash and two bits, and other scripts nothing where no entry begins in them.
//!
//! # Work
//! Entries are sorted, and those with a common beginning are neighbours. Following them from one place costs at most
//! [`MAX_WIDTH`](super::MAX_WIDTH) bytes of text times the binary logarithm of their number, however many share their
//! beginning.

mod entries;
mod keys;
mod list;
mod pass;
#[cfg(test)]
mod tests;

pub use list::{Case, WordList};
pub(super) use pass::{Buffers, Pass, Undecided};

use super::RuleSet;
use super::context::{is_wordy, wide_variants};
use super::gate::ByteSet;
use super::simd::Kinds;
use crate::detect::initials::key_of;
use crate::pack::Rule;
use entries::Entries;
pub(super) use entries::TooLong;
use keys::Keys;
use std::ops::Range;
use std::sync::Arc;

/// See the module.
#[derive(Debug)]
pub(super) struct Dictionary {
    /// The rules that have a word list.
    rules: RuleSet,
    entries: Entries,
    /// Keys that are words.
    words: Keys,
    /// Keys that are the first two characters, or the only one.
    characters: Keys,
    /// Some entry is a single character.
    single: bool,
    /// The own sets are the ASCII signs with which entries begin, and the first bytes of other such characters.
    kinds: Kinds,
    /// There are such signs.
    signs: bool,
    /// A bit for each hash of a wide character with which an entry begins: 4 KiB.
    wide: Box<[u64; 1 << (WIDE_BITS - 6)]>,
    /// Lengths of keys in ASCII, one bit each; the last bit is of all longer ones.
    lengths: u64,
    /// The longest key, in bytes.
    longest_key: usize,
}

/// Bits of the hash of a wide character.
const WIDE_BITS: u32 = 15;

fn bit_of(c: char) -> usize {
    (u32::from(c).wrapping_mul(0x9E37_79B1) >> (32 - WIDE_BITS)) as usize
}

impl Dictionary {
    /// The table of all word lists; `None` if no rule has one.
    pub fn build(rules: &[Arc<Rule>]) -> Result<Option<Dictionary>, TooLong> {
        let mut own = RuleSet::none(rules.len());
        rules.iter().enumerate().filter(|(_, r)| r.dictionary.is_some()).for_each(|(i, _)| own.insert(i));
        if own.count() == 0 {
            return Ok(None);
        }
        let entries = Entries::sorted(rules)?;
        let words_of = |entry: &usize| entries.folded(*entry).starts_with(is_wordy);
        let count = (0..entries.len()).filter(words_of).count();
        let (mut words, mut characters) = (Keys::new(count), Keys::new(entries.len() - count));
        let mut single = false;
        let (mut signs, mut wide_bytes, mut lengths, mut longest_key) = (ByteSet::default(), ByteSet::default(), 0, 0);
        let mut wide = Box::new([0u64; 1 << (WIDE_BITS - 6)]);
        let (mut before, mut first_before) = ("", None);
        for index in 0..entries.len() {
            let folded = entries.folded(index);
            let key = &folded[..key_length(folded)];
            if std::mem::replace(&mut before, key) == key {
                continue;
            }
            let first = key.chars().next().expect("an entry has a character");
            let keys = if is_wordy(first) { &mut words } else { &mut characters };
            keys.insert(keys::hash(key.as_bytes()), key.len(), entries.beginning_with(key, index));
            single |= !is_wordy(first) && key.len() == first.len_utf8();
            longest_key = key.len().max(longest_key);
            if key.is_ascii() {
                lengths |= length_bit(key.len());
            }
            if first_before.replace(first) != Some(first) {
                if first.is_ascii() && !is_wordy(first) {
                    signs.insert(first as u8);
                }
                for c in wide_variants(first) {
                    wide_bytes.insert(c.encode_utf8(&mut [0; 4]).as_bytes()[0]);
                    wide[bit_of(c) >> 6] |= 1 << (bit_of(c) & 63);
                }
            }
        }
        let has_signs = signs != ByteSet::default();
        let kinds = Kinds::new(signs, wide_bytes);
        Ok(Some(Dictionary {
            rules: own,
            entries,
            words,
            characters,
            single,
            kinds,
            signs: has_signs,
            wide,
            lengths,
            longest_key,
        }))
    }

    /// The [keys](key_of) of the first words of entries that begin with ASCII letters or digits.
    pub fn initials(&self) -> impl Iterator<Item = u32> {
        (0..self.entries.len()).filter_map(|index| key_of(self.entries.folded(index)))
    }

    /// Whether an entry may begin with this character; always, if it is ASCII.
    fn may_begin(&self, first: char) -> bool {
        first.is_ascii() || self.wide[bit_of(first) >> 6] >> (bit_of(first) & 63) & 1 != 0
    }

    /// The same of the character at `at`, a boundary.
    #[inline]
    pub fn may_begin_at(&self, text: &[u8], at: usize) -> bool {
        let wide = match text[at..] {
            [a @ 0xE0..=0xEF, b, c, ..] => u32::from(a & 0x0F) << 12 | u32::from(b & 0x3F) << 6 | u32::from(c & 0x3F),
            [a @ 0xC0..=0xDF, b, ..] => u32::from(a & 0x1F) << 6 | u32::from(b & 0x3F),
            // ASCII, and what is rare.
            _ => return true,
        };
        char::from_u32(wide).is_none_or(|wide| self.may_begin(wide))
    }

    /// The entries with this key of `keys`.
    fn keyed(&self, keys: &Keys, key: &[u8]) -> Option<Range<usize>> {
        let hash = keys::hash(key);
        keys.maybe(hash).then(|| self.hashed(keys, key, hash))?
    }

    /// The entries with this key, folded but for ASCII letters; it has got past the filter.
    fn hashed(&self, keys: &Keys, key: &[u8], hash: u64) -> Option<Range<usize>> {
        let fits = |entry: u32| {
            let folded = self.entries.folded(entry as usize).as_bytes();
            folded.get(..key.len()).is_some_and(|own| own.eq_ignore_ascii_case(key))
        };
        keys.find(hash, key.len(), fits)
    }

    /// Size in bytes.
    pub fn memory(&self) -> usize {
        size_of::<Self>() + self.entries.memory() + self.words.memory() + self.characters.memory()
    }
}

/// The length of an entry's key, in bytes: see the module.
fn key_length(folded: &str) -> usize {
    if folded.starts_with(is_wordy) {
        folded.find(|c| !is_wordy(c)).unwrap_or(folded.len())
    } else {
        folded.chars().take(2).map(char::len_utf8).sum()
    }
}

fn length_bit(length: usize) -> u64 {
    1 << length.min(63)
}

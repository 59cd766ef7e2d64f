//! Keys: a filter small enough for the second-level cache, and behind it a table from the hash of a key to its entries.

use std::ops::Range;

/// Bits of the filter per key; it has the next power of two. Two bits of one word are set, so that one key in a few hundred
/// that is not in the table gets past it.
const FILTER_BITS: usize = 16;
/// Slots of the table per key, as a fraction: linear probing stays short.
const SLOTS: (usize, usize) = (5, 4);
/// Low bits of a slot's mark that hold the length of the key; the others are of its hash.
const LENGTH_BITS: u32 = 10;

/// The hash of a folded key.
pub(super) fn hash(key: &[u8]) -> u64 {
    hash_with(key, 0, key.len(), 0)
}

/// The hash of `length` ASCII letters and digits at `start` of a text, folded: the bit 0x20 makes letters small, and digits
/// have it.
#[inline]
pub(super) fn hash_of_ascii(text: &[u8], start: usize, length: usize) -> u64 {
    hash_with(text, start, length, 0x2020_2020_2020_2020)
}

/// All bytes count, eight at a time, the last eight overlapping the ones before.
#[inline]
fn hash_with(text: &[u8], start: usize, length: usize, small: u64) -> u64 {
    let load = |at: usize| match text[at..].first_chunk::<8>() {
        Some(word) => u64::from_le_bytes(*word),
        None => {
            let mut word = [0; 8];
            word[..text.len() - at].copy_from_slice(&text[at..]);
            u64::from_le_bytes(word)
        }
    };
    let (mut first, mut last) = (load(start), 0);
    if length < 8 {
        first = (first | small) & ((1 << (8 * length)) - 1);
    } else {
        first |= small;
        last = load(start + length - 8) | small;
        let mut at = start + 8;
        while at + 8 < start + length {
            first = mixed(first, load(at) | small);
            at += 8;
        }
    }
    mixed(first, last ^ (length as u64) << 56)
}

/// Both halves of a product, joined: each bit depends on all (constants: digits of pi).
#[inline]
fn mixed(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ 0x243F_6A88_85A3_08D3) * u128::from(b ^ 0x1319_8A2E_0370_7344);
    product as u64 ^ (product >> 64) as u64
}

/// The entries with a key, and what tells that key from others.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    /// Bits of the hash, and the length of the key.
    mark: u32,
    first: u32,
    /// Zero in an empty slot.
    count: u32,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Keys {
    filter: Box<[u64]>,
    /// The hash shifted right by so much is a word of the filter.
    shift: u32,
    slots: Box<[Slot]>,
}

impl Keys {
    /// Room for so many keys.
    pub fn new(keys: usize) -> Keys {
        let words = (keys * FILTER_BITS / 64).next_power_of_two().max(2);
        Keys {
            filter: vec![0; words].into(),
            shift: 64 - words.ilog2(),
            slots: vec![Slot::default(); keys * SLOTS.0 / SLOTS.1 + 1].into(),
        }
    }

    /// Adds a key, unless it is there.
    pub fn insert(&mut self, hash: u64, length: usize, entries: Range<usize>) {
        self.filter[(hash >> self.shift) as usize] |= bits(hash);
        let new = Slot { mark: mark(hash, length), first: entries.start as u32, count: entries.len() as u32 };
        let mut at = self.home(hash);
        loop {
            let slot = &mut self.slots[at];
            if slot.count == 0 {
                *slot = new;
                return;
            }
            // Keys with the same entries are the same key: what follows a key in an entry ends it.
            if (slot.first, slot.count, slot.mark) == (new.first, new.count, new.mark) {
                return;
            }
            at = self.after(at);
        }
    }

    /// Whether a key with this hash may be in the table.
    #[inline]
    pub fn maybe(&self, hash: u64) -> bool {
        let bits = bits(hash);
        self.filter[(hash >> self.shift) as usize] & bits == bits
    }

    /// The entries that begin with the key of this hash and length, if `fits` says so of them.
    pub fn find(&self, hash: u64, length: usize, fits: impl Fn(u32) -> bool) -> Option<Range<usize>> {
        let mark = mark(hash, length);
        let mut at = self.home(hash);
        loop {
            let slot = self.slots[at];
            if slot.count == 0 {
                return None;
            }
            if slot.mark == mark && fits(slot.first) {
                return Some(slot.first as usize..(slot.first + slot.count) as usize);
            }
            at = self.after(at);
        }
    }

    /// Where the search for a hash begins.
    fn home(&self, hash: u64) -> usize {
        ((u64::from(hash as u32) * self.slots.len() as u64) >> 32) as usize
    }

    fn after(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() { 0 } else { at + 1 }
    }

    /// Size in bytes.
    pub fn memory(&self) -> usize {
        self.filter.len() * 8 + self.slots.len() * size_of::<Slot>()
    }
}

/// The two bits of a hash in its word of the filter.
#[inline]
fn bits(hash: u64) -> u64 {
    1 << (hash & 63) | 1 << (hash >> 6 & 63)
}

fn mark(hash: u64, length: usize) -> u32 {
    (hash >> 20) as u32 & (u32::MAX << LENGTH_BITS) | length as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::MAX_WIDTH;

    #[test]
    fn the_length_of_a_key_has_room_in_a_mark() {
        // Folding makes three bytes of two at most.
        const { assert!(MAX_WIDTH * 3 / 2 < 1 << LENGTH_BITS) };
    }

    #[test]
    fn the_hash_is_of_the_key_alone_and_of_all_of_it() {
        let key: Vec<u8> = (0..40).map(|i| b'a' + i % 26).collect();
        for length in 1..=key.len() {
            let own = hash(&key[..length]);
            for around in ["", " and more text"] {
                let text = ["..", &String::from_utf8_lossy(&key[..length]).to_uppercase(), around].concat();
                assert_eq!(hash_of_ascii(text.as_bytes(), 2, length), own, "{length}: whatever stands around it");
            }
            for changed in 0..length {
                let mut other = key[..length].to_vec();
                other[changed] = b'7';
                assert_ne!(hash(&other), own, "{length}: byte {changed} counts");
            }
        }
    }

    #[test]
    fn every_key_is_found_and_hardly_any_other_gets_past_the_filter() {
        let words = |from: u32| (from..from + 5_000).map(|i| format!("word{i}").replace('7', "病"));
        let mut keys = Keys::new(5_000);
        for (i, word) in words(0).enumerate() {
            keys.insert(hash(word.as_bytes()), word.len(), i..i + 1);
        }
        for (i, word) in words(0).enumerate() {
            let hash = hash(word.as_bytes());
            assert!(keys.maybe(hash));
            assert_eq!(keys.find(hash, word.len(), |entry| entry == i as u32), Some(i..i + 1));
            assert_eq!(keys.find(hash, word.len(), |_| false), None);
        }
        let past = words(5_000).filter(|word| keys.maybe(hash(word.as_bytes()))).count();
        assert!(past < 150, "{past} of 5,000");
    }
}

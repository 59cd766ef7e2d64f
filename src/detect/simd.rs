//! What stands where in a block of 64 bytes: one bit per byte, the first byte lowest.
//!
//! The only module with `unsafe`: an AVX2 kernel, used where the processor has it, beside a portable twin that says the same;
//! tests, fuzzing and Miri hold the two together.
#![allow(unsafe_code)]

use super::gate::{ByteSet, RunOf};

/// Bytes of a block.
pub(super) const BLOCK: usize = 64;

/// Which bytes of a block are what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Masks {
    /// ASCII digits.
    pub digit: u64,
    /// ASCII letters and digits.
    pub alnum: u64,
    /// Of [`RunOf::Token`].
    pub token: u64,
    /// Of [`RunOf::Capitals`].
    pub capital: u64,
    /// Of the first own set.
    pub first: u64,
    /// Of the second own set.
    pub second: u64,
}

impl Masks {
    fn from_kinds(kinds: [u64; KINDS]) -> Masks {
        let [digit, alnum, token, capital, first, second] = kinds;
        Masks { digit, alnum, token, capital, first, second }
    }

    /// Of the bytes that are `kept` only.
    pub fn only(self, kept: u64) -> Masks {
        let Masks { digit, alnum, token, capital, first, second } = self;
        Masks::from_kinds([digit, alnum, token, capital, first, second].map(|mask| mask & kept))
    }
}

const KINDS: usize = 6;

/// For a kind, by the low half of a byte: with which high halves it is of the kind, one bit each.
type Table = [u8; 16];

/// Sorts bytes into kinds.
#[derive(Debug)]
pub(super) struct Kinds {
    /// Byte → one bit per kind.
    bits: [u8; 256],
    #[cfg(target_arch = "x86_64")]
    vector: Vector,
}

#[cfg(target_arch = "x86_64")]
#[derive(Debug)]
struct Vector {
    /// The processor has AVX2.
    usable: bool,
    /// Of bytes below 0x80.
    ascii: [Table; KINDS],
    /// Of bytes from 0x80 on.
    wide: [Table; KINDS],
}

impl Kinds {
    /// With the two own sets.
    pub fn new(first: ByteSet, second: ByteSet) -> Kinds {
        let mut bits = [0u8; 256];
        for byte in 0..=255u8 {
            let kinds = [
                byte.is_ascii_digit(),
                byte.is_ascii_alphanumeric(),
                RunOf::Token.contains(byte),
                RunOf::Capitals.contains(byte),
                first.contains(byte),
                second.contains(byte),
            ];
            bits[usize::from(byte)] = (0..KINDS).map(|k| u8::from(kinds[k]) << k).sum();
        }
        Kinds {
            bits,
            #[cfg(target_arch = "x86_64")]
            vector: Vector::new(&bits),
        }
    }

    /// The kinds of the bytes of a block.
    #[inline]
    pub fn masks(&self, block: &[u8; BLOCK]) -> Masks {
        #[cfg(target_arch = "x86_64")]
        if self.vector.usable {
            // SAFETY: `usable` says that the processor has AVX2, which is all the function asks for.
            return unsafe { self.vector.masks(block) };
        }
        self.masks_portable(block)
    }

    /// As [`Kinds::masks`], a byte at a time.
    pub fn masks_portable(&self, block: &[u8; BLOCK]) -> Masks {
        let mut kinds = [0u64; KINDS];
        for (at, byte) in block.iter().enumerate() {
            let bits = u64::from(self.bits[usize::from(*byte)]);
            for (kind, mask) in kinds.iter_mut().enumerate() {
                *mask |= (bits >> kind & 1) << at;
            }
        }
        Masks::from_kinds(kinds)
    }
}

#[cfg(target_arch = "x86_64")]
impl Vector {
    fn new(bits: &[u8; 256]) -> Vector {
        let table = |kind: usize, high_bit: u8| -> Table {
            std::array::from_fn(|low| {
                let byte = |high: u8| usize::from(high_bit | high << 4 | low as u8);
                (0..8).map(|high| (bits[byte(high)] >> kind & 1) << high).sum()
            })
        };
        Vector {
            usable: is_x86_feature_detected!("avx2"),
            ascii: std::array::from_fn(|kind| table(kind, 0)),
            wide: std::array::from_fn(|kind| table(kind, 0x80)),
        }
    }

    #[target_feature(enable = "avx2")]
    fn masks(&self, block: &[u8; BLOCK]) -> Masks {
        let (low, high) = (self.half(block, 0), self.half(block, BLOCK / 2));
        Masks::from_kinds(std::array::from_fn(|kind| u64::from(low[kind]) | u64::from(high[kind]) << 32))
    }

    /// The kinds of 32 bytes from `from` on.
    ///
    /// A byte is looked up by its low half; the result has a bit for each high half with which it is of the kind, and the
    /// byte's own high half selects one. The look-up gives zero where the top bit of the index is set, so that the tables of
    /// bytes below and from 0x80 are joined by flipping that bit.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn half(&self, block: &[u8; BLOCK], from: usize) -> [u32; KINDS] {
        use std::arch::x86_64::*;
        let bytes = &block[from..from + BLOCK / 2];
        // SAFETY: the slice is 32 readable bytes, and an unaligned load asks for no more.
        let bytes = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) };
        let high_halves = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(0x0F));
        const HIGH: Table = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];
        let selected = _mm256_shuffle_epi8(both(&HIGH), high_halves);
        let flipped = _mm256_xor_si256(bytes, _mm256_set1_epi8(-128));
        let zero = _mm256_setzero_si256();
        std::array::from_fn(|kind| {
            let ascii = _mm256_shuffle_epi8(both(&self.ascii[kind]), bytes);
            let wide = _mm256_shuffle_epi8(both(&self.wide[kind]), flipped);
            let found = _mm256_and_si256(_mm256_or_si256(ascii, wide), selected);
            !_mm256_movemask_epi8(_mm256_cmpeq_epi8(found, zero)).cast_unsigned()
        })
    }
}

/// Sets of beginnings of four bytes without case, sorted into eight buckets: tells where one of them may stand.
///
/// Of each place it is known, per bucket, which halves of a byte occur; a place where all halves fit one bucket is a hit. So
/// every beginning is hit, and some that are none.
#[derive(Debug)]
pub(super) struct Beginnings {
    /// By place: buckets by the low and by the high half of the byte.
    tables: [[Table; 2]; PLACES],
    /// By place and byte.
    buckets: Box<[[u8; 256]; PLACES]>,
    #[cfg(target_arch = "x86_64")]
    usable: bool,
}

const PLACES: usize = 4;

/// A block and the bytes after it that complete a gram at its end.
pub(super) const WINDOW: usize = BLOCK + PLACES - 1;

/// The bit that tells the cases of an ASCII letter apart (and folds some other bytes together).
const CASE: u8 = 0x20;

impl Beginnings {
    /// Of sorted beginnings; those beside one another share a bucket.
    pub fn new(sorted: &[[u8; PLACES]]) -> Beginnings {
        let mut tables = [[[0; 16]; 2]; PLACES];
        // Where the first byte changes most, buckets begin: they then hold few different ones.
        let mut firsts: Vec<u8> = sorted.iter().map(|b| b[0] | CASE).collect();
        firsts.dedup();
        for beginning in sorted {
            let of_first = firsts.iter().position(|f| *f == beginning[0] | CASE).unwrap_or(0);
            let bucket = 1 << (of_first * 8 / firsts.len());
            for (place, byte) in beginning.iter().enumerate() {
                let byte = byte | CASE;
                tables[place][0][usize::from(byte & 0x0F)] |= bucket;
                tables[place][1][usize::from(byte >> 4)] |= bucket;
            }
        }
        let of_byte = |place: usize, byte: u8| {
            let byte = byte | CASE;
            tables[place][0][usize::from(byte & 0x0F)] & tables[place][1][usize::from(byte >> 4)]
        };
        let buckets = std::array::from_fn(|place| std::array::from_fn(|byte| of_byte(place, byte as u8)));
        Beginnings {
            tables,
            buckets: Box::new(buckets),
            #[cfg(target_arch = "x86_64")]
            usable: is_x86_feature_detected!("avx2"),
        }
    }

    /// Where in the block a beginning may stand.
    #[inline]
    pub fn hits(&self, window: &[u8; WINDOW]) -> u64 {
        #[cfg(target_arch = "x86_64")]
        if self.usable {
            // SAFETY: `usable` says that the processor has AVX2, which is all the function asks for.
            return unsafe { self.hits_vector(window) };
        }
        self.hits_portable(window)
    }

    /// As [`Beginnings::hits`], a byte at a time.
    pub fn hits_portable(&self, window: &[u8; WINDOW]) -> u64 {
        let hit =
            |at: usize| (0..PLACES).fold(0xFF, |b, place| b & self.buckets[place][usize::from(window[at + place])]);
        (0..BLOCK).map(|at| u64::from(hit(at) != 0) << at).sum()
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn hits_vector(&self, window: &[u8; WINDOW]) -> u64 {
        use std::arch::x86_64::*;
        let half = |from: usize| {
            let mut found = _mm256_set1_epi8(-1);
            for place in 0..PLACES {
                let bytes = &window[from + place..][..BLOCK / 2];
                // SAFETY: the slice is 32 readable bytes, and an unaligned load asks for no more.
                let bytes = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) };
                let bytes = _mm256_or_si256(bytes, _mm256_set1_epi8(CASE.cast_signed()));
                let low = _mm256_and_si256(bytes, _mm256_set1_epi8(0x0F));
                let high = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(0x0F));
                let [low_table, high_table] = &self.tables[place];
                found = _mm256_and_si256(found, _mm256_shuffle_epi8(both(low_table), low));
                found = _mm256_and_si256(found, _mm256_shuffle_epi8(both(high_table), high));
            }
            (!_mm256_movemask_epi8(_mm256_cmpeq_epi8(found, _mm256_setzero_si256()))).cast_unsigned()
        };
        u64::from(half(0)) | u64::from(half(BLOCK / 2)) << 32
    }
}

/// A table in both halves of a register.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn both(table: &Table) -> std::arch::x86_64::__m256i {
    use std::arch::x86_64::*;
    // SAFETY: a table is 16 readable bytes, and an unaligned load asks for no more.
    _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(table.as_ptr().cast()) })
}

/// Both kernels on any bytes, a block after the other: they say the same, and what is so. `sets` are the two own sets.
///
/// # Panics
/// If they do not.
#[doc(hidden)]
pub fn compare(sets: [&[u8]; 2], beginnings: &[[u8; PLACES]], text: &[u8]) {
    let kinds = sets.map(|set| ByteSet::of(set.iter().copied()));
    let kinds = Kinds::new(kinds[0], kinds[1]);
    let mut sorted = beginnings.to_vec();
    sorted.sort_unstable();
    let filter = Beginnings::new(&sorted);
    let mut last = [0; WINDOW];
    for rest in (0..text.len()).step_by(BLOCK).map(|start| &text[start..]) {
        let window = rest.first_chunk().unwrap_or_else(|| {
            last[..rest.len()].copy_from_slice(rest);
            &last
        });
        let block = window.first_chunk().expect("a window holds a block");
        let masks = kinds.masks(block);
        assert_eq!(masks, kinds.masks_portable(block), "{block:?}");
        let hits = filter.hits(window);
        assert_eq!(hits, filter.hits_portable(window), "{window:?}");
        for (at, byte) in block.iter().enumerate() {
            let told = [masks.digit, masks.alnum, masks.token, masks.capital, masks.first, masks.second];
            let so = [
                byte.is_ascii_digit(),
                byte.is_ascii_alphanumeric(),
                RunOf::Token.contains(*byte),
                RunOf::Capitals.contains(*byte),
                sets[0].contains(byte),
                sets[1].contains(byte),
            ];
            assert_eq!(told.map(|mask| mask >> at & 1 == 1), so, "{byte:#x} at {at}");
            let folded = |bytes: &[u8]| -> [u8; PLACES] { std::array::from_fn(|place| bytes[place] | CASE) };
            let stands = beginnings.iter().any(|beginning| folded(beginning) == folded(&window[at..]));
            assert!(!stands || hits >> at & 1 == 1, "a beginning at {at} is not hit: {window:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[cfg(all(miri, target_arch = "x86_64", not(target_feature = "avx2")))]
    compile_error!("Miri knows the vector kernel only with `-C target-feature=+avx2`");

    #[test]
    fn every_byte_at_every_place() {
        let bytes = (0..=255u8).step_by(if cfg!(miri) { 17 } else { 1 });
        let text: Vec<u8> = bytes.flat_map(|byte| [byte; BLOCK]).collect();
        compare([&[0, 9, b'@', 0x80, 0xE4, 0xFF], b""], &[[0; 4], *b"sk-a", [b'a'; 4], [0xFF; 4]], &text);
    }

    #[test]
    fn the_first_byte_is_the_lowest_bit() {
        let kinds = Kinds::new(ByteSet::of(*b"@"), ByteSet::default());
        let masks = kinds.masks(&std::array::from_fn(|i| b' ' + i as u8));
        assert_eq!(masks.digit, 0x3FF << 16);
        assert_eq!(masks.first, 1 << 32);
        assert_eq!(masks.second, 0);
    }

    proptest! {
        // Miri takes seconds for a case.
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 512 }))]

        #[test]
        fn the_kernels_agree(
            text in prop::collection::vec(prop_oneof![0..=255u8, b'a'..=b'd'], 0..200),
            beginnings in prop::collection::vec([b'a'..=b'd', b'a'..=b'd', b'a'..=b'd', 0..=255u8], 0..30),
            first in prop::collection::vec(any::<u8>(), 0..40),
            second in prop::collection::vec(any::<u8>(), 0..9),
        ) {
            compare([&first, &second], &beginnings, &text);
        }
    }
}

//! Which bytes of a text are special, many at a time, so that the work between two of them does not wait for a search.

/// Bytes of a block.
pub(super) const LEN: usize = 64;
/// Bytes of a word.
pub(super) const WORD: usize = 8;

const LOW: u64 = u64::from_le_bytes([1; WORD]);

/// Those of the bits that stand for a place or one behind it.
#[inline]
pub(super) fn from(bits: u64, place: usize) -> u64 {
    if place < LEN { bits & u64::MAX << place } else { 0 }
}

/// A bit for each quote, backslash and control character of the block that begins `at`, the first byte lowest. Behind the
/// end of the text all are set.
#[inline]
pub(super) fn specials(text: &[u8], at: usize) -> u64 {
    bits(text, at, |b| (b < 0x20) | (b == b'"') | (b == b'\\'))
}

/// A bit for each backslash of the block that begins `at`, the first byte lowest.
#[inline]
pub(super) fn backslashes(text: &[u8], at: usize) -> u64 {
    bits(text, at, |b| b == b'\\')
}

#[inline]
fn bits(text: &[u8], at: usize, is: impl Fn(u8) -> bool) -> u64 {
    // all bits of a byte or none, as vector instructions compare
    let marks = |block: &[u8; LEN]| gathered(&block.map(|b| if is(b) { u8::MAX } else { 0 }));
    let text = &text[at..];
    match text.first_chunk() {
        Some(block) => marks(block),
        None => {
            let mut block = [0; LEN];
            block[..text.len()].copy_from_slice(text);
            marks(&block)
        }
    }
}

/// One bit of each byte.
#[inline]
fn gathered(marks: &[u8; LEN]) -> u64 {
    // of each byte of a word a different bit is kept; the product has their sum in its highest byte
    const DIAGONAL: u64 = 0x8040_2010_0804_0201;
    let (words, _) = marks.as_chunks::<WORD>();
    if words.iter().fold(0, |any, word| any | u64::from_le_bytes(*word)) == 0 {
        return 0;
    }
    let eight = |word: &[u8; WORD]| (u64::from_le_bytes(*word) & DIAGONAL).wrapping_mul(LOW) >> 56;
    words.iter().rev().fold(0, |bits, word| bits << 8 | eight(word))
}

/// Bytes before the first quote, backslash or control character; all, if there is none.
#[inline]
pub(super) fn before_special(word: &[u8; WORD]) -> usize {
    // Marks are the high bits of bytes. Only the lowest one is exact, since a byte borrows from the next.
    let word = u64::from_le_bytes(*word);
    let below = |word: u64, bound: u64| word.wrapping_sub(LOW * bound) & !word;
    let equal = |byte: u8| below(word ^ (LOW * u64::from(byte)), 1);
    let marks = (below(word, 0x20) | equal(b'"') | equal(b'\\')) & (LOW << 7);
    marks.trailing_zeros() as usize / 8
}

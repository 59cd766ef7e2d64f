//! What words may begin, by their first four bytes: one look for each word of a text says whether a gram, a context word or
//! an entry of a word list may stand there. Most words begin none.

use super::gate::fold;

/// 16 KiB, half a first-level cache.
const BITS: u32 = 14;

/// What may begin with a word, a bit each.
pub(super) mod what {
    /// A gram of [`super::super::tables::Gates::at_words`].
    pub const GRAM: u8 = 1;
    pub const CONTEXT: u8 = 2;
    pub const ENTRY: u8 = 4;
}

/// See the module.
pub(super) struct Initials {
    flags: Box<[u8; 1 << BITS]>,
}

impl Default for Initials {
    fn default() -> Self {
        Self { flags: Box::new([0; 1 << BITS]) }
    }
}

impl Initials {
    /// A gram: letters, digits and what else is among the first four bytes.
    pub fn insert_gram(&mut self, gram: u32) {
        self.flags[slot(fold(gram))] |= what::GRAM;
    }

    /// The first letters and digits of something, see [`key`].
    pub fn insert(&mut self, key: u32, what: u8) {
        self.flags[slot(key)] |= what;
    }

    /// What may begin with these four bytes, of which so many (4 if more) are ASCII letters and digits, from the first.
    #[inline]
    pub fn of(&self, gram: u32, letters: u32) -> u8 {
        let by_gram = self.flags[slot(fold(gram))] & what::GRAM;
        let by_key = self.flags[slot(key(gram, letters))] & (what::CONTEXT | what::ENTRY);
        // What goes on with a wide character may be a letter in disguise (`ｔａｘ`), or no end of a word.
        let wide = (u64::from(gram) >> (8 * letters)) as u8 >> 7;
        by_gram | by_key | (wide * (what::CONTEXT | what::ENTRY))
    }

    /// Size in bytes.
    pub fn memory(&self) -> usize {
        self.flags.len()
    }
}

fn slot(folded: u32) -> usize {
    (folded.wrapping_mul(0x9E37_79B1) >> (32 - BITS)) as usize
}

/// The first letters and digits of a word without case: at most four, fewer if the word is shorter.
#[inline]
pub(super) fn key(gram: u32, letters: u32) -> u32 {
    const KEPT: [u32; 5] = [0, 0xFF, 0xFFFF, 0xFF_FFFF, 0xFFFF_FFFF];
    fold(gram) & KEPT[letters as usize]
}

/// The key of a folded word, if it begins with an ASCII letter or digit.
pub(super) fn key_of(word: &str) -> Option<u32> {
    let mut gram = [0; 4];
    let letters = word.bytes().take(4).take_while(u8::is_ascii_alphanumeric).count();
    gram[..letters].copy_from_slice(&word.as_bytes()[..letters]);
    (letters > 0).then(|| key(u32::from_le_bytes(gram), letters as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_inserted_is_told() {
        let mut initials = Initials::default();
        initials.insert(key_of("id").expect("letters"), what::CONTEXT);
        initials.insert(key_of("aspirin").expect("letters"), what::ENTRY);
        initials.insert_gram(u32::from_le_bytes(*b"ssn:"));
        let of = |text: &[u8; 4], letters| initials.of(u32::from_le_bytes(*text), letters);
        assert_eq!(of(b"ID: ", 2), what::CONTEXT);
        assert_eq!(of(b"Aspi", 4), what::ENTRY);
        assert_eq!(of(b"SSN:", 3), what::GRAM);
        assert_eq!(of(b"is a", 2), 0);
        assert_eq!(of(b"a\xC3\xA9b", 1), what::CONTEXT | what::ENTRY);
        assert_eq!(key_of("été"), None);
    }
}

//! Marks: what a sweep has seen on its way, for the signs of encoded runs.

use crate::detect::simd::{BLOCK, Masks};
use crate::detect::sweep::ones;

/// Which bytes of a whole text are what, a mask per block.
#[derive(Debug, Default)]
pub(in crate::detect) struct Marks {
    blocks: Vec<Block>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Block {
    /// ASCII letters and digits.
    alnum: u64,
    /// Of [`crate::detect::gate::RunOf::Token`].
    token: u64,
}

impl Marks {
    pub fn clear(&mut self) {
        self.blocks.clear();
    }

    /// What is in the next block.
    pub fn push(&mut self, masks: &Masks) {
        self.blocks.push(Block { alnum: masks.alnum, token: masks.token });
    }

    /// Where, but not within a word, at least `least` (up to a block) bytes of a token stand.
    pub fn tokens(&self, least: u32) -> impl Iterator<Item = usize> {
        self.places(move |wide, in_word| row(wide.token, 1, least) & !in_word)
    }

    /// Where words of at least `least` (up to a block) letters and digits begin.
    pub fn words(&self, least: u32) -> impl Iterator<Item = usize> {
        self.places(move |wide, in_word| row(wide.alnum, 1, least) & !in_word)
    }

    /// Where so many pairs of letters and digits stand, each with something else behind it.
    pub fn pairs(&self, count: u32) -> impl Iterator<Item = usize> {
        self.places(move |Wide { alnum, .. }, _| row(alnum & alnum >> 1 & !(alnum >> 2), 3, count))
    }

    /// The places in each block that `found` tells, which sees the block after it too, and which bytes go on with a word.
    fn places(&self, found: impl Fn(Wide, u128) -> u128) -> impl Iterator<Item = usize> {
        let before = std::iter::once(&Block { alnum: 0, token: 0 }).chain(&self.blocks);
        let after = self.blocks.iter().skip(1).copied().chain(std::iter::once(Block::default()));
        let around = before.zip(&self.blocks).zip(after).enumerate();
        around.flat_map(move |(index, ((before, block), after))| {
            let wide = |this: u64, next: u64| u128::from(this) | u128::from(next) << BLOCK;
            let wide = Wide { alnum: wide(block.alnum, after.alnum), token: wide(block.token, after.token) };
            let in_word = wide.alnum & (wide.alnum << 1 | u128::from(before.alnum >> (BLOCK - 1)));
            ones(found(wide, in_word) as u64).map(move |offset| index * BLOCK + offset)
        })
    }
}

/// As [`Block`], of two blocks.
#[derive(Debug, Clone, Copy)]
struct Wide {
    alnum: u128,
    token: u128,
}

/// From where on `count` ones stand, each so many places behind the one before.
fn row(mask: u128, apart: u32, count: u32) -> u128 {
    let (mut rows, mut known) = (mask, 1);
    while known < count && rows != 0 {
        let step = known.min(count - known);
        rows &= rows >> (step * apart);
        known += step;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::gate::{ByteSet, RunOf};
    use crate::detect::simd::Kinds;
    use proptest::prelude::*;

    fn marks(text: &str) -> Marks {
        let kinds = Kinds::new(ByteSet::default(), ByteSet::default());
        let mut marks = Marks::default();
        for chunk in text.as_bytes().chunks(BLOCK) {
            let mut block = [b' '; BLOCK];
            block[..chunk.len()].copy_from_slice(chunk);
            marks.push(&kinds.masks(&block));
        }
        marks
    }

    proptest! {
        /// The model: every place is looked at on its own.
        #[test]
        fn as_naive_marks(text in "([a-z]{1,20}|[a-c0-9]{2} |[-._é \n]){0,60}") {
            let (marks, bytes) = (marks(&text), text.as_bytes());
            let alnum = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
            let token = |at: usize| bytes.get(at).is_some_and(|b| RunOf::Token.contains(*b));
            let in_word = |at: usize| at > 0 && alnum(at - 1) && alnum(at);
            let places = |is: &dyn Fn(usize) -> bool| (0..bytes.len()).filter(|at| is(*at)).collect::<Vec<_>>();
            let tokens = places(&|at| !in_word(at) && (at..at + 11).all(token));
            prop_assert_eq!(marks.tokens(11).collect::<Vec<_>>(), tokens);
            let words = places(&|at| !in_word(at) && (at..at + 16).all(alnum));
            prop_assert_eq!(marks.words(16).collect::<Vec<_>>(), words);
            let pair = |at: usize| alnum(at) && alnum(at + 1) && !alnum(at + 2);
            let pairs = places(&|at| (0..7).all(|index| pair(at + 3 * index)));
            prop_assert_eq!(marks.pairs(7).collect::<Vec<_>>(), pairs);
        }
    }
}

//! Choices that the fuzzer makes, from the first bytes of its input; the rest is the input proper.

pub struct Choices {
    state: u64,
}

impl Choices {
    /// Takes up to four bytes from the front.
    pub fn take(input: &[u8]) -> (Choices, &[u8]) {
        let (own, rest) = input.split_at(input.len().min(4));
        let state = own.iter().fold(1, |state: u64, byte| state << 8 | u64::from(*byte));
        (Choices { state: state.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1 }, rest)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 16) as usize % n
    }

    /// Cuts bytes into pieces, of which some are empty.
    pub fn cut<'t>(&mut self, mut bytes: &'t [u8]) -> Vec<&'t [u8]> {
        let most = [1, 2, 4, 16, 64, 4096][self.below(6)];
        let mut pieces = Vec::new();
        while !bytes.is_empty() {
            let (piece, rest) = bytes.split_at(self.below(most + 1).max(pieces.len() % 2).min(bytes.len()));
            pieces.push(piece);
            bytes = rest;
        }
        pieces
    }

    /// Cuts a text between characters.
    pub fn cut_text<'t>(&mut self, text: &'t str) -> Vec<&'t str> {
        let pieces = self.cut(text.as_bytes());
        let mut begin = 0;
        let ends = pieces.iter().scan(0, |end, piece| {
            *end += piece.len();
            Some(boundary_from(text, *end))
        });
        ends.map(|end| {
            let piece = &text[begin..end];
            begin = end;
            piece
        })
        .collect()
    }

    /// Up to `most` ranges of a text, in order, without overlaps, none empty.
    pub fn ranges(&mut self, text: &str, most: usize) -> Vec<std::ops::Range<usize>> {
        let (mut ranges, mut from) = (Vec::new(), 0);
        for _ in 0..self.below(most + 1) {
            let start = boundary_from(text, from + self.below(12));
            let end = boundary_from(text, start + 1 + self.below(8));
            if start == end {
                break;
            }
            ranges.push(start..end);
            from = end;
        }
        ranges
    }
}

/// The first end of a character at or after `at`.
pub fn boundary_from(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

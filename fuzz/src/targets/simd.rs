//! The AVX2 kernels against their portable twins, and both against what the bytes are, with any sets and any beginnings.

use super::Choices;
use portcullis::detect::simd::compare;

pub fn run(input: &[u8]) {
    let (mut choices, bytes) = Choices::take(input);
    let mut take = |most: usize, rest: &mut &[u8]| {
        let (own, tail) = rest.split_at(choices.below(most + 1).min(rest.len()));
        *rest = tail;
        own.to_vec()
    };
    let mut rest = bytes;
    let (first, second, beginnings) = (take(40, &mut rest), take(9, &mut rest), take(90, &mut rest));
    // The text holds the bytes of the beginnings too, so that some of them stand in it, and begins at any address.
    let text = &bytes[choices.below(bytes.len() + 1)..];
    compare([&first, &second], beginnings.as_chunks().0, text);
}

pub fn seeds() -> Vec<Vec<u8>> {
    let every: Vec<u8> = (0..=255).collect();
    let text =
        b"sk-live ghp_ AKIA -----BEGIN 4111 1111 1111 1111, a.b@c.example, \xE5\xB8\x82\xC3\xA9 \x00\x7F\x80\xFF"
            .repeat(3);
    (0..32u8).flat_map(|choice| [&every, &text].map(|bytes| [&[choice, 0, 0, 0], bytes.as_slice()].concat())).collect()
}

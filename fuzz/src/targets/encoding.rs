//! Content codings: any bytes are decoded within the caps (P7) or refused, whole and in pieces alike; what was encoded comes
//! back. Beside it, telling what bytes are.

use super::Choices;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use portcullis::decode::Reason;
use portcullis::decode::encoding::{Limits, StreamDecoder, decode};
use portcullis::decode::sniff::{Content, sniff};
use std::io::Write;

const CODINGS: [&str; 6] = ["gzip", "deflate", "br", "zstd", "gzip, zstd", "identity"];
type Encoder = fn(&[u8]) -> Vec<u8>;

/// One is tried with each input: they take most of the time.
const ENCODERS: [(&str, Encoder); 3] = [("gzip", gzip), ("deflate", zlib), ("zstd", zstd)];
const LIMITS: Limits = Limits { output: 64 << 10, ratio: 200 };

pub fn run(input: &[u8]) {
    let (mut choices, bytes) = Choices::take(input);
    let coding = CODINGS[choices.below(CODINGS.len())];
    let whole = decode(coding, bytes, &LIMITS).map(|out| out.into_owned());
    let pieces = stream(coding, choices.cut(bytes));
    match (&whole, &pieces) {
        // What a reason is depends on how far the input came: data may be both too large and malformed.
        (Err(_), Err(_)) => {}
        _ => assert_eq!(pieces, whole, "{coding}"),
    }
    if let Ok(out) = &whole {
        assert!(out.len() as u64 <= LIMITS.output || coding == "identity");
    }
    let (coding, encode) = ENCODERS[choices.below(ENCODERS.len())];
    assert_eq!(stream(coding, choices.cut(&encode(bytes))).as_deref(), Ok(bytes), "{coding}");
    if let Content::Text(charset) = sniff(bytes, None) {
        assert!(charset.decode(bytes).is_some(), "text that its charset cannot read");
    }
}

fn stream<'p>(coding: &str, pieces: impl IntoIterator<Item = &'p [u8]>) -> Result<Vec<u8>, Reason> {
    let mut decoder = StreamDecoder::new(coding, &LIMITS)?;
    let mut out = Vec::new();
    for piece in pieces {
        out.extend(decoder.push(piece)?);
    }
    decoder.finish()?;
    Ok(out)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

pub fn seeds() -> Vec<Vec<u8>> {
    let text = br#"{"messages":[{"role":"user","content":"one of a few messages, one of a few"}]}"#;
    let encoded = [text.to_vec(), gzip(text), zlib(text), zstd(text), zstd(&gzip(text))];
    // Every coding is some choice's.
    (0..24u8).flat_map(|choice| encoded.iter().map(move |e| [&[choice, 0, 0, 0], e.as_slice()].concat())).collect()
}

//! `Content-Encoding` (RFC 9110 §8.4): gzip, deflate, br and zstd, decoded within caps, whole or as a stream.
//!
//! Nothing in the gateway inflates bytes but through here: every stage writes to a sink that knows what may still come
//! out. Bytes behind the end of the compressed data, a wrong checksum and an end before the end are malformed, so that
//! nothing hides where another reader would stop.

mod brotli;
mod inflate;
mod zstd;

use super::Reason;
use std::borrow::Cow;

/// Caps on what may come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes out of each coding.
    pub output: u64,
    /// Bytes out per byte in, asked of outputs above a mebibyte. JSON traffic compresses 5 to 20 times; deflate and zstd can
    /// be made to reach 1,000 and more.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { output: 32 << 20, ratio: 200 }
    }
}

/// Outputs up to this size are not asked for their ratio: short runs of one character compress arbitrarily well.
const RATIO_FLOOR: u64 = 1 << 20;

/// More codings on one body than this are no honest traffic.
const MOST_CODINGS: usize = 3;

/// Where a stage writes to.
struct Sink<'s> {
    out: Vec<u8>,
    budget: &'s mut Budget,
}

#[derive(Debug)]
struct Budget {
    limits: Limits,
    input: u64,
    output: u64,
}

impl Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Reason> {
        let Budget { limits, input, output } = self.budget;
        *output += bytes.len() as u64;
        if *output > limits.output || *output > RATIO_FLOOR && *output / limits.ratio.max(1) > *input {
            return Err(Reason::TooLarge);
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }
}

/// One coding being undone.
trait Stage: Send {
    fn push(&mut self, input: &[u8], sink: &mut Sink<'_>) -> Result<(), Reason>;
    /// The input has ended: malformed if the compressed data has not.
    fn finish(&self) -> Result<(), Reason>;
}

/// Undoes the codings of a body that arrives in pieces.
pub struct StreamDecoder {
    /// The coding applied last comes first.
    stages: Vec<(Box<dyn Stage>, Budget)>,
}

impl StreamDecoder {
    /// A decoder for the value of a `Content-Encoding` header.
    ///
    /// # Errors
    /// [`Reason::UnknownType`] for a coding that is not known, or more codings than three.
    pub fn new(content_encoding: &str, limits: &Limits) -> Result<Self, Reason> {
        let mut stages = Vec::new();
        let codings = content_encoding.split(',').map(str::trim).filter(|coding| !coding.is_empty());
        for coding in codings.rev() {
            let stage: Box<dyn Stage> = match coding.to_ascii_lowercase().as_str() {
                "identity" => continue,
                "gzip" | "x-gzip" => Box::new(inflate::Inflate::gzip()),
                "deflate" => Box::new(inflate::Inflate::deflate()),
                "br" => Box::new(brotli::Brotli::new()),
                "zstd" => Box::new(zstd::Zstd::new()),
                _ => return Err(Reason::UnknownType),
            };
            stages.push((stage, Budget { limits: *limits, input: 0, output: 0 }));
        }
        if stages.len() > MOST_CODINGS {
            return Err(Reason::UnknownType);
        }
        Ok(Self { stages })
    }

    /// Whether bytes go through as they are.
    pub fn is_identity(&self) -> bool {
        self.stages.is_empty()
    }

    /// Decodes what a piece makes known. zstd hands out a frame's last window only at the frame's end.
    ///
    /// # Errors
    /// [`Reason::TooLarge`] above the caps, [`Reason::Malformed`] for invalid data.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Reason> {
        let mut data = bytes.to_vec();
        for (stage, budget) in &mut self.stages {
            budget.input += data.len() as u64;
            let mut sink = Sink { out: Vec::new(), budget };
            stage.push(&data, &mut sink)?;
            data = sink.out;
        }
        Ok(data)
    }

    /// The stream has ended.
    ///
    /// # Errors
    /// [`Reason::Malformed`] if the compressed data has not.
    pub fn finish(self) -> Result<(), Reason> {
        self.stages.iter().try_for_each(|(stage, _)| stage.finish())
    }
}

/// A whole body without its codings; borrowed if it has none.
///
/// # Errors
/// Those of [`StreamDecoder`].
pub fn decode<'b>(content_encoding: &str, body: &'b [u8], limits: &Limits) -> Result<Cow<'b, [u8]>, Reason> {
    let mut decoder = StreamDecoder::new(content_encoding, limits)?;
    if decoder.is_identity() {
        return Ok(Cow::Borrowed(body));
    }
    let decoded = decoder.push(body)?;
    decoder.finish()?;
    Ok(Cow::Owned(decoded))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use flate2::Compression;
    use proptest::prelude::*;
    use std::io::Write;

    /// A body of 40 messages, and the same as other programs compressed it (Node's zlib, `zstd -19 --check`).
    fn sample() -> String {
        let messages: Vec<_> =
            (0..40).map(|i| format!(r#"{{"role":"user","content":"line {i} of a prompt"}}"#)).collect();
        format!(r#"{{"messages":[{}]}}"#, messages.join(","))
    }
    const BROTLI: &str = "G4MHEBwHzrkukKDR8Ir6GaHSU2Rrz3QzZZsTqs/rJAZHIMuaRaerD8Hs3IPDGIKgLZA3CNg+QU5YesGDxUYvfLCtA6UFZCD8h5jupkXvu+f9GIcCFRp0GDBhwYZzKudLQao06TJkypINJ1NZilRp0mXIlCUbTqaxFKnSpMuQKUt2MNU=";
    const ZSTD: &str = "KLUv/WSEBj0EAHLGFReAWQdaqfbcEUYF7jNoJ03TxIouk0CR9o3wXGNLJV6UnmtsqcSL+LnGlkq8+1xjSyVeoHlVEjmVM5xCHnQ6Hsjha+waJXHgs+ly+EbkPBPA0zYGSjs5EyioEcC3/3fgNasBEfwNwf8M4ZF+hICIhQMiAIUOgADI3KT9b8b8zh8DS0tWAfFO27E=";

    fn bytes(base64: &str) -> Vec<u8> {
        STANDARD.decode(base64).expect("test data is base64")
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder =
            flate2::GzBuilder::new().filename("a").comment("b").extra("cd").write(Vec::new(), Compression::best());
        encoder.write_all(text).expect("writing to memory");
        encoder.finish().expect("writing to memory")
    }

    fn zlib(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).expect("writing to memory");
        encoder.finish().expect("writing to memory")
    }

    fn deflate(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).expect("writing to memory");
        encoder.finish().expect("writing to memory")
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
    }

    /// A skippable frame of zstd.
    const SKIPPABLE: &[u8] = &[0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3];

    /// The sample in every coding.
    fn samples() -> Vec<(&'static str, Vec<u8>)> {
        let sample = sample();
        let text = sample.as_bytes();
        let skippable = [SKIPPABLE, &zstd(&text[..100]), &zstd(&text[100..])];
        vec![
            ("", text.to_vec()),
            ("identity", text.to_vec()),
            ("gzip", gzip(text)),
            ("X-GZIP", [gzip(&text[..50]), gzip(&text[50..])].concat()),
            ("deflate", zlib(text)),
            ("deflate", deflate(text)),
            ("br", bytes(BROTLI)),
            ("zstd", bytes(ZSTD)),
            ("zstd", skippable.concat()),
            ("gzip, zstd", zstd(&gzip(text))),
            ("deflate,identity , gzip", gzip(&zlib(text))),
        ]
    }

    /// The stream in pieces, or the reason why it is refused.
    fn stream<'p>(coding: &str, pieces: impl IntoIterator<Item = &'p [u8]>) -> Result<Vec<u8>, Reason> {
        let mut decoder = StreamDecoder::new(coding, &Limits::default())?;
        let mut out = Vec::new();
        for piece in pieces {
            out.extend(decoder.push(piece)?);
        }
        decoder.finish()?;
        Ok(out)
    }

    #[test]
    fn every_coding_is_undone_whole_and_in_pieces() {
        for (coding, body) in samples() {
            assert_eq!(decode(coding, &body, &Limits::default()).as_deref(), Ok(sample().as_bytes()), "{coding}");
            for size in [1, 2, 3, 7, 100] {
                assert_eq!(stream(coding, body.chunks(size)).as_deref(), Ok(sample().as_bytes()), "{coding} {size}");
            }
        }
    }

    #[test]
    fn a_flushed_event_comes_out_at_once() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::default());
        let mut decoder = StreamDecoder::new("gzip", &Limits::default()).expect("known coding");
        for event in ["data: one\n\n", "data: two\n\n"] {
            encoder.write_all(event.as_bytes()).expect("writing to memory");
            encoder.flush().expect("writing to memory");
            let piece = std::mem::take(encoder.get_mut());
            assert_eq!(decoder.push(&piece).as_deref(), Ok(event.as_bytes()));
        }
    }

    #[test]
    fn what_is_cut_short_or_continued_is_malformed() {
        let text = sample().into_bytes();
        for (coding, body) in samples().into_iter().skip(2) {
            // The end of the first of several members or frames is an end.
            let first = match coding {
                "X-GZIP" => gzip(&text[..50]).len(),
                "zstd" if body.starts_with(SKIPPABLE) => SKIPPABLE.len() + zstd(&text[..100]).len(),
                _ => usize::MAX,
            };
            for end in 0..body.len() {
                let cut = decode(coding, &body[..end], &Limits::default());
                assert_eq!(cut.is_ok(), end == first, "{coding} {end}");
            }
            let continued = [&body[..], b"hidden"].concat();
            assert_eq!(decode(coding, &continued, &Limits::default()), Err(Reason::Malformed), "{coding}");
        }
        let mut wrong = gzip(b"text");
        let at = wrong.len() - 8;
        wrong[at] ^= 1;
        assert_eq!(decode("gzip", &wrong, &Limits::default()), Err(Reason::Malformed));
        assert_eq!(decode("compress", b"", &Limits::default()), Err(Reason::UnknownType));
        assert_eq!(decode("gzip,gzip,gzip,gzip", b"", &Limits::default()), Err(Reason::UnknownType));
    }

    #[test]
    fn p7_bombs_are_refused() {
        let zeros = vec![0; 8 << 20];
        let brotli = bytes("m///f/glwuKxQCD3/g8=");
        for (coding, body) in
            [("gzip", gzip(&zeros)), ("deflate", deflate(&zeros)), ("zstd", zstd(&zeros)), ("br", brotli)]
        {
            assert_eq!(decode(coding, &body, &Limits::default()), Err(Reason::TooLarge), "{coding}");
            let generous = Limits { ratio: u64::MAX, ..Limits::default() };
            assert_eq!(decode(coding, &body, &generous).map(|out| out.len()), Ok(8 << 20), "{coding}");
            let small = Limits { output: 1000, ratio: u64::MAX };
            assert_eq!(decode(coding, &body, &small), Err(Reason::TooLarge), "{coding}");
        }
    }

    proptest! {
        #[test]
        fn damaged_data_never_panics(which in 0usize..11, damage in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..5)) {
            let (coding, mut body) = samples().swap_remove(which);
            let len = body.len();
            damage.into_iter().for_each(|(at, byte)| body[at % len] = byte);
            let _ = stream(coding, body.chunks(13));
        }
    }
}

//! gzip (RFC 1952, several members), and what HTTP calls deflate: zlib (RFC 1950), or bare deflate (RFC 1951) as some
//! senders write it.

use super::{Reason, Sink, Stage};
use flate2::{Crc, Decompress, FlushDecompress, Status};

/// Headers with names and comments are short; a longer one is an attempt to make us buffer.
const LONGEST_HEADER: usize = 64 << 10;
const TRAILER: usize = 8;
const BUFFER: usize = 16 << 10;

enum State {
    /// A gzip header, or the two bytes by which zlib is told from bare deflate.
    Header(Vec<u8>),
    Body(Decompress),
    /// CRC-32 and length of a gzip member.
    Trailer(Vec<u8>),
    Done,
}

pub(super) struct Inflate {
    gzip: bool,
    state: State,
    checksum: Crc,
    buffer: Box<[u8]>,
}

impl Inflate {
    pub fn gzip() -> Self {
        Self::new(true)
    }

    pub fn deflate() -> Self {
        Self::new(false)
    }

    fn new(gzip: bool) -> Self {
        Self { gzip, state: State::Header(Vec::new()), checksum: Crc::new(), buffer: vec![0; BUFFER].into() }
    }

    /// Decompresses; returns the input that follows the compressed data, if its end is reached.
    fn inflate<'i>(&mut self, mut input: &'i [u8], sink: &mut Sink<'_>) -> Result<Option<&'i [u8]>, Reason> {
        let State::Body(decompress) = &mut self.state else { return Ok(Some(input)) };
        loop {
            let (before_in, before_out) = (decompress.total_in(), decompress.total_out());
            let status =
                decompress.decompress(input, &mut self.buffer, FlushDecompress::None).map_err(|_| Reason::Malformed)?;
            let consumed = (decompress.total_in() - before_in) as usize;
            let produced = (decompress.total_out() - before_out) as usize;
            input = &input[consumed..];
            self.checksum.update(&self.buffer[..produced]);
            sink.write(&self.buffer[..produced])?;
            if status == Status::StreamEnd {
                return Ok(Some(input));
            }
            if produced == 0 && (input.is_empty() || consumed == 0) {
                return if input.is_empty() { Ok(None) } else { Err(Reason::Malformed) };
            }
        }
    }
}

impl Stage for Inflate {
    fn push(&mut self, mut input: &[u8], sink: &mut Sink<'_>) -> Result<(), Reason> {
        while !input.is_empty() {
            match &mut self.state {
                State::Header(header) if self.gzip => {
                    let had = header.len();
                    header.extend_from_slice(input);
                    match gzip_header(header)? {
                        None if header.len() > LONGEST_HEADER => return Err(Reason::TooLarge),
                        None => return Ok(()),
                        Some(len) => {
                            input = &input[len - had..];
                            self.checksum = Crc::new();
                            self.state = State::Body(Decompress::new(false));
                        }
                    }
                }
                State::Header(header) => {
                    header.push(input[0]);
                    input = &input[1..];
                    if let [cmf, flags] = header[..] {
                        // RFC 1950 §2.2: method 8, and a header that 31 divides.
                        let zlib = cmf & 15 == 8 && u16::from_be_bytes([cmf, flags]).is_multiple_of(31);
                        self.state = State::Body(Decompress::new(zlib));
                        if self.inflate(&[cmf, flags], sink)?.is_some() {
                            self.state = State::Done;
                        }
                    }
                }
                State::Body(_) => match self.inflate(input, sink)? {
                    None => return Ok(()),
                    Some(rest) => {
                        input = rest;
                        self.state = if self.gzip { State::Trailer(Vec::new()) } else { State::Done };
                    }
                },
                State::Trailer(trailer) => {
                    let (bytes, rest) = input.split_at(input.len().min(TRAILER - trailer.len()));
                    trailer.extend_from_slice(bytes);
                    input = rest;
                    if trailer.len() == TRAILER {
                        let expected = [self.checksum.sum().to_le_bytes(), self.checksum.amount().to_le_bytes()];
                        if trailer[..] != *expected.as_flattened() {
                            return Err(Reason::Malformed);
                        }
                        self.state = State::Done;
                    }
                }
                State::Done if self.gzip => self.state = State::Header(Vec::new()),
                State::Done => return Err(Reason::Malformed),
            }
        }
        Ok(())
    }

    fn finish(&self) -> Result<(), Reason> {
        if matches!(self.state, State::Done) { Ok(()) } else { Err(Reason::Malformed) }
    }
}

/// Length of the gzip header that `bytes` begin with; `None` if there is more to come.
fn gzip_header(bytes: &[u8]) -> Result<Option<usize>, Reason> {
    const FIXED: usize = 10;
    // RFC 1952 §2.3.1: what follows the fixed part, in this order.
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    const CRC: u8 = 2;
    const RESERVED: u8 = 0xE0;
    let magic = [0x1F, 0x8B, 8];
    if bytes.iter().zip(&magic).any(|(a, b)| a != b) {
        return Err(Reason::Malformed);
    }
    let Some(&flags) = bytes.get(3) else { return Ok(None) };
    if flags & RESERVED != 0 {
        return Err(Reason::Malformed);
    }
    let mut len = FIXED;
    if flags & EXTRA != 0 {
        let Some(size) = bytes.get(len..).and_then(|rest| rest.first_chunk()) else { return Ok(None) };
        len += 2 + usize::from(u16::from_le_bytes(*size));
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            let Some(end) = bytes.get(len..).and_then(|rest| memchr::memchr(0, rest)) else { return Ok(None) };
            len += end + 1;
        }
    }
    if flags & CRC != 0 {
        len += 2;
    }
    Ok((len <= bytes.len()).then_some(len))
}

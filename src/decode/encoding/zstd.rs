//! zstd: RFC 8878, with the window of 8 MiB that RFC 9659 sets for HTTP. Frames are cut into blocks here, so that the
//! decoder is only ever given whole ones.

use super::{Reason, Sink, Stage};
use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

const MAGIC: u32 = 0xFD2F_B528;
/// The last four bits of the magic number of a skippable frame are free.
const SKIPPABLE: u32 = 0x184D_2A50;
const LARGEST_WINDOW: u64 = 8 << 20;

enum State {
    Frame,
    Block,
    /// Bytes of a skippable frame.
    Skip(usize),
}

pub(super) struct Zstd {
    decoder: FrameDecoder,
    state: State,
    /// The frame ends with a checksum.
    checksum: bool,
    /// Input of which no unit is complete. A block has 128 KiB at most.
    pending: Vec<u8>,
    /// A frame was read.
    any: bool,
}

impl Zstd {
    pub fn new() -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(LARGEST_WINDOW);
        Self { decoder, state: State::Frame, checksum: false, pending: Vec::new(), any: false }
    }

    /// Reads one unit from the front of `input`; returns its length, or `None` if it is not complete.
    fn unit(&mut self, input: &[u8], sink: &mut Sink<'_>) -> Result<Option<usize>, Reason> {
        match self.state {
            State::Skip(left) => {
                let len = left.min(input.len());
                self.state = if len == left { State::Frame } else { State::Skip(left - len) };
                Ok((len > 0 || left == 0).then_some(len))
            }
            State::Frame => self.frame(input),
            State::Block => self.block(input, sink),
        }
    }

    fn frame(&mut self, input: &[u8]) -> Result<Option<usize>, Reason> {
        let Some(magic) = input.first_chunk().map(|bytes| u32::from_le_bytes(*bytes)) else { return Ok(None) };
        if magic & 0xFFFF_FFF0 == SKIPPABLE {
            let Some(len) = input[4..].first_chunk().map(|bytes| u32::from_le_bytes(*bytes)) else { return Ok(None) };
            self.state = State::Skip(len as usize);
            return Ok(Some(8));
        }
        if magic != MAGIC {
            return Err(Reason::Malformed);
        }
        let Some(&descriptor) = input.get(4) else { return Ok(None) };
        // RFC 8878 §3.1.1.1: sizes of the window descriptor, the dictionary id and the content size.
        let single_segment = descriptor >> 5 & 1;
        let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
        let content = [usize::from(single_segment), 2, 4, 8][usize::from(descriptor >> 6)];
        let len = 5 + usize::from(1 - single_segment) + dictionary + content;
        let Some(header) = input.get(..len) else { return Ok(None) };
        self.decoder.reset(header).map_err(|error| match error {
            FrameDecoderError::WindowSizeTooBig { .. } => Reason::TooLarge,
            _ => Reason::Malformed,
        })?;
        self.checksum = descriptor & 4 != 0;
        self.any = true;
        self.state = State::Block;
        Ok(Some(len))
    }

    fn block(&mut self, input: &[u8], sink: &mut Sink<'_>) -> Result<Option<usize>, Reason> {
        let Some([a, b, c]) = input.first_chunk().copied() else { return Ok(None) };
        let header = u32::from_le_bytes([a, b, c, 0]);
        let (last, run) = (header & 1 == 1, header >> 1 & 3 == 1);
        let content = if run { 1 } else { (header >> 3) as usize };
        let len = 3 + content + if last && self.checksum { 4 } else { 0 };
        if content > 128 << 10 {
            return Err(Reason::Malformed);
        }
        let Some(block) = input.get(..len) else { return Ok(None) };
        self.decoder.decode_blocks(block, BlockDecodingStrategy::UptoBlocks(1)).map_err(|_| Reason::Malformed)?;
        if let Some(bytes) = self.decoder.collect() {
            sink.write(&bytes)?;
        }
        if last {
            let stated = self.decoder.get_checksum_from_data();
            if stated.is_some() && stated != self.decoder.get_calculated_checksum() {
                return Err(Reason::Malformed);
            }
            self.state = State::Frame;
        }
        Ok(Some(len))
    }
}

impl Stage for Zstd {
    fn push(&mut self, input: &[u8], sink: &mut Sink<'_>) -> Result<(), Reason> {
        let mut pending = std::mem::take(&mut self.pending);
        pending.extend_from_slice(input);
        let mut done = 0;
        while let Some(len) = self.unit(&pending[done..], sink)? {
            done += len;
        }
        pending.drain(..done);
        self.pending = pending;
        Ok(())
    }

    fn finish(&self) -> Result<(), Reason> {
        let whole = self.any && self.pending.is_empty() && matches!(self.state, State::Frame);
        if whole { Ok(()) } else { Err(Reason::Malformed) }
    }
}

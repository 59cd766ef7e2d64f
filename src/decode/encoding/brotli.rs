//! br: RFC 7932, without the large windows that HTTP does not allow.

use super::{Reason, Sink, Stage};
use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

const BUFFER: usize = 16 << 10;

pub(super) struct Brotli {
    state: Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>,
    buffer: Box<[u8]>,
    total: usize,
    done: bool,
}

impl Brotli {
    pub fn new() -> Self {
        let alloc = StandardAlloc::default;
        let state = BrotliState::new_strict(alloc(), alloc(), alloc());
        Self { state: Box::new(state), buffer: vec![0; BUFFER].into(), total: 0, done: false }
    }
}

impl Stage for Brotli {
    fn push(&mut self, mut input: &[u8], sink: &mut Sink<'_>) -> Result<(), Reason> {
        while !input.is_empty() || !self.done {
            if self.done {
                return Err(Reason::Malformed);
            }
            let (mut available_in, mut consumed) = (input.len(), 0);
            let (mut available_out, mut produced) = (self.buffer.len(), 0);
            let result = BrotliDecompressStream(
                &mut available_in,
                &mut consumed,
                input,
                &mut available_out,
                &mut produced,
                &mut self.buffer,
                &mut self.total,
                &mut self.state,
            );
            sink.write(&self.buffer[..produced])?;
            input = &input[consumed..];
            match result {
                BrotliResult::ResultSuccess => self.done = true,
                BrotliResult::NeedsMoreOutput => {}
                BrotliResult::NeedsMoreInput if input.is_empty() => return Ok(()),
                BrotliResult::NeedsMoreInput | BrotliResult::ResultFailure => return Err(Reason::Malformed),
            }
        }
        Ok(())
    }

    fn finish(&self) -> Result<(), Reason> {
        if self.done { Ok(()) } else { Err(Reason::Malformed) }
    }
}

//! The scanner: RFC 8259 text → tape. One pass, no recursion; the stack is the tape's own parent links.

use super::{JsonError, Kind, Limits, NONE, Slot, block, escape, mark};

const BOM: &str = "\u{feff}";

/// Reads one JSON text with nothing but whitespace around it. A byte order mark before it is ignored (RFC 8259 §8.1).
pub(super) fn scan(text: &str, limits: &Limits) -> Result<Vec<Slot>, JsonError> {
    let bytes = text.as_bytes();
    let start = if text.starts_with(BOM) { BOM.len() } else { 0 };
    // An event of a stream has a node per 8 bytes or so, a chat request one per 40; the tape grows for denser ones.
    let tape = Vec::with_capacity((bytes.len() / 8).min(64 + bytes.len() / 40).min(1 << 16));
    Scanner { bytes, pos: start, tape, limits: *limits }.run()
}

struct Scanner<'b> {
    bytes: &'b [u8],
    pos: usize,
    tape: Vec<Slot>,
    limits: Limits,
}

impl Scanner<'_> {
    fn run(mut self) -> Result<Vec<Slot>, JsonError> {
        let mut parent = NONE;
        let mut parent_kind = Kind::Null;
        let mut index = 0;
        let mut depth = 0;
        'value: loop {
            if parent_kind == Kind::Object {
                self.key(parent, index)?;
            }
            let byte = self.next_token();
            match byte {
                Some(b'"') => {
                    let start = self.pos;
                    let escaped = self.string()?;
                    self.push(Slot::leaf(Kind::String, start, self.pos, parent, index).escaped(escaped))?;
                }
                Some(b'{' | b'[') => {
                    depth += 1;
                    if depth > self.limits.depth {
                        return Err(self.too_large("nested more deeply than the limit"));
                    }
                    let kind = if byte == Some(b'{') { Kind::Object } else { Kind::Array };
                    let id = self.tape.len() as u32;
                    self.push(Slot::leaf(kind, self.pos, 0, parent, index))?;
                    self.pos += 1;
                    parent = id;
                    parent_kind = kind;
                    index = 0;
                    let close = if kind == Kind::Object { b'}' } else { b']' };
                    if self.next_token() != Some(close) {
                        continue 'value;
                    }
                }
                Some(b'-' | b'0'..=b'9') => {
                    let start = self.pos;
                    self.number()?;
                    self.push(Slot::leaf(Kind::Number, start, self.pos, parent, index))?;
                }
                Some(b't') => self.literal("true", Kind::Bool, parent, index)?,
                Some(b'f') => self.literal("false", Kind::Bool, parent, index)?,
                Some(b'n') => self.literal("null", Kind::Null, parent, index)?,
                Some(_) => return Err(self.error("a value was expected")),
                None => return Err(self.error("the text ends where a value was expected")),
            }
            // Behind a value, or before the bracket that closes an empty container.
            loop {
                let token = self.next_token();
                match (parent_kind, token) {
                    (Kind::Array, Some(b',')) | (Kind::Object, Some(b',')) => {
                        self.pos += 1;
                        index += 1;
                        continue 'value;
                    }
                    (Kind::Array, Some(b']')) | (Kind::Object, Some(b'}')) => {
                        self.pos += 1;
                        let after = self.tape.len() as u32;
                        let slot = &mut self.tape[parent as usize];
                        slot.end = self.pos as u32;
                        slot.after = after;
                        index = slot.index;
                        parent = slot.parent;
                        parent_kind = if parent == NONE { Kind::Null } else { self.tape[parent as usize].kind };
                        depth -= 1;
                    }
                    (Kind::Array, Some(_)) => return Err(self.error("`,` or `]` was expected")),
                    (Kind::Object, Some(_)) => return Err(self.error("`,` or `}` was expected")),
                    (Kind::Array | Kind::Object, None) => {
                        return Err(self.error("the text ends inside an array or object"));
                    }
                    (_, None) => return Ok(self.tape),
                    (_, Some(_)) => return Err(self.error("something follows the value")),
                }
            }
        }
    }

    /// A key and its colon. The bracket that opened the object or the comma is already read.
    #[inline]
    fn key(&mut self, parent: u32, index: u32) -> Result<(), JsonError> {
        if self.next_token() != Some(b'"') {
            return Err(self.error("a key in quotes was expected"));
        }
        let start = self.pos;
        let escaped = self.string()?;
        // an escape may stand for any letter
        let marks = if escaped { u16::MAX } else { mark(&self.bytes[start + 1..self.pos - 1]) };
        self.push(Slot::leaf(Kind::String, start, self.pos, parent, index).escaped(escaped).key(marks))?;
        self.tape[parent as usize].marks |= marks;
        if self.next_token() != Some(b':') {
            return Err(self.error("`:` was expected"));
        }
        self.pos += 1;
        Ok(())
    }

    #[inline]
    fn push(&mut self, slot: Slot) -> Result<(), JsonError> {
        if self.tape.len() >= self.limits.nodes {
            return Err(self.too_large("more values than the limit"));
        }
        let after = self.tape.len() as u32 + 1;
        self.tape.push(Slot { after, ..slot });
        Ok(())
    }

    /// Skips whitespace; the byte found is not consumed.
    #[inline]
    fn next_token(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.pos) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.pos += 1,
                other => return other.copied(),
            }
        }
    }

    /// Consumes a string, quotes included; says whether it holds escapes.
    #[inline]
    fn string(&mut self) -> Result<bool, JsonError> {
        self.pos += 1;
        // names are short
        for _ in 0..2 {
            let Some(word) = self.bytes[self.pos..].first_chunk() else { break };
            let plain = block::before_special(word);
            self.pos += plain;
            if plain < block::WORD {
                break;
            }
        }
        match self.bytes.get(self.pos) {
            Some(b'"') => {
                self.pos += 1;
                Ok(false)
            }
            _ => self.long_string(),
        }
    }

    /// Consumes what is left of a string.
    fn long_string(&mut self) -> Result<bool, JsonError> {
        let mut escaped = false;
        loop {
            let start = self.pos;
            let mut marks = block::specials(self.bytes, start);
            while marks != 0 {
                self.pos = start + marks.trailing_zeros() as usize;
                match self.bytes.get(self.pos) {
                    Some(b'"') => {
                        self.pos += 1;
                        return Ok(escaped);
                    }
                    Some(b'\\') => {
                        escaped = true;
                        self.escape()?;
                    }
                    Some(_) => return Err(self.error("a control character in a string must be escaped")),
                    None => return Err(self.error("the text ends inside a string")),
                }
                marks = block::from(marks, self.pos - start);
            }
            self.pos = self.pos.max(start + block::LEN);
        }
    }

    #[inline]
    fn escape(&mut self) -> Result<(), JsonError> {
        match self.bytes.get(self.pos + 1) {
            Some(b'u') => {
                if self.bytes[self.pos + 2..].first_chunk().and_then(escape::hex).is_none() {
                    return Err(self.error("`\\u` needs four hexadecimal digits"));
                }
                self.pos += 6;
            }
            Some(letter) if escape::simple(*letter).is_some() => self.pos += 2,
            _ => return Err(self.error("unknown escape in a string")),
        }
        Ok(())
    }

    #[inline]
    fn number(&mut self) -> Result<(), JsonError> {
        if self.bytes[self.pos] == b'-' {
            self.pos += 1;
        }
        match self.bytes.get(self.pos) {
            Some(b'0') => self.pos += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.error("a digit was expected")),
        }
        if self.bytes.get(self.pos) == Some(&b'.') {
            self.pos += 1;
            self.some_digits()?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.pos) {
            self.pos += 1;
            if let Some(b'+' | b'-') = self.bytes.get(self.pos) {
                self.pos += 1;
            }
            self.some_digits()?;
        }
        Ok(())
    }

    fn some_digits(&mut self) -> Result<(), JsonError> {
        let start = self.pos;
        self.digits();
        if self.pos == start { Err(self.error("a digit was expected")) } else { Ok(()) }
    }

    #[inline]
    fn digits(&mut self) {
        while let Some(b'0'..=b'9') = self.bytes.get(self.pos) {
            self.pos += 1;
        }
    }

    fn literal(&mut self, word: &str, kind: Kind, parent: u32, index: u32) -> Result<(), JsonError> {
        if !self.bytes[self.pos..].starts_with(word.as_bytes()) {
            return Err(self.error("a value was expected"));
        }
        let start = self.pos;
        self.pos += word.len();
        self.push(Slot::leaf(kind, start, self.pos, parent, index))
    }

    #[cold]
    fn error(&self, message: &'static str) -> JsonError {
        JsonError { offset: self.pos, message, too_large: false }
    }

    #[cold]
    fn too_large(&self, message: &'static str) -> JsonError {
        JsonError { offset: self.pos, message, too_large: true }
    }
}

//! Follows a message's body to its end, so that the next head is looked for where it really begins.

use super::head::BodyFraming;
use memchr::memchr;

/// Bytes a chunk-size line or the trailers of one body may take.
const MAX_LINE: usize = 8 * 1024;

/// Where in a message's body the connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// This many bytes remain.
    Length(u64),
    /// Reading a chunk's size; `digits` hexadecimal digits seen.
    Size {
        size: u64,
        digits: u8,
    },
    /// In a chunk extension, `line` bytes into it.
    Extension {
        size: u64,
        line: usize,
    },
    /// After the CR of a chunk-size line.
    SizeLf {
        size: u64,
    },
    /// This many bytes of chunk data remain.
    Data(u64),
    DataCr,
    DataLf,
    /// At the start of a trailer line, or at the empty line that ends the body; `total` bytes of trailers so far.
    TrailerStart {
        total: usize,
    },
    Trailer {
        total: usize,
    },
    TrailerLf {
        total: usize,
    },
    EndLf,
}

/// The body is malformed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl Body {
    pub(super) fn new(framing: BodyFraming) -> Self {
        match framing {
            BodyFraming::Length(length) => Self::Length(length),
            BodyFraming::Chunked => Self::Size { size: 0, digits: 0 },
        }
    }

    /// Follows `bytes`; returns how many belong to this body, and whether it ended with them.
    pub(super) fn follow(&mut self, bytes: &[u8]) -> Result<(usize, bool), Malformed> {
        let mut at = 0;
        if let Self::Length(left) = self {
            at = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
            *left -= at as u64;
            return Ok((at, *left == 0));
        }
        while at < bytes.len() {
            if let Self::Data(left) = self {
                let taken = (bytes.len() - at).min(usize::try_from(*left).unwrap_or(usize::MAX));
                at += taken;
                *left -= taken as u64;
                if *left == 0 {
                    *self = Self::DataCr;
                }
                continue;
            }
            if let Self::Trailer { total } = self {
                let rest = &bytes[at..];
                let taken = memchr(b'\r', rest).unwrap_or(rest.len());
                if memchr(b'\n', &rest[..taken]).is_some() {
                    return Err(Malformed);
                }
                *total += taken;
                if *total > MAX_LINE {
                    return Err(Malformed);
                }
                at += taken;
                if taken == rest.len() {
                    break;
                }
            }
            let byte = bytes[at];
            at += 1;
            *self = self.step(byte)?;
            if *self == Self::Length(0) {
                return Ok((at, true));
            }
        }
        Ok((at, false))
    }

    /// One byte of framing. `Length(0)` stands for the end of a chunked body.
    fn step(self, byte: u8) -> Result<Self, Malformed> {
        Ok(match (self, byte) {
            (Self::Size { size, digits }, byte) if byte.is_ascii_hexdigit() => {
                // 15 digits cannot overflow; no chunk is that long.
                if digits == 15 {
                    return Err(Malformed);
                }
                let digit = (byte as char).to_digit(16).expect("a hexadecimal digit");
                Self::Size { size: size << 4 | u64::from(digit), digits: digits + 1 }
            }
            (Self::Size { digits: 0, .. }, _) => return Err(Malformed),
            (Self::Size { size, .. }, b'\r') => Self::SizeLf { size },
            (Self::Size { size, .. }, b';' | b' ' | b'\t') => Self::Extension { size, line: 1 },
            (Self::Extension { size, .. }, b'\r') => Self::SizeLf { size },
            (Self::Extension { size, line }, byte) if byte != b'\n' && line < MAX_LINE => {
                Self::Extension { size, line: line + 1 }
            }
            (Self::SizeLf { size: 0 }, b'\n') => Self::TrailerStart { total: 0 },
            (Self::SizeLf { size }, b'\n') => Self::Data(size),
            (Self::DataCr, b'\r') => Self::DataLf,
            (Self::DataLf, b'\n') => Self::Size { size: 0, digits: 0 },
            (Self::TrailerStart { .. }, b'\r') => Self::EndLf,
            (Self::TrailerStart { .. }, b'\n' | b' ' | b'\t') => return Err(Malformed),
            (Self::TrailerStart { total }, _) => Self::Trailer { total: total + 1 },
            (Self::Trailer { total }, b'\r') => Self::TrailerLf { total },
            (Self::TrailerLf { total }, b'\n') => Self::TrailerStart { total },
            (Self::EndLf, b'\n') => Self::Length(0),
            _ => return Err(Malformed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_end_however_the_body_is_cut() {
        for body in ["5\r\nhello\r\n0\r\n\r\n", "5;a=b\r\nhello\r\nA\r\n0123456789\r\n000\r\nx: y\r\nz:\r\n\r\n"] {
            let bytes = format!("{body}GET / HTTP/1.1\r\n");
            for step in 1..bytes.len() {
                let mut follow = Body::new(BodyFraming::Chunked);
                let mut total = 0;
                for piece in bytes.as_bytes().chunks(step) {
                    let (taken, ended) = follow.follow(piece).unwrap();
                    total += taken;
                    if ended {
                        break;
                    }
                }
                assert_eq!(total, body.len(), "{body:?} in steps of {step}");
            }
        }
        let mut follow = Body::new(BodyFraming::Length(5));
        assert_eq!(follow.follow(b"hel"), Ok((3, false)));
        assert_eq!(follow.follow(b"loGET"), Ok((2, true)));
    }

    #[test]
    fn refuses_malformed_chunks() {
        for body in [
            "\r\n",
            "x\r\n",
            "5\nhello\r\n",
            "5;ext\nhello\r\n",
            "5\r\nhelloX\r\n",
            "5\r\nhello\n0\r\n\r\n",
            "0\r\nx: y\nz: a\r\n\r\n",
            "0\r\n\n",
            "ffffffffffffffff\r\n",
            "-5\r\n",
        ] {
            let mut follow = Body::new(BodyFraming::Chunked);
            assert_eq!(follow.follow(body.as_bytes()), Err(Malformed), "{body:?}");
        }
    }
}

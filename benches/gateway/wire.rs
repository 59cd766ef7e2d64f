//! As much HTTP/1.1 as a load generator and a constant upstream need, on raw sockets: little work, so that most of the
//! machine is left to what is measured.

use std::io;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// How a message's body ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Framing {
    Length(usize),
    Chunked,
}

/// A connection with its unread bytes.
pub struct Wire {
    pub stream: TcpStream,
    buffer: Vec<u8>,
    /// The bytes before this place are used up.
    at: usize,
}

/// A message's first line and headers.
pub struct Head {
    text: String,
    framing: Framing,
}

impl Head {
    /// The status code, of an answer.
    pub fn status(&self) -> &str {
        self.text.split(' ').nth(1).unwrap_or_default()
    }

    /// A header's value; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.text.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

impl Wire {
    pub fn new(stream: TcpStream) -> io::Result<Wire> {
        stream.set_nodelay(true)?;
        Ok(Wire { stream, buffer: Vec::with_capacity(16 << 10), at: 0 })
    }

    /// Reads a message's head; `None` when the peer closed between messages.
    pub async fn head(&mut self) -> io::Result<Option<Head>> {
        loop {
            if let Some(length) = find(&self.buffer[self.at..], b"\r\n\r\n") {
                let text = String::from_utf8_lossy(&self.buffer[self.at..self.at + length]).into_owned();
                self.at += length + 4;
                let mut head = Head { text, framing: Framing::Length(0) };
                head.framing = match head.header("content-length").and_then(|value| value.parse().ok()) {
                    Some(length) => Framing::Length(length),
                    None if head.header("transfer-encoding") == Some("chunked") => Framing::Chunked,
                    None => Framing::Length(0),
                };
                return Ok(Some(head));
            }
            if !self.fill().await? {
                return if self.at == self.buffer.len() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        }
    }

    /// Reads the body that follows `head`, and gives each piece to `piece` as it arrives.
    pub async fn body(&mut self, head: &Head, mut piece: impl FnMut(&[u8])) -> io::Result<()> {
        match head.framing {
            Framing::Length(length) => self.take(length, &mut piece).await,
            Framing::Chunked => loop {
                let line = loop {
                    if let Some(length) = find(&self.buffer[self.at..], b"\r\n") {
                        break length;
                    }
                    self.more().await?;
                };
                let text = String::from_utf8_lossy(&self.buffer[self.at..self.at + line]);
                let size = usize::from_str_radix(text.trim(), 16).map_err(|_| io::ErrorKind::InvalidData)?;
                self.at += line + 2;
                self.take(size, &mut piece).await?;
                self.take(2, &mut |_| {}).await?;
                if size == 0 {
                    return Ok(());
                }
            },
        }
    }

    async fn take(&mut self, mut length: usize, piece: &mut impl FnMut(&[u8])) -> io::Result<()> {
        while length > 0 {
            if self.at == self.buffer.len() {
                self.more().await?;
            }
            let end = self.buffer.len().min(self.at + length);
            piece(&self.buffer[self.at..end]);
            length -= end - self.at;
            self.at = end;
        }
        Ok(())
    }

    async fn more(&mut self) -> io::Result<()> {
        if self.fill().await? { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    async fn fill(&mut self) -> io::Result<bool> {
        self.buffer.drain(..self.at);
        self.at = 0;
        Ok(self.stream.read_buf(&mut self.buffer).await? > 0)
    }
}

/// Where `needle` begins in `haystack`.
pub fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(haystack, needle)
}

//! `[limits]`: caps and deadlines, each with its declared outcome (P5, P7).

use super::Reading;
use crate::detect::DECODE_DEPTH;
use crate::diagnostic::reader::{ByteSize, Read, Table};
use std::fmt::Display;
use std::time::Duration;

/// Caps and deadlines. Everything that exceeds one is refused or ended, never let through uninspected, unless `[failure]`
/// opens the phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// For name lookup, TCP and TLS towards an upstream. Then: 504 in the provider's error shape.
    pub connect: Duration,
    /// For a request's head to arrive. Then: 408, and the connection is closed.
    pub header_read: Duration,
    /// For a request's body to arrive. Then: 408, and the connection is closed.
    pub body_read: Duration,
    /// From the request's last byte to the answer's head. Then: 504. The official SDKs wait 600 s.
    pub first_byte: Duration,
    /// Between two pieces of an answer. Then: a streamed answer ends with the provider's error event, another is 504.
    pub stream_idle: Duration,
    /// For a whole exchange. Then: as `stream_idle`.
    pub total: Duration,
    /// Connections of callers at a time. Further ones wait in the operating system's queue.
    pub max_connections: usize,
    /// A request's head, in bytes. Then: 431.
    pub max_header: ByteSize,
    /// An answer that is not streamed, in bytes as sent. Then: 502, and nothing of the answer.
    pub max_response: ByteSize,
    /// A compressed body after decompression. Then: it counts as uninspected, `too_large`, which is refused unless a policy
    /// or `[failure]` says otherwise.
    pub decompress_size: ByteSize,
    /// Encodings within each other, in texts of any kind (base64 in base64), 0 to read text only as it is written. Then: what
    /// is encoded more often is text like any other.
    pub decode_depth: usize,
    /// How many times larger than sent a body may become. Then: as `decompress_size`.
    pub decompress_ratio: u32,
    /// Levels of objects and lists in a JSON body. Then: as `decompress_size`.
    pub json_depth: usize,
    /// Text held back in one stream until it is decided. Then: the stream ends as if it were blocked.
    pub stream_hold_back: ByteSize,
    /// Work of scanning a request, or an answer, for each byte of its text, in bytes that the rules read; ordinary text needs
    /// less than one. Then: the rest counts as uninspected, `deadline`, which is refused unless a policy or `[failure]` says
    /// otherwise.
    pub scan_work: u64,
    /// Memory for what texts held that were scanned before, so that a conversation costs what its new text costs; each user
    /// gets a small share of it, and 0 recognises nothing. Then: what was used longest ago is scanned again.
    pub history: ByteSize,
    /// For running exchanges to end after SIGTERM. Then: they are cut.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        const fn seconds(seconds: u64) -> Duration {
            Duration::from_secs(seconds)
        }
        Self {
            connect: seconds(5),
            header_read: seconds(10),
            body_read: seconds(60),
            first_byte: seconds(600),
            stream_idle: seconds(120),
            total: seconds(3600),
            max_connections: 10_000,
            max_header: ByteSize(64 << 10),
            max_response: ByteSize(32 << 20),
            decompress_size: ByteSize(64 << 20),
            decode_depth: DECODE_DEPTH,
            decompress_ratio: 100,
            json_depth: 512,
            stream_hold_back: ByteSize(64 << 10),
            scan_work: 64,
            history: ByteSize(32 << 20),
            drain: seconds(30),
        }
    }
}

impl Limits {
    pub(super) fn read(&mut self, table: &mut Table<'_>, reading: &mut Reading<'_>) {
        let duration =
            |text: &str| text.parse::<humantime::Duration>().map(Duration::from).expect("a literal duration");
        let (instant, day) = (Duration::from_millis(1), duration("1d"));
        let mut time =
            |key, field| between(table, reading, key, field, instant, day, |d| humantime::format_duration(*d));
        time("connect", &mut self.connect);
        time("header_read", &mut self.header_read);
        time("body_read", &mut self.body_read);
        time("first_byte", &mut self.first_byte);
        time("stream_idle", &mut self.stream_idle);
        time("total", &mut self.total);
        time("drain", &mut self.drain);
        between(table, reading, "max_connections", &mut self.max_connections, 1, 1_000_000, |n| *n);
        between(table, reading, "decode_depth", &mut self.decode_depth, 0, 8, |n| *n);
        between(table, reading, "decompress_ratio", &mut self.decompress_ratio, 1, 100_000, |n| *n);
        between(table, reading, "scan_work", &mut self.scan_work, 1, 1_000_000, |n| *n);
        // Deeper than any model's traffic; readers behind the gateway have a stack.
        between(table, reading, "json_depth", &mut self.json_depth, 8, 10_000, |n| *n);
        let mut size = |key, field, least| {
            between(table, reading, key, field, ByteSize(least), ByteSize(4 << 30), |size| *size);
        };
        size("max_header", &mut self.max_header, 1 << 10);
        size("max_response", &mut self.max_response, 1 << 10);
        size("decompress_size", &mut self.decompress_size, 1 << 10);
        size("stream_hold_back", &mut self.stream_hold_back, 1 << 10);
        size("history", &mut self.history, 0);
    }
}

/// Sets `field` to the value of `key`, which must lie from `least` to `most`.
fn between<'d, T: Read<'d> + PartialOrd, S: Display>(
    table: &mut Table<'d>,
    reading: &mut Reading<'_>,
    key: &'static str,
    field: &mut T,
    least: T,
    most: T,
    show: impl Fn(&T) -> S,
) {
    let Some(read) = reading.spanned::<T>(table, key) else { return };
    if read.value < least || read.value > most {
        let help = format!("write at least {} and at most {}", show(&least), show(&most));
        reading.problems.at(table.source(), read.span, format!("`limits.{key}` is out of bounds"), help);
    }
    *field = read.value;
}

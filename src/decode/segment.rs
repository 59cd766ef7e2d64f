//! Text with its place in a body.

use crate::diagnostic::reader::Choice;
use std::borrow::Cow;
use std::ops::Range;

/// Which way a text travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    Prompt,
    System,
    Upload,
    ToolCall,
    ToolResult,
    Response,
}

impl Choice for Channel {
    const WHAT: &'static str = "channel";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("prompt", Self::Prompt),
        ("system", Self::System),
        ("upload", Self::Upload),
        ("tool_call", Self::ToolCall),
        ("tool_result", Self::ToolResult),
        ("response", Self::Response),
    ];
}

/// Why bytes were not inspected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    Encrypted,
    TooLarge,
    UnknownType,
    Deadline,
    Opaque,
    /// Not valid in the format it claims: broken JSON, bad base64, invalid compression.
    Malformed,
    /// Content that is elsewhere: a URL or a file id.
    Remote,
}

impl Choice for Reason {
    const WHAT: &'static str = "reason";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("encrypted", Self::Encrypted),
        ("too_large", Self::TooLarge),
        ("unknown_type", Self::UnknownType),
        ("deadline", Self::Deadline),
        ("opaque", Self::Opaque),
        ("malformed", Self::Malformed),
        ("remote", Self::Remote),
    ];
}

/// A part of a body that was not inspected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uninspected {
    pub reason: Reason,
    pub channel: Channel,
    pub bytes: u64,
    /// `messages[2].content[0].image_url.url`; empty for the whole body.
    pub path: String,
}

/// A text to scan.
pub struct Segment<'b> {
    pub channel: Channel,
    /// JSON path, or `part[2]` of a multipart body; for records, so it never holds caller-chosen free text beyond key names.
    pub path: String,
    /// The text as the model would read it.
    pub text: Cow<'b, str>,
    // how `text` maps to body bytes: private to decode
}

/// Replace `range` of a segment's text by `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// Index into the list of segments.
    pub segment: usize,
    pub range: Range<usize>,
    pub text: String,
}

/// The body with the replacements made, each escaped as its place needs. Ranges of one segment do not overlap.
/// Bytes outside the replaced ranges are those of `body`.
pub fn rewrite(_body: &[u8], _segments: &[Segment<'_>], _replacements: &[Replacement]) -> Vec<u8> {
    todo!()
}

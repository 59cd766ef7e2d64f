//! Bodies → [`Segment`]s: text with its place in the bytes, and rewriting that changes only the matched bytes (P1).
//!
//! * [`encoding`] undoes content codings within caps; [`multipart`] cuts uploads into parts; [`sniff`] tells what they are.
//! * [`json`] reads a body into nodes with byte spans; [`segment`] makes texts of them and takes replacements back;
//!   [`offset`] moves the numbers that count into them.
//! * [`framing`] cuts a stream into events, whatever carries them ([`sse`], [`pieces`], [`array`]); [`lane`] follows one text through them, however it is cut (P2).

pub mod array;
pub mod encoding;
pub mod event_stream;
pub mod framing;
pub mod json;
pub mod lane;
pub mod multipart;
pub mod offset;
pub mod pieces;
#[cfg(test)]
mod samples;
pub mod segment;
pub mod sniff;
pub mod sse;
mod view;

pub use segment::{Channel, Reason, Replacement, Segment, Uninspected, rewrite};
pub use view::Leaf;

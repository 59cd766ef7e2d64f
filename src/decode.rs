//! Bodies → [`Segment`]s: text with its place in the bytes, and rewriting that changes only the matched bytes (P1).

pub mod encoding;
pub mod json;
pub mod lane;
pub mod multipart;
#[cfg(test)]
mod samples;
pub mod segment;
pub mod sniff;
pub mod sse;
mod view;

pub use segment::{Channel, Reason, Replacement, Segment, Uninspected, rewrite};

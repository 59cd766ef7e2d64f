//! Bodies → [`Segment`]s: text with its place in the bytes, and rewriting that changes only the matched bytes (P1).

pub mod encoding;
pub mod json;
pub mod lane;
pub mod multipart;
pub mod segment;
pub mod sse;

pub use segment::{Channel, Reason, Replacement, Segment, Uninspected, rewrite};

//! The packs and policies in the binary, so that it runs alone.

/// Every TOML file and word list of the repository's `policies/` folder: its path there, and its text.
pub const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/policies.rs"));

/// What names of embedded sources begin with, in messages.
pub const PREFIX: &str = "embedded:";

/// The text of an embedded file: `default.toml`, `examples/bank.toml`, `packs/base/payment.toml`.
pub fn file(path: &str) -> Option<&'static str> {
    FILES.iter().find(|(name, _)| *name == path).map(|(_, text)| *text)
}

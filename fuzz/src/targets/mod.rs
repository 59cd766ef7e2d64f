//! What is fuzzed: functions of any bytes that panic when a promise is broken.
//!
//! `fuzz/run` feeds them from libFuzzer; `tests/it/fuzz.rs` includes this file and feeds them pseudo-random mutations of their
//! seeds, so that every `cargo test` exercises them.

mod choices;
mod dialects;
mod disguise;
mod encoding;
mod engine;
mod json;
mod lane;
mod multipart;
mod scanning;
mod simd;
mod sse;

use choices::Choices;

/// A promise, and inputs to begin from.
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
    pub seeds: fn() -> Vec<Vec<u8>>,
}

pub const TARGETS: &[Target] = &[
    Target { name: "dialects", run: dialects::run, seeds: dialects::seeds },
    Target { name: "disguise", run: disguise::run, seeds: disguise::seeds },
    Target { name: "encoding", run: encoding::run, seeds: encoding::seeds },
    Target { name: "engine", run: engine::run, seeds: engine::seeds },
    Target { name: "json", run: json::run, seeds: json::seeds },
    Target { name: "lane", run: lane::run, seeds: lane::seeds },
    Target { name: "multipart", run: multipart::run, seeds: multipart::seeds },
    Target { name: "simd", run: simd::run, seeds: simd::seeds },
    Target { name: "sse", run: sse::run, seeds: sse::seeds },
];

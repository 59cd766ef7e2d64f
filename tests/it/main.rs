//! Integration tests: one binary, a file per promise.

mod packs;
mod proxy;
mod stdnum;

//! Integration tests: one binary, a file per promise.

mod diagnostics;
mod judging;
mod layers;
mod packs;
mod proxy;
mod split;
mod stdnum;

//! Integration tests: one binary, a file per promise.

mod diagnostics;
mod gateway;
mod judging;
mod layers;
mod packs;
mod proxy;
mod replay;
mod split;
mod stdnum;

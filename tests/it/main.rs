//! Integration tests: one binary, a file per promise.

mod judging;
mod layers;
mod proxy;
mod split;
mod stdnum;

//! Integration tests: one binary, a file per promise.

mod proxy;
mod stdnum;

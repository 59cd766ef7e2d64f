//! Integration tests: one binary, a file per promise.

mod diagnostics;
mod proxy;
mod stdnum;

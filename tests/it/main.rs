//! Integration tests: one binary, a file per promise.

mod gateway;
mod replay;
mod stdnum;

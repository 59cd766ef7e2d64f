//! Integration tests: one binary, a file per promise.

mod diagnostics;
mod disguise;
mod disguises;
mod gateway;
mod judging;
mod layers;
mod locations;
mod packs;
mod proxy;
mod quiet;
mod readme;
mod reasons;
mod recorded;
mod replay;
mod split;
mod stdnum;
mod swap;

//! Integration tests: one binary, a file per promise.

mod deadline;
mod diagnostics;
mod dictionaries;
mod disguise;
mod fuzz;
mod gateway;
mod history;
mod judging;
mod layers;
mod locations;
mod openai;
mod packs;
mod proxy;
mod quiet;
mod random;
mod readme;
mod reasons;
mod recorded;
mod replay;
mod retries;
mod routing;
mod seams;
mod spans;
mod split;
mod stdnum;
mod swap;

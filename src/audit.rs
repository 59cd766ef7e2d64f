//! Decision records: one line per exchange that says what was seen, what was not, what was done, why, and under which
//! policy version.
//!
//! [`DecisionRecord`] is the record, [`line`](DecisionRecord::line) its form for a terminal, [`sink::Sink`] the thread that
//! writes it. Promise (P4): a record has no field for matched text, prompts or keys; values appear as keyed fingerprints.
//! Field names and their order are stable; `docs/records.md` lists them.

mod line;
mod record;
pub mod sink;

pub use record::{
    DecisionRecord, FindingRecord, HoldbackRecord, MessagesRecord, PrincipalRecord, ReceiptRecord, RiskRecord,
    Statement, TimingRecord, TokensRecord, UninspectedRecord,
};
pub use sink::{Health, Sink, Target};

//! Portcullis, a GenAI DLP policy gateway.
//!
//! One exchange, told in the order the modules are read:
//! `receive → identify → decode → scan → decide → act → forward → stream → record`.
//!
//! * [`proxy`] receives a request and owns its life; [`principal`] says who asks.
//! * [`provider`] knows where text sits in a body, [`decode`] turns it into [`decode::Segment`]s.
//! * [`detect`] scans segments with the rules of the [`pack`]s and yields [`detect::Finding`]s.
//! * [`policy`] turns findings, principal and [`risk`] band into a [`policy::Decision`];
//!   [`action`] carries it out on the bytes.
//! * [`exchange`] strings these together without any I/O; [`audit`] and [`telemetry`] tell what happened.
#![deny(unsafe_code)]

pub mod action;
pub mod audit;
pub mod cli;
pub mod config;
pub mod decode;
pub mod detect;
pub mod diagnostic;
pub mod exchange;
pub mod gateway;
pub mod generation;
pub mod pack;
pub mod policy;
pub mod principal;
pub mod provider;
pub mod proxy;
pub mod risk;
pub mod sigv4;
pub mod standin;
pub mod telemetry;

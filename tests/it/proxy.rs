//! The proxy on real sockets, with a guard that passes everything on and upstreams played by the tests.

mod cancel;
mod lifecycle;
mod parties;
mod smuggling;
mod socket;
mod timing;
mod transfer;
mod versions;

//! The edge: receives requests, owns their life, and forwards them.
//!
//! Worker threads, one per core, each run a single-threaded runtime with connections and upstream pool of their own, so that
//! an exchange never crosses threads and takes no lock. A control thread accepts connections and hands each to the worker with
//! the fewest, serves the admin listener, and handles signals.
//!
//! What is judged, and how, is none of this module's business: see [`guard`].
//!
//! | file | holds |
//! |---|---|
//! | [`guard`] | the traits the gateway's brain implements |
//! | [`server`] | settings, sockets, start and drain |
//! | `worker`, `accept` | a worker's loop; a client connection from first byte to close |
//! | `wire` | checks of the raw bytes of HTTP/1 requests, deadlines of a connection |
//! | `forward`, `body`, `live` | one exchange |
//! | `socket` | a WebSocket: its handshakes, and its messages both ways |
//! | `headers` | what does not cross the gateway |
//! | [`upstream`], `pool`, `connect` | the way to the models |
//! | [`generations`], [`watch`] | reload |
//! | [`admin`] | metrics, health, reload, risk |

mod accept;
pub mod admin;
mod body;
mod connect;
mod deadline;
pub mod failure;
mod forward;
pub mod generations;
pub mod guard;
mod headers;
pub mod id;
mod live;
mod pool;
pub mod server;
mod socket;
pub mod tls;
pub mod upstream;
pub mod watch;
mod wire;
mod worker;

//! The stand-in model on its own: `cargo run --example stand-in -- 127.0.0.1:8081` (default: a free port).
//!
//! Prints the address it listens on and serves until it is killed. `src/standin.rs` says what it answers.

use std::future::pending;
use std::io;
use std::net::SocketAddr;

use portcullis::standin::Standin;

#[tokio::main]
async fn main() -> io::Result<()> {
    let addr = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let addr: SocketAddr =
        addr.parse().map_err(|_| io::Error::other(format!("`{addr}` is no address: use `127.0.0.1:8081`")))?;
    let standin = Standin::start(addr).await?;
    println!("{}", standin.addr());
    pending().await
}

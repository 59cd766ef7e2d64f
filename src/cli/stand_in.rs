//! `portcullis stand-in`: the stand-in model alone, for tests of clients.

use super::{Exit, Outcome};
use crate::standin::Standin;
use std::net::SocketAddr;

#[derive(clap::Args)]
pub struct Args {
    /// Address to listen on; loopback only
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

pub fn run(args: &Args) -> Outcome {
    if !args.listen.ip().is_loopback() {
        return Err(super::Failure::new("the stand-in model listens on loopback only"));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let standin = Standin::start(args.listen).await?;
        println!("http://{}", standin.addr());
        tokio::signal::ctrl_c().await?;
        Ok(Exit::Fine)
    })
}

//! `portcullis key new`: a gateway key and the hash that goes into the configuration.

use super::{Exit, Outcome};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Subcommand;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Subcommand)]
enum KeyCommand {
    /// Make a random key; prints it once, with the line for `[identity]`
    New {
        /// User the key stands for
        #[arg(long, default_value = "maria")]
        user: String,
    },
}

/// 32 random bytes; the prefix lets people and scanners recognise a key of this gateway.
const PREFIX: &str = "pck_";

pub fn run(args: &Args) -> Outcome {
    let KeyCommand::New { user } = &args.command;
    let mut random = [0u8; 32];
    aws_lc_rs::rand::fill(&mut random).expect("the operating system gives random bytes");
    let key = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random));
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
    println!("key:    {key}");
    println!("        give it to {user}; it is not stored and cannot be shown again");
    println!("config: keys = [{{ sha256 = \"{}\", user = {user:?} }}]", super::hex(hash.as_ref()));
    Ok(Exit::Fine)
}

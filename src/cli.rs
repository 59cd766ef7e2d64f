//! Subcommands. Each is one file; this one parses the command line and maps outcomes to exit codes.

mod check;
mod client;
mod demo;
mod explain;
mod key;
mod list;
mod risk;
mod scan;
mod serve;
mod stand_in;
mod test;

use crate::diagnostic::reader::Choice;
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// GenAI DLP policy gateway: checks prompts, uploads and model answers against rule packs and policies
#[derive(Parser)]
#[command(name = "portcullis", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a gateway and a stand-in model on loopback, send a tour of prompts, print each decision, keep serving
    Demo(demo::Args),
    /// Run the gateway
    Serve(serve::Args),
    /// Check configuration, packs and policies; show every problem
    Check(check::Args),
    /// Run the examples of every rule and the cases of every policy, whole and split
    Test(test::Args),
    /// Scan files, folders or standard input
    Scan(scan::Args),
    /// Explain a decision step by step, and what would pass
    Explain(explain::Args),
    /// List packs, rules, validators, actions or providers
    List(list::Args),
    /// Show or simulate the risk of users
    Risk(risk::Args),
    /// Make a gateway key
    Key(key::Args),
    /// Run the stand-in model alone (for tests)
    #[command(hide = true)]
    StandIn(stand_in::Args),
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Where configuration and policies come from.
#[derive(Debug, Clone, clap::Args)]
struct ConfigArg {
    /// Gateway configuration; without it `./config.toml` if present, else the built-in default
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl ConfigArg {
    /// The file to read: the one named, or `./config.toml` if there is one.
    fn path(&self) -> Option<PathBuf> {
        self.config.clone().or_else(|| {
            let usual = PathBuf::from("config.toml");
            usual.is_file().then_some(usual)
        })
    }
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    Fine,
    /// Findings, or a failed check.
    Failed,
    /// A usage or configuration error.
    Usage,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Fine => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
        })
    }
}

/// Parses the command line and runs the command.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Fine }.into();
        }
    };
    let outcome = match cli.command {
        Command::Demo(args) => demo::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Scan(args) => scan::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::List(args) => list::run(&args),
        Command::Risk(args) => risk::run(&args),
        Command::Key(args) => key::run(&args),
        Command::StandIn(args) => stand_in::run(&args),
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(Failure(message)) => {
            eprint!("{}", if message.ends_with('\n') { message } else { message + "\n" });
            Exit::Usage.into()
        }
    }
}

/// Why a command could not do its work; the text is shown as it is. Exit code 2.
#[derive(Debug)]
struct Failure(String);

impl Failure {
    fn new(message: impl std::fmt::Display) -> Self {
        Self(format!("error: {message}"))
    }
    /// Problems of files, rendered with carets.
    fn problems(problems: &crate::diagnostic::Problems) -> Self {
        use std::io::IsTerminal;
        Self(problems.render(std::io::stderr().is_terminal()))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(error)
    }
}

type Outcome = Result<Exit, Failure>;

/// A choice by its name on the command line.
fn choice<C: Choice>(name: &str) -> Result<C, Failure> {
    let found = C::CHOICES.iter().find(|(n, _)| *n == name).map(|(_, c)| *c);
    found.ok_or_else(|| {
        let names: Vec<&str> = C::CHOICES.iter().map(|(n, _)| *n).collect();
        Failure::new(format_args!("there is no {} `{name}`; it is one of {}", C::WHAT, names.join(", ")))
    })
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

//! `portcullis serve`: the gateway. Also starts the demo's gateways.

use super::{ConfigArg, Exit, Failure, Outcome};
use crate::action::Key;
use crate::audit::{self, DecisionRecord};
use crate::config::{Config, LogLevel, Token};
use crate::diagnostic::Problems;
use crate::gateway::{Gateway, Retries, Shared};
use crate::generation::{Generation, Inputs, Lasting};
use crate::proxy::generations::{Generations, Load};
use crate::proxy::server::{Limits, Server, Settings};
use crate::proxy::watch::Watch;
use crate::proxy::{server, tls};
use crate::risk::Ledger;
use crate::telemetry::Telemetry;
use crate::telemetry::logs::{LogFormat, init};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigArg,
    /// How log lines (not records) are written to standard error
    #[arg(long, value_enum, default_value_t = Log::Text)]
    log_format: Log,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Log {
    Text,
    Json,
}

/// How often the content of configuration, packs and policies is looked at.
const WATCH_EVERY: Duration = Duration::from_secs(1);

/// A gateway that serves.
pub struct Running {
    pub addr: SocketAddr,
    pub shared: Arc<Shared>,
    /// `acme@3f2a9c`, the policies it started with.
    pub policy: String,
    /// Records, for whoever started it to read instead of a file.
    captured: Option<Mutex<Receiver<Box<DecisionRecord>>>>,
    server: server::Running,
    _watch: Option<Watch>,
}

pub fn run(args: &Args) -> Outcome {
    let inputs = Inputs { config: args.config.path(), policies: Vec::new(), strict: true };
    let mut problems = Problems::new();
    let Some(generation) = Generation::load(&inputs, &mut problems) else {
        return Err(Failure::problems(&problems));
    };
    let format = match args.log_format {
        Log::Text => LogFormat::Text,
        Log::Json => LogFormat::Json,
    };
    init(format, level(generation.config.telemetry.log));
    let records = audit::Sink::open(&generation.config.audit.records)
        .map_err(|error| Failure::new(format_args!("cannot write records: {error}")))?;
    let running = start(generation, Some(inputs), records, None)?;
    tracing::info!(listen = %running.addr, admin = ?running.server.admin_address(), policy = running.policy, "serving");
    running.server.wait()?;
    Ok(Exit::Fine)
}

fn level(log: LogLevel) -> &'static str {
    use crate::diagnostic::reader::Choice;
    log.name()
}

/// Starts a gateway whose records are read by the caller, and that never reloads.
pub fn start_captured(generation: Generation) -> Result<Running, Failure> {
    let (records, captured) = audit::Sink::channel();
    start(generation, None, records, Some(captured))
}

/// Starts a gateway. With `inputs`, it takes signals and reloads when they change.
fn start(
    first: Generation,
    inputs: Option<Inputs>,
    records: audit::Sink,
    captured: Option<Receiver<Box<DecisionRecord>>>,
) -> Result<Running, Failure> {
    let config = first.config.clone();
    let policy = first.policies.versions().to_owned();
    let telemetry = Arc::new(Telemetry::new());
    let shared = Arc::new(Shared {
        lasting: Lasting::new(fingerprint_key(&config)?),
        ledger: Arc::new(Ledger::new(config.risk.formula.clone(), config.risk.max_users)),
        records,
        telemetry: telemetry.clone(),
        retries: Retries::default(),
    });
    let server = Server::bind(settings(&config, inputs.is_some())?).map_err(Failure::new)?;
    let watched = inputs.clone();
    let generations = Generations::new(load(first, inputs, shared.clone()), telemetry.clone());
    let generations = Arc::new(generations.map_err(Failure::new)?);
    let watch = match watched {
        Some(inputs) => {
            let current = generations.clone();
            let files = move || files(&inputs, current.current().guard.config());
            Some(Watch::start(Box::new(files), WATCH_EVERY, generations.clone())?)
        }
        None => None,
    };
    let server = server.start(generations, shared.clone(), telemetry)?;
    let captured = captured.map(Mutex::new);
    Ok(Running { addr: server.address(), shared, policy, captured, server, _watch: watch })
}

/// Loads a generation: the first is at hand, later ones are read anew.
fn load(first: Generation, inputs: Option<Inputs>, shared: Arc<Shared>) -> Load<Gateway> {
    let first = Mutex::new(Some(first));
    Box::new(move |number| {
        if let Some(first) = first.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Gateway::new(first, number, shared.clone());
        }
        let Some(inputs) = &inputs else { return Err("this gateway was not started from files".into()) };
        let mut problems = Problems::new();
        match Generation::load(inputs, &mut problems) {
            Some(generation) => Gateway::new(generation, number, shared.clone()),
            None => Err(problems.render(false)),
        }
    })
}

/// Everything whose content makes a generation.
fn files(inputs: &Inputs, config: &Config) -> Vec<PathBuf> {
    let policies = if inputs.policies.is_empty() { &config.policies.active } else { &inputs.policies };
    inputs.config.iter().chain(&config.policies.dir).chain(policies).cloned().collect()
}

fn fingerprint_key(config: &Config) -> Result<Key, Failure> {
    let Some(name) = &config.audit.fingerprint_key_env else { return Ok(Key::random()) };
    match std::env::var(name) {
        Ok(value) if value.len() >= 16 => Ok(Key::from_bytes(value.as_bytes())),
        Ok(_) => Err(Failure::new(format_args!("`{name}` of `fingerprint_key_env` is shorter than 16 characters"))),
        Err(_) => Err(Failure::new(format_args!("the variable `{name}` of `fingerprint_key_env` is not set"))),
    }
}

fn settings(config: &Config, signals: bool) -> Result<Settings, Failure> {
    let limits = &config.limits;
    let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    let tls = match &config.server.tls {
        Some(tls) => {
            let client_ca = tls.client_ca.as_deref().map(read).transpose()?;
            let made = tls::server_config(&read(&tls.cert)?, &read(&tls.key)?, client_ca.as_deref());
            Some(made.map_err(|why| Failure::new(format_args!("`[server] tls`: {why}")))?)
        }
        None => None,
    };
    let admin_token = match &config.admin.token {
        Some(Token::Sha256(digest)) => Some(*digest),
        Some(Token::Env(name)) => {
            let token = std::env::var(name)
                .map_err(|_| Failure::new(format_args!("the variable `{name}` with the admin token is not set")))?;
            Some(server::token_digest(&token))
        }
        None => None,
    };
    Ok(Settings {
        listen: config.server.listen.clone(),
        tls,
        admin: Some(config.admin.listen),
        admin_token,
        workers: None,
        limits: Limits {
            max_head: size(limits.max_header.0),
            max_connections: limits.max_connections,
            head: limits.header_read,
            body_total: limits.body_read,
            drain: limits.drain,
            ..Limits::default()
        },
        signals,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::new(format_args!("cannot read `{}`: {error}", path.display())))
}

impl Running {
    /// The next record; waits for it at most `patience`.
    pub fn record(&self, patience: Duration) -> Result<Box<DecisionRecord>, Failure> {
        let captured = self.captured.as_ref().expect("the gateway was started with captured records");
        let captured = captured.lock().unwrap_or_else(PoisonError::into_inner);
        captured.recv_timeout(patience).map_err(|_| Failure::new("the gateway wrote no record of the exchange"))
    }
}

//! The gateway's configuration: one TOML file into typed values, every problem at once.
//!
//! Reading is pure: [`Config::read`] sees a text and nothing else. What the file names in the world around it, files and
//! environment variables, is checked apart by [`Config::check_files`] and [`Config::check_environment`], so that a file can
//! be judged on another machine than the one it is for.
//!
//! Each section is a file beside this one, with its defaults in `Default`; a key that is absent has its default.
//! `config.example.toml` mentions every key and equals the defaults; a test holds it to that.

mod audit;
mod aws;
mod entrance;
mod identity;
mod layout;
mod limits;
mod mention;
mod policies;
mod risk;
mod server;
mod state;
mod telemetry;
mod upstream;

pub use audit::Audit;
pub use aws::Aws;
pub use entrance::Entrance;
pub use limits::Limits;
pub use policies::PolicyFiles;
pub use risk::Risk;
pub use server::{Admin, BlockStyle, Server, Tls, Token};
pub use telemetry::{LogLevel, Telemetry};
pub use upstream::{Failure, HttpVersion, OnFailure, Upstream};

use crate::diagnostic::reader::{Document, Read, Spanned, Table, Value};
use crate::diagnostic::{Problems, Source};
use crate::principal::IdentityRules;
use mention::Mention;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the gateway does, and with whom. The default serves OpenAI and Anthropic on loopback without any file, with the
/// caller's own credentials.
#[derive(Debug, Clone)]
pub struct Config {
    pub server: Server,
    pub admin: Admin,
    pub policies: PolicyFiles,
    /// Model endpoints; their prefixes do not overlap.
    pub upstreams: Vec<Upstream>,
    pub identity: IdentityRules,
    pub risk: Risk,
    pub audit: Audit,
    pub telemetry: Telemetry,
    pub limits: Limits,
    /// The outcome of faults, where an upstream has none of its own.
    pub failure: Failure,
    /// Files and environment variables the text names.
    mentions: Vec<Mention>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: Server::default(),
            admin: Admin::default(),
            policies: PolicyFiles::default(),
            upstreams: Upstream::defaults(),
            identity: IdentityRules::default(),
            risk: Risk::default(),
            audit: Audit::default(),
            telemetry: Telemetry::default(),
            limits: Limits::default(),
            failure: Failure::default(),
            mentions: Vec::new(),
        }
    }
}

impl Config {
    /// Reads a configuration. `providers` are the names of the known wire dialects. `None` if anything is wrong with it; then
    /// `problems` has it all.
    ///
    /// Relative paths are taken from the folder of the file, which is that of `source.name`.
    pub fn read(source: &Arc<Source>, providers: &[&str], problems: &mut Problems) -> Option<Config> {
        let before = problems.len();
        let document = Document::parse(source.clone(), problems)?;
        let config = Self::of(&document, providers, problems);
        (problems.len() == before).then_some(config)
    }

    /// As [`Config::read`], and checks the files and the environment too, whatever else is wrong: every problem at once.
    pub fn check(
        source: &Arc<Source>,
        providers: &[&str],
        is_set: impl Fn(&str) -> bool,
        problems: &mut Problems,
    ) -> Option<Config> {
        let before = problems.len();
        let document = Document::parse(source.clone(), problems)?;
        let config = Self::of(&document, providers, problems);
        config.check_files(problems);
        config.check_environment(is_set, problems);
        (problems.len() == before).then_some(config)
    }

    /// What can be read of a document; what cannot has its default, and its problem.
    fn of(document: &Document, providers: &[&str], problems: &mut Problems) -> Config {
        let mut config = Config::default();
        let mut root = document.root();
        let folder = Path::new(&root.source().name).parent().unwrap_or(Path::new("")).to_owned();
        let mut reading = Reading { folder, providers, mentions: Vec::new(), problems };

        let mut listen = 0..0;
        reading.section(&mut root, "server", |table, reading| {
            config.server.read(table, reading);
            listen = table.span_of("listen");
        });
        reading.section(&mut root, "admin", |table, reading| {
            config.admin.read(table, reading);
            listen = if table.has("listen") { table.span_of("listen") } else { listen.clone() };
        });
        if config.admin.listen.port() != 0 && config.server.listen.contains(&config.admin.listen) {
            let message = format!("`server.listen` and `admin.listen` are the same, `{}`", config.admin.listen);
            reading.problems.at(root.source(), listen, message, "give each an address or a port of its own");
        }
        reading.section(&mut root, "policies", |table, reading| config.policies.read(table, reading));
        reading.section(&mut root, "failure", |table, reading| config.failure.read(table, reading));
        if let Some(tables) = root.opt::<Vec<Table<'_>>>("upstream", reading.problems) {
            config.upstreams = upstream::read(tables, config.failure, &mut reading);
        } else {
            config.upstreams.iter_mut().for_each(|upstream| upstream.failure = config.failure);
        }
        reading.section(&mut root, "identity", |table, reading| identity::read(&mut config.identity, table, reading));
        reading.section(&mut root, "risk", |table, reading| config.risk.read(table, reading));
        reading.section(&mut root, "state", state::read);
        reading.section(&mut root, "audit", |table, reading| config.audit.read(table, reading));
        reading.section(&mut root, "telemetry", |table, reading| config.telemetry.read(table, reading));
        reading.section(&mut root, "limits", |table, reading| config.limits.read(table, reading));

        config.mentions = reading.mentions;
        root.finish(problems);
        config
    }

    /// Reports every file and folder the configuration names that cannot be read.
    pub fn check_files(&self, problems: &mut Problems) {
        self.mentions.iter().for_each(|mention| mention.check_file(problems));
    }

    /// Reports every environment variable the configuration names that `is_set` does not know.
    pub fn check_environment(&self, is_set: impl Fn(&str) -> bool, problems: &mut Problems) {
        self.mentions.iter().for_each(|mention| mention.check_variable(&is_set, problems));
    }
}

/// What the sections share while a file is read.
struct Reading<'a> {
    folder: PathBuf,
    providers: &'a [&'a str],
    mentions: Vec<Mention>,
    problems: &'a mut Problems,
}

impl Reading<'_> {
    /// Reads the table `name`, if it is there, and reports the keys that `read` did not ask for.
    fn section<'d>(&mut self, root: &mut Table<'d>, name: &'static str, read: impl FnOnce(&mut Table<'d>, &mut Self)) {
        if let Some(mut table) = root.opt::<Table<'d>>(name, self.problems) {
            read(&mut table, self);
            table.finish(self.problems);
        }
    }

    /// Sets `field` to the value of `key`, if it is there.
    fn set<'d, T: Read<'d>>(&mut self, table: &mut Table<'d>, key: &'static str, field: &mut T) {
        if let Some(value) = table.opt(key, self.problems) {
            *field = value;
        }
    }

    /// The value of `key` with its place.
    fn spanned<'d, T: Read<'d>>(&mut self, table: &mut Table<'d>, key: &'static str) -> Option<Spanned<T>> {
        table.opt(key, self.problems)
    }

    /// `path` as seen from the folder of the file.
    fn resolve(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// A file that is read when the gateway starts.
    fn file(&mut self, source: &Arc<Source>, path: Spanned<&str>) -> PathBuf {
        let resolved = self.resolve(path.value);
        self.mentions.push(Mention::file(source, path.span, resolved.clone()));
        resolved
    }

    /// The value of `key`, the name of an environment variable.
    fn variable(&mut self, table: &mut Table<'_>, key: &'static str) -> Option<String> {
        let name: Spanned<&str> = self.spanned(table, key)?;
        let shape = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if name.value.is_empty()
            || name.value.starts_with(|c: char| c.is_ascii_digit())
            || !name.value.bytes().all(shape)
        {
            self.problems.at(
                table.source(),
                name.span,
                format!("`{key}` is not the name of an environment variable"),
                "write the name, such as `\"OPENAI_API_KEY\"`, and put the secret itself into that variable",
            );
            return None;
        }
        self.mentions.push(Mention::variable(table.source(), name.span, name.value));
        Some(name.value.to_owned())
    }

    /// The same of a key that has to be there.
    fn required_variable(&mut self, table: &mut Table<'_>, key: &'static str) -> Option<String> {
        table.req::<Value<'_>>(key, self.problems)?;
        self.variable(table, key)
    }
}

/// 32 bytes from 64 hex digits.
fn sha256_hex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        *byte = digit(0)? << 4 | digit(1)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;

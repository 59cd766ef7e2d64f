//! Files → a generation: the configuration, packs and policies that judge together, read and checked as one.
//!
//! A generation is built whole or not at all (P8).

use crate::action::Key;
use crate::config::{self, Config, OnFailure};
use crate::decode::{encoding, json};
use crate::diagnostic::reader::Date;
use crate::diagnostic::{Problem, Problems, Source};
use crate::exchange::{BlockStyle, Caps, Failures, Files, History, Judge, Memory, Originals, Pins, Work};
use crate::pack::{LIST_LIMIT, Library, embedded};
use crate::policy::{Failure, Policies};
use crate::provider;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

/// Work that the scan of a body of any length may do, in bytes that automata read: a few milliseconds.
const LEAST_WORK: u64 = 1 << 20;

/// What a generation is made from.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The gateway configuration; the embedded default without it.
    pub config: Option<PathBuf>,
    /// Policies to use instead of those the configuration names.
    pub policies: Vec<PathBuf>,
    /// Also check that the files and environment variables the configuration names are there.
    pub strict: bool,
}

/// State that outlives generations.
pub struct Lasting {
    /// Key of fingerprints.
    pub key: Arc<Key>,
    /// Values that earlier exchanges were blocked for.
    pub memory: Arc<Memory>,
    /// Files that were inspected on their way.
    pub files: Arc<Files>,
    /// The descriptions of tools as they first came.
    pub pins: Arc<Pins>,
    /// Signed texts that were redacted on their way to the client.
    pub originals: Arc<Originals>,
}

impl Lasting {
    /// Nothing is remembered yet.
    pub fn new(key: Key) -> Self {
        Self {
            key: Arc::new(key),
            memory: Arc::default(),
            files: Arc::default(),
            pins: Arc::default(),
            originals: Arc::default(),
        }
    }
}

/// Everything that judges, read and checked.
pub struct Generation {
    pub config: Config,
    pub library: Library,
    pub policies: Policies,
}

/// The texts of a generation, as read.
struct Texts {
    packs: Vec<Arc<Source>>,
    policies: Vec<Arc<Source>>,
}

impl Generation {
    /// Reads and checks everything. `None` if there is any problem; all of them are reported.
    pub fn load(inputs: &Inputs, problems: &mut Problems) -> Option<Generation> {
        let config = match &inputs.config {
            Some(path) => {
                let source = read(path, problems)?;
                match inputs.strict {
                    true => Config::check(&source, &provider::names(), |v| std::env::var_os(v).is_some(), problems),
                    false => Config::read(&source, &provider::names(), problems),
                }
            }
            None => Some(Config::default()),
        };
        // packs and policies are checked even if the configuration is broken: all problems at once
        let broken = config.is_none();
        Self::of(config.unwrap_or_default(), inputs, problems).filter(|_| !broken)
    }

    /// The generation of a configuration that is read already.
    pub fn of(config: Config, inputs: &Inputs, problems: &mut Problems) -> Option<Generation> {
        let texts = Texts::read(&config, inputs, problems);
        let library = Library::read_with(&texts.packs, &word_list, problems);
        let policies =
            Policies::read(&texts.policies, &library, problems).map(|p| p.reading_to(config.limits.decode_depth));
        problems.is_empty().then_some(())?;
        Some(Generation { config, library, policies: policies? })
    }

    /// What judges the exchanges of this generation.
    pub fn judge(self, number: u64, lasting: &Lasting) -> (Arc<Judge>, Config) {
        let (config, limits) = (&self.config, &self.config.limits);
        let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        let judge = Judge {
            generation: number,
            policies: self.policies,
            key: lasting.key.clone(),
            memory: lasting.memory.clone(),
            files: lasting.files.clone(),
            pins: lasting.pins.clone(),
            originals: lasting.originals.clone(),
            history: History::new(size(limits.history.0)),
            library: self.library,
            limits: Caps {
                json: json::Limits { depth: limits.json_depth, ..json::Limits::default() },
                encoding: encoding::Limits {
                    output: limits.decompress_size.0,
                    ratio: u64::from(limits.decompress_ratio),
                },
                held: size(limits.stream_hold_back.0),
                answer: size(limits.max_response.0),
                work: Work { per_byte: limits.scan_work, least: LEAST_WORK },
            },
            strict_json: config.server.strict_json,
            block: BlockStyle {
                status: config.server.block_status,
                refusal: config.server.block_style == config::BlockStyle::Refusal,
            },
            clock: Instant::now,
            today,
        };
        (Arc::new(judge), self.config)
    }
}

impl From<config::Failure> for Failures {
    fn from(failure: config::Failure) -> Self {
        let outcome = |on: OnFailure| match on {
            OnFailure::Closed => Failure::Closed,
            OnFailure::Open => Failure::Open,
        };
        Self { request: outcome(failure.request), answer: outcome(failure.response) }
    }
}

/// The day now, in UTC.
fn today() -> Date {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    day(since.as_secs() / 86_400)
}

/// The civil date of a day counted from 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn day(days: u64) -> Date {
    let z = days + 719_468;
    let (era, of_era) = (z / 146_097, z % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    Date {
        year: (year_of_era + era * 400 + u64::from(month <= 2)) as u16,
        month: month as u8,
        day: (of_year - (153 * shifted + 2) / 5 + 1) as u8,
    }
}

impl Texts {
    fn read(config: &Config, inputs: &Inputs, problems: &mut Problems) -> Texts {
        let mut packs = Library::embedded_sources();
        if let Some(dir) = &config.policies.dir {
            packs.extend(read_tree(&dir.join("packs"), problems));
        }
        let active: Vec<PathBuf> =
            if inputs.policies.is_empty() { config.policies.active.clone() } else { inputs.policies.clone() };
        let policies = active.iter().filter_map(|path| policy_source(path, problems)).collect();
        Texts { packs, policies }
    }
}

/// A policy on disk, or where there is none the embedded one of that name.
fn policy_source(path: &Path, problems: &mut Problems) -> Option<Arc<Source>> {
    if !path.exists() {
        let named = |source: &Arc<Source>| {
            source.name.strip_prefix(embedded::PREFIX).is_some_and(|name| path.ends_with(name))
                || path == Path::new(&source.name)
        };
        if let Some(source) = Policies::embedded_sources().into_iter().find(named) {
            return Some(source);
        }
    }
    read(path, problems)
}

/// Every `.toml` below a folder, in the order of their paths. A folder that does not exist holds none.
fn read_tree(dir: &Path, problems: &mut Problems) -> Vec<Arc<Source>> {
    let mut pending = vec![dir.to_path_buf()];
    let mut files = Vec::new();
    while let Some(dir) = pending.pop() {
        let Ok(entries) = std::fs::read_dir(&dir) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|e| e == "toml") {
                files.push(path);
            }
        }
    }
    files.sort();
    files.iter().filter_map(|path| read(path, problems)).collect()
}

/// The text of a file, or a problem that says why not.
pub fn read(path: &Path, problems: &mut Problems) -> Option<Arc<Source>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Some(Source::new(path.to_string_lossy(), text)),
        Err(error) => {
            problems.push(Problem {
                source: None,
                span: 0..0,
                message: format!("cannot read `{}`: {error}", path.display()),
                label: String::new(),
                help: Some(
                    "check the path and that it may be read; paths are relative to the working directory".into(),
                ),
            });
            None
        }
    }
}

/// The bytes of a word list that a pack on disk names.
pub fn word_list(name: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(name).and_then(|file| file.take(LIST_LIMIT as u64 + 1).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_civil_dates() {
        for (days, date) in
            [(0, (1970, 1, 1)), (11_016, (2000, 2, 29)), (20_779, (2026, 11, 22)), (20_819, (2027, 1, 1))]
        {
            let Date { year, month, day } = super::day(days);
            assert_eq!((year, month, day), date, "{days}");
        }
    }
}

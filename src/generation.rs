//! Files → a generation: the configuration, packs and policies that judge together, read and checked as one.
//!
//! A generation is built whole or not at all (P8). The files it came from are known by content, so that a change is seen
//! and a file that was merely touched is not.

use crate::action::Key;
use crate::config::Config;
use crate::diagnostic::{Problem, Problems, Source};
use crate::exchange::{BlockStyle, Caps, Judge, Memory};
use crate::pack::Library;
use crate::policy::Policies;
use crate::provider;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// What a generation is made from.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The gateway configuration; the embedded default without it.
    pub config: Option<PathBuf>,
    /// Policies to use instead of those the configuration names.
    pub policies: Vec<PathBuf>,
}

/// State that outlives generations.
pub struct Lasting {
    /// Key of fingerprints.
    pub key: Arc<Key>,
    /// Values that earlier exchanges were blocked for.
    pub memory: Arc<Memory>,
}

/// Everything that judges, read and checked.
pub struct Generation {
    pub config: Config,
    pub library: Library,
    pub policies: Policies,
    /// SHA-256 over every text it was read from, lower-case hex: the content, not the dates, of its files.
    pub hash: String,
}

/// The texts of a generation, as read.
struct Texts {
    config: Option<Arc<Source>>,
    packs: Vec<Arc<Source>>,
    policies: Vec<Arc<Source>>,
}

impl Generation {
    /// Reads and checks everything. `None` if there is any problem; all of them are reported.
    pub fn load(inputs: &Inputs, problems: &mut Problems) -> Option<Generation> {
        let (config, source) = read_config(inputs, problems)?;
        // packs and policies are checked even if the configuration is broken: all problems at once
        let broken = config.is_none();
        let generation = Self::build(config.unwrap_or_default(), source, inputs, problems);
        generation.filter(|_| !broken)
    }

    /// The generation of a configuration that is not a file.
    pub fn of(config: Config, inputs: &Inputs, problems: &mut Problems) -> Option<Generation> {
        Self::build(config, None, inputs, problems)
    }

    fn build(
        config: Config,
        source: Option<Arc<Source>>,
        inputs: &Inputs,
        problems: &mut Problems,
    ) -> Option<Generation> {
        let texts = Texts::read(&config, source, inputs, problems);
        let hash = texts.hash();
        let library = Library::read(&texts.packs, problems);
        let policies = Policies::read(&texts.policies, &library, problems);
        problems.is_empty().then_some(())?;
        Some(Generation { config, library, policies: policies?, hash })
    }

    /// The content hash of the files as they are now, without checking them: cheap enough to ask every second.
    pub fn current_hash(inputs: &Inputs) -> Option<String> {
        let mut ignored = Problems::new();
        let (config, source) = read_config(inputs, &mut ignored)?;
        Some(Texts::read(&config.unwrap_or_default(), source, inputs, &mut ignored).hash())
    }

    /// What judges the exchanges of this generation.
    pub fn judge(self, number: u64, lasting: &Lasting) -> (Arc<Judge>, Config) {
        let limits = &self.config.limits;
        let judge = Judge {
            generation: number,
            policies: self.policies,
            key: lasting.key.clone(),
            memory: lasting.memory.clone(),
            limits: Caps::of(limits),
            block: BlockStyle { status: self.config.block.status, refusal: self.config.block.refusal },
            clock: Instant::now,
        };
        (Arc::new(judge), self.config)
    }
}

impl Texts {
    fn read(config: &Config, config_text: Option<Arc<Source>>, inputs: &Inputs, problems: &mut Problems) -> Texts {
        let mut packs = Library::embedded_sources();
        if let Some(dir) = &config.policies.dir {
            packs.extend(read_tree(&dir.join("packs"), problems));
        }
        let active: Vec<PathBuf> =
            if inputs.policies.is_empty() { config.policies.active.clone() } else { inputs.policies.clone() };
        let policies = active.iter().filter_map(|path| policy_source(path, problems)).collect();
        Texts { config: config_text, packs, policies }
    }

    fn hash(&self) -> String {
        let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        for source in self.config.iter().chain(&self.packs).chain(&self.policies) {
            for part in [&source.name, &source.text] {
                context.update(&(part.len() as u64).to_le_bytes());
                context.update(part.as_bytes());
            }
        }
        crate::cli::hex(context.finish().as_ref())
    }
}

/// The configuration, `None` if it has problems, and its text. `None` at all if the file cannot be read.
fn read_config(inputs: &Inputs, problems: &mut Problems) -> Option<(Option<Config>, Option<Arc<Source>>)> {
    match &inputs.config {
        Some(path) => {
            let source = read(path, problems)?;
            Some((Config::read(&source, &provider::names(), problems), Some(source)))
        }
        None => Some((Some(Config::default()), None)),
    }
}

/// A policy on disk, or the embedded one of that name.
fn policy_source(path: &Path, problems: &mut Problems) -> Option<Arc<Source>> {
    if !path.exists() {
        let embedded = format!("embedded:{}", path.to_string_lossy().replace('\\', "/"));
        if let Some(source) = Policies::embedded_sources().into_iter().find(|s| s.name == embedded) {
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
                help: Some("check the path and that it may be read; paths are relative to the working directory".into()),
            });
            None
        }
    }
}

//! `portcullis check`: configuration, packs and policies, every problem with a caret.

use super::{ConfigArg, Exit, Failure, Outcome};
use crate::config::Config;
use crate::diagnostic::reader::Document;
use crate::diagnostic::{Problems, Source};
use crate::generation::{self, Generation, Inputs};
use crate::pack::Library;
use crate::policy::Policies;
use crate::provider;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigArg,
    /// Packs, policies or configurations to check beside it; the kind is told by the file's tables
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// What a TOML file is, told by its tables.
enum Kind {
    Config,
    Pack,
    Policy,
}

pub fn run(args: &Args) -> Outcome {
    let mut problems = Problems::new();
    let mut checked = Vec::new();
    if args.paths.is_empty() || args.config.config.is_some() {
        let inputs = Inputs { config: args.config.path(), policies: Vec::new(), strict: true };
        if let Some(generation) = Generation::load(&inputs, &mut problems) {
            checked.push(format!(
                "{}: {} upstreams, {} packs with {} rules, {} policies",
                inputs.config.as_ref().map_or("built-in configuration".into(), |p| p.display().to_string()),
                generation.config.upstreams.len(),
                generation.library.packs.len(),
                generation.library.rules().count(),
                generation.policies.policies.len(),
            ));
        }
    }
    let mut packs = Vec::new();
    let mut policies = Vec::new();
    for path in toml_files(&args.paths)? {
        let Some(source) = generation::read(&path, &mut problems) else { continue };
        match kind(&source, &mut problems) {
            Some(Kind::Config) => {
                let is_set = |name: &str| std::env::var_os(name).is_some();
                Config::check(&source, &provider::names(), is_set, &mut problems);
            }
            Some(Kind::Pack) => packs.push(source.clone()),
            Some(Kind::Policy) => policies.push(source.clone()),
            None => {}
        }
        checked.push(source.name.clone());
    }
    if !packs.is_empty() || !policies.is_empty() {
        let mut sources = Library::embedded_sources();
        sources.append(&mut packs);
        let library = Library::read_with(&sources, &generation::word_list, &mut problems);
        if policies.is_empty() {
            policies = Policies::embedded_sources();
        }
        Policies::read(&policies, &library, &mut problems);
    }
    if problems.is_empty() {
        for line in checked {
            println!("ok  {line}");
        }
        return Ok(Exit::Fine);
    }
    let Failure(text) = Failure::problems(&problems);
    eprint!("{text}");
    eprintln!("{} problem{}", problems.len(), if problems.len() == 1 { "" } else { "s" });
    Ok(Exit::Failed)
}

/// Every `.toml` among the paths, folders searched.
pub(super) fn toml_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let entries = std::fs::read_dir(path)
                .map_err(|error| Failure::new(format_args!("cannot read `{}`: {error}", path.display())))?;
            let mut inner: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
            inner.retain(|p| !p.is_symlink() && (p.is_dir() || p.extension().is_some_and(|e| e == "toml")));
            inner.sort();
            files.extend(toml_files(&inner)?);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn kind(source: &Arc<Source>, problems: &mut Problems) -> Option<Kind> {
    let document = Document::parse(source.clone(), problems)?;
    let root = document.root();
    if root.has("pack") || root.has("rule") {
        Some(Kind::Pack)
    } else if root.has("policy") || root.has("statement") {
        Some(Kind::Policy)
    } else {
        Some(Kind::Config)
    }
}

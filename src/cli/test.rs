//! `portcullis test`: examples and counter-examples of every rule, and the cases of every policy.

use super::check::toml_files;
use super::{Exit, Failure, Outcome};
use crate::detect::Scratch;
use crate::diagnostic::reader::Document;
use crate::diagnostic::{Problems, Source};
use crate::generation;
use crate::pack::{self, Library};
use crate::policy::{self, Policies};
use std::path::PathBuf;
use std::sync::Arc;

#[derive(clap::Args)]
pub struct Args {
    /// Packs and policies to test beside the built-in packs; without any, everything built in
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

pub fn run(args: &Args) -> Outcome {
    let mut problems = Problems::new();
    let mut packs = Library::embedded_sources();
    let mut policies: Vec<Arc<Source>> = Vec::new();
    for path in toml_files(&args.paths)? {
        let Some(source) = generation::read(&path, &mut problems) else { continue };
        let Some(document) = Document::parse(source.clone(), &mut problems) else { continue };
        if document.root().has("pack") { packs.push(source) } else { policies.push(source) }
    }
    if policies.is_empty() {
        policies = Policies::embedded_sources();
    }
    let library = Library::read_with(&packs, &generation::word_list, &mut problems);
    let Some(policies) = Policies::read(&policies, &library, &mut problems).filter(|_| problems.is_empty()) else {
        return Err(Failure::problems(&problems));
    };
    let rules = pack::test::run(&library, &policies.engine);
    let cases = policy::case::run(&policies, &mut Scratch::default());
    let mut failures = rules.failures;
    failures.append(cases.problems);
    let failed = failures.len();
    if failed > 0 {
        let Failure(text) = Failure::problems(&failures);
        eprint!("{text}");
    }
    println!(
        "{} rules with {} examples and {} counter-examples, whole and split; {} policies with {} cases: {failed} failed",
        rules.rules,
        rules.examples,
        rules.counter_examples,
        policies.policies.len(),
        cases.passed + cases.failed,
    );
    Ok(if failed == 0 { Exit::Fine } else { Exit::Failed })
}

//! What the README says is true: its policy is valid and its case passes, its counts are those of the packs.

use portcullis::detect::Scratch;
use portcullis::diagnostic::{Problems, Source};
use portcullis::pack::Library;
use portcullis::policy::{Policies, case};

const README: &str = include_str!("../../README.md");

#[test]
fn the_policy_in_the_readme_works() {
    let blocks: Vec<&str> = README.split("```toml\n").skip(1).filter_map(|b| b.split("```").next()).collect();
    assert_eq!(blocks.len(), 1, "the README has one policy");
    let mut problems = Problems::new();
    let library = Library::read(&Library::embedded_sources(), &mut problems);
    let policies = Policies::read(&[Source::new("README.md", blocks[0])], &library, &mut problems);
    assert!(problems.is_empty(), "{}", problems.render(false));
    let run = case::run(&policies.expect("there were no problems"), &mut Scratch::default());
    assert!(run.passed == 1 && run.failed == 0, "{}", run.problems.render(false));
}

#[test]
fn the_readme_counts_the_packs() {
    let library = Library::read(&Library::embedded_sources(), &mut Problems::new());
    let counted = format!("Packs: {} with {} rules", library.packs.len(), library.rules().count());
    assert!(README.contains(&counted), "the README should say `{counted}`");
}

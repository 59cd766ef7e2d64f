//! What the README says is true: its policy is valid and its case passes, its counts are those of the packs.

use portcullis::detect::Scratch;
use portcullis::diagnostic::{Problems, Source};
use portcullis::pack::Library;
use portcullis::policy::{Policies, case};
use std::process::Command;

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

/// The first command that anybody tries.
#[test]
fn the_demo_shows_what_its_headings_say() {
    let demo = Command::new(env!("CARGO_BIN_EXE_portcullis")).args(["demo", "--once"]).output().expect("it runs");
    let told = String::from_utf8_lossy(&demo.stdout);
    assert!(demo.status.success(), "{told}");
    let stops: Vec<&str> = told.split("\n── ").skip(1).collect();
    assert!(stops.len() >= 15, "{told}");
    for stop in stops {
        let line = |name: &str| stop.lines().find_map(|l| l.trim_start().strip_prefix(name)).map(str::trim_start);
        let (decided, model) = (line("decided").expect("a decision"), line("model got").expect("what the model got"));
        let got = line("user got").expect("an answer");
        match model.starts_with("nothing") {
            true => assert!(decided == "block" && got.starts_with("403 Blocked by"), "{stop}"),
            false => assert!(got.starts_with("200 "), "{stop}"),
        }
    }
}

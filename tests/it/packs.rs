//! The shipped packs: every rule compiles, its examples are found, look-alikes are left alone.

use portcullis::detect::{Engine, Finding, Scratch};
use portcullis::diagnostic::reader::Date;
use portcullis::diagnostic::{Problems, Source};
use portcullis::pack::{Confidence, Library, test};
use std::sync::{Arc, LazyLock};

/// Compiling every rule takes a while; the tests share it.
pub static SHIPPED: LazyLock<(Library, Arc<Engine>)> = LazyLock::new(|| {
    let mut problems = Problems::new();
    let library = Library::read(&Library::embedded_sources(), &mut problems);
    let rules: Vec<_> = library.rules().cloned().collect();
    let engine = Engine::compile(rules.clone()).map_err(|errors| {
        for error in &errors {
            library.report(&rules, error, &mut problems);
        }
    });
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.render(false));
    (library, Arc::new(engine.expect("problems were reported")))
});

#[test]
fn every_example_is_found_and_every_counter_example_left_alone() {
    let (library, engine) = &*SHIPPED;
    let outcome = test::run(library, engine);
    println!("{} rules, {} examples, {} counter-examples", outcome.rules, outcome.examples, outcome.counter_examples);
    assert!(outcome.rules >= 300, "only {} rules were run", outcome.rules);
    assert!(outcome.failures.is_empty(), "{} failures:\n{}", outcome.failures.len(), outcome.failures.render(false));
}

/// `tests/corpus/clean.txt` holds what work is full of and nobody's secret: hashes, UUIDs, order numbers, timestamps, versions.
#[test]
fn clean_text_has_no_finding_of_medium_confidence() {
    let engine = &SHIPPED.1;
    let text = include_str!("../corpus/clean.txt");
    let loud: Vec<String> = scan(engine, text)
        .iter()
        .filter(|finding| finding.confidence >= Confidence::Medium)
        .map(|finding| {
            let line = text[..finding.span.start].matches('\n').count() + 1;
            let rule = &engine.rules()[finding.rule as usize].id;
            format!("line {line}: {rule} ({:?}): {}", finding.confidence, &text[finding.span.clone()])
        })
        .collect();
    assert!(loud.is_empty(), "{} findings in clean text:\n{}", loud.len(), loud.join("\n"));
}

fn scan(engine: &Engine, text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    engine.scan(text, &engine.all(), &mut Scratch::default(), &mut found);
    found
}

/// The packs in `policies/README.md`, beside the shipped ones: what is said there is true.
#[test]
fn the_packs_in_the_handbook_are_read_as_it_says() {
    let handbook = include_str!("../../policies/README.md");
    let blocks =
        handbook.split("```toml\n").skip(1).map(|rest| rest.split("```").next().expect("text before the fence"));
    let blocks = blocks.filter(|block| block.starts_with("[pack]"));
    let mut sources = Library::embedded_sources();
    let shipped = sources.len();
    sources.extend(blocks.enumerate().map(|(i, block)| Source::new(format!("README.md block {i}"), block)));
    assert_eq!(sources.len(), shipped + 2);
    let mut problems = Problems::new();
    let library = Library::read(&sources, &mut problems);
    let told: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(told.first().copied(), Some("unknown validator `luhn_tail`"), "{}", problems.render(false));
    assert_eq!(told.len(), 2, "{}", problems.render(false));
    assert!(told[1].contains("`validated`") && told[1].contains("no `validator`"), "{told:?}");
    let day = Date { year: 2027, month: 6, day: 30 };
    assert!(library.suppression("email", "Press@acme-corp.de", day).is_some());
    let rule = library.rules().find(|rule| rule.id == "ipv4_internal").expect("a shipped rule");
    assert_eq!(rule.ladder.validated, Some(Confidence::Medium));
}

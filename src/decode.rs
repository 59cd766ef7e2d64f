//! Bodies → [`Segment`]s: text with its place in the bytes, and rewriting that changes only the matched bytes (P1).

pub mod encoding;
pub mod json;
pub mod lane;
pub mod multipart;
pub mod segment;
pub mod sse;

pub use segment::{Channel, Reason, Replacement, Segment, Uninspected, rewrite};

/// A folder of the shared test data, or `None` with a loud line where it is missing.
#[cfg(test)]
fn fixtures(folder: &str) -> Option<std::path::PathBuf> {
    let root = std::env::var_os("PORTCULLIS_FIXTURES")
        .map(std::path::PathBuf::from)
        .unwrap_or_else(|| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures"));
    let path = root.join(folder);
    if !path.is_dir() {
        eprintln!("SKIPPED: {folder} not found; set PORTCULLIS_FIXTURES to the folder of test data");
        return None;
    }
    Some(path)
}

/// Every line of the `.jsonl` files in a folder.
#[cfg(test)]
fn fixture_lines(folder: &std::path::Path) -> Vec<String> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("folder is readable")
        .map(|entry| entry.expect("entry is readable").path())
        .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).expect("file is readable"));
    texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

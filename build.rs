//! Lists the files under `policies/`, so that adding a pack, a policy or a word list is adding its file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo names the crate's folder"));
    let folder = root.join("policies");
    println!("cargo::rerun-if-changed=policies");
    let mut files = Vec::new();
    collect(&folder, &mut files);
    files.sort();
    let mut list = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&folder).expect("collected under the folder");
        let name = name.to_str().expect("file names under policies/ are UTF-8").replace('\\', "/");
        let path = file.to_str().expect("the crate's path is UTF-8");
        writeln!(list, "    ({name:?}, include_str!({path:?})),").expect("writing to a string");
    }
    list.push_str("]\n");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo names the output folder"));
    std::fs::write(out.join("policies.rs"), list).expect("the output folder is writable");
}

/// Every TOML file and word list below `folder`.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "toml" || extension == "txt") {
            files.push(path);
        }
    }
}

//! The core is synchronous and does no I/O: it knows neither hyper nor tokio, and does not import the edge.

use std::path::{Path, PathBuf};

/// Modules without I/O (ARCHITECTURE.md).
const CORE: &[&str] = &[
    "diagnostic",
    "pack",
    "provider",
    "decode",
    "detect",
    "sigv4",
    "principal",
    "risk",
    "policy",
    "action",
    "exchange",
];
/// Modules around them.
const EDGE: &[&str] = &["cli", "config", "generation", "gateway", "proxy", "audit", "telemetry", "standin"];
/// What only the edge may use.
const FOREIGN: &[&str] =
    &["hyper", "hyper_util", "tokio", "tokio_util", "tokio_rustls", "std::net::Tcp", "std::fs", "std::thread::spawn"];

fn sources(module: &str) -> Vec<PathBuf> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut pending = vec![src.join(module)];
    let mut files = vec![src.join(format!("{module}.rs"))];
    while let Some(dir) = pending.pop() {
        let Ok(entries) = std::fs::read_dir(dir) else { continue };
        for path in entries.map(|e| e.expect("the folder can be listed").path()) {
            if path.is_dir() { pending.push(path) } else { files.push(path) }
        }
    }
    files
}

/// The code of a file: comments, and what follows the test module, do not count.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    text.lines().filter(|l| !l.trim_start().starts_with("//")).map(|l| format!("{l}\n")).collect()
}

#[test]
fn every_module_is_core_or_edge() {
    let lib =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("lib.rs is there");
    let declared: Vec<&str> =
        lib.lines().filter_map(|l| l.trim().strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert!(declared.len() > 10, "lib.rs declares its modules one a line");
    for module in &declared {
        assert!(CORE.contains(module) ^ EDGE.contains(module), "`{module}` has to be in exactly one of CORE and EDGE");
    }
    for module in CORE.iter().chain(EDGE) {
        assert!(declared.contains(module), "`{module}` is no longer declared in lib.rs");
    }
}

#[test]
fn the_core_does_not_import_the_edge() {
    let mut seen = 0;
    for module in CORE {
        for path in sources(module) {
            if path.file_name().is_some_and(|name| name == "samples.rs") {
                continue; // declared under `cfg(test)`
            }
            let code = code(&path);
            seen += code.len();
            for foreign in FOREIGN {
                assert!(!code.contains(&format!("{foreign}::")), "{} uses `{foreign}`", path.display());
            }
            for edge in EDGE {
                assert!(
                    !code.contains(&format!("crate::{edge}")),
                    "{} imports the edge module `{edge}`",
                    path.display()
                );
            }
        }
    }
    assert!(seen > 100_000, "the core was read: {seen} bytes");
}

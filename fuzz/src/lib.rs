//! The fuzz targets for libFuzzer.

mod targets;

use std::path::Path;
use targets::{TARGETS, Target};

fn target(name: &str) -> &'static Target {
    TARGETS.iter().find(|target| target.name == name).unwrap_or_else(|| panic!("no target is named `{name}`"))
}

/// Writes the seeds of a target to its corpus, from where libFuzzer begins.
///
/// # Panics
/// If there is no such target, or the files cannot be written.
pub fn write_seeds(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    for (number, seed) in (target(name).seeds)().iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{number}")), seed).expect("the seed can be written");
    }
}

/// Gives an input to a target.
///
/// # Panics
/// If there is no such target, or a promise is broken.
pub fn run(name: &str, input: &[u8]) {
    (target(name).run)(input);
}

//! `[policies]`: which packs and policies the gateway judges with.

use super::Reading;
use super::mention::Mention;
use crate::diagnostic::reader::{Spanned, Table};
use std::path::PathBuf;

/// What the name of a policy in the binary begins with.
pub const EMBEDDED: &str = "embedded:";

/// Where packs and policies come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFiles {
    /// Folder with `packs/`, which adds to the packs in the binary and replaces those with the same id.
    pub dir: Option<PathBuf>,
    /// The policies that judge: names of embedded ones (`embedded:policies/default.toml`), or paths. At least one.
    pub active: Vec<PathBuf>,
}

impl Default for PolicyFiles {
    fn default() -> Self {
        Self { dir: None, active: vec![PathBuf::from("embedded:policies/default.toml")] }
    }
}

impl PolicyFiles {
    pub(super) fn read(&mut self, table: &mut Table<'_>, reading: &mut Reading<'_>) {
        let source = table.source();
        if let Some(dir) = reading.spanned::<&str>(table, "dir") {
            let path = reading.resolve(dir.value);
            reading.mentions.push(Mention::folder(source, dir.span, path.clone()));
            self.dir = Some(path);
        }
        let Some(active) = reading.spanned::<Vec<Spanned<&str>>>(table, "active") else { return };
        if active.value.is_empty() {
            let help = "name at least one, such as `\"embedded:policies/default.toml\"`";
            reading.problems.at(source, active.span, "no policy is active, so everything would pass", help);
        }
        self.active.clear();
        for policy in active.value {
            let span = policy.span.clone();
            let path = match policy.value.starts_with(EMBEDDED) {
                true => PathBuf::from(policy.value),
                false => reading.file(source, policy),
            };
            if self.active.contains(&path) {
                reading.problems.at(source, span, "this policy is named twice", "keep one of them");
            }
            self.active.push(path);
        }
    }
}

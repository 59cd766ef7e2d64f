//! `[policies]`: which packs and policies the gateway judges with.

use super::Reading;
use super::mention::Mention;
use crate::diagnostic::reader::{Spanned, Table, Value, unknown};
use crate::pack::embedded;
use std::path::PathBuf;

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
        let Some(active) = reading.spanned::<Vec<Value<'_>>>(table, "active") else { return };
        if active.value.is_empty() {
            let help = "name at least one, such as `\"embedded:policies/default.toml\"`";
            reading.problems.at(source, active.span, "no policy is active, so everything would pass", help);
        }
        self.active.clear();
        for policy in active.value {
            let Some(path) = policy_path(&policy, reading) else { continue };
            if self.active.contains(&path) {
                reading.problems.at(source, policy.span(), "this policy is named twice", "keep one of them");
            }
            self.active.push(path);
        }
    }
}

/// The name of a policy in the binary as it is, or a path.
fn policy_path(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<PathBuf> {
    let Some(name) = value.as_str() else {
        value.mistyped("a string", reading.problems);
        return None;
    };
    let Some(inside) = name.strip_prefix(embedded::PREFIX) else {
        // `policies/default.toml`: the file if there is one, else the one in the program
        if name.strip_prefix("policies/").and_then(embedded::file).is_some() {
            return Some(reading.resolve(name));
        }
        return Some(reading.file(value.source(), Spanned { value: name, span: value.span() }));
    };
    if inside.strip_prefix("policies/").and_then(embedded::file).is_none() || inside.starts_with("policies/packs/") {
        let known: Vec<String> = (embedded::FILES.iter())
            .filter(|(path, _)| !path.starts_with("packs/"))
            .map(|(path, _)| format!("{}policies/{path}", embedded::PREFIX))
            .collect();
        unknown(value, "policy", known.iter().map(String::as_str), reading.problems);
        return None;
    }
    Some(PathBuf::from(name))
}

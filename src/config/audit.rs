//! `[audit]`: where decision records go.

use super::Reading;
use super::mention::Mention;
use crate::audit::Target;
use crate::diagnostic::reader::Table;
use std::path::Path;

/// Where records are written, and how values are recognised in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// Target of the records. Outcome of a full or broken target: the record is lost and counted, and `/readyz` says so.
    pub records: Target,
    /// Environment variable with the key of fingerprints. Without it the key is random, so that fingerprints can be compared
    /// only until the gateway restarts.
    pub fingerprint_key_env: Option<String>,
}

impl Default for Audit {
    fn default() -> Self {
        Self { records: Target::Stdout, fingerprint_key_env: None }
    }
}

impl Audit {
    pub(super) fn read(&mut self, table: &mut Table<'_>, reading: &mut Reading<'_>) {
        if let Some(records) = reading.spanned::<&str>(table, "records") {
            match (records.value, records.value.strip_prefix("file:")) {
                ("stdout", _) => self.records = Target::Stdout,
                (_, Some(path)) if !path.is_empty() => {
                    let path = reading.resolve(path);
                    // The file may be yet to come; its folder may not.
                    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
                    reading.mentions.push(Mention::folder(table.source(), records.span, folder.to_owned()));
                    self.records = Target::File(path);
                }
                _ => reading.problems.at(
                    table.source(),
                    records.span,
                    "this is not a place for records",
                    "write `\"stdout\"`, or a file as `\"file:/var/log/portcullis/records.jsonl\"`",
                ),
            }
        }
        self.fingerprint_key_env = reading.variable(table, "fingerprint_key_env");
    }
}

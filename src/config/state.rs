//! `[state]`: where risk is kept.

use super::Reading;
use crate::diagnostic::mask;
use crate::diagnostic::reader::{Spanned, Table};

/// Memory is the only store so far; the others are known by name, so that nobody believes his state is kept.
pub(super) fn read(table: &mut Table<'_>, reading: &mut Reading<'_>) {
    let Some(store) = table.opt::<Spanned<&str>>("store", reading.problems) else { return };
    let (message, help) = match store.value {
        "memory" => return,
        file if file.starts_with("file:") => (
            "this version keeps state in memory only, not in a file".to_owned(),
            "write `\"memory\"`; risk then begins anew when the gateway restarts",
        ),
        shared if shared.starts_with("redis:") || shared.starts_with("rediss:") => (
            "this version keeps state in memory only, not in a shared store".to_owned(),
            "write `\"memory\"`; each gateway then counts risk for itself",
        ),
        other => match mask::quotable(other) {
            Some(name) => (format!("unknown store `{name}`"), "write `\"memory\"`"),
            None => ("unknown store".to_owned(), "write `\"memory\"`"),
        },
    };
    reading.problems.at(table.source(), store.span, message, help);
}

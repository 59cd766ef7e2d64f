//! `operations` and `paths` of an upstream: what its dialect does not know by itself.

use super::Reading;
use crate::decode::Channel;
use crate::diagnostic::reader::{OneOrMany, Read, Spanned, Table, unknown};
use crate::provider::{JsonPath, Layout, OPERATIONS, Operations, Settings, Use};
use std::sync::Arc;

/// Keys of `paths` and what their fields hold. Of paths that meet, those of the key that stands first here count.
const FIELDS: &[(&str, Use)] = &[
    ("opaque", Use::Opaque),
    ("arguments", Use::Fragment),
    ("delta", Use::Delta),
    ("upload", Use::Payload),
    ("system", Use::Text(Channel::System)),
    ("tool_call", Use::Text(Channel::ToolCall)),
    ("tool_result", Use::Text(Channel::ToolResult)),
    ("response", Use::Text(Channel::Response)),
    ("prompt", Use::Text(Channel::Prompt)),
];

pub(super) fn read(table: &mut Table<'_>, reading: &mut Reading<'_>) -> Settings {
    let mut settings = Settings::default();
    reading.section(table, "operations", |table, reading| settings.operations = operations(table, reading));
    reading.section(table, "paths", |table, reading| settings.layout = Some(Arc::new(layout(table, reading))));
    settings
}

fn operations(table: &mut Table<'_>, reading: &mut Reading<'_>) -> Operations {
    let mut known = Vec::new();
    for (path, value) in table.entries() {
        if !path.value.starts_with('/') || path.value.contains('?') {
            let message = "this is not the end of a path";
            let help = "begin with `/`, and leave out `?` and what follows it";
            reading.problems.at(table.source(), path.span, message, help);
        } else if let Some(name) = <&str>::read(value.clone(), reading.problems) {
            match OPERATIONS.iter().find(|operation| **operation == name) {
                Some(operation) => known.push((path.value.to_owned(), *operation)),
                None => unknown(&value, "operation", OPERATIONS.iter().copied(), reading.problems),
            }
        }
    }
    Operations(known)
}

fn layout(table: &mut Table<'_>, reading: &mut Reading<'_>) -> Layout {
    let mut layout = Layout::default();
    for (key, what) in FIELDS {
        layout.fields.extend(paths(table, key, reading).map(|path| (*what, path)));
    }
    let mut one = |key| {
        let text = reading.spanned::<String>(table, key)?;
        path(key, &text, table, reading)
    };
    (layout.model, layout.stream) = (one("model"), one("stream"));
    layout.end = paths(table, "end", reading).collect();
    layout
}

fn paths(table: &mut Table<'_>, key: &'static str, reading: &mut Reading<'_>) -> impl Iterator<Item = JsonPath> {
    let texts = table.opt::<OneOrMany>(key, reading.problems).map(|texts| texts.0).unwrap_or_default();
    let paths: Vec<JsonPath> = texts.iter().filter_map(|text| path(key, text, table, reading)).collect();
    paths.into_iter()
}

fn path(key: &str, text: &Spanned<String>, table: &Table<'_>, reading: &mut Reading<'_>) -> Option<JsonPath> {
    let error = match JsonPath::parse(&text.value) {
        Ok(path) => return Some(path),
        Err(error) => error,
    };
    // between plain quotes the text stands as it is, unless something in it is escaped
    let plain = text.span.len() == text.value.len() + 2 && !error.at.is_empty();
    let behind_quote = text.span.start + 1;
    let span = if plain { behind_quote + error.at.start..behind_quote + error.at.end } else { text.span.clone() };
    reading.problems.at(table.source(), span, format!("`{}.{key}`: {}", table.path(), error.message), error.help);
    None
}

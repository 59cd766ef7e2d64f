//! Test data: recorded bodies, and JSON source written in every way that JSON allows.

use super::view::char_boundary;
use proptest::prelude::*;

/// A folder of the shared test data, or `None` with a loud line where it is missing.
pub(super) fn fixtures(folder: &str) -> Option<std::path::PathBuf> {
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
pub(super) fn fixture_lines(folder: &std::path::Path) -> Vec<String> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("folder is readable")
        .map(|entry| entry.expect("entry is readable").path())
        .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).expect("file is readable"));
    texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// A character as it may stand in a JSON string.
fn written_char() -> impl Strategy<Value = String> {
    let chars = prop_oneof![
        4 => Just('a'), 2 => Just('7'), 1 => Just(' '), 1 => Just('é'), 1 => Just('漢'), 1 => Just('😀'), 1 => Just('"'),
        1 => Just('\\'), 1 => Just('\n'), 1 => Just('/'), 1 => Just('{'), 1 => Just(','),
    ];
    (chars, any::<bool>()).prop_map(|(c, long)| match c {
        _ if long => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
        '"' => "\\\"".into(),
        '\\' => "\\\\".into(),
        '\n' => "\\n".into(),
        '/' => "\\/".into(),
        c => c.to_string(),
    })
}

/// A JSON string, quotes included.
pub(super) fn json_string() -> impl Strategy<Value = String> {
    proptest::collection::vec(written_char(), 0..10).prop_map(|chars| format!("\"{}\"", chars.concat()))
}

/// A JSON value.
pub(super) fn json_source() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        4 => json_string(),
        2 => (0u64..10_000_000_000).prop_map(|n| n.to_string()),
        1 => Just("-1.5e3".to_owned()),
        1 => Just("true".to_owned()),
        1 => Just("null".to_owned()),
    ];
    scalar.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            proptest::collection::vec((json_string(), inner), 0..4).prop_map(|entries| {
                let entries: Vec<_> = entries.into_iter().map(|(key, value)| format!("{key}:{value}")).collect();
                format!("{{{}}}", entries.join(","))
            }),
        ]
    })
}

/// The document that a JSON object or array is: as tool arguments are.
pub(super) fn json_document() -> impl Strategy<Value = String> {
    (json_string(), json_source(), json_source()).prop_map(|(key, a, b)| format!("{{{key}: {a}, \"b\": [{b}]}}"))
}

/// Disjoint ranges of whole characters of `text`, chosen by `picks`.
pub(super) fn ranges(text: &str, picks: &[(usize, usize)]) -> Vec<std::ops::Range<usize>> {
    let mut ranges = Vec::new();
    let mut from = 0;
    for (gap, len) in picks {
        let start = char_boundary(text, from + gap);
        let end = char_boundary(text, start + len);
        if start == end {
            break;
        }
        ranges.push(start..end);
        from = end;
    }
    ranges
}

//! Lanes: text that comes in leaves reads and is rewritten as if it had come in one (P2), and nothing is held in the end.

use super::Choices;
use portcullis::decode::lane::{Lane, LeafId, Released};
use std::ops::Range;

pub fn run(input: &[u8]) {
    let (mut choices, bytes) = Choices::take(input);
    let text = String::from_utf8_lossy(bytes);
    let with = ["", "[X]", "\"\n[X]"][choices.below(3)];
    let slack = choices.below(6);
    let pieces = choices.cut_text(&text);

    let edits = choices.ranges(&text, 4);
    let mut expected = text.to_string();
    edits.iter().rev().for_each(|edit| expected.replace_range(edit.clone(), with));
    let (view, rewritten) = rewrite(Lane::plain(), &pieces, &edits, with, slack);
    assert_eq!(view, text);
    assert_eq!(rewritten, expected);

    let (view, unchanged) = rewrite(Lane::json(), &[&text], &[], with, 0);
    assert_eq!(unchanged, text, "nothing was replaced");
    let edits = choices.ranges(&view, 4);
    let whole = rewrite(Lane::json(), &[&text], &edits, with, slack);
    let cut = rewrite(Lane::json(), &pieces, &edits, with, slack);
    assert_eq!(cut, whole);
    // A document that is but `true` is taken for plain text.
    let literal = text.trim_start().starts_with(['t', 'f', 'n']);
    if !literal && serde_json::from_str::<serde_json::Value>(&text).is_ok() {
        assert!(serde_json::from_str::<serde_json::Value>(&cut.1).is_ok(), "JSON stays JSON: {}", cut.1);
    }
}

/// Feeds pieces, asks for each edit once its range is complete, and releases what lies before the edits to come, but for the
/// last `slack` bytes. Returns the view and the text after the edits.
fn rewrite(mut lane: Lane, pieces: &[&str], edits: &[Range<usize>], with: &str, slack: usize) -> (String, String) {
    let (mut view, mut released, mut asked) = (String::new(), Vec::<Released>::new(), 0);
    let mut decide = |lane: &mut Lane, decided: usize| {
        while let Some(edit) = edits.get(asked).filter(|edit| edit.end <= decided) {
            lane.replace(edit.clone(), with);
            asked += 1;
        }
        let pending = edits.get(asked).map_or(decided, |edit| edit.start);
        lane.release(decided.min(pending), &mut released);
    };
    for (number, piece) in pieces.iter().enumerate() {
        view.push_str(&lane.push(LeafId(number as u64), piece));
        decide(&mut lane, view.len().saturating_sub(slack));
    }
    view.push_str(&lane.finish());
    assert_eq!(view.len(), lane.len());
    decide(&mut lane, view.len());
    assert_eq!(lane.held(), 0);
    assert!(released.iter().map(|r| r.leaf.0).eq(0..pieces.len() as u64), "each leaf once, in order");
    (view, released.iter().map(|r| r.apply(pieces[r.leaf.0 as usize])).collect())
}

pub fn seeds() -> Vec<Vec<u8>> {
    [
        "0000plain text with a number 12345678 and é😀 in it",
        r#"1111{"path":"C:\\temp\\\u00e9","size":123456,"ok":[true,null,"\ud83d\ude00"]}"#,
        r#"2222"\u00"#,
    ]
    .map(|seed| seed.as_bytes().to_vec())
    .to_vec()
}

//! One lane of a stream: a text in many leaves, such as the deltas of one choice or of one tool call's arguments.
//!
//! A lane keeps no text. It knows which leaf brought which part of the view, takes replacements in the view, and hands
//! back the leaves whose text is decided, each with the edits of its own text. A value that spans several leaves is
//! replaced in the leaf that holds its first byte and removed from the following ones.

use super::view::{SourceEdit, View};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Range;

/// Names a leaf among those of a stream; chosen by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LeafId(pub u64);

/// A leaf whose text is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    pub leaf: LeafId,
    /// Changes to the leaf's text in order, without overlaps; none if the leaf is forwarded as it came.
    pub edits: Vec<(Range<usize>, String)>,
}

impl Released {
    /// The leaf's text after the changes.
    pub fn apply(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for (range, with) in self.edits.iter().rev() {
            out.replace_range(range.clone(), with);
        }
        out
    }
}

#[derive(Debug, Clone)]
struct Leaf {
    id: LeafId,
    /// Where its text lies in the source of the lane.
    source: Range<usize>,
    /// The place in the view up to which everything must be decided before the leaf can go; `None` while it ends inside an
    /// escape.
    needs: Option<usize>,
}

/// The text of one lane, and the leaves that are not decided yet. Offsets count from the lane's beginning. Memory grows
/// with the leaves that are held, not with the length of the stream.
#[derive(Debug)]
pub struct Lane {
    view: View,
    leaves: VecDeque<Leaf>,
    edits: VecDeque<SourceEdit>,
}

impl Lane {
    /// A lane of plain text: the view is the text.
    pub fn plain() -> Self {
        Self::of(View::plain())
    }

    /// A lane whose leaves are fragments of JSON source, cut anywhere: the view is the source with the escapes inside
    /// strings resolved. Replacements are escaped, and a number that is touched becomes a string.
    pub fn json() -> Self {
        Self::of(View::new())
    }

    fn of(view: View) -> Self {
        Self { view, leaves: VecDeque::new(), edits: VecDeque::new() }
    }

    /// Adds a leaf. Returns what the view grew by; an escape that is cut counts when it is complete.
    pub fn push<'t>(&mut self, leaf: LeafId, text: &'t str) -> Cow<'t, str> {
        let start = self.view.source_len();
        let grown = self.view.push(text);
        let end = self.view.source_len();
        self.leaves.push_back(Leaf { id: leaf, source: start..end, needs: None });
        self.settle_leaves();
        grown
    }

    /// The lane has ended. Returns what the view still grows by.
    pub fn finish(&mut self) -> String {
        let rest = self.view.finish();
        self.settle_leaves();
        rest
    }

    /// A leaf that ended inside an escape needs all that is known once the escape is.
    fn settle_leaves(&mut self) {
        let (len, read) = (self.view.len(), self.view.source_read());
        let open = self.leaves.iter_mut().rev().take_while(|leaf| leaf.needs.is_none());
        open.filter(|leaf| leaf.source.end <= read).for_each(|leaf| leaf.needs = Some(len));
    }

    /// Length of the view so far.
    pub fn len(&self) -> usize {
        self.view.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Leaves that are held.
    pub fn held(&self) -> usize {
        self.leaves.len()
    }

    /// Up to where the view can be decided now: an unfinished number is replaced as a whole or not at all.
    /// [`Self::release`] heeds this by itself.
    pub fn settle_bound(&self) -> usize {
        self.view.settled()
    }

    /// Asks that a range of the view become `text`. Ranges do not overlap, and lie behind what was released.
    pub fn replace(&mut self, range: Range<usize>, text: &str) {
        self.view.replace(range, text);
    }

    /// Hands back, in order, the leaves that lie before `upto` in the view. Every replacement that begins before `upto`
    /// must have been asked for.
    pub fn release(&mut self, upto: usize, out: &mut Vec<Released>) {
        let mut placed = Vec::new();
        let reached = self.view.place(upto, &mut placed);
        self.edits.extend(placed);
        while let Some(Leaf { id, source, needs: Some(needs) }) = self.leaves.front().cloned()
            && needs <= reached
        {
            self.leaves.pop_front();
            out.push(Released { leaf: id, edits: self.edits_of(&source) });
        }
        self.view.forget_placed();
    }

    /// Takes the edits of a leaf from the front of the list; what reaches beyond the leaf is removed from the next.
    fn edits_of(&mut self, leaf: &Range<usize>) -> Vec<(Range<usize>, String)> {
        let mut edits = Vec::new();
        while let Some(edit) = self.edits.front_mut() {
            let inside = edit.range.start < leaf.end || edit.range.is_empty() && edit.range.start <= leaf.end;
            if !inside {
                break;
            }
            let end = edit.range.end.min(leaf.end);
            let text = std::mem::take(&mut edit.text);
            edits.push((edit.range.start - leaf.start..end - leaf.start, text));
            if end < edit.range.end {
                edit.range.start = end;
                break;
            }
            self.edits.pop_front();
        }
        edits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::json::{Json, Limits, escape};
    use crate::decode::samples::{json_document, ranges};
    use crate::decode::view::{View, char_boundary};
    use crate::decode::{Channel, Replacement, Segment, rewrite};
    use proptest::prelude::*;

    /// Feeds `pieces`, replaces `edits` (ranges of the whole view) as soon as they are complete, releases as a scanner
    /// that is sure of everything but the last `slack` bytes would, and returns the view and the new pieces.
    fn run(mut lane: Lane, pieces: &[&str], edits: &[Range<usize>], with: &str, slack: usize) -> (String, Vec<String>) {
        let (mut view, mut released, mut asked) = (String::new(), Vec::new(), 0);
        let mut step = |lane: &mut Lane, decided: usize| {
            // A value that is still arriving holds back everything from its start.
            let mut upto = decided;
            for edit in &edits[asked..] {
                if edit.end <= decided {
                    lane.replace(edit.clone(), with);
                    asked += 1;
                } else {
                    upto = upto.min(edit.start);
                    break;
                }
            }
            lane.release(upto, &mut released);
        };
        for (i, piece) in pieces.iter().enumerate() {
            view.push_str(&lane.push(LeafId(i as u64), piece));
            step(&mut lane, view.len().saturating_sub(slack));
        }
        view.push_str(&lane.finish());
        assert_eq!(view.len(), lane.len());
        step(&mut lane, view.len());
        assert_eq!(lane.held(), 0);
        assert!(lane.edits.is_empty());
        let pieces = released.iter().map(|r| through_event(r, pieces[r.leaf.0 as usize])).collect();
        (view, pieces)
    }

    /// The leaf's new text, made by rewriting the JSON string that the leaf is in its event.
    fn through_event(released: &Released, text: &str) -> String {
        let data = format!("{{\"delta\":\"{}\"}}", escape(text));
        let parse = |data| Json::parse(data, &Limits::default()).expect("events stay JSON");
        let json = parse(data.as_bytes());
        let segment = Segment::string(Channel::Response, json.root().get("delta").expect("is there"));
        let edits = released.edits.iter().cloned();
        let replacements: Vec<_> = edits.map(|(range, text)| Replacement { segment: 0, range, text }).collect();
        let rewritten = rewrite(data.as_bytes(), &[segment], &replacements);
        let new =
            parse(&rewritten).root().get("delta").and_then(|n| n.str().map(Cow::into_owned)).expect("stays a string");
        assert_eq!(new, released.apply(text));
        new
    }

    #[test]
    fn plain_text_is_replaced_across_leaves() {
        let (view, pieces) =
            run(Lane::plain(), &["my id is 86", "09", "5! \\n"], std::slice::from_ref(&(9..14)), "[\"ID\"]", 0);
        assert_eq!(view, "my id is 86095! \\n");
        assert_eq!(pieces, ["my id is [\"ID\"]", "", "! \\n"]);
    }

    #[test]
    fn json_fragments_are_replaced_across_leaves_and_escapes() {
        let pieces = [r#"{"a":"x\u00"#, r#"319"#, r#" \"#, r#"n","b":1"#, r#"2}"#];
        let (view, pieces) = run(Lane::json(), &pieces, &[7..11, 17..19], "\"", 0);
        assert_eq!(view, "{\"a\":\"x19 \n\",\"b\":12}");
        assert_eq!(pieces.concat(), r#"{"a":"x\"","b":"\""}"#);
        assert_eq!(pieces[0], r#"{"a":"x\""#);
    }

    #[test]
    fn an_unfinished_number_is_not_released_in_half() {
        let mut lane = Lane::json();
        let mut out = Vec::new();
        lane.push(LeafId(0), "[1, 12");
        assert_eq!(lane.settle_bound(), 4);
        lane.release(6, &mut out);
        assert!(out.is_empty());
        lane.push(LeafId(1), "34,");
        lane.release(7, &mut out);
        assert!(out.is_empty(), "a scanner may be sure of half a number");
        lane.replace(7..8, "x");
        lane.release(9, &mut out);
        assert_eq!(
            out.iter().map(|r| r.apply(["[1, 12", "34,"][r.leaf.0 as usize])).collect::<String>(),
            r#"[1, "123x","#
        );
    }

    #[test]
    fn unchanged_leaves_say_so_and_leave_no_memory() {
        let mut lane = Lane::json();
        let mut out = Vec::new();
        lane.push(LeafId(0), "[\"");
        for i in 1..10_000 {
            lane.push(LeafId(i), r"\u00e9 word");
            lane.release(lane.len(), &mut out);
        }
        assert_eq!(out.len(), 10_000);
        assert!(out.iter().all(|r| r.edits.is_empty()));
        assert!(format!("{lane:?}").len() < 1000);
    }

    #[test]
    fn leaves_that_all_end_inside_escapes_are_released_as_they_go() {
        let mut lane = Lane::json();
        let mut out = Vec::new();
        lane.push(LeafId(0), r#"["\u6f"#);
        for i in 1..1000 {
            lane.push(LeafId(i), r"22\u6f");
            lane.release(lane.len(), &mut out);
            assert_eq!(lane.held(), 1);
        }
    }

    /// `text` in pieces that end after `cuts` characters each.
    fn cut<'t>(text: &'t str, cuts: &[usize]) -> Vec<&'t str> {
        let mut pieces = Vec::new();
        let mut rest = text;
        for len in cuts {
            let (piece, more) = rest.split_at(char_boundary(rest, *len));
            pieces.push(piece);
            rest = more;
        }
        pieces.push(rest);
        pieces
    }

    #[test]
    fn p2_every_single_cut_gives_the_same_text() {
        let source = r#"{"k\u0065y": "86\u00309 \ud83d\ude00", "n": [8609, true, -1.5], "\\": "\ud83d!"}"#;
        let (view, _) = View::of(source);
        let edits = [2..5, 9..13, 25..28, 35..37];
        let (_, whole) = run(Lane::json(), &[source], &edits, "\"x\"", 0);
        let whole = whole.concat();
        assert!(serde_json::from_str::<serde_json::Value>(&whole.replace(r"\ud83d!", "")).is_ok(), "{whole}");
        for at in 0..=source.len() {
            for slack in [0, 3] {
                let (cut_view, pieces) = run(Lane::json(), &[&source[..at], &source[at..]], &edits, "\"x\"", slack);
                assert_eq!(cut_view, view, "{at}");
                assert_eq!(pieces.concat(), whole, "{at}");
            }
        }
        for size in 1..source.len() {
            let (cut_view, pieces) =
                run(Lane::json(), &cut(source, &vec![size; source.len() / size]), &edits, "\"x\"", 2);
            assert_eq!((cut_view, pieces.concat()), (view.to_string(), whole.clone()), "{size}");
        }
    }

    proptest! {
        #[test]
        fn p2_every_cutting_gives_the_same_text(
            source in json_document(),
            cuts in proptest::collection::vec(0usize..7, 0..60),
            picks in proptest::collection::vec((0usize..9, 1usize..9), 0..5),
            slack in 0usize..6,
        ) {
            let (view, _) = View::of(&source);
            let edits = ranges(&view, &picks);
            let (_, whole) = run(Lane::json(), &[&source], &edits, "\"\n[X]", slack);
            let (cut_view, pieces) = run(Lane::json(), &cut(&source, &cuts), &edits, "\"\n[X]", slack);
            prop_assert_eq!(&cut_view, &view);
            let rewritten = pieces.concat();
            prop_assert_eq!(&rewritten, &whole.concat());
            prop_assert!(serde_json::from_str::<serde_json::Value>(&rewritten).is_ok(), "{}", rewritten);
            if edits.is_empty() {
                prop_assert_eq!(rewritten, source);
            }
        }

        #[test]
        fn p2_plain_text_too(
            text in "[a-z0-9 é😀\"\\\\]{0,40}",
            cuts in proptest::collection::vec(0usize..7, 0..20),
            picks in proptest::collection::vec((0usize..9, 1usize..9), 0..5),
        ) {
            let edits = ranges(&text, &picks);
            let mut expected = text.clone();
            edits.iter().rev().for_each(|edit| expected.replace_range(edit.clone(), "[\"X\"]"));
            let (view, pieces) = run(Lane::plain(), &cut(&text, &cuts), &edits, "[\"X\"]", 0);
            prop_assert_eq!(view, text);
            prop_assert_eq!(pieces.concat(), expected);
        }

        #[test]
        fn source_that_is_not_json_never_panics(
            text in "[a{}\":,0\\\\ud83 \\[\\]t]{0,40}",
            cuts in proptest::collection::vec(0usize..7, 0..20),
            picks in proptest::collection::vec((0usize..9, 1usize..9), 0..5),
        ) {
            let (view, _) = View::of(&text);
            let edits = ranges(&view, &picks);
            let (cut_view, pieces) = run(Lane::json(), &cut(&text, &cuts), &edits, "x", 0);
            prop_assert_eq!(cut_view, view);
            prop_assert_eq!(pieces.concat(), run(Lane::json(), &[&text], &edits, "x", 0).1.concat());
        }
    }
}

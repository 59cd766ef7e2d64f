//! The target and headers that are sent instead of those that came.

use super::super::body::replaced;
use super::{Envelope, MARKED, Place, Texts, percent_decoded};
use crate::decode::Replacement;
use crate::decode::json::{Json, Kind, Limits};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::ops::Range;

/// What of an envelope is sent otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rewritten {
    pub target: Option<String>,
    /// By their index, duplicates counted.
    pub headers: Vec<(usize, Vec<u8>)>,
}

impl Rewritten {
    pub fn is_empty(&self) -> bool {
        self.target.is_none() && self.headers.is_empty()
    }
}

/// A header repeats a value of the body and nobody can say what has become of that.
#[derive(Debug)]
pub(in crate::exchange) struct Lost;

impl Texts {
    /// The envelope with replacements made, and with the repeats of what changed in the body: `body` is the one that is sent
    /// instead.
    pub(in crate::exchange) fn rewritten(
        &self,
        envelope: &Envelope<'_>,
        replacements: &[Replacement],
        body: Option<&[u8]>,
        limits: &Limits,
    ) -> Result<Rewritten, Lost> {
        let mut rewritten = Rewritten::default();
        let mut pairs = Vec::new();
        for of_text in replacements.chunk_by(|a, b| a.segment == b.segment) {
            let text = &self.texts[of_text[0].segment - self.first];
            let edits = of_text.iter().map(|r| (r.range.clone(), r.text.as_str()));
            match text.place {
                Place::Header(index) => {
                    let new = replaced(&text.text, edits);
                    rewritten.headers.push((index, encoded(envelope, index, &new)));
                }
                Place::Query(index) => pairs.push((index, edits.collect::<Vec<_>>())),
                // pinned: never rewritten
                Place::Path => return Err(Lost),
            }
        }
        if !pairs.is_empty() {
            rewritten.target = Some(with_pairs(envelope.target, &pairs).ok_or(Lost)?);
        }
        if let Some(body) = body.filter(|_| !self.repeats.is_empty()) {
            let json = Json::parse(body, limits).map_err(|_| Lost)?;
            for repeat in &self.repeats {
                for id in &repeat.nodes {
                    let node = json.nodes().nth(id.0 as usize).ok_or(Lost)?;
                    let now = match node.kind() {
                        Kind::String => node.str().unwrap_or_default(),
                        _ => node.raw_str().into(),
                    };
                    if *now != repeat.text {
                        rewritten.headers.push((repeat.header, encoded(envelope, repeat.header, &now)));
                        break;
                    }
                }
            }
        }
        Ok(rewritten)
    }
}

/// A range of a text and what stands there instead.
type Edit<'r> = (Range<usize>, &'r str);

/// A text as the header's value: marked base64 where it came so, or where MCP needs it so.
fn encoded(envelope: &Envelope<'_>, index: usize, text: &str) -> Vec<u8> {
    let came = envelope.headers.iter().nth(index);
    let marked = came.is_some_and(|(_, value)| value.as_bytes().starts_with(MARKED.0.as_bytes()));
    let plain = text.bytes().all(|b| matches!(b, b' '..=b'~')) && text.trim() == text && !text.starts_with(MARKED.0);
    let mcp = came.is_some_and(|(name, _)| name.as_str().starts_with("mcp-"));
    if marked || mcp && !plain {
        return format!("{}{}{}", MARKED.0, BASE64_STANDARD.encode(text), MARKED.1).into_bytes();
    }
    text.as_bytes().to_vec()
}

/// The target with what stands in pairs of its query replaced; `None` if one of them is not UTF-8.
fn with_pairs(target: &str, pairs: &[(usize, Vec<Edit<'_>>)]) -> Option<String> {
    let (path, query) = target.split_once('?')?;
    let mut out = format!("{path}?");
    for (index, pair) in query.split('&').enumerate() {
        if index > 0 {
            out.push('&');
        }
        let Some((_, edits)) = pairs.iter().find(|(at, _)| *at == index) else {
            out.push_str(pair);
            continue;
        };
        let (_, offsets) = percent_decoded(pair, true);
        let offsets = offsets?;
        let mut done = 0;
        for (range, with) in edits {
            out.push_str(&pair[done..offsets[range.start]]);
            out.extend(utf8_percent_encode(with, NON_ALPHANUMERIC));
            done = offsets[range.end];
        }
        out.push_str(&pair[done..]);
    }
    Some(out)
}

//! Files of JSON lines: each line is read by itself, as the dialect knows its lines.

use super::Exchange;
use crate::decode::json::{Json, Limits};
use crate::decode::{Channel, Segment, Uninspected};
use crate::provider::Walk;
use std::ops::Range;

/// Reads the lines of the body's bytes at `span`, if the dialect knows the first of them. `path` is that of the whole.
pub(super) fn read<'b>(
    x: &Exchange,
    channel: Channel,
    path: &str,
    span: Range<usize>,
    body: &'b [u8],
) -> Option<Walk<'b>> {
    let mut walk = Walk::default();
    let mut limits = x.judge.limits.json;
    let dot = if path.is_empty() { "" } else { "." };
    for (number, line) in lines(&body[span.clone()], span.start).enumerate() {
        let path = format!("{path}{dot}line[{number}]");
        let known = known(x, channel, &body[line.clone()], &mut limits);
        match known {
            Some(of_line) => walk.append(of_line, line.start, &path),
            None if number == 0 => return None,
            None => loose(channel, path, line, body, &mut walk),
        }
    }
    Some(walk)
}

/// What the dialect reads of a line. The lines of a file share the limit on nodes.
fn known<'b>(x: &Exchange, channel: Channel, line: &'b [u8], limits: &mut Limits) -> Option<Walk<'b>> {
    let json = Json::parse(line, limits).ok()?;
    limits.nodes = limits.nodes.saturating_sub(json.nodes().count());
    x.dialect.line(channel, &json)
}

/// A line that the dialect does not know.
fn loose<'b>(channel: Channel, path: String, line: Range<usize>, body: &'b [u8], walk: &mut Walk<'b>) {
    let bytes = line.len() as u64;
    match Segment::bytes(channel, path.clone(), line.clone(), &body[line], None) {
        Ok(segment) => walk.segments.push(segment),
        Err(reason) => walk.uninspected.push(Uninspected { reason, channel, bytes, path }),
    }
}

/// The lines that are not blank, without their ends.
fn lines(bytes: &[u8], from: usize) -> impl Iterator<Item = Range<usize>> {
    let mut rest = 0..bytes.len();
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', &bytes[rest.clone()]).map_or(rest.end, |at| rest.start + at + 1);
            let line = rest.start..end;
            rest.start = end;
            let text = bytes[line.clone()].trim_ascii();
            if !text.is_empty() {
                let start = line.start + (line.len() - bytes[line.clone()].trim_ascii_start().len());
                return Some(from + start..from + start + text.len());
            }
        }
        None
    })
}

//! Whole bodies: decode → scan → decide → act.

use super::envelope::{Envelope, Rewritten, Texts};
use super::report::Found;
use super::scan::{Located, scan};
use super::{Exchange, ambiguity, lines};
use crate::action::{Mark, redactions};
use crate::decode::json::Json;
use crate::decode::offset::{Shifts, Unit};
use crate::decode::{Channel, Reason, Replacement, Segment, Uninspected, encoding, multipart, rewrite};
use crate::detect::{Scratch, speech};
use crate::policy::{Action, Decision, Evidence, Style, ValueAction, message};
use crate::provider::{Fault, Reply, Walk};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// Which body of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Request,
    Answer,
}

/// The headers that say how to read a body.
#[derive(Debug, Clone, Copy, Default)]
pub struct BodyHead<'a> {
    pub content_type: Option<&'a str>,
    pub content_encoding: Option<&'a str>,
}

/// What became of a body.
#[derive(Debug)]
pub enum Judged {
    /// Send the bytes that came (P1).
    Unchanged,
    /// Send these bytes instead, without any content encoding.
    Changed(Vec<u8>),
    /// Send the gateway's own answer instead.
    Reply(Reply),
}

/// Judges one body of `x`.
pub(super) fn judge(
    x: &mut Exchange,
    side: Side,
    envelope: Option<&Envelope<'_>>,
    head: &BodyHead<'_>,
    body: &[u8],
    scratch: &mut Scratch,
) -> Judged {
    let clock = x.judge.clock;
    let started = clock();
    let (plain, undecodable) = match decoded(x, head, body) {
        Ok(plain) => (plain, None),
        Err(reason) => (Cow::Borrowed(&[][..]), Some(reason)),
    };
    if side == Side::Request && x.judge.strict_json && ambiguity::anywhere(&plain, &x.judge.limits.json) {
        x.fault("decode", "ambiguous_json");
        return Judged::Reply(x.failure(Fault::BadRequest, ambiguity::MESSAGE));
    }
    let mut walk = match undecodable {
        Some(reason) => unread(default_channel(x, side), reason, body),
        None => read(x, side, head, &plain),
    };
    for tool in std::mem::take(&mut walk.described) {
        let Some(text) = x.changed(&tool) else { continue };
        let mut told = Segment::raw(Channel::System, tool.path, 0..0, "");
        told.text = text.into();
        walk.pinned.push(walk.segments.len());
        walk.segments.push(told);
    }
    let of_body = walk.segments.len();
    let outside = envelope.map(|envelope| (envelope, outside(x, envelope, &plain, of_body)));
    if let Some((_, texts)) = &outside {
        texts.join(&mut walk);
    }
    if side == Side::Request {
        let mut asked = walk.segments[..of_body].iter().filter(|segment| segment.channel == Channel::Prompt);
        x.spoken = asked.next_back().map_or(&[], |newest| speech::countries(&newest.text));
    }
    forget_known(x, &mut walk);
    let decoded = clock();
    let located = scan(x, &mut walk, scratch);
    let scanned = clock();
    let (decision, told) = decide(x, side, &walk, &located);
    let decided = clock();
    x.report.backstop_leaves += walk.backstop_leaves;
    if walk.uninspected.iter().any(|part| part.reason == Reason::Deadline) {
        x.report.deadline(decision.action < Action::Justify);
    }
    if side == Side::Request {
        let uploads = walk.segments[..of_body].iter().any(|segment| segment.channel == Channel::Upload);
        let kept = x.opening.target.operation == CACHE;
        x.inspected = (uploads || kept) && !x.partial && walk.uninspected.is_empty();
    }
    let bytes = Bytes { body: &plain, envelope: outside.as_ref().map(|(envelope, texts)| (*envelope, texts)) };
    let judged = act(x, side, &bytes, &walk, &located, &decision, told);
    x.report.receipt.uninspected.append(&mut walk.uninspected);
    let phases = &mut x.report.phases;
    phases.decode += decoded - started;
    phases.scan += scanned - decoded;
    phases.decide += decided - scanned;
    phases.act += clock() - decided;
    judged
}

/// The texts outside a request's body.
fn outside(x: &Exchange, envelope: &Envelope<'_>, body: &[u8], of_body: usize) -> Texts {
    let repeats = envelope.headers.keys().any(|name| x.dialect.repeats(name.as_str()));
    let json = repeats.then(|| Json::parse(body, &x.judge.limits.json).ok()).flatten();
    Texts::of(envelope, &*x.dialect, json.as_ref(), of_body)
}

/// The body without its content codings.
fn decoded<'b>(x: &Exchange, head: &BodyHead<'_>, body: &'b [u8]) -> Result<Cow<'b, [u8]>, Reason> {
    match head.content_encoding {
        Some(codings) => encoding::decode(codings, body, &x.judge.limits.encoding),
        None => Ok(Cow::Borrowed(body)),
    }
}

/// The models that a request's body names.
pub(super) fn models(x: &Exchange, head: &BodyHead<'_>, body: &[u8]) -> Option<Vec<String>> {
    let plain = decoded(x, head, body).ok()?;
    let media_type = head.content_type.unwrap_or_default();
    if let Some(boundary) = multipart::boundary(media_type) {
        let form = multipart::parse(&plain, &boundary).ok()?;
        let named = form.parts.into_iter().filter(|part| part.name.as_deref() == Some("model"));
        return Some(named.map(|part| String::from_utf8_lossy(&plain[part.span]).into_owned()).collect());
    }
    let json = Json::parse(&plain, &x.judge.limits.json).ok()?;
    let mut models: Vec<String> = x.dialect.facts(&x.opening.target, &json).model.into_iter().collect();
    let root = json.root();
    let named = root.each("model").chain(root.variants("model"));
    models.extend(named.filter_map(|model| Some(model.str()?.into_owned())));
    Some(models)
}

/// The operation whose requests are files as they are, or parts of them, whatever their media type says.
const UPLOAD: &str = "upload";
/// The operation that puts prompts where later requests name them.
const CACHE: &str = "cached_contents";

/// The channel of a body's text that no walker can name better.
fn default_channel(x: &Exchange, side: Side) -> Channel {
    match side {
        Side::Request if x.opening.target.operation == UPLOAD => Channel::Upload,
        Side::Request => Channel::Prompt,
        Side::Answer => Channel::Response,
    }
}

/// Content that is elsewhere and was inspected on its way there is no longer uninspected.
fn forget_known(x: &Exchange, walk: &mut Walk<'_>) {
    let (upstream, user) = (&x.opening.upstream.name, &x.opening.risk_key);
    let known = |id: &str| x.judge.files.contains(upstream, user, id);
    let parts: Vec<usize> = walk.references.iter().filter(|r| known(&r.id)).map(|r| r.part).collect();
    let mut part = 0..;
    walk.uninspected.retain(|_| part.next().is_none_or(|part| !parts.contains(&part)));
}

/// A body nobody can read.
fn unread<'b>(channel: Channel, reason: Reason, body: &[u8]) -> Walk<'b> {
    let whole = Uninspected { reason, channel, bytes: body.len() as u64, path: String::new() };
    Walk { uninspected: vec![whole], ..Walk::default() }
}

/// Finds the text of a body.
fn read<'b>(x: &mut Exchange, side: Side, head: &BodyHead<'_>, body: &'b [u8]) -> Walk<'b> {
    let mut walk = Walk::default();
    if body.is_empty() {
        return walk;
    }
    let media_type = head.content_type.unwrap_or_default();
    let claims_json = claims_json(media_type);
    let channel = default_channel(x, side);
    if side == Side::Request && media_type.trim_start().to_ascii_lowercase().starts_with("multipart/") {
        return read_multipart(x, media_type, body);
    }
    if channel == Channel::Upload {
        read_loose(channel, "", charset(media_type), 0..body.len(), body, &mut walk);
        return walk;
    }
    let looks_json = matches!(body.iter().find(|b| !b.is_ascii_whitespace()), Some(b'{' | b'[' | b'"' | 0xef));
    if looks_json || claims_json {
        match Json::parse(body, &x.judge.limits.json) {
            Ok(json) => return read_json(x, side, &json),
            Err(_) if side == Side::Answer => {
                if let Some(walk) = lines::read(x, Channel::Response, "", 0..body.len(), body) {
                    return walk;
                }
                if claims_json {
                    return unread(channel, Reason::Malformed, body);
                }
            }
            // a body that claims to be JSON and is not may be read otherwise upstream: nobody can say what it holds
            Err(_) => return unread(channel, Reason::Malformed, body),
        }
    }
    read_loose(channel, "", charset(media_type), 0..body.len(), body, &mut walk);
    walk
}

/// Whether the sender says that a body is JSON.
fn claims_json(media_type: &str) -> bool {
    media_type.to_ascii_lowercase().contains("json")
}

fn read_json<'b>(x: &mut Exchange, side: Side, json: &Json<'b>) -> Walk<'b> {
    let target = &x.opening.target;
    match side {
        Side::Request => {
            let facts = x.dialect.facts(target, json);
            x.model = facts.model.or(x.model.take());
            x.streamed = facts.stream.or(x.streamed);
            x.request_id = facts.request_id;
            x.opening.target.operation = facts.operation.unwrap_or(x.opening.target.operation);
            let mut walk = x.dialect.request(&x.opening.target, json);
            let (reason, channel) = (Reason::Malformed, default_channel(x, side));
            walk.uninspected.extend(ambiguity::of_facts(json).map(|value| {
                let bytes = value.span().len() as u64;
                Uninspected { reason, channel, bytes, path: value.path() }
            }));
            walk
        }
        Side::Answer => {
            x.report.usage = x.dialect.usage(target, json);
            if x.inspected {
                let (upstream, user) = (&x.opening.upstream.name, &x.opening.risk_key);
                let ids = x.dialect.uploaded(target, json);
                ids.iter().for_each(|id| x.judge.files.insert(upstream, user, id));
            }
            x.dialect.response(target, json)
        }
    }
}

/// Each part of a form is a text field, or a file whose kind its bytes tell. Names stand in the parts' headers; what
/// readers skip is scanned all the same.
fn read_multipart<'b>(x: &Exchange, media_type: &str, body: &'b [u8]) -> Walk<'b> {
    let field = default_channel(x, Side::Request);
    let Some(boundary) = multipart::boundary(media_type) else { return unread(field, Reason::Malformed, body) };
    let form = match multipart::parse(body, &boundary) {
        Ok(form) => form,
        Err(error) => return unread(field, error.reason(), body),
    };
    let mut walk = Walk::default();
    for (path, span) in [("preamble", form.preamble), ("epilogue", form.epilogue)] {
        if !span.is_empty() {
            read_loose(field, path, None, span, body, &mut walk);
        }
    }
    for (index, part) in form.parts.into_iter().enumerate() {
        let channel = if part.filename.is_some() { Channel::Upload } else { field };
        read_loose(channel, &format!("part[{index}].headers"), None, part.header_span, body, &mut walk);
        let path = format!("part[{index}]");
        match part.transfer_encoding.as_deref() {
            None | Some("7bit" | "8bit" | "binary") => {
                if let Some(lines) = lines::read(x, channel, &path, part.span.clone(), body) {
                    walk.append(lines, 0, "");
                    continue;
                }
                read_loose(channel, &path, part.charset.as_deref(), part.span, body, &mut walk);
            }
            // some readers decode it, others do not: nobody can say what the part holds
            Some(_) => {
                let bytes = part.span.len() as u64;
                walk.uninspected.push(Uninspected { reason: Reason::UnknownType, channel, bytes, path });
            }
        }
    }
    if x.dialect.pins(&x.opening.target) {
        walk.pinned = (0..walk.segments.len()).collect();
    }
    walk
}

/// Text of any other kind, or a part nobody can read.
fn read_loose<'b>(
    channel: Channel,
    path: &str,
    charset: Option<&str>,
    span: Range<usize>,
    body: &'b [u8],
    walk: &mut Walk<'b>,
) {
    let bytes = span.len() as u64;
    match Segment::bytes(channel, path, span.clone(), &body[span], charset) {
        Ok(segment) => walk.segments.push(segment),
        Err(reason) => walk.uninspected.push(Uninspected { reason, channel, bytes, path: path.into() }),
    }
}

/// The `charset` parameter of a media type.
fn charset(media_type: &str) -> Option<&str> {
    let parameter = media_type.split(';').skip(1).map(str::trim);
    let value = parameter.filter_map(|p| p.split_once('=')).find(|(name, _)| name.eq_ignore_ascii_case("charset"));
    value.map(|(_, value)| value.trim_matches('"'))
}

/// The decision, and what the user is told about it.
fn decide(x: &Exchange, side: Side, walk: &Walk<'_>, located: &[Located]) -> (Decision, String) {
    let rules = x.judge.policies.engine.rules();
    let evidence: Vec<Evidence<'_>> = (located.iter())
        .map(|l| Evidence {
            finding: &l.finding,
            rule: &rules[l.finding.rule as usize],
            channel: walk.segments[l.segment].channel,
            fingerprint: &l.fingerprint,
            seen_before: l.seen_before,
        })
        .collect();
    let decision = x.judge.policies.decide(&x.subject(side), &evidence, &walk.uninspected);
    let told = message(&decision, &evidence);
    (decision, told)
}

/// What came, and what is changed.
struct Bytes<'b> {
    body: &'b [u8],
    envelope: Option<(&'b Envelope<'b>, &'b Texts)>,
}

/// Carries the decision out, and notes what was found and done.
fn act<'b>(
    x: &mut Exchange,
    side: Side,
    bytes: &Bytes<'b>,
    walk: &Walk<'b>,
    located: &[Located],
    decision: &Decision,
    told: String,
) -> Judged {
    let judge = x.judge.clone();
    let rules = judge.policies.engine.rules();
    for (l, value) in located.iter().zip(&decision.values) {
        let rule = &rules[l.finding.rule as usize];
        let segment = &walk.segments[l.segment];
        let redacted = matches!(value, ValueAction::Redact(_)) && decision.action >= Action::Redact;
        let mut found = Found::new(rule, &l.finding, (segment.channel, &segment.path), &l.fingerprint, redacted);
        found.seen_before = l.seen_before;
        found.answered = side == Side::Answer;
        x.report.found(found);
        if decision.action >= Action::Justify && side == Side::Request {
            judge.memory.insert(&x.opening.risk_key, &l.fingerprint);
        }
    }
    x.report.decided(decision);
    if !told.is_empty() {
        x.report.message = Some(told);
    }
    match decision.action {
        Action::Block | Action::Justify => Judged::Reply(x.blocked(side)),
        _ => {
            match edits(x, side, bytes, walk, located, decision) {
                Edits::None => Judged::Unchanged,
                Edits::Some(body, rewritten) => {
                    x.rewritten = rewritten;
                    body.map_or(Judged::Unchanged, Judged::Changed)
                }
                // text that must come back to the provider as it went out cannot be redacted: refuse rather than leak
                Edits::Pinned => {
                    x.report.action = Some(Action::Block);
                    Judged::Reply(x.blocked(side))
                }
            }
        }
    }
}

enum Edits {
    None,
    /// The body, if it changes, and what is outside it.
    Some(Option<Vec<u8>>, Rewritten),
    /// A value stands where nothing may be rewritten.
    Pinned,
}

/// Makes the replacements that the decision asks for.
fn edits<'b>(
    x: &Exchange,
    side: Side,
    bytes: &Bytes<'b>,
    walk: &Walk<'b>,
    located: &[Located],
    decision: &Decision,
) -> Edits {
    let mut replacements = Vec::new();
    for (index, marks) in marks(x, located, decision) {
        if walk.pinned.contains(&index) {
            return Edits::Pinned;
        }
        let redactions = redactions(&walk.segments[index].text, marks, &x.judge.key);
        replacements.extend(redactions.into_iter().map(|(range, text)| Replacement { segment: index, range, text }));
    }
    if side == Side::Request {
        replacements.extend(originals(x, walk));
        replacements.sort_by_key(|replacement| replacement.segment);
    }
    if replacements.is_empty() {
        return Edits::None;
    }
    if side == Side::Answer {
        keep_originals(x, walk, &replacements);
    }
    let first_outside = bytes.envelope.map_or(usize::MAX, |(_, texts)| texts.first());
    let outside = replacements.split_off(replacements.partition_point(|r| r.segment < first_outside));
    let body = (!replacements.is_empty()).then(|| rewritten(bytes.body, walk, replacements));
    let Some((envelope, texts)) = bytes.envelope else { return Edits::Some(body, Rewritten::default()) };
    match texts.rewritten(envelope, &outside, body.as_deref(), &x.judge.limits.json) {
        Ok(rewritten) => Edits::Some(body, rewritten),
        Err(_) => Edits::Pinned,
    }
}

/// The body with these replacements and what follows from them.
fn rewritten<'b>(body: &'b [u8], walk: &Walk<'b>, mut replacements: Vec<Replacement>) -> Vec<u8> {
    let mut segments = walk.segments.clone();
    for (span, text) in consequences(walk, &replacements) {
        let old = std::str::from_utf8(&body[span.clone()]).unwrap_or_default();
        replacements.push(Replacement { segment: segments.len(), range: 0..old.len(), text });
        segments.push(Segment::raw(Channel::Response, "", span, old));
    }
    rewrite(body, &segments, &replacements)
}

/// What was signed and the client got redacted, as it was.
fn originals<'w>(x: &'w Exchange, walk: &'w Walk<'_>) -> impl Iterator<Item = Replacement> + 'w {
    walk.signed.iter().filter_map(|signed| {
        let redacted = &walk.segments[signed.of].text;
        let text = x.judge.originals.get(x.owner(&signed.signature), redacted)?;
        Some(Replacement { segment: signed.of, range: 0..redacted.len(), text })
    })
}

/// Remembers the signed texts that leave redacted. The replacements are in the order of each text.
fn keep_originals(x: &Exchange, walk: &Walk<'_>, replacements: &[Replacement]) {
    for signed in &walk.signed {
        let original = &walk.segments[signed.of].text;
        let of = replacements.iter().filter(|replacement| replacement.segment == signed.of);
        let redacted = replaced(original, of.map(|r| (r.range.clone(), r.text.as_str())));
        x.judge.originals.insert(x.owner(&signed.signature), &redacted, original);
    }
}

/// A text with replacements, which are in its order.
pub(super) fn replaced<'r>(text: &str, replacements: impl Iterator<Item = (Range<usize>, &'r str)>) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for (range, with) in replacements {
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(with);
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// What else changes when the texts do: copies of them go, numbers that count into them move. The replacements are in the
/// order of the segments and of their texts.
fn consequences(walk: &Walk<'_>, replacements: &[Replacement]) -> Vec<(Range<usize>, String)> {
    let of_segment = |segment: usize| {
        let from = replacements.partition_point(|r| r.segment < segment);
        let of = replacements[from..].iter().take_while(move |r| r.segment == segment);
        of.map(|r| (r.range.clone(), r.text.as_str()))
    };
    let rewritten = |segment: usize| of_segment(segment).next().is_some();
    let copies = walk.copies.iter().filter(|copy| rewritten(copy.of));
    let mut changes: Vec<(Range<usize>, String)> = copies.map(|copy| (copy.span.clone(), "null".to_owned())).collect();
    let mut shifts: HashMap<(usize, Unit), Shifts> = HashMap::new();
    for offset in walk.offsets.iter().filter(|offset| rewritten(offset.of)) {
        let of = shifts
            .entry((offset.of, offset.unit))
            .or_insert_with(|| Shifts::of(&walk.segments[offset.of].text, of_segment(offset.of), offset.unit));
        let moved = of.moved(offset.value, offset.edge);
        if moved != offset.value {
            changes.push((offset.span.clone(), moved.to_string()));
        }
    }
    changes
}

/// What is redacted in each segment. Of a split value, what stands for it goes where it begins, and the rest goes.
fn marks<'a>(x: &'a Exchange, located: &'a [Located], decision: &'a Decision) -> BTreeMap<usize, Vec<Mark<'a>>> {
    let rules = x.judge.policies.engine.rules();
    let origin = x.origin();
    let mut marks: BTreeMap<usize, Vec<Mark<'a>>> = BTreeMap::new();
    for (l, value) in located.iter().zip(&decision.values) {
        let ValueAction::Redact(style) = value else { continue };
        for (place, (segment, range)) in l.places().enumerate() {
            let style = if place == 0 { style } else { &Style::Remove };
            let mark = Mark::new(&l.finding, &rules[l.finding.rule as usize], style, &origin);
            marks.entry(segment).or_default().push(mark.at(range));
        }
    }
    marks
}

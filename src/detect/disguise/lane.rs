//! Lanes and their pages: what readers tell becomes texts that are scanned, and findings lead back.

use super::super::pattern::MAX_WIDTH;
use super::super::stream::{SLACK, WrittenScanner};
use super::super::{Engine, Finding, RuleSet, Scratch};
use super::map::{Layer, OffsetMap};
use super::outbox::Outbox;
use super::{Disguise, Marks, Reader, WAYS, Way};
use std::ops::Range;
use std::sync::Arc;

/// What leads to a value (`password = `) stands at most so many bytes before it; a disguise in it counts.
const LEAD: usize = 64;

/// On a page, a further disguise is undone if it begins at most so many bytes behind one that made the page.
pub(super) const NEAR: usize = 32;

/// Bytes that the pages of a text may have together, beside [`PAGES_FACTOR`] times its length: a small archive may hold much.
const PAGES_FLOOR: usize = 64 << 10;

/// Pages of honest text come to less than twice its length per disguise that it holds; a scan of hostile text costs so many
/// times that of plain text at most.
const PAGES_FACTOR: usize = 8;

/// Whole texts are read in pieces of so many bytes, so that pages stay small.
const PIECE: usize = 16 << 10;

/// What every step of a scan needs.
pub(in super::super) struct Cx<'c> {
    pub engine: &'c Engine,
    pub active: &'c RuleSet,
    pub scratch: &'c mut Scratch,
    pub allowance: &'c mut Allowance,
}

/// What the pages of a text may still cost, in bytes.
pub(in super::super) struct Allowance {
    left: usize,
    /// Something was not read for want of it.
    spent: bool,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { left: PAGES_FLOOR, spent: false }
    }
}

impl Allowance {
    /// So much text has come.
    pub fn earn(&mut self, text: usize) {
        self.left = self.left.saturating_add(text.saturating_mul(PAGES_FACTOR));
    }

    fn spend(&mut self, bytes: usize) -> bool {
        match self.left.checked_sub(bytes) {
            Some(left) => self.left = left,
            None => self.spent = true,
        }
        !self.spent
    }
}

impl Cx<'_> {
    /// Bytes around a disguise that a finding which touches it can depend on.
    fn margin(&self) -> usize {
        LEAD + MAX_WIDTH + self.engine.words.reach() + char::MAX.len_utf8()
    }

    /// Takes so many bytes of pages from the allowance, if they are left; else the scan is over its budget.
    fn spend(&mut self, bytes: usize) -> bool {
        let left = self.allowance.spend(bytes);
        if !left {
            self.scratch.exhaust();
        }
        left
    }

    /// Everything in a whole text, as written and as it reads to `depth`. Returns the offset up to which it was inspected.
    pub fn scan(&mut self, text: &str, depth: usize, out: &mut Vec<Finding>) -> usize {
        self.scan_from((0, 0), text, None, depth, out)
    }

    /// The same of what begins at or after `from`, on a page if that is given: it is what made the text. Nothing before
    /// `disguised` is read.
    fn scan_from(
        &mut self,
        (from, disguised): (usize, usize),
        text: &str,
        page: Option<&OffsetMap>,
        depth: usize,
        out: &mut Vec<Finding>,
    ) -> usize {
        let known = out.len();
        let inspected = self.engine.scan_as_written(text, from, self.active, self.scratch, out);
        let Some(mut readings) = Readings::of(text, disguised, &self.scratch.marks, depth) else { return inspected };
        let mut outbox = Outbox::default();
        let mut written = out.split_off(known);
        outbox.take(&mut written, out);
        let read = readings.read(self, text, page, &mut outbox, out);
        outbox.hand_out(text.len(), out);
        inspected.min(read)
    }
}

/// One text in pieces: scanned as it is written, and as it reads.
#[derive(Default)]
pub(in super::super) struct Lane {
    written: WrittenScanner,
    /// Up to where `written` has the text.
    fed: usize,
    readings: Readings,
    /// The end of the text, from `base` on.
    text: String,
    base: usize,
    /// Found as written, on its way to `outbox`.
    found: Vec<Finding>,
    outbox: Outbox,
    released: usize,
}

impl Lane {
    pub fn new(depth: usize) -> Self {
        Self::starting_at(0, 0, depth)
    }

    /// Looks for nothing that begins before `from`, nor for disguises that begin before `disguised`.
    fn starting_at(from: usize, disguised: usize, depth: usize) -> Self {
        let readings = Readings::new(depth, |_| Some(disguised));
        Self { written: WrittenScanner::starting_at(from), readings, ..Self::default() }
    }

    /// Adds text; see [`super::super::StreamScanner::push`].
    pub fn push(&mut self, cx: &mut Cx<'_>, text: &str, ended: bool, out: &mut Vec<Finding>) -> usize {
        self.push_page(cx, text, ended, None, out)
    }

    /// `page` is what made this text, if it is a page.
    fn push_page(
        &mut self,
        cx: &mut Cx<'_>,
        text: &str,
        ended: bool,
        page: Option<&OffsetMap>,
        out: &mut Vec<Finding>,
    ) -> usize {
        self.forget(cx.margin());
        self.text.push_str(text);
        let source = Source { text: &self.text, base: self.base, ended, whole: false, page };
        let released = self.readings.advance(cx, source, &mut self.outbox, out);
        // What no reader can tell yet may say anything, so a value may go on in it.
        let unfed = &self.text[self.fed - self.base..self.readings.at - self.base];
        let settled = self.written.push(cx, unfed, ended, &mut self.found);
        self.outbox.take(&mut self.found, out);
        self.fed = self.readings.at;
        // A page that has just been opened may know less of the text before it than was known when that was let go.
        self.released = self.outbox.hand_out(settled.min(released), out).max(self.released);
        self.released
    }

    /// Bytes that came but are not decided yet.
    pub fn held(&self) -> usize {
        self.end() - self.released
    }

    /// Whether a value with an `until` has begun and not ended.
    fn latched(&self) -> bool {
        self.written.latched() || self.readings.latched()
    }

    /// Bytes of text that are kept.
    #[cfg(test)]
    pub fn kept(&self) -> usize {
        self.text.len()
    }

    fn end(&self) -> usize {
        self.base + self.text.len()
    }

    /// Throws away text that nothing needs any more.
    fn forget(&mut self, margin: usize) {
        let needed = self.readings.at.saturating_sub(margin).min(self.released);
        let mut from = needed - self.base.min(needed);
        if from > SLACK {
            while !self.text.is_char_boundary(from) {
                from -= 1;
            }
            self.text.drain(..from);
            self.base += from;
        }
    }
}

/// A text as far as it is at hand.
#[derive(Clone, Copy)]
struct Source<'s> {
    text: &'s str,
    /// Where `text` begins, from the beginning of the lane.
    base: usize,
    ended: bool,
    /// All of it is there, or will be before anything is to be decided.
    whole: bool,
    /// What made the text, if it is a page itself.
    page: Option<&'s OffsetMap>,
}

impl Source<'_> {
    fn end(&self) -> usize {
        self.base + self.text.len()
    }
}

/// One text as its readers read it.
#[derive(Default)]
pub(in super::super) struct Readings {
    /// By way; `None` where there is nothing to read.
    readings: [Option<Reading>; WAYS.len()],
    /// Up to where all have read.
    at: usize,
}

impl Readings {
    /// Each way reads from the offset that `begins` tells, if any.
    fn new(depth: usize, begins: impl Fn(&Way) -> Option<usize>) -> Self {
        let mut own = Self { readings: Default::default(), at: usize::MAX };
        if depth > 0 {
            for (reading, way) in own.readings.iter_mut().zip(WAYS) {
                *reading = begins(way).map(|at| Reading { reader: (way.reader)(), depth, at, page: None });
            }
        }
        own.at = own.readings.iter().flatten().map(|reading| reading.at).min().unwrap_or(0);
        own
    }

    /// For a whole text that was swept: only what it shows a sign of, from an offset on. `None` if it shows none.
    fn of(text: &str, from: usize, marks: &Marks, depth: usize) -> Option<Self> {
        if depth == 0 {
            return None;
        }
        let readings = Self::new(depth, |way| (way.sign)(text, marks).map(|at| at.max(from)));
        readings.readings.iter().any(Option::is_some).then_some(readings)
    }

    /// Reads a whole text; returns up to where it was read.
    fn read(
        &mut self,
        cx: &mut Cx<'_>,
        text: &str,
        page: Option<&OffsetMap>,
        outbox: &mut Outbox,
        out: &mut Vec<Finding>,
    ) -> usize {
        let (mut end, mut settled) = (self.at, 0);
        while end < text.len() {
            end = boundary_after(text, end + PIECE);
            let source = Source { text: &text[..end], base: 0, ended: end == text.len(), whole: true, page };
            let released = self.advance(cx, source, outbox, out);
            if cx.allowance.spent || cx.scratch.over_budget() {
                return settled;
            }
            settled = released;
        }
        end
    }

    /// Reads on; returns the offset before which nothing more will be found.
    fn advance(&mut self, cx: &mut Cx<'_>, source: Source<'_>, outbox: &mut Outbox, out: &mut Vec<Finding>) -> usize {
        self.at = source.end();
        let mut released = source.end();
        for reading in self.readings.iter_mut().flatten() {
            released = released.min(reading.advance(cx, source, outbox, out));
            self.at = self.at.min(reading.at);
        }
        released
    }

    fn latched(&self) -> bool {
        self.readings.iter().flatten().any(|reading| reading.page.as_ref().is_some_and(|page| page.lane.latched()))
    }
}

/// One text as one reader reads it.
struct Reading {
    reader: Box<dyn Reader>,
    /// How often what is read here may be read again, and this time.
    depth: usize,
    /// Up to where it has read.
    at: usize,
    page: Option<Box<OpenPage>>,
}

impl Reading {
    fn advance(&mut self, cx: &mut Cx<'_>, source: Source<'_>, outbox: &mut Outbox, out: &mut Vec<Finding>) -> usize {
        let at = self.at - source.base;
        if at > source.text.len() {
            return source.end();
        }
        let mut page = Page { open: &mut self.page, at: self.at, source, cx, outbox, out, depth: self.depth };
        let read = self.reader.read(source.text, at, source.ended, &mut page);
        page.written_to(source.base + read);
        let mut released = page.at;
        match page.open {
            Some(open) if source.whole && !open.in_pieces => {
                released = open.begin;
                if source.ended {
                    page.close();
                }
            }
            Some(_) => released = page.flush(source.ended),
            None => {}
        }
        self.at = page.at;
        if source.ended {
            self.page = None;
        }
        released
    }
}

/// A page that is open.
struct OpenPage {
    /// Where it begins in the source.
    begin: usize,
    /// Where a finding may begin on it, and a further disguise.
    from: (usize, usize),
    lane: Lane,
    /// It is scanned in pieces, by `lane`.
    in_pieces: bool,
    map: OffsetMap,
    /// Read, but not scanned yet.
    unread: String,
    /// Where it ends in the source, if nothing more is told and no value goes on.
    until: usize,
    /// Findings that go on, with where they begin on the page.
    going_on: Vec<(usize, Finding)>,
}

/// What a reader tells about a text.
pub(super) struct Page<'p, 'c> {
    open: &'p mut Option<Box<OpenPage>>,
    /// Up to where the text is told of.
    at: usize,
    source: Source<'p>,
    cx: &'p mut Cx<'c>,
    outbox: &'p mut Outbox,
    out: &'p mut Vec<Finding>,
    depth: usize,
}

impl Page<'_, '_> {
    /// `range` of the text (not empty) says `reading`; it cannot be cut. Nothing before it is told any more.
    pub fn says(&mut self, layer: Layer, range: Range<usize>, reading: &str) {
        let range = self.source.base + range.start..self.source.base + range.end;
        self.written_to(range.start);
        let counts = self.is_near(&range);
        if self.open.is_none() && counts {
            self.open(range.start);
        }
        if !self.cx.spend(reading.len()) {
            self.close();
        }
        if let Some(page) = self.open {
            page.map.says(layer, range.len(), reading.len());
            page.unread.push_str(reading);
            if counts {
                page.until = range.end + self.cx.margin();
            }
        }
        self.at = range.end;
    }

    /// Something is not read that could be: the scan is over its budget.
    pub fn leave(&mut self) {
        self.cx.spend(usize::MAX);
    }

    /// Whether something told here belongs to what made this text.
    fn is_near(&self, range: &Range<usize>) -> bool {
        let near = range.start.saturating_sub(NEAR)..range.end;
        self.source.page.is_none_or(|made| !made.layers(&near).is_empty())
    }

    /// Opens a page for something told at `at`.
    fn open(&mut self, at: usize) {
        let base = self.source.base;
        let start = base + boundary_before(self.source.text, (at - base).saturating_sub(self.cx.margin()));
        let from = base + boundary_before(self.source.text, (at - base).saturating_sub(LEAD + MAX_WIDTH));
        if !self.cx.spend(at - start) {
            return;
        }
        let mut page = OpenPage {
            begin: start,
            from: (from - start, at - start),
            lane: Lane::starting_at(from - start, at - start, self.depth - 1),
            in_pieces: !self.source.whole,
            map: OffsetMap::beginning_at(start),
            unread: self.source.text[start - base..at - base].to_owned(),
            until: at,
            going_on: Vec::new(),
        };
        page.map.written(at - start);
        *self.open = Some(Box::new(page));
    }

    /// Nothing is told before `end`.
    fn written_to(&mut self, end: usize) {
        if let Some(until) = self.open.as_ref().map(|page| page.until) {
            if until <= end {
                let base = self.source.base;
                self.copy(base + boundary_after(self.source.text, until.max(self.at) - base));
                self.end_page();
            }
            self.copy(end);
        }
        self.at = end;
    }

    /// The text reads as it is written up to `end`.
    fn copy(&mut self, end: usize) {
        if self.open.is_some() && !self.cx.spend(end - self.at) {
            self.close();
        }
        if let Some(page) = self.open {
            page.map.written(end - self.at);
            page.unread.push_str(&self.source.text[self.at - self.source.base..end - self.source.base]);
            self.at = end;
        }
    }

    /// Closes the page, unless a value goes on.
    fn end_page(&mut self) {
        let Some(page) = self.open.as_deref_mut() else { return };
        if !page.in_pieces {
            let found = self.scan_page();
            let page = self.open.as_deref_mut().expect("it is open");
            if !found.iter().any(|finding| finding.opener.is_some() && finding.span.end == page.unread.len()) {
                self.tell(found);
                *self.open = None;
                return;
            }
            page.in_pieces = true;
        }
        self.flush(false);
        if !self.open.as_ref().is_some_and(|page| page.lane.latched()) {
            self.close();
        }
    }

    fn close(&mut self) {
        match self.open.as_deref() {
            Some(page) if page.in_pieces => {
                self.flush(true);
            }
            Some(_) => {
                let found = self.scan_page();
                self.tell(found);
            }
            None => {}
        }
        *self.open = None;
    }

    /// What an open page holds that was not scanned before, and is all there.
    fn scan_page(&mut self) -> Vec<Finding> {
        let mut found = Vec::new();
        if let Some(OpenPage { unread, from, map, .. }) = self.open.as_deref() {
            self.cx.scan_from(*from, unread, Some(map), self.depth - 1, &mut found);
        }
        found
    }

    /// Scans what was read; returns the offset of the source before which nothing more will be found.
    fn flush(&mut self, ended: bool) -> usize {
        let Some(OpenPage { lane, map, unread, .. }) = self.open.as_deref_mut() else { return self.at };
        let mut found = Vec::new();
        let released = lane.push_page(self.cx, unread, ended, Some(map), &mut found);
        unread.clear();
        self.tell(found);
        let Some(OpenPage { lane, map, going_on, .. }) = self.open.as_deref_mut() else { return self.at };
        map.forget(lane.base);
        // What says nothing behind a value that goes on may be part of it.
        let reaches = going_on.iter().map(|(_, finding)| finding.span.end);
        reaches.fold(map.source_before(released), usize::min)
    }

    /// Tells of findings on the page that count.
    fn tell(&mut self, found: Vec<Finding>) {
        let Some(page) = self.open.as_deref_mut() else { return };
        let OpenPage { lane, map, unread, going_on, in_pieces, .. } = page;
        let (text, base) = if *in_pieces { (lane.text.as_str(), lane.base) } else { (unread.as_str(), 0) };
        for finding in found {
            if let Some((_, known)) = going_on.iter_mut().find(|(start, of)| finding.begins_as(of.rule, *start)) {
                known.span.end = map.source(&(finding.span.end - 1..finding.span.end)).end;
                known.goes_on = finding.goes_on;
                self.outbox.add(known.clone(), self.out);
                continue;
            }
            let head = finding.span.start..finding.head_end();
            let near = head.start.saturating_sub(LEAD)..head.end;
            let reach = match &finding.context {
                Some(context) => near.start.min(context.start)..near.end.max(context.end),
                None => near,
            };
            let layers = match map.layers(&head) {
                layers if layers.is_empty() => map.layers(&reach),
                layers => layers,
            };
            if layers.is_empty() {
                continue;
            }
            let start = finding.span.start;
            let as_read = &text[start - base..finding.head_end() - base];
            let finding = disguised(finding, layers, as_read, map);
            if finding.goes_on {
                going_on.push((start, finding.clone()));
            }
            self.outbox.add(finding, self.out);
        }
        going_on.retain(|(_, finding)| finding.goes_on);
    }
}

/// The first character boundary at or after `at`, or the end of the text.
fn boundary_after(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// The last character boundary at or before `at`, which lies in the text.
fn boundary_before(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// A finding on a page, where it stands `as_read`, as one of the page's source.
fn disguised(finding: Finding, mut layers: Vec<Layer>, as_read: &str, map: &OffsetMap) -> Finding {
    let value = match &finding.disguise {
        Some(inner) => {
            layers.extend(&inner.layers);
            inner.value.clone()
        }
        None => as_read.to_owned(),
    };
    Finding {
        span: map.source(&finding.span),
        opener: finding.opener.map(|opener| map.source(&opener)),
        context: finding.context.map(|context| map.source(&context)),
        disguise: Some(Arc::new(Disguise { layers, value })),
        ..finding
    }
}

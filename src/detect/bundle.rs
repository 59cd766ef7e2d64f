//! Many machines walked as one. At a number dozens of rules might match; instead of walking each, the bundle walks the set
//! of all their states. Sets are made when a text first visits them and kept by the worker, so that a walk costs one table
//! look-up per byte however many rules there are, and the result is exactly that of walking each machine alone.

use super::machine::{Before, Machine, Step};
use std::collections::HashMap;

/// Sets kept before all are forgotten; with their rows some four megabytes. Logs full of numbers visit about a tenth.
const MAX_SETS: usize = 16 << 10;

/// The rules of a bundle and the bytes that none of them tells apart.
#[derive(Debug)]
pub(super) struct Bundle {
    rules: Vec<u32>,
    columns: [u8; 256],
    width: usize,
}

impl Bundle {
    pub fn new<'m>(machines: impl Iterator<Item = (u32, &'m Machine)>) -> Bundle {
        let machines: Vec<(u32, &Machine)> = machines.collect();
        let mut known: HashMap<Vec<u8>, u8> = HashMap::new();
        let mut columns = [0; 256];
        for byte in 0..=255u8 {
            let all: Vec<u8> = machines.iter().map(|(_, machine)| machine.column(byte)).collect();
            let next = known.len() as u8;
            columns[usize::from(byte)] = *known.entry(all).or_insert(next);
        }
        Bundle { rules: machines.iter().map(|(rule, _)| *rule).collect(), columns, width: known.len() }
    }
}

/// One rule within a set.
type Member = (u32, Step);

/// The number of the set without members.
const DEAD: u32 = 0;
/// An edge that no text has taken yet.
const UNKNOWN: u32 = u32::MAX;
/// Marks edges on which a match ends; the rest is an index into `marked`.
const MARK: u32 = 1 << 31;

/// The sets that one worker has visited.
#[derive(Debug, Default)]
pub(super) struct Sets {
    /// End of each set's members.
    ends: Vec<u32>,
    members: Vec<Member>,
    /// A row of edges per set: the next set, or an index into `marked`.
    edges: Vec<u32>,
    /// The next set, and the rules of which a match ends before the byte: a range of `matched`.
    marked: Vec<(u32, u32, u32)>,
    matched: Vec<u32>,
    by_members: HashMap<Box<[Member]>, u32>,
    starts: [Option<u32>; 4],
    /// Members of a set in the making.
    next: Vec<Member>,
    /// Rules that matched on the last walk, and where the match ends.
    pub found: Vec<(u32, usize)>,
}

impl Sets {
    fn members(&self, set: u32) -> std::ops::Range<usize> {
        let start = if set == 0 { 0 } else { self.ends[set as usize - 1] };
        start as usize..self.ends[set as usize] as usize
    }

    /// The number of the set in `next`.
    fn intern(&mut self, bundle: &Bundle) -> u32 {
        if let Some(set) = self.by_members.get(self.next.as_slice()) {
            return *set;
        }
        let set = self.ends.len() as u32;
        self.members.extend_from_slice(&self.next);
        self.ends.push(self.members.len() as u32);
        self.edges.resize(self.edges.len() + bundle.width, UNKNOWN);
        self.by_members.insert(self.next.as_slice().into(), set);
        set
    }

    fn start<'m>(&mut self, bundle: &Bundle, machine: impl Fn(u32) -> &'m Machine, before: Before) -> u32 {
        if self.ends.len() > MAX_SETS {
            *self = Sets { found: std::mem::take(&mut self.found), ..Sets::default() };
        }
        if self.ends.is_empty() {
            self.next.clear();
            self.intern(bundle);
        }
        if let Some(set) = self.starts[before as usize] {
            return set;
        }
        self.next.clear();
        for rule in &bundle.rules {
            let step = machine(*rule).start(before);
            if step.alive() {
                self.next.push((*rule, step));
            }
        }
        let set = self.intern(bundle);
        self.starts[before as usize] = Some(set);
        set
    }

    /// Makes the edge of `set` for `byte`.
    fn edge<'m>(&mut self, bundle: &Bundle, machine: impl Fn(u32) -> &'m Machine, set: u32, byte: u8) -> u32 {
        self.next.clear();
        let first = self.matched.len();
        for at in self.members(set) {
            let (rule, state) = self.members[at];
            let step = machine(rule).next(state, byte);
            if step.matched() {
                self.matched.push(rule);
            }
            if step.alive() {
                self.next.push((rule, step.state()));
            }
        }
        let mut edge = self.intern(bundle);
        if self.matched.len() > first {
            self.marked.push((edge, first as u32, self.matched.len() as u32));
            edge = (self.marked.len() - 1) as u32 | MARK;
        }
        self.edges[set as usize * bundle.width + usize::from(bundle.columns[usize::from(byte)])] = edge;
        edge
    }

    /// Walks all rules from `from`: `found` has those that match. Returns the rules for which the text ended before that
    /// was decided (never any if it has `ended`); they are in `found` too if they have matched so far. What was read is added
    /// to `work`.
    #[expect(clippy::too_many_arguments, reason = "what is walked, where, and where it is counted")]
    pub fn walk<'m>(
        &mut self,
        bundle: &Bundle,
        machine: impl Fn(u32) -> &'m Machine + Copy,
        text: &[u8],
        from: usize,
        before: Before,
        ended: bool,
        work: &mut u64,
    ) -> &[Member] {
        self.found.clear();
        let mut set = self.start(bundle, machine, before);
        for (i, byte) in text[from..].iter().enumerate() {
            let mut edge = self.edges[set as usize * bundle.width + usize::from(bundle.columns[usize::from(*byte)])];
            if edge & MARK != 0 {
                if edge == UNKNOWN {
                    edge = self.edge(bundle, machine, set, *byte);
                }
                if edge & MARK != 0 {
                    let (next, first, last) = self.marked[(edge & !MARK) as usize];
                    for at in first..last {
                        found(&mut self.found, self.matched[at as usize], from + i);
                    }
                    edge = next;
                }
            }
            set = edge;
            if set == DEAD {
                *work += i as u64 + 1;
                return &[];
            }
        }
        *work += (text.len() - from) as u64;
        let alive = self.members(set);
        if !ended {
            return &self.members[alive];
        }
        for (rule, state) in &self.members[alive] {
            if machine(*rule).ends(*state) {
                found(&mut self.found, *rule, text.len());
            }
        }
        &[]
    }
}

fn found(all: &mut Vec<(u32, usize)>, rule: u32, end: usize) {
    match all.iter_mut().find(|(known, _)| *known == rule) {
        Some(known) => known.1 = end,
        None => all.push((rule, end)),
    }
}

//! Findings of one text as it is written and as it reads: together, in order, and none twice.

use super::super::Finding;

/// Findings as they are written and as they read, to be handed out together.
#[derive(Default)]
pub(super) struct Outbox {
    waiting: Vec<Finding>,
    /// Values with an `until` that had their turn, and whether they were handed out: they may grow, and later findings may lie
    /// in them.
    begun: Vec<(Finding, bool)>,
}

impl Outbox {
    /// Takes in findings.
    pub fn take(&mut self, findings: &mut Vec<Finding>, out: &mut Vec<Finding>) {
        findings.drain(..).for_each(|finding| self.add(finding, out));
    }

    /// Takes in a finding. If it is one that goes on and was handed out before, `out` is told.
    pub fn add(&mut self, finding: Finding, out: &mut Vec<Finding>) {
        let same = |other: &Finding| {
            finding.opener.is_some()
                && other.begins_as(finding.rule, finding.span.start)
                && other.disguise == finding.disguise
        };
        if let Some((begun, handed_out)) = self.begun.iter_mut().find(|(begun, _)| same(begun)) {
            *begun = finding;
            if *handed_out {
                match out.iter_mut().rfind(|told| told.begins_as(begun.rule, begun.span.start)) {
                    Some(told) => *told = begun.clone(),
                    None => out.push(begun.clone()),
                }
            }
        } else if let Some(waiting) = self.waiting.iter_mut().find(|waiting| same(waiting)) {
            *waiting = finding;
        } else {
            self.waiting.push(finding);
        }
    }

    /// Hands out every group of overlapping findings that ends by `until`, where no more will begin before it. Returns the
    /// offset up to which all are handed out.
    pub fn hand_out(&mut self, until: usize, out: &mut Vec<Finding>) -> usize {
        self.waiting.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
        let (mut first, mut end) = (0, 0);
        for at in 0..=self.waiting.len() {
            let start = self.waiting.get(at).map_or(until, |finding| finding.span.start);
            if at > first && (start >= end || start >= until) {
                if end > until {
                    break;
                }
                unexplained(&self.waiting[first..at], &mut self.begun, out);
                first = at;
            }
            if start >= until {
                break;
            }
            end = end.max(self.waiting[at].head_end());
        }
        let held = self.waiting.get(first).map_or(until, |finding| finding.span.start.min(until));
        self.waiting.drain(..first);
        held
    }
}

fn order(f: &Finding) -> impl Ord + '_ {
    let layers = f.disguise.as_ref().map(|d| (d.layers.len(), d));
    let end = if f.opener.is_some() { usize::MAX } else { f.span.end };
    (f.span.start, end, f.rule, layers, std::cmp::Reverse(f.confidence), !f.validated)
}

/// The findings of a group but for disguised ones that a plain one of at least their confidence holds, or that were read in
/// several ways.
fn unexplained(group: &[Finding], begun: &mut Vec<(Finding, bool)>, out: &mut Vec<Finding>) {
    begun.retain(|(finding, _)| finding.span.end > group[0].span.start);
    let begin = out.len();
    for own in group {
        let Some(disguise) = &own.disguise else {
            out.push(own.clone());
            if own.opener.is_some() {
                begun.push((own.clone(), true));
            }
            continue;
        };
        if own.opener.is_some() {
            let known = begun.iter().any(|(other, _)| other.begins_as(own.rule, own.span.start));
            begun.push((own.clone(), !known));
            if !known {
                out.push(own.clone());
            }
            continue;
        }
        let explains = |other: &Finding| {
            other.disguise.is_none()
                && other.span.start <= own.span.start
                && own.span.end <= other.span.end
                && other.confidence >= own.confidence
        };
        let repeats = |other: &Finding| {
            (other.rule, &other.span) == (own.rule, &own.span)
                && other.disguise.as_ref().is_some_and(|d| d.value == disguise.value)
        };
        let nearby = |other: &&Finding| other.span.start <= own.span.start;
        let explained = group.iter().take_while(nearby).chain(begun.iter().map(|(finding, _)| finding)).any(explains);
        if !explained && !out[begin..].iter().rev().any(repeats) {
            out.push(own.clone());
        }
    }
}

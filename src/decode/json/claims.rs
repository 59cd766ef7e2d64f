//! Accounting: which leaves a walker has seen to, and which are left for the backstop; and keys that parsers disagree on.

use super::{Json, Kind, Node, is_name};
use std::borrow::Cow;
use std::collections::HashSet;

/// The nodes that a walker has claimed.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    bits: Vec<u64>,
}

impl Claims {
    pub fn new(json: &Json<'_>) -> Self {
        Self { bits: vec![0; json.tape.len().div_ceil(64)] }
    }

    /// Claims one node.
    pub fn claim(&mut self, node: Node<'_, '_>) {
        self.bits[node.id as usize / 64] |= 1 << (node.id % 64);
    }

    /// Claims a node and everything below it, keys included.
    pub fn claim_tree(&mut self, node: Node<'_, '_>) {
        for id in node.id..node.slot().after {
            self.bits[id as usize / 64] |= 1 << (id % 64);
        }
    }

    pub fn contains(&self, node: Node<'_, '_>) -> bool {
        self.bits[node.id as usize / 64] >> (node.id % 64) & 1 == 1
    }
}

/// How two keys of one object are in each other's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnomalyKind {
    /// The same key again: some parsers take the first, most the last.
    DuplicateKey,
    /// A key that differs from an earlier one in case alone: some parsers do not tell them apart.
    CaseVariantKey,
}

/// A key on whose meaning parsers disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anomaly {
    pub kind: AnomalyKind,
    /// Path of the later value.
    pub path: String,
}

/// Digits from which a number could be an identifier.
const LONG_NUMBER: usize = 6;

/// Anomalies reported for one text; more say nothing new.
const MOST_ANOMALIES: usize = 100;

/// Keys of an object up to which each is compared with every other. More would let a hostile object of 100,000 keys cost seconds.
const SMALL: usize = 16;

impl<'b> Json<'b> {
    /// Leaves that nobody claimed and that can carry text: strings that are not empty, numbers of six digits and more,
    /// and keys that do not look like names.
    pub fn unclaimed_leaves<'j, 'c>(
        &'j self,
        claims: &'c Claims,
    ) -> impl Iterator<Item = Node<'j, 'b>> + use<'j, 'c, 'b> {
        self.nodes().filter(|node| !claims.contains(*node)).filter(|node| match node.kind() {
            Kind::String if node.is_key() => node.content().is_some_and(|key| !key.is_empty() && !is_name(key)),
            Kind::String => node.span().len() > 2,
            Kind::Number => node.raw().iter().filter(|b| b.is_ascii_digit()).count() >= LONG_NUMBER,
            _ => false,
        })
    }

    /// Keys on whose meaning parsers disagree, at most a hundred.
    pub fn anomalies(&self) -> Vec<Anomaly> {
        let objects = self.nodes().filter(|node| node.kind() == Kind::Object);
        objects.flat_map(anomalies_of).take(MOST_ANOMALIES).collect()
    }

    /// The later value of a key that an object has twice, if any has one.
    pub fn repeated(&self) -> Option<Node<'_, 'b>> {
        self.nodes().filter(|node| node.kind() == Kind::Object).find_map(repeated_in)
    }
}

fn repeated_in<'j, 'b>(object: Node<'j, 'b>) -> Option<Node<'j, 'b>> {
    if object.entries().nth(SMALL).is_some() {
        let mut seen = HashSet::new();
        return object.entries().find(|(key, _)| !seen.insert(key.str().unwrap_or_default())).map(|(_, value)| value);
    }
    let same = |key: Node<'j, 'b>, other: Node<'j, 'b>| match key.has_escapes() || other.has_escapes() {
        true => key.str() == other.str(),
        false => key.raw() == other.raw(),
    };
    let mut entries = object.entries().enumerate();
    let twice = entries.find(|(at, (key, _))| object.entries().take(*at).any(|(other, _)| same(*key, other)));
    twice.map(|(_, (_, value))| value)
}

/// A key as parsers see it that do not tell cases apart. Those of Go take the long s and the Kelvin sign for letters too.
/// Source: `encoding/json`, which compares keys by Unicode simple folding.
pub(super) fn folded(key: &str) -> Cow<'_, str> {
    let folds = |c: char| c.is_ascii_uppercase() || matches!(c, 'ſ' | '\u{212a}');
    if !key.contains(folds) {
        return Cow::Borrowed(key);
    }
    let lower = |c: char| match c {
        'ſ' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    };
    Cow::Owned(key.chars().map(lower).collect())
}

fn anomalies_of(object: Node<'_, '_>) -> Vec<Anomaly> {
    let mut entries = object.entries();
    let few: Vec<_> = entries.by_ref().take(SMALL).map(|(key, value)| (key.str().unwrap_or_default(), value)).collect();
    if few.len() == SMALL && entries.next().is_some() {
        return anomalies_of_large(object);
    }
    let spelled: Vec<_> = few.iter().map(|(name, _)| folded(name)).collect();
    let mut found = Vec::new();
    for (i, (name, value)) in few.iter().enumerate() {
        let kind = match few[..i].iter().any(|(other, _)| other == name) {
            true => AnomalyKind::DuplicateKey,
            false if spelled[..i].contains(&spelled[i]) => AnomalyKind::CaseVariantKey,
            false => continue,
        };
        found.push(Anomaly { kind, path: value.path() });
    }
    found
}

fn anomalies_of_large(object: Node<'_, '_>) -> Vec<Anomaly> {
    let mut found = Vec::new();
    let mut exact = HashSet::new();
    let mut spelled = HashSet::new();
    for (key, value) in object.entries() {
        let name = key.str().unwrap_or_default();
        let known = !spelled.insert(folded(&name).into_owned());
        let kind = match exact.insert(name) {
            false => AnomalyKind::DuplicateKey,
            true if known => AnomalyKind::CaseVariantKey,
            true => continue,
        };
        if found.len() < MOST_ANOMALIES {
            found.push(Anomaly { kind, path: value.path() });
        }
    }
    found
}

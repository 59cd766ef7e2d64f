//! The entries of all word lists, sorted, and following them through a text.

use super::list::Case;
use crate::detect::context::{MAX_FOLDED, MAX_SPACE_RUN, fold_char, fold_word, is_wordy};
use crate::detect::pattern::MAX_WIDTH;
use crate::pack::Rule;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Bytes that all entries together may have: places in them are 32 bits wide.
const MAX_TEXT: usize = 1 << 30;

/// All word lists together are too long.
#[derive(Debug)]
pub(in crate::detect) struct TooLong {
    /// The first rule whose list goes beyond the limit.
    pub rule: usize,
}

/// An entry of one or several word lists.
#[derive(Debug)]
struct Entry {
    /// Where it begins in the text: folded, and then as written if that counts.
    start: u32,
    folded: u16,
    /// Zero where case does not count.
    written: u16,
    /// Whose it is: an index into `users`.
    users: u32,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Entries {
    /// By folded bytes.
    list: Box<[Entry]>,
    text: Box<str>,
    /// Rules that have the same entries.
    users: Vec<Box<[u32]>>,
}

/// An entry of one rule, while the list is made.
struct Growing {
    /// The first bytes folded, for sorting.
    prefix: u64,
    rule: u32,
    start: u32,
    folded: u16,
    written: u16,
}

impl Growing {
    /// Folded, and as written.
    fn parts<'t>(&self, text: &'t str) -> (&'t str, &'t str) {
        let start = self.start as usize;
        text[start..start + usize::from(self.folded + self.written)].split_at(self.folded.into())
    }

    fn order(&self, other: &Growing, text: &str) -> Ordering {
        self.prefix.cmp(&other.prefix).then_with(|| self.parts(text).cmp(&other.parts(text)))
    }
}

impl Entries {
    /// The entries of all rules.
    pub fn sorted(rules: &[Arc<Rule>]) -> Result<Entries, TooLong> {
        let mut text = String::new();
        let mut growing = Vec::new();
        for (rule, list) in rules.iter().enumerate().filter_map(|(i, r)| r.dictionary.as_ref().map(|list| (i, list))) {
            growing.reserve(list.len());
            for entry in list.entries() {
                let start = text.len();
                fold_word(entry, &mut text);
                let folded = text.len() - start;
                if list.case() == Case::Exact {
                    for (i, word) in entry.split_whitespace().enumerate() {
                        text.push_str(if i > 0 { " " } else { "" });
                        text.push_str(word);
                    }
                }
                if text.len() > MAX_TEXT {
                    return Err(TooLong { rule });
                }
                let mut prefix = [0; 8];
                let known = folded.min(prefix.len());
                prefix[..known].copy_from_slice(&text.as_bytes()[start..start + known]);
                growing.push(Growing {
                    prefix: u64::from_be_bytes(prefix),
                    rule: rule as u32,
                    start: start as u32,
                    folded: folded as u16,
                    written: (text.len() - start - folded) as u16,
                });
            }
        }
        growing.sort_unstable_by(|a, b| a.order(b, &text).then(a.rule.cmp(&b.rule)));
        Ok(Self::joined(&growing, &text))
    }

    /// Each entry once, with all its rules.
    fn joined(growing: &[Growing], unsorted: &str) -> Entries {
        let mut text = String::with_capacity(unsorted.len());
        let mut list = Vec::with_capacity(growing.len());
        let mut users: HashMap<Box<[u32]>, u32> = HashMap::new();
        let mut rules = Vec::new();
        for same in growing.chunk_by(|a, b| a.order(b, unsorted).is_eq()) {
            rules.clear();
            rules.extend(same.iter().map(|entry| entry.rule));
            rules.dedup();
            let next = users.len() as u32;
            let users = match users.get(rules.as_slice()) {
                Some(known) => *known,
                None => *users.entry(rules.as_slice().into()).or_insert(next),
            };
            let Growing { folded, written, .. } = same[0];
            list.push(Entry { start: text.len() as u32, folded, written, users });
            let parts = same[0].parts(unsorted);
            text.push_str(parts.0);
            text.push_str(parts.1);
        }
        let mut sets = vec![Box::default(); users.len()];
        users.into_iter().for_each(|(rules, index)| sets[index as usize] = rules);
        Entries { list: list.into(), text: text.into(), users: sets }
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// An entry, folded.
    pub fn folded(&self, entry: usize) -> &str {
        let Entry { start, folded, .. } = self.list[entry];
        &self.text[start as usize..start as usize + usize::from(folded)]
    }

    /// The rules that have an entry.
    pub fn users(&self, entry: usize) -> &[u32] {
        &self.users[self.list[entry].users as usize]
    }

    /// Every entry that begins with `key`; `one` of them does.
    pub fn beginning_with(&self, key: &str, one: usize) -> Range<usize> {
        let begins = |entry: usize| self.folded(entry).starts_with(key);
        let (mut first, mut end) = (one, one + 1);
        if first > 0 && begins(first - 1) {
            first = partition_point(0..first, |entry| self.folded(entry) < key);
        }
        let mut step = 1;
        while end < self.len() && begins(end) {
            let further = (end + step).min(self.len());
            end = partition_point(end..further, begins);
            step *= 2;
        }
        first..end
    }

    /// Follows the entries `among` from `start` on, of which `depth` bytes are known to stand there, up to `at`. Adds those
    /// that stand there whole, with their ends, shorter ones first. True if later text could still change that; `found` is
    /// then of no use.
    pub fn follow(
        &self,
        text: &str,
        start: usize,
        (mut at, mut depth): (usize, usize),
        mut among: Range<usize>,
        ended: bool,
        found: &mut Vec<(usize, u32)>,
    ) -> bool {
        loop {
            let next = text[at..].chars().next();
            // Of entries that begin alike the shortest come first.
            let whole = among.clone().take_while(|entry| usize::from(self.list[*entry].folded) == depth);
            let whole = among.start..among.start + whole.count();
            if !whole.is_empty() {
                let wordy = text[..at].chars().next_back().is_some_and(is_wordy);
                match next {
                    Some(next) if wordy && is_wordy(next) => {}
                    None if wordy && !ended => return true,
                    _ => {
                        let written = whole.clone().filter(|entry| self.is_written(*entry, &text[start..at]));
                        found.extend(written.map(|entry| (at, entry as u32)));
                    }
                }
                among.start = whole.end;
            }
            if among.is_empty() {
                return false;
            }
            let Some(c) = next else { return !ended };
            if c.is_whitespace() {
                among = self.narrow(among, &mut depth, b' ');
                let run = space_run(&text[at..]);
                if run > MAX_SPACE_RUN {
                    return false;
                }
                at += run;
            } else {
                for byte in fold_char(c, &mut [0; MAX_FOLDED]) {
                    among = self.narrow(among, &mut depth, *byte);
                }
                at += c.len_utf8();
            }
            if at - start > MAX_WIDTH {
                return false;
            }
        }
    }

    /// Those `among` entries that go on with `byte` after `depth` bytes.
    fn narrow(&self, among: Range<usize>, depth: &mut usize, byte: u8) -> Range<usize> {
        let own = |entry: usize| self.folded(entry).as_bytes().get(*depth).copied();
        let narrowed = match among.clone().next_back() {
            None => among,
            Some(last) if own(among.start) == Some(byte) && own(last) == Some(byte) => among,
            Some(_) => {
                let first = partition_point(among.clone(), |entry| own(entry) < Some(byte));
                first..partition_point(first..among.end, |entry| own(entry) == Some(byte))
            }
        };
        *depth += 1;
        narrowed
    }

    /// Whether text that is an entry folded is it as written, if that counts.
    fn is_written(&self, entry: usize, text: &str) -> bool {
        let Entry { start, folded, written, .. } = self.list[entry];
        let start = start as usize + usize::from(folded);
        let written = &self.text[start..start + usize::from(written)];
        written.is_empty() || written.split(' ').eq(text.split_whitespace())
    }

    /// Size in bytes.
    pub fn memory(&self) -> usize {
        self.list.len() * size_of::<Entry>()
            + self.text.len()
            + self.users.iter().map(|rules| size_of::<Box<[u32]>>() + rules.len() * 4).sum::<usize>()
    }
}

/// The length of the white space at the beginning of a text; no more than what settles that it is too long.
fn space_run(text: &str) -> usize {
    let mut length = 0;
    for c in text.chars().take_while(|c| c.is_whitespace()) {
        length += c.len_utf8();
        if length > MAX_SPACE_RUN {
            break;
        }
    }
    length
}

/// The first of `range` for which `before` no longer holds.
fn partition_point(range: Range<usize>, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (range.start, range.end);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

//! Context words: every word of every rule in one trie, looked for only around candidates.
//!
//! Text and words are compared folded: letters without case, full-width forms as their ASCII letters, and a run of white
//! space (up to [`MAX_SPACE_RUN`] bytes), a hyphen or an underscore, or one with white space behind it, as one space, so that `tax number` is in the key
//! `tax_number` too. A word that begins or ends with a letter or digit must not continue
//! there; scripts written without spaces between words have no such edges.

use super::gate::ByteSet;
use super::initials::{key, key_of};
use crate::pack::Rule;
use std::char::ToLowercase;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::{Arc, LazyLock};

/// Longest run of white space that counts as the space of a phrase, in bytes: an indented line break.
pub(super) const MAX_SPACE_RUN: usize = 16;

/// A folded byte is made of at most so many bytes of text (`Ａ` is three bytes, the Kelvin sign too).
const MAX_BYTES_PER_FOLDED: usize = 3;

/// An occurrence of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub start: usize,
    pub end: usize,
    word: u32,
}

impl Hit {
    /// The number of the word.
    pub fn word(self) -> usize {
        self.word as usize
    }
}

#[derive(Debug, Default)]
struct Node {
    /// Sorted by byte; an index into `nodes`.
    children: Box<[(u8, u32)]>,
    word: Option<u32>,
}

/// What one rule wants of its surroundings.
#[derive(Debug, Clone, Default)]
struct Wanted {
    words: Box<[u32]>,
    within: usize,
    /// Longest occurrence of any of its words, in bytes of text.
    longest: usize,
    /// If one word is not enough.
    score: Option<Score>,
}

/// Signals that add up.
#[derive(Debug, Clone)]
struct Score {
    signals: Vec<(Box<[u32]>, i32)>,
    least: i32,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Words {
    nodes: Vec<Node>,
    /// Whether a folded first byte begins any word.
    first: Vec<bool>,
    signs: ByteSet,
    openings: Openings,
    rules: Vec<Wanted>,
    /// By word: the rules that want it.
    users: Vec<Vec<u32>>,
    reach: usize,
}

impl Words {
    pub fn build(rules: &[Arc<Rule>]) -> Words {
        #[derive(Default)]
        struct Growing {
            children: BTreeMap<u8, u32>,
            word: Option<u32>,
        }
        let mut growing = vec![Growing::default()];
        let mut ids: HashMap<String, u32> = HashMap::new();
        let mut wanted = Vec::with_capacity(rules.len());
        for rule in rules {
            let mut own = Wanted::default();
            let mut numbers = |list: &[String]| {
                let mut words = Vec::new();
                for word in list {
                    let mut folded = String::new();
                    fold_word(&word.replace(is_joint, " "), &mut folded);
                    if folded.is_empty() {
                        continue;
                    }
                    let spaces = folded.bytes().filter(|b| *b == b' ').count();
                    own.longest = own.longest.max(folded.len() * MAX_BYTES_PER_FOLDED + spaces * MAX_SPACE_RUN);
                    let mut node = 0;
                    for byte in folded.bytes() {
                        let new = growing.len() as u32;
                        let next = *growing[node].children.entry(byte).or_insert(new);
                        if next == new {
                            growing.push(Growing::default());
                        }
                        node = next as usize;
                    }
                    let id = ids.len() as u32;
                    let id = *ids.entry(folded).or_insert(id);
                    growing[node].word = Some(id);
                    words.push(id);
                }
                words.sort_unstable();
                words.dedup();
                words
            };
            if let Some(context) = &rule.context {
                let mut words = numbers(&context.words);
                let mut signals: Vec<(Box<[u32]>, i32)> =
                    context.signals.iter().map(|signal| (numbers(&signal.words).into(), signal.weight)).collect();
                if !signals.is_empty() {
                    signals.push((words.clone().into(), 1));
                    words = signals
                        .iter()
                        .filter(|(_, weight)| *weight > 0)
                        .flat_map(|(words, _)| words)
                        .copied()
                        .collect();
                    words.sort_unstable();
                    words.dedup();
                    own.score = Some(Score { signals, least: context.least });
                }
                own.words = words.into();
                own.within = context.within;
            }
            wanted.push(own);
        }
        let nodes: Vec<Node> =
            growing.into_iter().map(|g| Node { children: g.children.into_iter().collect(), word: g.word }).collect();
        let mut first = vec![false; 256];
        for (byte, _) in &nodes[0].children {
            first[usize::from(*byte)] = true;
        }
        let reach = wanted.iter().map(|w| w.within + w.longest).max().unwrap_or(0);
        let mut users = vec![Vec::new(); ids.len()];
        for (rule, own) in wanted.iter().enumerate() {
            own.words.iter().for_each(|word| users[*word as usize].push(rule as u32));
        }
        let mut words = Words {
            nodes,
            first,
            signs: ByteSet::default(),
            openings: Openings::default(),
            rules: wanted,
            users,
            reach,
        };
        words.open(ids.keys());
        words
    }

    /// Notes with what the folded `words` may begin in a text.
    fn open<'w>(&mut self, words: impl Iterator<Item = &'w String>) {
        let mut openings = BTreeMap::new();
        for word in words {
            let Some(first) = word.chars().next() else { continue };
            if let Some(key) = key_of(word) {
                let letters = word.bytes().take(4).take_while(u8::is_ascii_alphanumeric);
                let node = letters.fold(0, |node, byte| self.child(node, byte).expect("the trie holds every word"));
                openings.insert(key, node);
            } else if first.is_ascii() {
                self.signs.insert(first as u8);
            }
            for c in wide_variants(first) {
                openings.insert(WIDE | u32::from(c), ROOT);
                self.signs.insert(c.encode_utf8(&mut [0; 4]).as_bytes()[0]);
            }
        }
        self.openings = Openings::new(&openings);
    }

    /// The rules that want this word.
    pub fn users(&self, hit: Hit) -> &[u32] {
        &self.users[hit.word()]
    }

    /// The rules that want each word, by number of the word.
    pub fn all_users(&self) -> &[Vec<u32>] {
        &self.users
    }

    /// How far from a match of `rule` its words may stand, in bytes.
    pub fn within(&self, rule: usize) -> usize {
        self.rules[rule].within
    }

    /// Most bytes before a match that its context can reach.
    pub fn reach(&self) -> usize {
        self.reach
    }

    /// Where words of `rule` may begin whose end counts as before a match at `start`.
    pub fn before(&self, rule: usize, start: usize) -> Range<usize> {
        let wanted = &self.rules[rule];
        start.saturating_sub(wanted.within + wanted.longest)..start
    }

    /// Where words of `rule` may begin to count as after a match that ends at `end`.
    pub fn after(&self, rule: usize, end: usize) -> Range<usize> {
        end..end + self.rules[rule].within + 1
    }

    /// The word of `rule` that counts for a match at `span` among `hits` (sorted by start): the nearest before it, else the
    /// nearest after it; the longest of equally near ones.
    pub fn nearest_before(&self, rule: usize, start: usize, hits: &[Hit]) -> Option<Hit> {
        let wanted = &self.rules[rule];
        of_range(hits, self.before(rule, start))
            .filter(|h| h.end <= start && start - h.end <= wanted.within && wanted.words.binary_search(&h.word).is_ok())
            .max_by_key(|h| (h.end, std::cmp::Reverse(h.start)))
            .copied()
    }

    pub fn nearest_after(&self, rule: usize, end: usize, hits: &[Hit]) -> Option<Hit> {
        let wanted = &self.rules[rule];
        of_range(hits, self.after(rule, end))
            .filter(|h| wanted.words.binary_search(&h.word).is_ok())
            .min_by_key(|h| (h.start, std::cmp::Reverse(h.end)))
            .copied()
    }

    /// Whether words of `rule` have to add up, so that all around a match must be known.
    pub fn adds_up(&self, rule: usize) -> bool {
        self.rules[rule].score.is_some()
    }

    /// Whether the words of `rule` around a match at `span` among `hits` add up to what it wants.
    pub fn suffices(&self, rule: usize, span: Range<usize>, hits: &[Hit]) -> bool {
        let wanted = &self.rules[rule];
        let Some(score) = &wanted.score else { return true };
        let before = of_range(hits, self.before(rule, span.start))
            .filter(|h| h.end <= span.start && span.start - h.end <= wanted.within);
        let near: Vec<u32> = before.chain(of_range(hits, self.after(rule, span.end))).map(|h| h.word).collect();
        let stands = |words: &[u32]| near.iter().any(|word| words.binary_search(word).is_ok());
        score.signals.iter().filter(|(words, _)| stands(words)).map(|(_, weight)| weight).sum::<i32>() >= score.least
    }

    /// Adds the words that begin in `region`, in order. Returns the first position of it from which later text could still
    /// complete a word; if the text has `ended`, that is the end of the region.
    pub fn find(&self, text: &str, region: Range<usize>, ended: bool, hits: &mut Vec<Hit>) -> usize {
        let bytes = text.as_bytes();
        let mut undecided = region.end;
        let mut at = region.start;
        while at < region.end.min(bytes.len()) {
            let byte = bytes[at];
            if byte < 0x80 {
                let begins = self.first[usize::from(byte.to_ascii_lowercase())];
                if begins && !(byte.is_ascii_alphanumeric() && continues_before(text, at)) {
                    self.walk(text, at, ended, hits, &mut undecided);
                }
                at += 1;
            } else {
                let Some(c) = text.get(at..).and_then(|t| t.chars().next()) else {
                    at += 1; // the region begins inside a character
                    continue;
                };
                let mut buffer = [0; MAX_FOLDED];
                let begins = self.first[usize::from(fold_char(c, &mut buffer)[0])];
                if begins && !(is_wordy(c) && continues_before(text, at)) {
                    self.walk(text, at, ended, hits, &mut undecided);
                }
                at += c.len_utf8();
            }
        }
        if ended { region.end } else { undecided.min(bytes.len().max(region.start)) }
    }

    /// The [keys](key) of the words that begin with ASCII letters or digits.
    pub fn initials(&self) -> impl Iterator<Item = u32> {
        self.openings.all().filter(|key| key & WIDE == 0)
    }

    /// The bytes, but for ASCII letters and digits, with which words may begin.
    pub fn signs(&self) -> ByteSet {
        self.signs
    }

    /// The words of a whole text, in order, given the places where one may begin: [signs](Words::signs), and words of ASCII
    /// letters and digits that begin with one of the [initials](Words::initials).
    pub fn find_at(&self, text: &str, places: &[usize], hits: &mut Vec<Hit>) {
        for at in places {
            if let Some((node, end)) = self.opening(text, *at) {
                self.walk_on(text, *at, (node, end), true, hits, &mut usize::MAX.clone());
            }
        }
    }

    /// The node of what is known of a word that may begin at `at`, and where that ends.
    fn opening(&self, text: &str, at: usize) -> Option<(u32, usize)> {
        let first = text.as_bytes()[at];
        let (found, is_wordy) = if first.is_ascii_alphanumeric() {
            let mut gram = [0; 4];
            let behind = &text.as_bytes()[at..];
            let length = behind.len().min(4);
            gram[..length].copy_from_slice(&behind[..length]);
            let letters = gram.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let found = match gram.get(letters) {
                // A wide character may be a letter of a word in disguise (`ｔａｘ`).
                Some(0x80..) => (ROOT, at),
                _ => (self.openings.get(key(u32::from_le_bytes(gram), letters as u32))?, at + letters),
            };
            (found, true)
        } else if first.is_ascii() {
            ((ROOT, at), false)
        } else {
            let c = text[at..].chars().next().expect("a sign is the first byte of a character");
            ((self.openings.get(WIDE | u32::from(c))?, at), is_wordy(c))
        };
        (!is_wordy || !continues_before(text, at)).then_some(found)
    }

    /// Adds the words that begin at `start`.
    fn walk(&self, text: &str, start: usize, ended: bool, hits: &mut Vec<Hit>, undecided: &mut usize) {
        self.walk_on(text, start, (ROOT, start), ended, hits, undecided);
    }

    /// Adds the words that begin at `start`, of which the letters up to `end` have led to `node`.
    fn walk_on(
        &self,
        text: &str,
        start: usize,
        (mut node, mut end): (u32, usize),
        ended: bool,
        hits: &mut Vec<Hit>,
        undecided: &mut usize,
    ) {
        let bytes = text.as_bytes();
        let mut wordy = end > start;
        loop {
            let here = &self.nodes[node as usize];
            if let Some(word) = here.word {
                match text[end..].chars().next() {
                    Some(next) if wordy && is_wordy(next) => {}
                    None if wordy && !ended => {}
                    _ => hits.push(Hit { start, end, word }),
                }
                if here.children.is_empty() && (end < bytes.len() || !wordy) {
                    return;
                }
            }
            let Some(byte) = bytes.get(end) else { break };
            wordy = if byte.is_ascii() && !is_ascii_space(*byte) {
                let joint = is_joint(char::from(*byte));
                let folded = if joint { b' ' } else { byte.to_ascii_lowercase() };
                let Some(next) = self.child(node, folded) else { return };
                node = next;
                end += 1;
                if joint {
                    let space = white_space(&text[end..]);
                    if space > MAX_SPACE_RUN {
                        return;
                    }
                    end += space;
                }
                byte.is_ascii_alphanumeric()
            } else {
                let c = text[end..].chars().next().expect("there is a byte");
                if c.is_whitespace() {
                    let Some(next) = self.child(node, b' ') else { return };
                    node = next;
                    let space = white_space(&text[end..]);
                    if space > MAX_SPACE_RUN {
                        return;
                    }
                    end += space;
                    false
                } else {
                    for byte in fold_char(c, &mut [0; MAX_FOLDED]) {
                        let Some(next) = self.child(node, *byte) else { return };
                        node = next;
                    }
                    end += c.len_utf8();
                    is_wordy(c)
                }
            };
        }
        // The text ended within a word, or at the end of one that might yet go on.
        *undecided = (*undecided).min(start);
    }

    fn child(&self, node: u32, byte: u8) -> Option<u32> {
        let children = &self.nodes[node as usize].children;
        children.iter().find(|(b, _)| *b == byte).map(|(_, n)| *n)
    }

    /// Size in bytes.
    pub fn memory(&self) -> usize {
        self.nodes.iter().map(|n| size_of::<Node>() + n.children.len() * 8).sum::<usize>()
            + self.rules.iter().map(|r| size_of::<Wanted>() + r.words.len() * 8).sum::<usize>()
            + size_of::<Self>()
            + self.openings.memory()
    }
}

/// How many bytes of white space a text begins with.
fn white_space(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// What joins the words of a phrase in names of fields, columns and files.
pub(super) fn is_joint(c: char) -> bool {
    matches!(c, '-' | '_')
}

/// As [`char::is_whitespace`], of ASCII.
fn is_ascii_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

/// The node no byte has led to yet.
const ROOT: u32 = 0;

/// With a character beyond ASCII: no [`key`] is alike.
const WIDE: u32 = 1 << 31;

/// With what words may begin, [keys](key) and wide characters, and the node to which that leads.
#[derive(Debug, Default)]
struct Openings {
    /// Open addressing; no key is zero.
    slots: Vec<(u32, u32)>,
}

impl Openings {
    fn new(openings: &BTreeMap<u32, u32>) -> Openings {
        let mut slots = vec![(0, 0); (openings.len() * 2).next_power_of_two().max(2)];
        for (key, node) in openings {
            let free = places(*key, slots.len()).find(|slot| slots[*slot].0 == 0).expect("half of them stay free");
            slots[free] = (*key, *node);
        }
        Openings { slots }
    }

    fn get(&self, key: u32) -> Option<u32> {
        let found =
            places(key, self.slots.len()).map(|slot| self.slots[slot]).find(|(own, _)| *own == key || *own == 0);
        found.filter(|(own, _)| *own == key).map(|(_, node)| node)
    }

    fn all(&self) -> impl Iterator<Item = u32> {
        self.slots.iter().map(|(key, _)| *key).filter(|key| *key != 0)
    }

    fn memory(&self) -> usize {
        self.slots.len() * 8
    }
}

/// Where a key may be among so many slots, nearest first.
fn places(key: u32, slots: usize) -> impl Iterator<Item = usize> {
    let first = (key.wrapping_mul(0x9E37_79B1) >> 15) as usize;
    (first..).map(move |slot| slot & (slots - 1))
}

/// No character beyond is folded to another.
pub(super) const LAST_WITH_CASE: char = '\u{1FFFF}';

/// The characters beyond ASCII that are folded to `first`, or to what begins with it.
pub(super) fn wide_variants(first: char) -> impl Iterator<Item = char> {
    /// Characters that fold to something else, by the first character of that.
    static VARIANTS: LazyLock<HashMap<char, Vec<char>>> = LazyLock::new(|| {
        let mut variants: HashMap<char, Vec<char>> = HashMap::new();
        for c in '\u{80}'..=LAST_WITH_CASE {
            if let Some(first) = folded(c).next().filter(|first| *first != c) {
                variants.entry(first).or_default().push(c);
            }
        }
        variants
    });
    VARIANTS.get(&first).into_iter().flatten().copied().chain((!first.is_ascii()).then_some(first))
}

fn of_range(hits: &[Hit], range: Range<usize>) -> impl Iterator<Item = &Hit> {
    let first = hits.partition_point(|h| h.start < range.start);
    hits[first..].iter().take_while(move |h| h.start < range.end)
}

pub(super) fn continues_before(text: &str, at: usize) -> bool {
    match text.as_bytes()[..at].last() {
        None => false,
        Some(b) if *b < 0x80 => b.is_ascii_alphanumeric(),
        Some(_) => text[..at].chars().next_back().is_some_and(is_wordy),
    }
}

/// A letter or digit of a script that puts something between words.
pub(super) fn is_wordy(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    !is_unspaced(c) && c.is_alphanumeric()
}

/// Scripts written without spaces, or with particles joined to the word (Korean): Unicode blocks.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c as u32,
        0x0E00..=0x0EFF        // Thai, Lao
        | 0x1000..=0x109F      // Myanmar
        | 0x1100..=0x11FF      // Hangul Jamo
        | 0x1780..=0x17FF      // Khmer
        | 0x3005..=0x3007      // ideographic iteration mark, closing mark, zero
        | 0x3040..=0x31FF      // kana, Bopomofo, Hangul compatibility Jamo
        | 0x3400..=0x4DBF      // CJK extension A
        | 0x4E00..=0x9FFF      // CJK
        | 0xA960..=0xA97F | 0xAC00..=0xD7FF // Hangul
        | 0xF900..=0xFAFF      // CJK compatibility
        | 0xFF66..=0xFFDC      // half-width kana and Hangul
        | 0x20000..=0x3FFFF) // CJK extensions B and on
}

/// Lower case of one character is at most three characters.
pub(super) const MAX_FOLDED: usize = 12;

/// A character without case and width.
pub(super) fn folded(c: char) -> ToLowercase {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from((c as u32 - 0xFF01 + 0x21) as u8).to_lowercase(),
        c => c.to_lowercase(),
    }
}

pub(super) fn fold_char(c: char, buffer: &mut [u8; MAX_FOLDED]) -> &[u8] {
    let mut length = 0;
    for lower in folded(c) {
        length += lower.encode_utf8(&mut buffer[length..]).len();
    }
    &buffer[..length]
}

/// Appends a word or phrase, folded.
pub(super) fn fold_word(word: &str, to: &mut String) {
    for (i, part) in word.split_whitespace().enumerate() {
        if i > 0 {
            to.push(' ');
        }
        to.extend(part.chars().flat_map(folded));
    }
}

#[cfg(test)]
mod tests {
    use super::super::agreement::rule;
    use super::*;
    use crate::pack::ContextWords;

    fn words(list: &[&str]) -> Words {
        let words = list.iter().map(|w| (*w).to_owned()).collect();
        let rule = Rule { context: Some(ContextWords::any(words, 10)), ..rule("any", &["x"]) };
        Words::build(&[Arc::new(rule)])
    }

    /// The spans found in a whole text.
    fn found(list: &[&str], text: &str) -> Vec<String> {
        let mut hits = Vec::new();
        words(list).find(text, 0..text.len(), true, &mut hits);
        hits.iter().map(|h| text[h.start..h.end].to_owned()).collect()
    }

    #[test]
    fn folded_and_on_word_edges() {
        assert_eq!(found(&["tax id"], "Tax ID taxid TAX\n  ID xtax id tax ids"), ["Tax ID", "TAX\n  ID"]);
        assert_eq!(found(&["Größe"], "GRÖSSE größe Größen"), ["größe"]);
        assert_eq!(found(&["tax"], "ｔａｘ、ＴＡＸ tax税 税tax"), ["ｔａｘ", "ＴＡＸ", "tax", "tax"]);
        assert_eq!(found(&["税号"], "的税号是"), ["税号"]);
        assert_eq!(found(&["#ref", "nr."], "x#ref nr.5 #refs"), ["#ref", "nr."]);
        assert_eq!(
            found(&["a b"], &format!("a{}b a{}b", " ".repeat(16), " ".repeat(17))),
            [format!("a{}b", " ".repeat(16))]
        );
        assert_eq!(found(&["tax", "tax id"], "tax id"), ["tax", "tax id"]);
        assert_eq!(found(&["tax id"], "tax_id tax-id-no TAX_ID: tax--id"), ["tax_id", "tax-id", "TAX_ID"]);
        assert_eq!(found(&["tax-id", "n_o"], "tax id, n o"), ["tax id", "n o"]);
        assert_eq!(found(&["van- en achternaam"], "van- en achternaam, van en  achternaam").len(), 2);
    }

    #[test]
    fn undecided_where_later_text_matters() {
        let undecided = |text: &str| words(&["tax id"]).find(text, 0..text.len(), false, &mut Vec::new());
        assert_eq!(undecided("a tax"), 2);
        assert_eq!(undecided("a tax "), 2);
        assert_eq!(undecided("a tax id"), 2, "a letter may follow");
        assert_eq!(undecided("a tax id."), 9);
        assert_eq!(undecided("a taxi"), 6);
    }

    #[test]
    fn nearest() {
        let words = words(&["a", "b c", "c"]);
        let text = "a b c 123 c a";
        let mut hits = Vec::new();
        words.find(text, 0..text.len(), true, &mut hits);
        let before = words.nearest_before(0, 6, &hits).map(|h| h.start..h.end);
        let after = words.nearest_after(0, 9, &hits).map(|h| h.start..h.end);
        assert_eq!((before, after), (Some(2..5), Some(10..11)), "the longest of those that end nearest");
        assert_eq!(words.nearest_before(0, 40, &hits), None);
    }
}

//! Digits drawn together: numbers written with gaps that no rule allows for, or said in words, read as what they say.
//!
//! A [`Run`] is cut where its gaps part more than elsewhere, and each piece is read with nothing between its groups; a rule
//! must match all of it. That alone proves little: rows of figures are full of such pieces, and a check digit passes one in
//! ten of them. So how a piece is written and what the rule's validator is worth decide whether the reading counts, or counts
//! only beside a context word of the rule ([`Piece::weigh`]).

use super::joinable::Near;
use super::run::{self, Gap, Kind, Run, Token};
use super::signs::Sign;
use super::spelled::{self, Joint, Word};
use crate::detect::context::Hit;
use crate::detect::machine::{Before, Walk};
use crate::detect::sweep::Reached;
use crate::detect::validator::Validator;
use crate::detect::{Candidate, Compiled, Engine, RuleSet, Scratch};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{LazyLock, Mutex, PoisonError};

/// How much text before what is undecided runs look at, in bytes: a run that is too long is known as such.
pub(in crate::detect) const LOOK_BEHIND: usize = run::LONGEST + run::LONGEST_GAP + run::LONGEST_TOKEN;
/// Fewest digits of a piece: no rule of fewer is worth a reading.
pub(super) const FEWEST_DIGITS: usize = 6;
/// Longest reading of a piece: an account number of 34 characters, and a sign.
pub(super) const LONGEST_READING: usize = 40;
/// Most groups in which numbers are written.
const MOST_WRITTEN_GROUPS: usize = 6;
/// Fewest number words that are no accident beside figures.
pub(super) const FEWEST_WORDS: usize = 3;
/// Fewest groups of letters and figures that are none.
const FEWEST_LETTERED: usize = 3;
/// Groups of which even rows of figures have fewer, as a rule.
const MANY_GROUPS: usize = 5;
/// What stands between figures in rows.
const ROWS: Gap = Gap::COMMA.with(Gap::CELL);
/// Most words that make one number: "quatre-vingt-dix-neuf".
const LONGEST_NUMBER: usize = 4;
/// Most groups at an end that are tried without.
const MOST_CUT: usize = 5;
/// Most pieces of a run that are tried.
const MOST_PIECES: usize = 32;

/// What a validator's yes is worth: how likely it takes random digits for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::detect) enum Proof {
    Nothing,
    /// A check digit: no more than 15 in 100.
    Fair,
    /// Two check digits, or one and some structure: no more than 2 in 100.
    Strong,
    /// Hardly ever.
    Certain,
}

impl Proof {
    /// Of a rule's validator.
    pub fn of(validator: Option<&'static Validator>) -> Proof {
        static KNOWN: LazyLock<Mutex<HashMap<&'static str, Proof>>> = LazyLock::new(Mutex::default);
        let Some(validator) = validator else { return Proof::Nothing };
        let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(proof) = known().get(validator.name) {
            return *proof;
        }
        let proof = Proof::measure(validator);
        known().insert(validator.name, proof);
        proof
    }

    /// Random digits stand in for those of the validator's samples.
    fn measure(validator: &Validator) -> Proof {
        const TRIES: usize = 2048;
        // Xorshift (Marsaglia 2003).
        let mut random = 0x9E37_79B9_7F4A_7C15u64;
        let mut digit = || {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            char::from(b'0' + (random >> 32) as u8 % 10)
        };
        let (mut passed, mut value) = (0, String::new());
        for sample in validator.valid.iter().cycle().take(TRIES) {
            value.clear();
            value.extend(sample.chars().map(|c| if c.is_ascii_digit() { digit() } else { c }));
            passed += usize::from((validator.check)(&value));
        }
        match passed * 1000 / TRIES {
            0 if passed == 0 => Proof::Certain,
            0..=20 => Proof::Strong,
            21..=150 => Proof::Fair,
            _ => Proof::Nothing,
        }
    }
}

/// How a candidate was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::detect) enum Reading {
    AsWritten,
    /// Digits drawn together, or `spelled` as words; nothing without a context word if `needs_context`.
    Joined {
        spelled: bool,
        needs_context: bool,
    },
}

/// Memory for joins, reused.
#[derive(Debug, Default)]
pub(in crate::detect) struct Joins {
    run: Run,
    groups: Vec<Group>,
    /// What the groups say, in a row.
    said: String,
    pieces: Vec<(usize, usize)>,
    read: String,
    found: Vec<Candidate>,
    /// Context words around a run, and the rules that want one of them.
    hits: Vec<Hit>,
    near: Near,
}

/// Adds the candidates of runs that begin at or after `from` to those that the sweep has found. `reached` is the sweep's:
/// how far later text can change what was found. Returns it, or the beginning of a run that makes it earlier.
pub(in crate::detect) fn read(
    engine: &Engine,
    text: &str,
    from: usize,
    ended: bool,
    active: &RuleSet,
    scratch: &mut Scratch,
    mut reached: Reached,
) -> Reached {
    if engine.decode_depth == 0 {
        return reached;
    }
    let open = if ended { text.len() } else { run::open(text).max(from) };
    reached.lower(open, open);
    let signs = std::mem::take(&mut scratch.signs);
    let mut joins = std::mem::take(&mut scratch.joins);
    let mut done = from;
    for sign in signs.found() {
        // A run is in its row, but for some letters.
        let row = sign.range.start.saturating_sub(run::LONGEST)..sign.range.end + run::LONGEST;
        let known = scratch.surroundings.known();
        if !sign.plausible && known.is_some_and(|hits| !engine.joinable.is_near(row, &engine.words, hits)) {
            continue;
        }
        let Sign { range, plausible, words } = sign;
        let mut at = range.start.max(done);
        while at <= range.end
            && let Some(begins) = token_within(text, at..range.end + 1, *words)
            && begins < open
        {
            at = joins.run.fill(text, begins).max(at + 1);
            done = at;
            let Some((first, last)) = joins.run.tokens.first().zip(joins.run.tokens.last()) else { continue };
            let (start, end) = (first.start, last.end);
            if start < from || start >= reached.live || !joins.run.has_sign(text) {
                continue;
            }
            if end <= reached.live {
                let (words, Joins { hits, near, .. }) = (&engine.words, &mut joins);
                match scratch.surroundings.known() {
                    Some(hits) => engine.joinable.rules_near(start..end, words, hits, near),
                    None => engine.joinable.rules_near_in(start..end, words, (text, ended), hits, near),
                }
                if !near.any() && !plausible {
                    continue;
                }
                joins.cut(text);
                joins.candidates(engine, text, active, scratch);
            }
            if end > reached.live || scratch.over_budget() {
                reached.lower(start, start);
            }
        }
    }
    scratch.candidates.append(&mut joins.found);
    scratch.joins = joins;
    scratch.signs = signs;
    reached
}

/// Where the first token within a range may begin: at a digit, or at a word if there are `words`.
fn token_within(text: &str, range: Range<usize>, words: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let in_word = |at: usize| at > 0 && bytes[at - 1].is_ascii_alphanumeric();
    let begins = |at: usize| match bytes[at] {
        b'0'..=b'9' => true,
        byte => words && text.is_char_boundary(at) && (!byte.is_ascii() || byte.is_ascii_alphabetic() && !in_word(at)),
    };
    range.into_iter().find(|at| begins(*at))
}

/// What one token says, or a few number words together.
#[derive(Debug, Clone)]
struct Group {
    /// In the text.
    span: Range<usize>,
    /// In what is said.
    said: Range<usize>,
    kind: Kind,
    gap: Gap,
}

/// How the groups of a piece stand; the later, the more it looks like one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    Mixed,
    /// All gaps alike, but for line breaks.
    Alike,
    /// And all groups of one length, but for the last.
    Even,
    /// And that length is one; or number words.
    Single,
}

/// Groups that may be one number.
#[derive(Debug)]
struct Piece {
    shape: Shape,
    groups: usize,
    /// Length of the first group.
    length: usize,
    gaps: Gap,
    /// What stands between figures in rows stands between the groups.
    rows: bool,
    /// Commas are among it.
    commas: bool,
    /// One of several lines with as many groups.
    table: bool,
    spelled: bool,
    letters: bool,
    /// It begins with letters, as some identifiers do, and goes on in several groups.
    begins_lettered: bool,
    /// The only letter is the last character, as some check characters are.
    ends_lettered: bool,
    /// A plus sign stands before it.
    signed: bool,
}

impl Piece {
    fn of(groups: &[Group], said: &str, table: bool, signed: bool) -> Piece {
        let words = groups.iter().filter(|group| matches!(group.kind, Kind::Word(_))).count();
        let spelled = words > 0;
        // A mark or a line's end among like gaps makes no difference.
        let gaps = || groups[1..].iter().map(|group| group.gap.without_line()).filter(|gap| *gap != Gap::NONE);
        let alike = gaps().all(|gap| Some(gap.without(Gap::MARK)) == gaps().next().map(|gap| gap.without(Gap::MARK)));
        let length = groups[0].said.len();
        let last = &groups[groups.len() - 1];
        let even = groups.iter().all(|group| group.said.len() == length || group.said == last.said)
            && (last.said.len() == length || last.said.len() < length && groups.len() > 2);
        let shape = match (alike, even) {
            _ if words >= FEWEST_WORDS => Shape::Single,
            _ if spelled => Shape::Mixed,
            (true, true) if length == 1 => Shape::Single,
            (true, true) => Shape::Even,
            (true, false) => Shape::Alike,
            (false, _) => Shape::Mixed,
        };
        let said = &said[groups[0].said.start..last.said.end];
        let begins_with_letter = said.starts_with(|c: char| c.is_ascii_uppercase());
        let ends_lettered = said.find(|c: char| c.is_ascii_uppercase()) == Some(said.len() - 1);
        let lettered = |group: &Group| matches!(group.kind, Kind::Letters | Kind::Mixed);
        Piece {
            shape,
            groups: groups.len(),
            length,
            gaps: gaps().fold(Gap::NONE, Gap::with),
            rows: groups[1..].iter().any(|group| group.gap.has(ROWS)),
            commas: groups[1..].iter().any(|group| group.gap.has(Gap::COMMA)),
            table: table && !spelled,
            spelled,
            letters: groups.iter().any(lettered),
            begins_lettered: begins_with_letter
                && (groups[0].kind == Kind::Mixed || lettered(&groups[0]) && groups.len() >= FEWEST_LETTERED),
            ends_lettered,
            signed,
        }
    }

    /// What to put between the groups: nothing, or what rules want there that know how a number is written.
    fn forms(&self) -> &'static [&'static str] {
        let written = matches!(self.shape, Shape::Even | Shape::Alike) && self.groups <= MOST_WRITTEN_GROUPS;
        if written { &["", " ", "-"] } else { &[""] }
    }

    /// Whether a match of all of it counts: `None` if not, else whether it needs a context word. `written` is one of a rule
    /// that knows such groups.
    fn weigh(&self, proof: Proof, written: bool) -> Option<bool> {
        let unusual = self.gaps.has(Gap::MARK.with(Gap::BRACKET)) || self.gaps == Gap::SPACE.with(Gap::HYPHEN);
        let deliberate = self.shape == Shape::Single || self.shape == Shape::Even && unusual;
        let lettered = self.letters && !self.ends_lettered;
        let rows = if lettered { self.commas } else { self.rows && !self.spelled };
        let alone = !(self.table || rows || lettered && !self.begins_lettered)
            && match proof {
                Proof::Certain => self.shape >= Shape::Alike,
                Proof::Strong if lettered => self.shape >= Shape::Alike,
                Proof::Strong if deliberate => true,
                Proof::Strong => {
                    let fewest = fewest_even(self.gaps == Gap::DOT, self.length);
                    self.shape == Shape::Even && self.groups >= fewest && !self.gaps.has(Gap::SPACE)
                }
                Proof::Fair => deliberate,
                Proof::Nothing => false,
            };
        let shape = if written { self.shape.max(Shape::Even) } else { self.shape };
        let beside_context = match proof {
            Proof::Certain | Proof::Strong => true,
            Proof::Fair => shape >= Shape::Alike,
            Proof::Nothing if self.table => false,
            Proof::Nothing => match shape {
                Shape::Single => true,
                Shape::Even => written || unusual || self.signed || self.groups >= MANY_GROUPS && !self.rows,
                Shape::Alike => self.signed,
                Shape::Mixed => false,
            },
        };
        match (alone, beside_context) {
            (true, _) => Some(false),
            (false, true) => Some(true),
            (false, false) => None,
        }
    }
}

/// Fewest even groups that are no accident; with `dots` between short ones they may be an IP address or a version.
pub(super) fn fewest_even(dots: bool, length: usize) -> usize {
    if dots && length <= 3 { 5 } else { 3 }
}

/// Whether two lines or more in a row have the same number of groups, three or more.
fn is_table(groups: &[Group]) -> bool {
    let (mut count, mut before, mut table) = (0, 0, false);
    for group in groups {
        if count > 0 && group.gap.level() >= Gap::LINE.level() {
            table |= count == before && count >= 3;
            before = std::mem::take(&mut count);
        }
        count += 1;
    }
    table || (count == before && count >= 3)
}

impl Joins {
    /// Cuts the run into groups and pieces.
    fn cut(&mut self, text: &str) {
        self.groups.clear();
        self.said.clear();
        let tokens = &self.run.tokens;
        let mut gap = Gap::NONE;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            gap = gap.with(token.gap);
            let start = self.said.len();
            let taken = say(text, &tokens[at..], &mut self.said);
            if self.said.len() > start {
                let span = token.start..tokens[at + taken - 1].end;
                self.groups.push(Group { span, said: start..self.said.len(), kind: token.kind, gap });
                gap = Gap::NONE;
            } else if token.kind != Kind::Word(Word::Pause) {
                gap = gap.with(Gap::WORD);
            }
            at += taken;
        }
        self.pieces.clear();
        let groups = &self.groups;
        let mut split = |parts: &dyn Fn(&Group, &Group) -> bool| {
            let mut start = 0;
            for end in 1..=groups.len() {
                if end == groups.len() || parts(&groups[end - 1], &groups[end]) {
                    self.pieces.push((start, end));
                    start = end;
                }
            }
        };
        for level in 0..=4 {
            split(&|_, group| group.gap.level() > level);
            split(&|_, group| group.gap.level() > level || group.gap.has(Gap::COMMA));
        }
        let figures = |group: &Group| group.kind == Kind::Figures;
        split(&|before, group| group.gap.level() > 3 || figures(before) != figures(group));
        split(&|before, group| group.gap.level() > 3 || (before.said.len() == 1) != (group.said.len() == 1));
        let mut start = 0;
        for end in 1..=groups.len() {
            let changes = |at: usize| groups[at].gap.without_line() != groups[at - 1].gap.without_line();
            if end == groups.len() || (end - start > 1 && changes(end)) {
                self.pieces.push((start, end));
                start = end;
            }
        }
        self.pieces.retain(|(start, end)| *end > start + 1);
        self.pieces.sort_unstable();
        self.pieces.dedup();
        // Letters at the ends may be words that stand there, and a number word an article.
        let letters = |group: &&Group| {
            group.kind == Kind::Letters || (group.said.len() == 1 && spelled::is_article(&text[group.span.clone()]))
        };
        for at in 0..self.pieces.len() {
            let (start, end) = self.pieces[at];
            let before = groups[start..end].iter().take_while(letters).count().min(MOST_CUT);
            let after = groups[start + before..end].iter().rev().take_while(letters).count().min(MOST_CUT);
            let cuts = (start..=start + before).flat_map(|first| (0..=after).map(move |cut| (first, end - cut)));
            self.pieces.extend(cuts.skip(1));
        }
        self.pieces.retain(|(start, end)| *end > start + 1);
        self.pieces.retain(|(start, end)| {
            let said = &self.said[groups[*start].said.start..groups[*end - 1].said.end];
            let ends = !spelled::ends_none(&text[groups[*end - 1].span.clone()]);
            ends && said.len() <= LONGEST_READING && said.bytes().filter(u8::is_ascii_digit).count() >= FEWEST_DIGITS
        });
        self.pieces.sort_unstable();
        self.pieces.dedup();
        self.pieces.truncate(MOST_PIECES);
    }

    /// Reads every piece; by rules that need a context word if one may be near.
    fn candidates(&mut self, engine: &Engine, text: &str, active: &RuleSet, scratch: &mut Scratch) {
        let table = is_table(&self.groups);
        for (start, end) in &self.pieces {
            let groups = &self.groups[*start..*end];
            let span_start = signed(text, groups[0].span.start);
            // Two lines that are all there is are one number in two lines.
            let all = groups.len() == self.groups.len();
            let lines = groups.iter().filter(|group| group.gap.level() >= Gap::LINE.level()).count();
            let piece = Piece::of(groups, &self.said, table && !(all && lines <= 1), span_start.is_some());
            if !self.near.any() && piece.weigh(Proof::Certain, false) != Some(false) {
                continue;
            }
            let span = span_start.unwrap_or(groups[0].span.start)..groups[groups.len() - 1].span.end;
            for form in piece.forms() {
                self.read.clear();
                self.read.extend(piece.signed.then_some('+'));
                for (at, group) in groups.iter().enumerate() {
                    self.read.push_str(if at > 0 { form } else { "" });
                    self.read.push_str(&self.said[group.said.clone()]);
                }
                let written = !form.is_empty();
                for rule in engine.joinable.rules(&self.read).iter().filter(|rule| active.contains(**rule as usize)) {
                    let counts = piece.weigh(engine.compiled[*rule as usize].proof, written);
                    if let Some(needs_context) = counts.filter(|needs_context| !needs_context || self.near.has(*rule)) {
                        let reading = Reading::Joined { spelled: piece.spelled, needs_context };
                        self.found.extend(read_as(*rule, &self.read, reading, &span, engine, scratch));
                    }
                }
            }
        }
    }
}

/// The candidate that a rule finds in `read`, if it takes all of it and that counts. `span` is where it stands.
fn read_as(
    rule: u32,
    read: &str,
    reading: Reading,
    span: &Range<usize>,
    engine: &Engine,
    scratch: &mut Scratch,
) -> Option<Candidate> {
    let Compiled { automaton, context, .. } = &engine.compiled[rule as usize];
    let needs_context = matches!(reading, Reading::Joined { needs_context: true, .. });
    if needs_context && *context == [false, false] {
        return None;
    }
    let states = &mut scratch.caches[rule as usize].states;
    let walk = automaton.walk(states, read.as_bytes(), 0, Before::Beginning, true, &mut scratch.spent);
    let Walk::Match(length) = walk else { return None };
    if length < read.len() {
        return None;
    }
    let found = engine.candidate(rule, read, (0, length), true, scratch);
    let whole = !found.rejected && found.value == (0, length);
    (whole && (!needs_context || context[usize::from(found.validated)])).then_some(Candidate {
        start: span.start,
        end: span.end,
        value: (span.start, span.end),
        reading,
        ..found
    })
}

/// Where the plus sign stands that belongs to digits at `start`.
fn signed(text: &str, start: usize) -> Option<usize> {
    /// Bytes between the sign and the first digit.
    const MOST: usize = 3;
    let sign = run::gap_before(text.as_bytes(), start)?.checked_sub(1)?;
    (text.as_bytes()[sign] == b'+' && start - sign <= MOST + 1).then_some(sign)
}

/// Adds to `said` what the first of `tokens` says, with as many others as make one number with it. Returns how many.
fn say(text: &str, tokens: &[Token], said: &mut String) -> usize {
    match tokens[0].kind {
        Kind::Figures | Kind::Mixed | Kind::Letters => {
            said.push_str(&text[tokens[0].start..tokens[0].end]);
            1
        }
        Kind::Word(Word::Times(times)) => {
            let start = said.len();
            let taken = if tokens.len() > 1 { say(text, &tokens[1..2], said) } else { 0 };
            match said[start..].chars().next() {
                Some(digit @ '0'..='9') if said.len() == start + 1 => {
                    (1..times).for_each(|_| said.push(digit));
                    1 + taken
                }
                _ => {
                    said.truncate(start);
                    1
                }
            }
        }
        Kind::Word(_) => {
            let mut words = [(Word::Pause, Joint::Apart); LONGEST_NUMBER];
            for (word, token) in words.iter_mut().zip(tokens) {
                let Kind::Word(says) = token.kind else { break };
                *word = (says, joint(token.gap));
            }
            spelled::number(&words, said).unwrap_or(1)
        }
    }
}

fn joint(gap: Gap) -> Joint {
    if gap == Gap::HYPHEN {
        Joint::Hyphen
    } else if gap.only(Gap::SPACE.with(Gap::LINE)) {
        Joint::Space
    } else {
        Joint::Apart
    }
}

/// What stands at `span`, read with its digits drawn together.
pub(in crate::detect) fn value(text: &str, span: Range<usize>) -> String {
    let tokens = run::tokens(&text[span.clone()]);
    let mut said = String::new();
    let mut at = 0;
    while at < tokens.len() {
        at += say(&text[span.clone()], &tokens[at..], &mut said);
    }
    said
}

#[cfg(test)]
mod tests {
    use super::super::super::agreement::rule;
    use super::*;
    use crate::detect::{Finding, StreamScanner};
    use crate::pack::{Confidence, ContextWords, Ladder, Rule};
    use proptest::prelude::*;
    use std::sync::{Arc, LazyLock};

    /// The digits are the first and the same again.
    static TWICE: Validator = Validator {
        name: "twice",
        source: "made up for tests",
        check: |value| value.len() % 2 == 0 && value[..value.len() / 2] == value[value.len() / 2..],
        valid: &["123123"],
        invalid: &["123124"],
    };

    static FEW: LazyLock<Arc<Engine>> = LazyLock::new(|| {
        let ladder = |pattern, validated| Ladder { pattern, validated, context: None, validated_context: None };
        let (low, high) = (Some(Confidence::Low), Some(Confidence::High));
        let context = Some(ContextWords::any(vec!["acct".into()], 12));
        let rules = vec![
            Rule {
                validator: Some(&TWICE),
                ladder: ladder(None, high),
                ..rule("twice", &[r"\b\d{6}\b", r"\b[A-Z]{2}\d{6}\b"])
            },
            Rule {
                context,
                ladder: Ladder { context: high, ..ladder(None, None) },
                ..rule("account", &[r"\b\d{8}\b"])
            },
            Rule { separators: " ".into(), ladder: ladder(low, None), ..rule("seven", &[r"\b\d{7}\b"]) },
        ];
        Arc::new(Engine::compile(rules.into_iter().map(Arc::new).collect()).expect("rules of this test"))
    });

    fn whole(engine: &Engine, text: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        engine.scan(text, &engine.all(), &mut Scratch::default(), &mut findings);
        findings
    }

    fn read(text: &str) -> Vec<(Range<usize>, String)> {
        let joined = whole(&FEW, text).into_iter().filter(|f| f.disguise.is_some());
        joined.map(|f| (f.span.clone(), f.value(text).to_owned())).collect()
    }

    #[test]
    fn what_is_read_and_where() {
        for (text, spans) in [
            ("it is 1 2 3 1 2 3.", &[(6..17, "123123")][..]),
            ("**12** **31** **23**", &[(2..18, "123123")]),
            ("one two three 1 two three, or so", &[(0..25, "123123")]),
            ("acct 11-22-33-44-5, acct 1 2 3 4 5 6 7 8", &[(25..40, "12345678")]),
            ("1 2 3 4 5 6 7 8", &[]),
            ("rows: 1, 2, 3, 1, 2, 3", &[]),
            ("1.2.3.1.2.3.4", &[]),
        ] {
            let expected: Vec<_> = spans.iter().map(|(span, value)| (span.clone(), (*value).to_owned())).collect();
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn p2_what_is_read_does_not_depend_on_figures_nearby() {
        let ladder =
            Ladder { pattern: None, validated: None, context: Some(Confidence::High), validated_context: None };
        let context = Some(ContextWords::any(vec!["card".into()], 40));
        let card = Rule { context, ladder, ..rule("card", &[r"\b[A-Z]{2} ?\d{6}\b"]) };
        let engine = Arc::new(Engine::compile(vec![Arc::new(card)]).expect("a rule of this test"));
        for text in ["card AB: 123123", "card AB: 123123 LETTERS 79", "79 LETTERS AB: 123123 on card"] {
            assert_eq!(whole(&engine, text), [], "one group of digits is read as it is written: {text}");
            assert_eq!(stream(&engine, text, 1), [], "{text}");
        }
        assert_eq!(whole(&engine, "card AB 123123").len(), 1);
    }

    #[test]
    fn proof_is_measured() {
        let of = |name| Proof::of(crate::detect::validator::find(name));
        assert_eq!(of("luhn"), Proof::Fair);
        assert_eq!(of("iban"), Proof::Strong);
        assert_eq!(of("br_cpf"), Proof::Strong);
        assert_eq!(of("cn_ric"), Proof::Certain);
        assert_eq!(of("us_ssn"), Proof::Nothing);
        assert_eq!(Proof::of(None), Proof::Nothing);
    }

    const PIECES: &[&str] = &[
        "1", "2", "3", "1 2 3 ", "12", "31", "one", "two ", "Three", "ein", "double ", "dash ", "A", "AB", "TEXTS",
        " ", " ", "  ", "-", ".", "\n", "\n> ", "**", "`", "|", ", ", "<td>", "</td>", "<", ">", "/", "一", "二 ", "–",
        "acct ", "of", "word ", "é", "+", "et ", "vingt-", "x1",
    ];

    fn text() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(PIECES), 0..30).prop_map(|pieces| pieces.concat())
    }

    fn stream(engine: &Arc<Engine>, text: &str, size: usize) -> Vec<Finding> {
        let mut scanner = StreamScanner::new(engine.clone(), Arc::new(engine.all()));
        let (mut scratch, mut findings) = (Scratch::default(), Vec::new());
        let chars: Vec<char> = text.chars().collect();
        for piece in chars.chunks(size) {
            scanner.push(&piece.iter().collect::<String>(), &mut scratch, &mut findings);
        }
        scanner.finish(&mut scratch, &mut findings);
        findings
    }

    proptest! {
        #[test]
        fn p2_streams_join_as_whole_texts(text in text(), repeated in 1usize..30, size in 1usize..20) {
            for text in [text.repeat(repeated), text] {
                prop_assert_eq!(stream(&FEW, &text, size), whole(&FEW, &text), "{:?}", text);
            }
        }
    }

    #[test]
    fn p2_words_that_the_sweep_does_not_meet_count_as_well() {
        let text = " one二 一12 oneacct ein one二 一12 oneacct ein";
        assert_eq!(stream(&FEW, text, 1), whole(&FEW, text));
        assert_eq!(read(text), [(22..38, "112112".to_owned())]);
    }

    #[test]
    fn long_rows_are_no_numbers() {
        for row in ["1 ", "one ", "1,", "A ", "1\n", "一"] {
            let text = row.repeat(4000);
            assert!(whole(&FEW, &text).iter().all(|f| f.disguise.is_none()), "{row:?}");
        }
    }
}

//! Values that a rule should find: texts of its pattern's shape, tried until the rule's validator accepts one.

use crate::random::Random;
use portcullis::pack::Rule;
use regex_syntax::hir::{Class, Hir, HirKind};
use std::ops::Range;

/// Tries before a shape counts as one that chance does not make valid. Two check digits of letters and figures are one in 1,296.
const TRIES: usize = 20_000;
/// Repetitions of an element beyond its least number.
const MORE: u32 = 6;

/// A text that a pattern matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// With what the pattern wants around the value.
    pub text: String,
    /// Where the value itself stands in it.
    pub value: Range<usize>,
}

/// What makes values of one rule.
pub struct Maker<'r> {
    rule: &'r Rule,
    shapes: Vec<Shape>,
}

impl<'r> Maker<'r> {
    /// None for rules whose values are words of a list or go on to a terminator.
    pub fn new(rule: &'r Rule) -> Option<Self> {
        if rule.dictionary.is_some() || rule.until.is_some() {
            return None;
        }
        let shape = |pattern: &String| Some(Shape::of(&regex_syntax::Parser::new().parse(pattern).ok()?));
        Some(Self { rule, shapes: rule.patterns.iter().map(shape).collect::<Option<_>>()? })
    }

    /// A valid value, by each pattern in turn.
    pub fn valid(&self, turn: usize, random: &mut Random) -> Option<Value> {
        let shape = &self.shapes[turn % self.shapes.len()];
        (0..TRIES).map(|_| shape.made(random)).find(|value| self.accepts(value))
    }

    /// A value of the right shape that the validator refuses.
    pub fn invalid(&self, turn: usize, random: &mut Random) -> Option<Value> {
        self.rule.validator?;
        let shape = &self.shapes[turn % self.shapes.len()];
        (0..TRIES).map(|_| shape.made(random)).find(|value| !self.accepts(value))
    }

    /// Whether the validator takes the digits of a pattern's texts, but not as the pattern writes them in groups.
    pub fn refuses_groups(&self, turn: usize, random: &mut Random) -> bool {
        let Some(validator) = self.rule.validator else { return false };
        let bare = |value: &Value| value.text[value.value.clone()].replace(|c: char| !c.is_ascii_alphanumeric(), "");
        let shape = &self.shapes[turn % self.shapes.len()];
        let plain = (0..TRIES).map(|_| shape.made(random)).find(|value| (validator.check)(&bare(value)));
        plain.is_some_and(|value| !self.accepts(&value)) && self.valid(turn, random).is_none()
    }

    fn accepts(&self, value: &Value) -> bool {
        let Some(validator) = self.rule.validator else { return true };
        let value = &value.text[value.value.clone()];
        (validator.check)(&value.replace(|c| self.rule.separators.contains(c), ""))
    }
}

/// What a pattern says of the texts it matches; where it looks around is left to chance.
enum Shape {
    Text(String),
    OneOf(Vec<char>),
    /// So often at least, and at most.
    Repeated(usize, usize, Box<Shape>),
    /// The group `value`.
    Value(Box<Shape>),
    All(Vec<Shape>),
    Any(Vec<Shape>),
}

impl Shape {
    fn of(pattern: &Hir) -> Self {
        let each = |parts: &[Hir]| parts.iter().map(Shape::of).collect();
        match pattern.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::Text(String::new()),
            HirKind::Literal(literal) => Self::Text(String::from_utf8_lossy(&literal.0).into_owned()),
            HirKind::Class(class) => Self::OneOf(characters(class)),
            HirKind::Repetition(repetition) => {
                let most = repetition.max.unwrap_or(u32::MAX).min(repetition.min + MORE);
                Self::Repeated(repetition.min as usize, most as usize, Box::new(Self::of(&repetition.sub)))
            }
            HirKind::Capture(capture) if capture.name.as_deref() == Some("value") => {
                Self::Value(Box::new(Self::of(&capture.sub)))
            }
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Concat(parts) => Self::All(each(parts)),
            HirKind::Alternation(parts) => Self::Any(each(parts)),
        }
    }

    fn made(&self, random: &mut Random) -> Value {
        let (mut text, mut value) = (String::new(), None);
        self.write(random, &mut text, &mut value);
        let value = value.unwrap_or(0..text.len());
        Value { text, value }
    }

    fn write(&self, random: &mut Random, text: &mut String, value: &mut Option<Range<usize>>) {
        match self {
            Self::Text(literal) => text.push_str(literal),
            Self::OneOf(characters) => text.push(characters[random.below(characters.len())]),
            Self::Repeated(least, most, part) => {
                for _ in 0..least + random.below(most - least + 1) {
                    part.write(random, text, value);
                }
            }
            Self::Value(part) => {
                let start = text.len();
                part.write(random, text, value);
                *value = Some(start..text.len());
            }
            Self::All(parts) => parts.iter().for_each(|part| part.write(random, text, value)),
            Self::Any(parts) => parts[random.below(parts.len())].write(random, text, value),
        }
    }
}

/// Characters of a class: those of ASCII that can be seen if it has any, else the first ones.
fn characters(class: &Class) -> Vec<char> {
    let all: Box<dyn Iterator<Item = char>> = match class {
        Class::Unicode(class) => Box::new(class.ranges().iter().flat_map(|r| r.start()..=r.end())),
        Class::Bytes(class) => {
            Box::new(class.ranges().iter().flat_map(|r| char::from(r.start())..=char::from(r.end())))
        }
    };
    let first: Vec<char> = all.take(512).collect();
    let seen: Vec<char> = first.iter().copied().filter(char::is_ascii_graphic).collect();
    if !seen.is_empty() {
        seen
    } else if first.contains(&' ') {
        vec![' ']
    } else {
        first
    }
}

//! Which types can be read from a TOML value, and what is said when they cannot.

use super::{Kind, Spanned, Table, Value, listed, without_indices};
use crate::diagnostic::{Problems, mask, nearest};
use std::path::PathBuf;
use std::time::Duration;

/// A type that can be read from a TOML value. Reports and returns `None` when it cannot.
///
/// Implemented for `String`, `&'d str`, `bool`, `u64`, `u32`, `u16`, `usize`, `i32`, `f64`, `Table<'d>`, `Value<'d>`, `Vec<T>`, `Spanned<T>`,
/// `PathBuf`, `Duration` (`"7d"`, `"30s"`, `"250ms"`), [`ByteSize`] (`"32MiB"`, or a whole number of bytes), [`Date`],
/// and every [`Choice`].
pub trait Read<'d>: Sized {
    /// What a value looks like, for the help about a missing key.
    const LOOKS_LIKE: &'static str = "…";
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self>;
}

const TEXT: &str = "\"…\"";
pub(super) const TABLE: &str = "{ … }";

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

/// A calendar date, as TOML writes it without quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

/// An enumeration read from a string; a wrong name is answered with the list and the nearest.
pub trait Choice: Copy + 'static {
    /// What it is, for messages: `severity`.
    const WHAT: &'static str;
    const CHOICES: &'static [(&'static str, Self)];
    /// The name of this choice in files, records and on the command line.
    fn name(self) -> &'static str
    where
        Self: PartialEq,
    {
        Self::CHOICES.iter().find(|(_, c)| *c == self).expect("every choice is in its own table").0
    }
}

impl<'d> Value<'d> {
    /// Reports that the value has the wrong type: `expected a string, found an integer`.
    pub fn mistyped(&self, expected: &str, problems: &mut Problems) {
        let help = match (&self.node.kind, expected) {
            (Kind::Table(_), "a list") if self.has_header() => {
                format!("write the header with two brackets: `[[{}]]`", without_indices(&self.path()).replace("[]", ""))
            }
            (Kind::String(text), "an integer" | "a number") if text.trim().parse::<f64>().is_ok() => {
                "remove the quotes".to_owned()
            }
            (Kind::String(text), "true or false") if matches!(text.trim(), "true" | "false") => {
                "remove the quotes".to_owned()
            }
            (Kind::String(text), "a date") if text.parse::<toml::value::Datetime>().is_ok() => {
                "remove the quotes".to_owned()
            }
            (Kind::Integer(_) | Kind::Float(_) | Kind::Boolean(_) | Kind::Datetime(_), "a string") => {
                "put the value in quotes".to_owned()
            }
            (_, "a list") => "put the value in square brackets: `[…]`".to_owned(),
            (_, "a table") => "write `{ name = value }`".to_owned(),
            (Kind::List(_), _) => "give one value, without the square brackets".to_owned(),
            (_, "a date") => "write a date without quotes, such as `2026-11-22`".to_owned(),
            (_, "a duration") => DURATION.to_owned(),
            (_, "a size") => SIZE.to_owned(),
            (_, "true or false") => "write `true` or `false`, without quotes".to_owned(),
            (_, "an integer") => "write a whole number, without quotes".to_owned(),
            (_, "a number") => "write a number, without quotes".to_owned(),
            _ => String::new(),
        };
        self.problem(format!("expected {expected}, found {}", self.type_name()), help, problems);
    }
}

impl<'d> Read<'d> for Value<'d> {
    fn read(value: Value<'d>, _: &mut Problems) -> Option<Self> {
        Some(value)
    }
}

impl<'d> Read<'d> for &'d str {
    const LOOKS_LIKE: &'static str = TEXT;
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        let text = value.as_str();
        if text.is_none() {
            value.mistyped("a string", problems);
        }
        text
    }
}

impl<'d> Read<'d> for String {
    const LOOKS_LIKE: &'static str = TEXT;
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        <&str>::read(value, problems).map(str::to_owned)
    }
}

impl<'d> Read<'d> for PathBuf {
    const LOOKS_LIKE: &'static str = TEXT;
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        <&str>::read(value, problems).map(PathBuf::from)
    }
}

impl<'d> Read<'d> for bool {
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        let Kind::Boolean(flag) = value.node.kind else {
            value.mistyped("true or false", problems);
            return None;
        };
        Some(flag)
    }
}

/// A whole number from `min` to `max`.
fn whole(value: &Value<'_>, min: i128, max: i128, problems: &mut Problems) -> Option<i128> {
    let Kind::Integer(number) = value.node.kind else {
        value.mistyped("an integer", problems);
        return None;
    };
    let message = match number {
        Some(number) if number < min && min == 0 => "the number must not be negative".to_owned(),
        Some(number) if number < min => format!("the number must be at least {min}"),
        Some(number) if number <= max => return Some(number),
        _ => format!("the number must be at most {max}"),
    };
    value.problem(message, "", problems);
    None
}

macro_rules! read_whole {
    ($($number:ty),*) => {$(
        impl<'d> Read<'d> for $number {
            fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
                let (min, max) = (<$number>::MIN as i128, <$number>::MAX as i128);
                whole(&value, min, max, problems).and_then(|number| Self::try_from(number).ok())
            }
        }
    )*};
}
read_whole!(u64, u32, u16, usize, i32);

impl<'d> Read<'d> for f64 {
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        let number = match value.node.kind {
            Kind::Float(number) => number,
            Kind::Integer(Some(number)) => number as f64,
            Kind::Integer(None) => f64::INFINITY,
            _ => {
                value.mistyped("a number", problems);
                return None;
            }
        };
        if !number.is_finite() {
            value.problem("the number must be finite", "", problems);
            return None;
        }
        Some(number)
    }
}

impl<'d> Read<'d> for Table<'d> {
    const LOOKS_LIKE: &'static str = TABLE;
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        let table = value.as_table();
        if table.is_none() {
            value.mistyped("a table", problems);
        }
        table
    }
}

/// Every element is read, so that every problem is reported; `None` if one could not be.
impl<'d, T: Read<'d>> Read<'d> for Vec<T> {
    const LOOKS_LIKE: &'static str = "[…]";
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        let Some(elements) = value.as_array() else {
            value.mistyped("a list", problems);
            return None;
        };
        let read: Vec<Option<T>> = elements.into_iter().map(|element| T::read(element, problems)).collect();
        read.into_iter().collect()
    }
}

impl<'d, T: Read<'d>> Read<'d> for Spanned<T> {
    const LOOKS_LIKE: &'static str = T::LOOKS_LIKE;
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        let span = value.span();
        T::read(value, problems).map(|value| Spanned { value, span })
    }
}

pub(super) const DURATION: &str =
    "write a number and a unit in quotes: `\"250ms\"`, `\"30s\"`, `\"5m\"`, `\"2h\"` or `\"7d\"`";

/// One name or a list of names.
pub struct OneOrMany(pub Vec<Spanned<String>>);

impl<'d> Read<'d> for OneOrMany {
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        match value.as_array() {
            Some(_) => Vec::<Spanned<String>>::read(value, problems).map(Self),
            None => Spanned::<String>::read(value, problems).map(|one| Self(vec![one])),
        }
    }
}

impl<'d> Read<'d> for Duration {
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        let Some(text) = value.as_str() else {
            value.mistyped("a duration", problems);
            return None;
        };
        let duration = humantime::parse_duration(text.trim()).ok();
        if duration.is_none() {
            value.problem("this is not a duration", DURATION, problems);
        }
        duration
    }
}

const SIZE: &str = "write a number of bytes, or a number and a unit in quotes: `\"512KiB\"`, `\"32MiB\"` or `\"1GiB\"`";

/// Units of [`ByteSize`], in bytes: IEC 80000-13 and SI. Compared without regard to case.
const UNITS: [(&str, u64); 7] = [
    ("b", 1),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
];

impl std::fmt::Display for ByteSize {
    /// In the largest unit that divides it: `32MiB`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (unit, bytes) in [("GiB", 1_u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] {
            if self.0 >= bytes && self.0.is_multiple_of(bytes) {
                return write!(f, "{}{unit}", self.0 / bytes);
            }
        }
        write!(f, "{}B", self.0)
    }
}

impl std::str::FromStr for ByteSize {
    type Err = ();

    /// A whole number and a unit: `32MiB`, `512 kB`; bytes without a unit.
    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let unit = unit.trim().to_ascii_lowercase();
        let factor = if unit.is_empty() { 1 } else { UNITS.iter().find(|(name, _)| *name == unit).ok_or(())?.1 };
        let number: u64 = number.parse().map_err(|_| ())?;
        number.checked_mul(factor).map(Self).ok_or(())
    }
}

impl<'d> Read<'d> for ByteSize {
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        let size = match &value.node.kind {
            Kind::Integer(_) => return u64::read(value, problems).map(Self),
            Kind::String(text) => text.parse().ok(),
            _ => {
                value.mistyped("a size", problems);
                return None;
            }
        };
        if size.is_none() {
            value.problem("this is not a size", SIZE, problems);
        }
        size
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl<'d> Read<'d> for Date {
    const LOOKS_LIKE: &'static str = "2026-11-22";
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        // The parser has checked month and day against the calendar.
        match &value.node.kind {
            Kind::Datetime(toml::value::Datetime { date: Some(date), time: None, .. }) => {
                Some(Self { year: date.year, month: date.month, day: date.day })
            }
            _ => {
                value.mistyped("a date", problems);
                None
            }
        }
    }
}

impl<'d, C: Choice> Read<'d> for C {
    const LOOKS_LIKE: &'static str = TEXT;
    fn read(value: Value<'d>, problems: &mut Problems) -> Option<Self> {
        let text = <&str>::read(value.clone(), problems)?;
        let choice = C::CHOICES.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice);
        if choice.is_none() {
            unknown(&value, C::WHAT, C::CHOICES.iter().map(|(name, _)| *name), problems);
        }
        choice
    }
}

/// So many names are listed even if one of them was probably meant.
const FEW: usize = 8;

/// Reports that `value`, a string, is none of the `known` names of `what`.
pub fn unknown<'k>(
    value: &Value<'_>,
    what: &str,
    known: impl Iterator<Item = &'k str> + Clone,
    problems: &mut Problems,
) {
    let text = value.as_str().unwrap_or_default();
    let message = match mask::quotable(text) {
        Some(name) => format!("unknown {what} `{name}`"),
        None => format!("unknown {what}"),
    };
    let choices = format!("choose from {}", listed(known.clone(), "or"));
    let help = match nearest(text, known.clone()) {
        Some(meant) if known.count() > FEW => format!("did you mean `{meant}`?"),
        Some(meant) => format!("did you mean `{meant}`? {choices}"),
        None => choices,
    };
    problems.at(value.source(), value.span(), message, help);
}

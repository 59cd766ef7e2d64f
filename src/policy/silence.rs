//! Why a statement had nothing to say: the other half of an explanation.

use crate::diagnostic::reader::Choice;
use crate::pack::Confidence;
use crate::risk::Band;

/// Why a statement was silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// It names no action at this band.
    Band(Band),
    /// It asks about other exchanges: this key of `match` does not fit.
    Exchange(&'static str),
    /// Nothing of what it asks about was found.
    NothingFound,
    /// What was found is less certain than it asks for.
    Confidence { found: Confidence, least: Confidence },
    /// Fewer distinct values than it asks for.
    Count { found: usize, least: usize },
    /// Its condition does not hold.
    Condition,
    /// Every part it asks about was inspected.
    EverythingInspected,
}

impl std::fmt::Display for Silence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Band(band) => write!(f, "it says nothing at band {}", band.name()),
            Self::Exchange(key) => write!(f, "`{key}` in its `match` does not fit"),
            Self::NothingFound => f.write_str("nothing of what it asks about was found"),
            Self::Confidence { found, least } => {
                write!(f, "confidence {} is below {}", found.name(), least.name())
            }
            Self::Count { found, least } => write!(f, "{found} of at least {least} distinct values found"),
            Self::Condition => f.write_str("its `when` does not hold"),
            Self::EverythingInspected => f.write_str("no part it asks about was left uninspected"),
        }
    }
}

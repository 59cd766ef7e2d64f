//! Values that are not written as they are.

use std::fmt;

/// How a value was read that is not written as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Disguise {
    /// What was undone, outermost first: `base64`, `percent`, `width`, …
    pub layers: Vec<&'static str>,
    /// The value as it reads.
    pub value: String,
}

/// Tells the layers only: values stay out of logs.
impl fmt::Debug for Disguise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disguise").field("layers", &self.layers).finish_non_exhaustive()
    }
}

//! Validators: checksums and structure of identifiers, one file each.

/// A named check. `check` gets the value with the rule's separators removed.
pub struct Validator {
    pub name: &'static str,
    /// Where the algorithm is specified.
    pub source: &'static str,
    pub check: fn(&str) -> bool,
    /// Values that must pass; generated, nobody's.
    pub valid: &'static [&'static str],
    /// Values that must fail.
    pub invalid: &'static [&'static str],
}

impl std::fmt::Debug for Validator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Every validator, by name. A new one is a file and a line here.
pub const VALIDATORS: &[&Validator] = &[];

/// The validator of that name.
pub fn find(name: &str) -> Option<&'static Validator> {
    VALIDATORS.iter().find(|v| v.name == name).copied()
}

//! Who is asking.

/// How the principal became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentitySource {
    Key,
    TrustedHeader,
    Anonymous,
}

/// The caller of one exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub user: String,
    pub groups: Vec<String>,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: Option<String>,
    pub industry: Option<String>,
    pub source: IdentitySource,
}

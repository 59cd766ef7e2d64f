//! Who is asking.
//!
//! [`identify::Identify`] turns the headers of a request and the address of its peer into a [`Principal`]. What cannot be
//! proven is not believed: without a known key or a trusted proxy the caller is `anonymous`, whatever his headers claim.

pub mod identify;

pub use identify::{
    AwsKeyEntry, Holder, Identified, Identify, IdentityError, IdentityRules, KeyEntry, Signature, TrustedHeader,
};

use std::borrow::Cow;
use std::net::IpAddr;

/// The user of callers that did not prove who they are.
pub const ANONYMOUS: &str = "anonymous";

/// How the principal became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentitySource {
    Key,
    TrustedHeader,
    Anonymous,
}

impl IdentitySource {
    /// The name in records and in policies' `when`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::TrustedHeader => "trusted_header",
            Self::Anonymous => "anonymous",
        }
    }
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

impl Principal {
    /// A caller nobody vouches for.
    pub fn anonymous() -> Self {
        Self {
            user: ANONYMOUS.to_owned(),
            groups: Vec::new(),
            country: None,
            industry: None,
            source: IdentitySource::Anonymous,
        }
    }

    /// The name under which risk is kept: the user, or for anonymous callers their address, so that strangers do not
    /// share one score.
    pub fn risk_key(&self, peer: IpAddr) -> Cow<'_, str> {
        match self.source {
            IdentitySource::Anonymous => Cow::Owned(format!("{ANONYMOUS}@{peer}")),
            IdentitySource::Key | IdentitySource::TrustedHeader => Cow::Borrowed(&self.user),
        }
    }
}

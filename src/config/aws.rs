//! `aws` of an upstream: the credentials with which the gateway signs what it sends there.

use super::Reading;
use crate::diagnostic::reader::{Table, Value};

/// Where the credentials are, and the region they sign for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aws {
    /// As AWS names it, such as `eu-central-1`.
    pub region: String,
    /// Environment variables with the credentials.
    pub access_key_id_env: String,
    pub secret_access_key_env: String,
    /// That of temporary credentials.
    pub session_token_env: Option<String>,
}

/// Reads `aws`. `has_key`: the upstream has a key of another kind.
pub(super) fn read(table: &mut Table<'_>, has_key: bool, reading: &mut Reading<'_>) -> Option<Aws> {
    let (source, span) = (table.source().clone(), table.span_of("aws"));
    let mut aws = None;
    reading.section(table, "aws", |table, reading| {
        if has_key {
            let help = "keep `aws` to sign with AWS credentials, or `api_key_env` for an API key of Bedrock";
            reading.problems.at(&source, span, "`aws` and `api_key_env` cannot both be used", help);
        }
        let region = table.req::<Value<'_>>("region", reading.problems).and_then(|value| region(&value, reading));
        let access_key_id_env = reading.required_variable(table, "access_key_id_env");
        let secret_access_key_env = reading.required_variable(table, "secret_access_key_env");
        let session_token_env = reading.variable(table, "session_token_env");
        aws = (|| {
            Some(Aws {
                region: region?,
                access_key_id_env: access_key_id_env?,
                secret_access_key_env: secret_access_key_env?,
                session_token_env,
            })
        })();
    });
    aws
}

fn region(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<String> {
    let Some(region) = value.as_str() else {
        value.mistyped("a string", reading.problems);
        return None;
    };
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if region.contains('-') && region.bytes().all(allowed) {
        return Some(region.to_owned());
    }
    value.problem("this is not a region of AWS", "write it as AWS does, such as `\"eu-central-1\"`", reading.problems);
    None
}

//! JSON Web Token: the header decodes to an object that names its algorithm.

use super::Validator;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub const VALIDATOR: Validator = Validator {
    name: "jwt",
    source: "RFC 7519; RFC 7515 section 4.1.1",
    check,
    valid: &[
        "eyJhbGciOiAiUlMyNTYiLCAidHlwIjogIkpXVCJ9.eyJzdWIiOiAiMjM2NTc2In0.qoqHlEkddg5pieKfn3EwUYOKBa_l8f6-xBX8FSPv_vw",
    ],
    invalid: &[
        "eyJhbGciOiAlSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJzdWIiOiAiOTI0MjI5In0.rfLaoeTcJY6sMi3uOifZpYZoP-GwtkzX7RZaLJeh1Tg",
        "eyJ4IjoxfQ.e30.AAAA",
        "a.b.c",
    ],
};

fn check(value: &str) -> bool {
    let header = value.split('.').next().unwrap_or_default();
    URL_SAFE_NO_PAD
        .decode(header.trim_end_matches('='))
        .ok()
        .and_then(|json| serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&json).ok())
        .is_some_and(|header| header.get("alg").is_some_and(serde_json::Value::is_string))
}

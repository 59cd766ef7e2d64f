//! The decision record and its parts, in the order in which they are written.

use crate::decode::Uninspected;
use crate::diagnostic::reader::Choice;
use crate::exchange::report::{Found, Held};
use crate::policy::Spoke;
use crate::principal::Principal;
use crate::provider::Usage;
use serde::{Serialize, Serializer};
use std::time::SystemTime;

/// What happened in one exchange. Serialises to one JSON object; see `docs/records.md`.
#[derive(Debug, Clone, Serialize)]
pub struct DecisionRecord {
    /// Always `decision`.
    pub kind: &'static str,
    /// When the request was received.
    #[serde(serialize_with = "rfc3339")]
    pub time: SystemTime,
    /// The gateway's request id, as in `x-portcullis-id`.
    pub id: String,
    /// The configuration that judged it: counts up with each reload.
    pub generation: u64,
    /// `acme@3f2a9c`, all active policies.
    pub policy: String,
    /// `enforce` or `monitor`.
    pub mode: &'static str,
    pub principal: PrincipalRecord,
    pub risk: RiskRecord,
    pub upstream: String,
    pub provider: String,
    pub model: Option<String>,
    pub operation: String,
    pub stream: bool,
    /// What was done.
    pub action: &'static str,
    /// What would have been done with every monitored statement enforced.
    pub would: &'static str,
    /// Every statement that spoke, strictest first.
    pub statements: Vec<Statement>,
    pub findings: Vec<FindingRecord>,
    pub receipt: ReceiptRecord,
    pub timing_us: TimingRecord,
    pub tokens: TokensRecord,
    /// Of a stream: how much of it had to wait for a decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holdback: Option<HoldbackRecord>,
    /// Of a WebSocket: how many messages it carried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<MessagesRecord>,
    /// HTTP status the client got; 0 if it left before there was one.
    pub status: u16,
    pub trace_id: Option<String>,
    /// The same request again, as SDKs do after an error: counted once for risk.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub retry: bool,
    /// The id of the exchange that this one repeats: one incident together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_of: Option<String>,
    /// The user was shown a note.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub coach: bool,
    /// What went wrong, if anything did: `phase: fault: outcome`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

impl DecisionRecord {
    /// The value of `kind`.
    pub const KIND: &'static str = "decision";

    /// The record as one line of JSON, without the line break.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("a record is made of strings, numbers and lists")
    }
}

/// Who asked.
#[derive(Debug, Clone, Serialize)]
pub struct PrincipalRecord {
    pub user: String,
    pub groups: Vec<String>,
    pub country: Option<String>,
    pub industry: Option<String>,
    /// `key`, `trusted_header` or `anonymous`.
    pub source: &'static str,
}

impl From<&Principal> for PrincipalRecord {
    fn from(principal: &Principal) -> Self {
        Self {
            user: principal.user.clone(),
            groups: principal.groups.clone(),
            country: principal.country.clone(),
            industry: principal.industry.clone(),
            source: principal.source.name(),
        }
    }
}

/// The risk the decision was made at.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct RiskRecord {
    /// 0–100, one decimal.
    #[serde(serialize_with = "tenths")]
    pub score: f64,
    pub band: &'static str,
}

/// A statement that spoke.
#[derive(Debug, Clone, Serialize)]
pub struct Statement {
    pub policy: String,
    pub id: String,
    pub title: String,
    pub action: &'static str,
    pub monitored: bool,
    pub rules: Vec<String>,
    pub uninspected: Vec<String>,
    pub because: Vec<String>,
    pub would_pass: String,
}

impl From<&Spoke> for Statement {
    fn from(spoke: &Spoke) -> Self {
        Self {
            policy: spoke.policy.clone(),
            id: spoke.statement.clone(),
            title: spoke.title.clone(),
            action: spoke.action.name(),
            monitored: spoke.monitored,
            rules: spoke.rules.clone(),
            uninspected: spoke.uninspected.clone(),
            because: spoke.because.clone(),
            would_pass: spoke.would_pass.clone(),
        }
    }
}

/// One value at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingRecord {
    pub rule: String,
    pub pack: String,
    pub category: String,
    pub severity: &'static str,
    /// The highest with which it was found there.
    pub confidence: &'static str,
    pub channel: &'static str,
    pub path: String,
    /// How often it stands there.
    pub count: usize,
    /// Keyed: the same value has the same fingerprint under the same key, and the value cannot be computed from it.
    pub fingerprint: String,
    /// How the value was read if it is not written as it is, outermost first: `split`, `base64`, …
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disguise: Vec<&'static str>,
}

impl From<&Found> for FindingRecord {
    fn from(found: &Found) -> Self {
        Self {
            rule: found.rule.clone(),
            pack: found.pack.to_string(),
            category: found.category.clone(),
            severity: found.severity.name(),
            confidence: found.confidence.name(),
            channel: found.channel.name(),
            path: found.path.clone(),
            count: found.count as usize,
            fingerprint: found.fingerprint.clone(),
            disguise: found.disguise.clone(),
        }
    }
}

/// Every byte of text, accounted for (P3).
#[derive(Debug, Clone, Default, Serialize)]
pub struct ReceiptRecord {
    pub inspected_bytes: u64,
    pub uninspected: Vec<UninspectedRecord>,
}

/// A part that was not inspected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UninspectedRecord {
    pub reason: &'static str,
    pub bytes: u64,
    pub path: String,
}

impl From<&Uninspected> for UninspectedRecord {
    fn from(part: &Uninspected) -> Self {
        Self { reason: part.reason.name(), bytes: part.bytes, path: part.path.clone() }
    }
}

/// Microseconds of each phase. A phase that was not reached is absent.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct TimingRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receive: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decode: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decide: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_first_byte: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Time spent in the gateway itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overhead: Option<u64>,
}

/// Messages of a WebSocket: what the client sent, and what it was sent.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct MessagesRecord {
    pub from_client: u64,
    pub to_client: u64,
}

/// Token counts as the provider stated them; absent when it did not.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct TokensRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached: Option<u64>,
}

impl From<Usage> for TokensRecord {
    fn from(usage: Usage) -> Self {
        Self { input: usage.input, output: usage.output, cached: usage.cached }
    }
}

/// How much of a stream was held back at once, and how long an event waited, at most.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct HoldbackRecord {
    pub bytes: usize,
    pub us: u64,
}

impl From<Held> for HoldbackRecord {
    fn from(held: Held) -> Self {
        Self { bytes: held.bytes, us: u64::try_from(held.longest.as_micros()).unwrap_or(u64::MAX) }
    }
}

fn rfc3339<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    // humantime refuses only times outside the years 1970 to 9999
    serializer.collect_str(&humantime::format_rfc3339_millis((*time).max(SystemTime::UNIX_EPOCH)))
}

fn tenths<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((number * 10.0).round() / 10.0)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::time::Duration;

    pub fn record() -> DecisionRecord {
        DecisionRecord {
            kind: DecisionRecord::KIND,
            time: SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_392_000_250),
            id: "01k".to_owned(),
            generation: 3,
            policy: "acme@3f2a9c".to_owned(),
            mode: "enforce",
            principal: PrincipalRecord {
                user: "maria".to_owned(),
                groups: vec!["finance".to_owned()],
                country: Some("DE".to_owned()),
                industry: Some("finance".to_owned()),
                source: "key",
            },
            risk: RiskRecord { score: 31.2345, band: "medium" },
            upstream: "openai".to_owned(),
            provider: "openai".to_owned(),
            model: Some("gpt-4o".to_owned()),
            operation: "chat".to_owned(),
            stream: false,
            action: "redact",
            would: "redact",
            statements: vec![Statement {
                policy: "acme".to_owned(),
                id: "personal-data".to_owned(),
                title: "Personal data".to_owned(),
                action: "redact",
                monitored: false,
                rules: vec!["de_steuer_id".to_owned()],
                uninspected: Vec::new(),
                because: vec!["confidence high".to_owned()],
                would_pass: "band low".to_owned(),
            }],
            findings: vec![FindingRecord {
                rule: "de_steuer_id".to_owned(),
                pack: "country/de".to_owned(),
                category: "tax_id".to_owned(),
                severity: "high",
                confidence: "high",
                channel: "prompt",
                path: "messages[0].content".to_owned(),
                count: 2,
                fingerprint: "0123456789abcdef".to_owned(),
                disguise: Vec::new(),
            }],
            receipt: ReceiptRecord {
                inspected_bytes: 120,
                uninspected: vec![UninspectedRecord {
                    reason: "remote",
                    bytes: 40,
                    path: "messages[0].content[1]".to_owned(),
                }],
            },
            timing_us: TimingRecord { scan: Some(12), total: Some(900), overhead: Some(85), ..TimingRecord::default() },
            tokens: TokensRecord { input: Some(20), output: Some(7), cached: None },
            messages: None,
            holdback: None,
            status: 200,
            trace_id: None,
            retry: false,
            retry_of: None,
            coach: false,
            faults: Vec::new(),
        }
    }

    #[test]
    fn the_json_of_a_record_is_a_contract() {
        insta::assert_snapshot!(record().json(), @r#"{"kind":"decision","time":"2026-11-23T00:00:00.250Z","id":"01k","generation":3,"policy":"acme@3f2a9c","mode":"enforce","principal":{"user":"maria","groups":["finance"],"country":"DE","industry":"finance","source":"key"},"risk":{"score":31.2,"band":"medium"},"upstream":"openai","provider":"openai","model":"gpt-4o","operation":"chat","stream":false,"action":"redact","would":"redact","statements":[{"policy":"acme","id":"personal-data","title":"Personal data","action":"redact","monitored":false,"rules":["de_steuer_id"],"uninspected":[],"because":["confidence high"],"would_pass":"band low"}],"findings":[{"rule":"de_steuer_id","pack":"country/de","category":"tax_id","severity":"high","confidence":"high","channel":"prompt","path":"messages[0].content","count":2,"fingerprint":"0123456789abcdef"}],"receipt":{"inspected_bytes":120,"uninspected":[{"reason":"remote","bytes":40,"path":"messages[0].content[1]"}]},"timing_us":{"scan":12,"total":900,"overhead":85},"tokens":{"input":20,"output":7},"status":200,"trace_id":null}"#);
    }

    #[test]
    fn the_documentation_shows_this_record_and_names_every_field() {
        let page = include_str!("../../docs/records.md");
        let shown = page.split("```json\n").nth(1).and_then(|b| b.split("```").next()).expect("an example");
        let shown: serde_json::Value = serde_json::from_str(shown).unwrap();
        let mut rare = record();
        assert_eq!(shown.to_string(), rare.json());
        (rare.retry, rare.coach, rare.faults) = (true, true, vec!["scan: deadline: closed".to_owned()]);
        rare.holdback = Some(HoldbackRecord { bytes: 812, us: 40 });
        let fields = serde_json::to_value(&rare).unwrap();
        let undocumented = |name: &String| !page.contains(&format!("`{name}")) && !page.contains(&format!(".{name}`"));
        let missing: Vec<&String> = fields.as_object().unwrap().keys().filter(|k| undocumented(k)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}

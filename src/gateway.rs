//! The gateway: what the proxy asks at each step of an exchange, answered by the core.
//!
//! One [`Gateway`] per generation. It knows the upstreams, recognises callers, asks for their risk, lets the [`Judge`] judge,
//! and writes the record when the exchange is over.

mod addresses;
mod exchange;
mod metrics;
mod record;
mod retries;
mod routes;
mod socket;

use exchange::Caller;
pub use exchange::GatewayExchange;
pub use retries::Retries;
pub use routes::Routes;

use crate::audit;
use crate::config::Config;
use crate::diagnostic::reader::Choice;
use crate::exchange::{Judge, Opening};
use crate::generation::{Generation, Lasting};
use crate::principal::{Identify, IdentitySource};
use crate::provider::{self, Fault, Refusal};
use crate::proxy::admin::AdminApi;
use crate::proxy::failure::Failure;
use crate::proxy::guard::{Begin, Guard, Reply, RequestHead};
use crate::proxy::id::ExchangeId;
use crate::risk::{Band, Ledger, Signal};
use crate::sigv4;
use crate::telemetry::Telemetry;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// What all generations of a process share.
pub struct Shared {
    pub lasting: Lasting,
    pub ledger: Arc<Ledger>,
    pub records: audit::Sink,
    pub telemetry: Arc<Telemetry>,
    pub retries: Retries,
}

/// Judges exchanges for the proxy, for one generation.
pub struct Gateway {
    judge: Arc<Judge>,
    routes: Routes,
    identify: Identify,
    config: Config,
    shared: Arc<Shared>,
}

impl Gateway {
    /// Prepares a generation for the proxy.
    ///
    /// # Errors
    /// A message when an upstream's credential or authorities cannot be read.
    pub fn new(generation: Generation, number: u64, shared: Arc<Shared>) -> Result<Self, String> {
        let (judge, config) = generation.judge(number, &shared.lasting);
        Ok(Self {
            routes: Routes::new(&config)?,
            identify: Identify::new(config.identity.clone(), |name| std::env::var(name).ok())?,

            config,
            judge,
            shared,
        })
    }

    /// The configuration of this generation.
    pub fn config(&self) -> &Config {
        &self.config
    }
}

impl Guard for Gateway {
    type Exchange = GatewayExchange;

    fn begin(&self, head: &RequestHead<'_>) -> Begin<GatewayExchange> {
        let Some((group, rest)) = self.routes.find(head.host, head.target) else {
            let message = self.routes.advice();
            return Begin::Reply(self.error(Fault::NotFound, head.id, &message));
        };
        let entry = group.first().clone();
        let Some((dialect, target)) = socket::spoken(&entry, head.method, rest, head.socket) else {
            return Begin::Reply(self.refuse(head.id, Failure::UpgradeUnsupported));
        };
        let with_key = if head.socket { socket::with_key(head.headers) } else { None };
        let headers = with_key.as_ref().unwrap_or(head.headers);
        let (method, host) = (head.method.as_str(), head.host.unwrap_or_default());
        let request = sigv4::Request { method, host, target: head.target, headers };
        let identified = match self.identify.identify(&request, head.peer.ip()) {
            Ok(identified) => identified,
            Err(error) => return Begin::Reply(self.error(Fault::BadRequest, head.id, &error.to_string())),
        };
        let principal = identified.principal;
        let ledger = &self.shared.ledger;
        let floor = match principal.source {
            IdentitySource::Anonymous => ledger.formula().anonymous_floor,
            _ => Band::Low,
        };
        let now = SystemTime::now();
        let risk_key = principal.risk_key(head.peer.ip()).into_owned();
        let risk = ledger.assess(&risk_key, floor, now);
        let text = |name: &str| head.headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let opening = Opening {
            id: head.id.to_string(),
            principal,
            risk_key,
            band: risk.band,
            score: risk.score,
            upstream: entry.facts.clone(),
            target,
            justification: text("x-portcullis-justification"),
            failure: entry.failures,
        };
        let exchange = self.judge.open(dialect, opening);
        let caller = Caller {
            identify: &self.identify,
            key_in_protocol: with_key.is_some() && identified.key_header.as_deref() == Some("authorization"),
            key_header: identified.key_header,
            signature: identified.signature,
            now,
        };
        match GatewayExchange::new(exchange, head, (group, rest), caller, self) {
            Ok(exchange) => Begin::Forward(exchange),
            Err(message) => Begin::Reply(self.error(Fault::BadRequest, head.id, &message)),
        }
    }

    fn refuse(&self, id: &ExchangeId, failure: Failure) -> Reply {
        let mut reply = self.error(failure.fault(), id, failure.message());
        reply.status = failure.status();
        reply
    }
}

impl Gateway {
    /// An error for a request no upstream is known for: in the shape most SDKs read.
    fn error(&self, fault: Fault, id: &ExchangeId, message: &str) -> Reply {
        let refusal =
            Refusal { id: &id.to_string(), message, status: self.judge.block.status, model: None, request_id: None };
        provider::fallback().error(fault, &refusal)
    }
}

/// The longest a signal from outside may count.
const LONGEST_SIGNAL: Duration = Duration::from_secs(3660 * 86_400);

impl AdminApi for Shared {
    fn risk(&self, user: &str) -> Option<String> {
        let now = SystemTime::now();
        let risk = self.ledger.assess(user, Band::Low, now);
        let contributions = self.ledger.explain(user, now);
        if contributions.is_empty() && risk.sum == 0.0 {
            return None;
        }
        let formula = self.ledger.formula();
        let json = serde_json::json!({
            "user": user,
            "score": risk.score,
            "band": risk.band.name(),
            "sum": risk.sum,
            "scale": formula.scale,
            "half_life_seconds": formula.half_life.as_secs(),
            "contributions": contributions
                .iter()
                .map(|c| serde_json::json!({ "weight": c.weight, "because": c.to_string().trim() }))
                .collect::<Vec<_>>(),
        });
        Some(json.to_string())
    }

    fn signal(&self, user: &str, body: &[u8]) -> Result<(), String> {
        #[derive(serde::Deserialize)]
        struct Body {
            source: String,
            weight: f64,
            seconds: u64,
        }
        let body: Body = serde_json::from_slice(body).map_err(|_| {
            "send an object such as {\"source\": \"siem\", \"weight\": 20, \"seconds\": 86400}".to_owned()
        })?;
        if !(body.weight.is_finite() && body.weight >= 0.0) {
            return Err("`weight` has to be a number of at least 0".into());
        }
        let now = SystemTime::now();
        let expires = now + Duration::from_secs(body.seconds).min(LONGEST_SIGNAL);
        self.ledger.signal(user, Signal { source: body.source, weight: body.weight, expires }, now);
        Ok(())
    }

    fn unready(&self) -> Option<&'static str> {
        (!self.records.health().ready()).then_some("records cannot be written\n")
    }
}

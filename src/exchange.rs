//! One exchange, without any I/O: decode → scan → decide → act, for the request, the whole answer and the streamed answer.
//!
//! A [`Judge`] is what one generation judges with. It starts an [`Exchange`] for each request; the proxy, `explain`,
//! `test` and the demo all move bytes through the same three methods: [`Exchange::request`], [`Exchange::answer`] and
//! [`Exchange::stream`]. `scan` finds what the texts of a body hold: [`history`] recognises those that were scanned before,
//! `seam` joins those that may hold parts of one value, `budget` bounds the work. What was seen, done and why gathers in the
//! exchange's [`Report`], from which the record is made.

mod ambiguity;
pub mod body;
pub mod bounded;
mod budget;
pub mod envelope;
pub mod files;
pub mod history;
mod lines;
pub mod memory;
pub mod originals;
pub mod pins;
pub mod report;
mod scan;
mod seam;
pub mod session;
pub mod stream;
pub mod tag;

pub use body::{BodyHead, Judged, Side};
pub use budget::Work;
pub use envelope::{Envelope, Rewritten};
pub use files::Files;
pub use history::History;
pub use memory::Memory;
pub use originals::Originals;
pub use pins::Pins;
pub use report::Report;
pub use stream::StreamGuard;

use self::originals::Owner;
use crate::action::Key;
use crate::decode::framing::Framing;
use crate::decode::json::Limits;
use crate::decode::{Channel, Reason, Uninspected, encoding};
use crate::detect::rank::Origin;
use crate::detect::{RuleSet, Scratch};
use crate::diagnostic::reader::Date;
use crate::pack::{Library, Rule};
use crate::policy::{Failure, Policies, Subject, UpstreamFacts};
use crate::principal::Principal;
use crate::provider::{Described, Dialect, Fault, Refusal, Reply, Target};
use crate::risk::{Assessment, Band};
use std::sync::Arc;
use std::time::Instant;

/// What one generation judges with. Immutable and shared by all workers.
pub struct Judge {
    /// Number of the generation, from 1.
    pub generation: u64,
    pub policies: Policies,
    /// Key of fingerprints; the same over all generations of a process.
    pub key: Arc<Key>,
    /// Values that earlier exchanges were blocked for; shared by all generations.
    pub memory: Arc<Memory>,
    /// Files that were inspected on their way; shared by all generations.
    pub files: Arc<Files>,
    /// The descriptions of tools as they first came; shared by all generations.
    pub pins: Arc<Pins>,
    /// Signed texts that were redacted on their way to the client; shared by all generations.
    pub originals: Arc<Originals>,
    /// What texts held that were scanned under this generation.
    pub history: History,
    pub library: Library,
    pub limits: Caps,
    /// Requests whose JSON parsers may read differently are refused.
    pub strict_json: bool,
    pub block: BlockStyle,
    /// Where time comes from.
    pub clock: fn() -> Instant,
    /// Where the day comes from, for suppressions that end.
    pub today: fn() -> Date,
}

/// Caps of one exchange.
#[derive(Debug, Clone, Copy)]
pub struct Caps {
    pub json: Limits,
    pub encoding: encoding::Limits,
    /// Most text of a stream held back while a decision is pending, in bytes.
    pub held: usize,
    /// Largest whole answer inspected, in bytes.
    pub answer: usize,
    /// What the scans of a request, and those of an answer, may do.
    pub work: Work,
}

/// How a block is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockStyle {
    pub status: u16,
    /// Answer 200 with the provider's filter stop reason instead of an error.
    pub refusal: bool,
}

/// Who asks what of whom: everything known before the body is read.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The gateway's request id.
    pub id: String,
    pub principal: Principal,
    /// The name under which the caller's risk and memory are kept ([`Principal::risk_key`]).
    pub risk_key: String,
    pub band: Band,
    /// 0–100.
    pub score: f64,
    pub upstream: Arc<UpstreamFacts>,
    pub target: Target,
    pub justification: Option<String>,
    pub failure: Failures,
}

/// What becomes of parts nobody could inspect and no statement speaks of, per phase (P5).
#[derive(Debug, Clone, Copy)]
pub struct Failures {
    pub request: Failure,
    pub answer: Failure,
}

/// One exchange in the making.
pub struct Exchange {
    judge: Arc<Judge>,
    dialect: Arc<dyn Dialect>,
    opening: Opening,
    active: Arc<RuleSet>,
    model: Option<String>,
    /// The id by which the caller knows the answer.
    request_id: Option<String>,
    /// How the answer was asked to be streamed.
    streamed: Option<Framing>,
    /// The request brought files, and all of it was inspected.
    inspected: bool,
    /// The request brings a later part of a file.
    partial: bool,
    rewritten: Rewritten,
    /// The path of the request, without its query.
    path: String,
    /// The countries whose language the request is in; the answer is taken to be in the same.
    spoken: &'static [&'static str],
    pub report: Report,
}

impl Judge {
    /// Starts an exchange.
    pub fn open(self: &Arc<Self>, dialect: Arc<dyn Dialect>, opening: Opening) -> Exchange {
        let active = self.policies.active(&opening.principal);
        Exchange {
            judge: self.clone(),
            dialect,
            active,
            model: opening.target.model.clone(),
            request_id: None,
            streamed: opening.target.stream,
            opening,
            inspected: false,
            partial: false,
            rewritten: Rewritten::default(),
            path: String::new(),
            spoken: &[],
            report: Report::default(),
        }
    }

    /// Whether a person has judged such a finding harmless, for now.
    fn suppressed(&self, rule: &Rule, value: &str) -> bool {
        !self.library.suppressions.is_empty() && self.library.suppression(&rule.id, value, (self.today)()).is_some()
    }
}

impl Exchange {
    /// The caller has proved who it is.
    pub fn is_of(&mut self, principal: Principal, risk_key: String, risk: &Assessment) {
        self.active = self.judge.policies.active(&principal);
        (self.opening.principal, self.opening.risk_key) = (principal, risk_key);
        (self.opening.band, self.opening.score) = (risk.band, risk.score);
    }

    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    pub fn dialect(&self) -> &dyn Dialect {
        &*self.dialect
    }

    pub fn judge(&self) -> &Arc<Judge> {
        &self.judge
    }

    /// The model the request names.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// The request asked for a stream.
    pub fn asked_for_stream(&self) -> bool {
        self.streamed.is_some()
    }

    /// The models a request's body names, read before it is judged, where they decide on the upstream: one, unless the key is
    /// there more than once.
    pub fn models_of(&self, head: &BodyHead<'_>, body: &[u8]) -> Vec<String> {
        body::models(self, head, body).unwrap_or_default()
    }

    /// Another upstream takes the exchange than the one it was opened for.
    pub fn hand_over(
        &mut self,
        dialect: Arc<dyn Dialect>,
        target: Target,
        upstream: Arc<UpstreamFacts>,
        failure: Failures,
    ) {
        self.model = target.model.clone();
        self.streamed = target.stream;
        self.dialect = dialect;
        (self.opening.target, self.opening.upstream, self.opening.failure) = (target, upstream, failure);
    }

    /// The request brings a later part of a file: that it was inspected says nothing of the whole.
    pub fn partial(&mut self) {
        self.partial = true;
    }

    /// Judges a request body and carries the decision out.
    pub fn request(&mut self, head: &BodyHead<'_>, body: &[u8], scratch: &mut Scratch) -> Judged {
        body::judge(self, Side::Request, None, head, body, scratch)
    }

    /// Judges a request's body and what is outside it. What is to be sent otherwise than it came is [`Self::rewritten`].
    pub fn request_in(
        &mut self,
        envelope: &Envelope<'_>,
        head: &BodyHead<'_>,
        body: &[u8],
        scratch: &mut Scratch,
    ) -> Judged {
        self.path = envelope.target.split('?').next().unwrap_or_default().to_owned();
        body::judge(self, Side::Request, Some(envelope), head, body, scratch)
    }

    /// The target and headers of a judged request that are to be sent instead of those that came.
    pub fn rewritten(&mut self) -> Rewritten {
        std::mem::take(&mut self.rewritten)
    }

    /// Judges a whole answer and carries the decision out.
    pub fn answer(&mut self, head: &BodyHead<'_>, body: &[u8], scratch: &mut Scratch) -> Judged {
        body::judge(self, Side::Answer, None, head, body, scratch)
    }

    /// How an answer of this media type is streamed; `None`: it is judged as a whole.
    pub fn framing(&self, media_type: &str) -> Option<Framing> {
        self.dialect.framing(&self.opening.target, media_type)
    }

    /// Starts to judge a streamed answer.
    pub fn stream(&self, framing: Framing) -> StreamGuard {
        StreamGuard::new(self, framing)
    }

    /// Where the texts of the exchange come from.
    fn origin(&self) -> Origin<'_> {
        Origin { country: self.opening.principal.country.as_deref(), spoken: self.spoken }
    }

    fn subject(&self, side: Side) -> Subject<'_> {
        Subject {
            principal: &self.opening.principal,
            band: self.opening.band,
            score: self.opening.score,
            upstream: &self.opening.upstream,
            model: self.model.as_deref(),
            operation: self.opening.target.operation,
            justification: self.opening.justification.as_deref(),
            failure: match side {
                Side::Request => self.opening.failure.request,
                Side::Answer => self.opening.failure.answer,
            },
        }
    }

    /// Whose signed text it is.
    fn owner<'a>(&'a self, signature: &'a str) -> Owner<'a> {
        Owner { upstream: &self.opening.upstream.name, user: &self.opening.risk_key, signature }
    }

    /// Notes a fault that was closed.
    pub fn fault(&mut self, phase: &'static str, fault: &'static str) {
        self.report.faults.push(report::Fault { phase, fault, open: false });
    }

    /// The answer is larger than the gateway inspects; `open`: it passes all the same.
    pub fn answer_too_large(&mut self, open: bool) {
        self.report.receipt.uninspected.push(Uninspected {
            reason: Reason::TooLarge,
            channel: Channel::Response,
            bytes: self.judge.limits.answer as u64,
            path: String::new(),
        });
        self.report.faults.push(report::Fault { phase: "decode", fault: "answer_too_large", open });
    }

    /// The gateway's own answer for a failure, in the provider's shape.
    pub fn failure(&self, fault: Fault, message: &str) -> Reply {
        self.dialect.error(fault, &self.refusal(message))
    }

    /// The gateway's own answer in place of a blocked body, as the configuration wants it told.
    fn blocked(&self, side: Side) -> Reply {
        let message = self.report.message.as_deref().unwrap_or_default();
        let refusal = self.refusal(message);
        if !self.judge.block.refusal {
            return self.dialect.error(Fault::Policy, &refusal);
        }
        match side {
            Side::Request if let Some(framing) = self.streamed => {
                self.dialect.refusal_stream(&self.opening.target, framing, &refusal)
            }
            _ => self.dialect.refusal(&self.opening.target, &refusal),
        }
    }

    /// The text to judge when a tool is described otherwise than it was at first.
    fn changed(&self, tool: &Described) -> Option<String> {
        self.judge.pins.changed(&self.opening.upstream.name, &self.path, tool)
    }

    fn refusal<'a>(&'a self, message: &'a str) -> Refusal<'a> {
        Refusal {
            id: &self.opening.id,
            message,
            status: self.judge.block.status,
            model: self.model.as_deref(),
            request_id: self.request_id.as_deref(),
        }
    }
}

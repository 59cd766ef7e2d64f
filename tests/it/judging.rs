//! What the promise tests share: a judge over the built-in packs, and exchanges without a network.

use portcullis::action::Key;
use portcullis::config::Config;
use portcullis::detect::Scratch;
use portcullis::diagnostic::Problems;
use portcullis::exchange::{BodyHead, Exchange, Failures, Judge, Judged, Opening};
use portcullis::generation::{Generation, Inputs, Lasting};
use portcullis::policy::{Failure, Trust, UpstreamFacts};
use portcullis::principal::{IdentitySource, Principal};
use portcullis::provider::{self, Dialect, Target};
use portcullis::risk::Band;
use std::path::PathBuf;
use std::sync::Arc;

/// A judge with one policy, given as the text after its `[policy]` head.
pub fn judge(statements: &str) -> Arc<Judge> {
    judge_of(Config::default(), statements)
}

/// The same under a configuration.
pub fn judge_of(config: Config, statements: &str) -> Arc<Judge> {
    judge_from(config, "", "*", statements)
}

/// As [`judge`], with a pack given as the text after its `[pack]` head (`test`), if any, and the packs the policy uses.
pub fn judge_with_pack(rules: &str, packs: &str, statements: &str) -> Arc<Judge> {
    judge_from(Config::default(), rules, packs, statements)
}

fn judge_from(mut config: Config, rules: &str, packs: &str, statements: &str) -> Arc<Judge> {
    let dir = tempfile::tempdir().expect("a temporary folder can be made");
    let write = |name: &str, text: String| -> PathBuf {
        let path = dir.path().join(name);
        std::fs::write(&path, text).expect("the file can be written");
        path
    };
    std::fs::create_dir(dir.path().join("packs")).expect("a folder can be made");
    if !rules.is_empty() {
        let head = "[pack]\nid = \"test\"\ntitle = \"Test\"\nversion = \"1.0.0\"\n";
        write("packs/test.toml", format!("{head}{rules}"));
    }
    let head = format!("[policy]\nid = \"test\"\ntitle = \"Test\"\npacks = [\"{packs}\"]\n");
    let policy = write("policy.toml", format!("{head}{statements}"));
    let mut problems = Problems::new();
    let inputs = Inputs { config: None, policies: vec![policy], strict: false };
    config.policies.dir = Some(dir.path().to_owned());
    let generation = Generation::of(config, &inputs, &mut problems);
    let generation = generation.unwrap_or_else(|| panic!("{}", problems.render(false)));
    let lasting = Lasting::new(Key::from_bytes(b"the tests"));
    generation.judge(1, &lasting).0
}

/// Redacts everything found, with labels.
pub const REDACT_ALL: &str = "[[statement]]\nid = \"redact\"\ntitle = \"Redact\"\nmatch = { confidence = \"medium\", channels = [\"*\"] }\naction = \"redact\"\n";
/// Blocks everything found.
pub const BLOCK_ALL: &str = "[[statement]]\nid = \"block\"\ntitle = \"Block\"\nmatch = { confidence = \"medium\", channels = [\"*\"] }\naction = \"block\"\nmessage = \"Remove it.\"\n";
/// Logs everything found, and lets pass what nobody can read.
pub const LOG_ALL: &str = "[[statement]]\nid = \"log\"\ntitle = \"Log\"\nmatch = { confidence = \"low\", channels = [\"*\"] }\naction = \"log\"\n[[statement]]\nid = \"unread\"\ntitle = \"Unread\"\nmatch = { uninspected = [\"*\"] }\naction = \"log\"\n";

/// An exchange of a known user with `provider`, for `operation`'s path.
pub fn exchange(judge: &Arc<Judge>, provider: &str, path: &str) -> Exchange {
    exchange_of("maria", judge, provider, path)
}

/// The same of another user.
pub fn exchange_of(user: &str, judge: &Arc<Judge>, provider: &str, path: &str) -> Exchange {
    let dialect = provider::speaking(&provider::find(provider).expect("the provider is known"), path);
    let target = dialect.target("POST", path);
    exchange_in(dialect, target, user, judge, provider)
}

/// The same in a dialect of one's own making.
pub fn exchange_in(
    dialect: Arc<dyn Dialect>,
    target: Target,
    user: &str,
    judge: &Arc<Judge>,
    provider: &str,
) -> Exchange {
    judge.open(
        dialect,
        Opening {
            id: "01TEST".into(),
            principal: Principal {
                user: user.into(),
                groups: vec!["finance".into()],
                country: Some("DE".into()),
                industry: Some("finance".into()),
                source: IdentitySource::Key,
            },
            risk_key: user.into(),
            band: Band::Low,
            score: 0.0,
            upstream: Arc::new(UpstreamFacts {
                name: provider.into(),
                provider: provider.into(),
                region: None,
                trust: Trust::External,
            }),
            target,
            justification: None,
            failure: Failures { request: Failure::Closed, answer: Failure::Closed },
        },
    )
}

/// The body that is sent on: the same bytes, the changed ones, or the gateway's own answer as `Err`.
pub fn sent(judged: Judged, body: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    match judged {
        Judged::Unchanged => Ok(body.to_vec()),
        Judged::Changed(changed) => Ok(changed),
        Judged::Reply(reply) => Err(reply.body),
    }
}

/// Judges a JSON request.
pub fn request(exchange: &mut Exchange, body: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let head = BodyHead { content_type: Some("application/json"), content_encoding: None };
    let judged = exchange.request(&head, body, &mut Scratch::default());
    sent(judged, body)
}

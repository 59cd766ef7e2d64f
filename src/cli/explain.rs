//! `portcullis explain`: why this decision, step by step, and what would pass. Runs the production pipeline without a network.

use super::{ConfigArg, Exit, Failure, Format, Outcome};
use crate::action::Key;
use crate::decode::Channel;
use crate::detect::Scratch;
use crate::diagnostic::Problems;
use crate::diagnostic::reader::Choice;
use crate::exchange::{BodyHead, Failures, Judged, Opening};
use crate::generation::{Generation, Inputs, Lasting};
use crate::policy::{Action, Trust, UpstreamFacts};
use crate::principal::{IdentitySource, Principal};
use crate::provider;
use crate::risk::Band;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(clap::Args)]
pub struct Args {
    /// A request body as a client would send it
    #[arg(long, value_name = "FILE", required_unless_present = "text", conflicts_with = "text")]
    request: Option<PathBuf>,
    /// A prompt
    #[arg(long, value_name = "T")]
    text: Option<String>,
    /// Who asks: user, groups (with +), country, industry
    #[arg(long, value_name = "K=V")]
    principal: Vec<String>,
    /// Risk band: low, medium, high, critical
    #[arg(long, value_name = "B", default_value = "low")]
    band: String,
    /// Provider whose dialect the request speaks
    #[arg(long, value_name = "NAME", default_value = "openai")]
    provider: String,
    /// Trust of the upstream: external, partner, internal
    #[arg(long, value_name = "T", default_value = "external")]
    trust: String,
    /// Region of the upstream
    #[arg(long, value_name = "XX")]
    region: Option<String>,
    /// Policies to use instead of those of the configuration
    #[arg(long, value_name = "FILE")]
    policy: Vec<PathBuf>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    config: ConfigArg,
}

pub fn run(args: &Args) -> Outcome {
    let band: Band = super::choice(&args.band)?;
    let trust: Trust = super::choice(&args.trust)?;
    let Some(dialect) = provider::find(&args.provider) else {
        let near = crate::diagnostic::nearest(&args.provider, provider::names().iter().copied())
            .map(|n| format!("; did you mean `{n}`?"));
        return Err(Failure::new(format_args!("there is no provider `{}`{}", args.provider, near.unwrap_or_default())));
    };
    let body = match (&args.request, &args.text) {
        (Some(path), _) => std::fs::read(path)
            .map_err(|error| Failure::new(format_args!("cannot read `{}`: {error}", path.display())))?,
        (None, text) => {
            let text = text.as_deref().unwrap_or_default();
            serde_json::json!({ "model": "any", "messages": [{ "role": "user", "content": text }] }).to_string().into()
        }
    };
    let mut problems = Problems::new();
    let inputs = Inputs { config: args.config.path(), policies: args.policy.clone(), strict: false };
    let Some(generation) = Generation::load(&inputs, &mut problems) else {
        return Err(Failure::problems(&problems));
    };
    let failure = Failures::from(generation.config.failure);
    let lasting = Lasting::new(Key::random());
    let (judge, _) = generation.judge(1, &lasting);
    let principal = principal(&args.principal)?;
    let opening = Opening {
        id: "explain".into(),
        principal: principal.clone(),
        risk_key: principal.user.clone(),
        band,
        score: 0.0,
        upstream: Arc::new(UpstreamFacts {
            name: args.provider.clone(),
            provider: args.provider.clone(),
            region: args.region.clone(),
            trust,
        }),
        target: dialect.target("POST", default_path(dialect.names()[0])),
        justification: None,
        failure,
    };
    let mut exchange = judge.open(dialect, opening);
    let mut scratch = Scratch::default();
    let head = BodyHead { content_type: Some("application/json"), content_encoding: None };
    let judged = exchange.request(&head, &body, &mut scratch);
    let report = &exchange.report;
    let action = report.action.unwrap_or(Action::Allow);
    if args.format == Format::Json {
        let json = serde_json::json!({
            "action": action.name(),
            "would": report.would.unwrap_or(action).name(),
            "policy": judge.policies.versions(),
            "findings": report.found.iter().map(crate::audit::FindingRecord::from).collect::<Vec<_>>(),
            "statements": report.statements.iter().map(crate::audit::Statement::from).collect::<Vec<_>>(),
            "inspected_bytes": report.receipt.inspected_bytes(),
            "message": report.message,
        });
        println!("{}", serde_json::to_string_pretty(&json).map_err(Failure::new)?);
        return Ok(if action >= Action::Redact { Exit::Failed } else { Exit::Fine });
    }
    println!("who      {}", who(&principal, band));
    println!("policy   {} ({} rules apply)", judge.policies.versions(), judge.policies.active(&principal).count());
    println!(
        "read     {} bytes of text in {} channels",
        report.receipt.inspected_bytes(),
        report.receipt.inspected.len()
    );
    for part in &report.receipt.uninspected {
        println!("not read {} bytes at `{}`: {}", part.bytes, part.path, part.reason.name());
    }
    if report.found.is_empty() {
        println!("found    nothing");
    }
    for found in &report.found {
        let written = match found.disguise.join(" of ") {
            layers if layers.is_empty() => layers,
            layers => format!(", written as {layers}"),
        };
        println!(
            "found    {} ({}) {} confidence in {} at `{}`, {}×, #{}{written}",
            found.rule,
            found.category,
            found.confidence.name(),
            Channel::name(found.channel),
            found.path,
            found.count,
            found.fingerprint
        );
    }
    for spoke in &report.statements {
        println!("decided  {} by {}/{} “{}”", spoke.action.name(), spoke.policy, spoke.statement, spoke.title);
        for step in &spoke.because {
            println!("           because {step}");
        }
        println!("           would pass: {}", spoke.would_pass);
    }
    println!("result   {}", action.name());
    match judged {
        Judged::Unchanged => println!("sends    the same {} bytes", body.len()),
        Judged::Changed(changed) => println!("sends    {}", String::from_utf8_lossy(&changed)),
        Judged::Reply(reply) => println!("answers  {} {}", reply.status, String::from_utf8_lossy(&reply.body)),
    }
    Ok(if action >= Action::Redact { Exit::Failed } else { Exit::Fine })
}

/// The path of the operation that a bare body is taken for.
fn default_path(dialect: &str) -> &'static str {
    if dialect == "anthropic" { "/v1/messages" } else { "/v1/chat/completions" }
}

fn principal(pairs: &[String]) -> Result<Principal, Failure> {
    let mut principal = Principal {
        user: "someone".into(),
        groups: Vec::new(),
        country: None,
        industry: None,
        source: IdentitySource::Key,
    };
    for pair in pairs {
        match pair.split_once('=') {
            Some(("user", value)) => principal.user = value.into(),
            Some(("groups", value)) => principal.groups = value.split('+').map(str::to_owned).collect(),
            Some(("country", value)) => principal.country = Some(value.to_ascii_uppercase()),
            Some(("industry", value)) => principal.industry = Some(value.into()),
            _ => {
                return Err(Failure::new(format_args!(
                    "`--principal {pair}` is not understood; write user=…, groups=a+b, country=XX or industry=…"
                )));
            }
        }
    }
    Ok(principal)
}

/// `maria · DE · finance · risk low`.
pub(super) fn who(principal: &Principal, band: Band) -> String {
    let mut parts = vec![principal.user.clone()];
    parts.extend(principal.country.clone());
    parts.extend(principal.industry.clone());
    if !principal.groups.is_empty() {
        parts.push(principal.groups.join("+"));
    }
    parts.push(format!("risk {}", band.name()));
    parts.join(" · ")
}

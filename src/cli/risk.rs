//! `portcullis risk`: the score of a user as the running gateway sees it, signals from outside, and what-if.

use super::{Exit, Failure, Outcome, client};
use crate::diagnostic::reader::Choice;
use crate::pack::{Confidence, Severity};
use crate::policy::Action;
use crate::risk::{Band, Event, Formula, Ledger};
use clap::Subcommand;
use http::Method;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: RiskCommand,
}

#[derive(Subcommand)]
enum RiskCommand {
    /// Each contribution to a user's score, heaviest first, from the running gateway
    Show {
        user: String,
        #[command(flatten)]
        admin: Admin,
    },
    /// Tell the running gateway what another system knows about a user
    Set {
        user: String,
        /// Where it comes from: siem, hr, edr, …; a new signal of a source replaces the earlier one
        #[arg(long)]
        source: String,
        /// Weight in the unit of the sum: a certain value of critical severity weighs 20
        #[arg(long)]
        weight: f64,
        /// How long it counts: 12h, 30d
        #[arg(long, default_value = "30d")]
        lasts: humantime::Duration,
        #[command(flatten)]
        admin: Admin,
    },
    /// What a score would be: events as SEVERITY:CONFIDENCE:AGE, such as high:medium:2d
    Simulate {
        #[arg(value_name = "SEVERITY:CONFIDENCE:AGE", required = true)]
        events: Vec<String>,
    },
}

/// Where the running gateway's admin listener is.
#[derive(clap::Args)]
struct Admin {
    /// Address of the admin listener
    #[arg(long, default_value = "127.0.0.1:9090")]
    admin: SocketAddr,
    /// Environment variable with the admin token, if the gateway wants one
    #[arg(long, value_name = "NAME")]
    token_env: Option<String>,
}

pub fn run(args: &Args) -> Outcome {
    match &args.command {
        RiskCommand::Show { user, admin } => {
            let path = format!("/api/v1/risk/{}", encode(user));
            let answer = admin.call(Method::GET, &path, String::new())?;
            let json: serde_json::Value = serde_json::from_str(&answer).map_err(Failure::new)?;
            print!("{}", told(&json));
        }
        RiskCommand::Set { user, source, weight, lasts, admin } => {
            let path = format!("/api/v1/risk/{}", encode(user));
            let body = serde_json::json!({ "source": source, "weight": weight, "seconds": lasts.as_secs() });
            admin.call(Method::POST, &path, body.to_string())?;
            println!("taken: {source} says {weight} about {user} for {lasts}");
        }
        RiskCommand::Simulate { events } => simulate(events)?,
    }
    Ok(Exit::Fine)
}

fn encode(user: &str) -> String {
    percent_encoding::utf8_percent_encode(user, percent_encoding::NON_ALPHANUMERIC).to_string()
}

impl Admin {
    /// Asks the running gateway; its answer is text for people.
    fn call(&self, method: Method, path: &str, body: String) -> Result<String, Failure> {
        let token = match &self.token_env {
            Some(name) => {
                Some(std::env::var(name).map_err(|_| Failure::new(format_args!("the variable `{name}` is not set")))?)
            }
            None => None,
        };
        let bearer = token.map(|t| format!("Bearer {t}"));
        let mut headers = vec![("accept", "text/plain")];
        headers.extend(bearer.as_deref().map(|b| ("authorization", b)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answer = runtime.block_on(client::send(self.admin, method, path, &headers, body))?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        match answer.status {
            200..=299 => Ok(text),
            status => Err(Failure::new(format_args!("the gateway answers {status}: {}", text.trim()))),
        }
    }
}

/// The answer of the running gateway, for people.
fn told(json: &serde_json::Value) -> String {
    let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    let number = |key: &str| json[key].as_f64().unwrap_or_default();
    let mut out = format!("{}: score {:.1}, band {}\n", text("user"), number("score"), text("band"));
    for contribution in json["contributions"].as_array().into_iter().flatten() {
        out.push_str(&format!("  {}\n", contribution["because"].as_str().unwrap_or_default()));
    }
    let half_life =
        humantime::format_duration(Duration::from_secs(json["half_life_seconds"].as_u64().unwrap_or_default()));
    out.push_str(&format!(
        "  sum {:.2}; score = 100 × (1 − e^(−sum/{})); half-life {half_life}\n",
        number("sum"),
        number("scale")
    ));
    out
}

/// What `risk simulate` prints.
fn show(ledger: &Ledger, user: &str, now: SystemTime) -> String {
    let risk = ledger.assess(user, Band::Low, now);
    let mut out = format!("{user}: score {:.1}, band {}\n", risk.score, risk.band.name());
    let contributions = ledger.explain(user, now);
    if contributions.is_empty() {
        out.push_str("  nothing contributes\n");
    }
    for contribution in contributions {
        out.push_str(&format!("{contribution}\n"));
    }
    let formula = ledger.formula();
    out.push_str(&format!(
        "  sum {:.2}; score = 100 × (1 − e^(−sum/{})); half-life {}\n",
        risk.sum,
        formula.scale,
        humantime::format_duration(formula.half_life)
    ));
    out
}

fn simulate(events: &[String]) -> Result<(), Failure> {
    let now = SystemTime::now();
    let mut read = Vec::new();
    for (index, text) in events.iter().enumerate() {
        let parts: Vec<&str> = text.split(':').collect();
        let &[severity, confidence, age] = parts.as_slice() else {
            return Err(Failure::new(format_args!("`{text}` is not SEVERITY:CONFIDENCE:AGE, such as high:medium:2d")));
        };
        let age = humantime::parse_duration(age).map_err(|_| {
            Failure::new(format_args!("`{age}` is not an age; write a number with its unit: 30m, 12h, 2d"))
        })?;
        read.push(event(
            index,
            super::choice::<Severity>(severity)?,
            super::choice::<Confidence>(confidence)?,
            age,
            now,
        ));
    }
    read.sort_by_key(|e| e.at);
    let formula = Formula::default();
    let ledger = Ledger::new(formula, 1);
    for event in read {
        ledger.record("someone", event);
    }
    print!("{}", show(&ledger, "someone", now));
    Ok(())
}

fn event(index: usize, severity: Severity, confidence: Confidence, age: Duration, now: SystemTime) -> Event {
    Event {
        at: now.checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH),
        rule: format!("event {}", index + 1).into(),
        category: format!("category {}", index + 1).into(),
        severity,
        confidence,
        fingerprint: index.to_string(),
        action: Action::Log,
    }
}

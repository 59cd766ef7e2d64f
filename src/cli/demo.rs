//! `portcullis demo`: three gateways and a stand-in model on loopback, a tour of exchanges, and what became of each.

mod show;
mod tour;

use super::serve::{self, Running};
use super::{Exit, Failure, Outcome, client};
use crate::config::Config;
use crate::diagnostic::{Problems, Source};
use crate::generation::{Generation, Inputs};
use crate::provider;
use crate::risk::Signal;
use crate::standin::Standin;
use http::Method;
use std::fmt::Write;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};
use tour::{Body, House, Stop, USERS, User};

#[derive(clap::Args)]
pub struct Args {
    /// End after the tour instead of serving on
    #[arg(long)]
    once: bool,
}

pub fn run(args: &Args) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(demo(args))
}

async fn demo(args: &Args) -> Outcome {
    let standin = Standin::start(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let houses = Houses {
        company: House::Company.open(standin.addr())?,
        hospital: House::Hospital.open(standin.addr())?,
        ministry: House::Ministry.open(standin.addr())?,
    };
    let mut out = String::new();
    show::welcome(&mut out, standin.addr(), &houses);
    print!("{out}");
    let tour = tour::tour();
    for (index, stop) in tour.iter().enumerate() {
        let mut out = String::new();
        visit(&mut out, index + 1, stop, &houses, &standin).await?;
        print!("{out}");
    }
    let mut out = String::new();
    show::curl_lines(&mut out, houses.company.addr, &secret(&tour::MARIA));
    print!("{out}");
    if args.once {
        return Ok(Exit::Fine);
    }
    println!("Serving until Ctrl-C.");
    tokio::signal::ctrl_c().await?;
    Ok(Exit::Fine)
}

/// The gateways of the demo.
pub(super) struct Houses {
    company: Running,
    hospital: Running,
    ministry: Running,
}

impl Houses {
    fn of(&self, house: House) -> &Running {
        match house {
            House::Company => &self.company,
            House::Hospital => &self.hospital,
            House::Ministry => &self.ministry,
        }
    }
}

impl House {
    fn policy(self) -> &'static str {
        match self {
            Self::Company => "policies/default.toml",
            Self::Hospital => "policies/examples/hospital.toml",
            Self::Ministry => "policies/examples/ministry.toml",
        }
    }

    /// Starts a gateway with this house's policy in front of the stand-in model.
    fn open(self, model: SocketAddr) -> Result<Running, Failure> {
        let source = Source::new("the demo's configuration", config(self, model));
        let mut problems = Problems::new();
        let config = Config::read(&source, &provider::names(), &mut problems);
        let generation = config.and_then(|c| Generation::of(c, &Inputs::default(), &mut problems));
        let Some(generation) = generation else { return Err(Failure::problems(&problems)) };
        let running = serve::start_captured(generation)?;
        for user in USERS.iter().filter(|u| u.signal > 0.0) {
            let now = SystemTime::now();
            let expires = now + Duration::from_secs(86_400);
            let signal = Signal { source: "siem".into(), weight: user.signal, expires };
            running.shared.ledger.signal(user.name, signal, now);
        }
        Ok(running)
    }
}

/// The gateway key of a user of the demo. Not a secret: it opens nothing but the demo.
fn secret(user: &User) -> String {
    format!("pck_demo_{}", user.name)
}

fn config(house: House, model: SocketAddr) -> String {
    let mut text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[admin]\nlisten = \"127.0.0.1:0\"\n[policies]\nactive = [\"{}\"]\n",
        house.policy()
    );
    for provider in ["openai", "anthropic"] {
        let _ = write!(
            text,
            "[[upstream]]\nname = \"{provider}\"\nprovider = \"{provider}\"\nprefix = \"/{provider}\"\nbase_url = \"http://{model}\"\nregion = \"US\"\ntrust = \"external\"\n"
        );
    }
    text.push_str("[identity]\nkeys = [\n");
    for user in USERS {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, secret(user).as_bytes());
        let _ = writeln!(
            text,
            "  {{ sha256 = \"{}\", user = \"{}\", groups = [\"{}\"], country = \"{}\", industry = \"{}\" }},",
            super::hex(hash.as_ref()),
            user.name,
            user.group,
            user.country,
            user.industry
        );
    }
    text.push_str("]\n");
    text
}

/// Sends one exchange and shows what became of it.
async fn visit(
    out: &mut String,
    number: usize,
    stop: &Stop,
    houses: &Houses,
    standin: &Standin,
) -> Result<(), Failure> {
    let gateway = houses.of(stop.house);
    let (path, content_type, body) = stop.body.encode();
    let key = secret(&stop.user);
    let mut headers = vec![("content-type", content_type.as_str()), ("x-portcullis-key", key.as_str())];
    if let Body::Messages(_) = stop.body {
        headers.push(("anthropic-version", "2023-06-01"));
    }
    let before = standin.requests();
    let answer = client::send(gateway.addr, Method::POST, path, &headers, body.clone()).await?;
    let record = gateway.record(Duration::from_secs(5))?;
    // the tour is sent one after the other, so what came in since is this exchange
    let after = standin.requests();
    let received = if after > before { standin.received(&after.to_string()) } else { None };
    show::stop(
        out,
        number,
        stop,
        &show::Exchange { sent: &body, received: received.as_deref(), answer: &answer, record: &record },
    );
    Ok(())
}

impl Body {
    /// Path, content type and bytes.
    fn encode(&self) -> (&'static str, String, Vec<u8>) {
        match self {
            Self::Chat(json) => ("/openai/v1/chat/completions", "application/json".into(), json.to_string().into()),
            Self::Messages(json) => ("/anthropic/v1/messages", "application/json".into(), json.to_string().into()),
            Self::File(name, text) => {
                const BOUNDARY: &str = "portcullis-demo-boundary";
                let body = format!(
                    "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nuser_data\r\n\
                     --{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                     content-type: text/csv\r\n\r\n{text}\r\n--{BOUNDARY}--\r\n"
                );
                ("/openai/v1/files", format!("multipart/form-data; boundary={BOUNDARY}"), body.into())
            }
        }
    }
}

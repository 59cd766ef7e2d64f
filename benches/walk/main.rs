//! What finding the text of a body costs, beside `serde_json` reading the same body, in one run: `cargo bench --bench walk`.
//!
//! It prints Markdown tables; how it measures stands in `benches/README.md`. With an argument, the name of a body, only that
//! body is walked, which is what a profile wants.

mod bodies;
#[path = "../scan/measure.rs"]
#[allow(dead_code, reason = "the scan bench measures more")]
mod measure;
#[path = "../scan/random.rs"]
#[allow(dead_code, reason = "the scan bench draws more")]
mod random;

use bodies::{Body, Side, Stream};
use measure::{allocations, best};
use portcullis::decode::framing::Framing;
use portcullis::decode::json::{Json, Limits};
use portcullis::provider::{self, Dialect, Target};
use serde::de::IgnoredAny;
use serde_json::Value;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

const KIB: f64 = 1024.0;
/// The readers take turns, so that a slow moment of the machine meets all of them.
const ROUNDS: usize = 5;
/// How long each repeats its work in a round.
const PATIENCE: Duration = Duration::from_millis(60);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` runs this too, without the flag that `cargo bench` gives.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("nothing to test; `cargo bench --bench walk` measures");
        return ExitCode::SUCCESS;
    }
    if let Some(name) = arguments.iter().find(|argument| !argument.starts_with("--")) {
        return profile(name);
    }
    println!("### Bodies\n");
    head("body", "KB");
    let over: Vec<&str> = bodies::all().iter().filter(|body| of_body(body) > 1.0).map(|body| body.name).collect();
    println!("\n### Events of streams, each\n");
    head("stream", "KB");
    let streams = bodies::streams();
    let slow_streams = streams.iter().filter(|stream| of_stream(stream) > 1.0).map(|stream| stream.name);
    let over: Vec<&str> = over.into_iter().chain(slow_streams).collect();
    if over.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("slower than serde_json: {}", over.join(", "));
    ExitCode::FAILURE
}

/// A dialect and a target of it.
fn speaker(provider: &str, path: &str) -> (Arc<dyn Dialect>, Target) {
    let dialect = provider::find(provider).unwrap_or_else(|| panic!("{provider} is known"));
    let dialect = provider::speaking(&dialect, path);
    let target = dialect.target("POST", path);
    (dialect, target)
}

/// Parses a body and finds its texts. Returns how many there are.
fn walk(dialect: &dyn Dialect, target: &Target, body: &Body) -> usize {
    let json = parse(&body.json);
    let walk = match body.side {
        Side::Request => {
            black_box(dialect.facts(target, &json));
            dialect.request(target, &json)
        }
        Side::Answer => {
            black_box(dialect.usage(target, &json));
            dialect.response(target, &json)
        }
    };
    black_box(&walk).segments.len()
}

fn parse(text: &str) -> Json<'_> {
    Json::parse(text.as_bytes(), &Limits::default()).expect("bodies of the bench are JSON")
}

fn of_body(body: &Body) -> f64 {
    let (dialect, target) = speaker(body.provider, body.path);
    let texts = walk(&*dialect, &target, body);
    let mut times = Times::new(body.json.len());
    let mut walked = || {
        black_box(walk(&*dialect, &target, black_box(body)));
    };
    times.allocations = allocations(walked);
    times.take(
        &mut walked,
        &mut || drop(black_box(parse(black_box(&body.json)))),
        &mut || drop(black_box(serde_json::from_slice::<Value>(black_box(body.json.as_bytes())))),
        &mut || drop(black_box(serde_json::from_slice::<IgnoredAny>(black_box(body.json.as_bytes())))),
    );
    times.row(body.name, texts)
}

/// The events of a stream, one after the other; what is shown is per event.
fn of_stream(stream: &Stream) -> f64 {
    let (dialect, target) = speaker(stream.provider, stream.path);
    let bytes: usize = stream.events.iter().map(|(_, data)| data.len()).sum();
    let walked = || {
        let mut reader = dialect.stream(&target, Framing::Sse);
        let mut texts = 0;
        for (name, data) in &stream.events {
            let facts = reader.event(name.as_deref(), Some(&parse(data)));
            texts += black_box(&facts).deltas.len() + facts.whole.len();
        }
        texts
    };
    let texts = walked();
    let each = |read: &dyn Fn(&str)| stream.events.iter().for_each(|(_, data)| read(black_box(data)));
    let mut times = Times::new(bytes);
    times.per = stream.events.len();
    times.allocations = allocations(|| {
        black_box(walked());
    });
    times.take(
        &mut || {
            black_box(walked());
        },
        &mut || each(&|data| drop(black_box(parse(data)))),
        &mut || each(&|data| drop(black_box(serde_json::from_slice::<Value>(data.as_bytes())))),
        &mut || each(&|data| drop(black_box(serde_json::from_slice::<IgnoredAny>(data.as_bytes())))),
    );
    times.row(stream.name, texts)
}

/// The times of the readers: of the best pass in each round the median.
struct Times {
    bytes: usize,
    /// Events that the bytes are.
    per: usize,
    allocations: usize,
    walked: Duration,
    parsed: Duration,
    value: Duration,
    ignored: Duration,
}

fn head(what: &str, size: &str) {
    println!(
        "| {what} | {size} | texts | allocations | walk, ns/KB | of it parsing | serde_json, ns/KB | × serde_json | × `IgnoredAny` |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
}

impl Times {
    fn new(bytes: usize) -> Self {
        let most = Duration::MAX;
        Self { bytes, per: 1, allocations: 0, walked: most, parsed: most, value: most, ignored: most }
    }

    fn take(
        &mut self,
        walk: &mut dyn FnMut(),
        parse: &mut dyn FnMut(),
        value: &mut dyn FnMut(),
        ignored: &mut dyn FnMut(),
    ) {
        let mut rounds: [[Duration; 4]; ROUNDS] = Default::default();
        for round in &mut rounds {
            let readers: [&mut dyn FnMut(); 4] = [&mut *walk, &mut *value, &mut *parse, &mut *ignored];
            *round = readers.map(|read| best(PATIENCE, read));
        }
        // clocks of virtual machines jump: the best pass of one round may have taken no time at all
        let median = |reader: usize| {
            let mut times = rounds.map(|round| round[reader]);
            times.sort();
            times[ROUNDS / 2]
        };
        (self.walked, self.value, self.parsed, self.ignored) = (median(0), median(1), median(2), median(3));
    }

    /// Prints the row, and returns how many times the time of `serde_json` the walk takes.
    fn row(&self, name: &str, texts: usize) -> f64 {
        let per_kib = |time: Duration| time.as_nanos() as f64 / (self.bytes as f64 / KIB);
        let per = self.per as f64;
        let ratio = self.walked.as_secs_f64() / self.value.as_secs_f64();
        println!(
            "| {name} | {:.1} | {:.1} | {:.1} | {:.0} | {:.0} | {:.0} | {ratio:.2} | {:.2} |",
            self.bytes as f64 / KIB / per,
            texts as f64 / per,
            self.allocations as f64 / per,
            per_kib(self.walked),
            per_kib(self.parsed),
            per_kib(self.value),
            self.walked.as_secs_f64() / self.ignored.as_secs_f64(),
        );
        ratio
    }
}

/// Walks one body, or the events of one stream, for some seconds.
fn profile(name: &str) -> ExitCode {
    if let Some(body) = bodies::all().iter().find(|body| body.name == name) {
        of_body(body);
        return ExitCode::SUCCESS;
    }
    if let Some(stream) = bodies::streams().iter().find(|stream| stream.name == name) {
        of_stream(stream);
        return ExitCode::SUCCESS;
    }
    eprintln!("no body is named `{name}`");
    ExitCode::FAILURE
}

//! What the gateway costs, beside nginx as a plain proxy and beside the bare upstream, in one run.
//!
//! `cargo bench --bench gateway` prints Markdown tables; `-- --quick` takes a tenth of the time, for a look.
//! How it measures stands in `benches/README.md`.

mod load;
mod process;
mod prose;
mod upstream;
mod wire;

use std::io;
use std::process::{Command, ExitCode};
use std::time::Duration;

use load::{StreamTimes, Target};
use process::Proxy;
use upstream::{CHUNKS, INTERVAL, Upstream};

const SIZES: [usize; 3] = [1 << 10, 8 << 10, 64 << 10];
const CONNECTIONS: [usize; 3] = [1, 16, 64];
/// Requests a second at which latency is measured: far from what any of the three can do.
const RATE: u32 = 200;
const STREAMS_AT_ONCE: usize = 8;

/// How long to measure.
struct Plan {
    rounds: usize,
    closed: Duration,
    fixed: Duration,
    streams: usize,
}

/// What is measured: the upstream itself, or a proxy before it.
struct Subject {
    name: &'static str,
    target: Target,
    proxy: Option<Proxy>,
}

impl Subject {
    fn cpu(&self) -> f64 {
        self.proxy.as_ref().map_or(0.0, Proxy::cpu)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` runs this too, without the flag that `cargo bench` gives.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("nothing to test; `cargo bench --bench gateway` measures");
        return ExitCode::SUCCESS;
    }
    let plan = if arguments.iter().any(|argument| argument == "--quick") {
        Plan { rounds: 1, closed: Duration::from_millis(600), fixed: Duration::from_secs(1), streams: 16 }
    } else {
        Plan { rounds: 3, closed: Duration::from_secs(2), fixed: Duration::from_secs(4), streams: 96 }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    match runtime.and_then(|runtime| runtime.block_on(measure(&plan))) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("the measurement failed: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Measures everything and prints it; whether all three subjects were there.
async fn measure(plan: &Plan) -> io::Result<bool> {
    let folder = tempfile::tempdir()?;
    let upstream = Upstream::start().await?;
    let mut subjects = vec![Subject { name: "bare", target: Target { addr: upstream.addr, prefix: "" }, proxy: None }];
    let started = [
        ("nginx", "", Proxy::nginx(folder.path(), upstream.addr)),
        ("portcullis", "/openai", Proxy::gateway(folder.path(), upstream.addr)),
    ];
    let mut complete = true;
    for (name, prefix, proxy) in started {
        match proxy {
            Ok(proxy) => {
                subjects.push(Subject { name, target: Target { addr: proxy.addr, prefix }, proxy: Some(proxy) });
            }
            Err(problem) => {
                complete = false;
                println!("MISSING: {name}, because {problem}\n");
            }
        }
    }
    print_machine();
    let idle: Vec<(f64, f64)> = subjects.iter().filter_map(|s| s.proxy.as_ref().map(Proxy::memory)).collect();
    cost(&subjects, plan).await?;
    latency(&subjects, plan).await?;
    streams(&subjects, plan, &upstream).await?;
    memory(&subjects, &idle);
    Ok(complete)
}

/// CPU time per 1,000 exchanges, under full load.
async fn cost(subjects: &[Subject], plan: &Plan) -> io::Result<()> {
    println!("### CPU seconds per 1,000 exchanges (exchanges per second)\n");
    header(&["prompt", "connections"], subjects);
    for size in SIZES {
        for connections in CONNECTIONS {
            let mut cells = vec![(Vec::new(), Vec::new()); subjects.len()];
            // The subjects take turns, so that a change in the machine's mood meets all of them.
            for _ in 0..plan.rounds {
                for (subject, (cpus, rates)) in subjects.iter().zip(&mut cells) {
                    let before = subject.cpu();
                    let (count, seconds) = load::closed_loop(subject.target, size, connections, plan.closed)
                        .await
                        .map_err(|problem| named(subject, &problem))?;
                    cpus.push((subject.cpu() - before) * 1000.0 / count as f64);
                    rates.push(count as f64 / seconds);
                }
            }
            print!("| {} KB | {connections} |", size >> 10);
            for (subject, (cpus, rates)) in subjects.iter().zip(&mut cells) {
                let rate = quantile(rates, 0.5);
                match subject.proxy {
                    Some(_) => print!(" {:.3} ({rate:.0}) |", quantile(cpus, 0.5)),
                    None => print!(" – ({rate:.0}) |"),
                }
            }
            println!();
        }
    }
    println!();
    Ok(())
}

/// Added latency at a fixed rate.
async fn latency(subjects: &[Subject], plan: &Plan) -> io::Result<()> {
    println!("### Latency at {RATE} exchanges per second: median / 99th percentile, in µs (proxies: added to bare)\n");
    header(&["prompt"], subjects);
    for size in SIZES {
        let mut cells = vec![Vec::new(); subjects.len()];
        for _ in 0..plan.rounds {
            for (subject, times) in subjects.iter().zip(&mut cells) {
                let round = load::fixed_rate(subject.target, size, RATE, plan.fixed).await;
                times.extend(round.map_err(|problem| named(subject, &problem))?);
            }
        }
        print!("| {} KB |", size >> 10);
        print_added(&mut cells);
    }
    println!();
    Ok(())
}

/// Time and cost of streamed answers.
async fn streams(subjects: &[Subject], plan: &Plan, upstream: &Upstream) -> io::Result<()> {
    println!(
        "### Streams of {CHUNKS} deltas, one each {} ms, {STREAMS_AT_ONCE} at once: median / 99th percentile, in µs (proxies: added to bare)\n",
        INTERVAL.as_millis()
    );
    header(&["measure"], subjects);
    let mut times: Vec<StreamTimes> = subjects.iter().map(|_| StreamTimes::default()).collect();
    let mut cpus = vec![Vec::new(); subjects.len()];
    for _ in 0..plan.rounds {
        for ((subject, all), cpu) in subjects.iter().zip(&mut times).zip(&mut cpus) {
            let before = subject.cpu();
            let round = load::streams(subject.target, plan.streams, STREAMS_AT_ONCE, &upstream.sent).await;
            let round = round.map_err(|problem| named(subject, &problem))?;
            cpu.push((subject.cpu() - before) * 1000.0 / plan.streams as f64);
            all.first_text.extend(round.first_text);
            all.delta_begins.extend(round.delta_begins);
            all.delta_ends.extend(round.delta_ends);
        }
    }
    type Pick = fn(&StreamTimes) -> &Vec<f64>;
    let rows: [(&str, Pick); 3] = [
        ("request to first text", |times| &times.first_text),
        ("a delta's first byte", |times| &times.delta_begins),
        ("a delta's last byte", |times| &times.delta_ends),
    ];
    for (name, pick) in rows {
        print!("| {name} |");
        print_added(&mut times.iter().map(|times| pick(times).clone()).collect::<Vec<_>>());
    }
    print!("| CPU ms per stream |");
    for (subject, cpu) in subjects.iter().zip(&mut cpus) {
        match subject.proxy {
            Some(_) => print!(" {:.2} |", quantile(cpu, 0.5)),
            None => print!(" – |"),
        }
    }
    println!("\n");
    Ok(())
}

fn memory(subjects: &[Subject], idle: &[(f64, f64)]) {
    println!("### Resident memory, MB\n");
    println!("| | at start | after the load | highest |\n|---|---|---|---|");
    let proxies = subjects.iter().filter_map(|subject| Some((subject.name, subject.proxy.as_ref()?)));
    for ((name, proxy), (start, _)) in proxies.zip(idle) {
        let (now, highest) = proxy.memory();
        println!("| {name} | {start:.1} | {now:.1} | {highest:.1} |");
    }
}

/// Says which machine and which programs the figures are of.
fn print_machine() {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':')).map_or("?", |(_, m)| m.trim());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let commit = output("git", &["describe", "--always", "--dirty"]);
    let nginx = output("nginx", &["-v"]);
    println!(
        "{model}, {cores} cores, Linux {}; {nginx}; portcullis {commit}; {}\n",
        kernel.trim(),
        output("date", &["-I"])
    );
}

/// What a command prints, on either output.
fn output(program: &str, arguments: &[&str]) -> String {
    let Ok(output) = Command::new(program).args(arguments).output() else { return format!("no {program}") };
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&text).trim().to_owned()
}

fn header(keys: &[&str], subjects: &[Subject]) {
    let names: Vec<&str> = subjects.iter().map(|subject| subject.name).collect();
    println!("| {} | {} |", keys.join(" | "), names.join(" | "));
    println!("|{}", "---|".repeat(keys.len() + names.len()));
}

/// Prints the first cell's median and 99th percentile, and how much more each other cell has.
fn print_added(cells: &mut [Vec<f64>]) {
    let mut bare = None;
    for times in cells {
        let (median, high) = (quantile(times, 0.5), quantile(times, 0.99));
        match bare {
            None => {
                bare = Some((median, high));
                print!(" {median:.0} / {high:.0} |");
            }
            Some((less, less_high)) => print!(" {:+.0} / {:+.0} |", median - less, high - less_high),
        }
    }
    println!();
}

fn quantile(values: &mut [f64], q: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * q).round() as usize]
}

fn named(subject: &Subject, problem: &io::Error) -> io::Error {
    io::Error::other(format!("{}: {problem}", subject.name))
}

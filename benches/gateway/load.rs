//! The load: closed loops for cost, a fixed rate for latency, streams for the time of each delta.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::prose::{Template, deltas};
use crate::upstream::{CHUNKS, INTERVAL, Sent};
use crate::wire::{Wire, find};

/// Makes requests differ over the whole run.
static NUMBER: AtomicU64 = AtomicU64::new(1);

/// Where requests go: an address, and what stands before `/v1/…` in their path.
#[derive(Clone, Copy)]
pub struct Target {
    pub addr: SocketAddr,
    pub prefix: &'static str,
}

/// One client connection.
struct Client {
    wire: Wire,
    target: Target,
    out: Vec<u8>,
}

impl Client {
    async fn connect(target: Target) -> io::Result<Client> {
        Ok(Client { wire: Wire::new(TcpStream::connect(target.addr).await?)?, target, out: Vec::new() })
    }

    async fn send(&mut self, body: &[u8], header: &str) -> io::Result<()> {
        self.out.clear();
        let head = format!(
            "POST {}/v1/chat/completions HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer sk-bench\r\ncontent-type: application/json\r\n{header}content-length: {}\r\n\r\n",
            self.target.prefix,
            self.target.addr,
            body.len()
        );
        self.out.extend_from_slice(head.as_bytes());
        self.out.extend_from_slice(body);
        self.wire.stream.write_all(&self.out).await
    }

    /// One whole exchange; anything but a 200 with a body is an error.
    async fn exchange(&mut self, template: &mut Template) -> io::Result<()> {
        self.send(template.fill(NUMBER.fetch_add(1, Ordering::Relaxed)), "").await?;
        let head = self.wire.head().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut body = Vec::new();
        self.wire.body(&head, |piece| body.extend_from_slice(piece)).await?;
        if head.status() != "200" || body.is_empty() {
            let text = String::from_utf8_lossy(&body);
            return Err(io::Error::other(format!("status {}: {text}", head.status())));
        }
        // Findings would be measured as well, and parts that were not inspected would not be.
        match head.header("x-portcullis-receipt") {
            Some(receipt) if !receipt.contains("uninspected=0; findings=0;") => {
                Err(io::Error::other(format!("the prompt is not clean: {receipt}")))
            }
            _ => Ok(()),
        }
    }
}

/// Keeps `connections` busy for `time`; how many exchanges there were, and in how many seconds.
pub async fn closed_loop(target: Target, size: usize, connections: usize, time: Duration) -> io::Result<(u64, f64)> {
    let mut tasks = JoinSet::new();
    let start = Instant::now();
    for _ in 0..connections {
        tasks.spawn(async move {
            let mut client = Client::connect(target).await?;
            let mut template = Template::chat(size, false);
            let mut count = 0;
            while start.elapsed() < time {
                client.exchange(&mut template).await?;
                count += 1;
            }
            io::Result::Ok(count)
        });
    }
    let mut total = 0;
    while let Some(count) = tasks.join_next().await {
        total += count.map_err(io::Error::other)??;
    }
    Ok((total, start.elapsed().as_secs_f64()))
}

/// Sends `rate` requests a second for `time`, over 16 connections in turn; the time each took, in microseconds.
pub async fn fixed_rate(target: Target, size: usize, rate: u32, time: Duration) -> io::Result<Vec<f64>> {
    const CONNECTIONS: u32 = 16;
    let interval = Duration::from_secs(1) / rate;
    let mut tasks = JoinSet::new();
    let start = Instant::now() + Duration::from_millis(50);
    for lane in 0..CONNECTIONS {
        tasks.spawn(async move {
            let mut client = Client::connect(target).await?;
            let mut template = Template::chat(size, false);
            let mut times = Vec::new();
            // The first exchange opens connections behind the proxy; it is not measured.
            client.exchange(&mut template).await?;
            for turn in 0.. {
                let due = start + interval * (turn * CONNECTIONS + lane);
                if due > start + time {
                    break;
                }
                sleep_until(due.into()).await;
                let begun = Instant::now();
                client.exchange(&mut template).await?;
                times.push(begun.elapsed().as_secs_f64() * 1e6);
            }
            io::Result::Ok(times)
        });
    }
    collect(tasks).await
}

/// The times of many streams, in microseconds.
#[derive(Default)]
pub struct StreamTimes {
    /// From the request's last byte to the first text.
    pub first_text: Vec<f64>,
    /// From the upstream's writing of a delta to the arrival of its first byte, and of its last.
    pub delta_begins: Vec<f64>,
    pub delta_ends: Vec<f64>,
}

/// Runs `streams` streams, `at_once` of them at the same time.
pub async fn streams(target: Target, streams: usize, at_once: usize, sent: &Sent) -> io::Result<StreamTimes> {
    let mut tasks = JoinSet::new();
    for lane in 0..at_once {
        let sent = Arc::clone(sent);
        tasks.spawn(async move {
            // Streams that begin in the same instant would queue behind each other, in the load as in the target.
            tokio::time::sleep(INTERVAL * lane as u32 / at_once as u32).await;
            let mut client = Client::connect(target).await?;
            // The first exchange opens connections behind the proxy; it is not measured.
            client.exchange(&mut Template::chat(1024, false)).await?;
            let mut template = Template::chat(1024, true);
            let mut all = Vec::new();
            for _ in (lane..streams).step_by(at_once) {
                all.push(one_stream(&mut client, &mut template, &sent).await?);
            }
            io::Result::Ok(all)
        });
    }
    let mut times = StreamTimes::default();
    for one in collect(tasks).await? {
        times.first_text.push(one.first_text);
        times.delta_begins.extend(one.delta_begins);
        times.delta_ends.extend(one.delta_ends);
    }
    Ok(times)
}

struct OneStream {
    first_text: f64,
    delta_begins: Vec<f64>,
    delta_ends: Vec<f64>,
}

async fn one_stream(client: &mut Client, template: &mut Template, sent: &Sent) -> io::Result<OneStream> {
    let id = NUMBER.fetch_add(1, Ordering::Relaxed);
    client.send(template.fill(id), &format!("x-bench-stream: {id}\r\n")).await?;
    let begun = Instant::now();
    let head = client.wire.head().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
    // How much text had arrived at which time.
    let mut arrivals: Vec<(usize, Instant)> = Vec::new();
    let mut unread = Vec::new();
    let mut length = 0;
    client
        .wire
        .body(&head, |piece| {
            let now = Instant::now();
            unread.extend_from_slice(piece);
            while let Some(end) = find(&unread, b"\n\n") {
                length += content(&unread[..end]).len();
                if arrivals.last().map_or(0, |(before, _)| *before) < length {
                    arrivals.push((length, now));
                }
                unread.drain(..end + 2);
            }
        })
        .await?;
    let words = deltas(CHUNKS);
    let total: usize = words.iter().map(String::len).sum();
    if head.status() != "200" || length != total {
        return Err(io::Error::other(format!("status {}, {length} bytes of text instead of {total}", head.status())));
    }
    let times = sent.lock().expect("no holder panics").remove(&id).ok_or_else(|| io::Error::other("no such stream"))?;
    let since = |position: usize, from: Instant| {
        // The first arrival that covers the byte at `position`.
        let nth = arrivals.partition_point(|(length, _)| *length <= position);
        arrivals[nth].1.saturating_duration_since(from).as_secs_f64() * 1e6
    };
    let mut at = 0;
    let (mut delta_begins, mut delta_ends) = (Vec::new(), Vec::new());
    for (word, written) in words.iter().zip(times) {
        delta_begins.push(since(at, written));
        at += word.len();
        delta_ends.push(since(at - 1, written));
    }
    Ok(OneStream { first_text: arrivals[0].1.duration_since(begun).as_secs_f64() * 1e6, delta_begins, delta_ends })
}

/// The text of one event; the prose holds nothing that JSON would escape.
fn content(event: &[u8]) -> &[u8] {
    let Some(start) = find(event, br#""content":""#) else { return &[] };
    let rest = &event[start + 11..];
    &rest[..find(rest, b"\"").unwrap_or(rest.len())]
}

async fn collect<T: 'static>(mut tasks: JoinSet<io::Result<Vec<T>>>) -> io::Result<Vec<T>> {
    let mut all = Vec::new();
    while let Some(some) = tasks.join_next().await {
        all.extend(some.map_err(io::Error::other)??);
    }
    Ok(all)
}

//! The upstream that everything is measured in front of: it reads a request and writes a constant answer.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep_until;

use crate::prose::{Template, deltas};
use crate::wire::Wire;

/// Deltas of a streamed answer.
pub const CHUNKS: usize = 64;
/// Time between two of them. Real models take longer; a shorter wait would measure bursts.
pub const INTERVAL: Duration = Duration::from_millis(5);

/// When the deltas of each stream were written, by the name its request carries in `x-bench-stream`.
pub type Sent = Arc<Mutex<HashMap<u64, Vec<Instant>>>>;

pub struct Upstream {
    pub addr: SocketAddr,
    pub sent: Sent,
}

impl Upstream {
    pub async fn start() -> io::Result<Upstream> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        let sent = Sent::default();
        let shared = Arc::clone(&sent);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A connection that ends badly shows as a failed exchange at the other side.
                let shared = Arc::clone(&shared);
                tokio::spawn(async move { drop(serve(stream, shared).await) });
            }
        });
        Ok(Upstream { addr, sent })
    }
}

async fn serve(stream: TcpStream, sent: Sent) -> io::Result<()> {
    let mut wire = Wire::new(stream)?;
    let mut answer = Template::answer();
    let words = deltas(CHUNKS);
    let mut out = Vec::new();
    let mut number = 0;
    while let Some(head) = wire.head().await? {
        wire.body(&head, |_| {}).await?;
        match head.header("x-bench-stream").and_then(|id| id.parse().ok()) {
            Some(id) => stream_answer(&mut wire.stream, &words, id, &sent).await?,
            None => {
                number += 1;
                let body = answer.fill(number);
                out.clear();
                out.extend_from_slice(
                    format!(
                        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                        body.len()
                    )
                    .as_bytes(),
                );
                out.extend_from_slice(body);
                wire.stream.write_all(&out).await?;
            }
        }
    }
    Ok(())
}

async fn stream_answer(stream: &mut TcpStream, words: &[String], id: u64, sent: &Sent) -> io::Result<()> {
    let event = |delta: &str, finish: &str| {
        format!(
            r#"data: {{"id":"chatcmpl-stream","object":"chat.completion.chunk","created":1767225600,"model":"gpt-4o-mini","choices":[{{"index":0,"delta":{{{delta}}},"logprobs":null,"finish_reason":{finish}}}]}}"#
        ) + "\n\n"
    };
    let chunk = |data: &str| format!("{:x}\r\n{data}\r\n", data.len());
    // `x-accel-buffering` is how an application tells nginx not to hold a stream back.
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-accel-buffering: no\r\ntransfer-encoding: chunked\r\n\r\n";
    let first = chunk(&event(r#""role":"assistant","content":"""#, "null"));
    stream.write_all(format!("{head}{first}").as_bytes()).await?;
    let mut times = Vec::with_capacity(words.len());
    let start = Instant::now();
    for (nth, word) in words.iter().enumerate() {
        // Even a wait that is over takes the timer's millisecond, which the first text would seem to take.
        if nth > 0 {
            sleep_until((start + INTERVAL * nth as u32).into()).await;
        }
        let data = chunk(&event(&format!(r#""content":"{word}""#), "null"));
        times.push(Instant::now());
        stream.write_all(data.as_bytes()).await?;
    }
    sent.lock().expect("no holder panics").insert(id, times);
    stream
        .write_all(format!("{}{}0\r\n\r\n", chunk(&event("", "\"stop\"")), chunk("data: [DONE]\n\n")).as_bytes())
        .await
}

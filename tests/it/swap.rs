//! P8: configuration and policies reload while traffic flows; a bad file never replaces a good one.

use crate::gateway::{Gateway, call};
use portcullis::standin::Standin;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Reloads, good and bad in turn; fewer only if the time runs out.
const RELOADS: usize = 500;
const TIME: Duration = Duration::from_secs(90);
const LEAST: usize = 20;

fn policy(version: usize) -> String {
    format!(
        "[policy]\nid = \"swap\"\ntitle = \"Version {version}\"\npacks = [\"country/de\"]\n\n\
         [[statement]]\nid = \"note\"\ntitle = \"Noted\"\nmatch = {{ categories = [\"*\"] }}\naction = \"log\"\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_reloads_under_load_fail_no_exchange_and_bad_files_change_nothing() {
    let standin = Standin::start(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port on loopback");
    let upstream = format!(
        "[[upstream]]\nname = \"m\"\nprovider = \"openai\"\nprefix = \"/m\"\nbase_url = \"http://{}\"\n",
        standin.addr()
    );
    let (sent, records) =
        tokio::task::spawn_blocking(move || under_load(&upstream)).await.expect("the test did not panic");
    assert_eq!(records.len(), sent, "one record for each exchange");
    assert!(records.iter().all(|r| r["generation"].as_u64().is_some_and(|g| g > 0) && r["status"] == 200));
    // each caller sends one after the other: what it got is judged by ever later generations
    for caller in 0..2 {
        let of = records.iter().filter(|r| r["model"] == format!("echo/chunk={}", caller + 1));
        let generations: Vec<u64> = of.filter_map(|r| r["generation"].as_u64()).collect();
        assert!(generations.len() > 1 && generations.is_sorted(), "{generations:?}");
    }
}

fn under_load(upstream: &str) -> (usize, Vec<serde_json::Value>) {
    let gateway = Gateway::start(upstream, &policy(0));
    let stop = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..2)
        .map(|caller| {
            let (stop, addr) = (stop.clone(), gateway.addr);
            std::thread::spawn(move || {
                let body = json!({ "model": format!("echo/chunk={}", caller + 1), "messages": [{ "role": "user", "content": "hi" }] }).to_string();
                let mut sent = 0;
                while !stop.load(Ordering::Relaxed) {
                    let answer = call(addr, "POST", "/m/v1/chat/completions", "content-type: application/json\r\n", body.as_bytes());
                    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
                    sent += 1;
                    std::thread::sleep(Duration::from_millis(5));
                }
                sent
            })
        })
        .collect();
    let (started, mut done, mut last) = (Instant::now(), 0, 1);
    for turn in 1..=RELOADS {
        if started.elapsed() > TIME {
            break;
        }
        let good = turn % 2 == 0;
        gateway.write_policy(&if good { policy(turn) } else { format!("{}action = \"twice\"\nbroken", policy(turn)) });
        let answer = call(gateway.admin, "POST", "/-/reload", "", b"");
        let generation = answer
            .split("\"generation\":")
            .nth(1)
            .and_then(|rest| rest.trim_end_matches(['}', '\n']).parse::<u64>().ok());
        match good {
            true => {
                let generation = generation.unwrap_or_else(|| panic!("a good file was refused: {answer}"));
                // the watcher may have seen the file first
                assert!(generation >= last, "{generation} after {last}");
                last = generation;
            }
            false => assert!(answer.starts_with("HTTP/1.1 422"), "a bad file was taken: {answer}"),
        }
        done = turn;
    }
    println!("{done} reloads under load in {:.1} s", started.elapsed().as_secs_f64());
    assert!(done >= LEAST, "{done} reloads in {TIME:?}");
    stop.store(true, Ordering::Relaxed);
    let sent: usize = callers.into_iter().map(|caller| caller.join().expect("no exchange failed")).sum();
    let records = gateway.records(sent);
    (sent, records)
}

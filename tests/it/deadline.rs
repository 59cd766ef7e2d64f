//! P7: scanning does a bounded amount of work. What is left is uninspected, in the receipt, and refused unless somebody said
//! otherwise; it is never clean.

use crate::judging::{LOG_ALL, REDACT_ALL, exchange, judge, request};
use portcullis::decode::Reason;
use portcullis::decode::framing::Framing;
use portcullis::detect::Scratch;
use portcullis::exchange::report::Report;
use portcullis::exchange::stream::{Flow, UpstreamEnd};
use portcullis::exchange::{Exchange, Judge, Work};
use serde_json::json;
use std::sync::Arc;

const PATH: &str = "/v1/chat/completions";

fn judge_with(work: Work, statements: &str) -> Arc<Judge> {
    let mut judge = judge(statements);
    Arc::get_mut(&mut judge).expect("nobody else has it yet").limits.work = work;
    judge
}

/// Work for nothing.
const NONE: Work = Work { per_byte: 0, least: 0 };

fn uninspected(report: &Report) -> u64 {
    let parts = report.receipt.uninspected.iter();
    parts.filter(|part| part.reason == Reason::Deadline).map(|part| part.bytes).sum()
}

fn open(report: &Report) -> Vec<bool> {
    report.faults.iter().filter(|f| (f.phase, f.fault) == ("scan", "deadline")).map(|f| f.open).collect()
}

fn body(text: &str) -> Vec<u8> {
    json!({ "model": "m", "messages": [{ "role": "user", "content": text }] }).to_string().into_bytes()
}

#[test]
fn p3_what_the_work_does_not_reach_is_uninspected_and_refused() {
    let text = "a plain question";
    let mut x = exchange(&judge_with(NONE, REDACT_ALL), "openai", PATH);
    let refused = request(&mut x, &body(text)).expect_err("nobody has read it");
    assert!(String::from_utf8_lossy(&refused).contains("content_policy_violation"));
    let receipt = &x.report.receipt;
    assert_eq!((receipt.inspected_bytes(), uninspected(&x.report)), (0, text.len() as u64));
    assert_eq!(receipt.uninspected[0].path, "messages[0].content");
    assert_eq!(open(&x.report), [false]);
}

#[test]
fn p5_it_passes_where_a_policy_says_so() {
    let mut x = exchange(&judge_with(NONE, LOG_ALL), "openai", PATH);
    assert_eq!(request(&mut x, &body("a plain question")), Ok(body("a plain question")));
    assert_eq!(open(&x.report), [true]);
}

#[test]
fn p3_each_byte_is_inspected_or_not() {
    let text = "4539 5787 6362 1486 and 1111 2222 3333 4444 ".repeat(200);
    for per_byte in [0, 1, 4, 1_000] {
        let mut x = exchange(&judge_with(Work { per_byte, least: 0 }, LOG_ALL), "openai", PATH);
        request(&mut x, &body(&text)).expect("it is only logged");
        assert_eq!(x.report.receipt.inspected_bytes() + uninspected(&x.report), text.len() as u64);
    }
}

/// The texts of a stream as events, judged; what left, and whether it goes on.
fn stream(x: &mut Exchange, texts: &[&str]) -> (String, Flow) {
    let mut guard = x.stream(Framing::Sse);
    let (mut scratch, mut out, mut flow) = (Scratch::default(), Vec::new(), Flow::Continue);
    for text in texts {
        let chunk = json!({ "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": null }] });
        flow = guard.push(x, format!("data: {chunk}\n\n").as_bytes(), &mut scratch, &mut out);
    }
    if flow == Flow::Continue {
        guard.push(x, b"data: [DONE]\n\n", &mut scratch, &mut out);
        guard.end(x, UpstreamEnd::Complete, &mut scratch, &mut out);
    }
    (String::from_utf8(out).expect("what leaves is text"), flow)
}

#[test]
fn p5_a_stream_that_nobody_may_read_on_is_ended_by_protocol() {
    let mut x = exchange(&judge_with(NONE, REDACT_ALL), "openai", PATH);
    let (out, flow) = stream(&mut x, &["one ", "two"]);
    assert_eq!(flow, Flow::End);
    assert!(!out.contains("one") && out.contains("content_filter") && out.ends_with("data: [DONE]\n\n"), "{out}");
    assert_eq!((x.report.receipt.inspected_bytes(), uninspected(&x.report)), (0, 4));
    assert_eq!(open(&x.report), [false]);
}

#[test]
fn p5_a_stream_goes_on_unread_where_a_policy_says_so() {
    let mut x = exchange(&judge_with(NONE, LOG_ALL), "openai", PATH);
    let (out, flow) = stream(&mut x, &["one ", "two ", "three"]);
    assert_eq!(flow, Flow::Continue);
    assert!(["one ", "two ", "three"].iter().all(|text| out.contains(text)), "{out}");
    assert_eq!((x.report.receipt.inspected_bytes(), uninspected(&x.report)), (0, 13));
    assert_eq!(open(&x.report), [true]);
}

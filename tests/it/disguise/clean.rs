//! Text that disguises nothing: what ships with the tests, recorded traffic, and generated tables, logs and lists.

use crate::random::Random;
use serde_json::Value;
use std::path::PathBuf;

/// Bytes of one text, about: a prompt.
const LENGTH: usize = 2000;

/// Every clean text, with the name of its source.
pub fn texts() -> Vec<(&'static str, String)> {
    let mut texts = Vec::new();
    texts.extend(pieces(include_str!("../../corpus/clean.txt")).map(|text| ("clean.txt", text)));
    for text in recorded() {
        texts.extend(pieces(&text).map(|text| ("recorded traffic", text)));
    }
    texts.extend(generated_texts());
    texts
}

/// Tables, logs and lists of every kind.
pub fn generated_texts() -> Vec<(&'static str, String)> {
    let mut random = Random(42);
    let mut texts = Vec::new();
    for (name, line) in LINES {
        texts.extend((0..150).map(|_| (*name, generated(*line, &mut random))));
    }
    texts
}

/// Whole lines, about as long as a prompt.
pub fn pieces(text: &str) -> impl Iterator<Item = String> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let cut = text_end(rest);
        let (piece, others) = rest.split_at(cut);
        rest = others;
        (!piece.is_empty()).then(|| piece.to_owned())
    })
}

fn text_end(text: &str) -> usize {
    let least = (0..=LENGTH.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text[least..].find('\n').map_or(text.len(), |line| least + line + 1)
}

/// Every string of recorded requests and answers; none without the recordings.
fn recorded() -> Vec<String> {
    let fixtures = std::env::var_os("PORTCULLIS_FIXTURES").map(PathBuf::from);
    let folder = fixtures.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures"));
    let mut texts = Vec::new();
    let Ok(files) = std::fs::read_dir(folder.join("cassettes")) else {
        println!("SKIPPED: recorded traffic because `PORTCULLIS_FIXTURES` names no folder with `cassettes`");
        return texts;
    };
    let mut paths: Vec<PathBuf> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|e| e == "jsonl")) {
        let file = std::fs::read_to_string(path).expect("a recording can be read");
        for line in file.lines() {
            let value: Value = serde_json::from_str(line).expect("a recording is JSON");
            for body in ["req", "resp"].iter().filter_map(|key| value[*key].as_str()) {
                match serde_json::from_str::<Value>(body) {
                    Ok(body) => strings(&body, &mut texts),
                    Err(_) => texts.push(body.to_owned()),
                }
            }
        }
    }
    texts
}

fn strings(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, texts)),
        Value::Object(fields) => fields.values().for_each(|field| strings(field, texts)),
        _ => {}
    }
}

type Line = fn(&mut Random, usize) -> String;

fn generated(line: Line, random: &mut Random) -> String {
    let (mut text, shape) = (String::new(), random.below(1000));
    while text.len() < LENGTH {
        text.push_str(&line(random, shape));
        text.push('\n');
    }
    text
}

fn figures(random: &mut Random, count: usize, low: usize, high: usize, gap: &str) -> String {
    let figures: Vec<String> = (0..count).map(|_| (low + random.below(high - low)).to_string()).collect();
    figures.join(gap)
}

fn date(random: &mut Random) -> String {
    format!("{}-{:02}-{:02}", 2019 + random.below(8), 1 + random.below(12), 1 + random.below(28))
}

fn time(random: &mut Random) -> String {
    format!("{:02}:{:02}:{:02}", random.below(24), random.below(60), random.below(60))
}

/// One line of each kind; the number is the same for all lines of a text.
const LINES: &[(&str, Line)] = &[
    ("CSV of integers", |r, shape| figures(r, 4 + shape % 9, 0, 10usize.pow(1 + (shape % 6) as u32), ",")),
    ("CSV of decimals", |r, shape| {
        let fields: Vec<String> =
            (0..4 + shape % 7).map(|_| format!("{}.{:02}", r.below(2000), r.below(100))).collect();
        fields.join(if shape % 2 == 0 { "," } else { ";" })
    }),
    ("CSV of orders", |r, _| {
        format!(
            "{},{},{},{}.{:02},{} {}",
            100_000 + r.below(900_000),
            date(r),
            r.below(50),
            r.below(900),
            r.below(100),
            date(r),
            time(r)
        )
    }),
    ("table, spaces", |r, shape| {
        let width = 3 + shape % 6;
        let cells: Vec<String> =
            (0..3 + shape % 8).map(|_| format!("{:>width$}", r.below(10usize.pow((width - 1) as u32)))).collect();
        cells.join(" ")
    }),
    ("table, tabs", |r, shape| figures(r, 3 + shape % 6, 10, 99_999, "\t")),
    ("table, Markdown", |r, shape| {
        format!("| {} |", figures(r, 3 + shape % 6, 1, 10usize.pow(1 + (shape % 5) as u32), " | "))
    }),
    ("table, HTML", |r, shape| format!("<tr><td>{}</td></tr>", figures(r, 3 + shape % 6, 1, 9999, "</td><td>"))),
    ("years", |r, _| {
        let first = 1990 + r.below(20);
        let years: Vec<String> = (first..first + 8).map(|y| y.to_string()).collect();
        format!("Year {}", years.join("  "))
    }),
    ("matrix of bits", |r, shape| figures(r, 8 + shape % 16, 0, 2, " ")),
    ("matrix of digits", |r, shape| figures(r, 6 + shape % 15, 0, 10, [" ", ", ", ","][shape % 3])),
    ("numbers in a text", |r, _| {
        format!(
            "The {} of {} shows {} in {} and {}, up from {}.",
            r.pick(&["report", "table", "study"]),
            2000 + r.below(26),
            figures(r, 3, 1, 5000, ", "),
            2000 + r.below(26),
            r.below(100),
            r.below(9000)
        )
    }),
    ("dates", |r, _| format!("{} {} {} {}", date(r), time(r), date(r), date(r))),
    ("European dates", |r, _| {
        format!(
            "{:02}.{:02}.{} / {:02}.{:02}.{}",
            1 + r.below(28),
            1 + r.below(12),
            2020 + r.below(6),
            1 + r.below(28),
            1 + r.below(12),
            2020 + r.below(6)
        )
    }),
    ("access log", |r, _| {
        format!(
            "10.{}.{}.{} - - [{}:{} +0000] \"GET /a/{} HTTP/1.1\" {} {} {}",
            r.below(256),
            r.below(256),
            r.below(256),
            date(r),
            time(r),
            r.below(100_000),
            200 + r.below(300),
            r.below(90_000),
            r.below(3000)
        )
    }),
    ("metrics log", |r, _| {
        format!(
            "{} {} cpu={} mem={} 1m={} 5m={} {} {}",
            date(r),
            time(r),
            r.below(100),
            r.below(100_000),
            r.below(10),
            r.below(10),
            r.below(1_000_000),
            r.below(1_000_000)
        )
    }),
    ("phone list", |r, _| format!("0{} {} {}", 30 + r.below(900), 100 + r.below(900), 1000 + r.below(90_000))),
    ("invoice", |r, _| {
        format!(
            "{} x {} {}.{:02} EUR, card payment {} {}",
            1 + r.below(9),
            r.pick(&["chair", "lamp", "desk"]),
            r.below(900),
            r.below(100),
            date(r),
            time(r)
        )
    }),
    ("versions", |r, _| {
        format!("{}.{}.{}-{}.{}.{}", r.below(20), r.below(40), r.below(40), r.below(20), r.below(40), r.below(40))
    }),
    ("coordinates", |r, _| {
        format!(
            "[{}.{:06}, {}.{:06}], [{}, {}]",
            r.below(90),
            r.below(1_000_000),
            r.below(180),
            r.below(1_000_000),
            r.below(4000),
            r.below(4000)
        )
    }),
    ("arrays", |r, shape| format!("x = [{}]", figures(r, 5 + shape % 20, 0, [10, 100, 1000, 65536][shape % 4], ", "))),
    ("hex dump", |r, _| {
        let bytes: Vec<String> = (0..16).map(|_| format!("{:02x}", r.below(256))).collect();
        format!("{:08x}  {}", r.below(1 << 30), bytes.join(" "))
    }),
    ("counting in words", |r, _| {
        let words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
        let first = r.below(5);
        format!(
            "So {} or {}, {} little birds.",
            words[first..first + 2 + r.below(4)].join(", "),
            r.pick(&words),
            r.pick(&words)
        )
    }),
    ("lottery", |r, _| format!("{} | {}", figures(r, 6, 1, 50, " - "), r.below(10))),
    ("scores", |r, _| {
        format!("{}:{} ({}:{}, {}:{})", r.below(7), r.below(7), r.below(7), r.below(7), r.below(7), r.below(7))
    }),
    ("list of numbers", |r, shape| (r.below(10usize.pow(3 + (shape % 6) as u32))).to_string()),
    ("accounts", |r, _| {
        format!(
            "Account {} {} {}: {}.{:02}",
            r.below(100),
            r.below(1000),
            r.below(10_000),
            r.below(10_000),
            r.below(100)
        )
    }),
];

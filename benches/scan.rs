//! Speed of the scan engine with every rule that ships: `cargo bench --bench scan`.
//!
//! Texts are generated from fixed seeds, so that figures compare between versions. Times are the best of several passes on
//! one thread; allocations are counted over a pass in steady state.

use portcullis::detect::{Engine, RuleSet, Scratch, StreamScanner};
use portcullis::diagnostic::Problems;
use portcullis::pack::Library;
use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n
    }
    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }
}

const WORDS: &str = "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one \
    you were all her she there would their we him been has when who will no more if out so up said what its about than into them can only \
    other time new some could these two may first then do any like my now over such our man me even most made after also did many off before \
    must well back through years where much your way down should because long each just state those people too how little good world make very \
    year still see own work men day get here old between both life being under three never know same last another while us might great go come \
    since against right came take used himself few house use place during high without again home around small however found mrs part school \
    thought went say general once upon every left war does got united number course until always away something fact water less public put think \
    almost hand enough far took head yet government system better set told nothing night end called didn eyes asked later knew point next city \
    business give group toward days young let room within side social given several order national second possible rather per face among form \
    important often things looked early white case become large big need four felt along god saw best church ever least power development light \
    seemed thing family interest want members others mind country area done turned although open service certain kind problem began different door";

fn prose(random: &mut Random, length: usize) -> String {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut text = String::new();
    while text.len() < length {
        for i in 0..8 + random.below(12) {
            let word = random.pick(&words);
            if i == 0 {
                text.push_str(&word[..1].to_uppercase());
                text.push_str(&word[1..]);
            } else {
                text.push(' ');
                text.push_str(word);
            }
            match random.below(60) {
                0 => text.push_str(&format!(" {}", 1900 + random.below(130))),
                1 => text.push_str(&format!(" {}", random.below(100))),
                2..6 => text.push(','),
                _ => {}
            }
        }
        text.push_str(if random.below(6) == 0 { ".\n\n" } else { ". " });
    }
    text.truncate(length);
    text
}

fn csv(random: &mut Random, length: usize) -> String {
    let mut text = String::from("id,time,address,amount,status,token\n");
    while text.len() < length {
        text.push_str(&format!(
            "{},2026-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z,10.{}.{}.{},{}.{:02},{},{:016x}\n",
            10_000_000 + random.below(89_999_999),
            1 + random.below(12),
            1 + random.below(28),
            random.below(24),
            random.below(60),
            random.below(60),
            random.below(1000),
            random.below(256),
            random.below(256),
            random.below(256),
            random.below(10_000),
            random.below(100),
            200 + random.below(300),
            random.0,
        ));
    }
    text.truncate(length);
    text
}

fn code(random: &mut Random, length: usize) -> String {
    const LINES: &[&str] = &[
        "    let mut total = items.iter().map(|item| item.price * item.count).sum::<u64>();\n",
        "    if (err != nil) { return fmt.Errorf(\"cannot open %s: %w\", path, err) }\n",
        "def handle_request(self, request: HttpRequest, *, timeout: float = 30.0) -> Response:\n",
        "        assert response.status_code == 200, response.text\n",
        "#include <vector>\n#include \"engine/scanner.h\"\n",
        "const token = await fetchToken(config.clientId, { scope: 'read:all' });\n",
        "// See https://example.com/docs/reference#limits for the reason of this constant.\n",
        "pub const MAX_RETRIES: usize = 5;\n",
        "    SELECT user_id, COUNT(*) FROM events WHERE created_at > NOW() - INTERVAL '7 days' GROUP BY 1;\n",
        "        self.cache.insert((key, version), Entry { value: value.clone(), expires_at: now + TTL });\n",
        "commit 3f2a9c1d5e7b8a90\n",
        "}\n\n",
    ];
    let mut text = String::new();
    while text.len() < length {
        text.push_str(random.pick(LINES));
    }
    text.truncate(length);
    text
}

fn cjk(random: &mut Random, length: usize) -> String {
    const PARTS: &[&str] = &[
        "我们",
        "今天",
        "公司",
        "会议",
        "讨论",
        "了",
        "新的",
        "项目",
        "计划",
        "，",
        "。",
        "需要",
        "在",
        "下周",
        "完成",
        "报告",
        "市场",
        "客户",
        "システム",
        "の",
        "設計",
        "について",
        "確認",
        "してください",
        "。",
        "これは",
        "テスト",
        "です",
        "우리는",
        " ",
        "내일",
        " ",
        "회의를",
        "합니다",
        ". ",
    ];
    let mut text = String::new();
    while text.len() < length {
        text.push_str(random.pick(PARTS));
    }
    while !text.is_char_boundary(length) || text.len() > length {
        text.pop();
        if text.len() < length {
            break;
        }
    }
    text
}

/// The best time of a pass.
fn best(mut pass: impl FnMut()) -> Duration {
    let (begin, mut best) = (Instant::now(), Duration::MAX);
    while begin.elapsed() < Duration::from_millis(400) {
        let start = Instant::now();
        pass();
        best = best.min(start.elapsed());
    }
    best
}

/// With an argument, only texts of that name are scanned, which is what a profile wants.
fn main() {
    let only = std::env::args().skip(1).find(|a| !a.starts_with("--"));
    let library = Library::read(&Library::embedded_sources(), &mut Problems::default());
    let rules: Vec<_> = library.rules().cloned().collect();
    let begin = Instant::now();
    let engine = Arc::new(Engine::compile(rules).unwrap_or_else(|e| panic!("{e:?}")));
    println!(
        "{} rules compiled in {:.0} ms, {:.2} MiB",
        engine.rules().len(),
        begin.elapsed().as_secs_f64() * 1e3,
        engine.memory() as f64 / (1 << 20) as f64
    );
    let active = Arc::new(RuleSet::all(engine.rules().len()));
    let mut scratch = Scratch::default();
    let mut findings = Vec::new();
    let mut random = Random(0x2545_F491_4F6C_DD1D);

    println!(
        "\n{:<8}{:>10}{:>12}{:>12}{:>12}{:>10}{:>10}",
        "text", "bytes", "MB/s", "us", "findings", "allocs", "first us"
    );
    type Generator = fn(&mut Random, usize) -> String;
    let kinds: [(&str, Generator); 4] = [("prose", prose), ("code", code), ("csv", csv), ("cjk", cjk)];
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    for (name, generate) in kinds.into_iter().filter(|(name, _)| wanted(name)) {
        for length in [1 << 10, 16 << 10, 1 << 20] {
            let text = generate(&mut random, length);
            let mut cold = Scratch::default();
            let begin = Instant::now();
            engine.scan(&text, &active, &mut cold, &mut findings);
            let first = begin.elapsed();
            let mut pass = || {
                findings.clear();
                engine.scan(black_box(&text), &active, &mut scratch, &mut findings);
            };
            let time = best(&mut pass);
            let before = ALLOCATIONS.load(Ordering::Relaxed);
            pass();
            let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
            println!(
                "{name:<8}{:>10}{:>12.0}{:>12.1}{:>12}{allocations:>10}{:>10.0}",
                text.len(),
                text.len() as f64 / time.as_secs_f64() / 1e6,
                time.as_secs_f64() * 1e6,
                findings.len(),
                first.as_secs_f64() * 1e6,
            );
        }
    }

    println!("\n{:<8}{:>8}{:>14}{:>14}{:>14}", "stream", "delta", "ns per delta", "mean held", "most held");
    for (name, generate) in kinds.into_iter().filter(|(name, _)| only.is_none() && wanted(name)) {
        for size in [4, 16, 64] {
            let text = generate(&mut random, 64 << 10);
            let mut pieces = Vec::new();
            let mut rest = text.as_str();
            while !rest.is_empty() {
                let end = (size..rest.len()).find(|i| rest.is_char_boundary(*i)).unwrap_or(rest.len());
                let (piece, tail) = rest.split_at(end);
                pieces.push(piece);
                rest = tail;
            }
            let (mut held, mut most) = (0, 0);
            let time = best(|| {
                findings.clear();
                (held, most) = (0, 0);
                let mut scanner = StreamScanner::new(engine.clone(), active.clone());
                for piece in &pieces {
                    scanner.push(black_box(piece), &mut scratch, &mut findings);
                    held += scanner.held();
                    most = most.max(scanner.held());
                }
                scanner.finish(&mut scratch, &mut findings);
            });
            println!(
                "{name:<8}{size:>8}{:>14.0}{:>14.1}{most:>14}",
                time.as_secs_f64() * 1e9 / pieces.len() as f64,
                held as f64 / pieces.len() as f64
            );
        }
    }

    println!("\n{:<28}{:>12}", "hostile text (64 KiB)", "MB/s");
    for unit in [
        "7",
        "@",
        "a",
        "A",
        "1 ",
        "12-",
        "a@",
        "a.",
        "4111 1111 ",
        "secret",
        "sk-",
        "0x",
        "AB12",
        "市",
        "é",
        " \n",
        "A1 ",
    ] {
        if only.is_some() {
            break;
        }
        let text = unit.repeat((64 << 10) / unit.len());
        let time = best(|| {
            findings.clear();
            engine.scan(black_box(&text), &active, &mut scratch, &mut findings);
        });
        println!("{:<28}{:>12.1}", format!("{unit:?}"), text.len() as f64 / time.as_secs_f64() / 1e6);
    }
}

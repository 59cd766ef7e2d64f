//! On the examples of every rule, at depth one to three; [`disguised_values_are_found`] prints the table.

use super::READING;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use portcullis::detect::{Finding, Scratch};
use portcullis::pack::Confidence;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::LazyLock;

fn scan(text: &str) -> Vec<Finding> {
    super::scan(&READING, text, &mut Scratch::default())
}

/// One way to disguise a text.
struct Transform {
    name: &'static str,
    apply: fn(&str) -> String,
    /// What must be found of identifiers: 0.99 for other characters, 0.97 for encodings.
    goal: f64,
}

const TRANSFORMS: &[Transform] = &[
    Transform { name: "full-width", apply: |t| ascii(t, |c| char::from_u32(c as u32 + 0xFEE0)), goal: 0.99 },
    Transform { name: "mathematical", apply: mathematical, goal: 0.99 },
    Transform { name: "arabic digits", apply: |t| digits(t, 0x660), goal: 0.99 },
    Transform { name: "devanagari digits", apply: |t| digits(t, 0x966), goal: 0.99 },
    Transform { name: "zero-width", apply: |t| between(t, "\u{200B}"), goal: 0.99 },
    Transform { name: "soft hyphens", apply: |t| between(t, "\u{AD}"), goal: 0.99 },
    Transform { name: "bidi controls", apply: |t| between(t, "\u{202E}\u{202C}"), goal: 0.99 },
    Transform { name: "variation selectors", apply: |t| between(t, "\u{FE0F}"), goal: 0.99 },
    Transform { name: "tags", apply: |t| ascii(t, |c| char::from_u32(c as u32 + 0xE0000)), goal: 0.99 },
    Transform { name: "combining marks", apply: marks, goal: 0.99 },
    Transform { name: "dashes", apply: |t| t.replace('-', "\u{2013}").replace(' ', "\u{A0}"), goal: 0.99 },
    Transform { name: "look-alikes", apply: lookalikes, goal: 0.99 },
    Transform { name: "percent", apply: |t| bytes(t, |b| format!("%{b:02X}")), goal: 0.97 },
    Transform { name: "entities, decimal", apply: |t| chars(t, |c| format!("&#{};", c as u32)), goal: 0.97 },
    Transform { name: "entities, hexadecimal", apply: |t| chars(t, |c| format!("&#x{:x};", c as u32)), goal: 0.97 },
    Transform { name: "\\u escapes", apply: |t| utf16(t, |u| format!("\\u{u:04x}")), goal: 0.97 },
    Transform { name: "\\x escapes", apply: |t| bytes(t, |b| format!("\\x{b:02x}")), goal: 0.97 },
    Transform { name: "quoted-printable", apply: |t| bytes(t, |b| format!("={b:02X}")), goal: 0.97 },
    Transform { name: "base64", apply: |t| base64(t.as_bytes(), STANDARD, true), goal: 0.97 },
    Transform { name: "base64, no padding", apply: |t| base64(t.as_bytes(), STANDARD, false), goal: 0.97 },
    Transform { name: "base64url", apply: |t| base64(t.as_bytes(), URL, false), goal: 0.97 },
    Transform { name: "base64, lines of 20", apply: |t| lines(&base64(t.as_bytes(), STANDARD, true), 20), goal: 0.97 },
    Transform { name: "hexadecimal", apply: |t| bytes(t, |b| format!("{b:02x}")), goal: 0.97 },
    Transform { name: "0x", apply: |t| format!("0x{}", bytes(t, |b| format!("{b:02X}"))), goal: 0.97 },
    Transform {
        name: "hexadecimal, pairs",
        apply: |t| bytes(t, |b| format!("{b:02x} ")).trim_end().to_owned(),
        goal: 0.97,
    },
    Transform { name: "gzip in base64", apply: gzip, goal: 0.97 },
    Transform { name: "zlib in base64", apply: zlib, goal: 0.97 },
];

fn chars(text: &str, each: impl Fn(char) -> String) -> String {
    text.chars().map(each).collect()
}

fn bytes(text: &str, each: impl Fn(u8) -> String) -> String {
    text.bytes().map(each).collect()
}

fn utf16(text: &str, each: impl Fn(u16) -> String) -> String {
    text.encode_utf16().map(each).collect()
}

/// Every printing ASCII character as another.
fn ascii(text: &str, as_what: impl Fn(char) -> Option<char>) -> String {
    text.chars().map(|c| if c.is_ascii_graphic() { as_what(c).unwrap_or(c) } else { c }).collect()
}

fn mathematical(text: &str) -> String {
    let letter = |c: char| match c {
        'A'..='Z' => char::from_u32(c as u32 - 'A' as u32 + 0x1D400),
        'a'..='z' => char::from_u32(c as u32 - 'a' as u32 + 0x1D41A),
        '0'..='9' => char::from_u32(c as u32 - '0' as u32 + 0x1D7CE),
        _ => None,
    };
    ascii(text, letter)
}

fn digits(text: &str, zero: u32) -> String {
    ascii(text, |c| c.to_digit(10).and_then(|digit| char::from_u32(zero + digit)))
}

fn between(text: &str, what: &str) -> String {
    let each: Vec<String> = text.chars().map(String::from).collect();
    each.join(what)
}

fn marks(text: &str) -> String {
    chars(text, |c| if c.is_ascii_alphanumeric() { format!("{c}\u{301}") } else { c.into() })
}

/// Some Latin letters of each word as Cyrillic ones.
fn lookalikes(text: &str) -> String {
    let mut latin = 0;
    let word = |c: char| {
        let other = match c {
            'a' => 'а',
            'c' => 'с',
            'e' => 'е',
            'o' => 'о',
            'p' => 'р',
            'x' => 'х',
            'y' => 'у',
            'A' => 'А',
            'B' => 'В',
            'C' => 'С',
            'E' => 'Е',
            'H' => 'Н',
            'K' => 'К',
            'M' => 'М',
            'O' => 'О',
            'P' => 'Р',
            'T' => 'Т',
            'X' => 'Х',
            _ => c,
        };
        latin = if c.is_ascii_alphabetic() && (other == c || latin == 0) {
            latin + 1
        } else if c.is_ascii_alphanumeric() {
            latin
        } else {
            0
        };
        if latin > 1 { other } else { c }
    };
    text.chars().map(word).collect()
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn base64(bytes: &[u8], alphabet: &[u8; 64], padding: bool) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let packed = chunk.iter().fold(0u32, |packed, b| packed << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            if at <= chunk.len() {
                out.push(char::from(alphabet[(packed >> (18 - 6 * at)) as usize & 63]));
            } else if padding {
                out.push('=');
            }
        }
    }
    out
}

fn lines(text: &str, width: usize) -> String {
    let lines: Vec<&str> = text.as_bytes().chunks(width).map(|l| std::str::from_utf8(l).expect("ASCII")).collect();
    lines.join("\r\n")
}

fn gzip(text: &str) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory takes all");
    base64(&encoder.finish().expect("memory takes all"), STANDARD, true)
}

fn zlib(text: &str) -> String {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory takes all");
    base64(&encoder.finish().expect("memory takes all"), STANDARD, true)
}

/// A value in the example of its rule.
struct Specimen {
    rule: u32,
    before: String,
    value: String,
    after: String,
}

/// One value of each rule, if all of it is ASCII.
static SPECIMENS: LazyLock<Vec<Specimen>> = LazyLock::new(|| {
    let mut specimens = Vec::new();
    for (index, rule) in READING.rules().iter().enumerate() {
        for text in &rule.examples {
            let found = scan(text).into_iter().find(|f| f.rule as usize == index && f.disguise.is_none());
            if let Some(Finding { rule, span, .. }) = found
                && text[span.clone()].is_ascii()
            {
                let (before, after) = (text[..span.start].to_owned(), text[span.end..].to_owned());
                specimens.push(Specimen { rule, before, value: text[span].to_owned(), after });
                break;
            }
        }
    }
    specimens
});

/// Whether the rule finds the value; panics where its span is not that of what carries it.
fn is_found(specimen: &Specimen, text: &str, carrier: std::ops::Range<usize>) -> bool {
    let rule = specimen.rule as usize;
    let value = READING.canonical(rule, &specimen.value).to_lowercase();
    let found = scan(text);
    let same = |f: &Finding, text: &str| {
        f.rule == specimen.rule && READING.canonical(rule, f.value(text)).to_lowercase() == value
    };
    let Some(finding) = found.iter().find(|f| same(f, text)) else {
        // A rule that takes anything behind `password =` takes the disguise as well.
        return found.iter().any(|f| f.span.start <= carrier.start && carrier.end <= f.span.end);
    };
    assert!(text.is_char_boundary(finding.span.start) && text.is_char_boundary(finding.span.end));
    let (start, end) = (finding.span.start, finding.span.end);
    assert!(carrier.start <= start && end <= carrier.end, "{start}..{end} is not in {carrier:?} of {text:?}");
    // What is left without the span says nothing of the value any more.
    let left = format!("{}[X]{}", &text[..start], &text[end..]);
    let again = scan(&left).iter().any(|f| same(f, &left));
    assert!(
        !again || format!("{}{}", specimen.before, specimen.after).contains(&specimen.value),
        "{text:?} → {left:?}"
    );
    true
}

/// Builds without optimisation are slow: each looks at every so-manieth case.
const STEP: usize = if cfg!(debug_assertions) { 8 } else { 1 };

/// Found of all, with the value alone disguised, `depth` times.
fn found(transform: &Transform, depth: usize) -> (usize, usize, Vec<String>) {
    let (mut hits, mut all, mut missed) = (0, 0, Vec::new());
    for specimen in SPECIMENS.iter().skip(transform.name.len() % STEP).step_by(STEP) {
        // Shorter than what tells an encoded run from a word, or part of one.
        let in_word = specimen.before.ends_with(char::is_alphanumeric)
            || specimen.after.starts_with(|c: char| c.is_alphanumeric() || "+/-_=%".contains(c));
        if transform.goal < 0.98 && (specimen.value.len() < 8 || in_word) {
            continue;
        }
        all += 1;
        let Specimen { before, value, after, .. } = specimen;
        let disguised = (0..depth).fold(value.clone(), |text, _| (transform.apply)(&text));
        let text = format!("{before}{disguised}{after}");
        if is_found(specimen, &text, before.len()..before.len() + disguised.len()) {
            hits += 1;
        } else {
            missed.push(format!("{}: {text}", READING.rules()[specimen.rule as usize].id));
        }
    }
    (hits, all, missed)
}

#[test]
fn disguised_values_are_found() {
    let mut short = Vec::new();
    println!("{:<24} {:>7} {:>7} {:>7}", "", "depth 1", "depth 2", "depth 3");
    for transform in TRANSFORMS {
        let mut row = format!("{:<24}", transform.name);
        // Characters that stand for others do so once; what encodes text encodes code too.
        for depth in 1..=if transform.goal < 0.98 { 3 } else { 1 } {
            let (hits, all, missed) = found(transform, depth);
            let share = hits as f64 / all as f64;
            row += &format!(" {:>6.1}%", 100.0 * share);
            if depth < 3 && share < transform.goal {
                short.push(format!("{} at depth {depth}:\n  {}", transform.name, missed.join("\n  ")));
            }
        }
        println!("{row}");
    }
    assert!(short.is_empty(), "below its goal: {}", short.join("\n"));
}

#[test]
fn disguises_of_clean_text_add_nothing() {
    let text = include_str!("../../corpus/clean.txt");
    // That there is text which nobody sees is an attack, whatever it says.
    let values = |f: &&Finding| READING.rules()[f.rule as usize].category != "prompt_attack";
    let loud = |text: &str| scan(text).iter().filter(values).filter(|f| f.confidence >= Confidence::Medium).count();
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).step_by(4 * STEP).collect();
    let plain: usize = lines.iter().map(|line| loud(line)).sum();
    for transform in TRANSFORMS {
        let disguised: usize = lines.iter().map(|line| loud(&(transform.apply)(line))).sum();
        let added = disguised.saturating_sub(plain) as f64 / lines.len() as f64;
        let loudest = || lines.iter().find(|line| loud(line) < loud(&(transform.apply)(line)));
        assert!(added <= 0.002, "{}: {disguised} findings, {plain} without; {:?}", transform.name, loudest());
    }
}

#[test]
fn other_scripts_stay_what_they_are() {
    let texts = [
        "Комитет собрался дождливым утром и прошёл по списку вопросов: USB-кабель, Wi-Fi, 5а и 10х15, №5.",
        "Η επιτροπή συνεδρίασε και εξέτασε τον κατάλογο των ερωτημάτων: α, β, γ· το WiFi ήταν αργό.",
        "委员会开会讨论了（第三季度的）预算，结果如下：一切照旧。",
        "الاجتماع في الساعة ١٠ صباحا",
    ];
    for text in texts {
        assert_eq!(scan(text), [], "{text}");
    }
}

/// Text made of signs of disguises: what is read of it is bounded.
#[test]
fn p7_hostile_disguises_are_bounded() {
    let bomb = gzip(&"4111 1111 1111 1111 ".repeat(1 << 18));
    let nested = (0..6).fold("key".repeat(2000), |text, _| base64(text.as_bytes(), STANDARD, true));
    let units = [
        "%",
        "%25",
        "&",
        "&#",
        "&amp;",
        "\\",
        "\\n",
        "=",
        "=\n",
        "=3D",
        "A",
        "QUFB",
        "QUFB/",
        "41",
        "41 ",
        "0x41",
        "４",
        "е",
        "aе",
        "\u{301}",
        "\u{200B}a",
        "eJ",
        "H4sI",
    ];
    let mut texts: Vec<String> = units.iter().map(|unit| unit.repeat((16 << 10) / unit.len())).collect();
    texts.extend([bomb, nested]);
    for text in &texts {
        let mut found = Vec::new();
        let inspected = READING.scan(text, &READING.all(), &mut Scratch::default(), &mut found);
        assert!(inspected <= text.len());
        assert!(found.iter().all(|f| text.get(f.span.clone()).is_some()));
    }
}

/// Every layer that is undone has a name, outermost first.
#[test]
fn layers_are_told_outermost_first() {
    let card = "4539 5787 6362 1486";
    let layers = |text: &str| -> BTreeMap<String, Vec<&'static str>> {
        let found = scan(text).into_iter();
        found
            .filter_map(|f| f.disguise.map(|d| (READING.rules()[f.rule as usize].id.clone(), d.layers.clone())))
            .collect()
    };
    let once = base64(card.as_bytes(), STANDARD, true);
    assert_eq!(layers(&format!("card {once}")).get("credit_card"), Some(&vec!["base64"]));
    let twice = bytes(&once, |b| format!("%{b:02X}"));
    assert_eq!(layers(&format!("card {twice}")).get("credit_card"), Some(&vec!["percent", "base64"]));
}

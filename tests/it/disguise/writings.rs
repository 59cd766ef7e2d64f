//! Disguises: the ways in which people and programs write a value so that it does not show. Written plainly, and apart from
//! what the product reads them with.

use crate::random::Random;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use std::io::Write;

/// What a way of writing is, for the goals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Characters that look or read like others.
    Form,
    /// Digits apart, in lines or cells, or in words.
    Apart,
    Encoding,
}

pub struct Writing {
    pub name: &'static str,
    pub class: Class,
    /// The value as written; `None` if it cannot be written so.
    pub write: fn(&str, &mut Random) -> Option<String>,
}

const fn writing(name: &'static str, class: Class, write: fn(&str, &mut Random) -> Option<String>) -> Writing {
    Writing { name, class, write }
}

use Class::{Apart, Encoding, Form};

pub const WRITINGS: &[Writing] = &[
    writing("full-width", Form, |v, _| Some(each(v, |c| shift(c, '!'..='~', '！')))),
    writing("Arabic-Indic digits", Form, |v, _| digits_only(v).then(|| each(v, |c| shift(c, '0'..='9', '٠')))),
    writing("Devanagari digits", Form, |v, _| digits_only(v).then(|| each(v, |c| shift(c, '0'..='9', '०')))),
    writing("mathematical digits", Form, |v, _| Some(each(v, |c| shift(c, '0'..='9', '𝟎')))),
    writing("zero-width spaces", Form, |v, _| Some(between(v, "\u{200B}"))),
    writing("zero-width joiners", Form, |v, _| Some(every(v, 3, "\u{200D}"))),
    writing("soft hyphens", Form, |v, _| Some(every(v, 4, "\u{AD}"))),
    writing("word joiners", Form, |v, _| Some(every(v, 2, "\u{2060}"))),
    writing("bidi controls", Form, |v, _| Some(format!("{}\u{202D}{}\u{202C}", &v[..2], &v[2..]))),
    writing("combining marks", Form, |v, _| {
        Some(v.chars().flat_map(|c| [Some(c), c.is_alphanumeric().then_some('\u{301}')]).flatten().collect())
    }),
    writing("variation selectors", Form, |v, _| Some(between(v, "\u{FE0F}"))),
    writing("tag characters", Form, |v, _| Some(each(v, |c| char::from_u32(0xE0000 + c as u32)))),
    writing("no-break spaces", Form, |v, _| number(v).then(|| grouped(v, "\u{A0}"))),
    writing("thin spaces", Form, |v, _| number(v).then(|| grouped(v, "\u{2009}"))),
    writing("en dashes", Form, |v, _| number(v).then(|| grouped(v, "–"))),
    writing("look-alike letters", Form, |v, _| {
        let alike = |c| match c {
            'a' => 'а',
            'e' => 'е',
            'o' => 'о',
            'p' => 'р',
            'c' => 'с',
            other => other,
        };
        let written: String = v.chars().map(alike).collect();
        (written != v).then_some(written)
    }),
    // ---
    writing("single spaces", Apart, |v, _| number(v).then(|| between(v, " "))),
    writing("single dots", Apart, |v, _| number(v).then(|| between(v, "."))),
    writing("single hyphens", Apart, |v, _| number(v).then(|| between(v, "-"))),
    writing("single slashes", Apart, |v, _| number(v).then(|| between(v, "/"))),
    writing("single commas", Apart, |v, _| number(v).then(|| between(v, ", "))),
    writing("single underscores", Apart, |v, _| number(v).then(|| between(v, "_"))),
    writing("spaced hyphens between digits", Apart, |v, _| number(v).then(|| between(v, " - "))),
    writing("digits in brackets", Apart, |v, _| number(v).then(|| format!("[{}]", between(v, "][")))),
    writing("double spaces", Apart, |v, _| number(v).then(|| grouped(v, "  "))),
    writing("spaced hyphens", Apart, |v, _| number(v).then(|| grouped(v, " - "))),
    writing("pairs with hyphens", Apart, |v, _| number(v).then(|| every(v, 2, "-"))),
    writing("pairs with dots", Apart, |v, _| number(v).then(|| every(v, 2, "."))),
    writing("pairs with slashes", Apart, |v, _| number(v).then(|| every(v, 2, " / "))),
    writing("odd groups", Apart, |v, random| {
        let size = 1 + random.below(3);
        number(v).then(|| odd(v, size, " "))
    }),
    writing("odd groups with hyphens", Apart, |v, random| {
        let size = 1 + random.below(3);
        number(v).then(|| odd(v, size, "-"))
    }),
    writing("over two lines", Apart, |v, _| number(v).then(|| halves(v, "\n"))),
    writing("over two lines, indented", Apart, |v, _| number(v).then(|| halves(v, "\n    "))),
    writing("over two lines, quoted", Apart, |v, _| number(v).then(|| halves(v, "\n> "))),
    writing("over two lines, hyphen", Apart, |v, _| number(v).then(|| halves(v, "-\n"))),
    writing("groups over lines", Apart, |v, _| number(v).then(|| grouped(v, "\n"))),
    writing("groups in a list", Apart, |v, _| number(v).then(|| grouped(v, "\n- "))),
    writing("grouped and broken", Apart, |v, _| number(v).then(|| halves(&grouped(v, " "), "\n"))),
    writing("bold groups", Apart, |v, _| number(v).then(|| format!("**{}**", grouped(v, "** **")))),
    writing("bold first group", Apart, |v, _| {
        number(v).then(|| format!("**{}", grouped(v, " ").replacen(' ', "** ", 1)))
    }),
    writing("code groups", Apart, |v, _| number(v).then(|| format!("`{}`", grouped(v, "``")))),
    writing("cells", Apart, |v, _| number(v).then(|| format!("| {} |", grouped(v, " | ")))),
    writing("single cells", Apart, |v, _| number(v).then(|| format!("|{}|", between(v, "|")))),
    writing("tabs", Apart, |v, _| number(v).then(|| grouped(v, "\t"))),
    writing("HTML cells", Apart, |v, _| number(v).then(|| format!("<td>{}</td>", grouped(v, "</td><td>")))),
    writing("HTML cells in lines", Apart, |v, _| {
        number(v).then(|| format!("<td>{}</td>", grouped(v, "</td>\n  <td>")))
    }),
    writing("HTML breaks", Apart, |v, _| number(v).then(|| grouped(v, "<br>"))),
    writing("HTML bold", Apart, |v, _| number(v).then(|| format!("<b>{}</b>", grouped(v, "</b><b>")))),
    writing("words, English", Apart, |v, _| words(v, " ", &ENGLISH)),
    writing("words, German", Apart, |v, _| words(v, " ", &GERMAN)),
    writing("words, French", Apart, |v, _| words(v, ", ", &FRENCH)),
    writing("words, Spanish", Apart, |v, _| words(v, "-", &SPANISH)),
    writing("words, Chinese", Apart, |v, _| words(v, "", &CHINESE)),
    writing("words, formal Chinese", Apart, |v, _| words(v, "", &FORMAL)),
    writing("words, capitals", Apart, |v, _| words(v, " ", &ENGLISH).map(|said| said.to_uppercase())),
    writing("words over lines", Apart, |v, _| words(v, "\n", &ENGLISH)),
    writing("words and figures", Apart, |v, random| {
        let said = words(v, " ", &ENGLISH)?;
        let mixed = said.split(' ').map(|word| {
            let digit = ENGLISH.iter().position(|known| *known == word);
            match digit {
                Some(digit) if random.below(3) == 0 => digit.to_string(),
                _ => word.to_owned(),
            }
        });
        Some(mixed.collect::<Vec<_>>().join(" "))
    }),
    writing("words with dashes said", Apart, |v, _| {
        digits_only(v).then(|| {
            grouped(v, "-")
                .chars()
                .map(|c| c.to_digit(10).map_or("dash", |d| ENGLISH[d as usize]))
                .collect::<Vec<_>>()
                .join(" ")
        })
    }),
    writing("doubles", Apart, |v, _| doubles(v)),
    writing("pairs in words, English", Apart, |v, _| pairs(v, english)),
    writing("pairs in words, German", Apart, |v, _| pairs(v, german)),
    writing("pairs in words, French", Apart, |v, _| pairs(v, french)),
    writing("pairs in words, Spanish", Apart, |v, _| pairs(v, spanish)),
    // ---
    writing("base64", Encoding, |v, _| Some(BASE64_STANDARD.encode(v))),
    writing("base64url", Encoding, |v, _| Some(BASE64_URL_SAFE_NO_PAD.encode(v))),
    writing("hex", Encoding, |v, _| Some(bytes(v, |b| format!("{b:02x}")))),
    writing("percent", Encoding, |v, _| Some(bytes(v, |b| format!("%{b:02X}")))),
    writing("decimal entities", Encoding, |v, _| Some(v.chars().map(|c| format!("&#{};", c as u32)).collect())),
    writing("hex entities", Encoding, |v, _| Some(v.chars().map(|c| format!("&#x{:x};", c as u32)).collect())),
    writing("JSON escapes", Encoding, |v, _| Some(v.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect())),
    writing("hex escapes", Encoding, |v, _| Some(bytes(v, |b| format!("\\x{b:02x}")))),
    writing("quoted-printable", Encoding, |v, _| Some(bytes(v, |b| format!("={b:02X}")))),
    writing("gzip in base64", Encoding, |v, _| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(v.as_bytes()).and_then(|()| packed.finish()).ok().map(|packed| BASE64_STANDARD.encode(packed))
    }),
];

const ENGLISH: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const GERMAN: [&str; 10] = ["null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"];
const FRENCH: [&str; 10] = ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"];
const SPANISH: [&str; 10] = ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"];
const CHINESE: [&str; 10] = ["〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
const FORMAL: [&str; 10] = ["零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"];

fn digits_only(value: &str) -> bool {
    value.bytes().all(|b| b.is_ascii_digit())
}

/// Digits with a few capital letters, perhaps with a sign.
fn number(value: &str) -> bool {
    value.trim_start_matches('+').bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

fn each(value: &str, as_written: impl Fn(char) -> Option<char>) -> String {
    value.chars().map(|c| as_written(c).unwrap_or(c)).collect()
}

fn shift(c: char, range: std::ops::RangeInclusive<char>, to: char) -> Option<char> {
    if range.contains(&c) { char::from_u32(to as u32 + c as u32 - *range.start() as u32) } else { None }
}

fn bytes(value: &str, as_written: impl Fn(u8) -> String) -> String {
    value.bytes().map(as_written).collect()
}

fn between(value: &str, gap: &str) -> String {
    every(value, 1, gap)
}

fn every(value: &str, size: usize, gap: &str) -> String {
    let chars: Vec<char> = value.chars().collect();
    let groups: Vec<String> = chars.chunks(size).map(|group| group.iter().collect()).collect();
    groups.join(gap)
}

/// In the groups in which such numbers are written.
fn grouped(value: &str, gap: &str) -> String {
    let sizes: &[usize] = match value.len() {
        9 => &[3, 2, 4],
        _ if value.starts_with('+') => &[3, 3, 4, 4],
        _ => return every(value, 4, gap),
    };
    let mut rest = value;
    let groups = sizes.iter().map(|size| {
        let (group, others) = rest.split_at(*size.min(&rest.len()));
        rest = others;
        group
    });
    groups.filter(|group| !group.is_empty()).collect::<Vec<_>>().join(gap)
}

/// Groups of `first`, one more, one more and again.
fn odd(value: &str, first: usize, gap: &str) -> String {
    let (mut rest, mut groups, mut size) = (value, Vec::new(), first);
    while !rest.is_empty() {
        let (group, others) = rest.split_at(size.min(rest.len()));
        groups.push(group);
        rest = others;
        size = if size == 3 { 1 } else { size + 1 };
    }
    groups.join(gap)
}

fn halves(value: &str, gap: &str) -> String {
    let (a, b) = value.split_at(value.len() / 2);
    format!("{}{gap}{}", a.trim_end(), b.trim_start())
}

fn words(value: &str, gap: &str, names: &[&str; 10]) -> Option<String> {
    let said: Option<Vec<&str>> = value.chars().map(|c| Some(names[c.to_digit(10)? as usize])).collect();
    said.map(|said| said.join(gap))
}

fn doubles(value: &str) -> Option<String> {
    let digits: Option<Vec<u32>> = value.chars().map(|c| c.to_digit(10)).collect();
    let (digits, mut said, mut at) = (digits?, Vec::new(), 0);
    while at < digits.len() {
        let same = digits[at..].iter().take_while(|d| **d == digits[at]).count().min(3);
        said.extend(["", "double", "triple"][same - 1..same].iter().filter(|word| !word.is_empty()).copied());
        said.push(ENGLISH[digits[at] as usize]);
        at += same;
    }
    Some(said.join(" "))
}

fn pairs(value: &str, say: fn(usize) -> String) -> Option<String> {
    if !digits_only(value) {
        return None;
    }
    let said: Vec<String> = value
        .as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [b'0', digit] => format!("{} {}", say(0), say(usize::from(digit - b'0'))),
            [a, b] => say(usize::from(a - b'0') * 10 + usize::from(b - b'0')),
            other => say(usize::from(other[0] - b'0')),
        })
        .collect();
    Some(said.join(", "))
}

fn english(n: usize) -> String {
    const TEENS: [&str; 10] =
        ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"];
    const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    match (n / 10, n % 10) {
        (0, unit) => ENGLISH[unit].into(),
        (1, unit) => TEENS[unit].into(),
        (tens, 0) => TENS[tens].into(),
        (tens, unit) => format!("{}-{}", TENS[tens], ENGLISH[unit]),
    }
}

fn german(n: usize) -> String {
    const TEENS: [&str; 10] =
        ["zehn", "elf", "zwölf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"];
    const TENS: [&str; 10] =
        ["", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"];
    match (n / 10, n % 10) {
        (0, unit) => GERMAN[unit].into(),
        (1, unit) => TEENS[unit].into(),
        (tens, 0) => TENS[tens].into(),
        (tens, 1) => format!("einund{}", TENS[tens]),
        (tens, unit) => format!("{}und{}", GERMAN[unit], TENS[tens]),
    }
}

fn french(n: usize) -> String {
    const BELOW: [&str; 20] = [
        "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze",
        "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
    ];
    const TENS: [&str; 7] = ["", "", "vingt", "trente", "quarante", "cinquante", "soixante"];
    match n {
        0..20 => BELOW[n].into(),
        71 => "soixante et onze".into(),
        60..80 if n.is_multiple_of(20) => "soixante".into(),
        61 => "soixante et un".into(),
        60..80 => format!("soixante-{}", BELOW[n - 60]),
        80 => "quatre-vingts".into(),
        81.. => format!("quatre-vingt-{}", BELOW[n - 80]),
        _ => match (n / 10, n % 10) {
            (tens, 0) => TENS[tens].into(),
            (tens, 1) => format!("{} et un", TENS[tens]),
            (tens, unit) => format!("{}-{}", TENS[tens], BELOW[unit]),
        },
    }
}

fn spanish(n: usize) -> String {
    const TEENS: [&str; 20] = [
        "diez",
        "once",
        "doce",
        "trece",
        "catorce",
        "quince",
        "dieciséis",
        "diecisiete",
        "dieciocho",
        "diecinueve",
        "veinte",
        "veintiuno",
        "veintidós",
        "veintitrés",
        "veinticuatro",
        "veinticinco",
        "veintiséis",
        "veintisiete",
        "veintiocho",
        "veintinueve",
    ];
    const TENS: [&str; 10] =
        ["", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"];
    match (n / 10, n % 10) {
        (0, unit) => SPANISH[unit].into(),
        (1 | 2, _) => TEENS[n - 10].into(),
        (tens, 0) => TENS[tens].into(),
        (tens, unit) => format!("{} y {}", TENS[tens], SPANISH[unit]),
    }
}

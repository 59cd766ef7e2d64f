//! The texts that are scanned: written here, from fixed seeds, with the mix of words, numbers and punctuation of the real
//! thing. Vocabularies are ordered by frequency and drawn by rank.

use crate::random::{BASE64, CAPITALS, DIGITS, HEX, Random};

/// A kind of text.
pub struct Kind {
    pub name: &'static str,
    /// Adds a paragraph, a function, a block of lines.
    write: fn(&mut Random, &mut String),
}

pub const KINDS: [Kind; 4] = [
    Kind { name: "prose", write: prose },
    Kind { name: "code", write: code },
    Kind { name: "csv", write: records },
    Kind { name: "cjk", write: cjk },
];

impl Kind {
    /// About `length` bytes, never more.
    pub fn text(&self, seed: u64, length: usize) -> String {
        let mut random = Random::new(seed);
        let mut text = String::with_capacity(length + 4096);
        while text.len() < length {
            (self.write)(&mut random, &mut text);
        }
        text.truncate(boundary_before(&text, length));
        text
    }

    /// As [`Kind::text`], with one of `values` on a line of its own in each `every` bytes.
    pub fn planted(&self, seed: u64, length: usize, every: usize, values: &[&str]) -> String {
        let mut random = Random::new(seed ^ 0x9E37_79B9_7F4A_7C15);
        let plain = self.text(seed, length);
        let (mut text, mut next) = (String::with_capacity(length + length / 16), random.below(every));
        for line in plain.split_inclusive(self.seam()) {
            text.push_str(line);
            if text.len() >= next {
                text.push_str(random.pick(values));
                text.push_str(self.seam());
                next += every;
            }
        }
        text.truncate(boundary_before(&text, length));
        text
    }

    /// Where other text can be put between.
    fn seam(&self) -> &'static str {
        match self.name {
            "prose" => ". ",
            _ => "\n",
        }
    }
}

/// The last end of a character at or before `at`.
pub fn boundary_before(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

fn words(list: &'static str) -> Vec<&'static str> {
    list.split_whitespace().collect()
}

/// A vocabulary, by frequency.
pub fn english() -> &'static [&'static str] {
    static WORDS: std::sync::LazyLock<Vec<&str>> =
        std::sync::LazyLock::new(|| words(include_str!("texts/english.txt")));
    &WORDS
}

fn capitalized(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

fn sentence(random: &mut Random, text: &mut String) {
    let length = 5 + random.below(9) + random.below(9);
    for i in 0..length {
        let word = english()[random.ranked(english().len())];
        match (i, random.below(80)) {
            (0, _) => text.push_str(&capitalized(word)),
            (_, 0) => *text += &(1900 + random.below(130)).to_string(),
            (_, 1) => *text += &random.below(100).to_string(),
            (_, 2) => *text += &format!("{}.{} %", random.below(30), random.below(10)),
            (_, 3) => *text += &format!("{},{:03}", 1 + random.below(90), random.below(1000)),
            (_, 4) => text.push_str(&capitalized(word)),
            (_, 5) => *text += &format!("{word}-{}", random.pick(english())),
            (_, 6) => *text += &format!("“{word}”"),
            (_, 7) => *text += &format!("({word} {})", random.pick(english())),
            (_, 8) => *text += &format!("{word}'s"),
            (_, 9..13) if word.len() > 4 => *text += &format!("{word}{}", random.pick(&["s", "ing", "ed", "ly"])),
            _ => text.push_str(word),
        }
        match random.below(24) {
            _ if i + 1 == length => {}
            0..2 => text.push_str(", "),
            2 if i > 3 => text.push_str(random.pick(&["; ", ": ", " – ", " - "])),
            _ => text.push(' '),
        }
    }
    text.push_str(random.pick(&[". ", ". ", ". ", ". ", "? ", "! "]));
}

fn prose(random: &mut Random, text: &mut String) {
    match random.below(12) {
        0 => *text += &format!("## {} {}\n\n", capitalized(random.pick(english())), random.pick(english())),
        1 => {
            for _ in 0..2 + random.below(4) {
                text.push_str("- ");
                sentence(random, text);
                text.push('\n');
            }
        }
        _ => {}
    }
    for _ in 0..2 + random.below(5) {
        sentence(random, text);
    }
    text.push_str("\n\n");
}

/// A name of two or three words.
fn identifier(random: &mut Random, join: fn(usize, &str) -> String) -> String {
    let length = 1 + random.below(3);
    (0..length).map(|i| join(i, english()[100 + random.ranked(english().len() - 100)])).collect()
}

fn snake(random: &mut Random) -> String {
    identifier(random, |i, word| if i == 0 { word.to_owned() } else { format!("_{word}") })
}

fn camel(random: &mut Random) -> String {
    identifier(random, |i, word| if i == 0 { word.to_owned() } else { capitalized(word) })
}

fn pascal(random: &mut Random) -> String {
    identifier(random, |_, word| capitalized(word))
}

fn constant(random: &mut Random) -> String {
    snake(random).to_uppercase()
}

fn literal(random: &mut Random) -> String {
    let magnitude = random.below(20);
    match random.below(10) {
        0 => format!("0x{}", random.string(HEX, 1 + magnitude / 2)),
        1 => format!("{}.{}", random.below(100), random.below(1000)),
        2..5 => random.below(1 << magnitude).to_string(),
        5 => format!("{}_000", random.below(900)),
        6 => "true".into(),
        7 => format!("\"{}\"", snake(random)),
        8 => format!("\"{} {}\"", random.pick(english()), random.pick(english())),
        _ => constant(random),
    }
}

fn comment(random: &mut Random, sign: &str, text: &mut String) {
    *text += sign;
    match random.below(8) {
        0 => {
            *text +=
                &format!(" See https://docs.example.org/{}/{}#L{}\n", snake(random), camel(random), random.below(900))
        }
        1 => *text += &format!(" TODO(#{}): {}\n", random.below(9000), snake(random).replace('_', " ")),
        _ => {
            text.push(' ');
            sentence(random, text);
            text.push('\n');
        }
    }
}

fn code(random: &mut Random, text: &mut String) {
    match random.below(9) {
        0..2 => rust(random, text),
        2..4 => python(random, text),
        4 => typescript(random, text),
        5 => c(random, text),
        6 => sql(random, text),
        7 => yaml(random, text),
        _ => shell(random, text),
    }
    text.push('\n');
}

fn rust(random: &mut Random, text: &mut String) {
    comment(random, "///", text);
    let (name, kind) = (snake(random), pascal(random));
    *text += &format!(
        "pub fn {name}(&self, {}: &{kind}, {}: usize) -> Result<{}, Error> {{\n",
        snake(random),
        snake(random),
        pascal(random)
    );
    for _ in 0..3 + random.below(8) {
        let (a, b) = (snake(random), snake(random));
        *text += &match random.below(6) {
            0 => format!(
                "    let mut {a} = self.{b}.iter().filter(|x| x.{} > {}).count();\n",
                snake(random),
                literal(random)
            ),
            1 => format!(
                "    if {a} == {} && !{b}.is_empty() {{\n        return Err(Error::{});\n    }}\n",
                literal(random),
                pascal(random)
            ),
            2 => format!(
                "    let {a}: Vec<{}> = {b}.into_iter().map({}::from).collect();\n",
                pascal(random),
                pascal(random)
            ),
            3 => format!("    self.{a}.insert({}, {b}.clone());\n", literal(random)),
            4 => format!(
                "    match {a} {{\n        Some({b}) => {b} + {},\n        None => {},\n    }}\n",
                literal(random),
                literal(random)
            ),
            _ => format!("    const {}: u32 = {};\n", constant(random), literal(random)),
        };
        if random.one_in(5) {
            comment(random, "    //", text);
        }
    }
    text.push_str("    Ok(())\n}\n");
}

fn python(random: &mut Random, text: &mut String) {
    *text += &format!(
        "def {}(self, {}: {}, *, {}: float = {}) -> None:\n",
        snake(random),
        snake(random),
        pascal(random),
        snake(random),
        literal(random)
    );
    text.push_str("    \"\"\"");
    sentence(random, text);
    text.push_str("\"\"\"\n");
    for _ in 0..3 + random.below(7) {
        let (a, b) = (snake(random), snake(random));
        *text += &match random.below(6) {
            0 => format!("    {a} = [{b} for {b} in self.{} if {b} is not None]\n", snake(random)),
            1 => format!("    if {a} >= {}:\n        raise ValueError(f\"{b}: {{{a}!r}}\")\n", literal(random)),
            2 => format!("    assert {a}.status_code == {}, {b}.text\n", 200 + random.below(300)),
            3 => format!(
                "    self.{a}[{}] = {{\"{b}\": {}, \"{}\": {}}}\n",
                literal(random),
                literal(random),
                snake(random),
                literal(random)
            ),
            4 => format!("    logger.info(\"{b} %s took %d ms\", {a}, {})\n", literal(random)),
            _ => format!("    {a} = np.zeros(({}, {}), dtype=np.float32)\n", random.below(512), random.below(512)),
        };
        if random.one_in(5) {
            comment(random, "    #", text);
        }
    }
}

fn typescript(random: &mut Random, text: &mut String) {
    comment(random, "//", text);
    *text += &format!(
        "export async function {}({}: {}): Promise<{}> {{\n",
        camel(random),
        camel(random),
        pascal(random),
        pascal(random)
    );
    for _ in 0..3 + random.below(6) {
        let (a, b) = (camel(random), camel(random));
        *text += &match random.below(4) {
            0 => format!("  const {a} = await fetch(`${{baseUrl}}/v1/{b}/${{id}}`, {{ method: 'POST' }});\n"),
            1 => format!("  const {{ {a}, {b} }} = props.{};\n", camel(random)),
            2 => format!("  {a}.{b}((e) => ({{ ...e, {}: {} }}));\n", camel(random), literal(random)),
            _ => format!(
                "  <div className=\"{}-{} p-{}\" style={{{{ color: '#{}' }}}} />\n",
                random.pick(english()),
                random.pick(english()),
                random.below(9),
                random.string(HEX, 6)
            ),
        };
    }
    text.push_str("}\n");
}

fn c(random: &mut Random, text: &mut String) {
    *text += &format!("#define {} {}\n#include <{}.h>\n", constant(random), literal(random), snake(random));
    *text += &format!(
        "static int {}(struct {} *{}, size_t {})\n{{\n",
        snake(random),
        snake(random),
        snake(random),
        snake(random)
    );
    for _ in 0..3 + random.below(6) {
        let (a, b) = (snake(random), snake(random));
        *text += &match random.below(4) {
            0 => format!(
                "\tfor (int i = 0; i < {}; i++)\n\t\t{a}[i] ^= {b}[i & 0x{}];\n",
                literal(random),
                random.string(HEX, 2)
            ),
            1 => format!("\tif (unlikely({a}->{b} == NULL))\n\t\treturn -{};\n", constant(random)),
            2 => format!("\tmemcpy(&{a}->{b}, {}, sizeof(*{}));\n", snake(random), snake(random)),
            _ => format!("\tprintf(\"%08x %-10s %llu\\n\", {a}, {b}, {}ULL);\n", random.below(1 << 30)),
        };
    }
    comment(random, "\t//", text);
    text.push_str("\treturn 0;\n}\n");
}

fn sql(random: &mut Random, text: &mut String) {
    let (table, column) = (snake(random), snake(random));
    *text += &format!(
        "SELECT {column}, COUNT(*) AS n FROM {table} t JOIN {} u ON u.id = t.{}_id\n",
        snake(random),
        snake(random)
    );
    *text += &format!(
        "WHERE t.{} > {} AND u.created_at >= NOW() - INTERVAL '{} days' GROUP BY 1 LIMIT {};\n",
        snake(random),
        random.below(5000),
        random.below(90),
        random.below(500)
    );
}

fn yaml(random: &mut Random, text: &mut String) {
    *text += &format!(
        "{}:\n  image: registry.example.com/{}:{}.{}.{}\n  ports: [\"{}:{}\"]\n",
        snake(random),
        snake(random),
        random.below(9),
        random.below(20),
        random.below(20),
        1000 + random.below(9000),
        1000 + random.below(9000)
    );
    for _ in 0..1 + random.below(4) {
        *text += &format!("  {}: {}\n", snake(random), literal(random));
    }
}

fn shell(random: &mut Random, text: &mut String) {
    *text += &match random.below(4) {
        0 => format!(
            "commit {}\n    {}: {} (#{})\n",
            random.string(HEX, 40),
            random.pick(english()),
            snake(random).replace('_', " "),
            random.below(9000)
        ),
        1 => format!(
            "@@ -{},{} +{},{} @@ {}\n",
            random.below(900),
            random.below(30),
            random.below(900),
            random.below(30),
            snake(random)
        ),
        2 => format!(
            "$ cargo test -p {} --features {} 2>&1 | tail -n {}\n",
            snake(random),
            snake(random),
            random.below(99)
        ),
        _ => format!("export {}=\"${{{}:-/var/lib/{}}}\"\n", constant(random), constant(random), snake(random)),
    };
}

fn date(random: &mut Random) -> String {
    format!("20{:02}-{:02}-{:02}", 20 + random.below(7), 1 + random.below(12), 1 + random.below(28))
}

fn time(random: &mut Random) -> String {
    format!("{:02}:{:02}:{:02}", random.below(24), random.below(60), random.below(60))
}

fn uuid(random: &mut Random) -> String {
    let mut part = |length| random.string(HEX, length);
    format!("{}-{}-4{}-a{}-{}", part(8), part(4), part(3), part(3), part(12))
}

fn ip(random: &mut Random) -> String {
    format!("{}.{}.{}.{}", 1 + random.below(223), random.below(256), random.below(256), random.below(256))
}

/// Twenty lines of a table, an access log or a log in JSON.
fn records(random: &mut Random, text: &mut String) {
    let (kind, columns) = (random.below(6), random.below(4));
    let mut id = 10_000_000 + random.below(80_000_000);
    for _ in 0..20 {
        id += 1 + random.below(30);
        *text += &match kind {
            0..2 => orders(random, id, columns),
            2 => measurements(random, id),
            3..5 => access(random),
            _ => event(random, id),
        };
        text.push('\n');
    }
}

fn orders(random: &mut Random, id: usize, columns: usize) -> String {
    let last = match columns {
        0 => uuid(random),
        1 => random.string(BASE64, 22),
        2 => format!("{}-{}", random.string(CAPITALS, 3), random.string(DIGITS, 6)),
        _ => random.string(DIGITS, 13),
    };
    format!(
        "{id},{}T{}.{:03}Z,{} {},{}.{:02},{},{},{last}",
        date(random),
        time(random),
        random.below(1000),
        capitalized(random.pick(english())),
        capitalized(random.pick(english())),
        random.below(20_000),
        random.below(100),
        random.pick(&["EUR", "USD", "GBP", "JPY"]),
        1 + random.below(40),
    )
}

fn measurements(random: &mut Random, id: usize) -> String {
    let mut line = format!("{id}\t{}", 1_700_000_000 + id);
    for _ in 0..6 {
        line += &format!(
            "\t{}{}.{}",
            if random.one_in(4) { "-" } else { "" },
            random.below(1000),
            random.string(DIGITS, 4)
        );
    }
    line
}

fn access(random: &mut Random) -> String {
    format!(
        "{} - - [{:02}/{}/20{:02}:{} +0000] \"{} /{}/{}?page={}&{}={} HTTP/1.1\" {} {} \"-\" \"Mozilla/5.0 (X11; Linux x86_64) {}/{}.{}\"",
        ip(random),
        1 + random.below(28),
        random.pick(&["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]),
        20 + random.below(7),
        time(random),
        random.pick(&["GET", "GET", "GET", "POST", "PUT"]),
        random.pick(english()),
        random.below(1_000_000),
        random.below(50),
        snake(random),
        random.string(HEX, 8),
        random.pick(&["200", "200", "200", "304", "404", "500"]),
        random.below(100_000),
        capitalized(random.pick(english())),
        random.below(130),
        random.below(10),
    )
}

fn event(random: &mut Random, id: usize) -> String {
    format!(
        "{{\"ts\":\"{}T{}.{}Z\",\"level\":\"{}\",\"trace_id\":\"{}\",\"user\":{id},\"ip\":\"{}\",\"msg\":\"{} {}\",\"took_ms\":{}.{},\"tags\":[\"{}\",\"{}\"]}}",
        date(random),
        time(random),
        random.string(DIGITS, 6),
        random.pick(&["info", "info", "warn", "error", "debug"]),
        random.string(HEX, 32),
        ip(random),
        random.pick(english()),
        random.pick(english()),
        random.below(900),
        random.below(1000),
        snake(random),
        random.pick(english()),
    )
}

/// A paragraph of Chinese, Japanese or Korean.
fn cjk(random: &mut Random, text: &mut String) {
    use std::sync::LazyLock;
    static CHINESE: LazyLock<Vec<&str>> = LazyLock::new(|| words(include_str!("texts/chinese.txt")));
    static JAPANESE: LazyLock<Vec<&str>> = LazyLock::new(|| words(include_str!("texts/japanese.txt")));
    static KOREAN: LazyLock<Vec<&str>> = LazyLock::new(|| words(include_str!("texts/korean.txt")));
    let (words, space, pause, ends): (_, _, _, &[&str]) = match random.below(3) {
        0 => (&CHINESE, "", "，", &["。", "。", "？", "！"]),
        1 => (&JAPANESE, "", "、", &["。", "。", "。", "？"]),
        _ => (&KOREAN, " ", ", ", &[". ", ". ", "? "]),
    };
    for _ in 0..3 + random.below(5) {
        let length = 5 + random.below(14);
        for i in 0..length {
            match random.below(50) {
                0 => *text += &(1990 + random.below(40)).to_string(),
                1 => *text += &format!("{}%", random.below(100)),
                2 => text.push_str(random.pick(english())),
                3 => *text += &format!("（{}）", random.pick(words)),
                _ => text.push_str(words[random.ranked(words.len())]),
            }
            match random.below(9) {
                _ if i + 1 == length => {}
                0 => text.push_str(pause),
                _ => text.push_str(space),
            }
        }
        text.push_str(random.pick(ends));
    }
    text.push('\n');
}

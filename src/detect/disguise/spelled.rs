//! Number words in English, German, French, Spanish and Chinese: what each says, and how two or three of them make a number
//! up to 99.

use std::collections::HashSet;
use std::sync::LazyLock;

/// What a number word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// 0 to 9.
    Unit(u8),
    /// 10 to 19.
    Teen(u8),
    /// 20, 30, … 90: a unit may follow.
    Tens(u8),
    /// 21 to 99 in one word.
    Whole(u8),
    /// "vingts": four of them are 80.
    Twenties,
    /// "double", "triple": what follows stands so often.
    Times(u8),
    /// "et", "y": joins tens and a unit.
    Link,
    /// "dash", "space": said between digits.
    Pause,
}

/// The longest word, in bytes as written: `siebenunddreißig` and its like.
pub(super) const LONGEST: usize = 20;

/// By digit; English first, then German, Spanish last. Without accents, as [`fold`] gives them.
const UNITS: [&[&str]; 10] = [
    &["zero", "null", "oh", "o", "nought", "cero"],
    &["one", "eins", "ein", "un", "une", "una", "uno"],
    &["two", "zwei", "zwo", "deux", "dos"],
    &["three", "drei", "trois", "tres"],
    &["four", "vier", "quatre", "cuatro"],
    &["five", "funf", "fuenf", "cinq", "cinco"],
    &["six", "sechs", "seis"],
    &["seven", "sieben", "sept", "siete"],
    &["eight", "acht", "huit", "ocho"],
    &["nine", "neun", "neuf", "nueve"],
];

const TEENS: [&[&str]; 10] = [
    &["ten", "zehn", "dix", "diez"],
    &["eleven", "elf", "onze", "once"],
    &["twelve", "zwolf", "zwoelf", "douze", "doce"],
    &["thirteen", "dreizehn", "treize", "trece"],
    &["fourteen", "vierzehn", "quatorze", "catorce"],
    &["fifteen", "funfzehn", "fuenfzehn", "quinze", "quince"],
    &["sixteen", "sechzehn", "seize", "dieciseis"],
    &["seventeen", "siebzehn", "diecisiete"],
    &["eighteen", "achtzehn", "dieciocho"],
    &["nineteen", "neunzehn", "diecinueve"],
];

const TENS: [&[&str]; 8] = [
    &["twenty", "zwanzig", "vingt", "veinte"],
    &["thirty", "dreissig", "trente", "treinta"],
    &["forty", "vierzig", "quarante", "cuarenta"],
    &["fifty", "funfzig", "fuenfzig", "cinquante", "cincuenta"],
    &["sixty", "sechzig", "soixante", "sesenta"],
    &["seventy", "siebzig", "septante", "setenta"],
    &["eighty", "achtzig", "huitante", "ochenta"],
    &["ninety", "neunzig", "nonante", "noventa"],
];

const OTHERS: [(&str, Word); 17] = [
    ("vingts", Word::Twenties),
    ("double", Word::Times(2)),
    ("doble", Word::Times(2)),
    ("triple", Word::Times(3)),
    ("et", Word::Link),
    ("y", Word::Link),
    ("dash", Word::Pause),
    ("minus", Word::Pause),
    ("hyphen", Word::Pause),
    ("space", Word::Pause),
    ("tiret", Word::Pause),
    ("espace", Word::Pause),
    ("strich", Word::Pause),
    ("bindestrich", Word::Pause),
    ("guion", Word::Pause),
    ("espacio", Word::Pause),
    ("veintiun", Word::Whole(21)),
];

/// Chinese digits, plain and formal; [`character`] tells what they say.
const CHARACTERS: &str = "〇零一壹幺二贰两三叁四肆五伍六陆七柒八捌九玖";

/// Every word written with letters, sorted.
static WORDS: LazyLock<Vec<(String, Word)>> = LazyLock::new(|| {
    let mut words: Vec<(String, Word)> = OTHERS.iter().map(|(name, word)| ((*name).to_owned(), *word)).collect();
    let all = |names: &[&str], word: Word| -> Vec<_> { names.iter().map(|name| ((*name).to_owned(), word)).collect() };
    for (unit, (units, teens)) in (0..).zip(UNITS.iter().zip(TEENS)) {
        words.extend(all(units, Word::Unit(unit)));
        words.extend(all(teens, Word::Teen(10 + unit)));
    }
    for (tens, names) in (20..).step_by(10).zip(TENS) {
        words.extend(all(names, Word::Tens(tens)));
        for (unit, units) in (1..).zip(&UNITS[1..]) {
            let german = if unit == 1 { "ein" } else { units[1] };
            let whole = [format!("{}{}", names[0], units[0]), format!("{german}und{}", names[1])];
            words.extend(whole.map(|name| (name, Word::Whole(tens + unit))));
        }
    }
    for (unit, units) in (1..).zip(&UNITS[1..]) {
        words.push((format!("veinti{}", units[units.len() - 1]), Word::Whole(20 + unit)));
    }
    words.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    words
});

/// A word without case and accents; `None` if it is too long or has letters that no number word has.
fn fold<'b>(word: &str, buffer: &'b mut [u8; LONGEST]) -> Option<&'b str> {
    let mut length = 0;
    for c in word.chars() {
        let folded = match c {
            'A'..='Z' | 'a'..='z' => &[c.to_ascii_lowercase() as u8][..],
            'ü' | 'Ü' => b"u",
            'ö' | 'Ö' | 'ó' | 'Ó' => b"o",
            'é' | 'É' => b"e",
            'ú' | 'Ú' => b"u",
            'ß' => b"ss",
            _ => return None,
        };
        buffer.get_mut(length..length + folded.len())?.copy_from_slice(folded);
        length += folded.len();
    }
    std::str::from_utf8(&buffer[..length]).ok()
}

/// A bit for each first, second and last letter and length of a word: most words are known to be none by that.
static SHAPES: LazyLock<Box<[u64; 1 << (SHAPE_BITS - 6)]>> = LazyLock::new(|| {
    let mut shapes = Box::new([0; 1 << (SHAPE_BITS - 6)]);
    for (name, _) in WORDS.iter() {
        let shape = shape(name.as_bytes());
        shapes[shape >> 6] |= 1 << (shape & 63);
    }
    shapes
});

const SHAPE_BITS: u32 = 13;

fn shape(word: &[u8]) -> usize {
    let byte = |at: usize| u32::from(word.get(at).copied().unwrap_or(0));
    let shape = byte(0) | byte(1) << 8 | byte(word.len() - 1) << 16 | (word.len() as u32) << 24;
    (shape.wrapping_mul(0x9E37_79B1) >> (32 - SHAPE_BITS)) as usize
}

/// What `word` says, if it is a number word.
pub(super) fn word(word: &str) -> Option<Word> {
    let mut buffer = [0; LONGEST];
    let folded = fold(word, &mut buffer).filter(|folded| !folded.is_empty())?;
    let shape = shape(folded.as_bytes());
    (SHAPES[shape >> 6] >> (shape & 63) & 1 != 0).then_some(())?;
    WORDS.binary_search_by(|(name, _)| name.as_str().cmp(folded)).ok().map(|at| WORDS[at].1)
}

/// Whether a number word is more often something else.
pub(super) fn is_article(word: &str) -> bool {
    ["ein", "un", "une", "una", "one", "o"].iter().any(|article| word.eq_ignore_ascii_case(article))
}

/// Whether a number word ends no number: German digits end in `eins`, and `ein` is an article or part of a verb.
pub(super) fn ends_none(word: &str) -> bool {
    word.eq_ignore_ascii_case("ein")
}

/// Whether a number word begins with `part`.
pub(super) fn begins(part: &str) -> bool {
    let mut buffer = [0; LONGEST];
    let Some(folded) = fold(part, &mut buffer) else { return false };
    let at = WORDS.partition_point(|(name, _)| name.as_str() < folded);
    WORDS.get(at).is_some_and(|(name, _)| name.starts_with(folded))
}

/// What a Chinese digit says.
pub(super) fn character(c: char) -> Option<Word> {
    let unit = match c {
        '〇' | '零' => 0,
        '一' | '壹' | '幺' => 1,
        '二' | '贰' | '两' => 2,
        '三' | '叁' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    };
    Some(Word::Unit(unit))
}

/// What may follow a Chinese digit that is said, but for another.
const BETWEEN: &str = " -,\n";

/// Four bytes of which some stand in every row of number words: the beginnings of most words, and Chinese digits with the
/// first byte of what follows them.
pub(in crate::detect) fn grams() -> Vec<u32> {
    let mut grams: Vec<[u8; 4]> = Vec::new();
    let names = UNITS.iter().flat_map(|names| *names).chain(TENS.iter().flat_map(|names| *names));
    for name in names.filter(|name| name.len() >= 3) {
        match *name.as_bytes() {
            [a, b, c, d, ..] => grams.push([a, b, c, d]),
            _ => {
                grams.extend(b" -,\n*".map(|after| [name.as_bytes()[0], name.as_bytes()[1], name.as_bytes()[2], after]))
            }
        }
    }
    grams.extend([*b"f\xC3\xBCn", *b"z\xC3\xA9r"]);
    let after = || CHARACTERS.bytes().step_by(3).chain(BETWEEN.bytes());
    for one in CHARACTERS.as_bytes().chunks(3) {
        grams.extend(after().map(|after| [one[0], one[1], one[2], after]));
    }
    grams.sort_unstable();
    grams.dedup();
    grams.into_iter().map(u32::from_le_bytes).collect()
}

/// Whether one of the [`grams`] stands at `at`, where a word begins: the sweep meets a number word there.
pub(super) fn is_met(text: &str, at: usize) -> bool {
    static GRAMS: LazyLock<HashSet<u32>> = LazyLock::new(|| grams().into_iter().collect());
    let mut gram = [b' '; 4];
    let there = text[at..].bytes().take(4);
    gram.iter_mut().zip(there).for_each(|(byte, there)| *byte = there.to_ascii_lowercase());
    GRAMS.contains(&u32::from_le_bytes(gram)) && (gram[0].is_ascii() || are_characters(&text[at..]))
}

/// Whether a text begins with Chinese digits, or one and what may stand between them.
pub(in crate::detect) fn are_characters(text: &str) -> bool {
    let mut chars = text.chars();
    let is_digit = |c: char| character(c).is_some();
    chars.next().is_some_and(is_digit) && chars.next().is_some_and(|c| is_digit(c) || BETWEEN.contains(c))
}

/// What stands between a number word and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Joint {
    Apart,
    Space,
    Hyphen,
}

/// The number that the first of `words` make, as digits (appended to `said`), and how many words that takes.
pub(super) fn number(words: &[(Word, Joint)], said: &mut String) -> Option<usize> {
    let (value, taken) = match words.first()?.0 {
        Word::Unit(4) => match words.get(1) {
            Some((Word::Twenties, Joint::Space | Joint::Hyphen)) => (80, 2),
            Some((Word::Tens(20), Joint::Hyphen)) => {
                let (more, taken) = hyphened(&words[2..]).unwrap_or((0, 0));
                (80 + more, 2 + taken)
            }
            _ => (4, 1),
        },
        Word::Tens(60) if matches!(words.get(1), Some((Word::Teen(_), Joint::Hyphen))) => {
            let (more, taken) = hyphened(&words[1..])?;
            (60 + more, 1 + taken)
        }
        Word::Tens(tens) => match words[1..] {
            [(Word::Unit(unit @ 1..), Joint::Space | Joint::Hyphen), ..] => (tens + unit, 2),
            [(Word::Link, Joint::Space | Joint::Hyphen), (last, Joint::Space | Joint::Hyphen), ..] => match last {
                Word::Unit(unit @ 1..) => (tens + unit, 3),
                Word::Teen(11) => (tens + 11, 3),
                _ => (tens, 1),
            },
            _ => (tens, 1),
        },
        Word::Teen(10) => match words.get(1) {
            Some((Word::Unit(unit @ 7..), Joint::Hyphen)) => (10 + unit, 2),
            _ => (10, 1),
        },
        Word::Unit(value) | Word::Teen(value) | Word::Whole(value) => (value, 1),
        Word::Twenties | Word::Times(_) | Word::Link | Word::Pause => return None,
    };
    if value >= 10 {
        said.push(char::from(b'0' + value / 10));
    }
    said.push(char::from(b'0' + value % 10));
    Some(taken)
}

/// What follows a French sixty or eighty: 1 to 19, each word after a hyphen.
fn hyphened(words: &[(Word, Joint)]) -> Option<(u8, usize)> {
    match *words {
        [(Word::Teen(10), Joint::Hyphen), (Word::Unit(unit @ 7..), Joint::Hyphen), ..] => Some((10 + unit, 2)),
        [(Word::Unit(more @ 1..) | Word::Teen(more), Joint::Hyphen), ..] => Some((more, 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<String> {
        let mut words = Vec::new();
        for spaced in text.split(' ') {
            for (at, name) in spaced.split('-').enumerate() {
                words.push((word(name)?, if at == 0 { Joint::Space } else { Joint::Hyphen }));
            }
        }
        let (mut read, mut at) = (String::new(), 0);
        while at < words.len() {
            at += number(&words[at..], &mut read)?;
        }
        Some(read)
    }

    #[test]
    fn numbers_are_read_as_they_are_said() {
        for (text, digits) in [
            ("four one one oh", "4110"),
            ("forty-one eleven fortyone", "411141"),
            ("twenty zero sixty eleven forty one", "200601141"),
            ("vier Eins einundvierzig FÜNFUNDSECHZIG zwo", "4141652"),
            ("siebenunddreißig fünf Null", "3750"),
            ("quatre un zéro", "410"),
            ("quatre-vingt-dix-neuf quatre-vingts quatre-vingt-un", "998081"),
            ("soixante-dix soixante et onze soixante-dix-huit vingt et un dix-sept", "7071782117"),
            ("cuatro veintidós treinta y cinco dieciséis", "4223516"),
        ] {
            assert_eq!(said(text).as_deref(), Some(digits), "{text}");
        }
        assert!(said("four ones").is_none() && said("").is_none());
        assert!(CHARACTERS.chars().all(|c| character(c).is_some()));
        assert_eq!(character('柒'), Some(Word::Unit(7)));
        assert_eq!(character('十'), None);
    }

    #[test]
    fn words_are_known_by_their_beginnings() {
        assert!(begins("f") && begins("Vierund") && begins("fün") && !begins("fox") && !begins("the"));
        assert!(WORDS.iter().all(|(name, _)| name.len() < LONGEST), "no word is too long to be folded");
        assert!(WORDS.is_sorted_by(|a, b| a.0 < b.0), "no word says two things");
    }
}

//! What characters read as, when they stand for ASCII characters: facts of the Unicode Character Database.

use std::sync::LazyLock;

/// What a character that is not ASCII may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glyph {
    /// Itself.
    Own,
    /// Nothing to be seen.
    Invisible,
    /// A sign on the letter or digit before it.
    Mark,
    /// Another form of ASCII letters or digits: full-width, mathematical, enclosed, raised; a digit of another script.
    Form(Ascii),
    /// A dash, a space, or another form of an ASCII sign.
    Sign(char),
    /// A letter of another script that looks like this one.
    Lookalike(char),
}

/// One character or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ascii {
    One(char),
    Several(&'static str),
}

/// Code points from here on are looked up without the table: variation selectors and tags.
const TABLE_END: usize = 0x20000;

/// Which characters that are not ASCII may be others than themselves.
pub(super) struct Notable {
    /// A bit for each code point that is not [`Glyph::Own`].
    bits: [u64; TABLE_END / 64],
}

/// The only one.
pub(super) static NOTABLE: LazyLock<Notable> = LazyLock::new(|| {
    let mut bits = [0; TABLE_END / 64];
    for code in 0x80..TABLE_END {
        if char::from_u32(code as u32).is_some_and(|c| look_up(c) != Glyph::Own) {
            bits[code / 64] |= 1 << (code % 64);
        }
    }
    Notable { bits }
});

impl Notable {
    /// Whether it holds the character with this code point.
    pub fn holds(&self, code: u32) -> bool {
        let code = code as usize;
        code >= TABLE_END || self.bits[code / 64] >> (code % 64) & 1 == 1
    }
}

pub(super) fn glyph(c: char) -> Glyph {
    if NOTABLE.holds(c.into()) { look_up(c) } else { Glyph::Own }
}

fn look_up(c: char) -> Glyph {
    let code = c as u32;
    if let Some((_, several)) = LIGATURES.iter().find(|(ligature, _)| *ligature == c) {
        return Glyph::Form(Ascii::Several(several));
    }
    let one = |c| Glyph::Form(Ascii::One(c));
    let shifted = |first: u8, by: u32| char::from(first + by as u8);
    match code {
        0xAD
        | 0x34F
        | 0x61C
        | 0x115F..=0x1160
        | 0x17B4..=0x17B5
        | 0x180B..=0x180F
        | 0x200B..=0x200F
        | 0x202A..=0x202E
        | 0x2060..=0x206F
        | 0x3164
        | 0xFE00..=0xFE0F
        | 0xFEFF
        | 0xFFA0
        | 0xE0001
        | 0xE007F
        | 0xE0100..=0xE01EF => Glyph::Invisible,
        0x300..=0x36F | 0x483..=0x489 | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0xFE20..=0xFE2F => {
            Glyph::Mark
        }
        0xE0020..=0xE007E => one(shifted(b' ', code - 0xE0020)),
        // Mathematical alphabets of 52 letters, then digits of ten.
        0x1D400..=0x1D6A3 => match (code - 0x1D400) % 52 {
            capital @ 0..26 => one(shifted(b'A', capital)),
            small => one(shifted(b'a', small - 26)),
        },
        0x1D7CE..=0x1D7FF => one(shifted(b'0', (code - 0x1D7CE) % 10)),
        0xA0 | 0x2000..=0x200A | 0x202F | 0x205F | 0x3000 => Glyph::Sign(' '),
        // U+2011 is the no-break hyphen, U+2212 the minus, U+2043 the hyphen bullet.
        0x58A
        | 0x5BE
        | 0x1806
        | 0x2010..=0x2015
        | 0x2043
        | 0x2212
        | 0x2796
        | 0x2E3A..=0x2E3B
        | 0x301C
        | 0x30A0
        | 0xFE58
        | 0xFE63 => Glyph::Sign('-'),
        0x2024 | 0x3002 | 0xFE52 | 0xFF61 => Glyph::Sign('.'),
        0xFE4D..=0xFE4F | 0x203F => Glyph::Sign('_'),
        0x2044 | 0x2215 => Glyph::Sign('/'),
        0x2236 | 0xA789 | 0xFE13 | 0xFE55 => Glyph::Sign(':'),
        0xFE6B => Glyph::Sign('@'),
        _ => match in_ranges(FORMS, code) {
            Some(form) => one(form),
            None if (0xFF01..=0xFF5E).contains(&code) => Glyph::Sign(shifted(b'!', code - 0xFF01)),
            None => lookalike(c).map_or(Glyph::Own, Glyph::Lookalike),
        },
    }
}

fn in_ranges(ranges: &[(u32, u32, u8)], code: u32) -> Option<char> {
    let at = ranges.partition_point(|(_, last, _)| *last < code);
    let (first, _, ascii) = ranges.get(at).filter(|(first, _, _)| *first <= code)?;
    Some(char::from(ascii + (code - first) as u8))
}

/// Ligatures that stand in words (UnicodeData.txt, `<compat>`).
const LIGATURES: &[(char, &str)] =
    &[('ﬀ', "ff"), ('ﬁ', "fi"), ('ﬂ', "fl"), ('ﬃ', "ffi"), ('ﬄ', "ffl"), ('ﬅ', "st"), ('ﬆ', "st")];

/// First and last code point, and what the first reads as; the others follow it. UnicodeData.txt: digits of every script
/// (`Nd`), compatibility forms of one ASCII letter or digit, circled and squared ones, small capitals.
const FORMS: &[(u32, u32, u8)] = &[
    (0xB2, 0xB3, b'2'),
    (0xB9, 0xB9, b'1'),
    (0x17F, 0x17F, b's'),
    (0x262, 0x262, b'g'),
    (0x26A, 0x26A, b'i'),
    (0x274, 0x274, b'n'),
    (0x280, 0x280, b'r'),
    (0x28F, 0x28F, b'y'),
    (0x299, 0x299, b'b'),
    (0x29C, 0x29C, b'h'),
    (0x29F, 0x29F, b'l'),
    (0x2B0, 0x2B0, b'h'),
    (0x2B2, 0x2B2, b'j'),
    (0x2B3, 0x2B3, b'r'),
    (0x2B7, 0x2B7, b'w'),
    (0x2B8, 0x2B8, b'y'),
    (0x2E1, 0x2E1, b'l'),
    (0x2E2, 0x2E2, b's'),
    (0x2E3, 0x2E3, b'x'),
    (0x660, 0x669, b'0'),
    (0x6F0, 0x6F9, b'0'),
    (0x7C0, 0x7C9, b'0'),
    (0x966, 0x96F, b'0'),
    (0x9E6, 0x9EF, b'0'),
    (0xA66, 0xA6F, b'0'),
    (0xAE6, 0xAEF, b'0'),
    (0xB66, 0xB6F, b'0'),
    (0xBE6, 0xBEF, b'0'),
    (0xC66, 0xC6F, b'0'),
    (0xCE6, 0xCEF, b'0'),
    (0xD66, 0xD6F, b'0'),
    (0xDE6, 0xDEF, b'0'),
    (0xE50, 0xE59, b'0'),
    (0xED0, 0xED9, b'0'),
    (0xF20, 0xF29, b'0'),
    (0x1040, 0x1049, b'0'),
    (0x1090, 0x1099, b'0'),
    (0x17E0, 0x17E9, b'0'),
    (0x1810, 0x1819, b'0'),
    (0x1946, 0x194F, b'0'),
    (0x19D0, 0x19D9, b'0'),
    (0x1A80, 0x1A89, b'0'),
    (0x1A90, 0x1A99, b'0'),
    (0x1B50, 0x1B59, b'0'),
    (0x1BB0, 0x1BB9, b'0'),
    (0x1C40, 0x1C49, b'0'),
    (0x1C50, 0x1C59, b'0'),
    (0x1D00, 0x1D00, b'a'),
    (0x1D04, 0x1D04, b'c'),
    (0x1D05, 0x1D05, b'd'),
    (0x1D07, 0x1D07, b'e'),
    (0x1D0A, 0x1D0A, b'j'),
    (0x1D0B, 0x1D0B, b'k'),
    (0x1D0D, 0x1D0D, b'm'),
    (0x1D0F, 0x1D0F, b'o'),
    (0x1D18, 0x1D18, b'p'),
    (0x1D1B, 0x1D1B, b't'),
    (0x1D1C, 0x1D1C, b'u'),
    (0x1D20, 0x1D20, b'v'),
    (0x1D21, 0x1D21, b'w'),
    (0x1D22, 0x1D22, b'z'),
    (0x1D2C, 0x1D2C, b'A'),
    (0x1D2E, 0x1D2E, b'B'),
    (0x1D30, 0x1D31, b'D'),
    (0x1D33, 0x1D3A, b'G'),
    (0x1D3C, 0x1D3C, b'O'),
    (0x1D3E, 0x1D3E, b'P'),
    (0x1D3F, 0x1D3F, b'R'),
    (0x1D40, 0x1D41, b'T'),
    (0x1D42, 0x1D42, b'W'),
    (0x1D43, 0x1D43, b'a'),
    (0x1D47, 0x1D47, b'b'),
    (0x1D48, 0x1D49, b'd'),
    (0x1D4D, 0x1D4D, b'g'),
    (0x1D4F, 0x1D4F, b'k'),
    (0x1D50, 0x1D50, b'm'),
    (0x1D52, 0x1D52, b'o'),
    (0x1D56, 0x1D56, b'p'),
    (0x1D57, 0x1D58, b't'),
    (0x1D5B, 0x1D5B, b'v'),
    (0x1D62, 0x1D62, b'i'),
    (0x1D63, 0x1D63, b'r'),
    (0x1D64, 0x1D65, b'u'),
    (0x1D9C, 0x1D9C, b'c'),
    (0x1DA0, 0x1DA0, b'f'),
    (0x1DBB, 0x1DBB, b'z'),
    (0x2070, 0x2070, b'0'),
    (0x2071, 0x2071, b'i'),
    (0x2074, 0x2079, b'4'),
    (0x207F, 0x207F, b'n'),
    (0x2080, 0x2089, b'0'),
    (0x2090, 0x2090, b'a'),
    (0x2091, 0x2091, b'e'),
    (0x2092, 0x2092, b'o'),
    (0x2093, 0x2093, b'x'),
    (0x2095, 0x2095, b'h'),
    (0x2096, 0x2099, b'k'),
    (0x209A, 0x209A, b'p'),
    (0x209B, 0x209C, b's'),
    (0x2102, 0x2102, b'C'),
    (0x210A, 0x210A, b'g'),
    (0x210B, 0x210B, b'H'),
    (0x210C, 0x210C, b'H'),
    (0x210D, 0x210D, b'H'),
    (0x210E, 0x210E, b'h'),
    (0x2110, 0x2110, b'I'),
    (0x2111, 0x2111, b'I'),
    (0x2112, 0x2112, b'L'),
    (0x2113, 0x2113, b'l'),
    (0x2115, 0x2115, b'N'),
    (0x2119, 0x211B, b'P'),
    (0x211C, 0x211C, b'R'),
    (0x211D, 0x211D, b'R'),
    (0x2124, 0x2124, b'Z'),
    (0x2128, 0x2128, b'Z'),
    (0x212A, 0x212A, b'K'),
    (0x212C, 0x212D, b'B'),
    (0x212F, 0x212F, b'e'),
    (0x2130, 0x2131, b'E'),
    (0x2133, 0x2133, b'M'),
    (0x2134, 0x2134, b'o'),
    (0x2139, 0x2139, b'i'),
    (0x2145, 0x2145, b'D'),
    (0x2146, 0x2147, b'd'),
    (0x2148, 0x2149, b'i'),
    (0x2160, 0x2160, b'I'),
    (0x2164, 0x2164, b'V'),
    (0x2169, 0x2169, b'X'),
    (0x216C, 0x216C, b'L'),
    (0x216D, 0x216E, b'C'),
    (0x216F, 0x216F, b'M'),
    (0x2170, 0x2170, b'i'),
    (0x2174, 0x2174, b'v'),
    (0x2179, 0x2179, b'x'),
    (0x217C, 0x217C, b'l'),
    (0x217D, 0x217E, b'c'),
    (0x217F, 0x217F, b'm'),
    (0x2460, 0x2468, b'1'),
    (0x24B6, 0x24CF, b'A'),
    (0x24D0, 0x24E9, b'a'),
    (0x24EA, 0x24EA, b'0'),
    (0x24F5, 0x24FD, b'1'),
    (0x24FF, 0x24FF, b'0'),
    (0x2776, 0x277E, b'1'),
    (0x2780, 0x2788, b'1'),
    (0x278A, 0x2792, b'1'),
    (0x2C7C, 0x2C7C, b'j'),
    (0x2C7D, 0x2C7D, b'V'),
    (0xA620, 0xA629, b'0'),
    (0xA730, 0xA730, b'f'),
    (0xA731, 0xA731, b's'),
    (0xA7F2, 0xA7F2, b'C'),
    (0xA7F3, 0xA7F3, b'F'),
    (0xA7F4, 0xA7F4, b'Q'),
    (0xA8D0, 0xA8D9, b'0'),
    (0xA900, 0xA909, b'0'),
    (0xA9D0, 0xA9D9, b'0'),
    (0xA9F0, 0xA9F9, b'0'),
    (0xAA50, 0xAA59, b'0'),
    (0xABF0, 0xABF9, b'0'),
    (0xFF10, 0xFF19, b'0'),
    (0xFF21, 0xFF3A, b'A'),
    (0xFF41, 0xFF5A, b'a'),
    (0x104A0, 0x104A9, b'0'),
    (0x107A5, 0x107A5, b'q'),
    (0x10D30, 0x10D39, b'0'),
    (0x11066, 0x1106F, b'0'),
    (0x110F0, 0x110F9, b'0'),
    (0x11136, 0x1113F, b'0'),
    (0x111D0, 0x111D9, b'0'),
    (0x112F0, 0x112F9, b'0'),
    (0x11450, 0x11459, b'0'),
    (0x114D0, 0x114D9, b'0'),
    (0x11650, 0x11659, b'0'),
    (0x116C0, 0x116C9, b'0'),
    (0x11730, 0x11739, b'0'),
    (0x118E0, 0x118E9, b'0'),
    (0x11950, 0x11959, b'0'),
    (0x11C50, 0x11C59, b'0'),
    (0x11D50, 0x11D59, b'0'),
    (0x11DA0, 0x11DA9, b'0'),
    (0x11F50, 0x11F59, b'0'),
    (0x16A60, 0x16A69, b'0'),
    (0x16AC0, 0x16AC9, b'0'),
    (0x16B50, 0x16B59, b'0'),
    (0x1E140, 0x1E149, b'0'),
    (0x1E2F0, 0x1E2F9, b'0'),
    (0x1E4F0, 0x1E4F9, b'0'),
    (0x1E950, 0x1E959, b'0'),
    (0x1F12B, 0x1F12B, b'C'),
    (0x1F12C, 0x1F12C, b'R'),
    (0x1F130, 0x1F149, b'A'),
    (0x1F150, 0x1F169, b'A'),
    (0x1F170, 0x1F189, b'A'),
    (0x1FBF0, 0x1FBF9, b'0'),
];

/// Letters that look like a Latin letter in common fonts: the one-to-one cases among Unicode's confusables (UTS #39) that
/// stand in today's Greek, Cyrillic, Armenian, Cherokee and phonetic alphabets.
fn lookalike(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' | 'ɑ' => 'a',
        'Ь' | 'Ƅ' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' | 'ɗ' => 'd',
        'е' | 'ҽ' => 'e',
        'ɡ' | 'ց' => 'g',
        'һ' | 'հ' => 'h',
        'і' | 'ι' | 'ı' | 'ɩ' | 'ӏ' => 'i',
        'ј' | 'ϳ' => 'j',
        'κ' | 'к' => 'k',
        'ո' | 'ռ' => 'n',
        'о' | 'ο' | 'օ' | 'σ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' | 'զ' => 'q',
        'г' => 'r',
        'ѕ' => 's',
        'т' => 't',
        'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' | 'ѡ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' | 'ү' => 'y',
        'А' | 'Α' | 'Ꭺ' => 'A',
        'В' | 'Β' | 'Ᏼ' => 'B',
        'С' | 'Ϲ' | 'Ꮯ' => 'C',
        'Ꭰ' => 'D',
        'Е' | 'Ε' | 'Ꭼ' => 'E',
        'Ԍ' | 'Ꮐ' => 'G',
        'Н' | 'Η' | 'Ꮋ' => 'H',
        'І' | 'Ι' | 'Ӏ' => 'I',
        'Ј' | 'Ꭻ' => 'J',
        'К' | 'Κ' | 'Ꮶ' => 'K',
        'Ꮮ' => 'L',
        'М' | 'Μ' | 'Ꮇ' => 'M',
        'Ν' => 'N',
        'О' | 'Ο' | 'Օ' => 'O',
        'Р' | 'Ρ' | 'Ꮲ' => 'P',
        'Ԛ' => 'Q',
        'Ꮢ' => 'R',
        'Ѕ' | 'Տ' | 'Ꮪ' => 'S',
        'Т' | 'Τ' | 'Ꭲ' => 'T',
        'Ս' => 'U',
        'Ѵ' | 'Ꮩ' => 'V',
        'Ԝ' | 'Ꮃ' => 'W',
        'Х' | 'Χ' => 'X',
        'У' | 'Υ' | 'Ү' => 'Y',
        'Ζ' | 'Ꮓ' => 'Z',
        'З' | 'Ӡ' => '3',
        'Ч' => '4',
        'б' => '6',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_in_order() {
        assert!(FORMS.iter().all(|(first, last, _)| first <= last));
        assert!(FORMS.is_sorted_by(|(_, a, _), (b, _, _)| a < b));
    }

    #[test]
    fn forms_of_ascii() {
        let one = |c| Glyph::Form(Ascii::One(c));
        for (c, read) in [
            ('４', '4'),
            ('Ａ', 'A'),
            ('𝟒', '4'),
            ('𝓪', 'a'),
            ('④', '4'),
            ('٤', '4'),
            ('４', '4'),
            ('ᴋ', 'k'),
            ('ℎ', 'h'),
        ] {
            assert_eq!(glyph(c), one(read), "{c}");
        }
        assert_eq!(glyph('ﬁ'), Glyph::Form(Ascii::Several("fi")));
        assert_eq!(glyph('\u{E0041}'), one('A'));
        assert_eq!((glyph('–'), glyph('＠')), (Glyph::Sign('-'), Glyph::Sign('@')));
        assert_eq!((glyph('\u{200B}'), glyph('\u{E0100}')), (Glyph::Invisible, Glyph::Invisible));
        assert_eq!((glyph('а'), glyph('ж'), glyph('中')), (Glyph::Lookalike('a'), Glyph::Own, Glyph::Own));
    }
}

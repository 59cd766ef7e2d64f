//! The language of a text, as a hint which country's number a number is: the commonest words of languages written in Latin or
//! Cyrillic letters, and the scripts of others.

/// Bytes of the text that are looked at.
const LOOKED_AT: usize = 600;
/// Words of a language that must stand there.
const LEAST: usize = 2;

/// The countries of a language, and its commonest words that are no words of its neighbours.
struct Language {
    countries: &'static [&'static str],
    words: &'static [&'static str],
}

const fn language(countries: &'static [&'static str], words: &'static [&'static str]) -> Language {
    Language { countries, words }
}

const LANGUAGES: &[Language] = &[
    language(
        &["US", "GB", "CA", "AU", "NZ", "IE", "ZA", "IN", "SG", "NG", "KE"],
        &["the", "and", "is", "of", "to", "for", "with", "this", "please", "my", "you"],
    ),
    language(
        &["DE", "AT", "CH", "LI", "LU"],
        &["der", "die", "das", "und", "ist", "nicht", "mit", "für", "bitte", "ich", "wir", "ein", "eine", "auf"],
    ),
    language(
        &["FR", "BE", "CH", "LU", "CA", "MC"],
        &["le", "les", "des", "est", "et", "une", "pour", "dans", "vous", "avec", "merci", "du", "je"],
    ),
    language(
        &[
            "ES", "MX", "AR", "CO", "CL", "PE", "EC", "UY", "VE", "CR", "DO", "GT", "PY", "BO", "CU", "SV", "HN", "NI",
            "PA",
        ],
        &["el", "los", "las", "y", "es", "una", "por", "favor", "con", "del", "su", "mi", "para"],
    ),
    language(
        &["PT", "BR", "AO", "MZ"],
        &["o", "os", "um", "uma", "não", "com", "para", "do", "da", "é", "você", "favor", "meu", "em"],
    ),
    language(
        &["IT", "SM", "VA", "CH"],
        &["il", "gli", "della", "è", "per", "con", "che", "di", "sono", "una", "mio", "nel"],
    ),
    language(&["NL", "BE"], &["het", "een", "en", "van", "niet", "voor", "met", "dat", "ik", "mijn", "graag", "zijn"]),
    language(&["PL"], &["jest", "nie", "się", "na", "czy", "proszę", "który", "mój", "dla", "oraz", "do", "w"]),
    language(&["CZ"], &["je", "není", "se", "na", "prosím", "který", "jsem", "že", "můj", "pro", "jsou"]),
    language(&["SK"], &["je", "nie", "sa", "na", "prosím", "ktorý", "som", "že", "môj", "pre", "sú"]),
    language(&["HU"], &["a", "az", "és", "nem", "hogy", "kérem", "egy", "van", "számom", "vagy"]),
    language(&["RO", "MD"], &["și", "este", "nu", "pe", "pentru", "cu", "vă", "rog", "în", "al", "meu"]),
    language(&["SE", "FI"], &["och", "är", "inte", "att", "för", "jag", "det", "med", "vänligen", "mitt", "som"]),
    language(&["NO"], &["og", "er", "ikke", "jeg", "det", "for", "med", "vennligst", "mitt", "som", "til", "på"]),
    language(&["DK"], &["og", "er", "ikke", "jeg", "det", "for", "med", "venligst", "mit", "som", "til", "på", "af"]),
    language(&["FI"], &["ja", "on", "ei", "että", "minun", "kiitos", "tämä", "se", "olen", "ovat"]),
    language(&["EE"], &["ja", "on", "ei", "et", "palun", "minu", "see", "kui", "mis"]),
    language(&["LV"], &["un", "ir", "nav", "lūdzu", "mans", "ka", "ar", "par", "no"]),
    language(&["LT"], &["ir", "yra", "ne", "prašome", "mano", "kad", "su", "iš", "į"]),
    language(&["HR", "BA", "ME", "RS"], &["je", "nije", "se", "na", "molim", "koji", "sam", "moj", "za", "su"]),
    language(&["SI"], &["je", "ni", "se", "na", "prosim", "ki", "sem", "moj", "za", "so", "in"]),
    language(&["TR"], &["ve", "bir", "bu", "için", "lütfen", "benim", "değil", "ile", "olan"]),
    language(&["AL", "XK"], &["dhe", "është", "nuk", "një", "për", "me", "ju", "lutem", "numri", "im"]),
    language(&["IS"], &["og", "er", "ekki", "ég", "það", "með", "vinsamlegast", "mitt", "til", "að"]),
    language(&["ID"], &["dan", "yang", "ini", "tidak", "untuk", "dengan", "saya", "mohon", "adalah", "dari"]),
    language(&["MY", "BN"], &["dan", "yang", "ini", "tidak", "untuk", "dengan", "saya", "sila", "ialah", "daripada"]),
    language(&["VN"], &["và", "là", "không", "của", "cho", "tôi", "vui", "lòng", "này", "được"]),
    language(&["RU", "BY", "KZ", "KG"], &["и", "не", "на", "это", "мой", "пожалуйста", "что", "для", "по", "с"]),
    language(&["UA"], &["і", "не", "на", "це", "мій", "будь", "ласка", "що", "для", "та", "є"]),
    language(&["BG"], &["и", "не", "на", "това", "моят", "моля", "че", "за", "от", "е", "са"]),
    language(&["RS", "ME", "BA"], &["и", "је", "није", "на", "молим", "да", "за", "мој", "се", "су"]),
    language(&["MK"], &["и", "не", "на", "ова", "мојот", "молам", "дека", "за", "од", "се"]),
];

/// The countries of scripts that tell the language, by the first letter of such a script.
const SCRIPTS: &[(char, char, &[&str])] = &[
    ('\u{0370}', '\u{03FF}', &["GR", "CY"]),
    ('\u{0530}', '\u{058F}', &["AM"]),
    ('\u{0590}', '\u{05FF}', &["IL"]),
    (
        '\u{0600}',
        '\u{06FF}',
        &[
            "SA", "EG", "AE", "MA", "DZ", "TN", "IQ", "JO", "KW", "QA", "BH", "OM", "LB", "LY", "SY", "YE", "SD", "PS",
            "IR", "PK", "AF",
        ],
    ),
    ('\u{0900}', '\u{097F}', &["IN", "NP"]),
    ('\u{0980}', '\u{09FF}', &["BD"]),
    ('\u{0D80}', '\u{0DFF}', &["LK"]),
    ('\u{0E00}', '\u{0E7F}', &["TH"]),
    ('\u{0E80}', '\u{0EFF}', &["LA"]),
    ('\u{1000}', '\u{109F}', &["MM"]),
    ('\u{10A0}', '\u{10FF}', &["GE"]),
    ('\u{1200}', '\u{137F}', &["ET"]),
    ('\u{1780}', '\u{17FF}', &["KH"]),
    ('\u{3040}', '\u{30FF}', &["JP"]),
    ('\u{AC00}', '\u{D7AF}', &["KR"]),
    ('\u{4E00}', '\u{9FFF}', &["CN", "TW", "HK", "MO", "SG"]),
];

/// The countries (ISO 3166-1 alpha-2) whose language the beginning of a text is in; none if it cannot be told.
pub fn countries(text: &str) -> &'static [&'static str] {
    let cut = (0..=LOOKED_AT.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let text = &text[..cut];
    let of_script = |c: char| SCRIPTS.iter().position(|(first, last, _)| (*first..=*last).contains(&c));
    // Kana stand before Chinese characters in the table: Japanese is written in both.
    if let Some(script) = text.chars().filter(|c| *c >= SCRIPTS[0].0).filter_map(of_script).min_by_key(|at| *at) {
        return SCRIPTS[script].2;
    }
    let text = text.to_lowercase();
    let mut counts = [0; LANGUAGES.len()];
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        for (count, language) in counts.iter_mut().zip(LANGUAGES) {
            *count += usize::from(language.words.contains(&word));
        }
    }
    let (best, count) = counts.iter().enumerate().max_by_key(|(_, count)| **count).expect("there are languages");
    let alone = counts.iter().filter(|other| *other == count).count() == 1;
    if *count >= LEAST && alone { LANGUAGES[best].countries } else { &[] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_tell_their_countries() {
        for (text, country) in [
            ("Please check the number with this letter.", "GB"),
            ("Bitte prüfen Sie die Nummer, ich habe sie nicht.", "DE"),
            ("Proszę sprawdzić, czy numer jest w piśmie.", "PL"),
            ("Prosím, zkontrolujte, který je můj.", "CZ"),
            ("Пожалуйста, проверьте, это мой номер.", "RU"),
            ("Будь ласка, перевірте, що це мій номер.", "UA"),
            ("金曜日までに番号を確認してください。", "JP"),
            ("请核对号码。", "CN"),
            ("주민등록번호를 확인해 주세요.", "KR"),
            ("يرجى التحقق من الرقم", "SA"),
        ] {
            assert!(countries(text).contains(&country), "{text}: {:?}", countries(text));
        }
    }

    #[test]
    fn what_is_no_sentence_tells_nothing() {
        for text in ["", "4711", "{\"id\": 4711}", "x y z", "é".repeat(900).as_str()] {
            assert!(countries(text).is_empty(), "{text:.20}: {:?}", countries(text));
        }
    }
}

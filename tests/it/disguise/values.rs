//! Values of many kinds, random and with right check digits, and what people write around them. Nobody's.

use crate::random::Random;

/// A kind of value: the rules that may find it, how one is made, and what it is called in several languages.
pub struct Kind {
    pub name: &'static str,
    pub rules: &'static [&'static str],
    pub make: fn(&mut Random) -> String,
    /// Language and name.
    pub called: &'static [(&'static str, &'static str)],
}

pub const KINDS: &[Kind] = &[
    Kind {
        name: "card",
        rules: &["credit_card"],
        make: card,
        called: &[
            ("en", "credit card"),
            ("de", "Kreditkarte"),
            ("fr", "carte bancaire"),
            ("es", "tarjeta"),
            ("zh", "信用卡"),
        ],
    },
    Kind {
        name: "iban_de",
        rules: &["iban"],
        make: |r| iban("DE", r.digits(18)),
        called: &[("de", "Bankverbindung"), ("en", "IBAN")],
    },
    Kind {
        name: "iban_es",
        rules: &["iban"],
        make: |r| iban("ES", r.digits(20)),
        called: &[("es", "cuenta"), ("en", "account")],
    },
    Kind {
        name: "iban_gb",
        rules: &["iban"],
        make: |r| {
            let mut account = vec![23, 32, 11, 20];
            account.extend(r.digits(14));
            iban("GB", account)
        },
        called: &[("en", "bank account"), ("fr", "compte")],
    },
    Kind {
        name: "de_steuer_id",
        rules: &["de_steuer_id"],
        make: steuer_id,
        called: &[("de", "Steuer-ID"), ("en", "tax id")],
    },
    Kind {
        name: "fr_nir",
        rules: &["fr_nir"],
        make: nir,
        called: &[("fr", "numéro de sécurité sociale"), ("en", "social security")],
    },
    Kind { name: "br_cpf", rules: &["br_cpf", "br_cpf_digits"], make: cpf, called: &[("en", "CPF")] },
    Kind { name: "br_cnpj", rules: &["br_cnpj"], make: cnpj, called: &[("en", "CNPJ")] },
    Kind { name: "in_aadhaar", rules: &["in_aadhaar"], make: aadhaar, called: &[("en", "aadhaar number")] },
    Kind { name: "cn_ric", rules: &["cn_ric"], make: ric, called: &[("zh", "身份证号码"), ("en", "national id")] },
    Kind {
        name: "jp_my_number",
        rules: &["jp_my_number"],
        make: my_number,
        called: &[("en", "my number"), ("ja", "マイナンバー")],
    },
    Kind { name: "gb_nhs", rules: &["gb_nhs"], make: nhs, called: &[("en", "NHS number")] },
    Kind {
        name: "us_ssn",
        rules: &["us_ssn", "us_ssn_digits"],
        make: ssn,
        called: &[("en", "social security number"), ("es", "seguro social")],
    },
    Kind {
        name: "phone",
        rules: &["phone_e164"],
        make: phone,
        called: &[("de", "Handy"), ("en", "mobile"), ("fr", "téléphone")],
    },
    Kind { name: "email", rules: &["email"], make: email, called: &[("en", "e-mail"), ("de", "E-Mail")] },
    Kind {
        name: "token",
        rules: &["secret_gitlab_pat"],
        make: |r| format!("glpat-{}", r.text("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789", 20)),
        called: &[("en", "key"), ("de", "Schlüssel")],
    },
];

/// A sentence in `language` with a gap for the value: what stands before it and behind it.
pub fn frame(language: &str, called: &str, random: &mut Random) -> (String, String) {
    let frames: &[&str] = match language {
        "de" => &["Hallo, meine $ ist # und nichts sonst.", "$: #\nDanke!", "Bitte trag als $ # ein, danke."],
        "fr" => &["Bonjour, voici mon $ : #, merci.", "$ : #\nBien à vous", "Mon $ est #."],
        "es" => &["Hola, mi $ es #, gracias.", "$: #\nSaludos", "Apunta $ # por favor."],
        "zh" => &["我的$是#，谢谢。", "$：#", "请记下$ # 。"],
        "ja" => &["私の$は # です。", "$：#"],
        _ => &["Hi, my $ is # thanks!", "$: #\nBest regards", "Please take $ # for this."],
    };
    let sentence = random.pick(frames).replace('$', called);
    let (before, after) = sentence.split_once('#').expect("a frame has a gap");
    (before.to_owned(), after.to_owned())
}

fn text(digits: &[u32]) -> String {
    digits.iter().map(|d| char::from_digit(*d, 10).expect("a digit")).collect()
}

fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(d, w)| d * w).sum()
}

fn card(random: &mut Random) -> String {
    let mut d = random.digits(15);
    d[..4].copy_from_slice(random.pick(&[&[4, 5, 3, 9], &[4, 0, 1, 2], &[5, 3, 9, 1], &[5, 4, 2, 5]]));
    let sum: u32 = d.iter().enumerate().map(|(i, d)| if i % 2 == 0 { d * 2 / 10 + d * 2 % 10 } else { *d }).sum();
    d.push((10 - sum % 10) % 10);
    text(&d)
}

/// `account` holds the values of its letters: A is 10.
fn iban(country: &str, account: Vec<u32>) -> String {
    let values = account.iter().copied().chain(country.bytes().map(|b| u32::from(b - b'A') + 10)).chain([0, 0]);
    let rest = values.fold(0, |rest, value| (rest * if value > 9 { 100 } else { 10 } + value) % 97);
    let account: String =
        account.iter().map(|v| char::from_digit(*v, 36).expect("a letter").to_ascii_uppercase()).collect();
    format!("{country}{:02}{account}", 98 - rest)
}

fn steuer_id(random: &mut Random) -> String {
    // Nine different digits, one of which stands twice.
    let mut d: Vec<u32> = (0..10).collect();
    (1..10).rev().for_each(|i| d.swap(i, random.below(i + 1)));
    if d[0] == 0 {
        d.swap(0, 9);
    }
    d[1 + random.below(9)] = d[0];
    let product = d.iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    d.push((11 - product) % 10);
    text(&d)
}

fn nir(random: &mut Random) -> String {
    let number = (1 + random.below(2)) as u64 * 1_000_000_000_000
        + random.below(100) as u64 * 10_000_000_000
        + (1 + random.below(12)) as u64 * 100_000_000
        + (1 + random.below(95)) as u64 * 1_000_000
        + (1 + random.below(900)) as u64 * 1000
        + (1 + random.below(998)) as u64;
    format!("{number}{:02}", 97 - number % 97)
}

fn mod11(digits: &[u32], weights: &[u32]) -> u32 {
    match 11 - weighted(digits, weights) % 11 {
        10.. => 0,
        check => check,
    }
}

fn cpf(random: &mut Random) -> String {
    let mut d = random.digits(9);
    d.push(mod11(&d, &[10, 9, 8, 7, 6, 5, 4, 3, 2]));
    d.push(mod11(&d, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]));
    text(&d)
}

fn cnpj(random: &mut Random) -> String {
    let mut d = random.digits(8);
    d.extend([0, 0, 0, 1]);
    d.push(mod11(&d, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]));
    d.push(mod11(&d, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]));
    text(&d)
}

/// Multiplication in the dihedral group of order ten.
fn dihedral(a: u32, b: u32) -> u32 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b) % 5,
        (false, true) => 5 + (a + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    }
}

fn aadhaar(random: &mut Random) -> String {
    const TURN: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let mut d = random.digits(11);
    d[0] = 2 + random.below(8) as u32;
    let check = d.iter().rev().zip(1..).fold(0, |check, (digit, turns)| {
        let turned = (0..turns).fold(*digit, |digit, _| TURN[digit as usize]);
        dihedral(check, turned)
    });
    d.push((0..10).find(|last| dihedral(check, *last) == 0).expect("a group has inverses"));
    text(&d)
}

fn ric(random: &mut Random) -> String {
    let region = random.pick(&["110101", "310115", "440304", "510107"]);
    let (year, month, day) = (1950 + random.below(55), 1 + random.below(12), 1 + random.below(28));
    let number = format!("{region}{year}{month:02}{day:02}{:03}", random.below(1000));
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    let check = ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][weighted(&digits, &weights) as usize % 11];
    number + check
}

fn my_number(random: &mut Random) -> String {
    let mut d = random.digits(11);
    d[0] = 1 + random.below(9) as u32;
    let rest = weighted(&d, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    d.push(if rest <= 1 { 0 } else { 11 - rest });
    text(&d)
}

fn nhs(random: &mut Random) -> String {
    loop {
        let mut d = random.digits(9);
        d[0] = 4 + random.below(4) as u32;
        match 11 - weighted(&d, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11 {
            10 => continue,
            check => d.push(check % 11),
        }
        return text(&d);
    }
}

fn ssn(random: &mut Random) -> String {
    format!("{:03}{:02}{:04}", 101 + random.below(560), 11 + random.below(88), 1001 + random.below(8990))
}

fn phone(random: &mut Random) -> String {
    format!("+49{}{}", random.pick(&["151", "160", "171", "176"]), 10_000_000 + random.below(89_999_999))
}

fn email(random: &mut Random) -> String {
    let name = random.text("abcdefghijklmnoprstuvw", 7);
    let domain = random.text("abcdefghijklmnoprstuvw", 6);
    format!("{name}@{domain}.com")
}

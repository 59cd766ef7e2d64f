//! International bank account number: the country's length and structure, and MOD 97-10.

use super::Validator;
use super::checksum::mod97;

pub const VALIDATOR: Validator = Validator {
    name: "iban",
    source: "ISO 13616-1:2020; SWIFT IBAN Registry, release 101",
    check,
    valid: &["FI4244730173805838", "IL094277201428897554479", "DE08290932073021594107"],
    invalid: &[
        "QA52FSNEHT8YZ44IPQ9G3512MNK63",
        "DE31290932073021594107",
        "DE3029093207302159410",
        "ZZ30290932073021594107",
    ],
};

/// Country and the structure of its account part: `4n` is four digits, `a` letters, `c` letters or digits.
const COUNTRIES: &[(&str, &str)] = &[
    ("AD", "8n12c"),
    ("AE", "19n"),
    ("AL", "8n16c"),
    ("AT", "16n"),
    ("AZ", "4a20c"),
    ("BA", "16n"),
    ("BE", "12n"),
    ("BG", "4a6n8c"),
    ("BH", "4a14c"),
    ("BI", "23n"),
    ("BR", "23n1a1c"),
    ("BY", "4c4n16c"),
    ("CH", "5n12c"),
    ("CR", "18n"),
    ("CY", "8n16c"),
    ("CZ", "20n"),
    ("DE", "18n"),
    ("DJ", "23n"),
    ("DK", "14n"),
    ("DO", "4c20n"),
    ("EE", "16n"),
    ("EG", "25n"),
    ("ES", "20n"),
    ("FI", "14n"),
    ("FK", "2a12n"),
    ("FO", "14n"),
    ("FR", "10n11c2n"),
    ("GB", "4a14n"),
    ("GE", "2a16n"),
    ("GI", "4a15c"),
    ("GL", "14n"),
    ("GR", "7n16c"),
    ("GT", "24c"),
    ("HN", "4a20n"),
    ("HR", "17n"),
    ("HU", "24n"),
    ("IE", "4a14n"),
    ("IL", "19n"),
    ("IQ", "4a15n"),
    ("IS", "22n"),
    ("IT", "1a10n12c"),
    ("JO", "4a4n18c"),
    ("KW", "4a22c"),
    ("KZ", "3n13c"),
    ("LB", "4n20c"),
    ("LC", "4a24c"),
    ("LI", "5n12c"),
    ("LT", "16n"),
    ("LU", "3n13c"),
    ("LV", "4a13c"),
    ("LY", "21n"),
    ("MC", "10n11c2n"),
    ("MD", "20c"),
    ("ME", "18n"),
    ("MK", "3n10c2n"),
    ("MN", "16n"),
    ("MR", "23n"),
    ("MT", "4a5n18c"),
    ("MU", "4a19n3a"),
    ("NI", "4a20n"),
    ("NL", "4a10n"),
    ("NO", "11n"),
    ("OM", "3n16c"),
    ("PK", "4a16c"),
    ("PL", "24n"),
    ("PS", "4a21c"),
    ("PT", "21n"),
    ("QA", "4a21c"),
    ("RO", "4a16c"),
    ("RS", "18n"),
    ("RU", "14n15c"),
    ("SA", "2n18c"),
    ("SC", "4a20n3a"),
    ("SD", "14n"),
    ("SE", "20n"),
    ("SI", "15n"),
    ("SK", "20n"),
    ("SM", "1a10n12c"),
    ("SO", "19n"),
    ("ST", "21n"),
    ("SV", "4a20n"),
    ("TL", "19n"),
    ("TN", "20n"),
    ("TR", "6n16c"),
    ("UA", "6n19c"),
    ("VA", "18n"),
    ("VG", "4a16n"),
    ("XK", "16n"),
    ("YE", "4a4n18c"),
];

fn check(value: &str) -> bool {
    let bytes = value.as_bytes();
    let Some(country) = value.get(..2).map(str::to_ascii_uppercase) else { return false };
    let Some((_, structure)) = COUNTRIES.iter().find(|(code, _)| *code == country) else { return false };
    bytes.len() > 4
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && fits(&bytes[4..], structure)
        && mod97(bytes[4..].iter().chain(&bytes[..4]).copied()) == Some(1)
}

/// Whether the account part is built as its country says.
fn fits(mut account: &[u8], structure: &str) -> bool {
    let mut length = 0;
    for symbol in structure.bytes() {
        let kind: fn(&u8) -> bool = match symbol {
            b'0'..=b'9' => {
                length = length * 10 + usize::from(symbol - b'0');
                continue;
            }
            b'n' => u8::is_ascii_digit,
            b'a' => u8::is_ascii_alphabetic,
            _ => u8::is_ascii_alphanumeric,
        };
        let Some((part, rest)) = account.split_at_checked(length) else { return false };
        if !part.iter().all(kind) {
            return false;
        }
        (account, length) = (rest, 0);
    }
    account.is_empty()
}

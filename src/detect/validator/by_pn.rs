//! Belarusian identification number: sex and century, birth date, region, order, citizenship, check digit.

use super::Validator;
use super::checksum::{digits, icao, pair, real_date};

pub const VALIDATOR: Validator = Validator {
    name: "by_pn",
    source: "Закон Республики Беларусь № 418-З «О регистре населения»; ICAO Doc 9303",
    check,
    valid: &["4010835C610PB2", "4150971E318BA4"],
    invalid: &["3180365AJ85BA9", "6110310C593BA9"],
};

fn check(value: &str) -> bool {
    let Some(d) = value.get(..7).and_then(digits::<7>) else { return false };
    let century = match d[0] {
        1 | 2 => 1800,
        3 | 4 => 1900,
        5 | 6 => 2000,
        _ => return false,
    };
    let rest = value.as_bytes();
    rest.len() == 14
        && real_date(century + pair(&d, 5), pair(&d, 3), pair(&d, 1))
        && matches!(rest[7], b'A' | b'B' | b'C' | b'E' | b'H' | b'K' | b'M')
        && rest[8..11].iter().all(u8::is_ascii_digit)
        && matches!(&rest[11..13], b"PB" | b"BA" | b"BI")
        && icao(&rest[..13]).is_some_and(|check| check + b'0' == rest[13])
}

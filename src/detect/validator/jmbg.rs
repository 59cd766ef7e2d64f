//! Master citizen number of the states of former Yugoslavia (JMBG, ЕМБГ): birth date, region, order, check modulo 11.

use super::Validator;
use super::checksum::{digits, pair, real_date, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "jmbg",
    source: "Zakon o jedinstvenom matičnom broju građana (Službeni list SFRJ 58/1976)",
    check,
    valid: &["1907987067887", "1609018224591"],
    invalid: &["2003384417396", "0103005556960"],
};

fn check(value: &str) -> bool {
    const WEIGHTS: [u32; 12] = [7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
    digits::<13>(value).is_some_and(|d| {
        // Three digits of the year: births are from 1880 to 2099.
        let year = match u32::from(d[4]) * 100 + pair(&d, 5) {
            year @ 880.. => 1000 + year,
            year @ ..100 => 2000 + year,
            _ => return false,
        };
        real_date(year, pair(&d, 2), pair(&d, 0)) && (11 - weighted(&d, &WEIGHTS) % 11) % 11 % 10 == u32::from(d[12])
    })
}

//! Single identity number of Indonesia: province, regency, district, date of birth (day 40 more for women), order.

use super::Validator;
use super::checksum::{digits, pair, real_date, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "id_nik",
    source: "Undang-Undang 24/2013 tentang Administrasi Kependudukan, Pasal 13; Permendagri 72/2022",
    check,
    valid: &["1847350201681898", "7122191404148604", "9244502005676356"],
    invalid: &["5513936209854498", "8758604711394351"],
};

pub fn check(value: &str) -> bool {
    let Some(d) = digits::<16>(&ungrouped(value)) else { return false };
    let day = match pair(&d, 6) {
        women @ 41.. => women - 40,
        men => men,
    };
    province(pair(&d, 0)) && d[2..4] != [0, 0] && d[12..] != [0; 4] && real_date(2000 + pair(&d, 10), pair(&d, 8), day)
}

/// Provinces of the Ministry of Home Affairs, with those of Papua founded in 2022.
fn province(code: u32) -> bool {
    matches!(code, 11..=19 | 21 | 31..=36 | 51..=53 | 61..=65 | 71..=76 | 81 | 82 | 91..=96)
}

//! Spanish social security number: province, order, and the remainder of both modulo 97.

use super::Validator;
use super::checksum::{digits, pair, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "es_nuss",
    source: "Tesorería General de la Seguridad Social; Orden de 17 de enero de 1996",
    check,
    valid: &["140619789981", "791398991183"],
    invalid: &["387975317996", "576921842360"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<12>(&ungrouped(value)) else { return false };
    let province = pair(&d, 0);
    let order = d[2..10].iter().fold(0, |n, &digit| n * 10 + u32::from(digit));
    // Orders below ten million were given with seven digits, and are checked so.
    let scale = if order < 10_000_000 { 10_000_000 } else { 100_000_000 };
    province != 0 && (u64::from(province) * scale + u64::from(order)) % 97 == u64::from(pair(&d, 10))
}

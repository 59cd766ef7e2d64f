//! Payment card number: an issuer range, a length of that issuer, and Luhn.

use super::Validator;
use super::checksum::{all_same, luhn, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "payment_card",
    source: "ISO/IEC 7812-1; the issuers' published ranges",
    check,
    valid: &["5188903317883625", "2221168950101232", "8128746683832362", "4111 1111 1111 1111"],
    invalid: &["2250332094627669", "6011693526324455", "9999999999999995"],
};

/// Issuer ranges: digits of the prefix, first and last prefix, lengths.
const ISSUERS: [(usize, u32, u32, &[usize]); 23] = [
    (1, 4, 4, &[13, 16, 19]),                   // Visa
    (2, 51, 55, &[16]),                         // Mastercard
    (4, 2221, 2720, &[16]),                     // Mastercard
    (2, 34, 34, &[15]),                         // American Express
    (2, 37, 37, &[15]),                         // American Express
    (3, 300, 305, &[14, 15, 16, 17, 18, 19]),   // Diners Club
    (4, 3095, 3095, &[14, 15, 16, 17, 18, 19]), // Diners Club
    (2, 36, 36, &[14, 15, 16, 17, 18, 19]),     // Diners Club
    (2, 38, 39, &[14, 15, 16, 17, 18, 19]),     // Diners Club
    (4, 6011, 6011, &[16, 17, 18, 19]),         // Discover
    (3, 644, 649, &[16, 17, 18, 19]),           // Discover
    (2, 65, 65, &[16, 17, 18, 19]),             // Discover, RuPay
    (4, 3528, 3589, &[16, 17, 18, 19]),         // JCB
    (2, 62, 62, &[16, 17, 18, 19]),             // UnionPay
    (4, 2200, 2204, &[16, 17, 18, 19]),         // Mir
    (2, 60, 60, &[16]),                         // RuPay
    (2, 81, 82, &[16]),                         // RuPay
    (3, 508, 508, &[16]),                       // RuPay
    (2, 50, 50, &[16, 18, 19]),                 // Maestro
    (2, 56, 58, &[16, 18, 19]),                 // Maestro
    (2, 63, 63, &[16, 18, 19]),                 // Maestro
    (2, 67, 67, &[16, 18, 19]),                 // Maestro
    (4, 9792, 9792, &[16]),                     // Troy
];

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    luhn(value) && issued(value) && !all_same(value.as_bytes())
}

fn issued(value: &str) -> bool {
    ISSUERS.iter().any(|(digits, first, last, lengths)| {
        let prefix = value.get(..*digits).and_then(|prefix| prefix.parse().ok());
        lengths.contains(&value.len()) && prefix.is_some_and(|prefix: u32| (*first..=*last).contains(&prefix))
    })
}

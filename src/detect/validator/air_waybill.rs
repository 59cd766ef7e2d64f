//! Air waybill: prefix of the airline, seven digits, the rest of these by 7.

use super::Validator;
use super::checksum::{digits, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "air_waybill",
    source: "IATA Cargo Services Conference, Resolution 600a",
    check,
    valid: &["646-45786882", "503-8414 1223"],
    invalid: &["646-45786883", "503-84141229", "000-00000000"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<11>(&ungrouped(value)) else { return false };
    let serial = d[3..10].iter().fold(0, |number, &d| number * 10 + u32::from(d));
    d[..3] != [0; 3] && serial != 0 && serial % 7 == u32::from(d[10])
}

//! Spanish cadastral reference: parcel, sheet, unit, two check letters.

use super::Validator;

pub const VALIDATOR: Validator = Validator {
    name: "es_catastral",
    source: "Real Decreto Legislativo 1/2004, art. 6; Dirección General del Catastro",
    check,
    valid: &["0898931HU2220E5148WZ", "8371105SH3064F6082AP"],
    invalid: &["3525846EY3711T5625ZR", "8988677WX1342Y1291KZ"],
};

fn check(value: &str) -> bool {
    const WEIGHTS: [u32; 11] = [13, 15, 12, 5, 4, 17, 9, 21, 3, 7, 1];
    let value: Vec<u32> = value.bytes().filter(|b| !matches!(b, b' ' | b'-')).map(u32::from).collect();
    let Ok(value) = <[u32; 20]>::try_from(value) else { return false };
    // Letters count by their place in the Spanish alphabet, which has Ñ after N.
    let Some(numbers) = value
        .iter()
        .map(|&c| match c {
            0x30..=0x39 => Some(c - 0x30),
            0x41..=0x4e => Some(c - 0x40),
            0x4f..=0x5a => Some(c - 0x3f),
            _ => None,
        })
        .collect::<Option<Vec<u32>>>()
    else {
        return false;
    };
    let check = |part: &[u32]| {
        let sum: u32 = part.iter().chain(&numbers[14..18]).zip(WEIGHTS).map(|(n, w)| n * w).sum();
        u32::from(b"MQWERTYUIOPASDFGHJKLBZX"[(sum % 23) as usize])
    };
    check(&numbers[..7]) == value[18] && check(&numbers[7..14]) == value[19]
}

//! Position in the military grid: zone, band, square of 100 km that the zone has, an even number of digits.

use super::Validator;
use super::checksum::place;

pub const VALIDATOR: Validator = Validator {
    name: "mgrs",
    source: "NGA.SIG.0012: Universal Grids and Transverse Mercator; STANAG 2211",
    check,
    valid: &["33UXP0500444996", "4QFJ12345678", "33U XP 0500 4499", "18SUJ2337106519"],
    invalid: &["33UAP0500444996", "61UXP05004499", "33UXW05004499", "33UXP050044", "33IXP05004499", "33UXP0500449"],
};

const COLUMNS: [&[u8]; 3] = [b"STUVWXYZ", b"ABCDEFGH", b"JKLMNPQR"];
const ROWS: &[u8] = b"ABCDEFGHJKLMNPQRSTUV";
const BANDS: &[u8] = b"CDEFGHJKLMNPQRSTUVWX";

fn check(value: &str) -> bool {
    let value = value.replace(' ', "");
    let zone_digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let (Some(zone), Some([band, column, row, figures @ ..])) =
        (value.get(..zone_digits), value.as_bytes().get(zone_digits..))
    else {
        return false;
    };
    let Some(zone) = zone.parse::<usize>().ok().filter(|zone| (1..=60).contains(zone) && zone_digits <= 2) else {
        return false;
    };
    place(BANDS, *band).is_some()
        && COLUMNS[zone % 3].contains(column)
        && ROWS.contains(row)
        && matches!(figures.len(), 4 | 8 | 10)
        && figures.iter().all(u8::is_ascii_digit)
}

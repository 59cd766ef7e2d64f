//! Second line of a passport's machine readable zone: four field checks and the composite one.

use super::Validator;
use super::checksum::icao;

pub const VALIDATOR: Validator = Validator {
    name: "mrz_td3",
    source: "ICAO Doc 9303 part 4, 4.2.2",
    check,
    valid: &["XHFH4ZQCD4UTO2105080M32030422251179225<<<<80", "X5VZU7D2D9IND5607138F280618146998507091<<<44"],
    invalid: &["YTF91TLQR7D<<7011096<287031903334327807<<<26", "YJPKZEANJ7USA7803071<2809148457<<<<<<<<<<<74"],
};

fn check(value: &str) -> bool {
    let line = value.as_bytes();
    if line.len() != 44 {
        return false;
    }
    let digit = |at: usize| line[at].checked_sub(b'0').filter(|d| *d < 10);
    let field = |range: std::ops::Range<usize>, at: usize| icao(&line[range]) == digit(at);
    // An empty personal number may have `<` for its check digit.
    let personal = field(28..42, 42) && digit(42).is_some() || line[28..43].iter().all(|b| *b == b'<');
    let composite: Vec<u8> = [&line[..10], &line[13..20], &line[21..43]].concat();
    field(0..9, 9) && field(13..19, 19) && field(21..27, 27) && personal && icao(&composite) == digit(43)
}

//! Country codes: ISO 3166-1 alpha-2.

/// The officially assigned codes of ISO 3166-1 alpha-2, in alphabetical order (249, as of the 2020 edition).
pub const CODES: [&str; 249] = [
    "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT", "AU", "AW", "AX", "AZ", "BA", "BB", "BD",
    "BE", "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO", "BQ", "BR", "BS", "BT", "BV", "BW", "BY", "BZ", "CA",
    "CC", "CD", "CF", "CG", "CH", "CI", "CK", "CL", "CM", "CN", "CO", "CR", "CU", "CV", "CW", "CX", "CY", "CZ", "DE",
    "DJ", "DK", "DM", "DO", "DZ", "EC", "EE", "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK", "FM", "FO", "FR", "GA",
    "GB", "GD", "GE", "GF", "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS", "GT", "GU", "GW", "GY", "HK",
    "HM", "HN", "HR", "HT", "HU", "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR", "IS", "IT", "JE", "JM", "JO", "JP",
    "KE", "KG", "KH", "KI", "KM", "KN", "KP", "KR", "KW", "KY", "KZ", "LA", "LB", "LC", "LI", "LK", "LR", "LS", "LT",
    "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MK", "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS",
    "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA", "NC", "NE", "NF", "NG", "NI", "NL", "NO", "NP", "NR", "NU", "NZ",
    "OM", "PA", "PE", "PF", "PG", "PH", "PK", "PL", "PM", "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS",
    "RU", "RW", "SA", "SB", "SC", "SD", "SE", "SG", "SH", "SI", "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS", "ST",
    "SV", "SX", "SY", "SZ", "TC", "TD", "TF", "TG", "TH", "TJ", "TK", "TL", "TM", "TN", "TO", "TR", "TT", "TV", "TW",
    "TZ", "UA", "UG", "UM", "US", "UY", "UZ", "VA", "VC", "VE", "VG", "VI", "VN", "VU", "WF", "WS", "YE", "YT", "ZA",
    "ZM", "ZW",
];

/// Kosovo: one of the codes that ISO 3166-1 leaves to its users (XA–XZ); the European Commission, SWIFT (ISO 9362), the IBAN
/// registry (ISO 13616) and Unicode CLDR use it alike.
const KOSOVO: &str = "XK";

/// Whether `code` is an assigned country code or Kosovo's, in capitals.
pub fn is_iso2(code: &str) -> bool {
    CODES.binary_search(&code).is_ok() || code == KOSOVO
}

/// The code people mean when they write one that is not assigned: `UK` is `GB`, `de` is `DE`.
pub fn meant(code: &str) -> Option<&'static str> {
    match code.to_ascii_uppercase().as_str() {
        // In everyday use, and reserved, but not assigned.
        "UK" => Some("GB"),
        "EL" => Some("GR"),
        KOSOVO => Some(KOSOVO),
        capitals => CODES.binary_search(&capitals).ok().map(|index| CODES[index]),
    }
}

/// How to mend a country code that [`is_iso2`] refuses.
pub fn help(code: &str) -> String {
    match meant(code) {
        Some(meant) => format!("write `{meant}`"),
        None if code.eq_ignore_ascii_case("EU") => "name each country; `EU` is not one".to_owned(),
        None => "write the two-letter code of ISO 3166-1 in capitals, such as `DE`, `FR` or `US`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_without_repeats() {
        assert!(CODES.is_sorted_by(|a, b| a < b), "binary search needs order");
        assert!(CODES.iter().all(|code| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase())));
    }

    #[test]
    fn only_assigned_codes_in_capitals_are_countries() {
        for code in ["NO", "DE", "US", "GB", "CN", "JP", "IN", "BR", "ZW", "AD", "XK"] {
            assert!(is_iso2(code), "{code}");
        }
        for code in ["", "D", "de", "UK", "EU", "XX", "ZZ", "DEU", "Ö"] {
            assert!(!is_iso2(code), "{code}");
        }
    }

    #[test]
    fn help_names_the_code_that_was_meant() {
        assert_eq!(help("de"), "write `DE`");
        assert_eq!(help("UK"), "write `GB`");
        assert!(help("EU").contains("each country"));
        assert!(help("Germany").contains("two-letter"));
    }
}

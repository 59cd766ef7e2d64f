//! The name somebody meant.

/// The known name nearest to `name` by edit distance, if one is near enough to be meant.
///
/// Case, `-` and `_` do not count as differences. Near enough is one edit per three characters of the longer name, and at
/// least one. Of equally near names the first wins. In names with parts, `country/de`, equal parts before the last say
/// nothing about how near the last one is.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in known {
        let (wanted, other) = match (name.rsplit_once('/'), candidate.rsplit_once('/')) {
            (Some((folder, last)), Some((other_folder, other_last))) if folder == other_folder => (last, other_last),
            _ => (name, candidate),
        };
        let (wanted, other) = (folded(wanted), folded(other));
        let allowed = (wanted.len().max(other.len()) / 3).max(1);
        if wanted.len().abs_diff(other.len()) > allowed {
            continue;
        }
        let distance = distance(&wanted, &other);
        // One letter changed for another makes any two-letter name out of any other: that says nothing.
        let telling = match wanted.len().min(other.len()) {
            0 | 1 => false,
            2 => wanted.len() != other.len(),
            _ => true,
        };
        let meant = distance == 0 || (distance <= allowed && telling);
        if meant && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The known name that `name` is the beginning of, or that begins it, up to an underscore: `api_key` and `api_key_env`.
pub fn begun<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let begins = |short: &str, long: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('_'));
    known.into_iter().find(|known| !name.is_empty() && (begins(name, known) || begins(known, name)))
}

fn folded(name: &str) -> Vec<char> {
    name.chars().flat_map(char::to_lowercase).map(|c| if c == '-' { '_' } else { c }).collect()
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut current = Vec::with_capacity(b.len() + 1);
        current.push(i);
        for j in 1..=b.len() {
            let substituted = previous[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = substituted.min(previous[j] + 1).min(current[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            current.push(least);
        }
        before = std::mem::replace(&mut previous, current);
    }
    previous[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn typing_errors_find_the_name_that_was_meant() {
        let known = ["listen", "max_body", "tls", "base_url", "block_style", "no"];
        for (typed, meant) in [
            ("lisen", Some("listen")),
            ("litsen", Some("listen")),
            ("Listen", Some("listen")),
            ("max-body", Some("max_body")),
            ("base_ulr", Some("base_url")),
            ("tsl", Some("tls")),
            ("NO", Some("no")),
            ("na", None),
            ("tl", Some("tls")),
            ("telemetry", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, known), meant, "{typed}");
        }
    }

    #[test]
    fn parts_in_common_do_not_make_the_last_part_near() {
        let known = ["country/de", "base/contact"];
        assert_eq!(nearest("country/xx", known), None);
        assert_eq!(nearest("country/d", known), None);
        assert_eq!(nearest("base/contcat", known), Some("base/contact"));
        assert_eq!(nearest("bas/contact", known), Some("base/contact"));
    }

    #[test]
    fn a_part_of_a_name_finds_the_whole() {
        assert_eq!(begun("api_key", ["name", "api_key_env"]), Some("api_key_env"));
        assert_eq!(begun("max_body_size", ["max_body"]), Some("max_body"));
        assert_eq!(begun("api", ["apikey"]), None);
        assert_eq!(begun("", ["_x"]), None);
    }

    #[test]
    fn of_equally_near_names_the_first_wins() {
        assert_eq!(nearest("bat", ["cat", "hat"]), Some("cat"));
    }

    proptest! {
        #[test]
        fn distance_is_a_symmetric_measure(a in "[abc]{0,6}", b in "[abc]{0,6}") {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            prop_assert_eq!(distance(&a, &b), distance(&b, &a));
            prop_assert_eq!(distance(&a, &b) == 0, a == b);
            prop_assert!(distance(&a, &b) <= a.len().max(b.len()));
            prop_assert!(distance(&a, &b) >= a.len().abs_diff(b.len()));
        }
    }
}

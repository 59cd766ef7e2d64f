//! Names with `*`: any run of characters, none included. Everything else stands for itself.

/// A name as a policy writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it has no `*` and so means exactly one name.
    pub fn is_plain(&self) -> bool {
        !self.0.contains('*')
    }

    pub fn matches(&self, name: &str) -> bool {
        let Some((first, rest)) = self.0.split_once('*') else { return self.0 == name };
        let Some(mut name) = name.strip_prefix(first) else { return false };
        let mut parts = rest.split('*').peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                return name.ends_with(part);
            }
            // the leftmost place leaves the most for the parts that follow
            let Some(at) = name.find(part) else { return false };
            name = &name[at + part.len()..];
        }
        true
    }
}

/// Whether one of `globs` matches; a list that is absent does not ask.
pub fn asks_for(globs: Option<&[Glob]>, name: Option<&str>) -> bool {
    globs.is_none_or(|globs| globs.iter().any(|g| g.as_str() == "*" || name.is_some_and(|n| g.matches(n))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stars_match_any_run() {
        let cases = [
            ("*", "", true),
            ("*", "x", true),
            ("base/*", "base/secrets", true),
            ("base/*", "basement", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*_id", "tax_id", true),
            ("*b*b", "ab", false),
            ("*b*b*", "abcbd", true),
            ("a**c", "abc", true),
            ("de", "de", true),
            ("de", "de_", false),
        ];
        for (glob, name, expected) in cases {
            assert_eq!(Glob::new(glob).matches(name), expected, "{glob} {name}");
        }
    }

    #[test]
    fn a_star_means_unknown_names_too_and_other_names_do_not() {
        assert!(asks_for(None, None));
        assert!(asks_for(Some(&[Glob::new("*")]), None));
        assert!(!asks_for(Some(&[Glob::new("D*")]), None));
        assert!(!asks_for(Some(&[]), Some("DE")));
    }

    proptest! {
        #[test]
        fn a_glob_matches_as_its_regular_expression_does(glob in "[ab*]{0,6}", name in "[ab]{0,8}") {
            let regex = regex::Regex::new(&format!("^{}$", glob.replace('*', ".*"))).unwrap();
            prop_assert_eq!(Glob::new(glob).matches(&name), regex.is_match(&name));
        }
    }
}

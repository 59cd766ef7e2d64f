//! Paths into JSON, as far as naming fields takes: `outputs[*].text`. The notation is that of JSONPath (RFC 9535) without `$`,
//! filters and slices.

use crate::decode::json::{Kind, Node};
use std::ops::Range;

/// Most steps of a path: far more than bodies of any provider are deep.
const MOST_STEPS: usize = 64;

/// A path from the root of a body to values in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPath(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
    /// Every element of a list, every value of an object.
    Every,
}

/// Why a text is no path, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    pub at: Range<usize>,
    pub message: &'static str,
    pub help: &'static str,
}

impl JsonPath {
    /// Reads a path.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let error = |at: Range<usize>, message, help| Err(PathError { at, message, help });
        let mut steps = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            if let Some(inside) = rest.strip_prefix('[') {
                let Some((step, length)) = bracket(inside) else {
                    let end = at + rest.find(']').map_or(rest.len(), |end| end + 1);
                    let help = "write `[*]` for every element, `[0]` for the first, or `['a key']`";
                    return error(at..end, "these brackets choose nothing", help);
                };
                steps.push(step);
                at += 1 + length;
            } else {
                let dotted = rest.starts_with('.');
                if dotted == steps.is_empty() {
                    let help = "a path begins with a key, and a dot stands between two: `outputs[*].text`";
                    return error(
                        at..at + rest.chars().next().map_or(0, char::len_utf8),
                        "a key is missing here",
                        help,
                    );
                }
                let key = &rest[usize::from(dotted)..];
                let key = &key[..key.find(['.', '[', ']']).unwrap_or(key.len())];
                let (start, end) = (at + usize::from(dotted), at + usize::from(dotted) + key.len());
                match key {
                    "" => {
                        let help = "name a key behind the dot, or remove it; a key with dots is written `['a.key']`";
                        return error(at..start.max(at + 1), "a key is missing here", help);
                    }
                    "$" => {
                        return error(start..end, "paths have no `$`", "begin with the first key: `outputs[*].text`");
                    }
                    "*" => {
                        return error(start..end, "`*` stands in brackets", "write `[*]`, without a dot before it");
                    }
                    key => steps.push(Step::Key(key.to_owned())),
                }
                at = end;
            }
        }
        match steps.len() {
            0 => error(0..0, "the path is empty", "name the field, such as `outputs[*].text`"),
            1..=MOST_STEPS => Ok(Self(steps)),
            _ => error(0..text.len(), "the path is too long", "name at most 64 keys and elements"),
        }
    }

    /// Every value at the path; of keys that are there twice, both.
    pub fn find<'j, 'b>(&self, root: Node<'j, 'b>) -> Vec<Node<'j, 'b>> {
        let mut found = vec![root];
        for step in &self.0 {
            let mut next = Vec::new();
            for node in found {
                match step {
                    Step::Key(key) => next.extend(node.each(key)),
                    Step::Index(index) => next.extend(node.items().nth(*index)),
                    Step::Every if node.kind() == Kind::Object => next.extend(node.entries().map(|(_, value)| value)),
                    Step::Every => next.extend(node.items()),
                }
            }
            found = next;
        }
        found
    }
}

/// The step in brackets, and how long it is with the closing one.
fn bracket(inside: &str) -> Option<(Step, usize)> {
    if let Some(quote @ ('\'' | '"')) = inside.chars().next() {
        let end = inside[1..].find(quote)? + 1;
        inside[end + 1..].starts_with(']').then(|| (Step::Key(inside[1..end].to_owned()), end + 2))
    } else {
        let end = inside.find(']')?;
        let step = match &inside[..end] {
            "*" => Step::Every,
            digits if digits.bytes().all(|b| b.is_ascii_digit()) => Step::Index(digits.parse().ok()?),
            _ => return None,
        };
        Some((step, end + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::json::{Json, Limits};

    #[test]
    fn paths_find_every_value_they_name() {
        let body = br#"{"a":[{"b":"1","b":"2"},{"b":"3"}],"a.b":{"x":"4","y":"5"},"c":["6","7"]}"#;
        let json = Json::parse(body, &Limits::default()).unwrap();
        let found = |path: &str| -> Vec<String> {
            let nodes = JsonPath::parse(path).unwrap().find(json.root());
            nodes.into_iter().map(|node| node.str().unwrap_or_default().into_owned()).collect()
        };
        assert_eq!(found("a[*].b"), ["1", "2", "3"]);
        assert_eq!(found("a[1].b"), ["3"]);
        assert_eq!(found("['a.b'][*]"), ["4", "5"]);
        assert_eq!(found("[\"c\"][0]"), ["6"]);
        assert_eq!(found("c[2]"), Vec::<String>::new());
        assert_eq!(found("a.b"), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_path_is_told_with_its_place() {
        for (text, at) in [
            ("", 0..0),
            (".a", 0..1),
            ("a..b", 1..2),
            ("a.", 1..2),
            ("$.a", 0..1),
            ("a.*", 2..3),
            ("a[]", 1..3),
            ("a[x].b", 1..4),
            ("a['b", 1..4),
            ("a[-1]", 1..5),
            ("a]b", 1..2),
            ("a[0]b", 4..5),
        ] {
            assert_eq!(JsonPath::parse(text).map_err(|error| error.at), Err(at), "{text}");
        }
        assert!(JsonPath::parse(&"[*]".repeat(MOST_STEPS)).is_ok());
        assert!(JsonPath::parse(&"[*]".repeat(MOST_STEPS + 1)).is_err(), "P7: bounded work");
    }
}

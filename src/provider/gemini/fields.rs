//! Names of fields. These are protocol buffers as JSON: servers take `inlineData` and `inline_data` alike, and so is both
//! what a client may send and what an answer may hold.

use crate::decode::json::Node;
use std::borrow::Cow;

/// Each value of an object, by its name in lowerCamelCase; duplicates included.
pub(super) fn fields<'j, 'b>(object: Node<'j, 'b>) -> impl Iterator<Item = (Cow<'b, str>, Node<'j, 'b>)> {
    object.entries().filter_map(|(key, value)| Some((camel(key.str()?), value)))
}

/// The values of a field, duplicates included, given by its name in lowerCamelCase.
pub(super) fn each<'j, 'b>(object: Node<'j, 'b>, name: &'static str) -> impl Iterator<Item = Node<'j, 'b>> {
    let called = move |key: Node<'j, 'b>| key.str().is_some_and(|key| is_called(&key, name));
    object.entries().filter(move |(key, _)| called(*key)).map(|(_, value)| value)
}

/// The value of a field. Of duplicates the last counts.
pub(super) fn last<'j, 'b>(object: Node<'j, 'b>, name: &'static str) -> Option<Node<'j, 'b>> {
    each(object, name).last()
}

/// A value, or the values of a list.
pub(super) fn one_or_more<'j, 'b>(node: Node<'j, 'b>) -> impl Iterator<Item = Node<'j, 'b>> {
    use crate::decode::json::Kind;
    let alone = (node.kind() != Kind::Array).then_some(node);
    alone.into_iter().chain(node.items())
}

/// Whether a key is a name in lowerCamelCase, in one of both spellings.
fn is_called(key: &str, name: &str) -> bool {
    let mut rest = name.bytes();
    let mut upper = false;
    for byte in key.bytes() {
        if byte == b'_' {
            upper = true;
            continue;
        }
        let byte = if std::mem::take(&mut upper) { byte.to_ascii_uppercase() } else { byte };
        if rest.next() != Some(byte) {
            return false;
        }
    }
    rest.next().is_none()
}

/// `inline_data` as `inlineData`.
fn camel(name: Cow<'_, str>) -> Cow<'_, str> {
    if !name.bytes().any(|b| b == b'_') {
        return name;
    }
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        match c {
            '_' => upper = true,
            c if std::mem::take(&mut upper) => out.push(c.to_ascii_uppercase()),
            c => out.push(c),
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::json::{Json, Limits};

    #[test]
    fn both_spellings_are_one_field() {
        let text = br#"{"inlineData":1,"inline_data":2,"inlinedata":3,"x":4,"inlineData_x":5,"inline":6}"#;
        let json = Json::parse(text, &Limits::default()).unwrap();
        let found: Vec<u64> = each(json.root(), "inlineData").filter_map(Node::as_u64).collect();
        assert_eq!(found, [1, 2]);
        for (key, _) in json.root().entries() {
            let key = key.str().unwrap();
            for name in ["inlineData", "inlineDataX", "inline", "x", "in"] {
                assert_eq!(is_called(&key, name), camel(key.clone()) == name, "{key} {name}");
            }
        }
        assert_eq!(last(json.root(), "x").and_then(Node::as_u64), Some(4));
    }
}

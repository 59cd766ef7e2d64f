//! The backstop: every string leaf that no walker claimed is scanned, so that a field that appears next month is not an
//! unguarded door. This file says what it leaves alone.

use crate::decode::json::Node;

/// Fields whose value only the provider can read. They look like secrets and must come back as they went out. Fields of more
/// common names that hold such values (`data` of redacted reasoning, `p` of padding) are known to the walkers.
/// Sources: OpenAI reasoning items (`encrypted_content`, `fingerprint`), stream padding (`obfuscation`); Anthropic thinking
/// blocks (`signature`), search results (`encrypted_content`, `encrypted_index`), output of code (`encrypted_stdout`), refusals
/// (`fallback_credit_token`); Gemini parts (`thoughtSignature`); Bedrock reasoning (`redactedContent`); MCP results that ask
/// for more input (`requestState`).
const OPAQUE: &[&str] = &[
    "signature",
    "encrypted_content",
    "encrypted_index",
    "encrypted_stdout",
    "fallback_credit_token",
    "thoughtSignature",
    "thought_signature",
    "redactedContent",
    "requestState",
    "obfuscation",
    "fingerprint",
];

/// Fields that name things of the protocol: kinds, ids, reasons. They are scanned only if they do not look like a name.
const LABELS: &[&str] = &[
    "id",
    "object",
    "type",
    "role",
    "model",
    "finish_reason",
    "stop_reason",
    "system_fingerprint",
    "service_tier",
    "status",
    "tool_call_id",
    "tool_use_id",
    "call_id",
    "item_id",
    "response_id",
    "previous_response_id",
    "message_id",
    "request_id",
    "conversation_id",
    "generation_id",
    "session_id",
    "custom_id",
    "name",
    "encoding_format",
    "format",
    "detail",
    "effort",
    "severity",
    "tool_choice",
    "media_type",
    "mime_type",
    "mimeType",
    "jsonrpc",
    "method",
    "protocolVersion",
    "stopReason",
    "resultType",
    "taskId",
    "progressToken",
    "requestId",
];

/// Longest value taken for a name of the protocol, in bytes.
const LONGEST_LABEL: usize = 128;
/// From so many bytes on a name could be a credential: no vendor's are shorter.
const SHORTEST_TOKEN: usize = 16;
/// Digits in a row from which a name could be a person's: the shortest national numbers have eight.
const DIGIT_RUN: usize = 8;
/// The same where digits are grouped: a date has eight, the shortest of such numbers nine.
const GROUPED_DIGITS: usize = 9;

/// Names by their length, so that few are compared with a key.
struct Names([[&'static str; SAME_LENGTH]; LONGEST_NAME + 1]);

/// Longest of the names above, and how many of them at most have the same length.
const LONGEST_NAME: usize = 24;
const SAME_LENGTH: usize = 7;

impl Names {
    const fn of(names: &[&'static str]) -> Self {
        let mut table = [[""; SAME_LENGTH]; LONGEST_NAME + 1];
        let mut at = 0;
        while at < names.len() {
            let alike = &mut table[names[at].len()];
            let mut free = 0;
            while !alike[free].is_empty() {
                free += 1;
            }
            alike[free] = names[at];
            at += 1;
        }
        Self(table)
    }

    fn has(&self, key: &str) -> bool {
        !key.is_empty() && self.0.get(key.len()).is_some_and(|alike| alike.contains(&key))
    }
}

/// What the backstop takes a leaf for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaf {
    /// State of the provider's, not text.
    Opaque,
    /// A name of the protocol, by its field and its look.
    Label,
    Text,
}

impl Leaf {
    pub(super) fn of(leaf: Node<'_, '_>) -> Self {
        static OF_OPAQUE: Names = Names::of(OPAQUE);
        static OF_LABELS: Names = Names::of(LABELS);
        let key = leaf.key().filter(|_| leaf.is_string()).and_then(Node::str);
        match key.as_deref() {
            Some(key) if OF_OPAQUE.has(key) => Self::Opaque,
            Some(key) if OF_LABELS.has(key) && is_name(&leaf.str().unwrap_or_default()) => Self::Label,
            _ => Self::Text,
        }
    }
}

/// A text that looks like a name: no words, no number of a person's, and no token.
pub fn is_name(text: &str) -> bool {
    // most are nothing but these
    if text.len() <= LONGEST_LABEL && text.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'.')) {
        return true;
    }
    let (mut run, mut grouped) = (0, 0);
    let digits_in_a_row = text.bytes().any(|b| {
        if b.is_ascii_digit() {
            (run, grouped) = (run + 1, grouped + 1);
        } else {
            grouped = if run > 0 && !b.is_ascii_alphabetic() { grouped } else { 0 };
            run = 0;
        }
        run >= DIGIT_RUN || grouped >= GROUPED_DIGITS
    });
    let name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':' | b'/');
    text.len() <= LONGEST_LABEL && text.bytes().all(name) && !digits_in_a_row && !may_be_token(text)
}

/// Tokens are long and mix cases or digits in; so are most ids.
fn may_be_token(text: &str) -> bool {
    let has = |of: fn(&u8) -> bool| text.as_bytes().iter().any(of);
    text.len() >= SHORTEST_TOKEN
        && (has(u8::is_ascii_digit) || has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::json::{Json, Limits};
    use crate::decode::{Channel, Reason};
    use crate::provider::{EventWalker, Walker};

    #[test]
    fn p3_state_of_the_provider_is_neither_scanned_nor_lost_sight_of() {
        for field in OPAQUE {
            let body = format!(r#"{{"{field}":"EqgfCioIARgB","a":{{"{field}":"sk-abc","b":"text"}}}}"#);
            let json = Json::parse(body.as_bytes(), &Limits::default()).unwrap();
            let walk = Walker::new(&json).finish(Channel::Prompt);
            let texts: Vec<&str> = walk.segments.iter().map(|segment| &*segment.text).collect();
            assert_eq!(texts, ["text"], "{field}");
            let declared: Vec<(Reason, &str)> =
                walk.uninspected.iter().map(|part| (part.reason, part.path.as_str())).collect();
            assert_eq!(declared, [(Reason::Opaque, *field), (Reason::Opaque, &format!("a.{field}"))]);

            let facts = EventWalker::new(&json).finish();
            assert_eq!((facts.whole.len(), facts.uninspected.len()), (1, 2), "{field}");
        }
    }

    #[test]
    fn names_are_found_by_their_length() {
        let names = Names::of(LABELS);
        assert!(LABELS.iter().all(|name| names.has(name)));
        assert!(["", "i", "ident", "Role", &"x".repeat(LONGEST_NAME + 1)].iter().all(|name| !names.has(name)));
    }

    #[test]
    fn names_of_the_protocol_are_read_where_they_do_not_look_like_names() {
        let labelled = |value: &str| {
            let body = format!(r#"{{"session_id":"{value}"}}"#);
            let json = Json::parse(body.as_bytes(), &Limits::default()).unwrap();
            Leaf::of(json.root().get("session_id").unwrap()) == Leaf::Label
        };
        for name in ["sess_01AbC:y/z", "chat.completion.chunk", "gpt-4o-mini", "RESOURCE_EXHAUSTED"] {
            assert!(labelled(name), "{name}");
        }
        assert!(!labelled("gpt-4o-mini-2024-07-18") && !labelled("AKIAQ7FXK2MWZ3TB5LNV"));
        for text in
            ["4539 5787", "453957876362", "4539-5787-6362", "123-45-6789", "Grüße", &"x".repeat(LONGEST_LABEL + 1)]
        {
            assert!(!labelled(text), "{text}");
        }
    }
}

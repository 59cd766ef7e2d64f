//! What the stand-in model says, before it is put into an API's shape.

use serde_json::Value;

use super::ask::Ask;
use super::schema;
use super::wire;

/// The invented customer record: nobody's name, the card number that card networks publish for tests, a reserved domain.
const CUSTOMER_RECORD: &str = "Customer record: Erika Musterfrau, erika.musterfrau@example.com, card 4111 1111 1111 1111, \
    expires 11/29, last order 20417 on 2026-01-05.";

/// How large the fragments of tool arguments and other JSON are by default, in bytes; about a token.
const JSON_CHUNK: usize = 5;

/// One choice's content.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    Text(String),
    Calls(Vec<Call>),
}

/// A tool call.
#[derive(Debug, PartialEq)]
pub(super) struct Call {
    pub(super) name: String,
    /// JSON text.
    pub(super) arguments: String,
}

impl Answer {
    /// The answer to `ask`; choices other than the first say which they are.
    pub(super) fn new(ask: &Ask, choice: usize) -> Answer {
        let said = said(ask);
        if !ask.tools.is_empty() && ask.tool_result.is_none() {
            let call = |tool: &super::ask::Tool| Call {
                name: tool.name.clone(),
                arguments: schema::example(&tool.parameters, said.as_deref()).to_string(),
            };
            return Answer::Calls(ask.tools.iter().map(call).collect());
        }
        if let Some(schema) = &ask.schema {
            return Answer::Text(schema::example(schema, said.as_deref()).to_string());
        }
        let mut text = said.unwrap_or_else(|| default_text(ask));
        if choice > 0 {
            text.push_str(&format!(" (choice {})", choice + 1));
        }
        Answer::Text(text)
    }

    /// About how many tokens it is: a quarter of its characters.
    pub(super) fn tokens(&self) -> usize {
        match self {
            Answer::Text(text) => tokens(text.chars().count()),
            Answer::Calls(calls) => calls.iter().map(|call| tokens(call.arguments.chars().count())).sum(),
        }
    }
}

impl Call {
    /// The arguments as a value.
    pub(super) fn value(&self) -> Value {
        serde_json::from_str(&self.arguments).expect("made by a JSON serialiser")
    }

    /// The arguments in the fragments in which they are streamed.
    pub(super) fn fragments(&self, chunk: Option<usize>) -> Vec<&str> {
        cut(&self.arguments, chunk.unwrap_or(JSON_CHUNK))
    }
}

/// About how many tokens so many characters are.
pub(super) fn tokens(characters: usize) -> usize {
    characters.div_ceil(4)
}

/// The embedding of a text: eight numbers that look at random, and differ when the text does.
pub(super) fn vector(text: &str) -> Vec<f32> {
    wire::id("", text.as_bytes(), 0).bytes().take(8).map(|letter| f32::from(letter) / 128.0).collect()
}

/// The embeddings of a text or of each of a list.
pub(super) fn vectors(input: &Value) -> Vec<Vec<f32>> {
    match input {
        Value::String(text) => vec![vector(text)],
        Value::Array(all) => {
            all.iter().map(|text| vector(&text.as_str().map_or(text.to_string(), str::to_owned))).collect()
        }
        _ => Vec::new(),
    }
}

/// Text in the deltas in which it is streamed: of about `chunk` bytes, or word by word.
pub(super) fn deltas(text: &str, chunk: Option<usize>) -> Vec<&str> {
    if let Some(size) = chunk {
        return cut(text, size);
    }
    let mut deltas = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(' ').filter(|(at, _)| *at > 0) {
        deltas.push(&text[start..at]);
        start = at;
    }
    deltas.push(&text[start..]);
    deltas.retain(|delta| !delta.is_empty());
    deltas
}

/// Pieces of `size` bytes, longer where one would end inside a character.
fn cut(text: &str, size: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let boundary = (size..rest.len()).find(|at| rest.is_char_boundary(*at));
        let end = boundary.unwrap_or(rest.len());
        let (piece, tail) = rest.split_at(end);
        pieces.push(piece);
        rest = tail;
    }
    pieces
}

/// The text a request asks for, if it asks for any.
fn said(ask: &Ask) -> Option<String> {
    let marked = ask.user.split_once("SAY <<").and_then(|(_, rest)| rest.split_once(">>"));
    if let Some((text, _)) = marked {
        return Some(text.replace('|', ""));
    }
    if ask.user.contains("customer record") {
        return Some(CUSTOMER_RECORD.to_owned());
    }
    match ask.model.strip_prefix("say:") {
        Some(text) => Some(text.to_owned()),
        None => (ask.model == "echo").then(|| ask.user.clone()),
    }
}

fn default_text(ask: &Ask) -> String {
    if let Some(result) = &ask.tool_result {
        return format!("The tool answered: {result}");
    }
    let mut text =
        format!("I am a stand-in for a model. I read {} characters in {} messages", ask.characters, ask.messages);
    for size in &ask.images {
        text.push_str(&format!(", and an image of {size} bytes"));
    }
    text.push('.');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standin::ask::Tool;
    use serde_json::json;

    fn ask(model: &str, user: &str) -> Ask {
        Ask { model: model.to_owned(), user: user.to_owned(), choices: 1, ..Ask::default() }
    }

    #[test]
    fn says_what_the_request_asks_for() {
        let text = |model: &str, user: &str| match Answer::new(&ask(model, user), 0) {
            Answer::Text(text) => text,
            Answer::Calls(calls) => panic!("no tools were given, yet {calls:?}"),
        };
        assert_eq!(text("stand-in", "Please SAY <<4111|1111>> now"), "41111111");
        assert_eq!(text("echo", "hello"), "hello");
        assert_eq!(text("say:good day", "hello"), "good day");
        assert!(text("stand-in", "Read me the customer record of order 20417").contains("4111 1111"));
        assert!(text("stand-in", "hello").starts_with("I am a stand-in"));
        assert!(matches!(Answer::new(&ask("echo", "hi"), 1), Answer::Text(text) if text == "hi (choice 2)"));
    }

    #[test]
    fn calls_tools_with_the_text_as_argument() {
        let mut ask = ask("echo", "Oslo");
        let parameters = json!({"type": "object", "properties": {"city": {"type": "string"}}});
        ask.tools = vec![Tool { name: "weather".to_owned(), parameters }];
        let Answer::Calls(calls) = Answer::new(&ask, 0) else { panic!("a tool was given") };
        assert_eq!(calls, [Call { name: "weather".to_owned(), arguments: r#"{"city":"Oslo"}"#.to_owned() }]);
        assert_eq!(calls[0].fragments(Some(7)), [r#"{"city""#, r#":"Oslo""#, "}"]);
        ask.tool_result = Some("14 degrees".to_owned());
        ask.model = "stand-in".to_owned();
        assert_eq!(Answer::new(&ask, 0), Answer::Text("The tool answered: 14 degrees".to_owned()));
    }

    #[test]
    fn deltas_join_to_the_text() {
        for text in ["", " ", "two words", " leading and  double ", "zażółć gęślą jaźń 😀"] {
            for chunk in [None, Some(1), Some(3), Some(1000)] {
                assert_eq!(deltas(text, chunk).concat(), text);
            }
        }
        assert_eq!(deltas("one two", None), ["one", " two"]);
        assert_eq!(deltas("ééé", Some(3)), ["éé", "é"]);
    }
}

//! What a request asks of the stand-in model, the same for every API.

use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

/// The most choices one request may ask for; the OpenAI API has the same limit.
const MAX_CHOICES: u64 = 128;
/// The longest wait before a piece of a stream, in milliseconds.
const MAX_SLOW: usize = 60_000;

/// A request, as far as the stand-in understands it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Ask {
    pub(super) model: String,
    pub(super) options: Options,
    pub(super) stream: bool,
    pub(super) choices: usize,
    pub(super) messages: usize,
    /// Characters of text, over all messages and the system prompt.
    pub(super) characters: usize,
    /// The size in bytes of every image that came with the request.
    pub(super) images: Vec<usize>,
    /// The text of the last user message.
    pub(super) user: String,
    /// The text of the tool results that end the conversation.
    pub(super) tool_result: Option<String>,
    /// The tools to call.
    pub(super) tools: Vec<Tool>,
    /// The schema of a structured output.
    pub(super) schema: Option<Value>,
}

#[derive(Debug, PartialEq)]
pub(super) struct Tool {
    pub(super) name: String,
    pub(super) parameters: Value,
}

/// The options in a model's name, as in `stand-in/chunk=3,slow=20`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Options {
    /// Cut text into deltas of about this many bytes.
    pub(super) chunk: Option<usize>,
    /// Cut the bytes of a stream into pieces of this size.
    pub(super) cut: Option<usize>,
    /// Wait this long before each piece.
    pub(super) slow: Duration,
    /// Break the connection after this many pieces.
    pub(super) reset: Option<usize>,
    /// Answer with this error.
    pub(super) status: Option<StatusCode>,
}

impl Ask {
    /// Reads the body of `POST /v1/chat/completions`, or another API's request told in its terms.
    ///
    /// # Errors
    /// A sentence for the error answer, when the body is not such a request.
    pub(super) fn chat(body: &Value) -> Result<Ask, String> {
        let messages = body["messages"].as_array().ok_or("`messages` must be an array")?;
        let mut ask = Ask::new(body, messages)?;
        ask.choices = body["n"].as_u64().unwrap_or(1).clamp(1, MAX_CHOICES) as usize;
        if let Some(last) = messages.last().filter(|last| last["role"] == "tool") {
            ask.tool_result = Some(text(&last["content"]));
        }
        let functions = || body["tools"].as_array().into_iter().flatten().filter_map(|tool| tool.get("function"));
        let choice = &body["tool_choice"];
        let wanted = match choice.as_str() {
            Some(word) => Wanted::parse(word),
            None => choice["function"]["name"].as_str().map_or(Wanted::First, Wanted::Named),
        };
        ask.tools = wanted.choose(functions().map(|function| (&function["name"], &function["parameters"])));
        ask.schema = match body["response_format"]["type"].as_str() {
            Some("json_schema") => Some(body["response_format"]["json_schema"]["schema"].clone()),
            Some("json_object") => Some(any_object()),
            _ => None,
        };
        Ok(ask)
    }

    /// Reads the body of `POST /v1/messages`.
    ///
    /// # Errors
    /// A sentence for the error answer, when the body is not such a request.
    pub(super) fn messages(body: &Value) -> Result<Ask, String> {
        let messages = body["messages"].as_array().ok_or("messages: Field required")?;
        let mut ask = Ask::new(body, messages)?;
        ask.choices = 1;
        ask.characters += text(&body["system"]).chars().count();
        let results: Vec<String> = messages
            .last()
            .and_then(|last| last["content"].as_array())
            .into_iter()
            .flatten()
            .filter(|block| block["type"] == "tool_result")
            .map(|block| text(&block["content"]))
            .collect();
        if !results.is_empty() {
            ask.tool_result = Some(results.join("\n"));
        }
        let choice = &body["tool_choice"];
        let wanted = match choice["type"].as_str() {
            Some("tool") => choice["name"].as_str().map_or(Wanted::First, Wanted::Named),
            Some(word) => Wanted::parse(word),
            None => Wanted::First,
        };
        // Tools that the provider runs itself have a type of their own and no schema.
        let own = body["tools"].as_array().into_iter().flatten().filter(|tool| tool.get("input_schema").is_some());
        ask.tools = wanted.choose(own.map(|tool| (&tool["name"], &tool["input_schema"])));
        ask.schema = body["output_config"]["format"].get("schema").cloned();
        Ok(ask)
    }

    /// What both APIs have in common.
    fn new(body: &Value, messages: &[Value]) -> Result<Ask, String> {
        let model = body["model"].as_str().ok_or("`model` must be a string")?;
        let (name, options) = Options::split(model)?;
        let last_user = messages.iter().rev().find(|message| message["role"] == "user");
        Ok(Ask {
            model: name.to_owned(),
            options,
            stream: body["stream"] == true,
            messages: messages.len(),
            characters: messages.iter().map(|message| text(&message["content"]).chars().count()).sum(),
            images: messages.iter().flat_map(|message| images(&message["content"])).collect(),
            user: last_user.map(|message| text(&message["content"])).unwrap_or_default(),
            ..Ask::default()
        })
    }
}

impl Options {
    /// Splits `name/option=value,…`, or `name~option=value,…` for names that stand in a path; a name without options,
    /// even one with slashes, is left whole.
    pub(super) fn split(model: &str) -> Result<(&str, Options), String> {
        let mut options = Options::default();
        let Some((name, list)) = model.rsplit_once(['/', '~']).filter(|(_, list)| list.contains('=')) else {
            return Ok((model, options));
        };
        for option in list.split(',') {
            let (key, value) = option.split_once('=').ok_or_else(|| format!("the option `{option}` has no value"))?;
            let number: usize = value
                .parse()
                .ok()
                .filter(|n| *n > 0)
                .ok_or_else(|| format!("`{key}` is a number from 1, not `{value}`"))?;
            match key {
                "chunk" => options.chunk = Some(number),
                "cut" => options.cut = Some(number),
                "slow" => options.slow = Duration::from_millis(number.min(MAX_SLOW) as u64),
                "reset" => options.reset = Some(number),
                "status" => {
                    let status = u16::try_from(number).ok().and_then(|code| StatusCode::from_u16(code).ok());
                    let error = status.filter(|status| status.is_client_error() || status.is_server_error());
                    options.status = Some(error.ok_or_else(|| format!("`status={value}` is no error status"))?);
                }
                _ => return Err(format!("no option `{key}`: the options are chunk, cut, slow, reset, status")),
            }
        }
        Ok((name, options))
    }
}

/// Which of the tools a request wants called.
enum Wanted<'a> {
    None,
    First,
    Every,
    Named(&'a str),
}

impl<'a> Wanted<'a> {
    fn parse(word: &str) -> Wanted<'static> {
        match word {
            "none" => Wanted::None,
            // A request that insists on tools gets all of them, so that parallel calls can be had.
            "required" | "any" => Wanted::Every,
            _ => Wanted::First,
        }
    }

    fn choose(self, tools: impl Iterator<Item = (&'a Value, &'a Value)>) -> Vec<Tool> {
        let limit = match self {
            Wanted::None => 0,
            Wanted::First | Wanted::Named(_) => 1,
            Wanted::Every => usize::MAX,
        };
        tools
            .filter(|(name, _)| !matches!(self, Wanted::Named(wanted) if *name != wanted))
            .take(limit)
            .map(|(name, parameters)| Tool {
                name: name.as_str().unwrap_or_default().to_owned(),
                parameters: parameters.clone(),
            })
            .collect()
    }
}

/// The schema that stands for "any JSON object".
fn any_object() -> Value {
    serde_json::json!({"type": "object", "properties": {"answer": {"type": "string"}}})
}

/// The text of a message's content: a string, or parts some of which are text.
pub(super) fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<&str> = parts.iter().filter_map(|part| part["text"].as_str()).collect();
            texts.join("\n")
        }
        _ => String::new(),
    }
}

/// The sizes of the images among a message's parts; an image given by address counts as 0 bytes.
fn images(content: &Value) -> Vec<usize> {
    let parts = content.as_array().into_iter().flatten();
    let sizes = parts.filter_map(|part| match part["type"].as_str()? {
        "image_url" => {
            let url = part["image_url"]["url"].as_str().unwrap_or_default();
            Some(url.split_once(";base64,").map_or(0, |(_, data)| decoded_len(data)))
        }
        "image" => Some(part["source"]["data"].as_str().map_or(0, decoded_len)),
        _ => None,
    });
    sizes.collect()
}

/// The length of what a base64 text encodes.
fn decoded_len(data: &str) -> usize {
    data.trim_end_matches('=').len() * 3 / 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_options_from_the_models_name() {
        let (name, options) = Options::split("stand-in/chunk=3,slow=20,status=429").expect("known options");
        assert_eq!(name, "stand-in");
        assert_eq!((options.chunk, options.slow), (Some(3), Duration::from_millis(20)));
        assert_eq!(options.status, Some(StatusCode::TOO_MANY_REQUESTS));
        assert_eq!(Options::split("meta/llama"), Ok(("meta/llama", Options::default())));
        assert_eq!(Options::split("stand-in~chunk=3").expect("known options").0, "stand-in");
        assert!(Options::split("stand-in/chunk=0").is_err());
        assert!(Options::split("stand-in/status=200").is_err());
        assert!(Options::split("stand-in/chonk=2").is_err_and(|problem| problem.contains("`chonk`")));
    }

    #[test]
    fn reads_a_chat_request() {
        let ask = Ask::chat(&json!({
            "model": "m", "n": 2, "stream": true,
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                ]},
            ],
            "tools": [{"type": "function", "function": {"name": "a"}}, {"type": "function", "function": {"name": "b"}}],
            "tool_choice": {"type": "function", "function": {"name": "b"}},
        }))
        .expect("a well-formed request");
        assert_eq!((ask.choices, ask.stream, ask.messages, ask.characters), (2, true, 2, 22));
        assert_eq!((ask.user.as_str(), ask.images.as_slice()), ("What is this?", &[3][..]));
        assert_eq!(ask.tools.iter().map(|tool| tool.name.as_str()).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn reads_a_messages_request_that_ends_with_a_tool_result() {
        let ask = Ask::messages(&json!({
            "model": "m",
            "messages": [{"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "14 degrees"}]},
            ]}],
            "tools": [{"name": "a", "input_schema": {}}, {"type": "web_search_20260209", "name": "web_search"}],
            "tool_choice": {"type": "any"},
        }))
        .expect("a well-formed request");
        assert_eq!(ask.tool_result.as_deref(), Some("14 degrees"));
        assert_eq!(ask.tools.len(), 1);
    }
}

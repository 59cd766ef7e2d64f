//! Requests of all endpoints: messages and items by their own walkers, all else by the names of its fields, which mean the
//! same wherever they stand.

use super::{parts, realtime, responses};
use crate::decode::Channel;
use crate::decode::json::{Json, Kind, Node};
use crate::provider::Read::{Json as Any, Reference, Text, Unreadable, Url};
use crate::provider::{Field, Walk, Walker};
use Channel::{Prompt, System, ToolResult, Upload};

/// Fields of requests that are not messages.
const FIELDS: &[Field] = &[
    // legacy completions, servers of one's own
    ("suffix", Prompt, Text),
    ("query", Prompt, Text),
    ("queries", Prompt, Text),
    ("queries[]", Prompt, Text),
    ("query[]", Prompt, Text),
    ("documents[]", Prompt, Text),
    ("documents[].text", Prompt, Text),
    ("text_1", Prompt, Text),
    ("text_1[]", Prompt, Text),
    ("text_2", Prompt, Text),
    ("text_2[]", Prompt, Text),
    ("tokens", Prompt, Unreadable),
    ("prompt_token_ids", Prompt, Unreadable),
    ("prompt_embeds", Prompt, Unreadable),
    ("chat_template", System, Text),
    ("guided_json", System, Any),
    ("guided_choice", System, Any),
    ("guided_regex", System, Text),
    ("guided_grammar", System, Text),
    ("structured_outputs", System, Any),
    // Chat Completions
    ("response_format", System, Any),
    ("stop", Prompt, Text),
    ("stop[]", Prompt, Text),
    ("metadata", Prompt, Any),
    ("web_search_options.user_location", Prompt, Any),
    ("data_sources[].parameters.role_information", System, Text),
    // Assistants
    ("instructions", System, Text),
    ("additional_instructions", System, Text),
    ("description", System, Text),
    ("tool_outputs[].output", ToolResult, Text),
    // images, where they are not sent as a form
    ("image_url", Upload, Url),
    ("images[].image_url", Upload, Url),
    ("images[].file_id", Upload, Reference),
    ("mask.image_url", Upload, Url),
    ("mask.file_id", Upload, Reference),
    // content that is elsewhere
    ("input_file_id", Upload, Reference),
    ("training_file", Upload, Reference),
    ("validation_file", Upload, Reference),
    ("file_id", Upload, Reference),
    ("file_ids[]", Upload, Reference),
    ("attachments[].file_id", Upload, Reference),
    ("tool_resources.file_search.vector_store_ids[]", Prompt, Reference),
    ("tool_resources.code_interpreter.file_ids[]", Upload, Reference),
];

/// Walks a request body. A key that is there twice is read twice: upstreams disagree on which of the two counts.
pub(super) fn walk<'b>(operation: &str, json: &Json<'b>) -> Walk<'b> {
    let mut walker = Walker::new(json);
    body(&mut walker, operation, json.root());
    walker.finish(Channel::Prompt)
}

/// The body of a request, or of one line of a batch.
pub(super) fn body<'j, 'b>(walker: &mut Walker<'j, 'b>, operation: &str, root: Node<'j, 'b>) {
    match operation {
        "responses" | "input_tokens" | "compact" | "conversations" => return responses::request(walker, root),
        "realtime" => return realtime::request(walker, root),
        "traces" => return traces(walker, root),
        _ => {}
    }
    // Assistants may create a thread with its first run
    for object in std::iter::once(root).chain(root.each("thread")) {
        let lists = object.each("messages").chain(object.each("additional_messages"));
        lists.for_each(|list| messages(walker, list));
    }
    if operation == "threads" {
        message(walker, root, Prompt);
    }
    for key in ["tools", "functions"] {
        walker.value_at(System, root, key);
    }
    for key in ["prompt", "input"] {
        for node in root.each(key) {
            text_or_tokens(walker, node);
        }
    }
    for content in root.each("prediction").flat_map(|prediction| prediction.each("content")) {
        parts::content(walker, Prompt, content);
    }
    walker.read(root, FIELDS);
}

/// The traces that the Agents SDK exports: what models were sent and answered, and what tools were.
fn traces<'j, 'b>(walker: &mut Walker<'j, 'b>, root: Node<'j, 'b>) {
    for span in root.each("data").flat_map(Node::items).flat_map(|span| span.each("span_data")) {
        for list in span.each("input").chain(span.each("output")) {
            walker.text(Prompt, list);
            for item in list.items() {
                message(walker, item, Prompt);
                responses::item(walker, item, Prompt);
            }
        }
        for key in ["name", "from_agent", "to_agent", "handoffs", "tools"] {
            walker.texts_at(Prompt, span, key);
        }
    }
}

/// Each message, and whether it stands before the last one of the user's: in an earlier turn.
pub(in crate::provider) fn turns<'j, 'b>(list: Node<'j, 'b>) -> impl Iterator<Item = (Node<'j, 'b>, bool)> {
    let last_of_user = list.items().filter(|m| m.get("role").is_some_and(|r| r.is("user"))).last();
    let turn = last_of_user.map(Node::id);
    list.items().scan(turn.is_some(), move |earlier, message| {
        *earlier &= Some(message.id()) != turn;
        Some((message, *earlier))
    })
}

/// `messages[]`. What stands before the last message of the user was sent in an earlier turn.
fn messages<'j, 'b>(walker: &mut Walker<'j, 'b>, list: Node<'j, 'b>) {
    for (message, earlier) in turns(list) {
        walker.history = earlier;
        self::message(walker, message, Prompt);
    }
    walker.history = false;
}

/// What models think, as servers name it.
pub(super) const REASONING: &[&str] = &["reasoning_content", "reasoning"];

/// A message of Chat Completions or Assistants, in a request or an answer.
pub(super) fn message<'j, 'b>(walker: &mut Walker<'j, 'b>, message: Node<'j, 'b>, own: Channel) {
    let channel = parts::channel_of(message, own);
    for content in message.each("content") {
        let first = walker.segments();
        parts::content(walker, channel, content);
        if content.is_string() {
            parts::annotations(walker, channel, message, first);
        }
    }
    walker.text_at(channel, message, "refusal");
    for key in REASONING {
        walker.text_at(channel, message, key);
    }
    for detail in message.each("reasoning_details").flat_map(Node::items) {
        walker.read(detail, &[("text", Channel::Response, Text), ("summary", Channel::Response, Text)]);
        detail.each("data").for_each(|data| walker.opaque(Channel::Response, data));
    }
    tool_calls(walker, message);
    for audio in message.each("audio") {
        audio.each("id").filter(|_| audio.get("data").is_none()).for_each(|id| walker.reference(channel, id));
        audio.each("data").for_each(|data| walker.unreadable(channel, data));
        walker.text_at(channel, audio, "transcript");
    }
    for image in message.each("images").flat_map(Node::items) {
        parts::part(walker, channel, image);
    }
    // Azure's answers on data of one's own
    for citation in message.each("context").flat_map(|context| context.each("citations")).flat_map(Node::items) {
        for key in ["content", "title", "url", "filepath"] {
            walker.text_at(ToolResult, citation, key);
        }
    }
    // Groq's tools of its own
    for tool in message.each("executed_tools").flat_map(Node::items) {
        walker.read(tool, &[("arguments", Channel::ToolCall, Any), ("output", ToolResult, Text)]);
    }
    walker.read(message, &[("attachments[].file_id", Upload, Reference)]);
}

/// `tool_calls[]` and the older `function_call` of a message, in a request or an answer.
fn tool_calls<'j, 'b>(walker: &mut Walker<'j, 'b>, message: Node<'j, 'b>) {
    walker.read(
        message,
        &[
            ("tool_calls[].function.arguments", Channel::ToolCall, Any),
            ("tool_calls[].custom.input", Channel::ToolCall, Text),
            ("function_call.arguments", Channel::ToolCall, Any),
        ],
    );
}

/// A text, a list of texts or of parts, or token ids: `[1, 2]`, `[[1, 2], [3]]`.
fn text_or_tokens<'j, 'b>(walker: &mut Walker<'j, 'b>, node: Node<'j, 'b>) {
    let of_numbers = |list: Node<'j, 'b>| list.items().next().is_some_and(|first| first.kind() == Kind::Number);
    if of_numbers(node) || node.items().any(of_numbers) {
        walker.unreadable(Prompt, node);
        return;
    }
    parts::content(walker, Prompt, node);
    for content in node.items().chain([node]).flat_map(|item| item.each("content")) {
        parts::content(walker, Prompt, content);
    }
}

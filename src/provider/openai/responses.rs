//! The Responses API: requests, items in both directions, and whole answers.
//!
//! Source: the API reference and the type definitions of the official SDKs (openai 3.54). An item is read by its type
//! wherever it stands, since a request sends back what an earlier answer held.

pub(super) mod refusal;
pub(super) mod stream;

use super::parts::{self, channel_of};
use super::request::turns;
use crate::decode::Channel;
use crate::decode::json::{Kind, Node};
use crate::provider::Read::{Json, Opaque, Payload, Reference, Text, Url};
use crate::provider::{Field, Walker};
use Channel::{Prompt, Response, System, ToolCall, ToolResult, Upload};

/// The fields of a request body that are not read item by item.
const REQUEST: &[Field] = &[
    ("instructions", System, Text),
    ("text.format", System, Json),
    ("metadata", Prompt, Json),
    ("prompt.id", System, Reference),
    ("previous_response_id", Prompt, Reference),
    ("conversation", Prompt, Reference),
    ("conversation.id", Prompt, Reference),
];

/// What tools of the provider's own work on, elsewhere. The text of tools is read as a whole.
const ELSEWHERE: &[&str] = &["server_url", "vector_store_ids", "connector_id"];

/// The fields of each type of item.
const ITEMS: &[(&str, &[Field])] = &[
    (
        "reasoning",
        &[
            ("summary[].text", Response, Text),
            ("content[].text", Response, Text),
            ("encrypted_content", Response, Opaque),
        ],
    ),
    ("compaction", &[("encrypted_content", Response, Opaque)]),
    ("function_call", &[("arguments", ToolCall, Json)]),
    ("custom_tool_call", &[("input", ToolCall, Text)]),
    ("tool_search_call", &[("arguments", ToolCall, Json)]),
    ("mcp_approval_request", &[("arguments", ToolCall, Json)]),
    ("mcp_approval_response", &[("reason", Prompt, Text)]),
    ("mcp_call", &[("arguments", ToolCall, Json), ("output", ToolResult, Text), ("error", ToolResult, Json)]),
    ("mcp_list_tools", &[("tools", ToolResult, Json), ("error", ToolResult, Text)]),
    ("tool_search_output", &[("tools", ToolResult, Json)]),
    ("additional_tools", &[("tools", System, Json)]),
    ("program", &[("code", ToolCall, Text), ("fingerprint", ToolCall, Opaque)]),
    ("program_output", &[("result", ToolResult, Text)]),
    (
        "file_search_call",
        &[
            ("queries[]", ToolCall, Text),
            ("results[].text", ToolResult, Text),
            ("results[].filename", ToolResult, Text),
            ("results[].attributes", ToolResult, Json),
        ],
    ),
    (
        "web_search_call",
        &[
            ("action.query", ToolCall, Text),
            ("action.queries[]", ToolCall, Text),
            ("action.pattern", ToolCall, Text),
            ("action.url", ToolCall, Text),
            ("action.sources[].url", ToolResult, Text),
        ],
    ),
    (
        "computer_call",
        &[("action", ToolCall, Json), ("actions", ToolCall, Json), ("pending_safety_checks[].message", ToolCall, Text)],
    ),
    (
        "computer_call_output",
        &[
            ("output.image_url", Upload, Url),
            ("output.file_id", Upload, Reference),
            ("acknowledged_safety_checks[].message", ToolResult, Text),
        ],
    ),
    (
        "code_interpreter_call",
        &[("code", ToolCall, Text), ("outputs[].logs", ToolResult, Text), ("outputs[].url", ToolResult, Url)],
    ),
    (
        "image_generation_call",
        &[("revised_prompt", ToolCall, Text), ("result", ToolResult, Payload), ("error.message", ToolResult, Text)],
    ),
    ("local_shell_call", &[("action", ToolCall, Json)]),
    ("local_shell_call_output", &[("output", ToolResult, Text)]),
    ("shell_call", &[("action", ToolCall, Json)]),
    ("shell_call_output", &[("output[].stdout", ToolResult, Text), ("output[].stderr", ToolResult, Text)]),
    ("apply_patch_call", &[("operation.diff", ToolCall, Text), ("operation.path", ToolCall, Text)]),
    ("apply_patch_call_output", &[("output", ToolResult, Text)]),
    ("item_reference", &[("id", Prompt, Reference)]),
];

/// The body of a request, also of those that count its tokens or compact it.
pub(super) fn request<'j, 'b>(walker: &mut Walker<'j, 'b>, root: Node<'j, 'b>) {
    for input in root.each("input").chain(root.each("items")) {
        walker.text(Prompt, input);
        for (item, earlier) in turns(input) {
            walker.history = earlier;
            self::item(walker, item, Prompt);
        }
        walker.history = false;
    }
    settings(walker, root);
    walker.read(root, REQUEST);
}

/// What a request settles and its answer repeats.
pub(super) fn settings<'j, 'b>(walker: &mut Walker<'j, 'b>, object: Node<'j, 'b>) {
    for instructions in object.each("instructions").filter(|node| node.kind() == Kind::Array) {
        instructions.items().for_each(|item| self::item(walker, item, System));
    }
    for tools in object.each("tools") {
        walker.value(System, tools);
        for tool in tools.items() {
            let elsewhere = ELSEWHERE.iter().flat_map(|key| tool.each(key));
            elsewhere.filter(|node| node.kind() != Kind::Null).for_each(|node| walker.remote(System, node));
        }
    }
    for (_, variable) in object.each("prompt").flat_map(|p| p.each("variables")).flat_map(Node::entries) {
        parts::part(walker, Prompt, variable);
    }
}

/// A Response object, whole or within an event.
pub(super) fn response<'j, 'b>(walker: &mut Walker<'j, 'b>, response: Node<'j, 'b>) {
    for output in response.each("output") {
        output.items().for_each(|item| self::item(walker, item, Response));
    }
    settings(walker, response);
    walker.read(
        response,
        &[
            ("instructions", System, Text),
            ("text.format", System, Json),
            ("metadata", Prompt, Json),
            ("error.message", Response, Text),
        ],
    );
}

/// One item of an input, an output or a conversation; `own` is the channel of messages that do not say whose they are.
pub(super) fn item<'j, 'b>(walker: &mut Walker<'j, 'b>, item: Node<'j, 'b>, own: Channel) {
    let kind = item.get("type").and_then(Node::str).unwrap_or_default();
    match &*kind {
        "message" => message(walker, item, own),
        // the type of messages may be left out, and that of references
        "" if item.get("role").is_some() => message(walker, item, own),
        "" => walker.read(item, &[("id", Prompt, Reference)]),
        "function_call_output" | "custom_tool_call_output" => {
            item.each("output").for_each(|output| parts::content(walker, ToolResult, output));
        }
        kind => {
            let fields = ITEMS.iter().find(|(name, _)| *name == kind).map_or(&[][..], |(_, fields)| fields);
            walker.read(item, fields);
        }
    }
}

fn message<'j, 'b>(walker: &mut Walker<'j, 'b>, message: Node<'j, 'b>, own: Channel) {
    for content in message.each("content") {
        parts::content(walker, channel_of(message, own), content);
    }
}

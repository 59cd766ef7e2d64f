//! A JSON value that fits a JSON Schema, of the plain kind that tools and structured outputs use.
//!
//! Handles types, properties, items, `enum`, `const`, `anyOf`/`oneOf`/`allOf` (the first alternative), references
//! within the document, common string formats and the lower bounds of numbers and arrays; ignores the rest.

use serde_json::{Map, Value, json};

/// How many values one example may hold: a schema that refers to itself has no other end.
const MAX_VALUES: usize = 500;
/// How deep an example may nest.
const MAX_DEPTH: usize = 24;

/// An example that fits `schema`; its first free string is `say`.
pub(super) fn example(schema: &Value, say: Option<&str>) -> Value {
    Builder { root: schema, say, left: MAX_VALUES }.build(schema, 0)
}

struct Builder<'a> {
    root: &'a Value,
    say: Option<&'a str>,
    left: usize,
}

impl<'a> Builder<'a> {
    fn build(&mut self, schema: &'a Value, depth: usize) -> Value {
        if depth > MAX_DEPTH || self.left == 0 {
            return Value::Null;
        }
        self.left -= 1;
        if let Some(reference) = schema["$ref"].as_str() {
            let target = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
            return target.map_or(Value::Null, |target| self.build(target, depth + 1));
        }
        if let Some(value) = schema.get("const") {
            return value.clone();
        }
        if let Some(value) = schema["enum"].get(0) {
            return value.clone();
        }
        if let Some(branch) = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema[*key].get(0)) {
            return self.build(branch, depth + 1);
        }
        // A list of types names alternatives, as in `["string", "null"]`.
        // Gemini writes them in capitals.
        let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).map(str::to_ascii_lowercase);
        match kind.as_deref() {
            Some("string") => self.string(schema),
            Some("integer") => schema["minimum"].as_i64().map_or(json!(1), Value::from),
            Some("number") => schema["minimum"].as_f64().map_or(json!(1.5), Value::from),
            Some("boolean") => Value::Bool(true),
            Some("array") => {
                let items = schema.get("items");
                let count = schema["minItems"].as_u64().unwrap_or(1).min(MAX_VALUES as u64);
                (0..count).map(|_| items.map_or(Value::Null, |items| self.build(items, depth + 1))).collect()
            }
            Some("null") => Value::Null,
            _ => {
                let properties = schema["properties"].as_object();
                let built = properties.into_iter().flatten().map(|(name, property)| {
                    let value = self.build(property, depth + 1);
                    (name.clone(), value)
                });
                Value::Object(built.collect::<Map<_, _>>())
            }
        }
    }

    fn string(&mut self, schema: &Value) -> Value {
        let text = match schema["format"].as_str() {
            Some("date") => "2026-01-01",
            Some("date-time") => super::CREATED_TEXT,
            Some("time") => "12:00:00Z",
            Some("email") => "someone@example.com",
            Some("uri") => "https://example.com/",
            Some("uuid") => "00000000-0000-4000-8000-000000000000",
            _ => self.say.take().unwrap_or("example"),
        };
        Value::from(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_nested_schemas_and_says_the_text_once() {
        let schema = json!({
            "type": "object",
            "properties": {
                "kind": {"enum": ["a", "b"]},
                "name": {"type": ["string", "null"]},
                "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}, "minItems": 2},
                "age": {"anyOf": [{"type": "integer", "minimum": 18}, {"type": "null"}]},
                "day": {"type": "string", "format": "date"},
            },
            "$defs": {"tag": {"type": "string"}},
        });
        let expected =
            json!({"kind": "a", "name": "hello", "tags": ["example", "example"], "age": 18, "day": "2026-01-01"});
        assert_eq!(example(&schema, Some("hello")), expected);
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let schema = json!({"type": "object", "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}});
        let text = example(&schema, None).to_string();
        assert!(text.len() < MAX_VALUES * 32, "{} bytes", text.len());
        assert_eq!(example(&json!({"$ref": "#/nowhere"}), None), Value::Null);
    }
}

//! Asking for a reply that fits a JSON Schema.

use serde_json::Value;

/// What the vendor calls the schema; any name will do.
pub(crate) const NAME: &str = "reply";

/// Whether a schema keeps to what `OpenAI` demands of a strict one (its guide to structured outputs, "Supported schemas"):
/// every object lists all its properties as required and allows no others. One that does not is given without the word, so
/// that the vendor follows it as well as it can instead of refusing it.
pub(crate) fn is_strict(schema: &Value) -> bool {
    match schema {
        Value::Array(entries) => entries.iter().all(is_strict),
        Value::Object(fields) => object_is_strict(fields) && fields.values().all(is_strict),
        _ => true,
    }
}

fn object_is_strict(fields: &serde_json::Map<String, Value>) -> bool {
    let is_object = fields.get("type").is_some_and(|own| match own {
        Value::Array(types) => types.iter().any(|own| own == "object"),
        own => own == "object",
    });
    if !is_object {
        return true;
    }
    let required: Vec<&str> = fields
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let properties = fields.get("properties").and_then(Value::as_object);
    fields.get("additionalProperties") == Some(&Value::Bool(false))
        && properties.is_none_or(|properties| properties.keys().all(|name| required.contains(&name.as_str())))
}

/// The system prompt with the schema in it, for a vendor that takes none.
pub(crate) fn prompt(system: Option<&str>, schema: &Value) -> String {
    let system = system.unwrap_or_default();
    let gap = if system.is_empty() { "" } else { "\n\n" };
    format!(
        "{system}{gap}Answer with one JSON object that fits this JSON Schema, and with nothing else:\n{schema}"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn strict_schemas() {
        let inner = json!({"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"], "additionalProperties": false});
        for (schema, strict) in [
            (inner.clone(), true),
            (
                json!({"type": "object", "properties": {"a": inner}, "required": ["a"], "additionalProperties": false}),
                true,
            ),
            (
                json!({"type": "object", "properties": {"a": {}}, "required": [], "additionalProperties": false}),
                false,
            ),
            (json!({"type": "object", "properties": {"a": {}}, "required": ["a"]}), false),
            (json!({"type": ["object", "null"], "properties": {"a": {}}, "required": ["a"]}), false),
            (json!({"anyOf": [{"type": "object"}]}), false),
            (json!({"type": "string"}), true),
        ] {
            assert_eq!(is_strict(&schema), strict, "{schema}");
        }
    }

    #[test]
    fn the_schema_follows_the_system_prompt() {
        let schema = json!({"type": "object"});
        assert!(prompt(Some("Be brief."), &schema).starts_with("Be brief.\n\nAnswer with one JSON object"));
        assert!(prompt(None, &schema).starts_with("Answer with one JSON object"));
        assert!(prompt(None, &schema).ends_with(r#"{"type":"object"}"#));
    }
}

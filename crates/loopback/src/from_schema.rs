//! JSON that fits a schema.

use assize_ambient::Chance;
use serde_json::{Map, Number, Value};

use crate::responder::sentence;

/// Deeper than this, everything is `null`: a schema may hold itself.
const DEEPEST: usize = 24;
/// After so many values, everything is `null`: a schema may branch into itself.
const MOST_VALUES: u32 = 10_000;
/// An array has at most so many items, whatever the schema asks for.
const MOST_ITEMS: u64 = 64;

/// Improvises a value that a simple schema describes: `type`, `properties`, `items`, `enum`, `const`, `anyOf`, `oneOf`,
/// `allOf` (the first of each), `$ref` into the same schema, `minItems`, `maxItems`, `minimum`, `maximum`, `minLength`,
/// `maxLength`. Types may be written large, as Gemini has them. What else a schema says is not looked at.
pub(crate) fn improvise(schema: &Value, chance: &mut Chance) -> Value {
    Writer { root: schema, left: MOST_VALUES }.value(schema, chance, 0)
}

struct Writer<'a> {
    root: &'a Value,
    /// How many values may still be written.
    left: u32,
}

impl Writer<'_> {
    fn value(&mut self, schema: &Value, chance: &mut Chance, depth: usize) -> Value {
        if depth > DEEPEST || self.left == 0 {
            return Value::Null;
        }
        self.left -= 1;
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        if let Some(choices) = schema["enum"].as_array().filter(|choices| !choices.is_empty()) {
            return choices[chance.below(choices.len())].clone();
        }
        let root = self.root;
        if let Some(target) = schema["$ref"].as_str().and_then(|path| root.pointer(path.strip_prefix('#')?)) {
            return self.value(target, chance, depth + 1);
        }
        for key in ["anyOf", "oneOf", "allOf"] {
            if let Some(first) = schema[key].as_array().and_then(|several| several.first()) {
                return self.value(first, chance, depth + 1);
            }
        }
        let named =
            schema["type"].as_str().or_else(|| schema["type"][0].as_str()).map(str::to_ascii_lowercase);
        match named.as_deref() {
            Some("string") => Value::String(string(schema, chance)),
            Some("integer") => Value::Number(integer(schema, chance)),
            Some("number") => number(schema, chance),
            Some("boolean") => Value::Bool(chance.happens(0.5)),
            Some("array") => self.array(schema, chance, depth),
            Some("object") => self.object(schema, chance, depth),
            None if schema["properties"].is_object() => self.object(schema, chance, depth),
            _ => Value::Null,
        }
    }

    fn object(&mut self, schema: &Value, chance: &mut Chance, depth: usize) -> Value {
        let Some(properties) = schema["properties"].as_object() else { return Value::Object(Map::new()) };
        let value = |(name, schema): (&String, &Value)| (name.clone(), self.value(schema, chance, depth + 1));
        Value::Object(properties.iter().map(value).collect())
    }

    fn array(&mut self, schema: &Value, chance: &mut Chance, depth: usize) -> Value {
        let least = schema["minItems"].as_u64().unwrap_or(1).min(MOST_ITEMS);
        let most = schema["maxItems"].as_u64().unwrap_or(least.max(3)).clamp(least, MOST_ITEMS);
        // What nests deeply is kept short, or it grows without end.
        let n = if depth > 4 { least } else { least + below(most - least + 1, chance) };
        Value::Array(
            (0..n.min(u64::from(self.left)))
                .map(|_| self.value(&schema["items"], chance, depth + 1))
                .collect(),
        )
    }
}

fn below(n: u64, chance: &mut Chance) -> u64 {
    chance.below(usize::try_from(n).unwrap_or(usize::MAX)) as u64
}

fn string(schema: &Value, chance: &mut Chance) -> String {
    let text = match schema["format"].as_str() {
        Some("date") => return "2026-01-31".to_owned(),
        Some("date-time") => return "2026-01-31T09:30:00Z".to_owned(),
        Some("email") => return "someone@example.com".to_owned(),
        Some("uri") => return "https://example.com/".to_owned(),
        _ => sentence(chance),
    };
    let most = usize::try_from(schema["maxLength"].as_u64().unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    let least = usize::try_from(schema["minLength"].as_u64().unwrap_or(0).min(10_000)).unwrap_or(0);
    let mut text: String = text.chars().take(most).collect();
    while text.len() < least {
        text.push('.');
    }
    text
}

fn integer(schema: &Value, chance: &mut Chance) -> Number {
    let bound = |key: &str, exclusive: &str, step: i64| {
        schema[key].as_i64().or_else(|| schema[exclusive].as_i64().and_then(|n| n.checked_add(step)))
    };
    let low = bound("minimum", "exclusiveMinimum", 1);
    let high = bound("maximum", "exclusiveMaximum", -1);
    let (low, high) = match (low, high) {
        (Some(low), Some(high)) => (low, high.max(low)),
        (Some(low), None) => (low, low.saturating_add(100)),
        (None, Some(high)) => (high.saturating_sub(100), high),
        (None, None) => (0, 100),
    };
    let span = high.abs_diff(low).saturating_add(1);
    low.saturating_add_unsigned(below(span, chance)).into()
}

fn number(schema: &Value, chance: &mut Chance) -> Value {
    let low = schema["minimum"].as_f64().or(schema["exclusiveMinimum"].as_f64());
    let high = schema["maximum"].as_f64().or(schema["exclusiveMaximum"].as_f64());
    let (low, high) = match (low, high) {
        (Some(low), Some(high)) => (low, high.max(low)),
        (Some(low), None) => (low, low + 1.0),
        (None, Some(high)) => (high - 1.0, high),
        (None, None) => (0.0, 1.0),
    };
    // Sixteenths are exact: what is written is what is read.
    #[expect(clippy::cast_precision_loss, reason = "it is at most 15")]
    let share = (1 + chance.below(15)) as f64 / 16.0;
    Number::from_f64(share.mul_add(high - low, low)).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use assize_ambient::Seed;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_improvised_fits() {
        let schema = json!({
            "type": "object",
            "properties": {
                "name": { "type": "string", "maxLength": 12 },
                "side": { "enum": ["buy", "sell"] },
                "size": { "type": "integer", "minimum": -3, "maximum": 3 },
                "odds": { "type": "number", "minimum": 0.5, "maximum": 0.75 },
                "live": { "type": "BOOLEAN" },
                "tags": { "type": "array", "items": { "$ref": "#/$defs/tag" }, "minItems": 2, "maxItems": 4 },
                "note": { "type": ["string", "null"] },
                "kind": { "const": "order" },
            },
            "$defs": { "tag": { "anyOf": [{ "type": "string", "format": "date" }, { "type": "null" }] } },
        });
        for seed in 0..200 {
            let value = improvise(&schema, &mut Seed::new(seed).rng());
            assert!(value["name"].as_str().unwrap().len() <= 12, "{value}");
            assert!(["buy", "sell"].contains(&value["side"].as_str().unwrap()), "{value}");
            assert!((-3..=3).contains(&value["size"].as_i64().unwrap()), "{value}");
            assert!((0.5..=0.75).contains(&value["odds"].as_f64().unwrap()), "{value}");
            assert!(
                value["live"].is_boolean() && value["note"].is_string() && value["kind"] == "order",
                "{value}"
            );
            assert!((2..=4).contains(&value["tags"].as_array().unwrap().len()), "{value}");
            assert_eq!(value["tags"][1], "2026-01-31");
        }
    }

    #[test]
    fn a_hostile_schema_ends() {
        let endless = json!({ "type": "array", "minItems": 1_000_000_000, "items": { "type": "integer" } });
        assert_eq!(improvise(&endless, &mut Seed::new(1).rng()).as_array().unwrap().len(), 64);
        let own = json!({ "type": "object", "properties": { "next": { "$ref": "#" } } });
        assert!(improvise(&own, &mut Seed::new(1).rng()).to_string().len() < 1_000);
        let branching = json!({ "type": "array", "minItems": 64, "items": { "$ref": "#" } });
        assert!(improvise(&branching, &mut Seed::new(1).rng()).to_string().len() < 10_000_000);
        let wide = json!({ "type": "integer", "minimum": i64::MIN, "maximum": i64::MAX });
        assert!(improvise(&wide, &mut Seed::new(1).rng()).is_i64());
        assert_eq!(improvise(&json!([]), &mut Seed::new(1).rng()), Value::Null);
    }
}

//! Whether a value fits one of our schemas, for tests.

use serde_json::Value;

/// What a value lacks to fit a schema, if anything.
///
/// # Panics
/// At a keyword that our schemas did not use so far: it would be passed over.
#[must_use]
pub fn misfit(schema: &Value, value: &Value) -> Option<String> {
    lacking(schema, schema, value)
}

/// What a value lacks to fit a schema: the keywords that our schemas use, and a panic at any other.
/// The same schema, which also refuses every field that it does not name: what is written has no others.
#[must_use]
pub fn closed(schema: &Value) -> Value {
    match schema {
        Value::Array(items) => items.iter().map(closed).collect(),
        Value::Object(fields) => {
            let mut all: serde_json::Map<String, Value> =
                fields.iter().map(|(name, field)| (name.clone(), closed(field))).collect();
            if fields.get("properties").is_some_and(Value::is_object) && fields.contains_key("type") {
                all.entry("additionalProperties").or_insert(Value::Bool(false));
            }
            Value::Object(all)
        }
        other => other.clone(),
    }
}

fn lacking(schema: &Value, root: &Value, value: &Value) -> Option<String> {
    let Some(keywords) = schema.as_object() else {
        return (schema == false).then(|| format!("{value} is where nothing may be"));
    };
    keywords.iter().find_map(|(keyword, asked)| {
        let fits = |schema: &Value| lacking(schema, root, value).is_none();
        let all = || asked.as_array().expect("a list");
        let is_good = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "default" | "format" | "examples" => true,
            "$ref" => {
                let target = asked.as_str().and_then(|path| root.pointer(path.strip_prefix('#')?));
                return lacking(target.expect("a definition"), root, value);
            }
            "type" => match asked.as_array() {
                Some(types) => types.iter().any(|name| is_a(name, value)),
                None => is_a(asked, value),
            },
            "const" => asked == value,
            "enum" => all().contains(value),
            "oneOf" => all().iter().filter(|schema| fits(schema)).count() == 1,
            "anyOf" => all().iter().any(fits),
            "allOf" => all().iter().all(fits),
            "minimum" => value.as_f64() >= asked.as_f64() || !value.is_number(),
            "maximum" => value.as_f64() <= asked.as_f64() || !value.is_number(),
            "required" => value.as_object().is_none_or(|fields| {
                all().iter().all(|name| fields.contains_key(name.as_str().expect("a name")))
            }),
            "prefixItems" => {
                let places = all().iter().zip(value.as_array().into_iter().flatten());
                return places.into_iter().find_map(|(schema, item)| lacking(schema, root, item));
            }
            "minItems" => value.as_array().is_none_or(|items| Some(items.len() as u64) >= asked.as_u64()),
            "maxItems" => value.as_array().is_none_or(|items| Some(items.len() as u64) <= asked.as_u64()),
            "items" => return value.as_array()?.iter().find_map(|item| lacking(asked, root, item)),
            "properties" => {
                let of = |(name, schema)| {
                    lacking(schema, root, value.get(name)?).map(|why| format!("{name}: {why}"))
                };
                return asked.as_object().expect("properties").iter().find_map(of);
            }
            "additionalProperties" => {
                let known = &schema["properties"];
                let mut others =
                    value.as_object().into_iter().flatten().filter(|(name, _)| known.get(name).is_none());
                return others.find_map(|(name, value)| {
                    lacking(asked, root, value).map(|why| format!("{name}: {why}"))
                });
            }
            "pattern" => true,
            other => panic!("the schemas have a new keyword: {other}"),
        };
        (!is_good).then(|| format!("{value} does not fit {keyword} {asked}"))
    })
}

fn is_a(name: &Value, value: &Value) -> bool {
    match name.as_str().expect("a type") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    }
}

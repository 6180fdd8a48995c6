//! Items as JSON: one a line, or a list of them.

use std::path::Path;

use assize_debate::SeatIndex;
use serde_json::{Map, Value};

use super::{Item, failed, failed_at, moment};
use crate::Error;

const FIELDS: [&str; 8] = ["id", "kind", "subject", "source", "available_at", "text", "data", "held_by"];
const HINT: &str = "an item is a JSON object with a text and, where they are known, id, kind, subject, source, available_at, data and \
                    held_by";

/// One item a line.
pub(super) fn lines(path: &Path, text: &str) -> Result<Vec<Item>, Error> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            let place = format!("line {number}");
            let value = serde_json::from_str(line).map_err(|e| failed_at(path, &place, e).with_hint(HINT))?;
            item(value, "", &place).map_err(|why| failed_at(path, &place, why).with_hint(HINT))
        })
        .collect()
}

/// A list of items, or one.
pub(super) fn document(path: &Path, text: &str) -> Result<Vec<Item>, Error> {
    let bad = |why: String| failed(path, why).with_hint(format!("a file holds a list of items; {HINT}"));
    match serde_json::from_str(text).map_err(|e| bad(e.to_string()))? {
        Value::Array(items) => (0_usize..)
            .zip(items)
            .map(|(at, value)| {
                let place = format!("[{at}]");
                item(value, &place, &place).map_err(bad)
            })
            .collect(),
        value => Ok(vec![item(value, "", "").map_err(bad)?]),
    }
}

/// `at`: the path to it inside the file; `place`: where to look for it.
fn item(value: Value, at: &str, place: &str) -> Result<Item, String> {
    let path_to = |field: &str| if at.is_empty() { field.to_owned() } else { format!("{at}.{field}") };
    let Value::Object(mut fields) = value else {
        return Err(if at.is_empty() { "it is no object".to_owned() } else { format!("{at} is no object") });
    };
    if let Some(unknown) = fields.keys().find(|field| !FIELDS.contains(&field.as_str())) {
        let known = FIELDS.join(", ");
        return Err(format!("unknown field `{}`: there are {known}", path_to(unknown)));
    }
    let mut text =
        |field: &str| text_in(&mut fields, field).map_err(|why| format!("`{}` {why}", path_to(field)));
    let mut item = Item {
        place: place.to_owned(),
        id: text("id")?,
        kind: text("kind")?,
        subject: text("subject")?,
        source: text("source")?,
        ..Item::default()
    };
    item.available_at = text("available_at")?
        .map(|when| {
            moment(&when).ok_or_else(|| {
                format!(
                    "`{}` is {when:?}, and no moment such as 2019-06-01T08:30:00Z, or day",
                    path_to("available_at")
                )
            })
        })
        .transpose()?;
    item.text = text("text")?
        .filter(|text| !text.trim().is_empty())
        .ok_or_else(|| format!("missing field `{}`", path_to("text")))?;
    item.data = fields.remove("data").unwrap_or_default();
    item.held_by = match fields.remove("held_by").unwrap_or_default() {
        Value::Null => None,
        seats => Some(
            serde_json::from_value::<Vec<SeatIndex>>(seats)
                .map_err(|e| format!("`{}` is no list of seats, from 0: {e}", path_to("held_by")))?,
        ),
    };
    Ok(item)
}

fn text_in(fields: &mut Map<String, Value>, field: &str) -> Result<Option<String>, &'static str> {
    match fields.remove(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err("is no text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Item>, String> {
        document(Path::new("x.json"), text).map_err(|e| e.to_string())
    }

    #[test]
    fn a_list_of_items_or_one() {
        let items = read(
            r#"[{"text": "a", "available_at": "2019-06-01", "held_by": [1]}, {"id": "x", "text": "b", "data": 3}]"#,
        );
        let items = items.unwrap();
        assert_eq!(
            items[0].available_at.unwrap().to_string(),
            "2019-06-02T03:59:59.999999999Z",
            "when the day is over"
        );
        assert_eq!(
            (items[0].held_by.as_deref(), items[0].place.as_str()),
            (Some(&[SeatIndex(1)][..]), "[0]")
        );
        assert_eq!((items[1].id.as_deref(), &items[1].data), (Some("x"), &Value::from(3)));
        assert_eq!(read(r#"{"text": "alone"}"#).unwrap().len(), 1);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_path() {
        for (text, why) in [
            (
                "[{\"text\": \"a\"},\n {\"text\": \"b\", \"colour\": 1}]",
                "unknown field `[1].colour`: there are id, kind",
            ),
            (r#"[{"text": 1}]"#, "`[0].text` is no text"),
            (r#"[{"text": " "}]"#, "missing field `[0].text`"),
            (r#"[{"kind": "x"}]"#, "missing field `[0].text`"),
            (r#"[{"text": "a", "available_at": "soon"}]"#, "`[0].available_at` is \"soon\""),
            (r#"[{"text": "a", "available_at": "2019-06-01T08:30"}]"#, "and no moment such as"),
            (r#"[{"text": "a", "held_by": "all"}]"#, "`[0].held_by` is no list of seats"),
            ("[1]", "[0] is no object"),
            ("3", "it is no object"),
            ("[\n{\"text\": }]", "line 2"),
        ] {
            let error = read(text).unwrap_err();
            assert!(
                error.starts_with("read the evidence x.json: ") && error.contains(why),
                "{text}: {error}"
            );
        }
    }
}

//! What a brief looks like.

use assize_pipeline::Part;
use serde_json::Value;

use crate::desk::{AS_OF, Desk, request};

#[test]
fn the_brief_for_people() {
    let tickers = ["RISE", "FALL", "WAVE", "SPLIT", "ADJ", "DIRTY", "EMPTY", "TEXT", "NONE"];
    let brief = Desk::with_fixtures().made(&request(&tickers, AS_OF));
    insta::assert_snapshot!("brief.md", brief.to_document().to_markdown());
}

/// The names and types of what stands in `brief.json`: whoever reads it relies on them.
#[test]
fn the_shape_of_the_brief_for_programs() {
    let mut request = request(&["DIRTY"], AS_OF);
    request.without.insert(Part::Altdata);
    let json = Desk::with_fixtures().made(&request).to_json();
    assert_eq!(json["format_version"], 1);
    assert_eq!(json["tickers"][0]["verdict"]["format_version"], 1);
    insta::assert_snapshot!("brief.json-shape", shape(&json, 0));
}

#[test]
fn prices_of_a_split_share_can_be_compared() {
    let brief = Desk::with_fixtures().made(&request(&["SPLIT", "RISE"], AS_OF));
    let [split, rise] = &brief.tickers[..] else { panic!("two tickers") };
    // The last 126 closes of SPLIT lie on both sides of the split: adjusted, none of them is twice its neighbour.
    assert_eq!(split.closes.len(), 126);
    let halved = split.closes.windows(2).filter(|pair| pair[0].1 > 1.5 * pair[1].1).count();
    assert_eq!(halved, 0, "{:?}", split.closes);
    let says = |p: Option<f64>| p.expect("a decision") > 0.5;
    assert!(says(split.decision.as_ref().map(|d| d.p_up)) && says(rise.decision.as_ref().map(|d| d.p_up)));
}

/// One line a field; of a list, the shapes that occur in it.
fn shape(value: &Value, depth: usize) -> String {
    let indent = "  ".repeat(depth + 1);
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "true or false".to_owned(),
        Value::Number(number) if number.is_f64() => "number".to_owned(),
        Value::Number(_) => "integer".to_owned(),
        Value::String(_) => "text".to_owned(),
        Value::Array(items) => {
            let mut shapes: Vec<String> = items.iter().map(|item| shape(item, depth)).collect();
            shapes.sort();
            shapes.dedup();
            format!("[{}]", shapes.join(" | "))
        }
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{indent}{name}: {}", shape(value, depth + 1)))
                .collect();
            format!("{{\n{}\n{}}}", fields.join("\n"), "  ".repeat(depth))
        }
    }
}

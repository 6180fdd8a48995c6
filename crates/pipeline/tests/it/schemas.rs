//! What is written fits the schemas that are published, and has no field that they do not name.

use std::{fs, path::Path};

use assize_debate::conformance::schema::{closed, misfit};
use serde_json::{Value, json};

use crate::desk::{AS_OF, Desk, request};

pub(crate) fn published(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas").join(name);
    closed(&serde_json::from_str(&fs::read_to_string(path).expect("a schema")).expect("JSON"))
}

#[track_caller]
pub(crate) fn assert_fits(schema: &Value, value: &Value) {
    assert_eq!(misfit(schema, value), None);
}

/// Each of these changes is one that programs of others would stumble over.
#[track_caller]
pub(crate) fn assert_refused(schema: &Value, value: &Value, changes: &[(&str, Value)]) {
    for (at, wrong) in changes {
        let mut changed = value.clone();
        *changed.pointer_mut(at).unwrap_or_else(|| panic!("{at} is not there")) = wrong.clone();
        assert!(misfit(schema, &changed).is_some(), "{at} as {wrong}");
    }
    let mut longer = value.clone();
    longer["a new field"] = Value::Null;
    assert!(misfit(schema, &longer).is_some(), "a field that the schema does not name");
}

#[tokio::test(start_paused = true)]
async fn briefs_and_their_runs() {
    // A ticker that nobody knows has neither bars nor a decision.
    let request = request(&["RISE", "WAVE", "TEXT", "NONE"], AS_OF);
    let (brief, record) = Desk::with_fixtures().make(&request).await;
    let (schema, json) = (published("brief.json"), brief.to_json());
    assert!(json["tickers"][0]["decision"].is_object() && json["tickers"][3]["decision"].is_null());
    assert_fits(&schema, &json);
    assert_refused(
        &schema,
        &json,
        &[
            ("/as_of", json!(20_191_231)),
            ("/cost", json!(0.5)),
            ("/tickers/0/status", json!("splendid")),
            ("/tickers/0/decision/action", json!("pray")),
            ("/tickers/0/decision/stop", json!({ "type": "at" })),
            ("/tickers/0/verdict/outcome", json!({ "type": "guessed" })),
            ("/tickers/0/closes/0", json!(["2019-12-31"])),
        ],
    );
    let (schema, json) = (published("run.json"), record.to_json());
    assert_fits(&schema, &json);
    assert_refused(
        &schema,
        &json,
        &[
            ("/kind", json!("walk")),
            ("/elapsed_ms", json!("1 ms")),
            ("/tickers/0/stages/0/status", json!(1)),
            ("/sources", json!({})),
        ],
    );
}

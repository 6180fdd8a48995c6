//! What two specifications say differently.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Spec;

/// More differences than this are counted, not shown.
const MOST_SHOWN: usize = 4;
/// A longer value is cut.
const MAX_CHARACTERS: usize = 60;

impl Spec {
    /// What the log of a debate says otherwise than this specification, in words; empty where it says the same.
    pub(crate) fn changed_in(&self, log: &Self) -> String {
        let mut changes = Vec::new();
        // A specification holds nothing that JSON cannot.
        if let (Ok(here), Ok(there)) = (serde_json::to_value(self), serde_json::to_value(log)) {
            compare("", Some(&here), Some(&there), &mut changes);
        }
        let more = changes.len().saturating_sub(MOST_SHOWN);
        changes.truncate(MOST_SHOWN);
        if more > 0 {
            changes.push(format!("{more} more"));
        }
        changes.join("; ")
    }
}

fn compare(path: &str, here: Option<&Value>, there: Option<&Value>, changes: &mut Vec<String>) {
    match (here, there) {
        (here, there) if here == there => {}
        (Some(Value::Object(here)), Some(Value::Object(there))) => {
            let names: BTreeSet<&String> = here.keys().chain(there.keys()).collect();
            for name in names {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                compare(&path, here.get(name), there.get(name), changes);
            }
        }
        (Some(Value::Array(here)), Some(Value::Array(there))) => {
            for at in 0..here.len().max(there.len()) {
                compare(&format!("{path}[{at}]"), here.get(at), there.get(at), changes);
            }
        }
        (here, there) => changes.push(format!("{path} is {} there and {} here", shown(there), shown(here))),
    }
}

/// What is as usual is not written down.
fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "not given".to_owned() };
    let text = value.to_string();
    match text.char_indices().nth(MAX_CHARACTERS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Order, Rule, Seat};

    #[test]
    fn what_differs_is_named() {
        let here = Spec::new("Tea?", ["yes", "no"]).with_seat(Seat::new("Ada", "openai:gpt-4o"));
        assert_eq!(here.changed_in(&here), "");
        for (there, expected) in [
            (here.clone().with_rounds(5), "rounds is 5 there and 3 here"),
            (here.clone().with_rule(Rule::Borda), "rule is \"borda\" there and \"linear-pool\" here"),
            (here.clone().with_order(Order::Sequential), "order is \"sequential\" there and not given here"),
            (
                Spec { seats: vec![Seat::new("Ada", "ollama:llama3.2")], ..here.clone() },
                "seats[0].debater is \"ollama:llama3.2\" there and \"openai:gpt-4o\" here",
            ),
            (
                Spec { options: vec!["yes".to_owned()], ..here.clone() },
                "options[1] is not given there and \"no\" here",
            ),
            (Spec { question: "é".repeat(99), ..here.clone() }, "… there and \"Tea?\" here"),
        ] {
            let changes = here.changed_in(&there);
            assert!(changes.ends_with(expected), "{changes}");
        }
        let all = Spec::new("Milk?", ["a", "b"]).with_rounds(9).with_rule(Rule::Borda);
        assert!(here.changed_in(&all).ends_with("; 2 more"), "{}", here.changed_in(&all));
    }
}

//! What may be said of a debate that is resumed: nothing that contradicts its log.

use std::time::Duration;

use assize_debate::Spec;
use serde_json::Value;

use crate::{
    arguments::{DebateArguments, Given},
    exit::Failure,
};

/// What does not define a debate.
const FREE: [&str; 7] = ["keys", "price_books", "journal", "durability", "resume", "stream", "json"];

/// Refuses flags that say otherwise than the log, each with what it says and what the log does.
pub(super) fn agrees(arguments: &DebateArguments, spec: &Spec) -> Result<(), Failure> {
    let defines = |given: &&Given| !FREE.contains(&given.field.as_str());
    let told: Vec<String> = arguments
        .given
        .iter()
        .filter(defines)
        .filter_map(|given| contradiction(given, arguments, spec))
        .collect();
    if told.is_empty() {
        return Ok(());
    }
    Err(Failure::bad_request(format!("resume {}: {}", spec.id(), told.join("; ")))
        .with_hint("leave that out: a debate goes on as it was begun, and on other terms it is another one"))
}

fn contradiction(given: &Given, arguments: &DebateArguments, spec: &Spec) -> Option<String> {
    let terms = &arguments.terms;
    let time = |time: Option<Duration>| time.map_or_else(|| "none".to_owned(), |time| format!("{time:?}"));
    let said = given.values.join(", ");
    let (said, written) = match given.field.as_str() {
        "question" => (said, spec.question.clone()),
        "options" => (said, spec.options.join(", ")),
        "models" => (said, models(arguments, spec)),
        "rounds" => (terms.rounds.map_or(said, |rounds| rounds.to_string()), spec.rounds.to_string()),
        "rule" => (terms.rule.map_or(said, |rule| rule.to_string()), spec.rule.to_string()),
        "seed" => (terms.seed.to_string(), spec.seed.value().to_string()),
        // A log knows whole milliseconds.
        "deadline" => {
            let whole = terms.deadline.map(|time| Duration::from_millis(whole_milliseconds(time)));
            (time(whole), time(spec.limits.debate))
        }
        "budget" => {
            let [said, written] = [terms.budget, spec.budget]
                .map(|usd| usd.map_or_else(|| "none".to_owned(), |usd| format!("{usd} USD")));
            (said, written)
        }
        "horizon" => (arguments.horizon.to_string(), horizon(spec)?),
        "order" => (said, kebab(&spec.order)),
        "tie_break" => (said, kebab(&spec.tie_break)),
        "selector" => (said, kebab(&spec.selector)),
        "judge" => (said, spec.judge.as_ref().map_or_else(|| "nobody".to_owned(), |seat| seat.judge.clone())),
        "judge_each_round" => (said, spec.judge.as_ref().is_some_and(|seat| seat.each_round).to_string()),
        // What is written another way than here, and may say the same, is not guessed at.
        field => {
            let flag = &given.flag;
            let written = match serde_json::to_value(spec).ok()?.get(field) {
                Some(Value::String(text)) if *text == said => return None,
                Some(value) if field != "evidence" => format!(" {value}"),
                _ => String::new(),
            };
            return Some(format!("{flag} {said} is not read again: what holds stands in its log{written}"));
        }
    };
    (said != written).then(|| format!("{} is {said}, and {written} in its log", given.flag))
}

/// As a file or a flag calls it.
fn kebab(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The models on the panel; one that has all seats is named once, as on the command line.
fn models(arguments: &DebateArguments, spec: &Spec) -> String {
    let seats = spec.seats.iter().map(|seat| seat.debater.as_str());
    let mut models: Vec<&str> = seats.filter(|debater| !debater.starts_with("analyst:")).collect();
    if arguments.models.len() == 1 {
        models.dedup();
    }
    models.join(", ")
}

/// How far the analysts look ahead; nothing without analysts, which then say nothing against it.
fn horizon(spec: &Spec) -> Option<String> {
    let analyst = spec.seats.iter().find_map(|seat| seat.debater.strip_prefix("analyst:"))?;
    analyst.split_once('@').map(|(_, sessions)| sessions.to_owned())
}

fn whole_milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

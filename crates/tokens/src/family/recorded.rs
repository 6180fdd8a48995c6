//! Tests on recorded exchanges, where they lie beside the workspace: what is estimated, with and without calibration, against
//! what the vendor reported.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use assize_metering::{Calibrator, Estimate, Exactness};
use serde_json::Value;

use super::counter_for;

struct Exchange {
    model: String,
    request: Value,
    reported: u64,
}

/// The recordings of a vendor, a file at a time in the order of their names.
fn recordings(vendor: &str) -> Vec<Exchange> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/llm/cassettes");
    let mut seen = BTreeSet::new();
    let texts =
        files(&root.join(vendor)).into_iter().map(|file| fs::read_to_string(file).expect("a recording"));
    let mut found = Vec::new();
    for text in texts {
        // What was recorded twice would tell twice of one prompt.
        found.extend(
            text.split("\n---\n")
                .filter_map(exchange)
                .filter(|exchange| seen.insert(exchange.request.to_string())),
        );
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn exchange(document: &str) -> Option<Exchange> {
    let (when, then) = document.split_once("\nthen:\n")?;
    let path = when.lines().find_map(|line| line.strip_prefix("  path: "))?;
    let request: Value = serde_json::from_str(&body(when)?).ok()?;
    let answer = body(then)?;
    let reported = match serde_json::from_str(&answer) {
        Ok(whole) => reported(&whole),
        Err(_) => answer
            .lines()
            .filter_map(|line| serde_json::from_str(line.strip_prefix("data:").unwrap_or(line)).ok())
            .filter_map(|event: Value| reported(&event))
            .next_back(),
    }?;
    let in_path = || path.split_once("models/").map(|(_, rest)| rest.split(':').next().unwrap_or(rest));
    let model = request.get("model").and_then(Value::as_str).or_else(in_path)?.to_owned();
    Some(Exchange { model, request, reported })
}

fn body(part: &str) -> Option<String> {
    let (_, rest) = part.split_once("\n  body: ")?;
    if let Some(quoted) = rest.strip_prefix('\'') {
        return Some(quoted.trim_end().strip_suffix('\'')?.replace("''", "'"));
    }
    let block = rest.strip_prefix('|')?.split_once('\n')?.1;
    Some(block.lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect::<Vec<_>>().join("\n"))
}

/// The tokens of the prompt, cached ones among them.
fn reported(answer: &Value) -> Option<u64> {
    if let Some(count) = answer.get("prompt_eval_count") {
        return count.as_u64();
    }
    if let Some(usage) = answer.get("usageMetadata") {
        return usage.get("promptTokenCount")?.as_u64();
    }
    let usage = ["message", "response", "x_groq", "delta"]
        .iter()
        .find_map(|outer| answer.get(outer)?.get("usage"))
        .or_else(|| answer.get("usage"))?;
    if let Some(billed) = usage.get("billed_units") {
        return billed.get("input_tokens")?.as_u64();
    }
    if let Some(prompt) = usage.get("prompt_tokens") {
        return prompt.as_u64();
    }
    let cached = ["cache_creation_input_tokens", "cache_read_input_tokens"];
    let cached: u64 = cached.iter().filter_map(|field| usage.get(field)?.as_u64()).sum();
    Some(usage.get("input_tokens")?.as_u64()? + cached)
}

/// Errors in parts in a thousand of the estimate, before and after calibration.
#[derive(Default)]
struct Errors {
    before: Vec<u64>,
    /// How many of them the stated bound kept.
    before_kept: usize,
    /// From the ninth pair of a model on.
    after: Vec<u64>,
    after_kept: usize,
}

fn per_mille(estimate: Estimate, reported: u64) -> u64 {
    estimate.tokens.abs_diff(reported) * 1000 / estimate.tokens.max(1)
}

fn kept(estimate: Estimate, error: u64) -> bool {
    matches!(estimate.exactness, Exactness::Estimated { per_mille } if error <= per_mille.into())
}

fn judge(vendor: &str) -> Errors {
    let mut errors = Errors::default();
    let calibrator = Calibrator::new();
    let mut pairs: BTreeMap<String, usize> = BTreeMap::new();
    for Exchange { model, request, reported } in recordings(vendor) {
        let counter = counter_for(&model);
        let Ok(prompt) = counter.prompt(&request) else { continue };
        if counter.family().is_none() || !prompt.uncounted.is_empty() || reported == 0 {
            continue;
        }
        let raw = Estimate::from(&prompt);
        let error = per_mille(raw, reported);
        errors.before.push(error);
        errors.before_kept += usize::from(kept(raw, error));
        let pairs = pairs.entry(model.clone()).or_default();
        *pairs += 1;
        if *pairs > 8 {
            let calibrated = calibrator.estimate(&model, raw);
            let error = per_mille(calibrated, reported);
            errors.after.push(error);
            errors.after_kept += usize::from(kept(calibrated, error));
        }
        calibrator.observe(&model, raw, reported);
    }
    errors.before.sort_unstable();
    errors.after.sort_unstable();
    errors
}

fn middle(errors: &[u64]) -> u64 {
    errors.get(errors.len() / 2).copied().unwrap_or(0)
}

/// What 19 of 20 kept, or the largest of fewer.
fn usual(errors: &[u64]) -> u64 {
    errors.get((errors.len() * 19).div_ceil(20).saturating_sub(1)).copied().unwrap_or(0)
}

#[test]
fn recorded_prompts_are_estimated_within_the_stated_errors() {
    let (mut all, mut all_kept, mut after, mut after_kept) = (0, 0, 0, 0);
    for vendor in ["anthropic", "gemini", "deepseek", "mistral", "groq", "xai", "llamacpp", "ollama"] {
        let errors = judge(vendor);
        let summary = format!(
            "{vendor}: {} prompts, median {} ‰, 19 of 20 within {} ‰, {} kept; calibrated: {} prompts, {} ‰, {} ‰, {} kept",
            errors.before.len(),
            middle(&errors.before),
            usual(&errors.before),
            errors.before_kept,
            errors.after.len(),
            middle(&errors.after),
            usual(&errors.after),
            errors.after_kept,
        );
        assert!(middle(&errors.before) <= 150, "{summary}");
        assert!(middle(&errors.after) <= 100, "{summary}");
        all += errors.before.len();
        all_kept += errors.before_kept;
        after += errors.after.len();
        after_kept += errors.after_kept;
    }
    assert!(all_kept * 100 >= all * 85, "{all_kept} of {all} are within the stated errors");
    assert!(
        after_kept * 100 >= after * 80,
        "{after_kept} of {after} are within the stated errors after calibration"
    );
}

#[test]
fn a_recording_is_read_in_each_of_its_shapes() {
    let quoted = "when:\n  path: /v1beta/models/gemini-2.5-flash:generateContent\n  body: '{\"contents\":[{\"parts\":[{\"text\":\"it''s\"}]}]}'\nthen:\n  status: 200\n  body: '{\"usageMetadata\":{\"promptTokenCount\":5}}'\n";
    let read = exchange(quoted).expect("a recording");
    assert_eq!((read.model.as_str(), read.reported), ("gemini-2.5-flash", 5));
    assert_eq!(counter_for(&read.model).prompt(&read.request).expect("a request").tokens, 2);
    let block = "when:\n  path: /v1/messages\n  body: '{\"model\":\"claude-sonnet-4-6\",\"messages\":[]}'\nthen:\n  status: 200\n  body: |+\n    event: message_start\n    data: {\"message\":{\"usage\":{\"input_tokens\":3,\"cache_read_input_tokens\":40}}}\n";
    assert_eq!(exchange(block).map(|read| read.reported), Some(43));
}

//! Recorded exchanges: the tokens that a vendor reported against those counted from the request.
//!
//! The recordings lie beside the workspace, where they are kept; `fixtures/tokens` has some of the same shape.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use assize_metering::Exactness;
use assize_tokens::{PromptCount, count_chat, count_responses, model_tokens};
use serde_json::Value;

struct Exchange {
    file: PathBuf,
    path: String,
    request: Value,
    reported: u64,
}

/// The exchanges of a file: documents of `when` (path, body) and `then` (body), a body being one quoted line or a block.
fn exchanges(file: &Path) -> Vec<Exchange> {
    let text = fs::read_to_string(file).expect("a recording");
    text.split("\n---\n").filter_map(|document| exchange(file, document)).collect()
}

fn exchange(file: &Path, document: &str) -> Option<Exchange> {
    let (when, then) = document.split_once("\nthen:\n")?;
    let path = when.lines().find_map(|line| line.strip_prefix("  path: "))?;
    let request = serde_json::from_str(&body(when)?).ok()?;
    let answer = body(then)?;
    let usage = |value: &Value| {
        let usage = value.get("usage").or_else(|| value.get("response")?.get("usage"))?;
        usage.get("prompt_tokens").or(usage.get("input_tokens"))?.as_u64()
    };
    let reported = match serde_json::from_str(&answer) {
        Ok(whole) => usage(&whole),
        Err(_) => answer
            .lines()
            .filter_map(|line| serde_json::from_str(line.strip_prefix("data:")?).ok())
            .filter_map(|event: Value| usage(&event))
            .next_back(),
    }?;
    Some(Exchange { file: file.to_owned(), path: path.to_owned(), request, reported })
}

fn body(part: &str) -> Option<String> {
    let (_, rest) = part.split_once("\n  body: ")?;
    if let Some(quoted) = rest.strip_prefix('\'') {
        return Some(quoted.trim_end().strip_suffix('\'')?.replace("''", "'"));
    }
    let block = rest.strip_prefix('|')?.split_once('\n')?.1;
    Some(block.lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect::<Vec<_>>().join("\n"))
}

fn all_below(folder: &Path) -> Vec<Exchange> {
    let mut found = Vec::new();
    let mut entries = fs::read_dir(folder)
        .map(|entries| entries.map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>())
        .unwrap_or_default();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            found.extend(all_below(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "yaml") {
            found.extend(exchanges(&entry));
        }
    }
    found
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tokens/recorded")
}

fn samples(vendor: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/llm/cassettes").join(vendor)
}

/// Counts an exchange, if its API and model are known.
fn count(exchange: &Exchange) -> Option<PromptCount> {
    let rule = model_tokens(exchange.request.get("model")?.as_str()?)?.rule()?;
    let count = match exchange.path.rsplit('/').next()? {
        "completions" => count_chat(&exchange.request, &rule),
        "responses" => count_responses(&exchange.request, &rule),
        _ => return None,
    };
    Some(count.expect("a recorded request is one"))
}

#[derive(Default)]
struct Score {
    texts: usize,
    others: usize,
    within: usize,
    exact: usize,
    gaps: usize,
    wrong: String,
}

fn score(exchanges: &[Exchange], api: &str) -> Score {
    let mut score = Score::default();
    for exchange in exchanges.iter().filter(|exchange| exchange.path.ends_with(api)) {
        let Some(count) = count(exchange) else { continue };
        if !count.uncounted.is_empty() {
            score.gaps += 1;
            continue;
        }
        let off = count.tokens.abs_diff(exchange.reported);
        if count.exactness == Exactness::Exact {
            score.texts += 1;
        } else {
            score.others += 1;
            score.exact += usize::from(off == 0);
            score.within += usize::from(off * 100 <= exchange.reported);
        }
        if off > 0 {
            let _ = writeln!(
                score.wrong,
                "{}: {} for {}, {} by tools, {} by a schema, {}",
                exchange.file.display(),
                count.tokens,
                exchange.reported,
                count.tools,
                count.response_format,
                count.exactness,
            );
        }
    }
    score
}

#[test]
fn own_recordings_count_exactly() {
    let found = all_below(&fixtures());
    assert_eq!(found.len(), 6, "one of them holds two exchanges");
    let chats = score(&found, "/chat/completions");
    assert_eq!((chats.texts, chats.others, chats.exact, chats.wrong.as_str()), (3, 2, 2, ""));
    let responses = score(&found, "/responses");
    assert_eq!((responses.texts, responses.wrong.as_str()), (1, ""));
}

#[test]
fn recorded_chats_with_openai_count_exactly() {
    let folder = samples("openai");
    let found = all_below(&folder);
    if !folder.exists() {
        return;
    }
    for api in ["/chat/completions", "/responses"] {
        let score = score(&found, api);
        let texts_wrong = score.wrong.lines().filter(|line| line.ends_with("exact")).collect::<Vec<_>>();
        assert!(texts_wrong.is_empty(), "{}", texts_wrong.join("\n"));
        assert!(score.texts > 0 && score.within <= score.others, "no text chat among the recordings");
        if api == "/chat/completions" {
            assert!(score.others > 0 && score.within * 100 >= score.others * 95, "{}", score.wrong);
        }
    }
}

#[cfg(any(feature = "open-weights", feature = "deepseek-vocabulary"))]
#[test]
fn recorded_chats_with_open_models_count_within_a_hundredth() {
    for (vendor, built) in
        [("mistral", cfg!(feature = "open-weights")), ("deepseek", cfg!(feature = "deepseek-vocabulary"))]
    {
        let folder = samples(vendor);
        if built && folder.exists() {
            let score = score(&all_below(&folder), "/chat/completions");
            // Nobody states these overheads: they are said to be estimates.
            assert!(score.texts == 0 && score.within * 20 >= score.others * 19, "{}", score.wrong);
        }
    }
}

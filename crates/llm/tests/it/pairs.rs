//! The labelled pairs: `fixtures/llm/semantic`.

use std::{fs, path::Path};

use serde::Deserialize;

/// Two questions, and whether one answer serves both.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pair {
    pub(crate) a: String,
    pub(crate) b: String,
    pub(crate) same: bool,
    pub(crate) kind: String,
    pub(crate) source: String,
}

/// The halves of the set, and the labels within each.
pub(crate) const HALVES: [&str; 2] = ["dev", "held-out"];
pub(crate) const LABELS: [&str; 2] = ["negatives", "paraphrases"];

/// The pairs of one file.
pub(crate) fn read(half: &str, label: &str) -> Vec<Pair> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/llm/semantic");
    let path = directory.join(format!("{half}-{label}.jsonl"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("read {}: {error}", path.display()));
    let pair = |(number, line)| {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{} line {number}: {error}", path.display()))
    };
    (1..).zip(text.lines()).map(pair).collect()
}

#[test]
fn the_set_is_what_it_says() {
    let mut seen = std::collections::BTreeSet::new();
    let (mut n_negatives, mut n_by_hand) = (0, 0);
    let (mut n_paraphrases, mut n_paraphrases_by_hand) = (0, 0);
    for half in HALVES {
        for label in LABELS {
            for pair in read(half, label) {
                assert_eq!(pair.same, label == "paraphrases", "{pair:?} is in the wrong file");
                assert_ne!(pair.a, pair.b, "a pair has two texts");
                let by_hand = match &*pair.source {
                    "hand" => 1,
                    "template" => 0,
                    other => panic!("{pair:?} comes from {other}"),
                };
                if pair.same {
                    (n_paraphrases, n_paraphrases_by_hand) =
                        (n_paraphrases + 1, n_paraphrases_by_hand + by_hand);
                } else {
                    (n_negatives, n_by_hand) = (n_negatives + 1, n_by_hand + by_hand);
                }
                let mut texts = [pair.a.clone(), pair.b.clone()];
                texts.sort();
                assert!(seen.insert(texts), "{pair:?} is there twice");
            }
        }
    }
    assert!(n_negatives >= 1_200 && n_by_hand >= 200, "{n_negatives} negatives, {n_by_hand} by hand");
    assert!(
        n_paraphrases >= 350 && n_paraphrases_by_hand >= 250,
        "{n_paraphrases} paraphrases, {n_paraphrases_by_hand} by hand"
    );
}

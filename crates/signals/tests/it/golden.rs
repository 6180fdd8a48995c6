//! Our sentiment beside that of the package which it follows.

use std::{fs, path::Path};

use assize_signals::{Feeling, sentiment};
use serde_json::Value;

/// Holds every text of a file against the figures beside it; how many there were.
fn held_against(path: &Path) -> usize {
    let lines = fs::read_to_string(path).expect("the file is there");
    for line in lines.lines() {
        let expected: Value = serde_json::from_str(line).expect("a line of JSON");
        let text = expected["text"].as_str().expect("a text");
        let found = sentiment(text);
        let rounded = found.rounded();
        let figures = [
            ("neg", rounded.negative),
            ("neu", rounded.neutral),
            ("pos", rounded.positive),
            ("compound", rounded.compound),
        ];
        for (name, value) in figures {
            assert_eq!(Some(value), expected[name].as_f64(), "{name} of {text:?}");
        }
        let feeling = match rounded.compound {
            score if score >= 0.05 => Feeling::Positive,
            score if score <= -0.05 => Feeling::Negative,
            _ => Feeling::Neutral,
        };
        assert_eq!(found.feeling(), feeling);
    }
    lines.lines().count()
}

#[test]
fn every_text_has_the_figures_of_the_package() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    assert!(held_against(&root.join("fixtures/signals/vader.jsonl")) >= 200);
    let shared = root.join("../shared/samples/altdata/golden/vader_3.3.2.jsonl");
    if shared.exists() {
        assert_eq!(held_against(&shared), 40);
    }
}

#[test]
fn a_long_text_of_one_word_takes_no_square_of_time() {
    let text = "good ".repeat(50_000) + "but bad";
    let found = sentiment(&text);
    assert!(found.positive > 0.99 && found.compound > 0.999);
}

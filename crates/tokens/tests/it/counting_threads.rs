//! What went wrong with counting elsewhere, one test a thread.

use assize_metering::{Exactness, TokenCounter};
use assize_tokens::{Encoding, counter_for};

fn is_estimate(model: &str) -> bool {
    matches!(counter_for(model).exactness(), Exactness::Estimated { per_mille } if per_mille > 0)
}

/// The tokenizer of an older model was applied to newer ones without a word, and people took its counts for exact.
#[test]
fn anthropic_sdk_python_375_a_private_tokenizer_is_said_to_be_estimated() {
    for model in ["claude-3-opus-20240229", "claude-3-5-sonnet-20241022", "claude-opus-4-8"] {
        assert!(is_estimate(model), "{model}");
    }
}

/// A tokenizer of OpenAI's stood in for Claude's, so that replies were cut at a limit that seemed far away.
#[test]
fn litellm_4347_claude_is_not_counted_as_openai_counts() {
    let text = "A reply of Claude has more tokens than o200k gives it. ".repeat(50);
    let o200k = Encoding::O200k.counter().expect("every build has it").count(&text);
    let claude = counter_for("claude-3-5-sonnet-20241022");
    assert_ne!(claude.name(), "o200k_base");
    assert!(claude.count(&text) > o200k, "{} against {o200k}", claude.count(&text));
}

/// Mistral's models were counted with cl100k, and requests that seemed to fit were too long.
#[test]
fn litellm_3154_mistral_is_not_counted_with_cl100k_in_silence() {
    let counter = counter_for("mistral-large-latest");
    assert_ne!(counter.name(), "cl100k_base");
    assert!(is_estimate("mistral-large-latest") || counter.name() == "mistral_v3", "{}", counter.name());
}

/// A hundred thousand times the same letter took minutes.
#[test]
fn tiktoken_195_a_run_of_one_letter_is_counted() {
    let counter = Encoding::Cl100k.linear().expect("every build has it");
    assert_eq!(counter.count(&"a".repeat(100_000)), 12_500);
}

/// A million carets overflowed the stack of the regular expression: a panic that could not be caught.
#[test]
fn tiktoken_15_a_million_carets_do_not_panic() {
    let counter = Encoding::Cl100k.linear().expect("every build has it");
    let count = counter.count(&"^".repeat(1_000_000));
    assert!((1..=1_000_000).contains(&count), "{count}");
}

/// Text of a stranger could keep a counter busy for as long as he liked: the work grew with the square of a long run.
#[test]
fn tiktoken_rs_pr_117_long_runs_of_any_kind_are_counted_whole() {
    let counter = Encoding::O200k.linear().expect("every build has it");
    for run in ["a", " ", "\n", "=-", "0", "あ", "\u{301}", "👩‍👩‍👧‍👦"] {
        let text = run.repeat(20_000);
        let whole = counter.count(&text);
        assert!(whole > 0 && whole <= text.len() as u64, "{run:?}: {whole}");
    }
}

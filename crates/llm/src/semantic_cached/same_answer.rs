//! Whether two replies say the same.

use std::fmt;

use serde_json::Value;

use crate::ChatReply;

/// Decides whether two replies to what should be the same question say the same. Its word counts as evidence about false
/// hits, so it must not be lenient; one that is too strict makes the cache serve less than it could.
pub trait SameAnswer: fmt::Debug + Send + Sync + 'static {
    /// Whether either reply could stand for the other.
    fn is_same(&self, one: &ChatReply, other: &ChatReply) -> bool;
}

/// Replies are the same if they have the same words, whatever the white space and the case, or are the same JSON. It is
/// right for labels, numbers and other short replies of a model that does not vary them; long texts need a judge of their
/// own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SameWords;

impl SameAnswer for SameWords {
    fn is_same(&self, one: &ChatReply, other: &ChatReply) -> bool {
        let words = |reply: &ChatReply| {
            reply.text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
        };
        let json = |reply: &ChatReply| serde_json::from_str::<Value>(&reply.text).ok();
        words(one) == words(other) || json(one).is_some_and(|json_of_one| Some(json_of_one) == json(other))
    }
}

#[cfg(test)]
mod tests {
    use assize_metering::{TokenUsage, Usage};

    use super::*;

    #[test]
    fn the_same_words_or_the_same_json_are_the_same() {
        let same = |one: &str, other: &str| {
            let reply = |text: &str| ChatReply::new("m".into(), text, Usage::simulated(TokenUsage::of(1, 1)));
            SameWords.is_same(&reply(one), &reply(other))
        };
        assert!(same("Yes.", " yes.\n"));
        assert!(same(r#"{"a": 1, "b": "X"}"#, "{\"b\":\"X\",\n\"a\":1}"));
        assert!(!same("Yes.", "No."));
        assert!(!same(r#"{"a": 1}"#, r#"{"a": 2}"#));
        assert!(!same("no json", "none either"));
    }
}

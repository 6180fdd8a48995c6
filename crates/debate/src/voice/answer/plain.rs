//! An answer that holds what was asked for and nothing else: as nearly all do. It is read in one go; whatever is not so plain is
//! left to [`Answer`](super::Answer), which comes to the same where both can read it.

use assize_llm::{ChatReply, FinishReason};
use serde::Deserialize;

use super::{Numbers, Text, by_option, object_in, option_named, reason};
use crate::Utterance;

/// The answer that a debater is asked for, without the votes that some rules count. No field of another name, none that is there
/// twice.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain<'a> {
    #[serde(borrow)]
    stance: Text<'a>,
    #[serde(default, borrow)]
    probabilities: Option<Numbers<'a>>,
    #[serde(default)]
    confidence: Option<f64>,
    #[serde(default, borrow)]
    reasons: Option<Vec<PlainReason<'a>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlainReason<'a> {
    #[serde(borrow)]
    text: Text<'a>,
    #[serde(default, borrow)]
    cites: Option<Vec<Text<'a>>>,
}

/// What a plain answer says, as far as it is one; it is not checked.
pub(crate) fn plain(reply: &ChatReply, options: &[String]) -> Option<Utterance> {
    if reply.finish != FinishReason::Stop {
        return None;
    }
    let (start, end) = object_in(&reply.text).ok()?;
    let Plain { stance, probabilities, confidence, reasons } =
        serde_json::from_str(&reply.text[start..end]).ok()?;
    let mut utterance = Utterance::new(option_named(&stance.0, options).ok()?);
    if let Some(given) = probabilities {
        // A name that is there twice is an option that is.
        utterance.probabilities = Some(shares(&by_option(&given, options, "probabilities").ok()?));
    }
    utterance.confidence = confidence;
    let reasons = reasons.unwrap_or_default().into_iter();
    utterance.reasons =
        reasons.map(|PlainReason { text, cites }| reason(text, &cites.unwrap_or_default())).collect();
    Some(utterance)
}

/// Probabilities out of what was stated. Models round: what nearly adds up to 1 is meant to.
pub(crate) fn shares(given: &[Option<f64>]) -> Vec<f64> {
    let mut shares: Vec<f64> = given.iter().map(|share| share.unwrap_or_default()).collect();
    let sum: f64 = shares.iter().sum();
    if (sum - 1.0).abs() <= 0.02 {
        shares.iter_mut().for_each(|share| *share /= sum);
    }
    shares
}

#[cfg(test)]
mod tests {
    use assize_llm::ChatReply;
    use assize_metering::{TokenUsage, Usage};

    use super::*;

    fn read(text: &str) -> Option<Utterance> {
        let reply = ChatReply::new("x".into(), text, Usage::reported(TokenUsage::of(1, 1)));
        plain(&reply, &["yes".to_owned(), "no".to_owned()])
    }

    #[test]
    fn what_was_asked_for_is_plain() {
        let said = read(
            r#"So: {"stance": "Yes", "probabilities": {"yes": 0.5, "no": 0.49}, "confidence": null, "reasons": [{"text":
            "so\n", "cites": ["[a]"]}, {"text": "thus"}]}"#,
        );
        let expected = Utterance::new(0).with_probabilities([0.5 / 0.99, 0.49 / 0.99]);
        assert_eq!(said, Some(expected.because("so\n", ["a"]).because("thus", [])));
        assert_eq!(read(r#"{"st\u0061nce": "no"}"#), Some(Utterance::new(1)));
    }

    #[test]
    fn what_is_less_plain_is_left_alone() {
        for text in [
            "yes",
            r#"{"stance": "yes"} {"stance": "no"}"#,
            r#"{"stance": "yes", "stance": "yes"}"#,
            r#"{"stance": "yes", "Stance": "no"}"#,
            r#"{"stance": "yes", "note": "no"}"#,
            r#"{"stance": "yes", "ranking": ["yes", "no"]}"#,
            r#"{"stance": "maybe"}"#,
            r#"{"stance": "yes", "probabilities": {"yes": 0.5, "no": 0.2, "YES": 0.3}}"#,
            r#"{"stance": "yes", "probabilities": {"yes": 0.5, "yes": 0.5}}"#,
            r#"{"stance": "yes", "probabilities": {"yes": "0.5"}}"#,
            r#"{"stance": "yes", "reasons": [{"text": "so", "text": "not so"}]}"#,
            r#"{"stance": "yes", "reasons": [{"text": "so", "stance": "no"}]}"#,
            r#"{"stance": "yes", "reasons": "so"}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

//! How a judge behaves: declared, as the debaters are.

use assize_debate::{Assessment, Docket};
use assize_llm::ChatRequest;
use serde_json::{Map, Value, json};

use super::{
    facts::{NAMES, softmax},
    mind::{best, stated},
    reading::{Seen, Statement},
};

/// A judge that pools the beliefs of the debaters as they put them into words, and leans towards whom it read first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JudgingMind {
    /// The log-odds that the first statement's stance gains by being the first.
    pub first_impression: f64,
}

impl JudgingMind {
    /// The behaviour of the benchmark's judge. Judges change their minds with the order in a third of cases (65 % consistency
    /// of GPT-4: arXiv 2306.05685); this one does where it is not sure.
    pub const DECLARED: Self = Self { first_impression: 0.5 };

    /// What it answers to a prompt.
    #[must_use]
    pub fn reply(self, request: &ChatRequest) -> String {
        let seen = Seen::of(request);
        let scores = self.scores(&seen.others, seen.options);
        let named: Map<String, Value> =
            NAMES.iter().zip(&scores).map(|(name, score)| ((*name).to_owned(), json!(score))).collect();
        json!({
            "winner": NAMES[best(&scores)],
            "scores": named,
            "enough": true,
            "reasons": [{ "text": "the beliefs as they were put", "cites": [] }],
        })
        .to_string()
    }

    /// What it makes of a round, read in both orders.
    pub(super) fn assess(self, docket: &Docket) -> Assessment {
        let options = docket.options().len();
        let said = docket.statements().iter().map(|peer| Statement::of(&peer.utterance, options));
        let mut said: Vec<Statement> = said.collect();
        let one = self.scores(&said, options);
        said.reverse();
        let other = self.scores(&said, options);
        let do_agree = best(&one) == best(&other);
        let winner = do_agree.then(|| best(&one));
        let scores = one.iter().zip(&other).map(|(one, other)| f64::midpoint(*one, *other)).collect();
        let mut assessment = Assessment::by_scores(scores);
        assessment.winner = winner;
        assessment.is_enough = do_agree;
        assessment.orders_agree = Some(do_agree);
        assessment.reasons.push(assize_debate::Reason {
            text: "the beliefs as they were put".to_owned(),
            cites: Vec::new(),
            weight: None,
        });
        assessment
    }

    fn scores(self, said: &[Statement], options: usize) -> Vec<f64> {
        let mut logs = vec![0.0; options];
        #[expect(clippy::cast_precision_loss, reason = "a few statements")]
        let n = said.len().max(1) as f64;
        for statement in said {
            logs.iter_mut().zip(&statement.belief).for_each(|(log, p)| *log += libm::log(p.max(1e-6)) / n);
        }
        if let Some(first) = said.first() {
            logs[first.stance] += self.first_impression;
        }
        stated(&softmax(&logs))
    }
}

//! A debater that is a model.

use std::{collections::BTreeMap, fmt, sync::Arc};

use assize_llm::{ChatModel, ChatReply, ChatRequest, FinishReason, ReplyDelta, Reuse};
use assize_metering::{Bucket, Mode, ModelPrice, UsageBasis, Usd};
use futures_util::{StreamExt, future::ready, stream};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    AbstainReason, Abstention, BallotForm, Bill, Debater, Delta, EvidenceId, Reason, Reservation, Speech,
    Spoken, Turn, Utterance, prompt,
};

const MAX_TOKENS: u32 = 1_024;
/// A longer reply is not read.
const MAX_REPLY_BYTES: usize = 1 << 20;

/// Speaks through a [`ChatModel`]. What it cannot read is an abstention, never a default answer.
pub struct ModelDebater {
    model: Arc<dyn ChatModel>,
    price: Option<Arc<ModelPrice>>,
    instructions: String,
    max_tokens: u32,
}

impl fmt::Debug for ModelDebater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelDebater").field("model", self.model.id()).finish_non_exhaustive()
    }
}

impl ModelDebater {
    /// A debater that asks this model, at this price. Without a price its calls are booked as free: for models that
    /// run on the user's own machine.
    #[must_use]
    pub fn new(model: Arc<dyn ChatModel>, price: Option<Arc<ModelPrice>>) -> Self {
        Self { model, price, instructions: String::new(), max_tokens: MAX_TOKENS }
    }

    /// The same with instructions of its own, such as a role or a stance to test.
    #[must_use]
    pub fn with_instructions(mut self, instructions: impl Into<String>) -> Self {
        self.instructions = instructions.into();
        self
    }

    /// The same with another limit on the tokens of an answer; 1,024 by default.
    #[must_use]
    pub fn with_max_tokens(mut self, max_tokens: u32) -> Self {
        self.max_tokens = max_tokens;
        self
    }

    fn request(&self, turn: &Turn) -> ChatRequest {
        ChatRequest::new(prompt::user(turn))
            .with_system(prompt::system(turn, &self.instructions))
            .with_max_tokens(self.max_tokens)
            // Seats and rounds that ask alike are still to be answered each by itself.
            .with_reuse(Reuse::Never)
    }

    fn reserve(&self, request: &ChatRequest) -> Usd {
        let Some(price) = &self.price else { return Usd::ZERO };
        // No tokeniser makes more tokens than there are bytes: the bound holds for every vendor.
        let bytes = request.texts().map(|text| text.len() as u64 + 16).sum();
        // The request asks for no caching, so that none is written.
        let can_occur = |bucket| {
            matches!(bucket, Bucket::Input | Bucket::CacheRead | Bucket::Output | Bucket::OutputReasoning)
        };
        price
            .worst_case_among(bytes, u64::from(self.max_tokens), Mode::Standard, can_occur)
            .unwrap_or(Usd::MAX)
    }
}

impl Debater for ModelDebater {
    fn speak(&self, turn: Turn) -> Speech {
        let request = self.request(&turn);
        let reservation =
            Reservation { calls: 1, cost: self.reserve(&request), simulated: self.model.is_simulated() };
        let model = Arc::clone(&self.model);
        let reader = Reader { price: self.price.clone(), reservation, turn };
        let deltas = stream::once(async move {
            match model.stream(request).await {
                Ok(deltas) => deltas
                    .filter_map(move |delta| {
                        ready(match delta {
                            Ok(ReplyDelta::Text(text)) => Some(Ok(Delta::Text(text))),
                            Ok(ReplyDelta::Done(reply)) => Some(reader.read(&reply)),
                            // What else a model may send is not for a debate.
                            Ok(_) => None,
                            Err(e) => Some(Err(reader.failed(&e))),
                        })
                    })
                    .boxed(),
                Err(e) => stream::once(ready(Err(reader.failed(&e)))).boxed(),
            }
        });
        Speech { reservation, deltas: deltas.flatten().boxed() }
    }
}

/// Reads a model's answer in the light of the turn that it answers.
struct Reader {
    price: Option<Arc<ModelPrice>>,
    reservation: Reservation,
    turn: Turn,
}

/// The answer that the prompt asks for.
#[derive(Deserialize)]
struct Answer {
    stance: String,
    #[serde(default)]
    probabilities: Option<BTreeMap<String, f64>>,
    #[serde(default)]
    confidence: Option<f64>,
    // Read only where the rule asks for them: what nobody asked for makes no answer unreadable.
    #[serde(default)]
    ranking: serde_json::Value,
    #[serde(default)]
    approved: serde_json::Value,
    #[serde(default)]
    points: serde_json::Value,
    #[serde(default)]
    reasons: Vec<AnswerReason>,
}

#[derive(Deserialize)]
struct AnswerReason {
    text: String,
    #[serde(default)]
    cites: Vec<String>,
}

impl Reader {
    fn failed(&self, error: &assize_llm::Error) -> Abstention {
        let mut bill = self.reservation.lost();
        if !error.possibly_billed() {
            bill.possibly_paid = Usd::ZERO;
        }
        Abstention { reason: AbstainReason::Failed, detail: error.to_string(), bill }
    }

    fn read(&self, reply: &ChatReply) -> Result<Delta, Abstention> {
        let bill = self.bill(reply)?;
        match self.utterance(&reply.text) {
            Ok(utterance) => Ok(Delta::Done(Box::new(Spoken { utterance, bill }))),
            Err(detail) => {
                let detail = match reply.finish {
                    FinishReason::Length => format!("{detail}; it was cut at the limit of tokens"),
                    FinishReason::ContentFilter => format!("{detail}; the vendor's filter cut it"),
                    _ => detail,
                };
                Err(Abstention { reason: AbstainReason::Unreadable, detail, bill })
            }
        }
    }

    fn bill(&self, reply: &ChatReply) -> Result<Bill, Abstention> {
        let tokens = reply.usage.tokens;
        let simulated = self.reservation.simulated || reply.usage.basis == UsageBasis::Simulated;
        let basis = (!simulated).then_some(reply.usage.basis);
        let mut bill = Bill { calls: 1, tokens: Some(Box::new(tokens)), simulated, basis, ..Bill::default() };
        let Some(price) = &self.price else { return Ok(bill) };
        match price.cost_of(&reply.usage) {
            Ok(cost) => {
                bill.cost = cost.total();
                if !reply.usage.apart().is_empty() {
                    // Another model had a part in the call; its price is not known here.
                    bill.possibly_paid = self.reservation.cost.checked_sub(bill.cost).unwrap_or(Usd::ZERO);
                }
                Ok(bill)
            }
            Err(e) => {
                bill.possibly_paid = self.reservation.cost;
                let detail = format!("its cost cannot be told: {e}");
                Err(Abstention { reason: AbstainReason::Failed, detail, bill })
            }
        }
    }

    fn utterance(&self, text: &str) -> Result<Utterance, String> {
        if text.len() > MAX_REPLY_BYTES {
            return Err(format!("its answer has {} bytes, and {MAX_REPLY_BYTES} are read", text.len()));
        }
        let object = text.find('{').zip(text.rfind('}')).filter(|(start, end)| start < end);
        let Some((start, end)) = object else {
            return Err("its answer holds no JSON object".to_owned());
        };
        let answer: Answer = serde_json::from_str(&text[start..=end])
            .map_err(|e| format!("its answer cannot be read: {e}"))?;
        let options = self.turn.options();
        let find = |name: &str| {
            let same = |option: &String| option.trim().eq_ignore_ascii_case(name.trim());
            options
                .iter()
                .position(same)
                .ok_or_else(|| format!("its answer names {name:?}, which is no option"))
        };
        let mut utterance = Utterance::new(find(&answer.stance)?);
        if let Some(given) = answer.probabilities {
            let mut probabilities = vec![0.0; options.len()];
            for (name, p) in &given {
                probabilities[find(name)?] = *p;
            }
            // Models round: what nearly adds up to 1 is meant to.
            let sum: f64 = probabilities.iter().sum();
            if (sum - 1.0).abs() <= 0.02 {
                probabilities.iter_mut().for_each(|p| *p /= sum);
            }
            utterance.probabilities = Some(probabilities);
        }
        utterance.confidence = answer.confidence;
        let find_all =
            |names: Vec<String>| names.iter().map(|name| find(name)).collect::<Result<Vec<_>, _>>();
        match self.turn.ballot_form() {
            BallotForm::Stance => {}
            BallotForm::Ranking => {
                utterance.ranking = stated(answer.ranking, "ranking")?.map(find_all).transpose()?;
            }
            BallotForm::Approval => {
                utterance.approved = stated(answer.approved, "approved")?.map(find_all).transpose()?;
            }
            BallotForm::Points => {
                if let Some(given) = stated::<BTreeMap<String, f64>>(answer.points, "points")? {
                    let mut points = vec![0.0; options.len()];
                    for (name, given) in &given {
                        points[find(name)?] = *given;
                    }
                    utterance.points = Some(points);
                }
            }
        }
        let reason = |reason: AnswerReason| Reason {
            text: reason.text,
            cites: reason.cites.iter().map(|id| EvidenceId::plain(id)).collect(),
            weight: None,
        };
        utterance.reasons = answer.reasons.into_iter().map(reason).collect();
        utterance.check(options.len()).map_err(|e| e.to_string())?;
        Ok(utterance)
    }
}

/// A field of the answer, if it is there and not null.
fn stated<T: DeserializeOwned>(value: serde_json::Value, field: &str) -> Result<Option<T>, String> {
    serde_json::from_value(value).map_err(|e| format!("its {field} cannot be read: {e}"))
}

#[cfg(test)]
mod tests {
    use assize_llm::ScriptedModel;
    use futures_util::FutureExt;

    use super::*;
    use crate::{Ask, Debate, Seat, SeatIndex, Spec};

    fn answer(text: &str) -> Result<Spoken, Abstention> {
        let spec = Spec::new("Tea?", ["yes", "no"]).with_seat(Seat::new("Ada", "model:x"));
        let turn = Debate::open(spec).unwrap().turn(Ask { round: 0, seat: SeatIndex(0) });
        let debater = ModelDebater::new(Arc::new(ScriptedModel::saying("x", [text])), None);
        debater.speak(turn).hear(|_| ()).now_or_never().unwrap()
    }

    #[test]
    fn answers_that_can_be_read() {
        for (text, stance, p) in [
            (r#"{"stance":"yes"}"#, 0, None),
            (
                "Sure!\n```json\n{\"stance\": \" No \", \"probabilities\": {\"yes\": 0.3, \"no\": 0.7}}\n```",
                1,
                Some(vec![0.3, 0.7]),
            ),
            (
                r#"{"stance":"yes","probabilities":{"yes":0.66,"no":0.33},"reasons":[{"text":"dry"}]}"#,
                0,
                Some(vec![0.66 / 0.99, 0.33 / 0.99]),
            ),
        ] {
            let said = answer(text).unwrap();
            assert_eq!((said.utterance.stance, said.utterance.probabilities), (stance, p), "{text}");
            assert_eq!(said.bill.calls, 1);
            assert!(!said.bill.simulated, "what somebody wrote is not a simulation");
        }
    }

    #[test]
    fn answers_that_cannot_be_read_are_abstentions() {
        for (text, why) in [
            ("I would not buy here.", "no JSON object"),
            ("{", "no JSON object"),
            (r#"{"stance":"hold"}"#, "no option"),
            (r#"{"stance":"yes","probabilities":{"yes":2}}"#, "add up to 1"),
            (r#"{"stance":"yes","probabilities":{"maybe":1}}"#, "no option"),
            (r#"{"stance":"yes","confidence":7}"#, "confidence"),
            (r#"{"answer":"yes"}"#, "cannot be read"),
        ] {
            let silent = answer(text).unwrap_err();
            assert_eq!(silent.reason, AbstainReason::Unreadable, "{text}");
            assert!(silent.detail.contains(why), "{}", silent.detail);
            assert_eq!(silent.bill.calls, 1, "a call that cannot be read was made all the same");
        }
    }

    #[test]
    fn no_earlier_reply_serves_a_turn() {
        let spec = Spec::new("Tea?", ["yes", "no"]).with_seat(Seat::new("Ada", "model:x"));
        let debate = Debate::open(spec).unwrap();
        let debater = ModelDebater::new(Arc::new(ScriptedModel::saying("x", ["yes"])), None);
        for round in 0..3 {
            let turn = debate.turn(Ask { round, seat: SeatIndex(0) });
            assert_eq!(debater.request(&turn).reuse, Reuse::Never);
        }
    }

    #[test]
    fn a_failed_call_is_an_abstention_that_says_why() {
        let debater = ModelDebater::new(Arc::new(ScriptedModel::saying("x", Vec::<String>::new())), None);
        let spec = Spec::new("Tea?", ["yes", "no"]).with_seat(Seat::new("Ada", "model:x"));
        let turn = Debate::open(spec).unwrap().turn(Ask { round: 0, seat: SeatIndex(0) });
        let silent = debater.speak(turn).hear(|_| ()).now_or_never().unwrap().unwrap_err();
        assert_eq!(silent.reason, AbstainReason::Failed);
        assert!(silent.detail.contains("script"), "{}", silent.detail);
    }
}

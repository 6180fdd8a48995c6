//! A debater that is a model.

use std::{collections::BTreeMap, fmt, sync::Arc};

use assize_llm::{ChatModel, ChatReply, ChatRequest, ReplyDelta, Reuse};
use assize_metering::ModelPrice;
use futures_util::{StreamExt, future::ready, stream};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    AbstainReason, Abstention, BallotForm, Debater, Delta, EvidenceId, Persona, Reason, Reservation, Speech,
    Spoken, Turn, Utterance, prompt,
    voice::{Voice, object_in, option_named, unreadable},
};

const MAX_TOKENS: u32 = 1_024;

/// Speaks through a [`ChatModel`]. What it cannot read is an abstention, never a default answer.
pub struct ModelDebater {
    voice: Voice,
    instructions: String,
}

impl fmt::Debug for ModelDebater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelDebater").field("model", self.voice.model.id()).finish_non_exhaustive()
    }
}

impl ModelDebater {
    /// A debater that asks this model, at this price. Without a price its calls are booked as free: for models that
    /// run on the user's own machine.
    #[must_use]
    pub fn new(model: Arc<dyn ChatModel>, price: Option<Arc<ModelPrice>>) -> Self {
        Self {
            voice: Voice { model, price, max_tokens: MAX_TOKENS, temperature: None },
            instructions: String::new(),
        }
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
        self.voice.max_tokens = max_tokens;
        self
    }

    /// The same, speaking as this persona.
    #[must_use]
    pub fn with_persona(mut self, persona: &Persona) -> Self {
        self.instructions = persona.instructions();
        self.voice.temperature = persona.temperature;
        self.voice.max_tokens = persona.max_tokens.unwrap_or(self.voice.max_tokens);
        self
    }

    fn request(&self, turn: &Turn) -> ChatRequest {
        let request = ChatRequest::new(prompt::user(turn))
            .with_system(prompt::system(turn, &self.instructions))
            .with_max_tokens(self.voice.max_tokens)
            // Seats and rounds that ask alike are still to be answered each by itself.
            .with_reuse(Reuse::Never);
        match self.voice.temperature {
            Some(temperature) => request.with_temperature(temperature),
            None => request,
        }
    }
}

impl Debater for ModelDebater {
    fn speak(&self, turn: Turn) -> Speech {
        let request = self.request(&turn);
        let reservation = self.voice.reservation(&request);
        let model = Arc::clone(&self.voice.model);
        let reader = Reader { voice: self.voice.clone(), reservation, turn };
        let deltas = stream::once(async move {
            match model.stream(request).await {
                Ok(deltas) => deltas
                    .filter_map(move |delta| {
                        ready(match delta {
                            Ok(ReplyDelta::Text(text)) => Some(Ok(Delta::Text(text))),
                            Ok(ReplyDelta::Done(reply)) => Some(reader.read(&reply)),
                            // What else a model may send is not for a debate.
                            Ok(_) => None,
                            Err(e) => Some(Err(Voice::failed(reader.reservation, &e))),
                        })
                    })
                    .boxed(),
                Err(e) => stream::once(ready(Err(Voice::failed(reader.reservation, &e)))).boxed(),
            }
        });
        Speech { reservation, deltas: deltas.flatten().boxed() }
    }
}

/// Reads a model's answer in the light of the turn that it answers.
struct Reader {
    voice: Voice,
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
    fn read(&self, reply: &ChatReply) -> Result<Delta, Abstention> {
        let bill = self.voice.bill(self.reservation, reply)?;
        match self.utterance(&reply.text) {
            Ok(utterance) => Ok(Delta::Done(Box::new(Spoken { utterance, bill }))),
            Err(detail) => {
                let detail = unreadable(detail, reply);
                Err(Abstention { reason: AbstainReason::Unreadable, detail, bill })
            }
        }
    }

    fn utterance(&self, text: &str) -> Result<Utterance, String> {
        let answer: Answer =
            serde_json::from_str(object_in(text)?).map_err(|e| format!("its answer cannot be read: {e}"))?;
        let options = self.turn.options();
        let find = |name: &str| option_named(name, options);
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

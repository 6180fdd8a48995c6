//! A debater that is a model.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt, sync::Arc};

use assize_llm::{ChatModel, ReplyDelta, ReplyStream};
use assize_metering::ModelPrice;
use futures_util::{
    StreamExt,
    future::{Either, ready},
    stream::{self, BoxStream},
};

use crate::{
    Abstention, BallotForm, Debater, Delta, Persona, Speech, Spoken, Turn, Utterance, fitting, prompt,
    voice::{Answer, Attempt, Heard, Prompt, Voice, by_option, option_named},
};

/// Speaks through a [`ChatModel`]. What it cannot read is asked for once more, and is then an abstention, never a default
/// answer.
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
        Self { voice: Voice::new(model, price), instructions: String::new() }
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

    /// The same, but an answer that cannot be read is an abstention at once. Otherwise the model is asked once more: not where
    /// the vendor's filter or the limit on tokens cut the answer, for they would again.
    #[must_use]
    pub fn without_repair(mut self) -> Self {
        self.voice.repairs = false;
        self
    }

    /// The same, where the model reads so many tokens at most: of a prompt, and of prompt and answer together. What does not
    /// fit is left out, and the prompt and the verdict say so: the oldest remarks of the
    /// [window](crate::Window) first, then the last lines of the summary, then the longest reasons of others, then evidence, first
    /// what nobody has cited. The question, the options and what the debater itself said last always stay.
    /// What must be shown and does not fit is no call but an abstention. Tokens are estimated, with a margin.
    #[must_use]
    pub const fn with_limits(mut self, max_input_tokens: Option<u64>, context_window: Option<u64>) -> Self {
        self.voice.set_limits(max_input_tokens, context_window);
        self
    }

    /// The same, speaking as this persona.
    #[must_use]
    pub fn with_persona(mut self, persona: &Persona) -> Self {
        self.instructions = persona.instructions();
        self.voice.set_persona(persona);
        self
    }
}

impl Debater for ModelDebater {
    fn speak(&self, turn: Turn) -> Speech {
        let system = prompt::system(&turn, &self.instructions);
        let user = |cut: &fitting::Cut| prompt::user(&turn, cut);
        let Prompt { user, cut, left } =
            match self.voice.fitted(&[&system], user, |room| fitting::of_turn(&turn, &system, room)) {
                Ok(prompt) => prompt,
                Err(silent) => return Speech::immediate(Err(silent)),
            };
        let request = self.voice.request(system, user);
        let reservation = self.voice.reservation(&request);
        let attempt = Attempt::new(self.voice.clone(), Arc::clone(&turn.fence), request, left);
        let words = words(attempt, Arc::new(turn));
        let deltas = match cut.told() {
            Some(shortened) => stream::once(ready(Ok(Delta::Shortened(shortened)))).chain(words).boxed(),
            None => words,
        };
        Speech { reservation, deltas }
    }
}

type Words = BoxStream<'static, Result<Delta, Abstention>>;

/// What an attempt says, and whatever follows it.
fn words(attempt: Attempt, turn: Arc<Turn>) -> Words {
    let deltas = stream::once(async move {
        match attempt.model().stream(attempt.request()).await {
            Ok(deltas) => heard(deltas, attempt, turn),
            Err(e) => stream::once(ready(Err(attempt.failed(&e)))).boxed(),
        }
    });
    deltas.flatten().boxed()
}

fn heard(deltas: ReplyStream, attempt: Attempt, turn: Arc<Turn>) -> Words {
    let mut attempt = Some(attempt);
    let heard = deltas.flat_map(move |delta| {
        let end = match delta {
            Ok(ReplyDelta::Text(text)) => Some(Ok(Delta::Text(text))),
            Ok(ReplyDelta::Done(reply)) => {
                match attempt.take().map(|attempt| attempt.hear(&reply, |answer| read(answer, &turn))) {
                    Some(Heard::Said(utterance, bill)) => {
                        Some(Ok(Delta::Done(Box::new(Spoken { utterance, bill }))))
                    }
                    Some(Heard::Silent(abstention)) => Some(Err(abstention)),
                    Some(Heard::Again(next)) => return Either::Right(words(*next, Arc::clone(&turn))),
                    None => None,
                }
            }
            // What else a model may send is not for a debate.
            Ok(_) => None,
            Err(e) => attempt.take().map(|attempt| Err(attempt.failed(&e))),
        };
        Either::Left(stream::iter(end))
    });
    heard.boxed()
}

/// Reads an answer in the light of the turn that it answers.
fn read(mut answer: Answer, turn: &Turn) -> Result<Utterance, String> {
    let options = turn.options();
    let find = |name: &str| option_named(name, options);
    let mut utterance = Utterance::new(find(&answer.required::<String>("stance")?)?);
    if let Some(given) = answer.optional::<BTreeMap<String, f64>>("probabilities")? {
        let given = by_option(&given, options, "probabilities")?;
        let mut probabilities: Vec<f64> = given.into_iter().map(Option::unwrap_or_default).collect();
        // Models round: what nearly adds up to 1 is meant to.
        let sum: f64 = probabilities.iter().sum();
        if (sum - 1.0).abs() <= 0.02 {
            probabilities.iter_mut().for_each(|p| *p /= sum);
        }
        utterance.probabilities = Some(probabilities);
    }
    utterance.confidence = answer.optional("confidence")?;
    let find_all = |names: Vec<String>| names.iter().map(|name| find(name)).collect::<Result<Vec<_>, _>>();
    match turn.ballot_form() {
        BallotForm::Stance => {}
        BallotForm::Ranking => utterance.ranking = answer.optional("ranking")?.map(find_all).transpose()?,
        BallotForm::Approval => {
            utterance.approved = answer.optional("approved")?.map(find_all).transpose()?
        }
        BallotForm::Points => {
            if let Some(given) = answer.optional::<BTreeMap<String, f64>>("points")? {
                let given = by_option(&given, options, "points")?;
                utterance.points = Some(given.into_iter().map(Option::unwrap_or_default).collect());
            }
        }
    }
    utterance.reasons = answer.reasons()?;
    // What nobody asked for makes no answer unreadable.
    answer.without(&["ranking", "approved", "points"]);
    answer.finish(Some(utterance.stance), options)?;
    utterance.check(options.len()).map_err(|e| e.to_string())?;
    Ok(utterance)
}

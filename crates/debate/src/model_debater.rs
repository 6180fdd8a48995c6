//! A debater that is a model.

#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use assize_llm::{ChatModel, ChatReply, ReplyDelta, ReplyStream};
use assize_metering::ModelPrice;
use futures_util::{
    StreamExt, future,
    stream::{self, BoxStream},
};

use crate::{
    Abstention, BallotForm, Debater, Delta, Persona, Spec, Speech, Spoken, Turn, Utterance, fitting, prompt,
    voice::{Answer, Attempt, Heard, Numbers, Text, Voice, by_option, option_named, plain, shares},
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
        let fitted = self.voice.fitted(&[&system], user, |room| fitting::of_turn(&turn, &system, room));
        let prompt = match fitted {
            Ok(prompt) => prompt,
            Err(silent) => return Speech::immediate(Err(silent)),
        };
        let shortened = prompt.cut.told();
        let attempt = Attempt::new(&self.voice, &turn.frame.fence, system, prompt);
        let reservation = attempt.reservation();
        let words = words(attempt, turn.spec);
        let deltas = match shortened {
            Some(shortened) => {
                stream::once(future::ready(Ok(Delta::Shortened(shortened)))).chain(words).boxed()
            }
            None => words,
        };
        Speech { reservation, deltas }
    }
}

/// An attempt under way.
struct Speaking {
    attempt: Attempt,
    spec: Arc<Spec>,
    /// The reply as it comes, once the model was asked.
    deltas: Option<ReplyStream>,
}

/// What an attempt says, and whatever follows it.
fn words(attempt: Attempt, spec: Arc<Spec>) -> BoxStream<'static, Result<Delta, Abstention>> {
    stream::unfold(Some(Speaking { attempt, spec, deltas: None }), next_word).boxed()
}

/// The next delta, and who goes on after it. Nobody does after the last one.
async fn next_word(speaking: Option<Speaking>) -> Option<(Result<Delta, Abstention>, Option<Speaking>)> {
    let Speaking { mut attempt, spec, mut deltas } = speaking?;
    loop {
        let mut reply = match deltas.take() {
            Some(reply) => reply,
            None => match attempt.model().stream(attempt.request()).await {
                Ok(reply) => reply,
                Err(e) => return Some((Err(attempt.failed(&e)), None)),
            },
        };
        match reply.next().await? {
            Ok(ReplyDelta::Text(text)) => {
                let speaking = Speaking { attempt, spec, deltas: Some(reply) };
                return Some((Ok(Delta::Text(text)), Some(speaking)));
            }
            Ok(ReplyDelta::Done(whole)) => {
                // It is over: nobody waits for what it holds while the model is asked once more.
                drop(reply);
                match attempt.hear(&whole, |reply| read(reply, &spec)) {
                    Heard::Said(utterance, bill) => {
                        return Some((Ok(Delta::Done(Box::new(Spoken { utterance, bill }))), None));
                    }
                    Heard::Silent(abstention) => return Some((Err(abstention), None)),
                    Heard::Again(next) => attempt = *next,
                }
            }
            // What else a model may send is not for a debate.
            Ok(_) => deltas = Some(reply),
            Err(e) => return Some((Err(attempt.failed(&e)), None)),
        }
    }
}

/// Reads an answer in the light of the debate in which it is given.
fn read(reply: &ChatReply, spec: &Spec) -> Result<Utterance, String> {
    let utterance = match plain(reply, &spec.options) {
        Some(utterance) => utterance,
        None => less_plain(Answer::of(reply)?, spec)?,
    };
    utterance.check(spec.options.len()).map_err(|e| e.to_string())?;
    Ok(utterance)
}

fn less_plain(mut answer: Answer<'_>, spec: &Spec) -> Result<Utterance, String> {
    let options = &spec.options;
    let find = |name: &str| option_named(name, options);
    let Text(stance) = answer.required("stance")?;
    let mut utterance = Utterance::new(find(&stance)?);
    if let Some(given) = answer.optional::<Numbers<'_>>("probabilities")? {
        utterance.probabilities = Some(shares(&by_option(&given, options, "probabilities")?));
    }
    utterance.confidence = answer.optional("confidence")?;
    let find_all =
        |names: Vec<Text<'_>>| names.iter().map(|Text(name)| find(name)).collect::<Result<Vec<_>, _>>();
    match spec.rule.ballot_form() {
        BallotForm::Stance => {}
        BallotForm::Ranking => utterance.ranking = answer.optional("ranking")?.map(find_all).transpose()?,
        BallotForm::Approval => {
            utterance.approved = answer.optional("approved")?.map(find_all).transpose()?
        }
        BallotForm::Points => {
            if let Some(given) = answer.optional::<Numbers<'_>>("points")? {
                let given = by_option(&given, options, "points")?;
                utterance.points = Some(given.into_iter().map(Option::unwrap_or_default).collect());
            }
        }
    }
    utterance.reasons = answer.reasons()?;
    // What nobody asked for makes no answer unreadable.
    answer.without(&["ranking", "approved", "points"]);
    answer.finish(Some(utterance.stance), options)?;
    Ok(utterance)
}

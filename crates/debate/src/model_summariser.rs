//! A summariser that is a model.

use std::{fmt, sync::Arc};

use assize_llm::ChatModel;
use assize_metering::ModelPrice;
use futures_util::FutureExt;

use crate::{
    Abstention, Minutes, Summarised, Summariser, Summarising, Summary, fitting, prompt,
    voice::{Answer, Attempt, Heard, Voice},
};

/// Sums up through a [`ChatModel`]. It gets the summary so far and what fell out of the window since, so that a summary
/// costs the same however long the debate is. What cannot be read is asked for once more, and is then an abstention.
#[derive(Clone)]
pub struct ModelSummariser {
    voice: Voice,
}

impl fmt::Debug for ModelSummariser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelSummariser").field("model", self.voice.model.id()).finish_non_exhaustive()
    }
}

impl ModelSummariser {
    /// A summariser that asks this model, at this price. Without a price its calls are booked as free: for models that run
    /// on the user's own machine.
    #[must_use]
    pub fn new(model: Arc<dyn ChatModel>, price: Option<Arc<ModelPrice>>) -> Self {
        Self { voice: Voice::new(model, price) }
    }

    /// The same with another limit on the tokens of a summary; 1,024 by default.
    #[must_use]
    pub const fn with_max_tokens(mut self, max_tokens: u32) -> Self {
        self.voice.max_tokens = max_tokens;
        self
    }

    /// The same, where the model reads so many tokens at most: of a prompt, and of prompt and answer together. What does not
    /// fit is left out: the longest reasons first, then the oldest statements, and at last lines of the summary so far.
    #[must_use]
    pub const fn with_limits(mut self, max_input_tokens: Option<u64>, context_window: Option<u64>) -> Self {
        self.voice.set_limits(max_input_tokens, context_window);
        self
    }

    /// The same, but an answer that cannot be read is an abstention at once. Otherwise the model is asked once more.
    #[must_use]
    pub const fn without_repair(mut self) -> Self {
        self.voice.repairs = false;
        self
    }
}

impl Summariser for ModelSummariser {
    fn summarise(&self, minutes: Minutes) -> Summarising {
        let system = prompt::summary_system();
        let user = |cut: &fitting::Cut| prompt::summary_user(&minutes, cut);
        let fitted = self.voice.fitted(&[&system], user, |room| fitting::of_minutes(&minutes, &system, room));
        let prompt = match fitted {
            Ok(prompt) => prompt,
            Err(silent) => return Summarising::immediate(Err(silent)),
        };
        let shortened = prompt.cut.told();
        let attempt = Attempt::new(&self.voice, &minutes.fence, system.into(), prompt);
        Summarising { reservation: attempt.reservation(), shortened, summary: ask(attempt, minutes).boxed() }
    }
}

async fn ask(mut attempt: Attempt, minutes: Minutes) -> Result<Summarised, Abstention> {
    loop {
        let reply = match attempt.model().complete(attempt.request()).await {
            Ok(reply) => reply,
            Err(error) => return Err(attempt.failed(&error)),
        };
        match attempt.hear(&reply, |reply| read(Answer::of(reply)?, &minutes)) {
            Heard::Said(summary, bill) => return Ok(Summarised { summary, bill }),
            Heard::Silent(abstention) => return Err(abstention),
            Heard::Again(next) => attempt = *next,
        }
    }
}

fn read(mut answer: Answer<'_>, minutes: &Minutes) -> Result<Summary, String> {
    let points = answer.reasons_in("summary")?.ok_or("its answer cannot be read: \"summary\" is missing")?;
    answer.finish(None, minutes.options())?;
    let summary = minutes.checked(Summary::new(points.into_iter().map(|point| (point.text, point.cites))));
    summary.check().map_err(|e| e.to_string())?;
    Ok(summary)
}

#[cfg(test)]
mod tests;

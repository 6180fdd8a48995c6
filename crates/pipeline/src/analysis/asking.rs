//! Asking a model to fill in a form, twice at most.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use assize_debate::EvidenceId;
use assize_llm::{
    CacheOutcome, ChatModel, ChatReply, ChatRequest, Error, ErrorKind, FinishReason, Message, ResponseFormat,
    Reuse, ReuseScope, Role,
};
use assize_metering::{ModelPrice, Usd};
use tokio::time::{Instant, timeout_at};

use super::{
    answer::{self, Written},
    framework::{CallNote, shortfall},
    prompt::{Form, Prompt},
    record::CallSpan,
};
use crate::{Part, Shortfall, ShortfallKind};

/// The most tokens of an answer: what the form allows, and room for what models think before.
const MAX_TOKENS: u32 = 4_096;
/// Whose answers may serve again.
const TENANT: &str = "company-analysis";

/// A model that fills in frameworks. Whatever limits, books or remembers its calls is wrapped around it before.
#[derive(Clone)]
pub struct AnalysisModel {
    model: Arc<dyn ChatModel>,
    price: Option<Arc<ModelPrice>>,
}

impl fmt::Debug for AnalysisModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnalysisModel").field("model", self.model.id()).finish_non_exhaustive()
    }
}

impl AnalysisModel {
    /// This model, with the price that its tokens have, if they have one.
    #[must_use]
    pub fn new(model: Arc<dyn ChatModel>, price: Option<Arc<ModelPrice>>) -> Self {
        Self { model, price }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.model.id().as_str()
    }

    /// What a reply cost by the price list, whoever gave it.
    fn cost_of(&self, reply: &ChatReply) -> Option<Usd> {
        self.price.as_ref().and_then(|price| price.cost_of(&reply.usage).ok()).map(|cost| cost.total())
    }
}

/// The calls that were made, with their times.
#[derive(Debug, Clone)]
pub(super) struct CallLog {
    began: Instant,
    calls: Arc<Mutex<Vec<CallSpan>>>,
}

impl CallLog {
    pub(super) fn since(began: Instant) -> Self {
        Self { began, calls: Arc::default() }
    }

    fn note(&self, call: CallSpan) {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    }

    /// The calls, in the order in which they were made.
    pub(super) fn calls(&self) -> Vec<CallSpan> {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone();
        calls.sort_by(|a, b| (a.asked, a.name, a.attempt).cmp(&(b.asked, b.name, b.attempt)));
        calls
    }
}

/// What came of asking.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) written: Result<Written, Shortfall>,
    /// What it took, if any answer came.
    pub(super) call: Option<CallNote>,
}

/// One filling in of a form.
#[derive(Debug)]
pub(super) struct Asking<'a> {
    pub(super) model: &'a AnalysisModel,
    pub(super) form: &'a Form,
    pub(super) part: Part,
    pub(super) known: &'a std::collections::BTreeSet<EvidenceId>,
    /// When an answer is of no use any more.
    pub(super) end: Option<Instant>,
    pub(super) log: &'a CallLog,
}

impl Asking<'_> {
    /// Asks, and once more where the answer cannot be read.
    pub(super) async fn ask(&self, prompt: &Prompt) -> Asked {
        let mut request = ChatRequest::new(Arc::clone(&prompt.user))
            .with_system(Arc::clone(&prompt.system))
            .with_max_tokens(MAX_TOKENS)
            .with_temperature(0.0)
            .with_format(ResponseFormat::JsonSchema(Arc::clone(&prompt.schema)))
            .with_reuse(Reuse::Exact(ReuseScope::of(TENANT)));
        let mut call: Option<CallNote> = None;
        for attempt in 0..2 {
            let reply = match self.call(&request, attempt).await {
                Ok(reply) => reply,
                Err(lack) => return Asked { written: Err(lack), call },
            };
            self.add(&mut call, &reply, prompt);
            let read = match reply.finish {
                FinishReason::Length => Err(format!("it was cut off at {MAX_TOKENS} tokens")),
                FinishReason::ContentFilter => Err("the vendor's filter withheld it".to_owned()),
                _ => answer::read(&reply.text, self.form, self.known),
            };
            let why = match read {
                Ok(written) => return Asked { written: Ok(written), call },
                Err(why) => why,
            };
            if attempt > 0 {
                let detail = format!("the answer cannot be read, even when asked twice: {why}");
                return Asked { written: Err(self.lack(ShortfallKind::Unreadable, &detail)), call };
            }
            request = request.with_messages([
                Message { role: Role::Assistant, text: prompt.fence.echo(&reply.text).into() },
                Message { role: Role::User, text: prompt.fence.again(&why).into() },
            ]);
        }
        Asked { written: Err(self.lack(ShortfallKind::Failed, "nothing was asked")), call }
    }

    async fn call(&self, request: &ChatRequest, attempt: u32) -> Result<ChatReply, Shortfall> {
        let asked = self.log.began.elapsed();
        let answer = self.model.model.complete(request.clone());
        let outcome = match self.end {
            Some(end) => timeout_at(end, answer).await.map_err(|_| None),
            None => Ok(answer.await),
        };
        let outcome = outcome.and_then(|answer| answer.map_err(Some));
        let telemetry = match &outcome {
            Ok(reply) => Some(&reply.telemetry),
            Err(error) => error.as_ref().map(Error::telemetry),
        };
        self.log.note(CallSpan {
            name: self.form.name,
            attempt,
            asked,
            answered: self.log.began.elapsed(),
            is_from_cache: telemetry.is_some_and(|telemetry| telemetry.cache == Some(CacheOutcome::Hit)),
            paid: telemetry.and_then(|telemetry| telemetry.cost),
            error: outcome
                .as_ref()
                .err()
                .map(|error| error.as_ref().map_or("deadline", |error| error.kind().key())),
        });
        outcome.map_err(|error| match error {
            None => self.lack(ShortfallKind::Deadline, "the deadline came before the model's answer"),
            Some(error) => {
                let kind = match error.kind() {
                    ErrorKind::OverBudget | ErrorKind::Unmetered | ErrorKind::Quota => ShortfallKind::Budget,
                    ErrorKind::ContextTooLong | ErrorKind::ContentFilter | ErrorKind::BadRequest => {
                        ShortfallKind::Failed
                    }
                    _ => ShortfallKind::Outside,
                };
                self.lack(kind, &format!("the model gave no answer: failed to {error}"))
            }
        })
    }

    fn add(&self, call: &mut Option<CallNote>, reply: &ChatReply, prompt: &Prompt) {
        let call = call.get_or_insert_with(|| CallNote {
            model: self.model.name().to_owned(),
            prompt_hash: prompt.hash.clone(),
            calls: 0,
            input_tokens: 0,
            output_tokens: 0,
            cost: self.model.price.is_some().then_some(Usd::ZERO),
        });
        call.calls += 1;
        call.input_tokens = call.input_tokens.saturating_add(reply.usage.tokens.total_input());
        call.output_tokens = call.output_tokens.saturating_add(reply.usage.tokens.total_output());
        call.cost = call.cost.zip(self.model.cost_of(reply)).and_then(|(sum, cost)| sum.checked_add(cost));
    }

    fn lack(&self, kind: ShortfallKind, detail: &str) -> Shortfall {
        shortfall(self.part, self.form.name, kind, detail)
    }
}

//! A model that somebody speaks with: what its calls can cost, what they did, and how it is asked once more where its answer
//! cannot be read.

mod answer;

use std::sync::Arc;

use assize_llm::{ChatModel, ChatReply, ChatRequest, FinishReason, Message, Reuse, Role};
use assize_metering::{Bucket, Mode, ModelPrice, UsageBasis, Usd};

pub(crate) use self::answer::{Answer, Numbers, Text, by_option, option_named, plain, shares};
use crate::{
    AbstainReason, Abstention, Bill, Persona, Reservation,
    fitting::{Cut, Fitted, MARGIN, TooLong},
    prompt,
};

const MAX_TOKENS: u32 = 1_024;

/// A model, its price, how long its answers may be, and whether it is asked once more.
#[derive(Clone)]
pub(crate) struct Voice {
    pub(crate) model: Arc<dyn ChatModel>,
    pub(crate) max_tokens: u32,
    pub(crate) repairs: bool,
    price: Option<Arc<ModelPrice>>,
    temperature: Option<f32>,
    /// The longest prompt, and the longest prompt and answer together, in tokens.
    max_input_tokens: Option<u64>,
    context_window: Option<u64>,
}

/// A prompt that fits its model.
pub(crate) struct Prompt {
    pub(crate) user: String,
    pub(crate) cut: Cut,
    /// How many more tokens the model could read; `None`: any number.
    pub(crate) left: Option<u64>,
}

impl Voice {
    pub(crate) fn new(model: Arc<dyn ChatModel>, price: Option<Arc<ModelPrice>>) -> Self {
        Self {
            model,
            max_tokens: MAX_TOKENS,
            repairs: true,
            price,
            temperature: None,
            max_input_tokens: None,
            context_window: None,
        }
    }

    pub(crate) fn set_persona(&mut self, persona: &Persona) {
        self.temperature = persona.temperature;
        self.max_tokens = persona.max_tokens.unwrap_or(self.max_tokens);
    }

    pub(crate) const fn set_limits(&mut self, max_input_tokens: Option<u64>, context_window: Option<u64>) {
        self.max_input_tokens = max_input_tokens;
        self.context_window = context_window;
    }

    /// The most tokens that a prompt can have.
    fn room(&self) -> Option<u64> {
        let beside_the_answer = self.context_window.map(|all| all.saturating_sub(u64::from(self.max_tokens)));
        [self.max_input_tokens, beside_the_answer].into_iter().flatten().min()
    }

    /// The user's message, without what does not fit beside the longest of these system prompts.
    pub(crate) fn fitted(
        &self,
        systems: &[&str],
        user: impl Fn(&Cut) -> String,
        fit: impl FnOnce(u64) -> Result<Fitted, TooLong>,
    ) -> Result<Prompt, Abstention> {
        let whole = user(&Cut::default());
        let Some(room) = self.room() else {
            return Ok(Prompt { user: whole, cut: Cut::default(), left: None });
        };
        // No tokeniser makes more tokens than there are bytes: mostly that is enough to know.
        let system = systems.iter().map(|text| text.len()).max().unwrap_or_default();
        let bytes = (system + whole.len()) as u64 + 2 * MARGIN;
        if let Some(left) = room.checked_sub(bytes) {
            return Ok(Prompt { user: whole, cut: Cut::default(), left: Some(left) });
        }
        match fit(room) {
            Ok((cut, taken)) => {
                let user = if cut == Cut::default() { whole } else { user(&cut) };
                Ok(Prompt { user, cut, left: Some(room.saturating_sub(taken)) })
            }
            Err(TooLong { least }) => {
                let detail = format!(
                    "what it must be told takes up to {least} tokens, and its model reads {room} beside an answer of {}",
                    self.max_tokens
                );
                Err(Abstention::new(AbstainReason::TooLong, detail))
            }
        }
    }

    fn request(&self, system: Arc<str>, user: Arc<str>) -> ChatRequest {
        let request = ChatRequest::new(user)
            .with_system(system)
            .with_max_tokens(self.max_tokens)
            // Seats and rounds that ask alike are still to be answered each by itself.
            .with_reuse(Reuse::Never);
        match self.temperature {
            Some(temperature) => request.with_temperature(temperature),
            None => request,
        }
    }

    /// The most that an answer to a request can take that has so many tokens, the second call included, if there may be one. It is
    /// counted as one call all the same: nobody knows of another before an answer cannot be read.
    fn reservation(&self, first: u64) -> Reservation {
        let mut cost = self.worst_case(first);
        if self.repairs {
            let more = (prompt::MAX_ECHO_BYTES + prompt::MAX_AGAIN_BYTES) as u64 + 2 * MARGIN;
            cost = plus(cost, self.worst_case(first.saturating_add(more)));
        }
        Reservation { calls: 1, cost, simulated: self.model.is_simulated() }
    }

    /// The most that a call with so many tokens of input can cost.
    fn worst_case(&self, input: u64) -> Usd {
        let Some(price) = &self.price else { return Usd::ZERO };
        // The request asks for no caching, so that none is written.
        let can_occur = |bucket| {
            matches!(bucket, Bucket::Input | Bucket::CacheRead | Bucket::Output | Bucket::OutputReasoning)
        };
        price
            .worst_case_among(input, u64::from(self.max_tokens), Mode::Standard, can_occur)
            .unwrap_or(Usd::MAX)
    }

    /// What a call cost, and why that cannot be told, if it cannot.
    fn bill(&self, reserved: Reservation, reply: &ChatReply) -> (Bill, Option<String>) {
        let tokens = reply.usage.tokens;
        let simulated = reserved.simulated || reply.usage.basis == UsageBasis::Simulated;
        let basis = (!simulated).then_some(reply.usage.basis);
        let mut bill = Bill { calls: 1, tokens: Some(Box::new(tokens)), simulated, basis, ..Bill::default() };
        let Some(price) = &self.price else { return (bill, None) };
        match price.cost_of(&reply.usage) {
            Ok(cost) => {
                bill.cost = cost.total();
                if !reply.usage.apart().is_empty() {
                    // Another model had a part in the call; its price is not known here.
                    bill.possibly_paid = reserved.cost.checked_sub(bill.cost).unwrap_or(Usd::ZERO);
                }
                (bill, None)
            }
            Err(e) => {
                bill.possibly_paid = reserved.cost;
                (bill, Some(format!("its cost cannot be told: {e}")))
            }
        }
    }
}

/// One call out of the two at most that are made for an answer.
pub(crate) struct Attempt {
    voice: Voice,
    fence: Arc<str>,
    system: Arc<str>,
    user: Arc<str>,
    /// How many more tokens the model could read.
    left: Option<u64>,
    before: Option<Before>,
}

/// The first call, where there is a second one.
struct Before {
    /// What it said and why that cannot be read, as the model is told.
    messages: [Message; 2],
    why: String,
    bill: Bill,
}

/// What came of a call.
pub(crate) enum Heard<T> {
    /// An answer, and what it cost.
    Said(T, Bill),
    /// None.
    Silent(Abstention),
    /// The model is to be asked once more.
    Again(Box<Attempt>),
}

impl Attempt {
    /// The first call of this voice, which is told so.
    pub(crate) fn new(voice: &Voice, fence: &Arc<str>, system: Arc<str>, prompt: Prompt) -> Self {
        let Prompt { user, cut: _, left } = prompt;
        Self { voice: voice.clone(), fence: Arc::clone(fence), system, user: user.into(), left, before: None }
    }

    pub(crate) fn model(&self) -> Arc<dyn ChatModel> {
        Arc::clone(&self.voice.model)
    }

    pub(crate) fn request(&self) -> ChatRequest {
        let request = self.voice.request(Arc::clone(&self.system), Arc::clone(&self.user));
        request.with_messages(self.before.iter().flat_map(|before| &before.messages).cloned())
    }

    /// What the calls for an answer can take at most.
    pub(crate) fn reservation(&self) -> Reservation {
        self.voice.reservation(self.input())
    }

    /// No tokeniser makes more tokens than there are bytes: the bound holds for every vendor.
    fn input(&self) -> u64 {
        let again = self.before.iter().flat_map(|before| &before.messages).map(|message| &message.text);
        [&self.system, &self.user].into_iter().chain(again).map(|text| text.len() as u64 + MARGIN).sum()
    }

    /// What this call alone can take at most.
    fn reserved(&self) -> Reservation {
        let cost = self.voice.worst_case(self.input());
        Reservation { calls: 1, cost, simulated: self.voice.model.is_simulated() }
    }

    /// The abstention that a failed call is.
    pub(crate) fn failed(self, error: &assize_llm::Error) -> Abstention {
        let mut bill = self.reserved().lost();
        if !error.possibly_billed() {
            bill.possibly_paid = Usd::ZERO;
        }
        match self.before {
            None => Abstention { reason: AbstainReason::Failed, detail: error.to_string(), bill },
            Some(Before { why, bill: first, .. }) => Abstention {
                reason: AbstainReason::Unreadable,
                detail: format!("{why}; to be asked once more failed: {error}"),
                bill: both(first, bill),
            },
        }
    }

    /// Takes the reply; `read` says what is meant by it, or why it cannot be read.
    pub(crate) fn hear<T>(
        self,
        reply: &ChatReply,
        read: impl FnOnce(&ChatReply) -> Result<T, String>,
    ) -> Heard<T> {
        let (bill, unknown) = self.voice.bill(self.reserved(), reply);
        let said = read(reply);
        let is_first = self.before.is_none();
        let (earlier, bill) = match self.before {
            Some(Before { why, bill: first, .. }) => (Some(why), both(first, bill)),
            None => (None, bill),
        };
        if let Some(detail) = unknown {
            return Heard::Silent(Abstention { reason: AbstainReason::Failed, detail, bill });
        }
        let why = match said {
            Ok(said) => return Heard::Said(said, bill),
            Err(why) => why,
        };
        // What the vendor cut it would cut again.
        let may_help = !matches!(reply.finish, FinishReason::ContentFilter | FinishReason::Length);
        if self.voice.repairs && is_first && may_help {
            let messages = [
                (Role::Assistant, prompt::echo(&reply.text, &self.fence)),
                (Role::User, prompt::again(&why, &self.fence)),
            ];
            let messages = messages.map(|(role, text)| Message { role, text: text.into() });
            let bytes = messages.iter().map(|message| message.text.len() as u64 + MARGIN).sum::<u64>();
            if self.left.is_none_or(|left| bytes <= left) {
                let before = Some(Before { messages, why, bill });
                return Heard::Again(Box::new(Self { before, left: None, ..self }));
            }
        }
        let detail = match earlier {
            Some(first) => format!("{why}; and before it was asked once more: {first}"),
            None => why,
        };
        Heard::Silent(Abstention { reason: AbstainReason::Unreadable, detail, bill })
    }
}

/// What two calls cost.
pub(crate) fn both(one: Bill, other: Bill) -> Bill {
    let tokens = match (one.tokens, other.tokens) {
        (Some(mut one), Some(other)) => {
            one.merge(&other);
            Some(one)
        }
        (one, other) => one.or(other),
    };
    Bill {
        calls: one.calls.saturating_add(other.calls),
        tokens,
        cost: plus(one.cost, other.cost),
        possibly_paid: plus(one.possibly_paid, other.possibly_paid),
        simulated: one.simulated || other.simulated,
        // The sum is known as firmly as its weaker part.
        basis: if one.basis == other.basis { one.basis } else { one.basis.and(other.basis) },
    }
}

pub(crate) fn plus(a: Usd, b: Usd) -> Usd {
    a.checked_add(b).unwrap_or(Usd::MAX)
}

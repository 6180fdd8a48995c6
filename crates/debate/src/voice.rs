//! A model that somebody speaks with: what its calls can cost, and what they did.

use std::sync::Arc;

use assize_llm::{ChatModel, ChatReply, ChatRequest, FinishReason};
use assize_metering::{Bucket, Mode, ModelPrice, UsageBasis, Usd};

use crate::{AbstainReason, Abstention, Bill, Reservation};

/// A longer answer is not read.
const MAX_REPLY_BYTES: usize = 1 << 20;

/// A model, its price, and how long its answers may be.
#[derive(Clone)]
pub(crate) struct Voice {
    pub(crate) model: Arc<dyn ChatModel>,
    pub(crate) price: Option<Arc<ModelPrice>>,
    pub(crate) max_tokens: u32,
    pub(crate) temperature: Option<f32>,
}

impl Voice {
    /// The most that one call can take.
    pub(crate) fn reservation(&self, request: &ChatRequest) -> Reservation {
        Reservation { calls: 1, cost: self.worst_case(request), simulated: self.model.is_simulated() }
    }

    fn worst_case(&self, request: &ChatRequest) -> Usd {
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

    /// The abstention that a failed call is.
    pub(crate) fn failed(reserved: Reservation, error: &assize_llm::Error) -> Abstention {
        let mut bill = reserved.lost();
        if !error.possibly_billed() {
            bill.possibly_paid = Usd::ZERO;
        }
        Abstention { reason: AbstainReason::Failed, detail: error.to_string(), bill }
    }

    /// What a call cost.
    pub(crate) fn bill(&self, reserved: Reservation, reply: &ChatReply) -> Result<Bill, Abstention> {
        let tokens = reply.usage.tokens;
        let simulated = reserved.simulated || reply.usage.basis == UsageBasis::Simulated;
        let basis = (!simulated).then_some(reply.usage.basis);
        let mut bill = Bill { calls: 1, tokens: Some(Box::new(tokens)), simulated, basis, ..Bill::default() };
        let Some(price) = &self.price else { return Ok(bill) };
        match price.cost_of(&reply.usage) {
            Ok(cost) => {
                bill.cost = cost.total();
                if !reply.usage.apart().is_empty() {
                    // Another model had a part in the call; its price is not known here.
                    bill.possibly_paid = reserved.cost.checked_sub(bill.cost).unwrap_or(Usd::ZERO);
                }
                Ok(bill)
            }
            Err(e) => {
                bill.possibly_paid = reserved.cost;
                let detail = format!("its cost cannot be told: {e}");
                Err(Abstention { reason: AbstainReason::Failed, detail, bill })
            }
        }
    }
}

/// The JSON object in an answer, whatever stands around it.
pub(crate) fn object_in(text: &str) -> Result<&str, String> {
    if text.len() > MAX_REPLY_BYTES {
        return Err(format!("its answer has {} bytes, and {MAX_REPLY_BYTES} are read", text.len()));
    }
    let object = text.find('{').zip(text.rfind('}')).filter(|(start, end)| start < end);
    let Some((start, end)) = object else {
        return Err("its answer holds no JSON object".to_owned());
    };
    Ok(&text[start..=end])
}

/// The option that is meant by a name.
pub(crate) fn option_named(name: &str, options: &[String]) -> Result<usize, String> {
    let same = |option: &String| option.trim().eq_ignore_ascii_case(name.trim());
    options.iter().position(same).ok_or_else(|| format!("its answer names {name:?}, which is no option"))
}

/// Why an answer cannot be read, with what may explain it.
pub(crate) fn unreadable(detail: String, reply: &ChatReply) -> String {
    match reply.finish {
        FinishReason::Length => format!("{detail}; it was cut at the limit of tokens"),
        FinishReason::ContentFilter => format!("{detail}; the vendor's filter cut it"),
        _ => detail,
    }
}

//! Every call for vectors, booked.

use std::sync::Arc;

use assize_ambient::Clock;
use assize_llm::{Error, ErrorKind, ModelId};
use assize_metering::{
    Attempt, Attribution, Bucket, Charge, Ledger, Mode, PriceBook, RefusalKind, Reservation, Usage, Usd,
};

/// What stands around a text in a model's prompt, at most, in tokens.
const MOST_AROUND_A_TEXT: u64 = 16;

/// Where calls are booked, at which prices, for whom. It does for embeddings what [`assize_llm::Metered`] does for chats: a
/// call's worst case is reserved before it, each byte as a token, and no call is made that a budget forbids.
#[derive(Clone)]
pub(super) struct Booking {
    pub(super) prices: Arc<PriceBook>,
    pub(super) priced_as: Arc<str>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ledger: Ledger,
    pub(super) who: Attribution,
}

impl Booking {
    /// Sets the worst case of a call aside, and says that it is being made.
    pub(super) fn reserve(
        &self,
        model: &ModelId,
        texts: &[&str],
        earlier: Option<Attempt>,
    ) -> Result<Reservation, Error> {
        let who = self.who.clone().with_model(model.as_str());
        let mut charge = Charge::new(who, self.worst_case(model, texts)?);
        if let Some(earlier) = earlier {
            charge = charge.retry_of(earlier);
        }
        let held = self.ledger.reserve(charge);
        let mut held = held.map_err(|refusal| {
            let kind = match refusal.kind() {
                RefusalKind::OverBudget => ErrorKind::OverBudget,
                _ => ErrorKind::Unmetered,
            };
            Error::new(kind, format!("ask {model}: failed to {refusal}")).with_source(refusal)
        })?;
        held.started();
        Ok(held)
    }

    fn worst_case(&self, model: &ModelId, texts: &[&str]) -> Result<Usd, Error> {
        let unknown = |e: assize_metering::Error| {
            let message = format!("ask {model}: what it can cost is not known: failed to {e}");
            Error::new(ErrorKind::Unmetered, message).with_source(e)
        };
        // No tokeniser makes more tokens than there are bytes.
        let most = texts.iter().map(|text| text.len() as u64 + MOST_AROUND_A_TEXT).sum();
        let price = self.prices.find(&self.priced_as, self.clock.now()).map_err(unknown)?;
        price.worst_case_among(most, 0, Mode::Standard, |bucket| bucket == Bucket::Input).map_err(unknown)
    }

    /// Books what a call took. What the ledger cannot write now it writes before it grants the next call.
    pub(super) fn settle(&self, held: Reservation, usage: Usage) {
        let cost = self.prices.cost_of_call(&self.priced_as, &usage, usage.billing(), self.clock.now());
        let _ = match cost {
            Ok(whole) => held.settle(usage, whole.total),
            Err(_) => held.settle_unpriced(usage),
        };
    }

    /// Books a call that failed.
    pub(super) fn fail(held: Reservation, error: &mut Error) {
        error.telemetry_mut().booked = Some(held.attempt());
        error.telemetry_mut().cost = Some(Usd::ZERO);
        if error.possibly_billed() {
            drop(held);
        } else {
            let _ = held.not_billed();
        }
    }
}

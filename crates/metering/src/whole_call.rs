//! The cost of a whole call: what its totals say, and what was generated beside them.

use crate::billing::Billing;
use crate::cost::CallCost;
use crate::error::{Error, Result};
use crate::model_price::ModelPrice;
use crate::price_book::{PriceBook, PricedAt};
use crate::usage::Usage;
use crate::usd::Usd;

/// What a whole call costs: the call itself, and each part that its vendor bills apart from its totals.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WholeCost<'b> {
    /// The price of the call's own model.
    pub price: &'b ModelPrice,
    /// The cost of the call itself.
    pub cost: CallCost,
    /// The costs of what was generated beside it, in the order of [`Usage::apart`].
    pub apart: Vec<ApartCost<'b>>,
    /// All together.
    pub total: Usd,
}

/// What a part costs that is billed apart from the call's totals.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApartCost<'b> {
    /// What it was, in the vendor's word.
    pub what: String,
    /// The price of the model that generated it.
    pub price: &'b ModelPrice,
    /// Its cost.
    pub cost: CallCost,
}

impl PriceBook {
    /// What a recorded call of a model costs by the list of that time: its tokens and pieces as they were served, and
    /// the parts that are billed apart, each by its own model and by the tier of its own prompt.
    ///
    /// ```
    /// use assize_ambient::Timestamp;
    /// use assize_metering::{PriceBook, UsageFormat, read_usage};
    /// use serde_json::json;
    ///
    /// let reply = json!({"model": "claude-sonnet-4-5-20250929", "usage": {
    ///     "input_tokens": 2_000, "output_tokens": 100, "cache_read_input_tokens": 10_000,
    ///     "cache_creation_input_tokens": 0, "service_tier": "standard"}});
    /// let usage = read_usage(UsageFormat::Anthropic, &reply)?;
    /// let at: Timestamp = "2026-11-01T00:00:00Z".parse()?;
    /// let call = PriceBook::embedded().cost_of_call("claude-sonnet-4-5-20250929", &usage, usage.billing(), at)?;
    /// assert_eq!(call.total.to_string(), "0.0105"); // 2,000 × 3 + 10,000 × 0.30 + 100 × 15
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`find`](Self::find) and [`ModelPrice::cost_as`], for the call or for one of its parts: a call is priced whole or
    /// not at all.
    pub fn cost_of_call(
        &self,
        model: &str,
        usage: &Usage,
        billing: impl Into<Billing>,
        at: impl Into<PricedAt>,
    ) -> Result<WholeCost<'_>> {
        let at = at.into();
        let billing = billing.into().at(at);
        let price = self.find(model, at)?;
        let cost = price.cost_as(usage, billing)?;
        let mut total = Some(cost.total());
        let mut apart = Vec::new();
        for part in usage.apart() {
            let price = match &part.model {
                Some(model) => self.find(model, at)?,
                // An image is not made by the model that asked for it.
                None if part.what == "image_gen" => return Err(Error::unknown_model(&part.what, Vec::new())),
                None => price,
            };
            let cost = price.cost(&part.tokens, billing)?;
            total = total.and_then(|sum| sum.checked_add(cost.total()));
            apart.push(ApartCost { what: part.what.clone(), price, cost });
        }
        // A few dozen parts of far less than the range each.
        Ok(WholeCost { price, cost, apart, total: total.unwrap_or(Usd::MAX) })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;
    use crate::{ErrorKind, Mode, UsageFormat, read_usage};

    const LIST: &str = r#"
        format_version = 1
        [[price]]
        vendor = "acme"
        id = "large"
        input = "10"
        output = "100"
        tiers = [{ above_input_tokens = 1000, input = "20", output = "200" }]
        source = "a test"
        [[price]]
        vendor = "acme"
        id = "adviser"
        input = "1"
        output = "2"
        source = "a test"
    "#;

    fn usage(iterations: &serde_json::Value) -> Usage {
        let reply = json!({"usage": {"input_tokens": 100, "output_tokens": 10,
                                     "cache_read_input_tokens": 0, "iterations": iterations}});
        read_usage(UsageFormat::Anthropic, &reply).unwrap()
    }

    #[test]
    fn parts_are_priced_by_their_own_model_and_tier() {
        let book = PriceBook::from_toml("test", LIST).unwrap();
        let usage = usage(&json!([
            {"type": "message", "input_tokens": 100, "output_tokens": 10},
            {"type": "compaction", "input_tokens": 2000, "output_tokens": 10},
            {"type": "advisor_message", "model": "adviser", "input_tokens": 5000, "output_tokens": 50},
        ]));
        let call = book.cost_of_call("large", &usage, Mode::Standard, date(2026, 11, 1)).unwrap();
        let parts: Vec<_> =
            call.apart.iter().map(|p| (p.price.id.as_str(), p.cost.total().to_string())).collect();
        assert_eq!(call.cost.total().to_string(), "0.002"); // 100 × 10 + 10 × 100
        assert_eq!(parts, [("large", "0.042".to_owned()), ("adviser", "0.0051".to_owned())]);
        assert_eq!(call.total.to_string(), "0.0491");
    }

    #[test]
    fn a_call_with_a_part_of_unknown_price_has_no_price() {
        let book = PriceBook::from_toml("test", LIST).unwrap();
        let usage = usage(&json!([
            {"type": "message", "input_tokens": 100, "output_tokens": 10},
            {"type": "advisor_message", "model": "oracle", "input_tokens": 5, "output_tokens": 5},
        ]));
        let error = book.cost_of_call("large", &usage, Mode::Standard, date(2026, 11, 1)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnknownModel);
        assert!(error.to_string().contains("`oracle`"), "{error}");
    }
}

//! `tiered_pricing`: a table of rates for each length of prompt.

use serde_json::value::RawValue;

use super::{Entry, MAX_TIERS, Refusal, array, object};
use crate::billing::Mode;
use crate::bucket::Bucket;
use crate::litellm::field::bucket;
use crate::litellm::json::{Array, count};
use crate::rates::Rates;

const FIELD: &str = "tiered_pricing";

impl<'a> Entry<'a> {
    /// A table holds above the first number of its `range`, up to the second, and beyond that of the last. It is complete
    /// in itself: what it does not state takes its input rate, reasoning its output rate; only an output rate that is
    /// missing is that of the entry.
    pub(super) fn read_tiered(&mut self, json: &'a RawValue) -> Result<(), Refusal> {
        let mut tables = Vec::new();
        for table in array::<MAX_TIERS>(FIELD, json)? {
            tables.push(self.table(table)?);
        }
        if tables.iter().all(|(range, _)| range.is_none()) {
            self.left_out(FIELD, "its tables are not by the number of input tokens");
            self.stack_tiers();
            return Ok(());
        }
        let mut ranged = Vec::new();
        for (range, rates) in tables {
            let Some((from, until)) = range else {
                return Err(Refusal::of(FIELD, "a table has no `range` of two numbers of tokens"));
            };
            ranged.push((from, until, rates));
        }
        ranged.sort_by_key(|(from, ..)| *from);
        let joins = ranged.windows(2).all(|pair| pair[0].1 == pair[1].0 && pair[0].0 < pair[1].0);
        if ranged.first().is_none_or(|(from, ..)| *from != 0) || !joins {
            return Err(Refusal::of(FIELD, "its ranges do not begin at 0, or leave gaps, or overlap"));
        }
        if !self.tiers.is_empty() {
            self.left_out("…_above_…_tokens", "the tables of `tiered_pricing` come before it");
        }
        let flat = self.stated.base;
        let output = flat.get(Bucket::Output, Mode::Standard);
        for (from, _, mut rates) in ranged {
            if rates.get(Bucket::Input, Mode::Standard).is_none() {
                return Err(Refusal::of(FIELD, "a table has no input_cost_per_token"));
            }
            if let Some(output) = output.filter(|_| rates.get(Bucket::Output, Mode::Standard).is_none()) {
                rates.set(Bucket::Output, Mode::Standard, output);
            }
            if from == 0 {
                self.stated.base = first(&flat, rates);
            } else {
                complete(&mut rates, &self.stated.base);
                self.stated.tiers.push((from, rates));
            }
        }
        Ok(())
    }

    fn table(&mut self, json: &'a RawValue) -> Result<(Option<(u64, u64)>, Rates), Refusal> {
        let (mut range, mut rates) = (None, Rates::default());
        for (name, value) in object(FIELD, json)? {
            let full = format!("{FIELD}.{name}");
            if name == "range" {
                let bounds: Option<Array<'_, 2>> = serde_json::from_str(value.get()).ok();
                range = bounds.and_then(|Array(bounds)| match bounds.as_slice() {
                    [from, until] => Some((count(from)?, count(until)?)),
                    _ => None,
                });
            } else if let Some(bucket) = bucket(&name) {
                let rate = self.rate(&full, value)?;
                rates.set(bucket, Mode::Standard, rate);
            } else {
                self.findings.unknown_field(self.key, &full);
            }
        }
        Ok((range, rates))
    }
}

/// The table of the shortest prompts, with what the entry states beside it: other modes, sound and pictures.
fn first(flat: &Rates, mut rates: Rates) -> Rates {
    for (bucket, mode, rate) in flat.iter() {
        let is_text = TEXT.contains(&bucket) || matches!(bucket, Bucket::Input | Bucket::Output);
        if (mode != Mode::Standard || !is_text) && rates.get(bucket, mode).is_none() {
            rates.set(bucket, mode, rate);
        }
    }
    rates
}

const TEXT: [Bucket; 5] = [
    Bucket::CacheRead,
    Bucket::CacheWrite5m,
    Bucket::CacheWrite1h,
    Bucket::CacheWrite12h,
    Bucket::OutputReasoning,
];

/// States what a rate of the first table would outlast otherwise.
fn complete(rates: &mut Rates, first: &Rates) {
    for bucket in TEXT {
        let is_silent = rates.get(bucket, Mode::Standard).is_none();
        if is_silent && first.get(bucket, Mode::Standard).is_some() {
            let own = |bucket| rates.get(bucket, Mode::Standard);
            let stand_in = match bucket {
                Bucket::OutputReasoning => own(Bucket::Output),
                Bucket::CacheWrite1h | Bucket::CacheWrite12h => {
                    own(Bucket::CacheWrite5m).or_else(|| own(Bucket::Input))
                }
                _ => own(Bucket::Input),
            };
            if let Some(rate) = stand_in {
                rates.set(bucket, Mode::Standard, rate);
            }
        }
    }
}

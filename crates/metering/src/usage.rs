//! What a call consumed: disjoint buckets of tokens, and how firmly they are known.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::billing::Billing;
use crate::bucket::Bucket;
use crate::unit::Units;
use crate::vendor_report::VendorReport;

/// The tokens of one call, or of several added up, in disjoint buckets.
///
/// Absent is not zero: `None` says that nobody stated the count, `Some(0)` that it was stated to be nothing.
///
/// ```
/// use assize_metering::{Bucket, TokenUsage};
///
/// let usage = TokenUsage { cache_read: Some(900), ..TokenUsage::of(100, 40) };
/// assert_eq!(usage, TokenUsage::of(100, 40).with(Bucket::CacheRead, 900));
/// assert_eq!((usage.total_input(), usage.total_output()), (1_000, 40));
/// assert_eq!(usage.output_reasoning, None);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenUsage {
    /// [`Bucket::Input`]: prompt text, uncached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<u64>,
    /// [`Bucket::CacheRead`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<u64>,
    /// [`Bucket::CacheWrite5m`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write_5m: Option<u64>,
    /// [`Bucket::CacheWrite1h`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write_1h: Option<u64>,
    /// [`Bucket::CacheWrite12h`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write_12h: Option<u64>,
    /// [`Bucket::CacheWriteOther`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write_other: Option<u64>,
    /// [`Bucket::InputAudio`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_audio: Option<u64>,
    /// [`Bucket::CacheReadAudio`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_read_audio: Option<u64>,
    /// [`Bucket::InputImage`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_image: Option<u64>,
    /// [`Bucket::CacheReadImage`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_read_image: Option<u64>,
    /// [`Bucket::InputVideo`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_video: Option<u64>,
    /// [`Bucket::Output`]: the visible text of the reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<u64>,
    /// [`Bucket::OutputReasoning`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_reasoning: Option<u64>,
    /// [`Bucket::OutputAudio`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_audio: Option<u64>,
    /// [`Bucket::OutputImage`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_image: Option<u64>,
}

impl TokenUsage {
    /// A usage of plain text: uncached input and visible output, all else absent.
    #[must_use]
    pub fn of(input: u64, output: u64) -> Self {
        Self { input: Some(input), output: Some(output), ..Self::default() }
    }

    /// The same with this bucket stated.
    #[must_use]
    pub fn with(mut self, bucket: Bucket, tokens: u64) -> Self {
        *self.slot(bucket) = Some(tokens);
        self
    }

    /// The tokens of one bucket; `None` where nobody stated them.
    #[must_use]
    pub fn get(&self, bucket: Bucket) -> Option<u64> {
        self.counts()[bucket.index()]
    }

    /// Every stated bucket with its tokens, in the order of [`Bucket::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Bucket, u64)> + use<> {
        Bucket::ALL.into_iter().zip(self.counts()).filter_map(|(bucket, tokens)| Some((bucket, tokens?)))
    }

    /// Whether no bucket is stated at all.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.counts().iter().all(Option::is_none)
    }

    /// All tokens of the prompt, cached or not. Absent counts as zero; a sum beyond `u64::MAX` stays there.
    #[must_use]
    pub fn total_input(&self) -> u64 {
        self.total(true)
    }

    /// All tokens of the reply, reasoning included. Absent counts as zero; a sum beyond `u64::MAX` stays there.
    #[must_use]
    pub fn total_output(&self) -> u64 {
        self.total(false)
    }

    /// Adds another usage, bucket by bucket. Absent and absent stays absent, absent and a count is that count; a
    /// bucket beyond `u64::MAX` stays there.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, tokens) in other.iter() {
            let slot = self.slot(bucket);
            *slot = Some(slot.unwrap_or(0).saturating_add(tokens));
        }
    }

    /// The two added up, as [`merge`](Self::merge) adds.
    #[must_use]
    pub fn merged(mut self, other: &Self) -> Self {
        self.merge(other);
        self
    }

    /// The counts in the order of [`Bucket::ALL`].
    pub(crate) fn counts(&self) -> [Option<u64>; Bucket::COUNT] {
        [
            self.input,
            self.cache_read,
            self.cache_write_5m,
            self.cache_write_1h,
            self.cache_write_12h,
            self.cache_write_other,
            self.input_audio,
            self.cache_read_audio,
            self.input_image,
            self.cache_read_image,
            self.input_video,
            self.output,
            self.output_reasoning,
            self.output_audio,
            self.output_image,
        ]
    }

    fn total(&self, input: bool) -> u64 {
        let counts = self.counts();
        Bucket::ALL
            .iter()
            .filter(|bucket| bucket.is_input() == input)
            .fold(0, |sum: u64, bucket| sum.saturating_add(counts[bucket.index()].unwrap_or(0)))
    }

    fn slot(&mut self, bucket: Bucket) -> &mut Option<u64> {
        match bucket {
            Bucket::Input => &mut self.input,
            Bucket::CacheRead => &mut self.cache_read,
            Bucket::CacheWrite5m => &mut self.cache_write_5m,
            Bucket::CacheWrite1h => &mut self.cache_write_1h,
            Bucket::CacheWrite12h => &mut self.cache_write_12h,
            Bucket::CacheWriteOther => &mut self.cache_write_other,
            Bucket::InputAudio => &mut self.input_audio,
            Bucket::CacheReadAudio => &mut self.cache_read_audio,
            Bucket::InputImage => &mut self.input_image,
            Bucket::CacheReadImage => &mut self.cache_read_image,
            Bucket::InputVideo => &mut self.input_video,
            Bucket::Output => &mut self.output,
            Bucket::OutputReasoning => &mut self.output_reasoning,
            Bucket::OutputAudio => &mut self.output_audio,
            Bucket::OutputImage => &mut self.output_image,
        }
    }
}

/// How a usage came to be known, from the firmest to the least firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UsageBasis {
    /// The vendor reported it.
    Reported,
    /// It was counted or estimated on this side.
    Estimated,
    /// No vendor was involved: a simulated or scripted model.
    Simulated,
}

/// What a call consumed, and how that came to be known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The tokens.
    pub tokens: TokenUsage,
    /// What is billed by the piece, not by the token.
    #[serde(default, skip_serializing_if = "Units::is_empty")]
    pub units: Units,
    /// How they came to be known.
    pub basis: UsageBasis,
    /// What the vendor itself said, where it said anything. A sum of several usages has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Arc<VendorReport>>,
}

impl Usage {
    /// A usage that the vendor reported.
    #[must_use]
    pub fn reported(tokens: TokenUsage) -> Self {
        Self::new(tokens, UsageBasis::Reported)
    }

    /// A usage that was counted or estimated on this side.
    #[must_use]
    pub fn estimated(tokens: TokenUsage) -> Self {
        Self::new(tokens, UsageBasis::Estimated)
    }

    /// The usage of a model that is none.
    #[must_use]
    pub fn simulated(tokens: TokenUsage) -> Self {
        Self::new(tokens, UsageBasis::Simulated)
    }

    fn new(tokens: TokenUsage, basis: UsageBasis) -> Self {
        Self { tokens, units: Units::default(), basis, report: None }
    }

    /// How the call was served and is therefore billed, as far as the vendor said so.
    #[must_use]
    pub fn billing(&self) -> Billing {
        self.report.as_ref().map(|report| report.billing).unwrap_or_default()
    }

    /// Adds another usage; the sum is only as firm as its least firm part.
    ///
    /// ```
    /// use assize_metering::{TokenUsage, Usage};
    ///
    /// let mut sum = Usage::reported(TokenUsage::of(100, 40));
    /// sum.merge(&Usage::estimated(TokenUsage::of(10, 4)));
    /// assert_eq!(sum, Usage::estimated(TokenUsage::of(110, 44)));
    /// ```
    pub fn merge(&mut self, other: &Self) {
        self.tokens.merge(&other.tokens);
        self.units.merge(&other.units);
        self.basis = self.basis.max(other.basis);
        self.report = None;
    }
}

#[cfg(test)]
mod tests;

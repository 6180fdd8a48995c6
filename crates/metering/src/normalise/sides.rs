//! The two sides of a usage: totals taken apart into disjoint buckets.

use super::fields::Fields;
use super::finding::{FindingKind, Findings};
use super::reading::Reading;
use crate::bucket::Bucket;

/// A total from which parts are taken; what is left over goes to the side's plain bucket.
#[derive(Debug)]
pub(super) struct Side {
    total: Option<u64>,
    left: u64,
}

impl Side {
    pub(super) fn new(total: Option<u64>) -> Self {
        Self { total, left: total.unwrap_or(u64::MAX) }
    }

    /// Takes a part, cut to what is left. Where no total is stated there is no limit.
    pub(super) fn take(&mut self, tokens: u64, path: &str, findings: &mut Findings) -> u64 {
        let taken = tokens.min(self.left);
        if taken < tokens {
            findings.count(FindingKind::ExceedsTotal, path, tokens, self.total.unwrap_or(self.left));
        }
        self.left -= taken;
        taken
    }

    /// What is left; `None` where no total was stated.
    pub(super) fn rest(&self) -> Option<u64> {
        self.total.map(|_| self.left)
    }
}

/// The tokens of one modality in a prompt.
#[derive(Debug)]
pub(super) struct Modality {
    pub(super) fresh: Bucket,
    pub(super) cached: Bucket,
    pub(super) tokens: u64,
    /// The part of it that came from a cache, where the vendor says so.
    pub(super) of_cache: Option<u64>,
    pub(super) path: String,
}

/// Takes a prompt apart. `cached` is part of the side, and modalities overlap with it: where the vendor does not say
/// how, text is taken to have been cached first.
pub(super) fn prompt(
    mut side: Side,
    cached: Option<(u64, String)>,
    mut modalities: Vec<Modality>,
    out: &mut Reading,
) {
    for modality in &mut modalities {
        modality.tokens = side.take(modality.tokens, &modality.path, &mut out.findings);
    }
    if let Some((stated, path)) = cached {
        let (limit, mut left) = (available(&side, &modalities), stated);
        if stated > limit {
            out.findings.count(FindingKind::ExceedsTotal, &path, stated, limit);
            left = limit;
        }
        for modality in &mut modalities {
            if let Some(of_cache) = modality.of_cache {
                left -= modality.move_to_cache(of_cache.min(left), out);
                out.add(modality.cached, Some(0));
            }
        }
        let text = side.take(left.min(side.left), &path, &mut out.findings);
        out.add(Bucket::CacheRead, Some(text));
        left -= text;
        for modality in &mut modalities {
            left -= modality.move_to_cache(left, out);
        }
    }
    for modality in modalities {
        out.add(modality.fresh, Some(modality.tokens));
    }
    out.add(Bucket::Input, side.rest());
}

impl Modality {
    /// Counts as many of these tokens as cached, at most all of them; says how many.
    fn move_to_cache(&mut self, tokens: u64, out: &mut Reading) -> u64 {
        let moved = tokens.min(self.tokens);
        if moved > 0 {
            self.tokens -= moved;
            out.add(self.cached, Some(moved));
        }
        moved
    }
}

fn available(side: &Side, modalities: &[Modality]) -> u64 {
    modalities.iter().fold(side.left, |sum, modality| sum.saturating_add(modality.tokens))
}

/// Counts cache writes: a stated total, and a breakdown of it by lifetime.
///
/// What the breakdown leaves over is counted in [`Bucket::CacheWriteOther`]; without a breakdown it is a plain write.
/// Where the writes are part of a prompt's total they are taken from `side`.
pub(super) fn cache_writes(
    total: Option<(u64, String)>,
    breakdown: Option<Fields<'_>>,
    side: &mut Side,
    out: &mut Reading,
) {
    let mut parts: Vec<(Bucket, u64, String)> = Vec::new();
    if let Some(mut fields) = breakdown {
        for (name, bucket) in [
            ("ephemeral_5m_input_tokens", Bucket::CacheWrite5m),
            ("ephemeral_1h_input_tokens", Bucket::CacheWrite1h),
            ("ephemeral_12h_input_tokens", Bucket::CacheWrite12h),
            ("ephemeral_24h_input_tokens", Bucket::CacheWriteOther),
        ] {
            if let Some(count) = fields.count(name, &mut out.findings) {
                parts.push((bucket, count, fields.path(name)));
            }
        }
        fields.rest(&mut out.findings);
    }
    count_writes(total, parts, side, out);
}

/// The same for a breakdown that has been read.
pub(super) fn count_writes(
    total: Option<(u64, String)>,
    mut parts: Vec<(Bucket, u64, String)>,
    side: &mut Side,
    out: &mut Reading,
) {
    if let Some((stated, path)) = total {
        let sum = parts.iter().fold(0, |sum: u64, (_, tokens, _)| sum.saturating_add(*tokens));
        if parts.is_empty() {
            parts.push((Bucket::CacheWrite5m, stated, path));
        } else if sum != stated {
            out.findings.count(FindingKind::BreakdownMismatch, &path, stated, sum);
            if stated > sum {
                parts.push((Bucket::CacheWriteOther, stated - sum, path));
            }
        }
    }
    for (bucket, tokens, path) in parts {
        let taken = side.take(tokens, &path, &mut out.findings);
        out.add(bucket, Some(taken));
    }
}

/// Compares what was counted with the stated total of the call, and counts what the total says beyond that: on the
/// side that was not stated, or as reasoning that the vendor did not itemise.
pub(super) fn settle_total(total: Option<(u64, String)>, input: bool, output: bool, out: &mut Reading) {
    let Some((stated, path)) = total else { return };
    let counted = out.tokens.total_input().saturating_add(out.tokens.total_output());
    if counted == stated {
        return;
    }
    let only = !input && !output && counted == 0;
    let kind = if only { FindingKind::OnlyTotal } else { FindingKind::TotalMismatch };
    out.findings.count(kind, &path, stated, counted);
    let bucket = match (input, output) {
        (false, _) => Bucket::Input,
        (true, false) => Bucket::Output,
        (true, true) => Bucket::OutputReasoning,
    };
    out.add(bucket, stated.checked_sub(counted));
}

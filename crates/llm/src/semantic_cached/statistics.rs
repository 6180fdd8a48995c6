//! What a semantic cache did, counted.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize};

use super::{Guard, Proportion};

const FORMAT_VERSION: u32 = 1;

/// A counter.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) requests: Count,
    pub(super) too_long: Count,
    pub(super) not_embedded: Count,
    pub(super) searched: Count,
    pub(super) hits: Count,
    pub(super) below_threshold: Count,
    pub(super) gone: Count,
    pub(super) foreign: Count,
    pub(super) shadowed: Count,
    pub(super) shadow_differed: Count,
    pub(super) compared: Count,
    pub(super) judged_right: Count,
    pub(super) judged_wrong: Count,
    pub(super) stored: Count,
    pub(super) not_stored: Count,
    pub(super) evicted: Count,
    pub(super) forgotten: Count,
    refused: [Count; Guard::ALL.len()],
}

impl Counts {
    pub(super) fn refused(&self, guard: Guard) {
        if let Some(at) = Guard::ALL.iter().position(|other| *other == guard) {
            self.refused[at].add();
        }
    }

    pub(super) fn snapshot(&self, entries: usize, namespaces: usize) -> SemanticStatistics {
        let refused = Guard::ALL.iter().zip(&self.refused);
        let (shadowed, shadow_differed) = (self.shadowed.get(), self.shadow_differed.get());
        SemanticStatistics {
            format_version: FORMAT_VERSION,
            requests: self.requests.get(),
            too_long: self.too_long.get(),
            not_embedded: self.not_embedded.get(),
            searched: self.searched.get(),
            hits: self.hits.get(),
            refused_by_guard: refused.map(|(guard, count)| (guard.key().to_owned(), count.get())).collect(),
            below_threshold: self.below_threshold.get(),
            gone: self.gone.get(),
            foreign: self.foreign.get(),
            shadowed,
            shadow_differed,
            false_hit_rate: Proportion::new(shadow_differed, shadowed),
            compared: self.compared.get(),
            judged_right: self.judged_right.get(),
            judged_wrong: self.judged_wrong.get(),
            stored: self.stored.get(),
            not_stored: self.not_stored.get(),
            evicted: self.evicted.get(),
            forgotten: self.forgotten.get(),
            entries: entries as u64,
            namespaces: namespaces as u64,
        }
    }
}

/// What a [`SemanticCache`](super::SemanticCache) did since it was made. All but the last two only ever grow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SemanticStatistics {
    /// The version of the serialised form.
    pub format_version: u32,
    /// Requests that allowed a reply to the same in other words.
    pub requests: u64,
    /// How many of them were not searched for because their question was too long, or none.
    pub too_long: u64,
    /// How many of them were not searched for because the embedder failed, or took too long.
    pub not_embedded: u64,
    /// How many of them were searched for.
    pub searched: u64,
    /// How many of them were served from the cache.
    pub hits: u64,
    /// How many near entries each guard refused, by its [key](Guard::key).
    pub refused_by_guard: BTreeMap<String, u64>,
    /// How many requests had an entry that the guards let pass, but not near enough.
    pub below_threshold: u64,
    /// How many entries were found whose reply was no longer there.
    pub gone: u64,
    /// How many entries were found that belong elsewhere. Other than 0, it is a defect of the index.
    pub foreign: u64,
    /// How many hits were not served but compared with the model's reply.
    pub shadowed: u64,
    /// How many of these differed from it.
    pub shadow_differed: u64,
    /// The share of shadow samples that differed, which is that of false hits as far as the judge of replies is right;
    /// absent before the first.
    pub false_hit_rate: Option<Proportion>,
    /// How many entries that were not near enough were compared with the reply that the model then gave.
    pub compared: u64,
    /// How many hits were said to be right.
    pub judged_right: u64,
    /// How many hits were said to be wrong.
    pub judged_wrong: u64,
    /// How many replies were stored.
    pub stored: u64,
    /// How many could not be.
    pub not_stored: u64,
    /// How many entries were dropped for their age, or to make room.
    pub evicted: u64,
    /// How many entries were dropped because somebody said so.
    pub forgotten: u64,
    /// How many entries there are now.
    pub entries: u64,
    /// How many namespaces have a threshold of their own now.
    pub namespaces: u64,
}

impl SemanticStatistics {
    /// Hits among the requests that allowed them, 0 to 1; `None` before the first.
    #[must_use]
    pub fn hit_rate(&self) -> Option<f64> {
        Proportion::new(self.hits, self.requests).map(|hits| hits.rate)
    }

    /// As text in Prometheus's exposition format 0.0.4; names begin with `assize_semantic_cache_`.
    #[must_use]
    pub fn prometheus(&self) -> String {
        let mut out = String::new();
        let counters = [
            ("requests", self.requests),
            ("too_long", self.too_long),
            ("not_embedded", self.not_embedded),
            ("searched", self.searched),
            ("hits", self.hits),
            ("below_threshold", self.below_threshold),
            ("gone", self.gone),
            ("foreign", self.foreign),
            ("shadowed", self.shadowed),
            ("shadow_differed", self.shadow_differed),
            ("compared", self.compared),
            ("judged_right", self.judged_right),
            ("judged_wrong", self.judged_wrong),
            ("stored", self.stored),
            ("not_stored", self.not_stored),
            ("evicted", self.evicted),
            ("forgotten", self.forgotten),
        ];
        // Writing to a string can't fail.
        for (name, value) in counters {
            let name = format!("assize_semantic_cache_{name}_total");
            let _ = write!(out, "# TYPE {name} counter\n{name} {value}\n");
        }
        let name = "assize_semantic_cache_refused_total";
        let _ = writeln!(out, "# TYPE {name} counter");
        for (guard, count) in &self.refused_by_guard {
            let _ = writeln!(out, "{name}{{guard=\"{guard}\"}} {count}");
        }
        for (name, value) in [("entries", self.entries), ("namespaces", self.namespaces)] {
            let name = format!("assize_semantic_cache_{name}");
            let _ = write!(out, "# TYPE {name} gauge\n{name} {value}\n");
        }
        if let Some(share) = self.false_hit_rate {
            for (name, value) in [("", share.rate), ("_low", share.low), ("_high", share.high)] {
                let name = format!("assize_semantic_cache_false_hit_rate{name}");
                let _ = write!(out, "# TYPE {name} gauge\n{name} {value}\n");
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_for_programs() {
        let counts = Counts::default();
        (0..4).for_each(|_| counts.requests.add());
        (0..2).for_each(|_| counts.shadowed.add());
        counts.hits.add();
        counts.refused(Guard::Order);
        let seen = counts.snapshot(7, 1);
        assert!(seen.hit_rate().is_some_and(|rate| (rate - 0.25).abs() < 1e-9));
        let json = serde_json::to_string(&seen).unwrap();
        assert!(json.starts_with(r#"{"format_version":1,"requests":4,"#), "{json}");
        assert_eq!(serde_json::from_str::<SemanticStatistics>(&json).unwrap(), seen);
        let text = seen.prometheus();
        for line in [
            "assize_semantic_cache_requests_total 4",
            "assize_semantic_cache_refused_total{guard=\"order\"} 1",
            "assize_semantic_cache_entries 7",
            "assize_semantic_cache_false_hit_rate 0",
        ] {
            assert!(text.lines().any(|seen| seen == line), "{line}\n{text}");
        }
        assert_eq!(Counts::default().snapshot(0, 0).false_hit_rate, None);
    }
}

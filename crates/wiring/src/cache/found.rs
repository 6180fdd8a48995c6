//! What an open cache holds, and what is removed from it: each tier asked by itself, so that each can answer for itself.

use std::path::PathBuf;

use assize_cache::{NamespaceContents, Selector, Statistics, Tier as _, TierStats};

use super::{Cache, whole};

/// What a cache holds.
#[derive(Debug, Clone)]
pub struct CacheReport {
    /// The tiers, the fastest first.
    pub tiers: Vec<TierReport>,
    /// What is on disk, by namespace, or why that can't be told: a fragment that fits "failed to …".
    pub on_disk: Result<Vec<NamespaceContents>, String>,
    /// What was damaged on disk.
    pub damage: Damage,
    /// What happened since it was opened, with what the tiers said of themselves.
    pub statistics: Statistics,
}

/// What a tier says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierReport {
    /// What it is called: `memory`, `shared` or `disk`.
    pub name: &'static str,
    /// Where it is, without a secret.
    pub place: String,
    /// How full it is, or why it did not say: a fragment that fits "failed to …".
    pub found: Result<TierStats, String>,
}

/// What was removed from a tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// What the tier is called.
    pub name: &'static str,
    /// Where it is, without a secret.
    pub place: String,
    /// How many entries were removed, or why that can't be told: a fragment that fits "failed to …".
    pub removed: Result<u64, String>,
}

/// What was damaged on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// How often something was found damaged, and removed, since the cache was opened: an entry or the whole file.
    pub times: u64,
    /// A damaged file that was set aside, now or earlier, and is still there.
    pub set_aside: Option<PathBuf>,
}

impl Cache {
    /// What was damaged on disk.
    pub async fn damage(&self) -> Damage {
        let times = self.disk.stats().await.map_or(0, |stats| stats.corrupt);
        Damage { times, set_aside: self.disk.set_aside().await.unwrap_or(None) }
    }

    /// What it holds.
    pub async fn report(&self) -> CacheReport {
        let mut tiers = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            let found = part.tier.stats().await.map_err(|e| whole(&e));
            tiers.push(TierReport { name: part.name, place: part.place.clone(), found });
        }
        let on_disk = self.disk.namespaces().await.map_err(|e| whole(&e));
        let damage = self.damage().await;
        let mut statistics = self.tiers.statistics().await;
        // The composition asks for the same under its deadlines, which are for callers that have better things to do.
        for (level, tier) in statistics.levels.iter_mut().zip(&tiers) {
            let found = tier.found.as_ref().ok();
            level.is_available = found.is_some();
            level.entries = found.map(|found| found.entries);
            level.bytes = found.map(|found| found.bytes);
            level.limit_bytes = found.and_then(|found| found.limit_bytes);
            level.evictions = found.map(|found| found.evictions);
            level.corrupt = found.map(|found| found.corrupt);
        }
        CacheReport { tiers, on_disk, damage, statistics }
    }

    /// Removes what `selector` means from every tier, however long that takes. It is for a program that does nothing else
    /// with the cache meanwhile: others use [`Tiered::invalidate`](assize_cache::Tiered::invalidate), which also stops what
    /// is being computed.
    pub async fn remove(&self, selector: &Selector) -> Vec<Removal> {
        let mut removals = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            let removed = part.tier.remove(selector).await.map_err(|e| whole(&e));
            removals.push(Removal { name: part.name, place: part.place.clone(), removed });
        }
        removals
    }
}

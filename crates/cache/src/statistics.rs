//! What happened, counted.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

/// A counter. It never wraps in practice: 2⁶⁴ at a thousand million a second are 584 years.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) requests: Count,
    pub(crate) computed: Count,
    pub(crate) failed: Count,
    pub(crate) coalesced: Count,
    pub(crate) remembered_failures: Count,
    pub(crate) stale_while_revalidating: Count,
    pub(crate) stale_on_error: Count,
    pub(crate) refreshed: Count,
    pub(crate) invalidations: Count,
    pub(crate) outdated: Count,
    pub(crate) unreadable: Count,
    pub(crate) waited_for_others: Count,
    pub(crate) found_after_waiting: Count,
    pub(crate) waited_in_vain: Count,
}

#[derive(Debug, Default)]
pub(crate) struct LevelCounts {
    pub(crate) hits: Count,
    pub(crate) misses: Count,
    pub(crate) answered: Count,
    pub(crate) timed_out: Count,
    pub(crate) failed: Count,
    pub(crate) skipped: Count,
    pub(crate) written: Count,
    pub(crate) refused: Count,
    pub(crate) dropped_writes: Count,
}

/// The version of [`Statistics`] as it is serialised.
pub const STATISTICS_FORMAT_VERSION: u32 = 1;

/// What happened since the composition was made. Counters only ever grow.
#[derive(Debug, Clone, Serialize)]
pub struct Statistics {
    /// [`STATISTICS_FORMAT_VERSION`].
    pub format_version: u32,
    /// How many callers asked.
    pub requests: u64,
    /// How many of them a tier served, fresh or stale.
    pub hits: u64,
    /// How many of them no tier served.
    pub misses: u64,
    /// How many computations brought a value, those behind the callers' backs included.
    pub computed: u64,
    /// How many computations failed.
    pub failed: u64,
    /// How many callers got what was computed or found for another.
    pub coalesced: u64,
    /// How many callers were answered with a failure that was remembered.
    pub remembered_failures: u64,
    /// How many callers were served a stale value while it was computed anew.
    pub stale_while_revalidating: u64,
    /// How many callers were served a stale value because computing it failed.
    pub stale_on_error: u64,
    /// How many computations were begun behind the callers' backs.
    pub refreshed: u64,
    /// How many invalidations were asked for.
    pub invalidations: u64,
    /// How many values were not stored because they had been invalidated while they were made.
    pub outdated: u64,
    /// How many values could not be read as what was asked for, or not be written.
    pub unreadable: u64,
    /// How many computations waited because another process had leave to compute the same
    /// ([`Level::sharing_computations`](crate::Level::sharing_computations)).
    pub waited_for_others: u64,
    /// How many of them got the other's value.
    pub found_after_waiting: u64,
    /// How many of them waited for as long as a lease lasts, and then computed without leave. The rest got leave, were
    /// cancelled, or lost the server.
    pub waited_in_vain: u64,
    /// The tiers, in their order.
    pub levels: Vec<LevelStatistics>,
}

/// What happened at one tier.
#[derive(Debug, Clone, Serialize)]
pub struct LevelStatistics {
    /// Its name.
    pub name: &'static str,
    /// How many callers it served.
    pub hits: u64,
    /// How often it was asked and did not have what was wanted.
    pub misses: u64,
    /// How many calls it answered.
    pub answered: u64,
    /// How many calls it did not answer in time.
    pub timed_out: u64,
    /// How many calls failed otherwise.
    pub errors: u64,
    /// How many calls were spared because its circuit breaker was open.
    pub skipped: u64,
    /// How many entries were written to it.
    pub written: u64,
    /// How many entries it did not take, for their size.
    pub refused: u64,
    /// How many writes were dropped: the queue was full, or they failed.
    pub dropped_writes: u64,
    /// How many writes are waiting.
    pub waiting_writes: u64,
    /// How many invalidations it has not carried out yet. What they mean is not read from it meanwhile.
    pub pending_removals: u64,
    /// Whether its circuit breaker is closed.
    pub is_available: bool,
    /// How many entries it holds, where it says so.
    pub entries: Option<u64>,
    /// How many bytes they take, where it says so.
    pub bytes: Option<u64>,
    /// How many bytes they may take, where there is a limit.
    pub limit_bytes: Option<u64>,
    /// How many entries it let go for want of space, where it says so.
    pub evictions: Option<u64>,
    /// How many entries it found damaged, where it says so.
    pub corrupt: Option<u64>,
}

impl Statistics {
    /// Hits among requests, 0 to 1; `None` before the first.
    #[must_use]
    pub fn hit_rate(&self) -> Option<f64> {
        share(self.hits, self.requests)
    }

    /// As text in Prometheus's exposition format 0.0.4; names begin with `assize_cache_`.
    #[must_use]
    pub fn prometheus(&self) -> String {
        let mut out = String::new();
        let totals = [
            ("requests", self.requests),
            ("hits", self.hits),
            ("misses", self.misses),
            ("computed", self.computed),
            ("failed", self.failed),
            ("coalesced", self.coalesced),
            ("remembered_failures", self.remembered_failures),
            ("stale_while_revalidating", self.stale_while_revalidating),
            ("stale_on_error", self.stale_on_error),
            ("refreshed", self.refreshed),
            ("invalidations", self.invalidations),
            ("outdated", self.outdated),
            ("unreadable", self.unreadable),
            ("waited_for_others", self.waited_for_others),
            ("found_after_waiting", self.found_after_waiting),
            ("waited_in_vain", self.waited_in_vain),
        ];
        for (name, value) in totals {
            // Writing to a string can't fail.
            let _ =
                write!(out, "# TYPE assize_cache_{name}_total counter\nassize_cache_{name}_total {value}\n");
        }
        type Field = (&'static str, &'static str, fn(&LevelStatistics) -> Option<u64>);
        let fields: [Field; 17] = [
            ("hits_total", "counter", |level| Some(level.hits)),
            ("misses_total", "counter", |level| Some(level.misses)),
            ("answered_total", "counter", |level| Some(level.answered)),
            ("timed_out_total", "counter", |level| Some(level.timed_out)),
            ("errors_total", "counter", |level| Some(level.errors)),
            ("skipped_total", "counter", |level| Some(level.skipped)),
            ("written_total", "counter", |level| Some(level.written)),
            ("refused_total", "counter", |level| Some(level.refused)),
            ("dropped_writes_total", "counter", |level| Some(level.dropped_writes)),
            ("evictions_total", "counter", |level| level.evictions),
            ("corrupt_total", "counter", |level| level.corrupt),
            ("waiting_writes", "gauge", |level| Some(level.waiting_writes)),
            ("pending_removals", "gauge", |level| Some(level.pending_removals)),
            ("available", "gauge", |level| Some(u64::from(level.is_available))),
            ("entries", "gauge", |level| level.entries),
            ("bytes", "gauge", |level| level.bytes),
            ("limit_bytes", "gauge", |level| level.limit_bytes),
        ];
        for (name, kind, field) in fields {
            let _ = writeln!(out, "# TYPE assize_cache_tier_{name} {kind}");
            for (n, level) in self.levels.iter().enumerate() {
                if let Some(value) = field(level) {
                    let _ = writeln!(
                        out,
                        "assize_cache_tier_{name}{{tier=\"{n}\",name=\"{}\"}} {value}",
                        escaped(level.name)
                    );
                }
            }
        }
        out
    }
}

impl LevelStatistics {
    /// Calls that it answered among those that wanted an answer, spared ones included; `None` before the first.
    #[must_use]
    pub fn availability(&self) -> Option<f64> {
        share(self.answered, self.answered + self.timed_out + self.errors + self.skipped)
    }

    /// Hits among the times it was asked, 0 to 1; `None` before the first.
    #[must_use]
    pub fn hit_rate(&self) -> Option<f64> {
        share(self.hits, self.hits + self.misses)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share of counters needs no 53rd bit")]
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

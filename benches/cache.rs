//! K1, K3, K4, K5 and K6: what the tiers of the cache cost beside the bare stores below them, what a stampede and an
//! outage cost those who ask, how much memory the budget really takes, and how often a value is there.
//!
//! A ratio is always of one run: ours and the bare store by turns, the median of the pairs. Where no Redis server is
//! installed, its part is left out, and a finding says so.

#[path = "cache/allocations.rs"]
mod allocations;
#[path = "cache/composition.rs"]
mod composition;
#[path = "cache/disk.rs"]
mod disk;
#[path = "cache/entries.rs"]
mod entries;
#[path = "cache/figures.rs"]
mod figures;
#[path = "cache/hit_rate.rs"]
mod hit_rate;
#[path = "cache/memory.rs"]
mod memory;
#[path = "cache/outage.rs"]
mod outage;
#[path = "cache/redis.rs"]
mod redis;
#[path = "cache/resident.rs"]
mod resident;
#[path = "cache/server.rs"]
mod server;
#[path = "cache/stampede.rs"]
mod stampede;
#[path = "cache/workloads.rs"]
mod workloads;

use std::process::ExitCode;

use assize_benches::handover::{Handover, Part, Sort};
use clap::Parser;

use resident::Churn;

/// The arguments of this bench.
#[derive(Debug, Parser)]
struct Options {
    #[command(flatten)]
    handover: Handover,
    /// Fills a cache and tells what the process takes: a bench starts itself so, for each case anew.
    #[arg(long, hide = true)]
    churn: Option<Churn>,
}

const PARTS: [Part; 8] = [
    ("memory", Sort::Timed, memory::measure),
    ("composition", Sort::Timed, composition::measure),
    ("disk", Sort::Timed, disk::measure),
    ("redis", Sort::Timed, redis::measure),
    ("outages", Sort::Timed, outage::measure),
    ("stampedes", Sort::Timed, stampede::measure),
    ("resident memory", Sort::Timed, resident::measure),
    ("hit rates", Sort::Exact, hit_rate::measure),
];

fn main() -> ExitCode {
    let Options { handover, churn } = Options::parse();
    match churn {
        Some(churn) => churn.run(),
        None => handover.finish(handover.measure_parts("cache", &PARTS)),
    }
}

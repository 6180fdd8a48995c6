//! P1: whether a process that makes brief after brief holds ever more of the heap.
//!
//! One maker, with its fetcher and what that remembers of hosts and sources, makes them all, as a server's does. Bytes are counted
//! as they are asked for and given back, so that no allocator's habits blur them.

use std::sync::Arc;

use assize_ambient::Seed;
use assize_benches::{
    exchange::{ExchangeDesk, tickers},
    handover::{Handover, Profile},
};
use assize_perf::{Kind, Run, Unit};
use assize_pipeline::{Analysts, MorningBrief};

use crate::{
    figures::{DAY, figure, paused, real, words},
    heap,
    kept::Kept,
};

const ID: &str = "pipeline/brief/leak";
const TICKERS: usize = 5;
/// The first briefs fill what there is once: lexicons, and the attempts that are remembered of each source.
const BEFORE: usize = 10;
const fn briefs(profile: Profile) -> usize {
    match profile {
        Profile::Smoke => 5,
        Profile::Default | Profile::Full => 20,
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    if !handover.wants(ID) {
        return Ok(());
    }
    let briefs = briefs(handover.profile);
    let desk = ExchangeDesk::open(Seed::new(handover.seed), DAY);
    let fetcher = desk.fetcher_over(Arc::new(Kept::new(desk.transport())));
    let maker = MorningBrief::new(fetcher, Analysts::default(), desk.clock());
    let request = desk.request(&tickers(TICKERS)?);
    let runtime = paused()?;
    // Room for all that is noted, so that noting it takes none.
    let mut held = Vec::with_capacity(BEFORE + briefs);
    heap::weigh();
    for _ in 0..BEFORE + briefs {
        let made = runtime.block_on(maker.run(&request)).map_err(words)?;
        if !made.0.has_decision() {
            return Err("a brief of a market without faults decides nothing".to_owned());
        }
        drop(made);
        held.push(heap::held());
    }
    let most = heap::most();
    heap::stop();
    let [.., warm, _] = held[..=BEFORE] else { return Err("there was no brief".to_owned()) };
    let last = held.last().copied().unwrap_or(warm);
    run.measurements.extend([
        figure(ID, "growth", Unit::Bytes, Kind::Counted, whole(last - warm).max(0.0) / real(briefs))
            .with_figure("least", whole(held[BEFORE..].iter().copied().min().unwrap_or(last) - warm))
            .with_figure("most", whole(held[BEFORE..].iter().copied().max().unwrap_or(last) - warm))
            .with_note(format!(
                "what is held of the heap after {briefs} more briefs of {TICKERS} tickers by one maker, a brief; {BEFORE} before them"
            )),
        figure(ID, "held", Unit::Bytes, Kind::Counted, whole(warm))
            .with_note("what is held between briefs, the answers that the bench keeps included"),
        figure(ID, "most", Unit::Bytes, Kind::Counted, whole(most))
            .with_note("the most that was held at any time"),
    ]);
    Ok(())
}

/// A count of bytes as a float.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(crate) const fn whole(bytes: i64) -> f64 {
    bytes as f64
}

//! D5 and D6: what a debate takes from the heap; C4: that pricing a call takes nothing. Counted by dhat.

use std::{collections::BTreeMap, hint::black_box, process::ExitCode, sync::Arc};

use assize_benches::{
    handover::Handover,
    panels::{instant_debaters, instant_models, restless_spec},
};
use assize_debate::{Debater, Driver};
use assize_metering::{Mode, PriceBook, PricedAt, TokenUsage, Usd};
use assize_perf::{Better, Kind, Measurement, Run, Unit};
use clap::Parser;
use dhat::HeapStats;
use jiff::civil::date;
use tokio::runtime::Runtime;

#[global_allocator]
static HEAP: dhat::Alloc = dhat::Alloc;

const SEATS: usize = 4;

type Panel = fn(usize, u32) -> Vec<Arc<dyn Debater>>;

fn main() -> ExitCode {
    let handover = Handover::parse();
    handover.finish(measure(&handover))
}

fn measure(handover: &Handover) -> Result<Run, String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(|e| e.to_string())?;
    let mut run = Run::new("heap");
    let cases: [(&str, u32, Panel); 4] = [
        ("instant-debater", 5, instant_debaters),
        ("instant-debater", 50, instant_debaters),
        ("instant-model", 5, |seats, _| instant_models(seats)),
        ("instant-model", 50, |seats, _| instant_models(seats)),
    ];
    let mut peaks = BTreeMap::new();
    for (done, (case, rounds, panel)) in cases.into_iter().enumerate() {
        let id = format!("debate/heap/{case}-{SEATS}x{rounds}");
        if handover.wants(&id) {
            let measured = case_of(&id, rounds, &runtime, panel)?;
            peaks.insert((case, rounds), measured[0].value);
            run.measurements.extend(measured);
        }
        handover.progress(done + 1, cases.len(), &id);
    }
    for case in ["instant-debater", "instant-model"] {
        if let (Some(few), Some(many)) = (peaks.get(&(case, 5)), peaks.get(&(case, 50))) {
            let id = format!("debate/heap/{case}");
            let growth =
                Measurement::new(id, "heap-growth", Unit::Ratio, Better::Lower, Kind::Counted, many / few);
            let note = "peak of 50 rounds divided by that of 5; the transcript is in both";
            run.measurements.push(growth.at("benches/heap.rs").with_note(note));
        }
    }
    let pricing = "metering/heap/found-by-id";
    if handover.wants(pricing) {
        run.measurements.push(allocations_of_pricing(pricing)?);
    }
    Ok(run)
}

/// Allocations of finding a model's price by its id and pricing a call with it.
fn allocations_of_pricing(id: &str) -> Result<Measurement, String> {
    const TIMES: u32 = 1_000;
    let book = PriceBook::embedded();
    let at = PricedAt::from(date(2026, 11, 1));
    let usage = TokenUsage { cache_read: Some(90_000), ..TokenUsage::of(12_000, 800) };
    let price = || -> Result<Usd, assize_metering::Error> {
        Ok(book.find("claude-3-5-sonnet-20241022", at)?.cost(&usage, Mode::Standard)?.total())
    };
    price().map_err(|e| e.to_string())?;
    let profiler = dhat::Profiler::builder().testing().build();
    for _ in 0..TIMES {
        black_box(price()).map_err(|e| e.to_string())?;
    }
    let blocks = HeapStats::get().total_blocks;
    drop(profiler);
    #[expect(clippy::cast_precision_loss, reason = "blocks are far below 2^52")]
    let each = blocks as f64 / f64::from(TIMES);
    let figure = Measurement::new(id, "allocations", Unit::Count, Better::Lower, Kind::Counted, each);
    Ok(figure.at("benches/heap.rs"))
}

fn case_of(id: &str, rounds: u32, runtime: &Runtime, panel: Panel) -> Result<[Measurement; 3], String> {
    let panel = panel(SEATS, rounds);
    let hold = || {
        let driver = Driver::new(restless_spec(SEATS, rounds), panel.clone()).map_err(|e| e.to_string())?;
        let conclusion = runtime.block_on(driver.run()).map_err(|e| e.to_string())?;
        let held = conclusion.verdict.rounds;
        if held == rounds {
            Ok(conclusion)
        } else {
            Err(format!("hold {rounds} rounds: it ended after {held}"))
        }
    };
    // Once before it is counted: what a program sets up only once is not a debate's.
    drop(hold()?);
    let profiler = dhat::Profiler::builder().testing().build();
    let conclusion = hold()?;
    let held = HeapStats::get();
    drop(conclusion);
    let retained = HeapStats::get().curr_bytes;
    drop(profiler);
    let counted = |metric: &str, unit, value: f64| {
        Measurement::new(id, metric, unit, Better::Lower, Kind::Counted, value).at("benches/heap.rs")
    };
    #[expect(clippy::cast_precision_loss, reason = "bytes and blocks are far below 2^52")]
    let (peak, retained, blocks) = (held.max_bytes as f64, retained as f64, held.total_blocks as f64);
    let turns = f64::from(rounds) * f64::from(u32::try_from(SEATS).unwrap_or(u32::MAX));
    Ok([
        counted("heap-peak", Unit::Bytes, peak),
        counted("heap-retained", Unit::Bytes, retained),
        counted("allocations-per-turn", Unit::Count, blocks / turns),
    ])
}

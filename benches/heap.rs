//! D5 and D6: what a debate and a stream that is open take from the heap; C4: that pricing a call takes nothing; G6: what scoring a
//! session's items takes. Counted by dhat.

use std::{
    collections::BTreeMap,
    hint::black_box,
    pin::pin,
    process::ExitCode,
    sync::Arc,
    task::{Context, Waker},
};

use assize_ambient::{Chance, Seed};
use assize_benches::{
    articles::article,
    handover::Handover,
    panels::{instant_debaters, instant_models, price_of, restless_spec},
};
use assize_debate::{Conclusion, Debater, Driver, Evidence, EvidenceId, ModelDebater, Window};
use assize_llm::{ChatRequest, Failures, SimulatedModel};
use assize_metering::{Mode, PriceBook, PricedAt, TokenUsage, Usd};
use assize_perf::{Better, Kind, Measurement, Run, Unit};
use assize_signals::{FinanceLexicon, NoveltyIndex, NoveltySettings, TextScores};
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
    let models: Panel = |seats, _| instant_models(seats);
    let cases: [(&str, Option<Window>, Panel); 3] = [
        ("instant-debater", None, instant_debaters),
        ("instant-model", None, models),
        ("instant-model-windowed", Some(Window::default()), models),
    ];
    for (done, (case, window, panel)) in cases.into_iter().enumerate() {
        let mut peaks = BTreeMap::new();
        for rounds in [5, 50] {
            let id = format!("debate/heap/{case}-{SEATS}x{rounds}");
            if handover.wants(&id) {
                let measured = case_of(&id, rounds, window, &runtime, panel)?;
                peaks.insert(rounds, (measured[0].value, measured[1].value));
                run.measurements.extend(measured);
            }
        }
        if let (Some(few), Some(many)) = (peaks.get(&5), peaks.get(&50)) {
            let id = format!("debate/heap/{case}");
            let (of_all, of_the_rest) = (many.0 / few.0, many.1 / few.1);
            let growth =
                Measurement::new(id, "heap-growth", Unit::Ratio, Better::Lower, Kind::Counted, of_the_rest);
            let growth = growth.at("benches/heap.rs").with_figure("with-transcript", of_all);
            run.measurements
                .push(growth.with_note("50 rounds beside 5: what is held at the peak beside the transcript"));
        }
        handover.progress(done + 1, cases.len(), case);
    }
    let open = "debate/heap/open-stream";
    if handover.wants(open) {
        run.measurements.push(open_streams(open, &runtime)?);
    }
    let scoring = "signals/heap/20000-items";
    if handover.wants(scoring) {
        run.measurements.push(scores_of_items(scoring)?);
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

/// What scoring a session's items takes at its peak; the lexicons are read in it, for nobody scored anything before.
fn scores_of_items(id: &str) -> Result<Measurement, String> {
    const ITEMS: u32 = 20_000;
    let start: jiff::Timestamp = "2026-11-01T00:00:00Z".parse().map_err(|e: jiff::Error| e.to_string())?;
    let profiler = dhat::Profiler::builder().testing().build();
    let mut index = NoveltyIndex::new(NoveltySettings::default()).map_err(|e| e.to_string())?;
    for number in 0..ITEMS {
        let scores = TextScores::of(&article(u64::from(number), 45), FinanceLexicon::own());
        let print = scores.fingerprint.ok_or("score items: an article has no words")?;
        black_box(index.insert_and_score_print(number, start, print));
    }
    let held = HeapStats::get();
    drop(profiler);
    let peak =
        Measurement::new(id, "heap-peak", Unit::Bytes, Better::Lower, Kind::Counted, real(held.max_bytes));
    let each = real(held.curr_bytes) / f64::from(ITEMS);
    Ok(peak.at("benches/heap.rs").with_figure("bytes-per-remembered-item", each))
}

fn case_of(
    id: &str,
    rounds: u32,
    window: Option<Window>,
    runtime: &Runtime,
    panel: Panel,
) -> Result<[Measurement; 5], String> {
    let panel = panel(SEATS, rounds);
    let hold = || {
        let mut spec = restless_spec(SEATS, rounds);
        spec.window = window;
        let driver = Driver::new(spec, panel.clone()).map_err(|e| e.to_string())?;
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
    let Conclusion { verdict, transcript, timing } = conclusion;
    drop((verdict, timing));
    let of_transcript = HeapStats::get().curr_bytes;
    drop(transcript);
    let retained = HeapStats::get().curr_bytes;
    drop(profiler);
    let counted = |metric: &str, unit, value: f64| {
        Measurement::new(id, metric, unit, Better::Lower, Kind::Counted, value).at("benches/heap.rs")
    };
    #[expect(clippy::cast_precision_loss, reason = "blocks are far below 2^52")]
    let blocks = held.total_blocks as f64;
    let turns = f64::from(rounds) * f64::from(u32::try_from(SEATS).unwrap_or(u32::MAX));
    Ok([
        counted("heap-peak", Unit::Bytes, real(held.max_bytes)),
        counted("heap-beside-transcript", Unit::Bytes, real(held.max_bytes - of_transcript))
            .with_note("of the peak, what is not in the transcript"),
        counted("heap-transcript", Unit::Bytes, real(of_transcript)),
        counted("heap-retained", Unit::Bytes, real(retained)),
        counted("allocations-per-turn", Unit::Count, blocks / turns),
    ])
}

/// What one more stream takes while it is open: its prompt, over evidence of 2 KiB, included.
fn open_streams(id: &str, runtime: &Runtime) -> Result<Measurement, String> {
    let (few, many) = (SEATS, 4 * SEATS);
    let (of_few, of_many) = (while_open(few, runtime)?, while_open(many, runtime)?);
    let each = (real(of_many) - real(of_few)) / real(many - few);
    let figure = Measurement::new(id, "heap-open", Unit::Bytes, Better::Lower, Kind::Counted, each);
    let note =
        format!("{many} debaters whose streams are open beside {few}, by the difference; 2 KiB of evidence");
    Ok(figure.at("benches/heap.rs").with_note(note).with_figure("debate-of-4", real(of_few)))
}

/// What a debate holds while so many models are silent.
fn while_open(seats: usize, runtime: &Runtime) -> Result<usize, String> {
    let _inside = runtime.enter();
    let answer = |_: &ChatRequest, _: &mut Chance| String::new();
    let price = Arc::new(price_of("gpt-4o-mini"));
    let silent = |n: usize| {
        let model = SimulatedModel::new("silent", Seed::new(n as u64), answer)
            .with_failures(Failures { hang: 1.0, ..Failures::default() });
        Arc::new(ModelDebater::new(Arc::new(model), Some(Arc::clone(&price)))) as Arc<dyn Debater>
    };
    let panel: Vec<_> = (0..seats).map(silent).collect();
    let evidence = Evidence {
        id: EvidenceId::from("ev-1"),
        kind: "document".to_owned(),
        subject: "all".to_owned(),
        source: "memory".to_owned(),
        available_at: "2026-11-01T00:00:00Z".parse().map_err(|e: jiff::Error| e.to_string())?,
        text: "So it is. ".repeat(205),
        data: serde_json::Value::Null,
        held_by: None,
    };
    let open = || -> Result<usize, String> {
        let before = HeapStats::get().curr_bytes;
        let spec = restless_spec(seats, 3).with_evidence(vec![evidence.clone()]);
        let driver = Driver::new(spec, panel.clone()).map_err(|e| e.to_string())?;
        let mut debate = pin!(driver.run());
        if debate.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            return Err("open streams: a debate of silent models ended".to_owned());
        }
        Ok(HeapStats::get().curr_bytes - before)
    };
    let profiler = dhat::Profiler::builder().testing().build();
    // The models remember that they were asked: once.
    open()?;
    let held = open()?;
    drop(profiler);
    Ok(held)
}

/// A count as a float.
#[expect(clippy::cast_precision_loss, reason = "bytes are far below 2^52")]
const fn real(n: usize) -> f64 {
    n as f64
}

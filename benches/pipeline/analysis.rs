//! P6: the analysis of a company in one, three and five frameworks, with a model of 2 to 8 seconds a call, against its critical
//! path; and again, when answers and replies are in the cache.
//!
//! The path: an analysis by rules alone, which waits for the sites and nothing else; then the frameworks, five at once, and the
//! synthesis behind them, as long as the model says that each took.

use std::{sync::Arc, time::Duration};

use assize_ambient::{Chance, Seed};
use assize_benches::{
    exchange::{ExchangeDesk, tickers},
    handover::{Handover, Profile},
    pondering::{CallLog, PonderingModel},
};
use assize_cache::{DEFAULT_MEMORY_BYTES, Level, MemoryTier, Policy, Tiered};
use assize_llm::{Cached, ChatModel, ChatRequest, ResponseFormat};
use assize_perf::{Kind, Run, Unit};
use assize_pipeline::{
    Analysis, AnalysisModel, AnalysisRecord, AnalysisRequest, CompanyAnalysis, FrameworkKind, MAX_AT_ONCE,
};
use serde_json::{Value, json};

use crate::{
    bound::in_turn,
    figures::{DAY, figure, nanoseconds, of_seeds, paused, processor, real, timed, words},
};

const SIZES: [usize; 3] = [1, 3, 5];
/// What a site takes, about.
const LATENCY: Duration = Duration::from_millis(600);
const HOUR: Duration = Duration::from_secs(3_600);

const fn seeds(profile: Profile) -> u64 {
    match profile {
        Profile::Smoke => 3,
        Profile::Default => 20,
        Profile::Full => 100,
    }
}

/// What an analysis came to, in seconds.
struct Came {
    cold: f64,
    path: f64,
    warm: f64,
    warm_processor: f64,
    warm_calls: usize,
    differs: bool,
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let desk = ExchangeDesk::open(Seed::new(handover.seed), DAY).with_latency(LATENCY);
    for size in SIZES {
        let id = format!("pipeline/analysis/{size}-frameworks");
        if !handover.wants(&id) {
            continue;
        }
        let one = |seed| paused()?.block_on(one(&desk, Seed::new(seed), size));
        let came: Vec<Came> = (1..=seeds(handover.profile)).map(one).collect::<Result<_, _>>()?;
        let all = |value: fn(&Came) -> f64| came.iter().map(value).collect::<Vec<f64>>();
        let count = |metric, n| figure(&id, metric, Unit::Count, Kind::Virtual, real(n));
        let processor = timed(&id, "warm-processor", all(|came| came.warm_processor * 1e9))?;
        run.measurements.extend([
            of_seeds(&id, "cold", Unit::Nanoseconds, all(|came| came.cold * 1e9))?,
            of_seeds(&id, "to-critical-path", Unit::Ratio, all(|came| came.cold / came.path))?.with_note(
                "the path: the sites alone, then the frameworks, five at once, then the synthesis",
            ),
            of_seeds(&id, "warm", Unit::Nanoseconds, all(|came| came.warm * 1e9))?
                .with_note("what is waited for when answers and replies are in the cache"),
            processor.with_note("what the same takes on the processor"),
            count("warm-calls", came.iter().map(|came| came.warm_calls).sum())
                .with_note("of the model, when its replies are in the cache"),
            count("differing", came.iter().filter(|came| came.differs).count())
                .with_note("analyses from the cache that say something else than the first"),
        ]);
    }
    Ok(())
}

async fn one(desk: &ExchangeDesk, chance: Seed, frameworks: usize) -> Result<Came, String> {
    let ticker = tickers(15)?[usize::try_from(chance.value() % 15).map_err(words)?].clone();
    let mut request = AnalysisRequest::new(ticker, desk.as_of);
    request.frameworks = FrameworkKind::ALL[..frameworks].to_vec();
    let alone = CompanyAnalysis::new(desk.anew(chance).fetcher(), None, desk.clock());
    let (_, sites) = alone.run(&request).await.map_err(words)?;

    let (log, desk) = (CallLog::default(), desk.anew(chance));
    let (answers, replies) = (memory(&desk), memory(&desk));
    let model: Arc<dyn ChatModel> = Arc::new(PonderingModel::new("pondering", chance, filled, &log));
    let made = || {
        let cached = Cached::new(Arc::clone(&model), replies.clone(), Policy::new(HOUR));
        let fetcher = desk.fetcher().with_cache(answers.clone()).in_realm("bench");
        CompanyAnalysis::new(fetcher, Some(AnalysisModel::new(Arc::new(cached), None)), desk.clock())
    };
    let (cold, record) = made().run(&request).await.map_err(words)?;
    let calls = log.calls();
    checked(&cold, &record, frameworks)?;
    let (before, processor_before) = (calls.len(), processor());
    let (warm, again) = made().run(&request).await.map_err(words)?;
    let warm_processor = processor().saturating_sub(processor_before);
    let Some((synthesis, written)) = calls.split_last() else { return Err("no model was asked".to_owned()) };
    let jobs: Vec<(f64, f64)> = written.iter().map(|call| (0.0, call.took.as_secs_f64())).collect();
    let models = in_turn(&jobs, MAX_AT_ONCE) + synthesis.took.as_secs_f64();
    Ok(Came {
        cold: record.elapsed.as_secs_f64(),
        path: sites.elapsed.as_secs_f64() + models,
        warm: again.elapsed.as_secs_f64(),
        warm_processor: nanoseconds(warm_processor) / 1e9,
        warm_calls: log.calls().len() - before,
        differs: cold.to_json() != warm.to_json(),
    })
}

/// Whether the model wrote all that it was to write: else its path would be another one.
fn checked(analysis: &Analysis, record: &AnalysisRecord, frameworks: usize) -> Result<(), String> {
    match (record.calls.len(), analysis.frameworks.len()) {
        (calls, written) if calls == frameworks + 1 && written == frameworks => Ok(()),
        (calls, written) => Err(format!("{calls} calls and {written} frameworks came of {frameworks}")),
    }
}

fn memory(desk: &ExchangeDesk) -> Tiered {
    let level = Level::memory(Arc::new(MemoryTier::new(DEFAULT_MEMORY_BYTES, desk.clock())));
    Tiered::new(vec![level.with_fresh_at_most(HOUR)], desk.clock(), Seed::new(7))
}

/// The form that is asked for, filled in; each point cites the first figure that the prompt shows.
fn filled(request: &ChatRequest, _: &mut Chance) -> String {
    let ResponseFormat::JsonSchema(schema) = &request.format else { return "{}".to_owned() };
    let cells = schema.pointer("/properties/cells/required").and_then(Value::as_array);
    let shown = request.messages.first().map(|message| &*message.text).unwrap_or_default();
    let cited = shown.lines().find_map(|line| line.strip_prefix('[')?.split(']').next());
    let points = json!([{ "text": "a simulated point", "cites": cited.into_iter().collect::<Vec<_>>() }]);
    let names = cells.into_iter().flatten().filter_map(Value::as_str);
    let filled: serde_json::Map<String, Value> =
        names.map(|name| (name.to_owned(), points.clone())).collect();
    json!({ "summary": "A simulated answer.", "cells": filled }).to_string()
}

//! `assize brief`.

use std::{fs, process::ExitCode, sync::Arc, time::Duration};

use assize_altdata::AsOf;
use assize_ambient::{Clock, Seed, SystemClock};
use assize_pipeline::{Brief, BriefRequest, Progress, RunRecord, ShortfallKind};

use crate::{
    arguments::BriefArguments,
    exit::{Failure, Outcome},
    screen::{Screen, write_document},
};

/// The stages of a ticker, for the progress bar.
const STAGES: u64 = 4;

pub(crate) async fn run(arguments: BriefArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let as_of = arguments.as_of.unwrap_or_else(|| today(&*clock));
    let mut request = BriefRequest::new(arguments.tickers, as_of);
    request.horizon_sessions = arguments.horizon;
    request.rounds = arguments.terms.rounds.unwrap_or(request.rounds);
    request.rule = arguments.terms.rule.unwrap_or(request.rule);
    request.budget = arguments.terms.budget;
    request.deadline = arguments.terms.deadline;
    request.seed = Seed::new(arguments.terms.seed);
    request.without = arguments.without.into_iter().collect();
    request.concurrency = usize::from(arguments.concurrency);
    if let Some(folder) = &arguments.out {
        // Before any work is done for it.
        fs::create_dir_all(folder).map_err(|e| {
            Failure::bad_request(format!("make the folder {}: {e}", folder.display()))
                .with_hint("give a folder that can be written, such as `--out ./brief`")
        })?;
    }
    let bar = screen.progress(STAGES * request.tickers.len() as u64);
    let shown = bar.clone();
    let maker =
        assize_wiring::offline_brief(&arguments.prices, arguments.horizon, clock)?.telling(move |progress| {
            match progress {
                Progress::Began { ticker, stage, .. } => shown.set_message(format!("{ticker} {stage}")),
                Progress::Ended { .. } => shown.inc(1),
                _ => {}
            }
        });
    let run = maker.run(&request).await;
    bar.finish_and_clear();
    let (brief, record) = run.map_err(assize_wiring::Error::from)?;
    let (doc, json) = (brief.to_document(), brief.to_json());
    screen.show(&doc, &json)?;
    screen.note(&times(&record));
    if let Some(folder) = &arguments.out {
        write_document(folder, "brief", &doc, &json)?;
        write_document(folder, "run", &record.to_document(), &record.to_json())?;
        screen.note(&format!(
            "written: {0}/brief.html, .md, .json and {0}/run.html, .md, .json",
            folder.display()
        ));
    }
    Ok(outcome(&brief).into())
}

/// The end of today.
pub(crate) fn today(clock: &dyn Clock) -> AsOf {
    AsOf::end_of_new_york_day(AsOf::at(clock.now()).date())
}

/// What a brief came to: 2 where the input let nothing be decided, 4 where the deadline or the budget did.
fn outcome(brief: &Brief) -> Outcome {
    if brief.has_decision() {
        return Outcome::Done;
    }
    let has = |kinds: &[ShortfallKind]| {
        brief
            .tickers
            .iter()
            .any(|ticker| ticker.shortfalls.iter().any(|shortfall| kinds.contains(&shortfall.kind)))
    };
    let over_budget = brief.tickers.iter().filter_map(|ticker| ticker.verdict.as_ref()).any(|verdict| {
        verdict
            .abstentions
            .iter()
            .any(|abstention| abstention.reason == assize_debate::AbstainReason::OverBudget)
    });
    if has(&[ShortfallKind::Deadline]) || over_budget {
        Outcome::Stopped
    } else if has(&[
        ShortfallKind::Unknown,
        ShortfallKind::Unreadable,
        ShortfallKind::Stale,
        ShortfallKind::TooLittle,
    ]) {
        Outcome::BadRequest
    } else if has(&[ShortfallKind::Failed, ShortfallKind::Outside]) {
        Outcome::Outside
    } else {
        Outcome::Done
    }
}

/// The time of each stage, over all tickers.
fn times(record: &RunRecord) -> String {
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    let stages: Vec<String> =
        record.stage_totals().into_iter().map(|(stage, total)| format!("{stage} {}", ms(total))).collect();
    format!(
        "time per stage, over {} ticker(s): {}; in all {}",
        record.tickers.len(),
        stages.join(", "),
        ms(record.elapsed)
    )
}

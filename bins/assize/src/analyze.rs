//! `assize analyze`.

use std::{fs, process::ExitCode, sync::Arc};

use assize_altdata::AsOf;
use assize_ambient::{Clock, Seed, SystemClock};
use assize_pipeline::{Analysis, AnalysisRecord, AnalysisRequest, Progress, ShortfallKind};
use assize_wiring::{
    AnalysisDesk, AnalysisOptions, AnswerOptions, Cache, SourceOptions, VendorOptions, set_up_analysis,
};
use tokio::time::Instant;

use crate::{
    arguments::AnalyzeArguments,
    brief::{is_live, today},
    cache,
    exit::{Failure, Outcome},
    screen::{Screen, write_document},
};

/// Stages beside the frameworks, for the progress bar: company, research, market, financial, synthesis.
const OTHER_STAGES: u64 = 5;

pub(crate) async fn run(arguments: AnalyzeArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let as_of = arguments.as_of.unwrap_or_else(|| today(&*clock));
    if as_of.date() > today(&*clock).date() {
        return Err(Failure::bad_request(format!(
            "analyse {} as of {as_of}: that day lies in the future",
            arguments.company
        ))
        .with_hint("leave --as-of out for all that is known now"));
    }
    if let Some(folder) = &arguments.out {
        // Before any work is done for it.
        fs::create_dir_all(folder).map_err(|e| {
            Failure::bad_request(format!("make the folder {}: {e}", folder.display()))
                .with_hint("give a folder that can be written, such as `--out ./analysis`")
        })?;
    }
    let kept = open(&arguments, &clock, screen).await?;
    let data = kept.as_ref().filter(|_| is_live(&options(&arguments).sources));
    let desk = set_up_analysis(&options(&arguments), data, kept.as_ref(), &clock)?;
    let request = request(&arguments, &desk, as_of, &*clock).await?;
    let (analysis, record) = made(&desk, &request, screen).await?;
    let (doc, json) = (analysis.to_document(), analysis.to_json());
    screen.show(&doc, &json)?;
    screen.note(&told(&analysis, &record, &desk));
    if let Some(folder) = &arguments.out {
        write_document(folder, "analysis", &doc, &json)?;
        write_document(folder, "run", &record.to_document(), &record.to_json())?;
        screen.note(&format!(
            "written: {0}/analysis.html, .md, .json and {0}/run.html, .md, .json",
            folder.display()
        ));
    }
    if let Some(kept) = &kept
        && kept.written().await > 0
    {
        screen.note("note: some answers could not be kept");
    }
    Ok(outcome(&analysis).into())
}

async fn made(
    desk: &AnalysisDesk,
    request: &AnalysisRequest,
    screen: &Screen,
) -> Result<(Analysis, AnalysisRecord), Failure> {
    let bar = screen.progress(OTHER_STAGES + request.frameworks.len() as u64);
    let shown = bar.clone();
    let analysis = desk.analysis.clone().telling(move |progress| match progress {
        Progress::Began { stage, .. } => shown.set_message((*stage).to_owned()),
        Progress::Ended { .. } => shown.inc(1),
        _ => {}
    });
    let run = analysis.run(request).await;
    bar.finish_and_clear();
    Ok(run.map_err(assize_wiring::Error::from)?)
}

fn options(arguments: &AnalyzeArguments) -> AnalysisOptions {
    AnalysisOptions {
        sources: SourceOptions {
            choice: arguments.sources.clone(),
            data: arguments.data.clone(),
            as_of: arguments.as_of,
            prices: arguments.prices.clone(),
            keys: arguments.keys.clone(),
            identities: arguments.companies.clone(),
            feeds: arguments.heard.feeds.clone(),
            channels: arguments.heard.channels.clone(),
        },
        model: arguments.model.as_ref().map(|model| AnswerOptions {
            model: model.clone(),
            budget: arguments.budget,
            seed: Seed::new(0),
            vendors: VendorOptions {
                keys: arguments.keys.clone(),
                price_books: arguments.price_books.clone(),
            },
        }),
    }
}

async fn request(
    arguments: &AnalyzeArguments,
    desk: &AnalysisDesk,
    as_of: AsOf,
    clock: &dyn Clock,
) -> Result<AnalysisRequest, Failure> {
    let began = Instant::now();
    let known_by = as_of.not_after(clock.now());
    let (ticker, identity) = desk.find(&arguments.company, known_by, arguments.deadline).await?;
    let mut request = AnalysisRequest::new(ticker, as_of);
    request.identity = identity;
    request.frameworks.clone_from(&arguments.frameworks);
    request.benchmark.clone_from(&arguments.benchmark);
    // Looking it up took some of it.
    request.deadline = arguments.deadline.map(|time| time.saturating_sub(began.elapsed()));
    request.at_once = usize::from(arguments.concurrency);
    Ok(request)
}

/// The cache, where there is something to keep. One that was not asked for and cannot be opened is gone without.
async fn open(
    arguments: &AnalyzeArguments,
    clock: &Arc<dyn Clock>,
    screen: &Screen,
) -> Result<Option<Cache>, Failure> {
    let keeps = is_live(&options(arguments).sources) || arguments.model.is_some();
    if arguments.no_cache || !keeps {
        return Ok(None);
    }
    match cache::open(&arguments.cache, clock).await {
        Ok(kept) => {
            cache::note_damage(&kept, screen).await;
            Ok(Some(kept))
        }
        Err(failure) if arguments.cache.place.is_none() => {
            screen.note(&format!("note: without a cache, since it failed to {}", failure.message));
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

/// What the run took.
fn told(analysis: &Analysis, record: &AnalysisRecord, desk: &AnalysisDesk) -> String {
    let took = format!("{:.1} s", record.elapsed.as_secs_f64());
    let requests: u64 = record.fetches.iter().map(|(_, note)| note.requests).sum();
    let Some(answers) = &desk.answers else { return format!("{requests} requests, no model; in all {took}") };
    let simulated = if answers.model.is_simulated() { ", had the model been real" } else { "" };
    format!(
        "{requests} requests; {} calls of {}, {} of them from the cache; paid {} USD{simulated}; in all {took}",
        record.calls.len(),
        analysis.model.as_deref().unwrap_or("the model"),
        record.calls.len() - record.asked(),
        record.paid(),
    )
}

/// What an analysis came to. Anything that is known of the company is a result.
fn outcome(analysis: &Analysis) -> Outcome {
    if analysis.has_anything() {
        return Outcome::Done;
    }
    let has = |kinds: &[ShortfallKind]| analysis.shortfalls().any(|lack| kinds.contains(&lack.kind));
    if has(&[ShortfallKind::Deadline]) {
        Outcome::Stopped
    } else if has(&[ShortfallKind::Outside]) {
        Outcome::Outside
    } else {
        Outcome::BadRequest
    }
}

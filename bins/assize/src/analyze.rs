//! `assize analyze`.

use std::{process::ExitCode, sync::Arc};

use assize_altdata::AsOf;
use assize_ambient::{Clock, Seed, SystemClock};
use assize_pipeline::{Analysis, AnalysisRecord, AnalysisRequest, Progress, ShortfallKind};
use assize_wiring::{AnalysisDesk, AnalysisOptions, AnswerOptions, VendorOptions, set_up_analysis};
use tokio::time::Instant;

use crate::{
    arguments::AnalyzeArguments,
    brief::{is_live, today},
    cache,
    exit::{Failure, Outcome},
    screen::{Screen, make_folder, write_document},
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
    make_folder(arguments.out.as_deref(), "./analysis")?;
    let options = options(&arguments);
    let is_live = is_live(&options.sources);
    let kept =
        cache::open_to_keep(&arguments.cache, is_live || options.model.is_some(), &clock, screen).await?;
    let desk = set_up_analysis(&options, kept.as_ref().filter(|_| is_live), kept.as_ref(), &clock)?;
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
    cache::settle(kept.as_ref(), screen).await;
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
        sources: arguments.places.options(arguments.as_of),
        model: arguments.model.as_ref().map(|model| AnswerOptions {
            model: model.clone(),
            budget: arguments.budget,
            seed: Seed::new(0),
            vendors: VendorOptions {
                keys: arguments.places.keys.clone(),
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

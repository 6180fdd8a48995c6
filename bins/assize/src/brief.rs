//! `assize brief`.

use std::{path::Path, process::ExitCode, sync::Arc, time::Duration};

use assize_altdata::{AsOf, FetchEvent, Ticker};
use assize_ambient::{Clock, Seed, SystemClock};
use assize_metering::Usd;
use assize_pipeline::{
    Benchmark, Brief, BriefRequest, DeskSettings, Part, Progress, RunRecord, Shortfall, ShortfallKind,
    toggle::{Predictor, Toggles},
};
use assize_wiring::{
    BriefDesk, BriefOptions, DataPlace, Durability, JournalOptions, PortfolioFolder, PredictorFile,
    Procedure, SourceOptions, VendorOptions, read_limits, set_up_brief,
};
use indicatif::ProgressBar;

use crate::{
    arguments::{BriefArguments, Course, Terms},
    cache,
    debate::call_line,
    exit::{Failure, Outcome},
    screen::{Screen, make_folder, write_document},
};

/// The stages of a ticker behind its research, for the progress bar.
const STAGES: u64 = 3;
/// What it is called in the folder of the cache what debates take.
const PREDICTOR: &str = "predictor.json";
/// So long the research may take, unless told otherwise.
const RESEARCH: Duration = Duration::from_secs(50);
/// Where models are asked, so much of the deadline is for the research.
const RESEARCH_SHARE: f64 = 0.6;

pub(crate) async fn run(arguments: BriefArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    make_folder(arguments.out.as_deref(), "./brief")?;
    let portfolio = arguments.portfolio.as_deref().map(PortfolioFolder::open).transpose()?;
    let mut paper = match &portfolio {
        Some(folder) => {
            let limits = arguments.limits.as_deref();
            Some(folder.desk(settings(arguments.capital, limits, arguments.benchmark.as_ref())?).await?)
        }
        None => None,
    };
    let mut options = options(&arguments);
    let kept = cache::open_to_keep(&arguments.cache, is_live(&options.sources), &clock, screen).await?;
    options.journal = options.journal.or_else(|| portfolio.as_ref().map(PortfolioFolder::debates));
    let desk = set_up_brief(options, kept.as_ref(), Arc::clone(&clock)).await?;
    desk.notes.iter().for_each(|note| screen.note(note));
    let request = request(&arguments, &desk, &*clock);
    let bar = screen.progress(STAGES * request.tickers.len() as u64);
    let mut maker = desk.maker.clone().telling(teller(&bar, request.tickers.len()));
    let learning = learning(&arguments, &desk, portfolio.as_ref(), (&request.as_of, &*clock), screen)?;
    if let Some(learning) = &learning {
        maker = maker.choosing(Arc::clone(&learning.toggles));
    }
    let run = match &mut paper {
        Some(paper) => maker.run_at(paper, &request).await,
        None => maker.run(&request).await,
    };
    bar.finish_and_clear();
    let calls = desk.calls.clone();
    desk.close().await;
    if let Some(learning) = &learning {
        learning.keep(&request.as_of, screen)?;
    }
    let (brief, record) = run.map_err(assize_wiring::Error::from)?;
    let (doc, json) = (brief.to_document(), brief.to_json());
    screen.show(&brief.to_short_document(), &json)?;
    screen.note(&times(&record));
    if let Some(hint) = hint(&brief).filter(|_| arguments.places.prices.is_none()) {
        screen.note(hint);
    }
    for series in &calls.snapshot().series {
        screen.note(&call_line(series));
    }
    if let Some(folder) = &arguments.out {
        write_document(folder, "brief", &doc, &json)?;
        write_document(folder, "run", &record.to_document(), &record.to_json())?;
        screen.note(&format!(
            "written: {0}/brief.html, .md, .json and {0}/run.html, .md, .json",
            folder.display()
        ));
    }
    cache::settle(kept.as_ref(), screen).await;
    Ok(outcome(&brief).into())
}

fn options(arguments: &BriefArguments) -> BriefOptions {
    let (terms, course) = (&arguments.terms, &arguments.course);
    BriefOptions {
        sources: arguments.places.options(arguments.as_of),
        panel: arguments.panel.clone(),
        models: arguments.models.clone(),
        procedure: procedure(terms, course),
        horizon_sessions: arguments.horizon,
        vendors: VendorOptions {
            keys: arguments.places.keys.clone(),
            price_books: arguments.price_books.clone(),
        },
        journal: arguments
            .journal
            .clone()
            .map(|path| JournalOptions { path, durability: Durability::Process }),
    }
}

/// How debates are held.
pub(crate) fn procedure(terms: &Terms, course: &Course) -> Procedure {
    Procedure {
        rounds: terms.rounds,
        rule: terms.rule,
        tie_break: course.tie_break,
        order: course.order,
        topology: course.topology,
        stops: course.stops(),
        selector: course.selector,
        window: course.window,
        judge: course.judge.clone(),
        judge_each_round: course.judge_each_round,
    }
}

fn request(arguments: &BriefArguments, desk: &BriefDesk, clock: &dyn Clock) -> BriefRequest {
    let as_of = arguments.as_of.unwrap_or_else(|| today(clock));
    let mut request = BriefRequest::new(arguments.tickers.iter().cloned(), as_of);
    request.horizon_sessions = arguments.horizon;
    request.benchmark.clone_from(&arguments.benchmark);
    (request.rounds, request.rule) = (desk.rounds, desk.rule);
    request.budget = arguments.terms.budget;
    request.deadline = arguments.terms.deadline;
    let share = request.deadline.filter(|_| desk.asks_models).map(|time| time.mul_f64(RESEARCH_SHARE));
    let usual = share.map_or(RESEARCH, |share| share.min(RESEARCH));
    request.research = Some(arguments.research.unwrap_or(usual));
    request.seed = Seed::new(arguments.terms.seed);
    request.without = arguments.without.iter().copied().collect();
    request.concurrency = usize::from(arguments.concurrency);
    request
}

/// What moves the bar: an answer of a source, or a stage that ended.
fn teller(bar: &ProgressBar, tickers: usize) -> impl Fn(&Progress) + Send + Sync + 'static {
    let bar = bar.clone();
    move |progress| match progress {
        Progress::Fetching(FetchEvent::Began { wanted }) => {
            bar.set_length(*wanted as u64 + STAGES * tickers as u64);
        }
        Progress::Fetching(FetchEvent::Answered { ticker, source, .. }) => {
            bar.set_message(format!("{ticker} {source}"));
            bar.inc(1);
        }
        Progress::Began { ticker, stage, .. } => bar.set_message(format!("{ticker} {stage}")),
        Progress::Ended { .. } => bar.inc(1),
        _ => {}
    }
}

/// Where options could come from, if nobody is asked for them.
fn hint(brief: &Brief) -> Option<&'static str> {
    let mut shortfalls = brief.tickers.iter().flat_map(|ticker| &ticker.shortfalls);
    let is_wanting = |lack: &Shortfall| lack.part == Part::Options && lack.kind == ShortfallKind::NotAsked;
    shortfalls.any(is_wanting).then_some(
        "hint: options come from a source that you choose (--sources +cboe-options), or leave them out: --without options",
    )
}

/// What chooses between debate, vote and skip, and where it is kept what that learns.
struct Learning {
    toggles: Arc<Toggles>,
    file: Option<PredictorFile>,
    /// Whether nobody asked for the file: then the brief stands without it.
    is_extra: bool,
}

/// Chooses where models are asked. What is learnt is kept with a portfolio, or else in the folder of the cache; a brief of the past
/// goes by nothing that was learnt later, and adds nothing to that.
fn learning(
    arguments: &BriefArguments,
    desk: &BriefDesk,
    portfolio: Option<&PortfolioFolder>,
    (as_of, clock): (&AsOf, &dyn Clock),
    screen: &Screen,
) -> Result<Option<Learning>, Failure> {
    if !desk.asks_models {
        return Ok(None);
    }
    let cached = || {
        let folder = cache::folder(&arguments.cache)?;
        Some(PredictorFile::new(folder.join(PREDICTOR)))
    };
    let file = portfolio.map(PortfolioFolder::toggles).or_else(cached);
    let is_extra = portfolio.is_none();
    let known = file.as_ref().map(|file| file.known_by(as_of, clock.now())).transpose();
    let (file, learnt) = match known {
        Ok(Some(Some(learnt))) => (file, learnt),
        Ok(_) => (None, Predictor::default()),
        Err(error) if is_extra => {
            screen.note(&format!("note: what earlier debates took is not known, since it failed to {error}"));
            (None, Predictor::default())
        }
        Err(error) => return Err(error.into()),
    };
    Ok(Some(Learning { toggles: Arc::new(Toggles::new(learnt)), file, is_extra }))
}

impl Learning {
    fn keep(&self, as_of: &AsOf, screen: &Screen) -> Result<(), Failure> {
        let Some(file) = &self.file else { return Ok(()) };
        match file.save_as_of(&self.toggles.predictor(), as_of) {
            Err(error) if self.is_extra => {
                screen.note(&format!("note: what debates took is not kept, since it failed to {error}"));
                Ok(())
            }
            kept => Ok(kept?),
        }
    }
}

/// How a desk works.
pub(crate) fn settings(
    capital: Usd,
    limits: Option<&Path>,
    benchmark: Option<&Ticker>,
) -> Result<DeskSettings, Failure> {
    let mut settings = DeskSettings::with_capital(capital);
    if let Some(limits) = limits {
        settings.limits = read_limits(limits)?;
    }
    if let Some(ticker) = benchmark {
        settings.benchmark = Benchmark::Ticker(ticker.clone());
    }
    Ok(settings)
}

/// Whether the network is asked for data.
pub(crate) fn is_live(sources: &SourceOptions) -> bool {
    let is_named = !sources.feeds.is_empty() || !sources.channels.is_empty();
    match &sources.data {
        Some(place) => *place == DataPlace::Live,
        None => !sources.is_folder_alone() || is_named,
    }
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
    let over_budget = brief.tickers.iter().filter_map(|ticker| ticker.verdict.as_ref()).any(|verdict| {
        verdict
            .abstentions
            .iter()
            .any(|abstention| abstention.reason == assize_debate::AbstainReason::OverBudget)
    });
    if over_budget {
        return Outcome::Stopped;
    }
    without_decision(brief.tickers.iter().flat_map(|ticker| &ticker.shortfalls))
}

/// Whose fault it is that nothing was decided. What was beside the decision does not stand in its way.
pub(crate) fn without_decision<'a>(shortfalls: impl Iterator<Item = &'a Shortfall>) -> Outcome {
    let decides = |lack: &&Shortfall| matches!(lack.part, Part::Prices | Part::Debate | Part::Decision);
    let kinds: Vec<ShortfallKind> = shortfalls.filter(decides).map(|lack| lack.kind).collect();
    let has = |wanted: &[ShortfallKind]| kinds.iter().any(|kind| wanted.contains(kind));
    if has(&[ShortfallKind::Deadline, ShortfallKind::Budget]) {
        Outcome::Stopped
    } else if has(&[ShortfallKind::Failed, ShortfallKind::Outside]) {
        Outcome::Outside
    } else if has(&[
        ShortfallKind::Unknown,
        ShortfallKind::Unreadable,
        ShortfallKind::Stale,
        ShortfallKind::TooLittle,
    ]) {
        Outcome::BadRequest
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

#[cfg(test)]
mod tests {
    use assize_pipeline::{FORMAT_VERSION, Status, TickerBrief};

    use super::*;

    fn brief(lacks: &[(Part, ShortfallKind)]) -> Brief {
        let ticker = TickerBrief {
            ticker: "KO".parse().unwrap(),
            status: Status::Missing,
            benchmark: None,
            sector: None,
            decision: None,
            verdict: None,
            newest_bar: None,
            bars: 0,
            cited: Vec::new(),
            evidence: Vec::new(),
            parts: Vec::new(),
            quiet: Vec::new(),
            cost: assize_metering::Usd::ZERO,
            closes: Vec::new(),
            shortfalls: lacks.iter().map(|(part, kind)| Shortfall::new(*part, *kind, "why")).collect(),
            findings: Vec::new(),
        };
        Brief {
            format_version: FORMAT_VERSION,
            as_of: "1998-03-02".parse().unwrap(),
            horizon_sessions: 20,
            benchmark: None,
            rule: assize_debate::Rule::default(),
            rounds: 1,
            without: Vec::new(),
            tickers: vec![ticker],
            cost: assize_metering::Usd::ZERO,
            desk: None,
        }
    }

    #[test]
    fn answers_of_the_network_are_kept() {
        let folder = SourceOptions { prices: Some("prices".into()), ..SourceOptions::default() };
        let feed = "https://example.org/markets.xml".parse().unwrap();
        assert!(is_live(&SourceOptions::default()));
        assert!(!is_live(&folder));
        assert!(is_live(&SourceOptions { choice: "+fred-csv".parse().ok(), ..folder.clone() }));
        assert!(
            is_live(&SourceOptions { feeds: vec![feed], ..folder.clone() }),
            "a feed is none of the folder's"
        );
        assert!(!is_live(&SourceOptions { data: Some(DataPlace::World(1)), ..folder }));
    }

    #[test]
    fn what_stands_in_the_way_of_a_decision_is_what_counts() {
        use ShortfallKind::{Deadline, NoOpinion, Outside, TooLittle, Unknown};
        let of = |lacks: &[(Part, ShortfallKind)]| outcome(&brief(lacks));
        let none = (Part::Decision, NoOpinion);
        assert_eq!(of(&[(Part::Prices, Unknown), none]), Outcome::BadRequest);
        assert_eq!(of(&[(Part::Prices, Unknown), (Part::Altdata, Deadline), none]), Outcome::BadRequest);
        assert_eq!(of(&[(Part::Prices, Unknown), (Part::Altdata, Outside), none]), Outcome::BadRequest);
        assert_eq!(of(&[(Part::Prices, Outside), (Part::Altdata, Unknown), none]), Outcome::Outside);
        // That nobody has enough to judge by follows from it.
        assert_eq!(of(&[(Part::Prices, Outside), (Part::Decision, TooLittle)]), Outcome::Outside);
        assert_eq!(of(&[(Part::Prices, Deadline), none]), Outcome::Stopped);
    }
}

//! `assize backtest`.

use std::{process::ExitCode, sync::Arc};

use assize_altdata::{FetchEvent, FetchPolicy, Past, PriceSeries, Ticker};
use assize_ambient::{Clock, Seed, SystemClock};
use assize_pipeline::{Backtest, BacktestReport, BriefRequest, Closes};
use assize_wiring::{
    BacktestBench, BriefOptions, Durability, JournalOptions, VendorOptions, set_up_backtest,
};
use indicatif::ProgressBar;
use jiff::civil::Date;

use crate::{
    arguments::BacktestArguments,
    brief::{is_live, procedure, settings, without_decision},
    cache,
    debate::call_line,
    exit::{Failure, Outcome},
    screen::{Screen, make_folder, write_document},
};

pub(crate) async fn run(arguments: BacktestArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    check(&arguments, &*clock)?;
    make_folder(arguments.out.as_deref(), "./backtest")?;
    let desk = settings(arguments.capital, arguments.limits.as_deref(), arguments.benchmark.as_ref())?;
    let options = options(&arguments);
    let kept = cache::open_to_keep(&arguments.cache, is_live(&options.sources), &clock, screen).await?;
    let bench = set_up_backtest(options, kept.as_ref(), clock).await?;
    bench.notes.iter().for_each(|note| screen.note(note));
    let backtest = Backtest::new(request(&arguments, &bench), arguments.from, arguments.every, desk);
    let bar = screen.progress(0);
    let seen = bar.clone();
    let watch = move |event: &FetchEvent| match event {
        FetchEvent::Began { wanted } => seen.set_length(*wanted as u64),
        FetchEvent::Answered { ticker, source, .. } => {
            seen.set_message(format!("{ticker} {source}"));
            seen.inc(1);
        }
        _ => {}
    };
    let past = Arc::new(bench.fetch(&backtest, FetchPolicy::within(arguments.research), watch).await);
    let calls = bench.calls.clone();
    let report = test(bench, backtest, &past, &arguments, &bar).await;
    bar.finish_and_clear();
    let report = report?;
    let json = report.to_json();
    screen.show(&report.to_short_document(), &json)?;
    for series in &calls.snapshot().series {
        screen.note(&call_line(series));
    }
    if let Some(folder) = &arguments.out {
        write_document(folder, "backtest", &report.to_document(&closes(&past, &report.tickers)), &json)?;
        screen.note(&format!("written: {}/backtest.html, .md, .json", folder.display()));
    }
    cache::settle(kept.as_ref(), screen).await;
    Ok(outcome(&report).into())
}

/// What makes no sense, before anybody is asked.
fn check(arguments: &BacktestArguments, clock: &dyn Clock) -> Result<(), Failure> {
    let (from, to) = (arguments.from, arguments.to.date());
    if from > to {
        return Err(Failure::bad_request(format!("test from {from} to {to}: it ends before it begins"))
            .with_hint("give the earlier day as --from, the later as --to"));
    }
    let today = crate::brief::today(clock).date();
    if to > today {
        return Err(Failure::bad_request(format!(
            "test until {to}: that lies in the future (today is {today})"
        ))
        .with_hint("give a day of the past as --to"));
    }
    Ok(())
}

/// Makes the briefs; the bar shows how far in the past it is.
async fn test(
    bench: BacktestBench,
    backtest: Backtest,
    past: &Arc<Past>,
    arguments: &BacktestArguments,
    bar: &ProgressBar,
) -> Result<BacktestReport, Failure> {
    let (from, to) = (arguments.from, arguments.to.date());
    bar.set_length(days(from, to).max(1));
    bar.set_position(0);
    let report = bench.run(backtest, Arc::clone(past), arguments.blind, |day| {
        bar.set_position(days(from, day.as_of.date()));
        bar.set_message(day.as_of.to_string());
    });
    Ok(report.await?)
}

fn days(from: Date, to: Date) -> u64 {
    from.until(to).ok().and_then(|span| u64::try_from(span.get_days()).ok()).unwrap_or(0)
}

fn options(arguments: &BacktestArguments) -> BriefOptions {
    BriefOptions {
        sources: arguments.places.options(Some(arguments.to)),
        panel: arguments.panel.clone(),
        models: arguments.models.clone(),
        procedure: procedure(&arguments.terms, &arguments.course),
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

/// The brief of each day.
fn request(arguments: &BacktestArguments, bench: &BacktestBench) -> BriefRequest {
    let mut request = BriefRequest::new(arguments.tickers.iter().cloned(), arguments.to);
    request.horizon_sessions = arguments.horizon;
    (request.rounds, request.rule) = (bench.rounds, bench.rule);
    request.budget = arguments.terms.budget;
    request.deadline = arguments.terms.deadline;
    request.seed = Seed::new(arguments.terms.seed);
    request.without = arguments.without.iter().copied().collect();
    request.concurrency = usize::from(arguments.concurrency);
    request
}

/// The closes as they are known at the end, to be drawn.
fn closes(past: &Past, tickers: &[Ticker]) -> Closes {
    let closes = |ticker: &Ticker| {
        let found = past.as_of(ticker, past.to())?;
        let series = PriceSeries::build(&found.items, &past.to());
        Some(series.bars().iter().map(|bar| (bar.bar.date, bar.adjusted_close)).collect())
    };
    tickers.iter().filter_map(|ticker| Some((ticker.clone(), closes(ticker)?))).collect()
}

/// What a test came to: 2 where the input let nothing be decided on any day, 4 where deadlines or budgets did.
fn outcome(report: &BacktestReport) -> Outcome {
    if report.has_decision() {
        return Outcome::Done;
    }
    without_decision(report.days.iter().flat_map(|day| &day.tickers).flat_map(|ticker| &ticker.shortfalls))
}

//! `assize portfolio`.

use std::{process::ExitCode, sync::Arc};

use assize_altdata::{AsOf, Ticker};
use assize_ambient::SystemClock;
use assize_pipeline::desk_document::{PortfolioReport, events_document};
use assize_portfolio::{Event, Record};
use assize_wiring::PortfolioFolder;
use serde_json::json;

use crate::{
    arguments::{EventsArguments, PortfolioCommand, ShowArguments},
    brief::today,
    exit::{Failure, Outcome},
    screen::{Screen, write_document},
};

/// The version of the form of `events --json`.
const EVENTS_FORMAT_VERSION: u32 = 1;

pub(crate) async fn run(command: PortfolioCommand, screen: &Screen) -> Result<ExitCode, Failure> {
    match command {
        PortfolioCommand::Show(arguments) => show(&arguments, screen).await,
        PortfolioCommand::Events(arguments) => events(&arguments, screen).await,
    }
}

async fn show(arguments: &ShowArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    let as_of = as_of(arguments.as_of);
    let folder = PortfolioFolder::existing(&arguments.folder)?;
    let history = folder.history().await?;
    let mut report = PortfolioReport::of(&history, &as_of).map_err(assize_wiring::Error::from)?;
    if let Some(prices) = &arguments.prices {
        let benchmark = arguments.benchmark.as_ref();
        let (cards, closes) = folder.reckon(prices, benchmark, as_of, Arc::new(SystemClock)).await?;
        report = report.with_scorecards(cards);
        if let Some(benchmark) = benchmark {
            report = report.beside(&history, &as_of, benchmark.as_str(), &closes);
        }
    }
    let json = report.to_json();
    screen.show(&report.to_short_document(), &json)?;
    if let Some(out) = &arguments.out {
        write_document(out, "portfolio", &report.to_document(), &json)?;
        screen.note(&format!("written: {}/portfolio.html, .md, .json", out.display()));
    }
    Ok(Outcome::Done.into())
}

async fn events(arguments: &EventsArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    let as_of = as_of(arguments.as_of);
    let folder = PortfolioFolder::existing(&arguments.folder)?;
    let history = folder.history().await?;
    let ticker = arguments.ticker.as_ref();
    let concerns = |record: &&Record| ticker.is_none_or(|ticker| concerns(&record.event, ticker));
    let records: Vec<&Record> = history.as_of(&as_of).iter().filter(concerns).collect();
    let json = json!({
        "format_version": EVENTS_FORMAT_VERSION,
        "as_of": as_of.to_string(),
        "ticker": ticker.map(Ticker::as_str),
        "events": records,
    });
    screen.show(&events_document(records.iter().copied(), &as_of, ticker), &json)?;
    Ok(Outcome::Done.into())
}

/// Whether something happened to a ticker, or was decided about it.
fn concerns(event: &Event, ticker: &Ticker) -> bool {
    match event {
        Event::Decided { decision, .. } => decision.covers.contains(ticker),
        Event::Split { ticker: whose, .. }
        | Event::Dividend { ticker: whose, .. }
        | Event::Filled { ticker: whose, .. }
        | Event::Carried { ticker: whose, .. }
        | Event::Expired { ticker: whose, .. } => whose == ticker,
        _ => false,
    }
}

fn as_of(asked: Option<AsOf>) -> AsOf {
    asked.unwrap_or_else(|| today(&SystemClock))
}

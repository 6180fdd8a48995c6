//! `assize score`.

mod given;
mod plain;
mod shown;

use std::{path::Path, process::ExitCode};

use assize_ambient::{Clock, SystemClock};
use assize_signals::{BatchOptions, Company, CredibilityTable, FinanceLexicon, ScoreDocument, score_batch};

use self::given::Given;
use crate::{
    arguments::ScoreArguments,
    exit::{Failure, Outcome},
    input,
    screen::Screen,
};

pub(crate) fn run(arguments: &ScoreArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    let options = options(arguments)?;
    let mut given = Given::default();
    for path in &arguments.files {
        given.read(path)?;
    }
    if given.pieces.is_empty() && given.chains.is_empty() {
        let names: Vec<String> = arguments.files.iter().map(|path| input::name(path)).collect();
        return Err(Failure::bad_request(format!("find a text or an option chain in {}", names.join(", ")))
            .with_hint("a JSON item needs a title or a text; `assize score --help` names the fields"));
    }
    let batch = score_batch(&given.pieces, &options).map_err(|e| Failure::bad_request(e.to_string()))?;
    let document = ScoreDocument::of(&given.pieces, &batch, &given.chains);
    let json =
        serde_json::to_value(&document).map_err(|e| Failure::outside(format!("write the result: {e}")))?;
    screen.show(&shown::page(&given.pieces, &batch, &given.chains), &json)?;
    for note in &given.notes {
        screen.note(&format!("note: {note}"));
    }
    Ok(Outcome::Done.into())
}

fn options(arguments: &ScoreArguments) -> Result<BatchOptions, Failure> {
    let now = arguments.as_of.map_or_else(|| SystemClock.now(), |as_of| as_of.moment());
    let mut options = BatchOptions::at(now);
    if let Some(ticker) = &arguments.ticker {
        let company = Company::new(ticker.as_str(), &arguments.names);
        options.company = Some(company.map_err(|e| {
            Failure::bad_request(e.to_string()).with_hint("such as --ticker KO --company \"Coca-Cola\"")
        })?);
    }
    if let Some(path) = &arguments.lexicon {
        let failed = |e: &dyn std::fmt::Display| table(path, "lexicon", e);
        let text = input::read(path)?;
        options.lexicon = FinanceLexicon::read(text.as_bytes()).map_err(|e| failed(&e))?;
    }
    if let Some(path) = &arguments.domains {
        let text = input::read(path)?;
        options.credibility =
            CredibilityTable::own().extended(&text).map_err(|e| table(path, "table of domains", &e))?;
    }
    Ok(options)
}

fn table(path: &Path, what: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::bad_request(format!("use the {what} {}: failed to {error}", input::name(path)))
}

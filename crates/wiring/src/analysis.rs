//! The analysis of a company: its sources, and the model that writes it.

use std::{sync::Arc, time::Duration};

use assize_altdata::{AsOf, FetchPolicy, Fetcher, GapReason, Identity, ItemKind, SourceKind, Ticker};
use assize_ambient::{Chance, Clock};
use assize_llm::{ChatRequest, ResponseFormat};
use assize_pipeline::{AnalysisModel, CompanyAnalysis};
use assize_sources::EdgarTickers;
use serde_json::{Value, json};

use crate::{AnswerOptions, Answers, Cache, Error, SourceOptions, answers::set_up_rehearsed, set_up_fetcher};

/// Looking for a company by its name takes no longer.
const LOOKING_UP: Duration = Duration::from_secs(30);

/// From what an analysis is made, and by whom.
#[derive(Debug, Clone)]
pub struct AnalysisOptions {
    /// Which sources are asked.
    pub sources: SourceOptions,
    /// The model that writes; without one there are rules.
    pub model: Option<AnswerOptions>,
}

/// An analysis that is ready, and what should be known of it.
#[derive(Debug)]
pub struct AnalysisDesk {
    /// What makes the analysis.
    pub analysis: CompanyAnalysis,
    /// The model with its books, if there is one.
    pub answers: Option<Answers>,
    /// Whether anything is asked over the network: elsewhere times mean nothing.
    pub is_live: bool,
    lookup: Fetcher,
    identities: Vec<Identity>,
}

/// Gets the sources and the model ready. Answers of the network are kept in `data`, those of the model in `replies`: the same question is
/// paid for once.
///
/// # Errors
/// As [`set_up_fetcher`] and [`set_up_answers`](crate::set_up_answers).
pub fn set_up_analysis(
    options: &AnalysisOptions,
    data: Option<&Cache>,
    replies: Option<&Cache>,
    clock: &Arc<dyn Clock>,
) -> Result<AnalysisDesk, Error> {
    let answers = match &options.model {
        Some(model) => Some(set_up_rehearsed(model, replies, clock, rehearsed)?),
        None => None,
    };
    let desk = set_up_fetcher(&options.sources.clone().enough_in_a_world(), data, clock)?;
    let model =
        answers.as_ref().map(|answers| AnalysisModel::new(Arc::clone(&answers.model), answers.price.clone()));
    Ok(AnalysisDesk {
        lookup: desk.fetcher.clone().asking_only(|source| source.meta().kind == SourceKind::Identity),
        analysis: CompanyAnalysis::new(desk.fetcher, model, Arc::clone(clock)),
        answers,
        is_live: desk.is_live,
        identities: options.sources.identities.clone(),
    })
}

impl AnalysisDesk {
    /// Which company is meant: by its ticker, which is taken as it is where it is written in capitals; else by what a source of
    /// identities has for a ticker or a name. The card is there where it had to be looked up, or was given. That takes no longer than
    /// `deadline`, if there is one.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) where it is neither: the message says what was found instead.
    /// [`Deadline`](crate::ErrorKind::Deadline) where that came before any answer did, and
    /// [`Outside`](crate::ErrorKind::Outside) where no answer came for long.
    pub async fn find(
        &self,
        company: &str,
        as_of: AsOf,
        deadline: Option<Duration>,
    ) -> Result<(Ticker, Option<Identity>), Error> {
        let as_ticker = company.parse::<Ticker>().ok();
        let given = |ticker: &Ticker| self.identities.iter().find(|card| card.ticker == *ticker).cloned();
        if let Some(ticker) = &as_ticker
            && (ticker.as_str() == company.trim() || given(ticker).is_some())
        {
            return Ok((ticker.clone(), given(ticker)));
        }
        let time = deadline.map_or(LOOKING_UP, |time| time.min(LOOKING_UP));
        match (self.look_up(company, as_of, time).await, as_ticker) {
            (Ok(card), _) => Ok((card.ticker.clone(), Some(card))),
            (Err(_), Some(ticker)) => Ok((ticker, None)),
            (Err((GapReason::TimedOut, why)), None) => {
                let message = format!("find the company {company:?}: {why}");
                let is_ours = deadline.is_some_and(|deadline| deadline <= LOOKING_UP);
                let error = if is_ours { Error::too_late(message) } else { Error::outside(message) };
                Err(error.with_hint("give it more time (--deadline), or give its ticker, such as KO"))
            }
            (Err((_, why)), None) => Err(Error::bad_request(format!("find the company {company:?}: {why}"))
                .with_hint("give its ticker, such as KO; or a name and a source of identities, such as --sources +edgar-tickers")),
        }
    }

    async fn look_up(
        &self,
        company: &str,
        as_of: AsOf,
        time: Duration,
    ) -> Result<Identity, (GapReason, String)> {
        let none = || (GapReason::NotFound, "no source says which company a name means".to_owned());
        let name: String = company.trim().chars().filter(|c| !c.is_control()).take(100).collect();
        let ticker: Ticker = EdgarTickers::BY_NAME.parse().map_err(|_| none())?;
        if self.lookup.sources().is_empty() || name.is_empty() {
            return Err(none());
        }
        let lookup = self.lookup.clone().with_identities([Identity::new(&ticker, name)]);
        let fetched = lookup.fetch(&[ticker], as_of, FetchPolicy::within(time)).await;
        let Some(found) = fetched.by_ticker.into_iter().next() else { return Err(none()) };
        let card = found.items.into_iter().find_map(|item| match item.kind {
            ItemKind::Identity(card) => Some(card),
            _ => None,
        });
        let why = || found.gaps.first().map_or_else(none, |gap| (gap.reason, gap.detail.clone()));
        card.ok_or_else(why)
    }
}

/// A rehearsal: a form that is filled in at random, citing what the prompt shows.
fn rehearsed(request: &ChatRequest, chance: &mut Chance) -> String {
    let ResponseFormat::JsonSchema(schema) = &request.format else { return "{}".to_owned() };
    let cells = schema.pointer("/properties/cells/required").and_then(Value::as_array);
    let shown = request.messages.first().map(|message| &*message.text).unwrap_or_default();
    let ids: Vec<&str> = ids_in(shown).collect();
    let point = |chance: &mut Chance| {
        let cites: Vec<&str> =
            (0..2).filter_map(|_| ids.get(chance.below(ids.len().max(1))).copied()).collect();
        json!({ "text": "a simulated point: nobody was asked", "cites": cites })
    };
    let filled: serde_json::Map<String, Value> = cells
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|cell| (cell.to_owned(), json!([point(chance), point(chance)])))
        .collect();
    json!({ "summary": "A simulated answer: nobody was asked.", "cells": filled }).to_string()
}

/// The ids in brackets with which lines begin.
fn ids_in(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.strip_prefix('[')?.split(']').next()).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use assize_ambient::{Seed, SystemClock};

    use super::*;
    use crate::DataPlace;

    fn desk(sources: SourceOptions) -> AnalysisDesk {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        set_up_analysis(&AnalysisOptions { sources, model: None }, None, None, &clock).unwrap()
    }

    /// A world's companies bear the symbols of real ones and other names.
    #[tokio::test(start_paused = true)]
    async fn companies_are_found_by_ticker_and_by_name() {
        let as_of: AsOf = "2026-03-06".parse().unwrap();
        let data = Some(DataPlace::World(42));
        let desk = desk(SourceOptions { data, as_of: Some(as_of), ..SourceOptions::default() });
        let (ticker, card) = desk.find("KO", as_of, None).await.unwrap();
        assert_eq!((ticker.as_str(), card), ("KO", None), "what is written in capitals is taken as it is");
        let (ticker, card) = desk.find("ko", as_of, None).await.unwrap();
        let card = card.expect("it was looked up");
        assert_eq!(ticker.as_str(), "KO");
        let (unasked, none) = desk.find("ko", as_of, Some(Duration::ZERO)).await.unwrap();
        assert_eq!((unasked, none), (ticker.clone(), None), "there was no time to look it up");
        let (by_name, again) = desk.find(&card.name, as_of, None).await.unwrap();
        assert_eq!((by_name, again), (ticker, Some(card)));
        let error = desk.find("no such company anywhere", as_of, Some(Duration::ZERO)).await.unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Deadline, "nobody could answer in no time: {error}");
        let error = desk.find("no such company anywhere", as_of, None).await.unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::BadRequest);
        assert!(error.to_string().contains("no such company anywhere") && error.hint().is_some(), "{error}");
    }

    #[test]
    fn a_rehearsal_fills_in_what_is_asked() {
        let schema = json!({ "properties": { "cells": { "required": ["strengths", "threats"] } } });
        let request = ChatRequest::new("x\n[fin.net-margin] much\n[ev-0123456789ab][ev-2] told\n")
            .with_format(ResponseFormat::JsonSchema(Arc::new(schema)));
        let mut chance = Seed::new(7).rng();
        let answer: Value = serde_json::from_str(&rehearsed(&request, &mut chance)).unwrap();
        assert_eq!(answer["cells"]["threats"].as_array().map(Vec::len), Some(2));
        let cited = answer["cells"]["strengths"][0]["cites"][0].as_str().unwrap();
        assert!(["fin.net-margin", "ev-0123456789ab"].contains(&cited), "{cited}");
    }
}

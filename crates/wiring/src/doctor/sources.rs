//! Whether each source reads its own known answer. Nobody is asked.

use std::sync::Arc;

use assize_altdata::{AsOf, Identity, Outcome, Query, Ticker};
use assize_ambient::Timestamp;
use assize_signals::{
    FinanceLexicon, TextScores,
    category::{Article, Classifier},
};
use assize_transport::{Headers, RawResponse, Request};

use super::known_answers::{AS_OF, CIK, KNOWN_ANSWERS, KnownAnswer, NAME, TICKER};
use super::{expect, text};
use crate::{
    Keys,
    sources::{Entry, entries_with_stand_ins},
};

/// Each source of the catalogue plans its request and decodes the answer to it.
pub(super) fn sources() -> Result<String, String> {
    let entries = entries_with_stand_ins(&Keys::default()).map_err(text)?;
    let query = known_query()?;
    let mut items = 0;
    for entry in &entries {
        let id = entry.source.meta().id.clone();
        let known = KNOWN_ANSWERS.iter().find(|known| known.source == id.as_str());
        let known = known.ok_or_else(|| format!("{id} has no known answer"))?;
        let found = decoded(entry, &query, known).map_err(|why| format!("{id} {why}"))?;
        if found != known.items {
            return Err(format!("{id} reads {found} items of its known answer, which holds {}", known.items));
        }
        items += found;
    }
    Ok(format!("{} sources read {items} items", entries.len()))
}

/// Asks for the company of the known answers.
pub(crate) fn known_query() -> Result<Query, String> {
    let ticker: Ticker = TICKER.parse().map_err(text)?;
    let as_of: AsOf = AS_OF.parse().map_err(text)?;
    Ok(Query::new(&ticker, as_of).with_identity(Arc::new(Identity::new(&ticker, NAME).with_cik(CIK))))
}

/// The request to which `known` is the answer.
pub(crate) fn request(entry: &Entry, query: &Query, known: &KnownAnswer) -> Result<Request, String> {
    let plan = entry.source.plan(query).map_err(|gap| format!("asks for nothing: {gap}"))?;
    let found = plan.into_iter().rev().find(|request| request.url().as_str().ends_with(known.at));
    found.ok_or_else(|| "asks for something else".to_owned())
}

fn decoded(entry: &Entry, query: &Query, known: &KnownAnswer) -> Result<usize, String> {
    let request = request(entry, query, known)?;
    let response = RawResponse::new(&request, 200, Headers::default(), known.body, Timestamp::UNIX_EPOCH);
    match entry.source.decode(query, &response) {
        Outcome::Items { items, .. } => Ok(items.len()),
        other => Err(format!("takes its known answer for {other:?}")),
    }
}

/// A known text has its known sentiment, tone and class.
pub(super) fn signals() -> Result<String, String> {
    let headline = "Acme beats estimates as profits soar";
    let scores = TextScores::of("VADER is smart, handsome, and funny.", FinanceLexicon::own());
    let compound = scores.sentiment.rounded().compound;
    let class = Classifier::embedded().classify(&Article::titled(headline)).primary();
    let tone = TextScores::of(headline, FinanceLexicon::own()).tone.balance().unwrap_or_default();
    // The figure of the first example of VADER's own page.
    let is_known = (compound - 0.8316).abs() < 1e-9 && class.name() == "earnings" && tone > 0.0;
    expect(is_known, format!("compound {compound}, tone {tone:+.2}, a headline about {class}"))
}

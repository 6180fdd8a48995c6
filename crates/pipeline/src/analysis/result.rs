//! What an analysis says: identical for identical input.

use std::collections::BTreeSet;

use assize_altdata::{AsOf, Ticker};
use assize_debate::EvidenceId;
use assize_metering::Usd;
use serde::Serialize;

use super::{Exhibit, Financial, Framework, Market, Measure, Research};
use crate::{FindingNote, Shortfall, Status};

/// The version of the analysis's JSON form.
pub const ANALYSIS_FORMAT_VERSION: u32 = 1;

/// What a stage found, and what is missing of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Found<T> {
    /// How much of it is there.
    pub status: Status,
    /// What was found.
    pub found: Option<T>,
    /// What is missing.
    pub shortfalls: Vec<Shortfall>,
}

impl<T> Found<T> {
    pub(super) fn of(found: Option<T>, shortfalls: Vec<Shortfall>) -> Self {
        let status = match (&found, shortfalls.is_empty()) {
            (None, _) => Status::Missing,
            (Some(_), false) => Status::Degraded,
            (Some(_), true) => Status::Full,
        };
        Self { status, found, shortfalls }
    }
}

/// What is known of the company.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Known {
    /// What it is, and what is said of it.
    pub research: Found<Research>,
    /// What the market makes of it.
    pub market: Found<Market>,
    /// What its statements say.
    pub financial: Found<Financial>,
}

impl Known {
    /// All figures that were worked out.
    pub fn measures(&self) -> impl Iterator<Item = &Measure> {
        let financial = self.financial.found.iter().flat_map(|found| &found.measures);
        let market = self.market.found.iter().flat_map(|found| found.measures.iter().chain(&found.economy));
        let research = self.research.found.iter().flat_map(|found| &found.measures);
        financial.chain(market).chain(research)
    }

    /// The figure of this id.
    #[must_use]
    pub fn measure(&self, id: &str) -> Option<&Measure> {
        self.measures().find(|measure| measure.id.as_str() == id)
    }

    /// All evidence that anything in it rests on.
    pub(super) fn cites(&self) -> BTreeSet<EvidenceId> {
        let mut cites: BTreeSet<EvidenceId> =
            self.measures().flat_map(|measure| measure.rests_on.iter().cloned()).collect();
        if let Some(research) = &self.research.found {
            cites.extend(research.filings.iter().map(|filing| filing.id.clone()));
            cites.extend(research.stories.iter().flat_map(|story| story.cites.iter().cloned()));
            cites.extend(research.categories.iter().flat_map(|note| note.cites.iter().cloned()));
        }
        if let Some(financial) = &self.financial.found {
            cites.extend(financial.piotroski.tests.iter().flat_map(|test| test.rests_on.iter().cloned()));
        }
        cites
    }
}

/// The analysis of a company.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Analysis {
    /// The version of this form.
    pub format_version: u32,
    /// Whose.
    #[serde(serialize_with = "crate::as_text::as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub ticker: Ticker,
    /// By when everything in it was known.
    #[serde(serialize_with = "crate::as_text::as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: AsOf,
    /// The model that was asked, if any.
    pub model: Option<String>,
    /// What is known.
    pub known: Known,
    /// The frameworks, in the order of the request.
    pub frameworks: Vec<Framework>,
    /// What they come to.
    pub synthesis: Framework,
    /// The evidence that is cited, by its ids.
    pub exhibits: Vec<Exhibit>,
    /// What was wrong with the data.
    pub findings: Vec<FindingNote>,
    /// What the calls of the model cost by the price list; see [`CallNote::cost`](super::CallNote).
    #[cfg_attr(feature = "schema", schemars(with = "assize_debate::schema::Usd"))]
    pub cost: Usd,
    /// Of the points that a model wrote, how many cite something that is there.
    pub supported_points: usize,
    /// And how many it wrote in all.
    pub model_points: usize,
}

impl Analysis {
    /// Whether anything is known of the company.
    #[must_use]
    pub fn has_anything(&self) -> bool {
        let Known { research, market, financial } = &self.known;
        research.found.is_some() || market.found.is_some() || financial.found.is_some()
    }

    /// All that is missing, part by part.
    pub fn shortfalls(&self) -> impl Iterator<Item = &Shortfall> {
        let Known { research, market, financial } = &self.known;
        let known = research.shortfalls.iter().chain(&market.shortfalls).chain(&financial.shortfalls);
        let frameworks = self.frameworks.iter().chain([&self.synthesis]);
        known.chain(frameworks.flat_map(|framework| &framework.shortfalls))
    }

    /// The analysis as JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

//! What a company reported, from its tagged financial statements.

mod concepts;
mod wanted;

use std::collections::BTreeSet;
use std::time::Duration;

use assize_altdata::{
    CompanyFact, Disposition, Finding, FindingKind, Gap, Item, ItemKind, Known, Outcome, Query, Source,
    SourceId, SourceKind, SourceMeta,
};
use assize_transport::{RawResponse, Request};
use jiff::ToSpan;
use jiff::civil::Date;

use super::acceptance;
use super::{EdgarContact, site};
use crate::{address::Address, answer};
use wanted::{Answer, MOST_ROWS, Row};

const HOUR: Duration = Duration::from_secs(3_600);

/// Figures that a company reported: those of [`CONCEPTS`](EdgarFacts::CONCEPTS).
///
/// Format: <https://www.sec.gov/search-filings/edgar-application-programming-interfaces>, one file of up to 10 MB for each
/// company, read in passing: what is not wanted is never built. A filing repeats the periods before its own, and an
/// amendment reports one again; each stays apart with the number of its filing, and each was known by the end of the day on
/// which that was filed. Who wants to know what was known at a moment takes the newest of a period among those.
#[derive(Clone, Debug)]
pub struct EdgarFacts {
    meta: SourceMeta,
    contact: Option<EdgarContact>,
    years_back: i32,
}

impl EdgarFacts {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("edgar-facts");
    /// How many years before the moment asked for are read unless told otherwise.
    pub const YEARS_BACK: u8 = 10;
    /// What is read, by taxonomy and name. Several may stand for one figure, since companies choose among synonyms and
    /// change their choice: the first that a company uses for a period is the usual one.
    pub const CONCEPTS: &'static [(&'static str, &'static str)] = concepts::CONCEPTS;

    /// The source, asked in the name of `contact`.
    #[must_use]
    pub fn new(contact: Option<EdgarContact>) -> Self {
        let mut meta = site::meta(Self::ID, SourceKind::Facts, contact.as_ref());
        meta.ttl = 6 * HOUR;
        // Foreign companies report once a year, and months after its end.
        meta.stale_after = Some(400 * 24 * HOUR);
        Self { meta, contact, years_back: Self::YEARS_BACK.into() }
    }

    /// The same that reads periods that ended in so many years before the moment asked for.
    #[must_use]
    pub fn looking_back(mut self, years: u8) -> Self {
        self.years_back = years.into();
        self
    }
}

impl Source for EdgarFacts {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn needs_identity(&self) -> bool {
        true
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let cik = site::cik(query, &Self::ID)?;
        let address = Address::new("https://data.sec.gov/api/xbrl/companyfacts");
        let address = address.part(&format!("CIK{cik:010}.json"));
        Ok(vec![site::get(address, self.contact.as_ref(), query, &Self::ID)?])
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        let company: Answer<'_> = match site::json(response) {
            Ok(company) => company,
            Err(outcome) => return outcome,
        };
        let wanted = match site::cik(query, &Self::ID) {
            Ok(wanted) => wanted,
            Err(gap) => return Outcome::OtherCompany(gap.detail),
        };
        if company.cik.0 != wanted {
            let name = answer::plain(company.name.as_ref().map_or("", |name| &name.0), 80);
            return Outcome::OtherCompany(format!("{name} (CIK {}), not CIK {wanted}", company.cik.0));
        }
        let first = query.as_of().date().saturating_sub(self.years_back.years());
        let (mut items, mut findings, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for row in &company.facts.rows {
            match fact(row) {
                Ok(fact) if fact.end < first => {}
                Ok(fact) => {
                    let known = acceptance::during(fact.filed_on);
                    let (ticker, url) = (query.ticker(), response.url());
                    let kind = ItemKind::Fact(fact);
                    let item = Item::new(ticker, kind, &Self::ID, url, known, response.fetched_at());
                    if seen.insert(item.id) {
                        items.push(item);
                    }
                }
                Err((known, kind, text)) => {
                    let finding = Finding::undated(None, kind, Disposition::Dropped, text);
                    let known_from = known.map(acceptance::during);
                    findings.push(Finding { known_from, ..finding.at_url(response.url()) });
                }
            }
        }
        if company.facts.is_cut {
            let text = format!("figures beyond the first {MOST_ROWS} are not read");
            let finding = Finding::undated(None, FindingKind::More, Disposition::Dropped, text);
            findings.push(finding.at_url(response.url()));
        }
        if items.is_empty() && findings.is_empty() {
            return Outcome::Empty;
        }
        items.sort_by_key(Known::known_by);
        Outcome::Items { items, findings }
    }
}

/// A row as a figure; else the day on which its filing showed that something is wrong, what, and where.
fn fact(row: &Row<'_>) -> Result<CompanyFact, (Option<Date>, FindingKind, String)> {
    let (taxonomy, name) = concepts::CONCEPTS[row.concept];
    let given = &row.fact;
    let filed_on: Option<Date> = given.filed.0.parse().ok();
    let wrong = |kind, what: &str, text: &str| {
        Err((filed_on, kind, format!("{taxonomy}:{name}: {what} is `{}`", answer::plain(text, 40))))
    };
    let Some(filed_on) = filed_on else {
        return wrong(FindingKind::UnreadableDate, "the day of filing", &given.filed.0);
    };
    let Ok(end) = given.end.0.parse() else {
        return wrong(FindingKind::UnreadableDate, "the end of the period", &given.end.0);
    };
    let start = match &given.start {
        None => None,
        Some(start) => match start.0.parse() {
            Ok(start) => Some(start),
            Err(_) => return wrong(FindingKind::UnreadableDate, "the start of the period", &start.0),
        },
    };
    let Some(value) = given.val.filter(|value| value.is_finite()) else {
        return wrong(FindingKind::UnreadableNumber, "the figure", "null");
    };
    if !site::is_accession(&given.accn.0) {
        return wrong(FindingKind::RaggedRow, "the number of the filing", &given.accn.0);
    }
    Ok(CompanyFact {
        concept: format!("{taxonomy}:{name}"),
        unit: answer::plain(&row.unit, 24),
        start,
        end,
        value,
        fiscal_year: given.fy.and_then(|year| i16::try_from(year).ok()),
        fiscal_period: answer::plain(given.fp.as_ref().map_or("", |text| &text.0), 8),
        form: answer::plain(&given.form.0, 40),
        filed_on,
        accession: given.accn.0.clone().into_owned(),
    })
}

#[cfg(test)]
mod tests;

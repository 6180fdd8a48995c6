//! What a company filed, and what its insiders said they did with its shares.

use std::time::Duration;

use assize_altdata::{ANSWERS_KEPT, Gap, Outcome, Query, Source, SourceId, SourceKind, SourceMeta, new_york};
use assize_transport::{RawResponse, Request};
use jiff::ToSpan;
use jiff::civil::Date;

use super::index::{Listed, Page, Rows, Submissions};
use super::{EdgarContact, form4_text, site};
use crate::address::Address;

const HOUR: Duration = Duration::from_secs(3_600);
/// The most older pages that are asked for.
const MOST_PAGES: usize = 4;

/// A company's filings, and the trades in its newest Forms 4.
///
/// Formats: <https://www.sec.gov/search-filings/edgar-application-programming-interfaces> (the index),
/// <https://www.sec.gov/info/edgar/ownershipxmltechspec.htm> (Form 4). The index names the documents, so that both come
/// from one source: [`plan`](Source::plan) asks for the index, [`follow`](Source::follow) for older pages of it and for the
/// newest Forms 4 that were known at the moment asked for.
///
/// A Form 4 is asked for as the complete submission (`….txt`), not as its XML alone: its header holds the moment of
/// acceptance in Eastern time, so that what an insider did is dated exactly, out of one answer, even where the index's
/// times are in doubt.
///
/// Letters to and from the regulator and drafts are left out: they are made public later than they are accepted, and
/// nothing tells when.
#[derive(Clone, Debug)]
pub struct EdgarFilings {
    meta: SourceMeta,
    contact: Option<EdgarContact>,
    insider_filings: usize,
    days_back: i32,
}

impl EdgarFilings {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("edgar-filings");
    /// How many Forms 4 are read for each page of the index unless told otherwise.
    pub const INSIDER_FILINGS: usize = 5;
    /// How many days before the moment asked for the filings must reach unless told otherwise.
    pub const DAYS_BACK: u16 = 400;

    /// The source, asked in the name of `contact`.
    #[must_use]
    pub fn new(contact: Option<EdgarContact>) -> Self {
        let mut meta = site::meta(Self::ID, SourceKind::Filings, contact.as_ref());
        meta.ttl = HOUR / 12;
        meta.stale_after = Some(130 * 24 * HOUR);
        Self { meta, contact, insider_filings: Self::INSIDER_FILINGS, days_back: Self::DAYS_BACK.into() }
    }

    /// The same that reads so many of the newest Forms 4 of each page of the index; none for 0.
    #[must_use]
    pub fn with_insider_filings(mut self, most: usize) -> Self {
        self.insider_filings = most;
        self
    }

    /// The same that asks for older pages of the index as far as they reach into so many days before the moment asked for.
    #[must_use]
    pub fn looking_back(mut self, days: u16) -> Self {
        self.days_back = days.into();
        self
    }

    fn get(&self, query: &Query, address: Address) -> Option<Request> {
        site::get(address, self.contact.as_ref(), query, &Self::ID).ok()
    }

    /// The older pages that reach into the days asked for.
    fn pages(&self, query: &Query, cik: u64, pages: &[Page<'_>]) -> Vec<Request> {
        let last = query.as_of().date();
        let first = last.saturating_sub(self.days_back.days());
        let first = query.wanted_since().map_or(first, |since| first.max(new_york::date(since)));
        let reaches = |page: &Page<'_>| {
            page.from.is_none_or(|from| from <= last) && page.to.is_none_or(|to: Date| to >= first)
        };
        let own = pages.iter().filter(|page| is_page_of(&page.name, cik) && reaches(page));
        let address = |page: &Page<'_>| Address::new("https://data.sec.gov/submissions").part(&page.name);
        own.take(MOST_PAGES).filter_map(|page| self.get(query, address(page))).collect()
    }

    /// The newest Forms 4 of these that were known at the moment asked for.
    fn forms(&self, query: &Query, cik: u64, listed: &Listed) -> Vec<Request> {
        let as_of = query.as_of();
        let wanted =
            |latest| latest <= as_of.moment() && query.wanted_since().is_none_or(|since| latest >= since);
        let forms =
            listed.filings.iter().rev().filter(|(filing, shown, _)| {
                matches!(filing.form.as_str(), "4" | "4/A") && wanted(shown.latest)
            });
        let address = |accession: &str| {
            Address::new("https://www.sec.gov/Archives/edgar/data")
                .part(&cik.to_string())
                .part(&accession.replace('-', ""))
                .part(&format!("{accession}.txt"))
        };
        let forms = forms.take(self.insider_filings);
        forms.filter_map(|(filing, ..)| self.get(query, address(&filing.accession))).collect()
    }

    /// Reads an index or one of its older pages, whichever the answer is.
    fn index(&self, query: &Query, response: &RawResponse) -> Result<(Listed, Vec<Request>), Outcome> {
        let cik = site::cik(query, &Self::ID).map_err(|gap| Outcome::OtherCompany(gap.detail))?;
        if is_page_of(site::file_name(response.url()), cik) {
            let rows: Rows<'_> = site::json(response)?;
            return Ok((rows.read("")?, Vec::new()));
        }
        let answer: Submissions<'_> = site::json(response)?;
        if let Some(card) = query.identity() {
            answer.check(card, cik)?;
        }
        let listed = answer.filings.recent.read("filings.recent.")?.of_industry(answer.industry());
        Ok((listed, self.pages(query, cik, &answer.filings.files)))
    }
}

/// Whether it is the name of an older page of this company: `CIK0001318605-submissions-001.json`.
fn is_page_of(name: &str, cik: u64) -> bool {
    let number = name
        .strip_prefix(&format!("CIK{cik:010}-submissions-"))
        .and_then(|rest| rest.strip_suffix(".json"))
        .unwrap_or_default();
    number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_submission(response: &RawResponse) -> bool {
    site::file_name(response.url()).ends_with(".txt")
}

impl Source for EdgarFilings {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn needs_identity(&self) -> bool {
        true
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let cik = site::cik(query, &Self::ID)?;
        let address = Address::new("https://data.sec.gov/submissions").part(&format!("CIK{cik:010}.json"));
        let request = site::get(address, self.contact.as_ref(), query, &Self::ID)?;
        Ok(vec![request])
    }

    /// What was filed stays as it is; only the index of it changes.
    fn fresh_for(&self, request: &Request) -> Duration {
        let is_filed = request.url().as_str().starts_with("https://www.sec.gov/Archives/edgar/data/");
        if is_filed { ANSWERS_KEPT } else { self.meta.ttl }
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        if is_submission(response) {
            return form4_text::decode(query, &Self::ID, response);
        }
        match self.index(query, response) {
            Ok((listed, _)) => listed.items(query, &Self::ID, response),
            Err(outcome) => outcome,
        }
    }

    fn follow(&self, query: &Query, response: &RawResponse) -> Vec<Request> {
        let Ok(cik) = site::cik(query, &Self::ID) else { return Vec::new() };
        if is_submission(response) {
            return Vec::new();
        }
        let Ok((listed, mut requests)) = self.index(query, response) else { return Vec::new() };
        requests.extend(self.forms(query, cik, &listed));
        requests
    }
}

#[cfg(test)]
mod tests;

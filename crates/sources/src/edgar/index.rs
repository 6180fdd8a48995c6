//! The index of a filer's documents: parallel arrays, the newest first.

use std::borrow::Cow;
use std::collections::BTreeSet;

use assize_altdata::{
    Availability, Disposition, Filing, Finding, FindingKind, Identity, Item, ItemKind, Known, Outcome, Query,
    SourceId,
};
use assize_transport::RawResponse;
use jiff::civil::Date;
use serde::Deserialize;

use super::acceptance::{self, Evidence, Reading, Stamp};
use super::site::{Cik, Text, is_accession, same_ticker};
use crate::answer;

/// The most rows that are read of one answer; the site gives about 1,000, and some more in older pages.
const MOST_ROWS: usize = 10_000;
/// The most items of an 8-K.
const MOST_ITEMS: usize = 20;

/// Letters between the regulator and the filer, and drafts: accepted on one day, made public on another that nothing tells.
const PUBLIC_LATER: [&str; 9] =
    ["CORRESP", "UPLOAD", "LETTER", "DRS", "DRS/A", "DRSLTR", "DOS", "DOS/A", "DOSLTR"];

/// The answer about a filer.
#[derive(Deserialize)]
pub(super) struct Submissions<'a> {
    cik: Cik,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    tickers: Vec<Option<Text<'a>>>,
    /// The industry that it is counted to.
    #[serde(borrow, default)]
    sic: Option<Text<'a>>,
    #[serde(borrow, default, rename = "formerNames")]
    former_names: Vec<FormerName<'a>>,
    #[serde(borrow)]
    pub(super) filings: Filings<'a>,
}

#[derive(Deserialize)]
struct FormerName<'a> {
    #[serde(borrow, default)]
    name: Option<Text<'a>>,
}

/// Its filings: the newest here, the others in pages of their own.
#[derive(Deserialize)]
pub(super) struct Filings<'a> {
    #[serde(borrow)]
    pub(super) recent: Rows<'a>,
    #[serde(borrow, default)]
    pub(super) files: Vec<Page<'a>>,
}

/// An older page.
#[derive(Deserialize)]
pub(super) struct Page<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(rename = "filingFrom")]
    pub(super) from: Option<Date>,
    #[serde(rename = "filingTo")]
    pub(super) to: Option<Date>,
}

type Column<'a> = Vec<Option<Text<'a>>>;

/// The columns, of one length. Those that may be missing are empty then.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rows<'a> {
    #[serde(borrow)]
    accession_number: Column<'a>,
    #[serde(borrow)]
    filing_date: Column<'a>,
    #[serde(borrow, default)]
    report_date: Column<'a>,
    #[serde(borrow)]
    acceptance_date_time: Column<'a>,
    #[serde(borrow)]
    form: Column<'a>,
    #[serde(borrow, default)]
    items: Column<'a>,
    #[serde(borrow, default)]
    primary_document: Column<'a>,
    #[serde(borrow, default)]
    primary_doc_description: Column<'a>,
}

impl Submissions<'_> {
    /// The code of the industry that it is counted to; `None` where there is none, or none that is a code.
    pub(super) fn industry(&self) -> Option<u16> {
        self.sic.as_ref()?.0.trim().parse().ok().filter(|sic| (1..=9999).contains(sic))
    }

    /// Whether it is about the company that is meant: its number, and its ticker or one of its names.
    pub(super) fn check(&self, card: &Identity, cik: u64) -> Result<(), Outcome> {
        let has_ticker =
            self.tickers.iter().flatten().any(|ticker| same_ticker(&ticker.0, card.ticker.as_str()));
        let former = self.former_names.iter().filter_map(|former| former.name.as_ref());
        let mut names = std::iter::once(&*self.name).chain(former.map(|name| &*name.0));
        if self.cik.0 == cik && (has_ticker || names.any(|name| card.is_named(name))) {
            return Ok(());
        }
        Err(Outcome::OtherCompany(format!(
            "{} (CIK {}), not {} (CIK {cik})",
            answer::plain(&self.name, 80),
            self.cik.0,
            answer::plain(&card.name, 80)
        )))
    }
}

/// The filings of a page, and what was wrong with some rows.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) filings: Vec<(Filing, Availability, Option<Availability>)>,
    findings: Vec<Finding>,
}

impl Rows<'_> {
    /// Reads the rows; `place` is where the columns stand.
    ///
    /// # Errors
    /// [`Outcome::Drift`] if columns are of different lengths.
    pub(super) fn read(&self, place: &str) -> Result<Listed, Outcome> {
        let n = self.accession_number.len();
        let columns: [(&str, &Column<'_>, bool); 7] = [
            ("filingDate", &self.filing_date, true),
            ("acceptanceDateTime", &self.acceptance_date_time, true),
            ("form", &self.form, true),
            ("reportDate", &self.report_date, false),
            ("items", &self.items, false),
            ("primaryDocument", &self.primary_document, false),
            ("primaryDocDescription", &self.primary_doc_description, false),
        ];
        for (name, column, is_needed) in columns {
            if column.len() != n && (is_needed || !column.is_empty()) {
                let found = column.len();
                return Err(Outcome::Drift(format!(
                    "at `{place}{name}`: {found} values beside {n} accession numbers"
                )));
            }
        }
        let mut listed = Listed::default();
        let mut rows = Vec::new();
        let mut seen = BTreeSet::new();
        for row in 0..n.min(MOST_ROWS) {
            match self.row(row) {
                Ok((filing, stamp)) if seen.insert((filing.accession.clone(), filing.form.clone())) => {
                    rows.push((filing, stamp));
                }
                Ok((filing, _)) => {
                    let text = format!("{} again", filing.accession);
                    let finding = Finding::undated(None, FindingKind::Duplicate, Disposition::Dropped, text);
                    listed.findings.push(finding);
                }
                Err((kind, text)) => {
                    listed.findings.push(Finding::undated(None, kind, Disposition::Dropped, text));
                }
            }
        }
        if n > MOST_ROWS {
            let text = format!("{} further rows are not read", n - MOST_ROWS);
            listed.findings.push(Finding::undated(None, FindingKind::More, Disposition::Dropped, text));
        }
        listed.date(rows);
        Ok(listed)
    }

    fn row(&self, n: usize) -> Result<(Filing, Option<Stamp>), (FindingKind, String)> {
        let text = |column: &Column<'_>, most| {
            let text = column.get(n).and_then(Option::as_ref).map_or("", |text| &*text.0);
            answer::plain(text, most)
        };
        let accession = text(&self.accession_number, 30);
        if !is_accession(&accession) {
            return Err((FindingKind::RaggedRow, format!("`{accession}` is no accession number")));
        }
        let form = text(&self.form, 40);
        if form.is_empty() {
            return Err((FindingKind::RaggedRow, format!("{accession} is of no form")));
        }
        let filed_on = text(&self.filing_date, 20);
        let Ok(filed_on) = filed_on.parse::<Date>() else {
            let text = format!("{accession} was filed on `{filed_on}`");
            return Err((FindingKind::UnreadableDate, text));
        };
        let items = text(&self.items, 400);
        let items = items.split(',').map(str::trim).filter(|item| !item.is_empty()).take(MOST_ITEMS);
        let items = items.map(|item| answer::plain(item, 12)).collect();
        let filing = Filing {
            form,
            filed_on,
            period: text(&self.report_date, 20).parse().ok(),
            items,
            description: text(&self.primary_doc_description, 200),
            document: text(&self.primary_document, 200),
            accession,
            sic: None,
        };
        Ok((filing, Stamp::read(&text(&self.acceptance_date_time, 40))))
    }
}

impl Listed {
    /// The same, filed by a company of this industry.
    pub(super) fn of_industry(mut self, sic: Option<u16>) -> Self {
        self.filings.iter_mut().for_each(|(filing, ..)| filing.sic = sic);
        self
    }

    /// Dates the rows by their own clock.
    fn date(&mut self, rows: Vec<(Filing, Option<Stamp>)>) {
        let stamped = rows.iter().filter_map(|(filing, stamp)| {
            stamp.map(|stamp| Evidence { stamp, form: &filing.form, filed_on: filing.filed_on })
        });
        let mut clocks = acceptance::judge(&stamped.collect::<Vec<_>>()).into_iter();
        for (filing, stamp) in rows {
            // One for each stamp.
            let clock = stamp.and_then(|_| clocks.next()).unwrap_or(Reading::Unproved);
            if PUBLIC_LATER.contains(&filing.form.as_str()) {
                continue;
            }
            let accepted = stamp.map(|stamp| acceptance::accepted(stamp, clock));
            let shown = match &accepted {
                Some(accepted) => acceptance::shown(accepted.clone(), filing.filed_on),
                None => acceptance::during(filing.filed_on),
            };
            self.filings.push((filing, shown, accepted));
        }
        self.filings.sort_by_key(|(_, shown, _)| shown.latest);
    }

    /// The rows as items for the query.
    pub(super) fn items(self, query: &Query, id: &SourceId, response: &RawResponse) -> Outcome {
        if self.filings.is_empty() && self.findings.is_empty() {
            return Outcome::Empty;
        }
        let (ticker, url) = (query.ticker(), response.url());
        let item = |(filing, shown, accepted): (Filing, Availability, Option<Availability>)| {
            let kind = ItemKind::Filing(filing);
            let item = Item::new(ticker, kind, id, url, shown, response.fetched_at());
            match accepted.filter(|accepted| accepted.earliest == accepted.latest) {
                Some(accepted) => item.published(accepted.latest),
                None => item,
            }
        };
        let mut items: Vec<Item> = self.filings.into_iter().map(item).collect();
        items.sort_by_key(Known::known_by);
        let findings = self.findings.into_iter().map(|finding| finding.at_url(url)).collect();
        Outcome::Items { items, findings }
    }
}

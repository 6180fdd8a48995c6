//! The newest insider filings of all companies, as a feed.

use std::collections::BTreeSet;
use std::time::Duration;

use assize_altdata::{
    Availability, Disposition, Filing, Finding, FindingKind, Gap, Item, ItemKind, Known, Outcome, Query,
    Source, SourceId, SourceKind, SourceMeta, new_york,
};
use assize_transport::{RawResponse, Request};
use jiff::Timestamp;

use super::site::{self, Cik};
use super::{EdgarContact, feed};
use crate::{address::Address, answer};

/// The newest Forms 4 of all companies, out of which those of the company asked about are taken: minutes after they are
/// filed, where the [index](crate::EdgarFilings) may be later. Switched off unless chosen.
///
/// Format: <https://www.sec.gov/about/rss-feeds>, an Atom feed in ISO-8859-1, the same request for every ticker. Each form
/// stands in it twice, as the issuer's and as the reporting person's; the issuer's counts. `updated` carries its offset and
/// is exact. It tells of the present alone: asked about an earlier moment, all of it is later.
#[derive(Clone, Debug)]
pub struct EdgarCurrent {
    meta: SourceMeta,
    contact: Option<EdgarContact>,
}

impl EdgarCurrent {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("edgar-current");

    /// The source, asked in the name of `contact`.
    #[must_use]
    pub fn new(contact: Option<EdgarContact>) -> Self {
        let mut meta = site::meta(Self::ID, SourceKind::Insiders, contact.as_ref());
        meta.ttl = Duration::from_secs(60);
        meta.default_on = false;
        Self { meta, contact }
    }
}

impl Source for EdgarCurrent {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn needs_identity(&self) -> bool {
        true
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        site::cik(query, &Self::ID)?;
        let address = Address::new("https://www.sec.gov/cgi-bin/browse-edgar")
            .parameter("action", "getcurrent")
            .parameter("count", "100")
            .parameter("start", "0")
            .parameter("type", "4")
            .parameter("owner", "include")
            .parameter("output", "atom");
        Ok(vec![site::get(address, self.contact.as_ref(), query, &Self::ID)?])
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        if let Some(refusal) = site::refusal(response) {
            return refusal;
        }
        let cik = match site::cik(query, &Self::ID) {
            Ok(cik) => cik,
            Err(gap) => return Outcome::OtherCompany(gap.detail),
        };
        let entries = match feed::read(response.body()) {
            Ok(entries) => entries,
            Err(outcome) => return outcome,
        };
        if entries.is_empty() {
            return Outcome::DoubtfulEmpty("a feed of all companies without an entry".to_owned());
        }
        let (mut items, mut findings, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for entry in &entries {
            if issuer(&entry.title) != Some(cik) {
                continue;
            }
            match filing(entry) {
                Ok((filing, at)) if seen.insert(filing.accession.clone()) => {
                    let known = Availability::at(at, "accepted by EDGAR, as its feed says");
                    let (ticker, url) = (query.ticker(), response.url());
                    let kind = ItemKind::Filing(filing);
                    let item = Item::new(ticker, kind, &Self::ID, url, known, response.fetched_at());
                    items.push(item.published(at));
                }
                Ok(_) => {}
                Err((kind, text)) => {
                    let finding = Finding::undated(None, kind, Disposition::Dropped, text);
                    findings.push(finding.at_url(response.url()));
                }
            }
        }
        if items.is_empty() && findings.is_empty() {
            return Outcome::Empty;
        }
        items.sort_by_key(Known::known_by);
        Outcome::Items { items, findings }
    }
}

/// The number of the company whose shares it is about: `4 - ACME INC (0001234567) (Issuer)`.
fn issuer(title: &str) -> Option<u64> {
    let (rest, role) = title.trim().rsplit_once(" (")?;
    let (_, number) = rest.rsplit_once('(')?;
    let cik = Cik::read(number.trim_end().strip_suffix(')')?)?;
    (role == "Issuer)").then_some(cik.0)
}

fn filing(entry: &feed::Entry) -> Result<(Filing, Timestamp), (FindingKind, String)> {
    let accession = entry.id.rsplit('=').next().unwrap_or_default().trim();
    if !site::is_accession(accession) {
        let id = answer::plain(&entry.id, 60);
        return Err((FindingKind::RaggedRow, format!("`{id}` names no accession number")));
    }
    let Ok(at) = entry.updated.trim().parse::<Timestamp>() else {
        let text = format!("{accession} was filed at `{}`", answer::plain(&entry.updated, 40));
        return Err((FindingKind::UnreadableDate, text));
    };
    let filed = entry.summary.split_once("Filed:").map(|(_, rest)| answer::plain(rest, 80));
    let filed_on = filed.and_then(|rest| rest.split(' ').find_map(|word| word.parse().ok()));
    let filing = Filing {
        form: answer::plain(&entry.form, 40),
        accession: accession.to_owned(),
        filed_on: filed_on.unwrap_or_else(|| new_york::date(at)),
        period: None,
        items: Vec::new(),
        description: answer::plain(&entry.title, 200),
        document: String::new(),
        sic: None,
    };
    Ok((filing, at))
}

#[cfg(test)]
mod tests;

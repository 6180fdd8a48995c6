//! From what was fetched to what can be cited.

use std::sync::Arc;

use assize_altdata::{AsOf, Item, ItemKind, PriceSeries, Ticker, TickerFetch};
use assize_analysts::{bar_evidence, benchmark_evidence, item_evidence};
use assize_debate::Evidence;
use assize_portfolio::sector_of_sic;
use async_trait::async_trait;

use crate::{Availability, FindingNote, Part, Shortfall, ShortfallKind, Stage, rival::Rival};

/// As many of the newest bars become evidence: two years of sessions. Everything else is limited by kind, where it is made.
const NEWEST_BARS: usize = 504;

/// Makes a price series as of the day, and evidence of its bars and of all other observations.
#[derive(Debug)]
pub(crate) struct EvidenceStage {
    pub(crate) as_of: AsOf,
}

/// What can be cited about a ticker.
#[derive(Debug)]
pub(crate) struct Dossier {
    pub(crate) series: PriceSeries,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) findings: Vec<FindingNote>,
    /// What it is to be held against; `None`: the question is whether it rises.
    pub(crate) rival: Option<Rival>,
    /// Its sector.
    pub(crate) sector: Option<&'static str>,
    /// Who answered about another company when asked by ticker or number, and about which.
    pub(crate) of_others: Vec<String>,
}

/// The sector by the code that stands at the newest filing which has one.
fn sector(items: &[Item]) -> Option<&'static str> {
    let codes = items.iter().filter_map(|item| match &item.kind {
        ItemKind::Filing(filing) => Some((filing.filed_on, filing.sic?)),
        _ => None,
    });
    codes.max().and_then(|(_, sic)| sector_of_sic(sic))
}

#[async_trait]
impl Stage for EvidenceStage {
    type Input = (TickerFetch, Option<Rival>, Vec<String>);
    type Output = Arc<Dossier>;

    fn name(&self) -> &'static str {
        "evidence"
    }

    async fn run(&self, _: &Ticker, (fetch, rival, of_others): Self::Input) -> Availability<Arc<Dossier>> {
        let series = PriceSeries::build(&fetch.items, &self.as_of);
        let mut evidence = bar_evidence(&series, NEWEST_BARS);
        let has_bars = !evidence.is_empty();
        evidence.extend(item_evidence(&fetch.items, &self.as_of));
        // By itself it is nothing to argue from.
        if !evidence.is_empty() {
            let against = rival.as_ref().and_then(|rival| benchmark_evidence(&rival.series, NEWEST_BARS));
            evidence.extend(against);
        }
        let behind = rival.as_ref().and_then(|rival| rival.is_behind(&series));
        let findings: Vec<FindingNote> =
            fetch.findings.iter().chain(series.findings()).map(FindingNote::from).collect();
        let dossier =
            Arc::new(Dossier { sector: sector(&fetch.items), series, evidence, findings, rival, of_others });
        // That there was no bar to read has been said by who should have brought it.
        let is_bar = |item: &Item| matches!(item.kind, ItemKind::Bar(_));
        if !has_bars && fetch.items.iter().any(is_bar) {
            let why = "there is no usable bar by the as-of date";
            let shortfall = Shortfall::new(Part::Prices, ShortfallKind::TooLittle, why);
            return Availability::Degraded(dossier, vec![shortfall]);
        }
        Availability::of(dossier, behind.into_iter().collect())
    }
}

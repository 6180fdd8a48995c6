//! What validation asks about the evidence.

use std::collections::BTreeMap;

use assize_altdata::SourceKind;
use assize_analysts::{
    ARTICLE, ATTENTION, COMPANY_FACT, DAILY_BAR, FILING, INSIDER_TRADE, MACRO, OPTION_CHAIN, POST,
    SHORT_VOLUME, VIDEO,
};
use assize_debate::Evidence;
use assize_portfolio::EvidenceFacts;
use jiff::civil::Date;

use super::{DecisionMatter, evidence_weights::Sides, sessions::ended_since};

pub(super) fn of(matter: &DecisionMatter<'_>, sides: &Sides<'_>) -> EvidenceFacts {
    let DecisionMatter { ticker, as_of, series, evidence, of_others, .. } = *matter;
    let of_kind = |kind: &'static str| evidence.iter().filter(move |evidence| evidence.kind == kind);
    let mut cited: BTreeMap<SourceKind, u32> = BTreeMap::new();
    for kind in sides.cited.values().filter_map(|evidence| source_kind(&evidence.kind)) {
        *cited.entry(kind).or_default() += 1;
    }
    let newest_chain = of_kind(OPTION_CHAIN).filter_map(quoted_on).max();
    let newest_article = of_kind(ARTICLE).map(|article| article.available_at).max();
    let hours = newest_article.map(|known| {
        let hours = as_of.moment().duration_since(known).as_hours().max(0);
        u32::try_from(hours).unwrap_or(u32::MAX)
    });
    let another = |evidence: &&Evidence| {
        source_kind(&evidence.kind).is_some_and(|kind| kind != SourceKind::Macro)
            && evidence.subject != ticker.as_str()
    };
    let of_another = series.ticker().filter(|other| *other != ticker).map(ToString::to_string);
    let mismatch = of_another.map(|other| format!("the prices are of {other}")).or_else(|| {
        evidence.iter().find(another).map(|other| format!("{} is about {}", other.id, other.subject))
    });
    let mismatch = mismatch
        .or_else(|| of_others.first().map(|who| format!("an answer is about another company: {who}")));
    let future = evidence.iter().filter(|evidence| evidence.available_at > as_of.moment()).count();
    EvidenceFacts {
        has_price: series.last().is_some(),
        price_age_sessions: series.last().map(|bar| ended_since(bar.bar.date, as_of)),
        chain_age_sessions: newest_chain.map(|date| ended_since(date, as_of)),
        news_age_hours: hours,
        cited,
        share_for: sides.share_for,
        share_against: sides.share_against,
        identity_mismatch: mismatch,
        future_items: u32::try_from(future).unwrap_or(u32::MAX),
    }
}

fn quoted_on(evidence: &Evidence) -> Option<Date> {
    evidence.data.get("quoted_on")?.as_str()?.parse().ok()
}

/// From which kind of source evidence comes; `None`: a kind of evidence that nobody here makes.
pub(crate) fn source_kind(kind: &str) -> Option<SourceKind> {
    Some(match kind {
        DAILY_BAR => SourceKind::Prices,
        FILING => SourceKind::Filings,
        INSIDER_TRADE => SourceKind::Insiders,
        COMPANY_FACT => SourceKind::Facts,
        OPTION_CHAIN => SourceKind::Options,
        ARTICLE => SourceKind::News,
        POST => SourceKind::Social,
        VIDEO => SourceKind::Video,
        ATTENTION => SourceKind::Attention,
        MACRO => SourceKind::Macro,
        SHORT_VOLUME => SourceKind::ShortVolume,
        _ => return None,
    })
}

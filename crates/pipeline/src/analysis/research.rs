//! What a company is, what it filed, and what is said of it.

mod news;

use std::collections::{BTreeMap, BTreeSet};

use assize_altdata::{AsOf, Attention, Filing, Identity, InsiderTrade, Item, ItemKind};
use assize_debate::EvidenceId;
use assize_signals::category::eight_k_items;
use jiff::{ToSpan, civil::Date};
use serde::Serialize;

pub use self::news::{CategoryNote, StoryNote};
use super::{
    Measure, Unit,
    exhibit::{cut, id_of},
    measure::grand,
};
use crate::{Part, Shortfall, ShortfallKind};

/// Filings of so many days are looked at.
const FILING_DAYS: i64 = 400;
const MOST_FILINGS: usize = 12;
/// Insiders' trades of so many days.
const INSIDER_DAYS: i64 = 180;
/// The days of the newest attention, and of what it is held against.
const NEW_DAYS: usize = 7;
const OLD_DAYS: usize = 28;
const LONGEST_NAME: usize = 200;

/// What the company is, what it filed, and what is said of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Research {
    /// What it is called.
    pub name: Option<String>,
    /// The American regulator's number of it.
    pub cik: Option<u64>,
    /// Its newest filings, without what insiders file.
    pub filings: Vec<FilingNote>,
    /// What was told of it most, the most told first.
    pub stories: Vec<StoryNote>,
    /// What news were about.
    pub categories: Vec<CategoryNote>,
    /// Attention, tone and insiders in figures.
    pub measures: Vec<Measure>,
}

/// A filing.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FilingNote {
    /// What it is cited by.
    pub id: EvidenceId,
    /// The form.
    pub form: String,
    /// When it was filed.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub filed_on: Date,
    /// What it is about: of an 8-K its items.
    pub about: Vec<String>,
    /// Whether one of its items is a warning: bankruptcy, a default, a restatement, a delisting.
    pub is_warning: bool,
}

/// The items of an 8-K that warn.
const WARNINGS: [&str; 7] = ["1.03", "2.04", "2.06", "3.01", "4.01", "4.02", "1.05"];

/// What the items said by `as_of`, besides what is missing.
pub(super) fn read(
    items: &[Item],
    card: Option<&Identity>,
    as_of: &AsOf,
) -> (Option<Research>, Vec<Shortfall>) {
    let known: Vec<&Item> = items.iter().filter(|item| as_of.knows(*item)).collect();
    let mut lacks = Vec::new();
    let mut lack = |detail: &str| {
        lacks.push(Shortfall::new(Part::Research, ShortfallKind::TooLittle, detail));
    };
    let filings = filings(&known, as_of);
    let told = news::read(&known, card, as_of);
    let mut measures: Vec<Measure> = told.measures;
    measures.extend(attention(&known));
    measures.extend(insiders(&known, as_of));
    measures.extend(talk(&known));
    if filings.is_empty() {
        lack("no filing of the last 400 days is there");
    }
    if told.stories.is_empty() {
        lack("no news about the company of the last 30 days are there");
    }
    let is_nothing = filings.is_empty() && told.stories.is_empty() && measures.is_empty() && card.is_none();
    let research = Research {
        name: card.map(|card| cut(&card.name, LONGEST_NAME)),
        cik: card.and_then(|card| card.cik),
        filings,
        stories: told.stories,
        categories: told.categories,
        measures,
    };
    ((!is_nothing).then_some(research), lacks)
}

fn filings(known: &[&Item], as_of: &AsOf) -> Vec<FilingNote> {
    const OF_INSIDERS: [&str; 4] = ["3", "4", "5", "144"];
    let first = as_of.date().saturating_sub(FILING_DAYS.days());
    let of = |item: &&Item| match &item.kind {
        ItemKind::Filing(filing) if filing.filed_on >= first => Some((id_of(item), filing.clone())),
        _ => None,
    };
    // One filing may come of two sources.
    let distinct: BTreeMap<EvidenceId, Filing> = known.iter().filter_map(of).collect();
    let mut filings: Vec<(EvidenceId, Filing)> = distinct
        .into_iter()
        .filter(|(_, filing)| !OF_INSIDERS.contains(&filing.form.trim_end_matches("/A")))
        .collect();
    filings.sort_by(|(x, a), (y, b)| b.filed_on.cmp(&a.filed_on).then_with(|| x.cmp(y)));
    filings.truncate(MOST_FILINGS);
    filings.into_iter().map(|(id, filing)| note(id, &filing)).collect()
}

fn note(id: EvidenceId, filing: &Filing) -> FilingNote {
    let list = filing.items.join(",");
    let (known, unknown) = eight_k_items(&list);
    let mut about: Vec<String> = known.iter().map(|item| format!("{} {}", item.number, item.title)).collect();
    about.extend(unknown.into_iter().take(4).map(|number| cut(number, 20)));
    if about.is_empty() && !filing.description.is_empty() && filing.description != filing.form {
        about.push(cut(&filing.description, 120));
    }
    let is_warning = filing.items.iter().any(|item| WARNINGS.contains(&item.as_str()));
    FilingNote { id, form: cut(&filing.form, 40), filed_on: filing.filed_on, about, is_warning }
}

/// How much oftener it was looked up in the last week than in the four weeks before.
fn attention(known: &[&Item]) -> Option<Measure> {
    let mut days: BTreeMap<Date, (&Attention, EvidenceId)> = BTreeMap::new();
    for item in known {
        if let ItemKind::Attention(seen) = &item.kind {
            days.entry(seen.date).or_insert_with(|| (seen, id_of(item)));
        }
    }
    let newest: Vec<_> = days.into_iter().rev().take(NEW_DAYS + OLD_DAYS).collect();
    if newest.len() < NEW_DAYS + OLD_DAYS / 2 {
        return None;
    }
    let (new, old) = newest.split_at(NEW_DAYS);
    #[expect(clippy::cast_precision_loss, reason = "views, far below 2^53")]
    let mean = |days: &[(Date, (&Attention, EvidenceId))]| {
        days.iter().map(|(_, (seen, _))| seen.views as f64).sum::<f64>() / days.len() as f64
    };
    let (now, before) = (mean(new), mean(old));
    let how = format!(
        "{now:.0} views a day in the week to {} after {before:.0} in the four weeks before",
        new.first()?.0
    );
    let ids = [new.first(), new.last(), old.last()].into_iter().flatten().map(|(_, (_, id))| id.clone());
    Measure::new("res.attention", "attention", (now / before, Unit::Times), &how, ids)
}

/// What insiders bought and sold on the market by themselves.
fn insiders(known: &[&Item], as_of: &AsOf) -> Vec<Measure> {
    let first = as_of.date().saturating_sub(INSIDER_DAYS.days());
    let mut seen = BTreeSet::new();
    let mut trades: Vec<(&InsiderTrade, EvidenceId)> = known
        .iter()
        .filter_map(|item| match &item.kind {
            ItemKind::InsiderTrade(trade) => Some((trade, id_of(item))),
            _ => None,
        })
        .filter(|(trade, _)| trade.is_opinion() && trade.traded_on >= first && trade.is_planned != Some(true))
        .filter(|(_, id)| seen.insert(id.clone()))
        .collect();
    trades.sort_by(|(a, x), (b, y)| b.traded_on.cmp(&a.traded_on).then_with(|| x.cmp(y)));
    let of = |code: char| -> Vec<&(&InsiderTrade, EvidenceId)> {
        trades.iter().filter(|(trade, _)| trade.code == code).collect()
    };
    let people = |trades: &[&(&InsiderTrade, EvidenceId)]| {
        trades.iter().map(|(trade, _)| trade.owner_cik).collect::<BTreeSet<_>>().len()
    };
    let dollars = |trades: &[&(&InsiderTrade, EvidenceId)]| {
        trades.iter().filter_map(|(trade, _)| trade.value()).filter(|value| value.is_finite()).sum::<f64>()
    };
    let (bought, sold) = (of('P'), of('S'));
    if bought.is_empty() && sold.is_empty() {
        return Vec::new();
    }
    let how = format!(
        "{} insiders bought for {} USD and {} sold for {} USD on the market in {INSIDER_DAYS} days, without a plan made beforehand",
        people(&bought),
        grand(dollars(&bought)),
        people(&sold),
        grand(dollars(&sold)),
    );
    let ids = || bought.iter().chain(&sold).map(|(_, id)| id.clone());
    #[expect(clippy::cast_precision_loss, reason = "people, not astronomy")]
    let count = |n: usize| (n as f64, Unit::Count);
    let net = (dollars(&bought) - dollars(&sold), Unit::Dollars);
    [
        Measure::new("res.insider-net", "net purchases of insiders", net, &how, ids()),
        Measure::new("res.insider-buyers", "insiders who bought", count(people(&bought)), &how, ids()),
        Measure::new("res.insider-sellers", "insiders who sold", count(people(&sold)), &how, ids()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What those ticked who talk of it.
fn talk(known: &[&Item]) -> Option<Measure> {
    const FEWEST: usize = 10;
    let ticked: Vec<(bool, EvidenceId)> = known
        .iter()
        .filter_map(|item| match &item.kind {
            ItemKind::Post(post) => post.is_bullish.map(|bullish| (bullish, id_of(item))),
            _ => None,
        })
        .collect();
    if ticked.len() < FEWEST {
        return None;
    }
    let bullish = ticked.iter().filter(|(bullish, _)| *bullish).count();
    #[expect(clippy::cast_precision_loss, reason = "posts, not astronomy")]
    let share = bullish as f64 / ticked.len() as f64;
    let how = format!("{bullish} of {} posts ticked that the price shall rise", ticked.len());
    let ids = ticked.into_iter().map(|(_, id)| id);
    Measure::new("res.bullish-share", "share of bullish posts", (share, Unit::Share), &how, ids)
}

//! Who knows the company buys it, or sells.

use std::collections::{BTreeMap, BTreeSet};

use assize_debate::{Abstention, EvidenceId};
use jiff::civil::Date;
use serde::Deserialize;

use crate::{
    EvidenceRule, Held, INSIDER_TRADE, Opinion, Pace,
    dossier::{
        grand,
        insiders::{Standing, TradeData},
        one_line,
    },
    evidence_rule::{bent, days_between, too_little},
};

/// Purchases and sales on the market of the last 90 days; all else that insiders file is no opinion.
///
/// Each insider's purchases count together, and so do the sales, each as *standing × size × age*:
///
/// - standing: officers 1, chief executive, chief financial officer, chair or president 1.25, directors 0.7, holders of ten per
///   cent 0.4, others 0.5;
/// - size: half of it √(shares ÷ what was held before a sale, or after a purchase), 0.3 if that is not said; half of it by
///   the dollars, from 0 at 10,000 to 1 at 10 million on a scale of logarithms;
/// - age: halved every 30 days.
///
/// Sales say less than purchases, as people also sell to pay for houses (Lakonishok and Lee 2001): they count by 0.35, those
/// planned beforehand (rule 10b5-1) by a fifth of that, and those of which the form does not say by 0.7 of it.
///
/// | part | share | signal |
/// |---|---|---|
/// | purchases | 0.5 | 2 tanh(1.5 Σ ÷ 2) |
/// | several buyers within 30 days | 0.25 | 1 for two, 1.5 for three, 2 for four and more (Alldredge and Blank 2019) |
/// | sales | 0.25 | −2 tanh(1.5 Σ ÷ 2) |
///
/// It abstains without any purchase or sale in those 90 days: silence is the usual state, and no opinion.
#[derive(Debug, Clone, Copy, Default)]
pub struct InsiderFlow;

const WINDOW: i32 = 90;
const HALF_LIFE: f64 = 30.0;
const TOGETHER: i32 = 30;
const OF_A_SALE: f64 = 0.35;

impl EvidenceRule for InsiderFlow {
    fn name(&self) -> &'static str {
        "insider-flow"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[INSIDER_TRADE]
    }

    fn most_nats(&self) -> f64 {
        0.25
    }

    fn pace(&self) -> Pace {
        Pace::Slow
    }

    fn read(&self, held: &Held<'_>) -> Result<Opinion, Abstention> {
        let today = held.today();
        let mut owners: BTreeMap<(u64, bool), Dealings> = BTreeMap::new();
        for evidence in held.of(INSIDER_TRADE) {
            let Ok(trade) = TradeData::deserialize(&evidence.data) else { continue };
            let age = days_between(trade.traded_on, today);
            if (0..=WINDOW).contains(&age) && trade.shares.is_finite() && trade.shares > 0.0 {
                let key = (trade.owner_cik, trade.is_purchase);
                owners.entry(key).or_default().0.push((trade, evidence.id.clone()));
            }
        }
        if owners.is_empty() {
            let detail =
                format!("no insider bought or sold on the market in the {WINDOW} days before {today}");
            return Err(too_little(detail));
        }
        let mut opinion = Opinion::default();
        let side = |wanted: bool| {
            let mut dealings: Vec<(f64, &Dealings)> = owners
                .iter()
                .filter(|((_, is_purchase), _)| *is_purchase == wanted)
                .map(|(_, dealings)| (dealings.score(today), dealings))
                .collect();
            dealings.sort_by(|(a, _), (b, _)| b.total_cmp(a));
            dealings
        };
        let bought = side(true);
        if !bought.is_empty() {
            let sum: f64 = bought.iter().map(|(score, _)| score).sum();
            opinion.push(0.5, bent(1.5 * sum), told("bought", &bought), cited(&bought));
        }
        if let Some((count, from, ids)) = cluster(&bought) {
            let signal = match count {
                2 => 1.0,
                3 => 1.5,
                _ => 2.0,
            };
            let text = format!("{count} insiders bought within {TOGETHER} days from {from}");
            opinion.push(0.25, signal, text, ids);
        }
        let sold = side(false);
        if !sold.is_empty() {
            let sum: f64 = sold.iter().map(|(score, _)| score).sum();
            opinion.push(0.25, -bent(1.5 * sum), told("sold", &sold), cited(&sold));
        }
        Ok(opinion)
    }
}

/// What one insider did on one side, in the order of the evidence.
#[derive(Debug, Default)]
struct Dealings(Vec<(TradeData, EvidenceId)>);

impl Dealings {
    fn shares(&self) -> f64 {
        self.0.iter().map(|(trade, _)| trade.shares).sum()
    }

    fn dollars(&self) -> f64 {
        self.0.iter().filter_map(|(trade, _)| Some(trade.shares * trade.price?)).sum()
    }

    /// All of one side as one deed: planned in proportion to the shares, as old as its newest.
    fn score(&self, today: Date) -> f64 {
        let Some((newest, _)) = self.0.iter().max_by_key(|(trade, _)| trade.traded_on) else { return 0.0 };
        let shares = self.shares();
        // Lines of one form each say what is held after them: before the first sale there was most, after the last purchase
        // there is most.
        let most = |of: &dyn Fn(&TradeData) -> f64| {
            self.0
                .iter()
                .filter_map(|(trade, _)| trade.held_after.map(|held| held + of(trade)))
                .filter(|held| held.is_finite() && *held > 0.0)
                .fold(None, |most: Option<f64>, held| Some(most.map_or(held, |most| most.max(held))))
        };
        let holding = most(&|trade| if trade.is_purchase { 0.0 } else { trade.shares });
        let fraction = holding.map_or(0.3, |holding| (shares / holding).clamp(0.0, 1.0).sqrt());
        let dollars = self.dollars();
        let size = if dollars > 10_000.0 { (libm::log10(dollars / 10_000.0) / 3.0).min(1.0) } else { 0.0 };
        let earnest: f64 =
            self.0.iter().map(|(trade, _)| trade.shares * earnest(trade)).sum::<f64>() / shares;
        let age = f64::from(days_between(newest.traded_on, today).max(0));
        let standing = self.0.iter().map(|(trade, _)| standing(trade)).fold(0.0, f64::max);
        standing * f64::midpoint(fraction, size) * earnest * libm::exp2(-age / HALF_LIFE)
    }
}

/// How far a trade is an opinion of the price.
fn earnest(trade: &TradeData) -> f64 {
    match (trade.is_purchase, trade.is_planned) {
        (true, Some(true)) => 0.5,
        (true, _) => 1.0,
        (false, Some(true)) => 0.2 * OF_A_SALE,
        (false, None) => 0.7 * OF_A_SALE,
        (false, Some(false)) => OF_A_SALE,
    }
}

fn standing(trade: &TradeData) -> f64 {
    match trade.standing {
        Standing::Officer if is_chief(&trade.title) => 1.25,
        Standing::Officer => 1.0,
        Standing::Director => 0.7,
        Standing::TenPercentOwner => 0.4,
        Standing::Other => 0.5,
    }
}

fn is_chief(title: &str) -> bool {
    let title = title.to_ascii_lowercase();
    let words: Vec<&str> = title.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let vice = words.contains(&"vice") || words.iter().any(|word| matches!(*word, "vp" | "svp" | "evp"));
    ["chief executive", "chief financial"].iter().any(|wanted| title.contains(wanted))
        || words.iter().any(|word| matches!(*word, "ceo" | "cfo"))
        || !vice && words.iter().any(|word| matches!(*word, "president" | "chair" | "chairman"))
}

/// The most insiders that bought within 30 days, from when, and their purchases; at least two.
fn cluster(bought: &[(f64, &Dealings)]) -> Option<(usize, Date, Vec<EvidenceId>)> {
    let trades = || bought.iter().flat_map(|(_, dealings)| &dealings.0);
    let starts: BTreeSet<Date> = trades().map(|(trade, _)| trade.traded_on).collect();
    let mut best: Option<(usize, Date, Vec<EvidenceId>)> = None;
    for start in starts {
        let within = |trade: &TradeData| (0..TOGETHER).contains(&days_between(start, trade.traded_on));
        let inside: Vec<_> = trades().filter(|(trade, _)| within(trade)).collect();
        let count = inside.iter().map(|(trade, _)| trade.owner_cik).collect::<BTreeSet<_>>().len();
        // Of several the newest.
        if count >= 2 && best.as_ref().is_none_or(|(most, ..)| count >= *most) {
            best = Some((count, start, inside.into_iter().map(|(_, id)| id.clone()).collect()));
        }
    }
    best
}

fn told(did: &str, side: &[(f64, &Dealings)]) -> String {
    let shares: f64 = side.iter().map(|(_, dealings)| dealings.shares()).sum();
    let dollars: f64 = side.iter().map(|(_, dealings)| dealings.dollars()).sum();
    let planned = side
        .iter()
        .flat_map(|(_, dealings)| &dealings.0)
        .filter(|(trade, _)| trade.is_planned == Some(true))
        .count();
    let who = side.first().and_then(|(_, dealings)| dealings.0.first()).map(|(trade, _)| {
        let title = if trade.title.is_empty() { trade.standing.name() } else { &trade.title };
        format!(", above all {} ({})", one_line(&trade.owner, 60), one_line(title, 60))
    });
    let planned =
        if planned > 0 { format!(", {planned} of the trades planned beforehand") } else { String::new() };
    format!(
        "{} insider(s) {did} {shares:.0} shares for {} USD in {WINDOW} days{}{planned}",
        side.len(),
        grand(dollars.round()),
        who.unwrap_or_default()
    )
}

fn cited(side: &[(f64, &Dealings)]) -> Vec<EvidenceId> {
    side.iter().flat_map(|(_, dealings)| dealings.0.iter().map(|(_, id)| id.clone())).collect()
}

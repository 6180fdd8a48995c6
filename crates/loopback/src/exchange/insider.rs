//! What insiders trade: routine, and what they buy ahead of a jump.

use assize_ambient::Timestamp;

use super::{
    calendar,
    company::Company,
    number::float,
    path::{BLOCK, Path},
};

/// A trade that is reported on a Form 4 of its own.
#[derive(Debug, Clone)]
pub(super) struct Trade {
    pub(super) session: usize,
    /// Which of the company's insiders.
    pub(super) insider: usize,
    /// `P` bought, `S` sold, `A` granted, `F` kept for taxes.
    pub(super) code: &'static str,
    pub(super) shares: u64,
    /// For each share.
    pub(super) cents: u64,
    pub(super) held_after: u64,
    pub(super) is_planned: bool,
    /// The jump that it was made ahead of.
    pub(super) campaign: Option<usize>,
    /// The session on whose day it is filed, and the second of that day in New York.
    pub(super) filed: usize,
    pub(super) second: i64,
}

impl Trade {
    pub(super) fn accepted(&self) -> Timestamp {
        calendar::wall(calendar::day(self.filed), self.second)
    }

    pub(super) fn is_acquired(&self) -> bool {
        matches!(self.code, "P" | "A")
    }
}

/// All of them, in the order in which they were made.
pub(super) fn trades(company: &Company, path: &Path) -> Vec<Trade> {
    let insiders = company.insiders().len();
    let mut trades = routine(company, path, insiders);
    trades.extend(campaigns(company, path, insiders));
    trades.sort_by_key(|trade| (trade.session, trade.insider, trade.code));
    // One trade a day for each: accession numbers are made of both.
    trades.dedup_by_key(|trade| (trade.session, trade.insider));
    let mut held = vec![company.shares / 400; insiders];
    for trade in &mut trades {
        let held = &mut held[trade.insider];
        if trade.is_acquired() {
            *held += trade.shares;
        } else {
            trade.shares = trade.shares.min(*held / 2).max(1);
            *held = held.saturating_sub(trade.shares);
        }
        trade.held_after = *held;
    }
    trades
}

fn routine(company: &Company, path: &Path, insiders: usize) -> Vec<Trade> {
    let mut trades = Vec::new();
    for block in 0..calendar::sessions().len() / BLOCK {
        let mut chance = company.seed.child("insiders of").child(&block.to_string()).rng();
        for insider in 0..insiders {
            let session = block * BLOCK + chance.below(BLOCK);
            let draw = chance.unit();
            let shares = 100 * (1 + chance.below(80) as u64);
            let (late, minute, planned) = (1 + chance.below(2), chance.below(330), chance.happens(0.7));
            let code = match draw {
                draw if draw < 0.25 => "S",
                draw if draw < 0.35 => "A",
                draw if draw < 0.45 => "F",
                _ => continue,
            };
            let Some(day) = path.days[session] else { continue };
            trades.push(Trade {
                session,
                insider,
                code,
                shares,
                cents: if code == "A" { 0 } else { day.close },
                held_after: 0,
                is_planned: code == "S" && planned,
                campaign: None,
                filed: session + late,
                second: evening(minute),
            });
        }
    }
    trades
}

fn campaigns(company: &Company, path: &Path, insiders: usize) -> Vec<Trade> {
    let mut trades = Vec::new();
    for jump in path.jumps.iter().filter(|jump| jump.has_campaign) {
        let mut chance = company.seed.child("campaign").child(&jump.session.to_string()).rng();
        let buyers = 3 + chance.below(insiders - 2);
        for insider in 0..buyers {
            let before = 6 + chance.below(12);
            let dollars = 100_000.0 + 700_000.0 * chance.unit();
            let (late, minute) = (1 + chance.below(2), chance.below(330));
            let Some((session, day)) = path.last(jump.session.saturating_sub(before)) else { continue };
            let shares = super::number::whole(dollars * 100.0 / float(day.close)).max(10);
            trades.push(Trade {
                session,
                insider,
                code: "P",
                shares,
                cents: day.close,
                held_after: 0,
                is_planned: false,
                campaign: Some(jump.session),
                filed: session + late,
                second: evening(minute),
            });
        }
    }
    trades
}

/// From 16:20 on, for five hours and a half.
fn evening(minute: usize) -> i64 {
    (16 * 60 + 20 + i64::try_from(minute).unwrap_or(0)) * 60 + 12
}

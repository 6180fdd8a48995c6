//! What is paid for options tells what is hoped and feared.

use std::collections::BTreeMap;

use assize_debate::{Abstention, EvidenceId};
use assize_signals::options::{QualityFlag, ZSCORE_DAYS, z_score};
use jiff::civil::Date;
use serde::Deserialize;

use crate::{
    EvidenceRule, Held, OPTION_CHAIN, Opinion, Pace,
    dossier::{chains::ChainData, grand},
    evidence_rule::{bent, days_between, too_little},
};

/// The figures of the newest chain, beside those of the days before where there are enough.
///
/// | part | share | signal |
/// |---|---|---|
/// | put-call ratio by volume | 0.30 | with 20 days before: −2 tanh(z ÷ 2); else −2 tanh(ln(ratio ÷ 0.69) ÷ 0.55 ÷ 2), halved (Pan and Poteshman 2006) |
/// | skew at 25 delta | 0.30 | −2 tanh((skew − 0.04) ÷ 0.05 ÷ 2) (Xing, Zhang and Zhao 2010); not where the quotes make it suspect |
/// | contracts that trade unusually much | 0.20 | (calls − puts) ÷ (calls + puts + 250,000 dollars) of their premium, times 2 |
/// | premium in contracts above 250,000 dollars | 0.20 | (calls − puts) ÷ premium of the whole chain, times 2 |
///
/// 0.69 is the middle of what is flagged as few and many puts, 0.4 and 1.2. Whether an option was bought or sold no quote
/// tells, so the last two parts take a trade for a purchase: a guess that is right more often than not. Gamma exposure is
/// noted, and has no direction: below zero, dealers who hedge would make moves larger.
///
/// It abstains on a chain of more than four days ago, of fewer than 20 contracts, with fewer than 500 of them traded, and on one
/// whose quotes are torn: without a price of the share, crossed, or without a trade in days.
#[derive(Debug, Clone, Copy, Default)]
pub struct OptionsFlow;

const OLDEST: i32 = 4;
const FEWEST: usize = 20;
const FEWEST_TRADED: u64 = 500;
/// With one of these the figures mean nothing.
const SPOILT: [QualityFlag; 4] =
    [QualityFlag::NoSpot, QualityFlag::CrossedMarkets, QualityFlag::StaleTrades, QualityFlag::NoVolume];
/// ln(1.2 ÷ 0.4) ÷ 2: from the middle to either flag.
const HALF_WIDTH: f64 = 0.55;
const MIDDLE: f64 = 0.693;
const LARGE: f64 = 250_000.0;

impl EvidenceRule for OptionsFlow {
    fn name(&self) -> &'static str {
        "options"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[OPTION_CHAIN]
    }

    fn most_nats(&self) -> f64 {
        0.15
    }

    fn pace(&self) -> Pace {
        Pace::Fast
    }

    fn read(&self, held: &Held<'_>) -> Result<Opinion, Abstention> {
        let mut days: BTreeMap<Date, (ChainData, EvidenceId)> = BTreeMap::new();
        for evidence in held.of(OPTION_CHAIN) {
            let Ok(data) = ChainData::deserialize(&evidence.data) else { continue };
            let new = (data, evidence.id.clone());
            if days.get(&new.0.quoted_on).is_none_or(|(_, id)| *id < new.1) {
                days.insert(new.0.quoted_on, new);
            }
        }
        let Some((date, (chain, id))) = days.pop_last() else {
            return Err(too_little("it needs the figures of a chain, and there are none"));
        };
        usable(&chain, held.today())?;
        let mut opinion = Opinion::default();
        put_call(&chain, &id, &days, &mut opinion);
        if let Some(skew) = chain.skew.filter(|_| !chain.is_skew_suspect) {
            let text = format!(
                "on {date} puts at 25 delta cost {:+.1} points of volatility more than calls",
                100.0 * skew
            );
            opinion.push(0.30, -bent((skew - 0.04) / 0.05), text, vec![id.clone()]);
        }
        let (calls, puts) = (chain.unusual_call_premium, chain.unusual_put_premium);
        if chain.unusual > 0 && calls + puts > 0.0 {
            let text = format!(
                "{} contracts trade unusually much on {date}: {} USD of calls, {} USD of puts",
                chain.unusual,
                grand(calls.round()),
                grand(puts.round())
            );
            opinion.push(0.20, 2.0 * (calls - puts) / (calls + puts + LARGE), text, vec![id.clone()]);
        }
        let (calls, puts) = (chain.large_call_premium, chain.large_put_premium);
        if calls + puts > 0.0 && chain.premium > 0.0 {
            let text = format!(
                "contracts above {} USD each took {} USD in calls and {} USD in puts of {} USD premium on {date}",
                grand(LARGE),
                grand(calls.round()),
                grand(puts.round()),
                grand(chain.premium.round())
            );
            opinion.push(0.20, 2.0 * (calls - puts) / chain.premium, text, vec![id.clone()]);
        }
        let opinion = opinion.with_at_least(1, "put-call ratio, skew, unusual contracts and large premiums");
        opinion.map(|mut opinion| {
            if let Some(gamma) = chain.gamma_exposure {
                let effect = if gamma < 0.0 { "larger" } else { "smaller" };
                let text = format!(
                    "gamma exposure of {} USD a per cent: dealers who hedge would make moves {effect}, whichever way",
                    grand(gamma.round())
                );
                opinion.note(text, vec![id]);
            }
            opinion
        })
    }
}

fn usable(chain: &ChainData, today: Date) -> Result<(), Abstention> {
    if days_between(chain.quoted_on, today) > OLDEST {
        let detail =
            format!("the newest chain is of {}, more than {OLDEST} days before {today}", chain.quoted_on);
        return Err(too_little(detail));
    }
    let traded = chain.call_volume.saturating_add(chain.put_volume);
    if chain.contracts < FEWEST || traded < FEWEST_TRADED {
        return Err(too_little(format!(
            "it needs {FEWEST} contracts and {FEWEST_TRADED} of them traded, and there are {} and {traded}",
            chain.contracts
        )));
    }
    let is_spoilt = |name: &&str| SPOILT.iter().any(|flag| flag.name() == *name);
    let spoilt: Vec<&str> = chain.flags.iter().map(String::as_str).filter(is_spoilt).collect();
    if spoilt.is_empty() {
        Ok(())
    } else {
        Err(too_little(format!("the quotes are doubtful: {}", spoilt.join(", "))))
    }
}

/// Against the own past where there is enough of it.
fn put_call(
    chain: &ChainData,
    id: &EvidenceId,
    before: &BTreeMap<Date, (ChainData, EvidenceId)>,
    opinion: &mut Opinion,
) {
    let Some(ratio) = chain.put_call_by_volume.filter(|ratio| ratio.is_finite() && *ratio >= 0.0) else {
        return;
    };
    let past: Vec<(f64, &EvidenceId)> =
        before.values().filter_map(|(chain, id)| Some((chain.put_call_by_volume?, id))).collect();
    let ratios: Vec<f64> = past.iter().map(|(ratio, _)| *ratio).collect();
    let text = format!("{ratio:.2} puts traded for each call on {}", chain.quoted_on);
    match z_score(ratio, &ratios) {
        Some(z) => {
            let text = format!("{text}, {z:+.1} standard deviations beside the {ZSCORE_DAYS} days before");
            let cites = std::iter::once(id).chain(past.iter().rev().take(ZSCORE_DAYS).map(|(_, id)| *id));
            opinion.push(0.30, -bent(z), text, cites.cloned().collect());
        }
        None => {
            // A ratio of zero is the calmest there is.
            let signal = -bent(libm::log(ratio.max(1e-6) / MIDDLE) / HALF_WIDTH) / 2.0;
            let text = format!("{text}; without {ZSCORE_DAYS} days before it is held against {MIDDLE:.2}");
            opinion.push(0.30, signal, text, vec![id.clone()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn spoilt_quotes_are_not_read() {
        let flagged = |flag: QualityFlag| {
            let flags = vec![flag.name().to_owned()];
            let quoted_on = date(2025, 6, 2);
            let chain = ChainData {
                quoted_on,
                contracts: FEWEST,
                call_volume: FEWEST_TRADED,
                flags,
                ..ChainData::default()
            };
            usable(&chain, quoted_on)
        };
        for flag in SPOILT {
            let refused = flagged(flag).expect_err(flag.name());
            assert_eq!(refused.detail, format!("the quotes are doubtful: {}", flag.name()));
        }
        assert!(flagged(QualityFlag::ZeroBids).is_ok() && flagged(QualityFlag::FewContracts).is_ok());
    }
}

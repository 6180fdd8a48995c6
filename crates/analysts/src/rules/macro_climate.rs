//! What the economy does to all shares.

use std::collections::BTreeMap;

use assize_debate::{Abstention, EvidenceId};
use jiff::civil::Date;
use serde::Deserialize;

use crate::{
    EvidenceRule, Held, MACRO, Opinion, Pace,
    dossier::economy::MacroData,
    evidence_rule::{bent, days_between},
};

/// Yields, spreads and fear; the same for every share.
///
/// | part | share | series | signal |
/// |---|---|---|---|
/// | slope of the curve, ten less two years | 0.20 | FRED `T10Y2Y`, or `DGS10` − `DGS2`, or the Treasury's | 2 tanh((slope − 0.8) ÷ 1.0 ÷ 2) (Estrella and Mishkin 1998) |
/// | credit spread, change in 28 days | 0.30 | `BAMLH0A0HYM2`, `BAMLC0A0CM` | −2 tanh(change ÷ 0.6 ÷ 2), for the second ÷ 0.2 (Gilchrist and Zakrajšek 2012) |
/// | VIX, level | 0.10 | `VIXCLS` | −2 tanh(ln(VIX ÷ 19) ÷ 0.4 ÷ 2): where noise is loud, a rise is less sure |
/// | VIX, change in 28 days | 0.20 | `VIXCLS` | −2 tanh(ln(now ÷ then) ÷ 0.35 ÷ 2) |
/// | policy rate, change in 180 days | 0.20 | `DFF`, `FEDFUNDS`, `DFEDTARU` | −2 tanh(change ÷ 0.75 ÷ 2) (Bernanke and Kuttner 2005) |
///
/// Changes are from the newest value of that age or older, but no more than half as old again. A series whose newest value
/// is older than 10 days (for the policy rate 75) is not read. It abstains on fewer than two of the five.
#[derive(Debug, Clone, Copy, Default)]
pub struct MacroClimate;

const DAILY: i32 = 10;
const MONTHLY: i32 = 75;

impl EvidenceRule for MacroClimate {
    fn name(&self) -> &'static str {
        "macro"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[MACRO]
    }

    fn most_nats(&self) -> f64 {
        0.10
    }

    fn pace(&self) -> Pace {
        Pace::Slow
    }

    fn is_of_all_shares(&self) -> bool {
        true
    }

    fn read(&self, held: &Held<'_>) -> Result<Opinion, Abstention> {
        let series = Series::read(held);
        let mut opinion = Opinion::default();
        if let Some(slope) = series.slope() {
            let text = format!("ten years yield {:+.2} points more than two on {}", slope.value, slope.date);
            opinion.push(0.20, bent(slope.value - 0.8), text, slope.ids);
        }
        let spreads =
            [("fred:BAMLH0A0HYM2", 0.6, "high yield"), ("fred:BAMLC0A0CM", 0.2, "investment grade")];
        let change = |&(name, usual, what): &(&'static str, f64, &'static str)| {
            Some((series.change(&[name], 28, DAILY)?, usual, what))
        };
        if let Some((change, usual, what)) = spreads.iter().find_map(change) {
            let text = format!(
                "the credit spread of {what} changed by {:+.2} points to {:.2} from {} to {}",
                change.to.value - change.from,
                change.to.value,
                change.since,
                change.to.date
            );
            opinion.push(0.30, -bent((change.to.value - change.from) / usual), text, change.ids());
        }
        if let Some(level) = series.newest(&["fred:VIXCLS"], DAILY).filter(|level| level.value > 0.0) {
            let text = format!("the VIX stood at {:.1} on {}", level.value, level.date);
            opinion.push(0.10, -bent(libm::log(level.value / 19.0) / 0.4), text, level.ids);
        }
        if let Some(change) = series.change(&["fred:VIXCLS"], 28, DAILY)
            && change.from > 0.0
            && change.to.value > 0.0
        {
            let text = format!(
                "the VIX went from {:.1} on {} to {:.1} on {}",
                change.from, change.since, change.to.value, change.to.date
            );
            let rise = libm::log(change.to.value / change.from);
            opinion.push(0.20, -bent(rise / 0.35), text, change.ids());
        }
        if let Some(change) = series.change(&["fred:DFF", "fred:FEDFUNDS", "fred:DFEDTARU"], 180, MONTHLY) {
            let text = format!(
                "the policy rate went from {:.2} on {} to {:.2} on {}",
                change.from, change.since, change.to.value, change.to.date
            );
            opinion.push(0.20, -bent((change.to.value - change.from) / 0.75), text, change.ids());
        }
        opinion.with_at_least(2, "curve, credit spread, VIX, its change, and policy rate")
    }
}

/// The newest value of a series.
struct Newest {
    value: f64,
    date: Date,
    ids: Vec<EvidenceId>,
}

/// From a value to the newest.
struct Change {
    to: Newest,
    from: f64,
    since: Date,
    id: EvidenceId,
}

impl Change {
    fn ids(self) -> Vec<EvidenceId> {
        self.to.ids.into_iter().chain([self.id]).collect()
    }
}

/// All series by their names, each day once.
struct Series {
    of: BTreeMap<String, BTreeMap<Date, (f64, EvidenceId)>>,
    today: Date,
}

impl Series {
    fn read(held: &Held<'_>) -> Self {
        let mut of: BTreeMap<String, BTreeMap<Date, (f64, EvidenceId)>> = BTreeMap::new();
        let mut values: Vec<_> = held.of(MACRO).collect();
        // Of two values of a day the one that became known last.
        values.sort_by(|a, b| (a.available_at, &a.id).cmp(&(b.available_at, &b.id)));
        for evidence in values {
            if let Ok(data) = MacroData::deserialize(&evidence.data)
                && data.value.is_finite()
            {
                of.entry(data.series).or_default().insert(data.date, (data.value, evidence.id.clone()));
            }
        }
        Self { of, today: held.today() }
    }

    /// The newest value of the first of these series that has one of the last days.
    fn newest(&self, names: &[&str], oldest: i32) -> Option<Newest> {
        names.iter().find_map(|name| {
            let (date, (value, id)) = self.of.get(*name)?.last_key_value()?;
            (days_between(*date, self.today) <= oldest).then(|| Newest {
                value: *value,
                date: *date,
                ids: vec![id.clone()],
            })
        })
    }

    fn change(&self, names: &[&str], days: i32, oldest: i32) -> Option<Change> {
        names.iter().find_map(|name| {
            let to = self.newest(&[name], oldest)?;
            let (since, (from, id)) = self
                .of
                .get(*name)?
                .iter()
                .rev()
                .find(|(date, _)| days_between(**date, to.date) >= days)
                .filter(|(date, _)| days_between(**date, to.date) <= days + days / 2)?;
            Some(Change { from: *from, since: *since, id: id.clone(), to })
        })
    }

    fn slope(&self) -> Option<Newest> {
        let differs = |long: &str, short: &str| {
            let (long, short) = (self.newest(&[long], DAILY)?, self.newest(&[short], DAILY)?);
            (long.date == short.date).then(|| Newest {
                value: long.value - short.value,
                date: long.date,
                ids: [long.ids, short.ids].concat(),
            })
        };
        self.newest(&["fred:T10Y2Y"], DAILY)
            .or_else(|| differs("fred:DGS10", "fred:DGS2"))
            .or_else(|| differs("treasury:10y", "treasury:2y"))
    }
}

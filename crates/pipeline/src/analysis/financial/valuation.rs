//! What the statements say beside the price of a share.

use assize_analysts::{Figure, Line};
use assize_debate::EvidenceId;
use jiff::civil::Date;
use serde::Serialize;

use super::{
    super::{Measure, Unit, measure::grand},
    Books, CURRENT_ASSETS, CURRENT_LIABILITIES, Financial, OPERATING_INCOME, RETAINED_EARNINGS, joined, less,
};
use crate::{Part, Shortfall, ShortfallKind};

/// How near a company seems to bankruptcy: Altman, *Financial Ratios, Discriminant Analysis and the Prediction of Corporate
/// Bankruptcy*, Journal of Finance 1968.
///
/// Z = 1.2 · working capital ÷ assets + 1.4 · retained earnings ÷ assets + 3.3 · operating income ÷ assets + 0.6 · market value of
/// equity ÷ liabilities + 1.0 · revenue ÷ assets. It was fitted to American manufacturers; operating income stands for earnings before
/// interest and taxes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ZScore {
    /// Z.
    pub z: f64,
    /// In which of the paper's zones it lies.
    pub zone: ZZone,
    /// What was filed, and the close.
    pub rests_on: Vec<EvidenceId>,
}

/// A zone of Altman's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ZZone {
    /// Below 1.81.
    Distress,
    /// From 1.81 to 2.99.
    Grey,
    /// Above 2.99.
    Safe,
}

impl ZZone {
    /// The zone of a Z.
    #[must_use]
    pub fn of(z: f64) -> Self {
        match z {
            _ if z < 1.81 => Self::Distress,
            _ if z <= 2.99 => Self::Grey,
            _ => Self::Safe,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Distress => "distress",
            Self::Grey => "grey",
            Self::Safe => "safe",
        }
    }
}

/// A last close, its session and its evidence.
type Close = (f64, Date, EvidenceId);

pub(super) fn add(
    financial: &mut Financial,
    books: &Books<'_>,
    close: Option<Close>,
    lacks: &mut Vec<Shortfall>,
) {
    let worth = close.zip(books.shares()).map(|((price, day, id), (shares, _))| Figure {
        value: price * shares.value,
        end: day,
        ids: [shares.ids, vec![id]].concat(),
    });
    if let Some(worth) = worth.as_ref().filter(|worth| worth.value > 0.0) {
        financial.measures.extend(measures(books, worth));
    }
    match z_score(books, worth.as_ref()) {
        Ok(score) => {
            let how =
                format!("Altman 1968, in the {} zone, of statements to {}", score.zone.name(), books.end);
            let measure = Measure::new(
                "fin.altman-z",
                "Altman Z",
                (score.z, Unit::Number),
                &how,
                score.rests_on.clone(),
            );
            financial.measures.extend(measure);
            financial.z_score = Some(score);
        }
        Err(missing) => lacks.push(Shortfall::new(
            Part::Financial,
            ShortfallKind::TooLittle,
            format!("Altman's Z wants {}", missing.join(", ")),
        )),
    }
}

fn measures(books: &Books<'_>, worth: &Figure) -> Vec<Measure> {
    let whole = format!("a market value of {} USD on {}", grand(worth.value), worth.end);
    let mut list: Vec<Measure> = Measure::new(
        "fin.market-value",
        "market value",
        (worth.value, Unit::Dollars),
        &format!("shares outstanding times the close of {}", worth.end),
        worth.ids.clone(),
    )
    .into_iter()
    .collect();
    let of = [
        ("fin.earnings-yield", "earnings yield", books.flow(Line::NET_INCOME), "earnings", Unit::Share),
        ("fin.free-cash-yield", "free cash yield", books.free_cash(), "free cash flow", Unit::Share),
        ("fin.book-to-market", "book by market value", books.stock(Line::EQUITY), "equity", Unit::Share),
        ("fin.sales-to-market", "revenue by market value", books.flow(Line::REVENUE), "revenue", Unit::Share),
    ];
    for (id, name, figure, words, unit) in of {
        let Some(figure) = figure else { continue };
        let how = format!("{words} of {} USD to {} on {whole}", grand(figure.value), figure.end);
        let value = (figure.value / worth.value, unit);
        list.extend(Measure::new(id, name, value, &how, joined(&[&figure, worth])));
    }
    list
}

/// Z, or which of its inputs are missing.
fn z_score(books: &Books<'_>, worth: Option<&Figure>) -> Result<ZScore, Vec<&'static str>> {
    let mut missing = Vec::new();
    let mut want = |name: &'static str, figure: Option<Figure>| {
        if figure.is_none() {
            missing.push(name);
        }
        figure
    };
    let assets = want("assets", books.stock(Line::ASSETS).filter(|assets| assets.value > 0.0));
    let soon = want("current assets", books.stock(CURRENT_ASSETS));
    let due = want("current liabilities", books.stock(CURRENT_LIABILITIES));
    let retained = want("retained earnings", books.stock(RETAINED_EARNINGS));
    let income = want("operating income", books.flow(OPERATING_INCOME));
    let owed = want("liabilities", books.owed(Books::stock).filter(|owed| owed.value > 0.0));
    let revenue = want("revenue", books.flow(Line::REVENUE));
    let worth = want("a price and the number of shares", worth.cloned());
    let (
        Some(assets),
        Some(soon),
        Some(due),
        Some(retained),
        Some(income),
        Some(owed),
        Some(revenue),
        Some(worth),
    ) = (assets, soon, due, retained, income, owed, revenue, worth)
    else {
        return Err(missing);
    };
    let by_assets = |figure: &Figure| figure.value / assets.value;
    let working = less(&soon, &due);
    let z = 1.2 * by_assets(&working)
        + 1.4 * by_assets(&retained)
        + 3.3 * by_assets(&income)
        + 0.6 * worth.value / owed.value
        + by_assets(&revenue);
    let rests_on = joined(&[&assets, &working, &retained, &income, &owed, &revenue, &worth]);
    if z.is_finite() { Ok(ZScore { z, zone: ZZone::of(z), rests_on }) } else { Err(vec!["finite figures"]) }
}

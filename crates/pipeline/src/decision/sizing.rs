//! How much of the book a decision asks for.

use assize_portfolio::Weight;
use serde::Serialize;

use super::{Entry, Level};
use crate::Action;

/// What may be lost of the book, at the stop, by a decision that is as sure as can be: half a per cent.
const RISK: f64 = 0.005;
/// As far from one half as this, a probability is as sure as can be.
const FULL_EDGE: f64 = 0.15;

/// How much of the book a decision asks for, before it is held against limits.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Sizing {
    /// So much.
    To {
        /// The weight, in basis points.
        #[serde(rename = "weight_bp")]
        weight: Weight,
        /// Where that comes from: a lower-case fragment.
        why: String,
    },
    /// Whatever is held.
    Keep {
        /// Why: a lower-case fragment.
        why: String,
    },
}

/// A book that only holds wants nothing of what is thought likely to fall. Of the rest it wants
///
/// weight = 0.5 % · min(1, (p − ½) ÷ 0.15) ÷ (1 − stop ÷ entry), rounded down to a basis point:
///
/// if the stop is hit, the book loses half a per cent at most, less where the panel is less sure. So it is linear in the edge
/// and inverse in volatility (fixed fractional sizing: Vince 1990, "Portfolio Management Formulas"; by volatility: Moreira
/// and Muir 2017, "Volatility-Managed Portfolios"). Kelly's rule (1956; for log-normal prices z(p) ÷ σ√h, see Thorp 2006) is not
/// used: it takes p for known, and at p = 0.58 and 9 % over the horizon asks for twice the book.
pub(super) fn of(action: Action, p_up: f64, entry: Option<&Entry>, stop: &Level) -> Sizing {
    match action {
        Action::Hold => Sizing::Keep { why: "it is a hold".to_owned() },
        Action::Underweight | Action::Sell => Sizing::To {
            weight: Weight::ZERO,
            why: "a book that only holds wants nothing of what is thought likely to fall".to_owned(),
        },
        Action::Overweight | Action::Buy => match (entry, stop) {
            (Some(entry), Level::At { price }) => bought(p_up, 1.0 - price / entry.price),
            (_, Level::None { why }) => Sizing::Keep { why: why.clone() },
            (None, _) => Sizing::Keep { why: "there is no price to start from".to_owned() },
        },
    }
}

fn bought(p_up: f64, loss: f64) -> Sizing {
    let sureness = ((p_up - 0.5) / FULL_EDGE).clamp(0.0, 1.0);
    let risk = RISK * sureness;
    // Nine digits first, so that a whole number of basis points stays one.
    let bp = (1e9 * (1e4 * risk / loss)).round() / 1e9;
    #[expect(clippy::cast_possible_truncation, reason = "it is between 0 and 10,000")]
    let bp = bp.clamp(0.0, 1e4) as i32;
    let why = format!(
        "at the stop it loses {:.1} %, and {:.3} % of the book may be lost",
        100.0 * loss,
        100.0 * risk
    );
    Sizing::To { weight: Weight::from_bp(bp), why }
}

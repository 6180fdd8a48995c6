//! Who forecast how well.

use std::fmt::Write as _;

use assize_portfolio::{Absence, Calibration, Measure, Scorecard, Scorecards, Voice};
use assize_report::{Document, Text};

use crate::money_document::{
    ReliabilityBin, ScorecardFigures, ScorecardRow, hit_rate_chart, reliability_chart, reliability_table,
    scorecard_table,
};

/// Puts how the decision did, with its reliability, then all others.
pub fn put_scorecards(doc: &mut Document, scorecards: &Scorecards, is_whole: bool) {
    if scorecards.cards.is_empty() {
        doc.paragraph("Nobody has made a forecast yet.");
        return;
    }
    doc.heading(3, "The decisions");
    put_decisions(doc, scorecards, is_whole);
    put_voices(doc, scorecards, is_whole);
}

/// Puts how the decision did, with its reliability.
pub(crate) fn put_decisions(doc: &mut Document, scorecards: &Scorecards, is_whole: bool) {
    match scorecards.of(&Voice::Decision) {
        Some(decision) => {
            doc.paragraph(standing(decision));
            put_calibration(doc, &decision.calibration, is_whole);
        }
        None => {
            doc.paragraph("Nothing was decided yet.");
        }
    }
}

/// Puts how the debaters, the sources and the categories did.
pub(crate) fn put_voices(doc: &mut Document, scorecards: &Scorecards, is_whole: bool) {
    for (title, of) in [("Debaters", 0), ("Sources", 1), ("Categories", 2)] {
        let cards = scorecards.cards.iter().filter(|card| group(&card.who) == Some(of));
        let rows: Vec<ScorecardRow> = cards.map(row).collect();
        if rows.is_empty() {
            continue;
        }
        doc.heading(3, title);
        if is_whole && rows.iter().filter(|row| row.figures.is_some()).count() > 1 {
            doc.chart(hit_rate_chart(&rows));
        }
        let singular = ["debater", "source", "category"][of];
        doc.table(scorecard_table(singular, &rows));
    }
    doc.paragraph(
        "Below 30 outcomes nothing is said. Intervals (Wilson, 95 %) take outcomes for independent; horizons that overlap \
         are not. The weight is a factor on a seat's voice: the Brier score of the base rate over its own, shrunk towards 1.",
    );
}

/// Puts whether probabilities were worth what they said.
pub fn put_calibration(doc: &mut Document, calibration: &Measure<Calibration>, is_whole: bool) {
    let calibration = match calibration {
        Measure::Known(calibration) => calibration,
        Measure::Absent(Absence::TooFew { have, need }) => {
            let text = format!("Too few outcomes to say anything: {have} of {need}.");
            doc.paragraph(text);
            return;
        }
        Measure::Absent(why) => {
            doc.paragraph(format!("Nothing can be said: {why}."));
            return;
        }
    };
    let mut text =
        Text::new().plain("Brier score ").strong(format!("{:.3}", calibration.brier)).plain(format!(
            ", where always saying the base rate ({:.1} %) would have scored {:.3}",
            calibration.base_rate * 100.0,
            calibration.base_brier
        ));
    text = match calibration.skill {
        Measure::Known(skill) => text.plain(": skill ").strong(format!("{skill:.3}")),
        Measure::Absent(why) => text.plain(format!(": no skill can be reckoned, since {why}")),
    };
    if let Measure::Known(hits) = calibration.hits {
        text = text.plain(format!(
            "; {:.1} % on the right side of one half ({} of {}, 95 % interval {:.1} to {:.1} %",
            hits.share * 100.0,
            hits.hits,
            hits.of,
            hits.interval.low * 100.0,
            hits.interval.high * 100.0
        ));
        text = match calibration.cautious {
            Measure::Known(cautious) => text.plain(format!(
                "; {:.1} to {:.1} % if only the {} count that do not overlap)",
                cautious.low * 100.0,
                cautious.high * 100.0,
                calibration.effective.per_ticker
            )),
            Measure::Absent(_) => text.plain(")"),
        };
    }
    doc.paragraph(text.plain(format!(
        ". Calibration error {:.3}, mean logarithm {:.3} (a coin: -0.693).",
        calibration.calibration_error, calibration.log_score
    )));
    let bins = bins(calibration);
    if is_whole {
        doc.chart(reliability_chart(&bins));
    }
    doc.table(reliability_table(&bins));
}

/// How many outcomes there are, and what became of the other forecasts.
fn standing(card: &Scorecard) -> String {
    let mut text = format!("{} outcomes known, {} horizons not over", card.outcomes, card.pending);
    for (n, what) in
        [(card.stopped, "of shares without a price since"), (card.unpriced, "that no prices tell of")]
    {
        if n > 0 {
            let _ = write!(text, ", {n} {what}");
        }
    }
    text.push('.');
    for (figure, what) in [
        (card.mean_when_bought, "Mean return over the horizon where it said to have more"),
        (card.mean_when_followed, "Mean return where it said to have more or less"),
    ] {
        if let Measure::Known(mean) = figure {
            let _ = write!(text, " {what}: {:+.2} %, before costs.", mean * 100.0);
        }
    }
    text
}

const fn group(voice: &Voice) -> Option<usize> {
    match voice {
        Voice::Debater(_) => Some(0),
        Voice::Source(_) => Some(1),
        Voice::Category(_) => Some(2),
        _ => None,
    }
}

fn row(card: &Scorecard) -> ScorecardRow {
    let who = match &card.who {
        Voice::Debater(name) | Voice::Source(name) | Voice::Category(name) => name.clone(),
        other => other.to_string(),
    };
    let figures = card.calibration.known().and_then(|calibration| {
        let hits = calibration.hits.value()?;
        Some(ScorecardFigures {
            hit_rate: hits.share,
            hit_interval: (hits.interval.low, hits.interval.high),
            brier: calibration.brier,
            skill: calibration.skill.value().unwrap_or(f64::NAN),
            mean_return: card.mean_when_followed.value(),
            weight: card.weight,
        })
    });
    ScorecardRow { who, outcomes: small(card.outcomes), figures }
}

fn bins(calibration: &Calibration) -> Vec<ReliabilityBin> {
    let bin = |bin: &assize_portfolio::Bin| {
        let observed = bin.observed?;
        Some(ReliabilityBin {
            mean_p: bin.mean_p?,
            observed: observed.share,
            interval: (observed.interval.low, observed.interval.high),
            forecasts: small(observed.of),
        })
    };
    calibration.reliability.iter().filter_map(bin).collect()
}

fn small(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

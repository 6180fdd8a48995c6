//! Choices as a part of a document.

use std::time::Duration;

use assize_metering::Usd;
use assize_report::{Cell, Column, Document, Table, Text, Tone};

use super::{Calibration, Choice, Landing, MeasuredCalibration, ToggleRecord};

/// Adds a table of choices, with what was predicted and what came, and a sentence on how good the predictions were over
/// `calibration`'s records, which may be more than these.
pub fn describe(doc: &mut Document, records: &[ToggleRecord], calibration: &Calibration) {
    let mut table = Table::new([
        Column::left("ticker"),
        Column::left("choice"),
        Column::left("why"),
        Column::right("time, p50 to p90"),
        Column::right("its share"),
        Column::right("took"),
        Column::right("cost in USD, p50 to p90"),
        Column::right("its share"),
        Column::right("cost in USD"),
    ]);
    for record in records {
        let receipt = &record.receipt;
        let none = || "–".to_owned();
        let predicted = receipt.predicted();
        let time = predicted.map(|it| format!("{} to {}", seconds(it.time.p50), seconds(it.time.p90)));
        let cost = predicted.map(|it| format!("{} to {}", amount(it.cost.p50), amount(it.cost.p90)));
        let took = record.actual.map_or_else(none, |actual| seconds(actual.took));
        let spent = record.actual.map_or_else(none, |actual| amount(actual.cost));
        table.push([
            Cell::from(record.ticker.to_string()),
            Cell::toned(tone(receipt.choice), receipt.choice.to_string()),
            Cell::from(receipt.reason.to_string()),
            Cell::from(time.unwrap_or_else(none)),
            Cell::from(receipt.time_share.map_or_else(|| "no limit".to_owned(), seconds)),
            landed(record.time(), took),
            Cell::from(cost.unwrap_or_else(none)),
            Cell::from(receipt.cost_share.map_or_else(|| "no limit".to_owned(), amount)),
            landed(record.cost(), spent),
        ]);
    }
    doc.table(table);
    doc.paragraph(sentence("time", &calibration.time, |it| {
        format!("{}{} ms", if it.is_negative() { "-" } else { "" }, it.unsigned_abs().as_millis())
    }));
    doc.paragraph(sentence("cost", &calibration.cost, |it| {
        format!("{}{} USD", if it.is_negative() { "-" } else { "" }, amount(*it))
    }));
}

fn sentence<T>(of: &str, measured: &MeasuredCalibration<T>, shown: impl Fn(&T) -> String) -> Text {
    let fit = match measured {
        MeasuredCalibration::TooFew { have, need } => {
            return Text::from(format!("Predictions of {of}: too few outcomes to judge, {have} of {need}."));
        }
        MeasuredCalibration::Measured(fit) => fit,
    };
    let percent = |permille: u32| format!("{}.{} %", permille / 10, permille % 10);
    let left_out = match fit.left_out {
        0 => String::new(),
        n => format!("; {n} more were cut short and are left out"),
    };
    Text::from(format!(
        "Predictions of {of}, {} outcomes{left_out}: {} within the p50 (50 % would be right), {} within the p90 (90 %); \
         mean pinball loss {} and {}; mean bias {}.",
        fit.outcomes,
        percent(fit.p50_permille()),
        percent(fit.p90_permille()),
        shown(&fit.pinball_p50),
        shown(&fit.pinball_p90),
        shown(&fit.bias),
    ))
}

fn landed(landing: Option<Landing>, words: String) -> Cell {
    match landing {
        Some(Landing::Beyond) => Cell::toned(Tone::Warn, words),
        Some(Landing::CutShort) => Cell::toned(Tone::Note, format!("{words}, cut short")),
        Some(Landing::WithinP50 | Landing::WithinP90) | None => Cell::from(words),
    }
}

const fn tone(choice: Choice) -> Tone {
    match choice {
        Choice::Debate { .. } => Tone::Good,
        Choice::Vote => Tone::Note,
        Choice::Skip => Tone::Warn,
    }
}

/// What is to be paid, to the millionth of a dollar, rounded up and without its sign; `run.json` has every digit.
fn amount(cost: Usd) -> String {
    let millionths = cost.picodollars().unsigned_abs().div_ceil(1_000_000);
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

/// Seconds, to the millisecond, rounded up.
fn seconds(time: Duration) -> String {
    let millis = time.as_micros().div_ceil(1_000);
    format!("{}.{:03} s", millis / 1_000, millis % 1_000)
}

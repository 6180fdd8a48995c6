//! What validation made of decisions, as part of a document.

use assize_portfolio::{Standing, Validation};
use assize_report::{Cell, Column, Document, Table, Text, Tone};

/// Puts what became of each name, and behind it every change that a rule made, with its reason.
pub fn put_validation(doc: &mut Document, validation: &Validation) {
    let mut table = Table::new([
        Column::left("ticker"),
        Column::left("standing"),
        Column::left("opinion"),
        Column::right("held"),
        Column::right("to hold"),
        Column::left("rules that fired"),
    ]);
    for accepted in &validation.accepted {
        let tone = match accepted.standing {
            Standing::Accepted => Tone::Good,
            Standing::Held => Tone::Note,
            Standing::Abstained => Tone::Warn,
            Standing::Stopped => Tone::Bad,
        };
        let fired: Vec<&str> = accepted.events.iter().map(|event| event.rule.as_str()).collect();
        table.push([
            Cell::from(accepted.ticker.to_string()),
            Cell::toned(tone, accepted.standing.to_string()),
            Cell::from(accepted.action.to_string()),
            Cell::from(accepted.present.to_string()),
            Cell::from(accepted.weight.to_string()),
            Cell::from(if fired.is_empty() { "none".to_owned() } else { fired.join(", ") }),
        ]);
    }
    doc.table(table);
    doc.paragraph(format!(
        "Afterwards {} is held in all, and {} is cash, before the costs of buying and selling.",
        validation.gross, validation.cash
    ));
    doc.list(validation.events().map(|event| Text::new().plain(event.to_string())));
    if !validation.without_sector.is_empty() {
        let names: Vec<&str> = validation.without_sector.iter().map(assize_altdata::Ticker::as_str).collect();
        doc.paragraph(format!(
            "Nobody knows the sector of {}: the limit of a sector was not held against them.",
            names.join(", ")
        ));
    }
}

//! A decision as part of a document: its card.

use assize_report::{Cell, Column, Document, Table, Text};

use crate::{Decision, Level, Sizing, Trigger, WeighedEvidence};

/// Evidence beyond this many pieces on a side is counted, not listed; `brief.json` has them all.
const LISTED: usize = 8;

/// Puts a decision's figures, what would refute it, and the evidence on both sides.
pub(crate) fn put_card(doc: &mut Document, decision: &Decision) {
    doc.table(figures(decision));
    doc.paragraph(Text::new().strong("Over, or refuted, by"));
    doc.list(decision.invalidation.iter().map(trigger));
    doc.paragraph(Text::new().strong("Weight of the evidence"));
    let shares = [
        ("for", decision.facts.share_for, &decision.evidence_for),
        ("against", decision.facts.share_against, &decision.evidence_against),
    ];
    doc.list(shares.map(|(side, share, evidence)| {
        Text::new().strong(side).plain(format!(": {:.0} %{}", 100.0 * share, pieces(evidence)))
    }));
    doc.paragraph(
        Text::new()
            .plain("Decision ")
            .code(&decision.id)
            .plain(", from ")
            .code(decision.specification.as_str()),
    );
}

fn figures(decision: &Decision) -> Table {
    let mut table = Table::new([Column::left(""), Column::right("figure"), Column::left("by")]);
    let mut row = |name: &str, figure: String, by: String| {
        table.push([Cell::from(name), Cell::from(figure), Cell::from(by)]);
    };
    match &decision.entry {
        Some(entry) => row("from", entry.price.to_string(), format!("the close of {}", entry.date)),
        None => row("from", "–".to_owned(), "there is no price".to_owned()),
    }
    let volatility = &decision.volatility;
    let by = match (&volatility.why_not, volatility.implied) {
        (Some(why), _) => why.clone(),
        (None, Some(implied)) => format!(
            "a year; the price over {} sessions {}, options {}",
            volatility.returns,
            percent(volatility.realised),
            percent(Some(implied))
        ),
        (None, None) => format!("a year; the price over {} sessions", volatility.returns),
    };
    row("volatility", percent(volatility.used), by);
    let horizon = decision.horizon_sessions;
    if let Some(benchmark) = &decision.benchmark {
        let by = format!("a year; the return against {benchmark}");
        row("volatility against it", percent(volatility.against), by);
    }
    let unmoved = decision.benchmark.as_ref().map(|name| format!(", with {name} where it is"));
    let unmoved = unmoved.unwrap_or_default();
    let levels = [
        ("expected", &decision.expected, format!("the median after {horizon} sessions{unmoved}")),
        ("target", &decision.target, format!("the median if it is right{unmoved}")),
        ("stop", &decision.stop, "1.5 standard deviations over the horizon".to_owned()),
    ];
    for (name, level, by) in levels {
        match level {
            Level::At { price } => row(name, price.to_string(), by),
            Level::None { why } => row(name, "–".to_owned(), why.clone()),
        }
    }
    match &decision.size {
        Sizing::To { weight, why } => row("asks for, before limits", weight.to_string(), why.clone()),
        Sizing::Keep { why } => row("asks for, before limits", "what is held".to_owned(), why.clone()),
    }
    table
}

fn trigger(trigger: &Trigger) -> String {
    match trigger {
        Trigger::CloseBelow { price } => format!("a close below {price}"),
        Trigger::CloseAbove { price } => format!("a close above {price}"),
        Trigger::ProbabilityAtMost { p } => format!("a newer p(up) of {p} or less"),
        Trigger::ProbabilityAtLeast { p } => format!("a newer p(up) of {p} or more"),
        Trigger::NewEvidence { kinds } => format!("new evidence: {}", kinds.join(", ")),
        Trigger::ResultsExpected { from, to, last_filed_on } => {
            format!(
                "results, expected from {from} to {to}, since the last report was filed on {last_filed_on}"
            )
        }
        Trigger::HorizonEnds { on } => format!("the end of the horizon on {on}"),
    }
}

fn pieces(evidence: &[WeighedEvidence]) -> String {
    let mut listed: Vec<String> = evidence
        .iter()
        .take(LISTED)
        .map(|piece| format!("{} {:.0} %", piece.id, 100.0 * piece.share))
        .collect();
    if evidence.len() > LISTED {
        listed.push(format!("{} more", evidence.len() - LISTED));
    }
    if listed.is_empty() { String::new() } else { format!(" ({})", listed.join(", ")) }
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", 100.0 * share))
}

//! What a desk has done with a brief.

use assize_portfolio::Question;
use assize_report::{Column, Document, Table, Text, Tone};

use super::{Beside, dollars, put_book, put_orders, put_performance, put_scorecards, put_worth};
use crate::{
    Benchmark, CurvePoint, DeskReport,
    decision::put_validation,
    money_document::{Curve, drawdown_chart, equity_chart},
};

/// Puts what the limits made of the decisions, what is ordered, what happened since the brief before, the account, and how
/// it and everybody who forecast has fared.
pub fn put_desk(doc: &mut Document, desk: &DeskReport, is_whole: bool) {
    put_worth(doc, &desk.account);
    if !desk.is_booked {
        let why: Vec<&str> = desk.shortfalls.iter().map(|lack| lack.detail.as_str()).collect();
        let why = if why.is_empty() { "nothing was to be booked".to_owned() } else { why.join("; ") };
        doc.callout(Tone::Warn, Text::new().strong("nothing is ordered").plain(format!(": {why}")));
    }
    put_validation(doc, &desk.validation);
    doc.heading(3, "Orders of this brief");
    put_placed(doc, desk);
    doc.heading(3, "Since the brief before");
    put_happened(doc, desk);
    doc.heading(3, "What the account holds");
    put_book(doc, &desk.account);
    if desk.account.orders.len() > desk.orders.len() {
        doc.paragraph(Text::new().strong("All orders that wait"));
        put_orders(doc, &desk.account);
    }
    doc.heading(3, "How it did");
    let benchmark = desk.benchmark.to_string();
    let curves = curves(&desk.curve, &benchmark);
    if is_whole && desk.curve.len() > 2 {
        doc.chart(equity_chart(&curves.0, curves.1.as_ref()));
        doc.chart(drawdown_chart(&curves.0, curves.1.as_ref()));
    }
    put_performance(doc, &desk.performance, Some(Beside { name: &benchmark, performance: None }));
    doc.heading(3, "Who forecast how well");
    doc.paragraph(asked(desk));
    put_scorecards(doc, &desk.scorecards, is_whole);
}

/// The worth of an account and of its benchmark, if that is known anywhere.
pub(crate) fn curves(points: &[CurvePoint], benchmark: &str) -> (Curve, Option<Curve>) {
    let account = points.iter().map(|point| (point.session, super::performance::number(point.equity)));
    let other: Vec<_> = points.iter().filter_map(|point| Some((point.session, point.benchmark?))).collect();
    let other = (!other.is_empty()).then(|| Curve { label: benchmark.to_owned(), values: other });
    (Curve { label: "account".to_owned(), values: account.collect() }, other)
}

fn put_placed(doc: &mut Document, desk: &DeskReport) {
    if desk.orders.is_empty() {
        doc.paragraph("None.");
    } else {
        let mut table = Table::new([
            Column::left("ticker"),
            Column::left("side"),
            Column::right("shares"),
            Column::left("order"),
        ]);
        for order in &desk.orders {
            table.push([
                order.ticker.to_string(),
                order.side.to_string(),
                order.shares.to_string(),
                order.id.to_string(),
            ]);
        }
        doc.table(table);
        doc.paragraph(
            "They are filled on paper at the opening price of the next session, made worse by slippage. What is too large a part of \
             its volume waits.",
        );
    }
    if !desk.withdrawn.is_empty() {
        let withdrawn = desk.withdrawn.iter().map(|order| {
            format!("{} of {}: {} shares had not been filled", order.id, order.ticker, order.left)
        });
        doc.paragraph(Text::new().strong("Earlier orders that are withdrawn"));
        doc.list(withdrawn);
    }
}

/// Which question the forecasts answer.
fn asked(desk: &DeskReport) -> String {
    let question = match (desk.question, &desk.benchmark) {
        (Question::Outperform, Benchmark::Ticker(ticker)) => {
            format!("whether a share returns more than {ticker}")
        }
        (Question::Outperform, Benchmark::EqualWeight) => {
            "whether a share returns more than the benchmark".to_owned()
        }
        (Question::Rise, _) => "whether a share is worth more".to_owned(),
    };
    let others = match desk.of_other_questions {
        0 => String::new(),
        others => format!(" {others} forecasts answer another question and are not among them."),
    };
    format!("The forecasts below say {question}, dividends included, at the end of the horizon.{others}")
}

fn put_happened(doc: &mut Document, desk: &DeskReport) {
    super::events::put_bare_events(doc, &desk.events);
    if !desk.left_out.is_empty() {
        doc.paragraph(Text::new().strong("What of the prices was not booked"));
        doc.list(desk.left_out.iter().map(String::as_str));
    }
}

/// Commission and slippage of an account, and what calls of models cost.
pub(crate) fn put_costs(
    doc: &mut Document,
    account: &assize_portfolio::AccountDocument,
    calls: assize_metering::Usd,
) {
    let mut table = Table::new([Column::left("cost"), Column::right("USD")]);
    for (what, amount) in [
        ("commission", dollars(account.totals.commission)),
        ("slippage", dollars(account.totals.slippage)),
        ("calls of models, which the account does not pay", calls.to_string()),
    ] {
        table.push([what.to_owned(), amount]);
    }
    doc.table(table);
}

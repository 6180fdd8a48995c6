//! What happened to an account.

use std::{collections::BTreeMap, fmt::Write as _};

use assize_altdata::{AsOf, Ticker, new_york};
use assize_portfolio::{Decision, Event, Limit, OrderId, Price, Record, Side, Withdrawn};
use assize_report::{Cell, Column, Document, Table, Tone};

use super::dollars;

/// The events as a document, oldest first; with a ticker those alone that concern it.
#[must_use]
pub fn events_document<'a>(
    records: impl IntoIterator<Item = &'a Record>,
    as_of: &AsOf,
    ticker: Option<&Ticker>,
) -> Document {
    let title = ticker.map_or_else(
        || "What happened to the account".to_owned(),
        |ticker| format!("What happened to {ticker}"),
    );
    let mut doc = Document::new(title);
    doc.meta("as of", as_of.to_string());
    put_events(&mut doc, records);
    doc
}

/// Puts a table of events.
pub fn put_events<'a>(doc: &mut Document, records: impl IntoIterator<Item = &'a Record>) {
    let mut table = Table::new([
        Column::left("known since, New York"),
        Column::left("session"),
        Column::left("event"),
        Column::left("ticker"),
        Column::left("what happened"),
    ]);
    for record in records {
        let known = new_york::wall(record.known_at).strftime("%Y-%m-%d %H:%M").to_string();
        let session = record.event.session().map_or_else(|| "–".to_owned(), |session| session.to_string());
        let Told { what, tone, ticker, text } = tell(&record.event);
        table.push([
            Cell::from(known),
            Cell::from(session),
            Cell::toned(tone, what),
            Cell::from(ticker.map_or_else(|| "–".to_owned(), ToString::to_string)),
            Cell::from(text),
        ]);
    }
    if table.is_empty() {
        doc.paragraph("Nothing.");
    } else {
        doc.table(table);
    }
}

/// The same of events of sessions, whose days say when they were known; closes without trades are left out.
pub(crate) fn put_bare_events<'a>(doc: &mut Document, events: impl IntoIterator<Item = &'a Event>) {
    let mut table = Table::new([
        Column::left("session"),
        Column::left("event"),
        Column::left("ticker"),
        Column::left("what happened"),
    ]);
    let mut closes = 0;
    for event in events {
        if matches!(event, Event::Marked { .. }) {
            closes += 1;
            continue;
        }
        let Told { what, tone, ticker, text } = tell(event);
        table.push([
            Cell::from(event.session().map_or_else(|| "–".to_owned(), |session| session.to_string())),
            Cell::toned(tone, what),
            Cell::from(ticker.map_or_else(|| "–".to_owned(), ToString::to_string)),
            Cell::from(text),
        ]);
    }
    if !table.is_empty() {
        doc.table(table);
    }
    doc.paragraph(match closes {
        0 => "No session is booked since.".to_owned(),
        1 => "One session is booked since.".to_owned(),
        n => format!("{n} sessions are booked since."),
    });
}

struct Told<'a> {
    what: &'static str,
    tone: Tone,
    ticker: Option<&'a Ticker>,
    text: String,
}

fn told<'a>(what: &'static str, tone: Tone, ticker: impl Into<Option<&'a Ticker>>, text: String) -> Told<'a> {
    Told { what, tone, ticker: ticker.into(), text }
}

fn tell(event: &Event) -> Told<'_> {
    match event {
        Event::Opened { rules } => {
            let text = format!(
                "at most {}.{} % of a session's volume; the larger of {} USD and {} USD a share as commission; {} sessions \
                 before an order expires",
                rules.participation_ppm / 10_000,
                rules.participation_ppm / 1_000 % 10,
                rules.least_commission,
                rules.commission_per_share,
                rules.patience
            );
            told("opened", Tone::Plain, None, text)
        }
        Event::Deposited { id, amount } => {
            told("paid in", Tone::Plain, None, format!("{} USD as {id}", dollars(*amount)))
        }
        Event::Decided { decision, withdrawn } => {
            told("decided", Tone::Note, None, decided(decision, withdrawn))
        }
        Event::Split { ticker, split, before, after, in_lieu, .. } => {
            let mut text = format!("{split}: {before} shares are {after}");
            if !in_lieu.is_zero() {
                let _ = write!(text, ", and {} USD for the fraction", dollars(*in_lieu));
            }
            told("split", Tone::Plain, ticker, text)
        }
        Event::Dividend { ticker, shares, per_share, amount, .. } => {
            let text = format!("{} USD: {per_share} on each of {shares} shares", dollars(*amount));
            told("dividend", Tone::Good, ticker, text)
        }
        Event::Filled { order, ticker, side, shares, open, volume, costs, left, limit, .. } => {
            let mut text = format!(
                "{order}: {} {shares} at the open of {open} for {} USD, slippage {} and commission {} beyond; the session \
                 traded {volume}",
                past(*side),
                dollars(costs.value),
                dollars(costs.slippage),
                dollars(costs.commission)
            );
            if *left > 0 {
                let _ = write!(text, "; {left} are left{}", because(*limit));
            }
            told("filled", Tone::Good, ticker, text)
        }
        Event::Carried { order, ticker, left, limit, .. } => {
            told("carried", Tone::Warn, ticker, waits(*order, *left, "wait for the next session", *limit))
        }
        Event::Expired { order, ticker, left, limit, .. } => {
            told("expired", Tone::Bad, ticker, waits(*order, *left, "will not be filled", *limit))
        }
        Event::Marked { equity, closes, .. } => {
            let text = format!("worth {} USD{}", dollars(*equity), closed(closes));
            told("closed", Tone::Plain, None, text)
        }
        _ => told("other", Tone::Plain, None, String::new()),
    }
}

fn decided(decision: &Decision, withdrawn: &[Withdrawn]) -> String {
    let orders = decision.orders.iter().zip(decision.order_ids());
    let orders: Vec<String> = orders
        .map(|(order, id)| format!("{} {} {} ({id})", order.side, order.shares, order.ticker))
        .collect();
    let mut text = if orders.is_empty() { "no orders".to_owned() } else { orders.join(", ") };
    let _ = write!(text, "; informed by the session of {}", decision.informed_by);
    let silent: Vec<&str> = decision
        .covers
        .iter()
        .filter(|ticker| decision.orders.iter().all(|order| order.ticker != **ticker))
        .map(Ticker::as_str)
        .collect();
    if !silent.is_empty() {
        let _ = write!(text, "; leaves {} as they are", silent.join(", "));
    }
    if !withdrawn.is_empty() {
        let names: Vec<String> = withdrawn
            .iter()
            .map(|order| format!("{} ({} of {} left)", order.order, order.left, order.ticker))
            .collect();
        let _ = write!(text, "; withdraws {}", names.join(", "));
    }
    text
}

/// The closes of what is held.
fn closed(closes: &BTreeMap<Ticker, Price>) -> String {
    let closes: Vec<String> = closes.iter().map(|(ticker, price)| format!("{ticker} {price}")).collect();
    if closes.is_empty() { String::new() } else { format!("; closes: {}", closes.join(", ")) }
}

const fn past(side: Side) -> &'static str {
    match side {
        Side::Buy => "bought",
        Side::Sell => "sold",
    }
}

fn because(limit: Option<Limit>) -> String {
    limit.map(|limit| format!(", since {limit}")).unwrap_or_default()
}

fn waits(order: OrderId, left: u64, what: &str, limit: Limit) -> String {
    format!("{order}: {left} shares {what}, since {limit}")
}

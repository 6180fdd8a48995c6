//! What an account holds, and what it waits for.

use assize_altdata::new_york;
use assize_portfolio::AccountDocument;
use assize_report::{Cell, Column, Document, Table, Text, Tone};

use super::dollars;

/// Puts what is held, and what has gone in and out.
pub fn put_book(doc: &mut Document, account: &AccountDocument) {
    doc.table(positions(account));
    doc.table(totals(account));
    if !account.imbalance.is_zero() {
        doc.callout(Tone::Bad, format!("The books are out of balance by {} USD.", account.imbalance));
    }
}

/// Puts the orders that wait.
pub fn put_orders(doc: &mut Document, account: &AccountDocument) {
    if account.orders.is_empty() {
        doc.paragraph("None.");
        return;
    }
    let mut table = Table::new([
        Column::left("ticker"),
        Column::left("side"),
        Column::right("shares left"),
        Column::left("decided as of, New York"),
        Column::right("sessions tried"),
        Column::left("order"),
    ]);
    for order in &account.orders {
        table.push([
            order.ticker.clone(),
            order.side.to_string(),
            order.left.to_string(),
            new_york::wall(order.as_of).strftime("%Y-%m-%d %H:%M").to_string(),
            order.tried.to_string(),
            order.id.clone(),
        ]);
    }
    doc.table(table);
    doc.paragraph(
        "They are filled at the opening price of the first session after the decision, made worse by slippage; what would be \
         too large a part of the session's volume waits for the next.",
    );
}

fn positions(account: &AccountDocument) -> Table {
    let mut table = Table::new([
        Column::left("position"),
        Column::right("shares"),
        Column::right("cost (USD)"),
        Column::right("close"),
        Column::left("of"),
        Column::right("worth (USD)"),
        Column::right("gain (USD)"),
        Column::right("weight"),
    ]);
    let mut weights = 0;
    for position in &account.positions {
        let gain = position.value.checked_sub(position.basis);
        let (price, priced_on) = match (position.price, position.priced_on) {
            (Some(price), Some(date)) => (dollars(price.times(1)), date.to_string()),
            _ => ("–".to_owned(), "–".to_owned()),
        };
        let tone = match gain {
            Some(gain) if gain.is_negative() => Tone::Bad,
            Some(gain) if !gain.is_zero() => Tone::Good,
            _ => Tone::Plain,
        };
        weights += position.weight_bp;
        table.push([
            Cell::from(position.ticker.as_str()),
            Cell::from(position.shares.to_string()),
            Cell::from(dollars(position.basis)),
            Cell::from(price),
            Cell::from(priced_on),
            Cell::from(dollars(position.value)),
            Cell::toned(tone, gain.map_or_else(|| "–".to_owned(), dollars)),
            Cell::from(percent_of_bp(position.weight_bp)),
        ]);
    }
    let dash = || "–".to_owned();
    let cash = dollars(account.cash);
    let weight = if account.equity.is_zero() { dash() } else { percent_of_bp(10_000 - weights) };
    table.push(["cash".to_owned(), dash(), dash(), dash(), dash(), cash, dash(), weight]);
    table.push(
        [
            "in all".to_owned(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            dollars(account.equity),
            dollars(account.unrealised),
            String::new(),
        ]
        .map(|cell| Text::new().strong(cell)),
    );
    table
}

fn totals(account: &AccountDocument) -> Table {
    let totals = &account.totals;
    let mut table = Table::new([Column::left("since the beginning"), Column::right("USD")]);
    for (what, amount) in [
        ("paid in", totals.deposits),
        ("gains of sales, costs apart", totals.realised),
        ("gains of what is held", account.unrealised),
        ("dividends", totals.dividends),
        ("commission paid", totals.commission),
        ("slippage paid", totals.slippage),
    ] {
        table.push([what.to_owned(), dollars(amount)]);
    }
    table
}

fn percent_of_bp(bp: i32) -> String {
    let bp = bp.max(0);
    format!("{}.{:02} %", bp / 100, bp % 100)
}

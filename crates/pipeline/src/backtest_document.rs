//! A backtest as a document.

use std::{collections::BTreeMap, fmt::Write as _};

use assize_altdata::Ticker;
use assize_report::{Cell, Column, Document, Table, Text, Tone};
use jiff::civil::Date;

use crate::{
    Action, BacktestDay, BacktestReport, BacktestTicker, Part,
    desk_document::{
        Beside, curves, dollars, put_book, put_costs, put_decisions, put_orders, put_performance, put_voices,
    },
    money_document::{DecisionMark, drawdown_chart, equity_chart, price_chart},
};

/// More days than these are folded away.
const LISTED_DAYS: usize = 60;
/// So many tickers get a picture of their own.
const DRAWN_TICKERS: usize = 20;

/// The closes of tickers, adjusted for splits and dividends.
pub type Closes = BTreeMap<Ticker, Vec<(Date, f64)>>;

impl BacktestReport {
    /// The report for people: what became of the money beside the benchmark, figures, the decisions on each day, how good the
    /// forecasts were, and what was missing. `closes` are drawn, with the decisions upon them.
    #[must_use]
    pub fn to_document(&self, closes: &Closes) -> Document {
        self.document(true, closes)
    }

    /// The same for a terminal, without pictures.
    #[must_use]
    pub fn to_short_document(&self) -> Document {
        self.document(false, &Closes::new())
    }

    fn document(&self, is_whole: bool, closes: &Closes) -> Document {
        let mut doc = Document::new(format!("Backtest, {} to {}", self.from, self.to));
        let tickers: Vec<String> = self.tickers.iter().map(Ticker::to_string).collect();
        doc.meta("tickers", tickers.join(", "));
        doc.meta("a brief every", self.every.to_string());
        doc.meta("briefs", self.days.len().to_string());
        doc.meta("horizon", format!("{} sessions", self.horizon_sessions));
        doc.meta("benchmark", self.benchmark.to_string());
        doc.meta("models knew company and dates", if self.is_blind { "no" } else { "yes" });
        doc.callout(Tone::Note, self.outcome());
        let benchmark = self.benchmark.to_string();
        let (account, other) = curves(&self.curve, &benchmark);
        if is_whole && self.curve.len() > 1 {
            doc.chart(equity_chart(&account, other.as_ref()));
            doc.chart(drawdown_chart(&account, other.as_ref()));
        }
        doc.heading(2, "How it did");
        let beside = Beside { name: &benchmark, performance: Some(&self.benchmark_performance) };
        put_performance(&mut doc, &self.performance, Some(beside));
        doc.heading(2, "What it cost");
        put_costs(&mut doc, &self.account, self.cost);
        doc.heading(2, "Day by day");
        self.put_days(&mut doc);
        if is_whole {
            self.draw(&mut doc, closes);
        }
        doc.heading(2, "Were the probabilities worth what they said?");
        put_decisions(&mut doc, &self.scorecards, is_whole);
        doc.heading(2, "Who forecast how well");
        put_voices(&mut doc, &self.scorecards, is_whole);
        doc.heading(2, "The account at the end");
        put_book(&mut doc, &self.account);
        doc.paragraph(Text::new().strong("Orders that wait"));
        put_orders(&mut doc, &self.account);
        doc.heading(2, "What was missing");
        self.put_missing(&mut doc);
        doc.heading(2, "How to read this");
        doc.paragraph(
            "On each day the brief is the one that would have been made then: it saw what was known at the end of that day in New \
             York, and its orders were filled at the next open at the earliest, made worse by slippage and commission. The \
             benchmark pays neither. Prices of companies that are gone are not here unless somebody kept them, and a model may know \
             how things went from what it was trained on: past results say little about what comes. It is no advice.",
        );
        doc
    }

    /// Whether anything was decided on any day.
    #[must_use]
    pub fn has_decision(&self) -> bool {
        self.days.iter().flat_map(|day| &day.tickers).any(|ticker| ticker.action.is_some())
    }

    fn gain(&self) -> Option<f64> {
        self.performance.known()?.total_return.value()
    }

    fn outcome(&self) -> Text {
        let percent = |gain: f64| format!("{:+.2} %", gain * 100.0);
        let mut text = Text::new().plain(format!("{} USD became ", dollars(self.capital)));
        text = text.strong(format!("{} USD", dollars(self.account.equity)));
        if let Some(gain) = self.gain() {
            text = text.plain(format!(" ({})", percent(gain)));
        }
        let theirs = self.benchmark_performance.known().and_then(|theirs| theirs.total_return.value());
        match theirs {
            Some(gain) => {
                text.plain(format!("; the benchmark ({}) made ", self.benchmark)).strong(percent(gain))
            }
            None => text.plain("; of the benchmark there are no prices"),
        }
    }

    fn put_days(&self, doc: &mut Document) {
        let mut table = Table::new([
            Column::left("as of"),
            Column::right("worth (USD)"),
            Column::left("decisions: p(up), and what is to be held"),
            Column::left("orders"),
            Column::left("missing"),
        ]);
        for day in &self.days {
            let orders: Vec<String> = day
                .orders
                .iter()
                .map(|order| format!("{} {} {}", order.side, order.shares, order.ticker))
                .collect();
            table.push([
                Cell::from(day.as_of.to_string()),
                Cell::from(dollars(day.equity)),
                Cell::from(day.tickers.iter().map(decided).collect::<Vec<_>>().join(" · ")),
                Cell::from(if orders.is_empty() { "–".to_owned() } else { orders.join(", ") }),
                missing(day),
            ]);
        }
        if self.days.len() > LISTED_DAYS {
            doc.details(format!("{} days", self.days.len()), |inner: &mut Document| {
                inner.table(table);
            });
        } else {
            doc.table(table);
        }
    }

    fn draw(&self, doc: &mut Document, closes: &Closes) {
        let drawn = self.tickers.iter().filter_map(|ticker| Some((ticker, closes.get(ticker)?)));
        for (ticker, closes) in drawn.take(DRAWN_TICKERS) {
            let closes: Vec<(Date, f64)> =
                closes.iter().copied().filter(|(date, _)| *date >= self.from).collect();
            let marks: Vec<DecisionMark> = self
                .days
                .iter()
                .filter_map(|day| Some(DecisionMark { date: day.as_of.date(), action: action(day, ticker)? }))
                .collect();
            doc.chart(price_chart(ticker.as_str(), &closes, &marks));
        }
    }

    /// Each part that was missing, on how many of how many briefs and why, the most frequent reason first.
    fn put_missing(&self, doc: &mut Document) {
        let mut reasons: BTreeMap<(Part, &str), usize> = BTreeMap::new();
        for lack in self.days.iter().flat_map(|day| &day.tickers).flat_map(|ticker| &ticker.shortfalls) {
            *reasons.entry((lack.part, &lack.detail)).or_default() += 1;
        }
        for lack in self.days.iter().flat_map(|day| &day.shortfalls).chain(&self.shortfalls) {
            *reasons.entry((lack.part, &lack.detail)).or_default() += 1;
        }
        if reasons.is_empty() && self.left_out.is_empty() {
            doc.paragraph("Nothing.");
            return;
        }
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let mut table = Table::new([Column::left("part"), Column::right("times"), Column::left("why")]);
        let more = reasons.len().saturating_sub(LISTED_DAYS);
        for ((part, why), times) in reasons.into_iter().take(LISTED_DAYS) {
            table.push([part.name().to_owned(), times.to_string(), why.to_owned()]);
        }
        doc.table(table);
        if more > 0 {
            doc.paragraph(format!("… and {more} more reasons, in backtest.json"));
        }
        if !self.left_out.is_empty() {
            doc.paragraph(Text::new().strong("What of the prices was not booked"));
            doc.list(self.left_out.iter().map(String::as_str));
        }
    }
}

/// What was decided about a ticker on a day.
fn action(day: &BacktestDay, ticker: &Ticker) -> Option<Action> {
    day.tickers.iter().find(|found| found.ticker == *ticker)?.action
}

/// `KO buy 0.62 → 8.00 %`.
fn decided(found: &BacktestTicker) -> String {
    let mut text = found.ticker.to_string();
    match (found.action, found.p_up) {
        (Some(action), Some(p_up)) => {
            let _ = write!(text, " {action} {p_up:.2}");
        }
        _ => text.push_str(" none"),
    }
    if let Some(weight) = found.weight {
        let _ = write!(text, " → {weight}");
    }
    text
}

fn missing(day: &BacktestDay) -> Cell {
    let mut parts: BTreeMap<Part, usize> = BTreeMap::new();
    for lack in day.tickers.iter().flat_map(|ticker| &ticker.shortfalls).chain(&day.shortfalls) {
        *parts.entry(lack.part).or_default() += 1;
    }
    if parts.is_empty() {
        return Cell::from("–");
    }
    let parts: Vec<&str> = parts.keys().map(|part| part.name()).collect();
    Cell::toned(Tone::Warn, parts.join(", "))
}

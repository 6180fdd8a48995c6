//! A brief as a document.

use assize_debate::{Outcome, Verdict};
use assize_report::{Cell, Column, Document, LineChart, Series, Table, Text, Tone, XAxis};
use jiff::civil::Date;

use crate::{
    Action, Brief, ShortfallKind, TickerBrief,
    verdict_document::{argue, how_it_went, vote_counts},
};

/// Findings beyond this many are counted, not listed; `brief.json` has them all.
const LISTED_FINDINGS: usize = 20;

impl Brief {
    /// The brief for people: a table of decisions, then each ticker with its reasons, dissent, gaps and evidence.
    #[must_use]
    pub fn to_document(&self) -> Document {
        let mut doc = Document::new(format!("Morning brief, {}", self.as_of));
        doc.meta("as of", self.as_of.to_string());
        doc.meta("horizon", format!("{} sessions", self.horizon_sessions));
        doc.meta("decided by", self.decided_by());
        doc.meta("cost of model calls", format!("{} USD", self.cost));
        doc.heading(2, "Decisions");
        doc.table(self.decisions());
        for ticker in &self.tickers {
            doc.heading(2, ticker.ticker.to_string());
            describe(&mut doc, ticker);
        }
        doc.heading(2, "How to read this");
        doc.paragraph(
            "p(up) is the probability that the panel gives to a higher price, dividends included, at the end of the horizon: the \
             weighted mean of its members' probabilities. From 0.55 it is overweight, from 0.60 buy; up to 0.45 underweight, up \
             to 0.40 sell; between, hold. A member that holds too little evidence, or whose rule has a poor record on this very \
             ticker, abstains and counts for nothing. The brief rests on daily prices alone; it is no advice.",
        );
        doc
    }

    fn decided_by(&self) -> String {
        match self.rounds {
            1 => format!("{}, one vote without a debate", self.rule),
            rounds => format!("{} after at most {rounds} rounds of debate", self.rule),
        }
    }

    fn decisions(&self) -> Table {
        let mut table = Table::new([
            Column::left("ticker"),
            Column::left("decision"),
            Column::right("p(up)"),
            Column::left("votes"),
            Column::left("newest bar"),
            Column::right("close"),
            Column::left("what is missing"),
        ]);
        for ticker in &self.tickers {
            let (action, p) = match &ticker.decision {
                Some(decision) => {
                    (Cell::toned(tone(decision.action), decision.action.to_string()), figure(decision.p_up))
                }
                None => (Cell::toned(Tone::Warn, "none"), "–".to_owned()),
            };
            let (date, close) = match &ticker.newest_bar {
                Some(bar) => (bar.date.to_string(), bar.close.to_string()),
                None => ("–".to_owned(), "–".to_owned()),
            };
            let missing: Vec<&str> =
                ticker.shortfalls.iter().map(|shortfall| shortfall.part.name()).collect();
            let missing = if missing.is_empty() { "nothing".to_owned() } else { dedup(missing).join(", ") };
            table.push([
                Cell::from(ticker.ticker.to_string()),
                action,
                Cell::from(p),
                Cell::from(
                    ticker.verdict.as_ref().map_or_else(|| "–".to_owned(), |verdict| vote_counts(verdict)),
                ),
                Cell::from(date),
                Cell::from(close),
                Cell::from(missing),
            ]);
        }
        table
    }
}

fn describe(doc: &mut Document, ticker: &TickerBrief) {
    match (&ticker.decision, &ticker.verdict) {
        (Some(decision), Some(verdict)) => {
            let text = Text::new()
                .strong(decision.action.to_string())
                .plain(format!(
                    ": p(up) {} over {} sessions; ",
                    figure(decision.p_up),
                    decision.horizon_sessions
                ))
                .plain("the panel says ")
                .strong(stance(verdict))
                .plain(format!(" ({})", vote_counts(verdict)));
            doc.callout(tone(decision.action), text);
        }
        _ => {
            let why: Vec<&str> =
                ticker.shortfalls.iter().map(|shortfall| shortfall.detail.as_str()).collect();
            doc.callout(Tone::Warn, Text::new().strong("no decision").plain(format!(": {}", why.join("; "))));
        }
    }
    if !ticker.shortfalls.is_empty() {
        doc.paragraph(Text::new().strong("Missing or degraded"));
        doc.list(ticker.shortfalls.iter().map(|shortfall| {
            let detail = format!(": {} ({})", shortfall.detail, kind(shortfall.kind));
            Text::new().strong(shortfall.part.name()).plain(detail)
        }));
    }
    if let Some(verdict) = &ticker.verdict {
        debate(doc, ticker, verdict);
    }
    draw(doc, ticker);
    list_findings(doc, ticker);
}

fn debate(doc: &mut Document, ticker: &TickerBrief, verdict: &Verdict) {
    doc.paragraph(Text::new().strong("Reasons"));
    argue(doc, verdict, |id| match ticker.cited.iter().find(|bar| bar.id == id.as_str()) {
        Some(bar) => format!("{} {}", bar.id, bar.date),
        None => format!("{id}, which is not there"),
    });
    doc.paragraph(how_it_went(verdict));
    if !ticker.cited.is_empty() {
        let mut table = Table::new([
            Column::left("evidence"),
            Column::left("session"),
            Column::right("open"),
            Column::right("high"),
            Column::right("low"),
            Column::right("close"),
        ])
        .captioned("The bars cited, as traded");
        for bar in &ticker.cited {
            let prices = [bar.open, bar.high, bar.low, bar.close].map(|price| price.to_string());
            table.push([bar.id.clone(), bar.date.to_string()].into_iter().chain(prices));
        }
        doc.table(table);
    }
}

fn stance(verdict: &Verdict) -> String {
    match &verdict.outcome {
        Outcome::Decided { option } => option.clone(),
        Outcome::Tied { options } => format!("{}: a tie", options.join(" or ")),
        Outcome::NoMajority { options, .. } => format!("{}: no majority", options.join(" or ")),
        _ => "nothing".to_owned(),
    }
}

fn draw(doc: &mut Document, ticker: &TickerBrief) {
    if ticker.closes.len() < 2 {
        return;
    }
    let points = ticker.closes.iter().map(|(date, close)| (days_since_1970(*date), *close)).collect();
    doc.chart(LineChart {
        title: format!("{}: the last {} closes", ticker.ticker, ticker.closes.len()),
        x_label: "session".to_owned(),
        y_label: "close, adjusted for what was known".to_owned(),
        x_axis: XAxis::Date,
        series: vec![Series { label: ticker.ticker.to_string(), points, band: None }],
        markers: Vec::new(),
    });
}

fn list_findings(doc: &mut Document, ticker: &TickerBrief) {
    if ticker.findings.is_empty() {
        return;
    }
    let dropped = ticker.findings.iter().filter(|finding| finding.dropped).count();
    let label = format!(
        "Findings in the data of {}: {}, rows left out: {dropped}",
        ticker.ticker,
        ticker.findings.len()
    );
    doc.details(label, |inner: &mut Document| {
        inner.list(ticker.findings.iter().take(LISTED_FINDINGS).map(|finding| finding.text.as_str()));
        if ticker.findings.len() > LISTED_FINDINGS {
            inner.paragraph(format!("and {} more, in brief.json", ticker.findings.len() - LISTED_FINDINGS));
        }
    });
}

fn days_since_1970(date: Date) -> f64 {
    let epoch = Date::constant(1970, 1, 1);
    let days = date.since(epoch).map(|span| span.get_days()).unwrap_or_default();
    f64::from(days)
}

const fn tone(action: Action) -> Tone {
    match action {
        Action::Buy | Action::Overweight => Tone::Good,
        Action::Hold => Tone::Note,
        Action::Underweight | Action::Sell => Tone::Bad,
    }
}

fn figure(p: f64) -> String {
    format!("{p:.3}")
}

pub(crate) fn kind(kind: ShortfallKind) -> &'static str {
    match kind {
        ShortfallKind::LeftOut => "left out",
        ShortfallKind::Unknown => "unknown",
        ShortfallKind::Unreadable => "unreadable",
        ShortfallKind::Outside => "no answer",
        ShortfallKind::Stale => "stale",
        ShortfallKind::TooLittle => "too little",
        ShortfallKind::Deadline => "deadline",
        ShortfallKind::NoOpinion => "no opinion",
        ShortfallKind::Failed => "failed",
        ShortfallKind::Budget => "budget",
        ShortfallKind::NeedsModel => "needs a model",
    }
}

fn dedup(mut names: Vec<&str>) -> Vec<&str> {
    names.dedup();
    names
}

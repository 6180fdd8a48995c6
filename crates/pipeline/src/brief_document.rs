//! A brief as a document.

use assize_altdata::{Ticker, new_york};
use assize_debate::{Outcome, Verdict};
use assize_report::{Cell, Column, Document, LineChart, Series, Table, Text, Tone, XAxis};
use jiff::civil::Date;

use crate::{
    Action, Brief, Part, PartState, Shortfall, ShortfallKind, Status, TickerBrief,
    decision::put_card,
    desk_document::put_desk,
    rival::Asked,
    verdict_document::{argue, how_it_went, vote_counts},
};

/// Evidence beyond so many pieces is counted, not listed; `brief.json` has all that is cited.
const LISTED_EVIDENCE: usize = 40;
/// Findings beyond this many are counted, not listed; `brief.json` has them all.
const LISTED_FINDINGS: usize = 20;

impl Brief {
    /// The brief for people: a table of decisions, then each ticker with its reasons, dissent, gaps and evidence.
    #[must_use]
    pub fn to_document(&self) -> Document {
        self.document(true)
    }

    /// The same for a terminal: without pictures and the tables of evidence, which take a page.
    #[must_use]
    pub fn to_short_document(&self) -> Document {
        self.document(false)
    }

    fn document(&self, is_whole: bool) -> Document {
        let mut doc = Document::new(format!("Morning brief, {}", self.as_of));
        doc.meta("as of", self.as_of.to_string());
        doc.meta("horizon", format!("{} sessions", self.horizon_sessions));
        doc.meta("question", self.question());
        doc.meta("decided by", self.decided_by());
        doc.meta("cost of model calls", format!("{} USD", self.cost));
        doc.heading(2, "Decisions");
        doc.table(self.decisions());
        if let Some(desk) = &self.desk {
            doc.heading(2, "On paper");
            put_desk(&mut doc, desk, is_whole);
        }
        for ticker in &self.tickers {
            doc.heading(2, ticker.ticker.to_string());
            describe(&mut doc, ticker, is_whole);
        }
        doc.heading(2, "How to read this");
        doc.paragraph(
            "p(up) is the probability that the panel gives to a higher price, dividends included, at the end of the horizon, or \
             where a benchmark is named to a higher return than that of the benchmark: the weighted mean of its members' \
             probabilities. From 0.55 it is overweight, from 0.60 buy; up to 0.45 underweight, up \
             to 0.40 sell; between, hold. A member that holds too little evidence, or whose rule has a poor record on this very \
             ticker, abstains and counts for nothing. It is no advice.",
        );
        doc
    }

    /// What was asked, and of whom something else.
    fn question(&self) -> String {
        let horizon = self.horizon_sessions;
        let asked = format!("{}, after {horizon} sessions", Asked(self.benchmark.as_ref()));
        let decided = self.tickers.iter().filter(|ticker| ticker.verdict.is_some());
        let others: Vec<&str> = decided
            .filter(|ticker| ticker.benchmark != self.benchmark)
            .map(|ticker| ticker.ticker.as_str())
            .collect();
        if others.is_empty() { asked } else { format!("{asked}; of {}, {}", others.join(", "), Asked(None)) }
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
            let missing = missing(ticker);
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

fn describe(doc: &mut Document, ticker: &TickerBrief, is_whole: bool) {
    match (&ticker.decision, &ticker.verdict) {
        (Some(decision), Some(verdict)) => {
            let text = Text::new()
                .strong(decision.action.to_string())
                .plain(format!(
                    ": p(up) {}{} over {} sessions; ",
                    figure(decision.p_up),
                    to_beat(decision.benchmark.as_ref()),
                    decision.horizon_sessions
                ))
                .plain("the panel says ")
                .strong(stance(verdict))
                .plain(format!(" ({})", vote_counts(verdict)));
            doc.callout(tone(decision.action), text);
            put_card(doc, decision);
        }
        _ => {
            // What else is missing stands below.
            let matters = |lack: &&Shortfall| !matches!(lack.part, Part::Altdata | Part::Options);
            let why: Vec<&str> =
                ticker.shortfalls.iter().filter(matters).map(|lack| lack.detail.as_str()).collect();
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
    if !ticker.quiet.is_empty() {
        doc.paragraph(format!("Sources that know of nothing, or nothing new: {}.", ticker.quiet.join("; ")));
    }
    if let Some(found) = found(ticker) {
        doc.paragraph(found);
    }
    if let Some(verdict) = &ticker.verdict {
        debate(doc, ticker, verdict);
    }
    if is_whole {
        list_evidence(doc, ticker);
        draw(doc, ticker);
    }
    list_findings(doc, ticker);
}

/// What it is to return more than, as part of a sentence.
fn to_beat(benchmark: Option<&Ticker>) -> String {
    benchmark.map(|name| format!(" (to return more than {name})")).unwrap_or_default()
}

fn debate(doc: &mut Document, ticker: &TickerBrief, verdict: &Verdict) {
    doc.paragraph(Text::new().strong("Reasons"));
    argue(doc, verdict, |id| {
        if let Some(bar) = ticker.cited.iter().find(|bar| bar.id == id.as_str()) {
            return format!("{} {}", bar.id, bar.date);
        }
        match ticker.evidence.iter().find(|evidence| evidence.id == id.as_str()) {
            Some(evidence) => format!("{} {}", evidence.id, evidence.kind),
            None => format!("{id}, which is not there"),
        }
    });
    doc.paragraph(how_it_went(verdict));
}

/// Every piece of evidence that somebody cites: what it says, since when that was known, and where it comes from.
fn list_evidence(doc: &mut Document, ticker: &TickerBrief) {
    if ticker.evidence.is_empty() {
        return;
    }
    let mut table = Table::new([
        Column::left("evidence"),
        Column::left("kind"),
        Column::left("what it says"),
        Column::left("known since, New York"),
        Column::left("source"),
    ])
    .captioned("The evidence cited");
    for evidence in ticker.evidence.iter().take(LISTED_EVIDENCE) {
        table.push([
            Text::from(evidence.id.as_str()),
            Text::from(evidence.kind.as_str()),
            Text::from(evidence.says.as_str()),
            Text::from(new_york::wall(evidence.available_at).strftime("%Y-%m-%d %H:%M").to_string()),
            source(&evidence.source),
        ]);
    }
    doc.table(table);
    if let Some(more @ 1..) = ticker.evidence.len().checked_sub(LISTED_EVIDENCE) {
        doc.paragraph(format!("… and {more} more pieces of evidence, in brief.json"));
    }
}

/// A link that shows its host; a file shows its name.
pub(crate) fn source(address: &str) -> Text {
    match address.split_once("://") {
        Some((_, rest)) => {
            let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
            Text::new().link(host, address)
        }
        None => Text::from(address.strip_prefix("file:").unwrap_or(address)),
    }
}

/// How much was found, part by part.
fn found(ticker: &TickerBrief) -> Option<String> {
    let of = |state: &PartState| {
        let items = state.items.filter(|items| *items > 0)?;
        let from = state.sources.join(", ");
        Some(format!("{} {items} ({from})", state.part))
    };
    let parts: Vec<String> = ticker.parts.iter().filter_map(of).collect();
    (!parts.is_empty()).then(|| format!("Observations: {}.", parts.join("; ")))
}

/// The parts that are not whole, each once; those that are there in part say so.
fn missing(ticker: &TickerBrief) -> String {
    let is_whole = |state: &&PartState| state.status == Status::Full;
    let name = |state: &PartState| match state.status {
        Status::Degraded => format!("{} (in part)", state.part),
        _ => state.part.name().to_owned(),
    };
    let missing: Vec<String> = ticker.parts.iter().filter(|state| !is_whole(state)).map(name).collect();
    if missing.is_empty() { "nothing".to_owned() } else { missing.join(", ") }
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
    if ticker.closes.len() >= 2 {
        doc.chart(closes_chart(ticker.ticker.as_str(), &ticker.closes));
    }
}

/// The last closes of a ticker.
pub(crate) fn closes_chart(ticker: &str, closes: &[(Date, f64)]) -> LineChart {
    let points = closes.iter().map(|(date, close)| (days_since_1970(*date), *close)).collect();
    LineChart {
        title: format!("{ticker}: the last {} closes", closes.len()),
        x_label: "session".to_owned(),
        y_label: "close, adjusted for what was known".to_owned(),
        x_axis: XAxis::Date,
        series: vec![Series { label: ticker.to_owned(), points, band: None }],
        markers: Vec::new(),
    }
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

pub(crate) fn days_since_1970(date: Date) -> f64 {
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
        ShortfallKind::NotAsked => "not asked",
        ShortfallKind::Budget => "budget",
        ShortfallKind::Unknown => "unknown",
        ShortfallKind::Unreadable => "unreadable",
        ShortfallKind::Outside => "no answer",
        ShortfallKind::Stale => "stale",
        ShortfallKind::TooLittle => "too little",
        ShortfallKind::Deadline => "deadline",
        ShortfallKind::NoOpinion => "no opinion",
        ShortfallKind::LookedBack => "looked back",
        ShortfallKind::Failed => "failed",
        ShortfallKind::NeedsModel => "needs a model",
    }
}

//! The record of a run as a document.

use std::time::Duration;

use assize_report::{Cell, Column, Document, Lane, Span, Table, Text, Timeline, Tone};

use crate::{RunRecord, Status, toggle};

/// A run of this length or longer is drawn in seconds.
const IN_SECONDS: Duration = Duration::from_secs(10);
/// Findings beyond this many are counted, not listed; `run.json` has them all.
const LISTED_FINDINGS: usize = 100;

impl RunRecord {
    /// The record for people: the time of each stage, a timeline of all tickers, and what the as-of cut took away.
    #[must_use]
    pub fn to_document(&self) -> Document {
        let mut doc = Document::new("How the run went");
        doc.meta("started", self.started_at.to_string());
        doc.meta("took", milliseconds(self.elapsed));
        doc.meta("research took", milliseconds(self.research));
        doc.heading(2, "Time per stage");
        doc.table(self.stages());
        doc.chart(self.timeline());
        doc.heading(2, "Time per ticker and stage");
        doc.table(self.tickers());
        doc.heading(2, "What was fetched, and what the as-of cut took away");
        doc.table(self.fetches());
        doc.heading(2, "How the sources fared");
        doc.table(self.sources());
        if !self.toggles.is_empty() {
            doc.heading(2, "Debate, vote or skip");
            toggle::describe(&mut doc, &self.toggles, &toggle::calibration(&self.toggles));
        }
        if !self.not_asked.is_empty() {
            doc.paragraph(Text::new().strong("Not asked"));
            doc.list(self.not_asked.iter().map(|one| format!("{}: {}", one.source, one.why)));
        }
        for ticker in self.tickers.iter().filter(|ticker| !ticker.findings.is_empty()) {
            let label = format!("Findings in the data of {}: {}", ticker.ticker, ticker.findings.len());
            doc.details(label, |inner: &mut Document| {
                inner.list(ticker.findings.iter().take(LISTED_FINDINGS).map(String::as_str));
                if ticker.findings.len() > LISTED_FINDINGS {
                    inner.paragraph(format!(
                        "and {} more, in run.json",
                        ticker.findings.len() - LISTED_FINDINGS
                    ));
                }
            });
        }
        doc
    }

    fn stages(&self) -> Table {
        let totals = self.stage_totals();
        let all: Duration = totals.iter().map(|(_, total)| *total).sum();
        let mut table =
            Table::new([Column::left("stage"), Column::right("all tickers"), Column::right("share")]);
        for (stage, total) in totals {
            let share = if all.is_zero() { 0.0 } else { total.as_secs_f64() / all.as_secs_f64() };
            table.push([stage.to_owned(), milliseconds(total), format!("{:.1} %", share * 100.0)]);
        }
        table
    }

    fn timeline(&self) -> Timeline {
        let (unit, per_second) = if self.elapsed >= IN_SECONDS { ("s", 1.0) } else { ("ms", 1e3) };
        let lanes = self.tickers.iter().map(|ticker| {
            let span = |span: &crate::StageSpan| Span {
                label: span.stage.to_owned(),
                start: span.start.as_secs_f64() * per_second,
                end: span.end.as_secs_f64() * per_second,
                tone: tone(span.status),
            };
            Lane { label: ticker.ticker.to_string(), spans: ticker.stages.iter().map(span).collect() }
        });
        Timeline { title: "Stages of each ticker".to_owned(), unit: unit.to_owned(), lanes: lanes.collect() }
    }

    fn tickers(&self) -> Table {
        let mut table = Table::new([
            Column::left("ticker"),
            Column::left("stage"),
            Column::right("waited"),
            Column::right("began"),
            Column::right("took"),
            Column::left("gave"),
        ]);
        for ticker in &self.tickers {
            for span in &ticker.stages {
                table.push([
                    ticker.ticker.to_string(),
                    span.stage.to_owned(),
                    milliseconds(span.start.saturating_sub(span.asked)),
                    milliseconds(span.start),
                    milliseconds(span.end.saturating_sub(span.start)),
                    span.status.to_string(),
                ]);
            }
        }
        table
    }

    fn sources(&self) -> Table {
        let mut table = Table::new([
            Column::left("source"),
            Column::right("attempts"),
            Column::right("good"),
            Column::right("median of the last"),
            Column::left("failures among the last"),
        ]);
        for health in &self.sources {
            let good = health
                .success_share()
                .map_or_else(|| "–".to_owned(), |share| format!("{:.0} %", share * 100.0));
            let tone = if health.success_share().is_some_and(|share| share < 1.0) {
                Tone::Warn
            } else {
                Tone::Plain
            };
            let failures: Vec<String> =
                health.failures().iter().map(|(why, n)| format!("{why} {n}")).collect();
            table.push([
                Cell::from(health.source.to_string()),
                Cell::from(health.attempts.to_string()),
                Cell::toned(tone, good),
                Cell::from(health.median().map_or_else(|| "–".to_owned(), milliseconds)),
                Cell::from(if failures.is_empty() { "–".to_owned() } else { failures.join(", ") }),
            ]);
        }
        table
    }

    fn fetches(&self) -> Table {
        let mut table = Table::new([
            Column::left("ticker"),
            Column::right("requests"),
            Column::right("items kept"),
            Column::right("items after the as-of date"),
            Column::left("their dates"),
            Column::right("findings after it"),
        ]);
        for ticker in &self.tickers {
            let fetch = &ticker.fetch;
            let dates = fetch
                .removed
                .dates()
                .map_or_else(|| "–".to_owned(), |(first, last)| format!("{first} to {last}"));
            table.push([
                ticker.ticker.to_string(),
                fetch.requests.to_string(),
                fetch.items.to_string(),
                fetch.removed.count.to_string(),
                dates,
                fetch.removed_findings.count.to_string(),
            ]);
        }
        table
    }
}

/// A duration in milliseconds, to the microsecond.
pub(crate) fn milliseconds(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1e3)
}

/// How a stage is drawn that gave so much.
pub(crate) const fn tone(status: Status) -> Tone {
    match status {
        Status::Full => Tone::Good,
        Status::Degraded => Tone::Warn,
        Status::Missing => Tone::Bad,
    }
}

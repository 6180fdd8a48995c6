//! The record of an analysis as a document.

use std::time::Duration;

use assize_report::{Column, Document, Lane, Span, Table, Timeline, Tone};

use super::AnalysisRecord;
use crate::run_document::{milliseconds, tone};

impl AnalysisRecord {
    /// The record for people: a timeline, the time of each stage, each call, and what was fetched.
    #[must_use]
    pub fn to_document(&self) -> Document {
        let mut doc = Document::new(format!("How the analysis of {} went", self.ticker));
        doc.meta("started", self.started_at.to_string());
        doc.meta("took", milliseconds(self.elapsed));
        doc.meta("paid for calls", format!("{} USD", self.paid()));
        doc.chart(self.timeline());
        doc.heading(2, "Stages");
        doc.table(self.stages());
        doc.heading(2, "Calls of the model");
        doc.table(self.calls());
        doc.heading(2, "What was fetched, and what the as-of cut took away");
        doc.table(self.fetches());
        if !self.findings.is_empty() {
            let label = format!("Findings in the data: {}", self.findings.len());
            doc.details(label, |inner: &mut Document| {
                inner.list(self.findings.iter().take(100).map(String::as_str));
            });
        }
        doc
    }

    fn timeline(&self) -> Timeline {
        let lanes = self.stages.iter().map(|span| {
            let of = |label: &str, start: Duration, end: Duration, tone| Span {
                label: label.to_owned(),
                start: start.as_secs_f64() * 1e3,
                end: end.as_secs_f64() * 1e3,
                tone,
            };
            let work = of(span.stage, span.start, span.end, tone(span.status));
            let waiting =
                (span.start > span.asked).then(|| of("waiting", span.asked, span.start, Tone::Plain));
            Lane { label: span.stage.to_owned(), spans: waiting.into_iter().chain([work]).collect() }
        });
        Timeline { title: "Stages".to_owned(), unit: "ms".to_owned(), lanes: lanes.collect() }
    }

    fn stages(&self) -> Table {
        let mut table = Table::new([
            Column::left("stage"),
            Column::right("asked for"),
            Column::right("began"),
            Column::right("took"),
            Column::left("gave"),
        ]);
        for span in &self.stages {
            table.push([
                span.stage.to_owned(),
                milliseconds(span.asked),
                milliseconds(span.start),
                milliseconds(span.end.saturating_sub(span.start)),
                span.status.to_string(),
            ]);
        }
        table
    }

    fn calls(&self) -> Table {
        let mut table = Table::new([
            Column::left("for"),
            Column::right("attempt"),
            Column::right("asked"),
            Column::right("took"),
            Column::left("from"),
            Column::right("paid"),
            Column::left("failed"),
        ]);
        for call in &self.calls {
            let paid = call.paid.map_or_else(|| "–".to_owned(), |paid| format!("{paid} USD"));
            table.push([
                call.name.to_owned(),
                (call.attempt + 1).to_string(),
                milliseconds(call.asked),
                milliseconds(call.answered.saturating_sub(call.asked)),
                if call.is_from_cache { "the cache" } else { "the model" }.to_owned(),
                paid,
                call.error.unwrap_or("no").to_owned(),
            ]);
        }
        table
    }

    fn fetches(&self) -> Table {
        let mut table = Table::new([
            Column::left("stage"),
            Column::right("requests"),
            Column::right("items kept"),
            Column::right("items after the as-of date"),
            Column::right("findings after it"),
        ]);
        for (stage, note) in &self.fetches {
            table.push([
                (*stage).to_owned(),
                note.requests.to_string(),
                note.items.to_string(),
                note.removed.count.to_string(),
                note.removed_findings.count.to_string(),
            ]);
        }
        table
    }
}

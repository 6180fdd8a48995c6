//! An analysis as a document.

use assize_report::{
    Bar, BarChart, Cell as TableCell, Column, Document, Reference, Scale, Table, Text, Tone,
};

use super::{Analysis, Cell, Financial, Framework, Grade, Market, Measure, Point, Research, Writer};
use crate::{
    Shortfall, Status,
    brief_document::{closes_chart, kind, source},
};

/// More evidence than this is counted, not listed.
const LISTED_EXHIBITS: usize = 250;
const LISTED_FINDINGS: usize = 20;

impl Analysis {
    /// The analysis for people: what it comes to, its figures, the frameworks, what is missing, and the evidence.
    #[must_use]
    pub fn to_document(&self) -> Document {
        let research = self.known.research.found.as_ref();
        let name = research.and_then(|research| research.name.as_deref());
        let title = match name {
            Some(name) => format!("Analysis of {} ({name})", self.ticker),
            None => format!("Analysis of {}", self.ticker),
        };
        let mut doc = Document::new(title);
        doc.meta("as of", self.as_of.to_string());
        doc.meta("written by", self.model.as_deref().unwrap_or("rules, without a model"));
        if self.model.is_some() {
            doc.meta("cost of model calls", format!("{} USD by the price list", self.cost));
            doc.meta(
                "points that cite what is there",
                format!("{} of {}", self.supported_points, self.model_points),
            );
        }
        self.conclude(&mut doc);
        if let Some(financial) = &self.known.financial.found {
            doc.heading(2, "Finances");
            finances(&mut doc, financial);
        }
        if let Some(market) = &self.known.market.found {
            doc.heading(2, "Market");
            self.market(&mut doc, market);
        }
        if let Some(research) = research {
            doc.heading(2, "What is said and filed");
            said(&mut doc, research);
        }
        for framework in &self.frameworks {
            doc.heading(2, framework.title);
            describe(&mut doc, framework);
        }
        doc.heading(2, "What is missing");
        self.missing(&mut doc);
        self.evidence(&mut doc);
        doc.heading(2, "How to read this");
        doc.paragraph(
            "Every figure has an id and says what it was worked out of; every point says in brackets what it rests on. A point marked \
             as unsupported cites nothing that is there: it is a claim. Thresholds, anchors and weights are declared, not estimated; \
             they are for companies that make and sell things, not for banks and insurers. It is no advice.",
        );
        doc
    }

    fn conclude(&self, doc: &mut Document) {
        let synthesis = &self.synthesis;
        let tone = match self.known.financial.found.as_ref().and_then(|found| found.health.as_ref()) {
            Some(health) if health.grade <= Grade::B => Tone::Good,
            Some(health) if health.grade == Grade::C => Tone::Note,
            Some(_) => Tone::Warn,
            None => Tone::Note,
        };
        let summary = synthesis.summary.as_deref().unwrap_or("nothing can be said");
        doc.callout(tone, Text::from(summary));
        let by = match synthesis.writer {
            Some(Writer::Rules) if self.model.is_some() => {
                "Written by rules: the model gave no answer that can be used."
            }
            _ => "",
        };
        doc.paragraph(by);
        for cell in &synthesis.cells {
            fill(doc, cell);
        }
    }

    fn market(&self, doc: &mut Document, market: &Market) {
        if market.closes.len() >= 2 {
            doc.chart(closes_chart(self.ticker.as_str(), &market.closes));
        }
        measured(doc, "Prices, options, short sales", &market.measures);
        measured(doc, "The economy", &market.economy);
    }

    fn missing(&self, doc: &mut Document) {
        let mut lines: Vec<Text> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for lack in self.shortfalls() {
            if seen.insert((lack.part, lack.detail.as_str())) {
                lines.push(lacking(lack));
            }
        }
        if lines.is_empty() {
            doc.paragraph("Nothing.");
        }
        doc.list(lines);
        if !self.findings.is_empty() {
            let label = format!("Findings in the data: {}", self.findings.len());
            doc.details(label, |inner: &mut Document| {
                inner.list(self.findings.iter().take(LISTED_FINDINGS).map(|finding| finding.text.as_str()));
            });
        }
    }

    fn evidence(&self, doc: &mut Document) {
        let mut table = Table::new([
            Column::left("id"),
            Column::left("kind"),
            Column::left("what it says"),
            Column::left("known since"),
            Column::left("read from"),
        ]);
        for exhibit in self.exhibits.iter().take(LISTED_EXHIBITS) {
            let since = exhibit.available_at.strftime("%Y-%m-%d %H:%M").to_string();
            table.push([
                TableCell::from(exhibit.id.as_str()),
                TableCell::from(exhibit.kind),
                TableCell::from(exhibit.text.as_str()),
                TableCell::from(since),
                TableCell::from(source(&exhibit.source)),
            ]);
        }
        let label = format!("Evidence: {} pieces are cited", self.exhibits.len());
        doc.details(label, |inner: &mut Document| {
            inner.table(table);
            if self.exhibits.len() > LISTED_EXHIBITS {
                inner.paragraph(format!(
                    "and {} more, in analysis.json",
                    self.exhibits.len() - LISTED_EXHIBITS
                ));
            }
        });
    }
}

fn finances(doc: &mut Document, financial: &Financial) {
    if let Some(health) = &financial.health {
        let bar = |part: &super::HealthPart| Bar {
            label: format!("{} ({:.0} %)", part.name, 100.0 * part.weight),
            value: part.worth,
            interval: None,
            display: format!("{:.0}", part.worth),
            tone: match part.worth {
                _ if part.worth >= 65.0 => Tone::Good,
                _ if part.worth >= 35.0 => Tone::Note,
                _ => Tone::Bad,
            },
        };
        doc.chart(BarChart {
            title: format!(
                "Health {}: {:.0} of 100, by its parts and their weights",
                health.grade, health.score
            ),
            unit: "of 100".to_owned(),
            scale: Scale::Linear,
            bars: health.parts.iter().map(bar).collect(),
            reference: vec![Reference { label: "all".to_owned(), value: 100.0 }],
        });
        if !health.missing.is_empty() {
            doc.paragraph(format!(
                "Not in the grade, since nothing is reported: {}.",
                health.missing.join(", ")
            ));
        }
    }
    let of = financial.period_end.map(|end| format!(", twelve months to {end}")).unwrap_or_default();
    measured(doc, &format!("Figures{of}"), &financial.measures);
    let found = &financial.piotroski;
    let mut table = Table::new([Column::left("test"), Column::left("passed"), Column::left("rests on")]);
    for test in &found.tests {
        let (tone, said) = match test.is_passed {
            Some(true) => (Tone::Good, "yes"),
            Some(false) => (Tone::Bad, "no"),
            None => (Tone::Plain, "not known"),
        };
        let ids: Vec<&str> = test.rests_on.iter().map(assize_debate::EvidenceId::as_str).collect();
        table.push([
            TableCell::from(test.name),
            TableCell::toned(tone, said),
            TableCell::from(ids.join(" ")),
        ]);
    }
    let label = format!("Piotroski's tests: {} passed of {} that can be held", found.passed, found.held);
    doc.details(label, |inner: &mut Document| {
        inner.table(table);
    });
}

fn measured(doc: &mut Document, caption: &str, measures: &[Measure]) {
    if measures.is_empty() {
        return;
    }
    let mut table =
        Table::new([Column::left("figure"), Column::right("value"), Column::left("how"), Column::left("id")])
            .captioned(caption);
    for measure in measures {
        let how = measure.text.split_once(": ").map_or(measure.text.as_str(), |(_, how)| how);
        table.push([measure.name.to_owned(), measure.shown(), how.to_owned(), measure.id.to_string()]);
    }
    doc.table(table);
}

fn said(doc: &mut Document, research: &Research) {
    measured(doc, "Attention, tone, insiders", &research.measures);
    if !research.stories.is_empty() {
        let mut table = Table::new([
            Column::left("story"),
            Column::left("category"),
            Column::right("articles"),
            Column::right("sites"),
            Column::right("tone"),
            Column::left("since"),
        ])
        .captioned("What was told most in the last 30 days");
        for story in &research.stories {
            table.push([
                story.headline.clone(),
                story.category.to_owned(),
                story.articles.to_string(),
                story.sites.to_string(),
                format!("{:+.2}", story.tone),
                story.first_at.strftime("%Y-%m-%d").to_string(),
            ]);
        }
        doc.table(table);
        let categories: Vec<String> = research
            .categories
            .iter()
            .map(|note| format!("{} {} (tone {:+.2})", note.category, note.articles, note.tone))
            .collect();
        doc.paragraph(format!("Articles by category: {}.", categories.join(", ")));
    }
    if !research.filings.is_empty() {
        let mut table = Table::new([
            Column::left("filed"),
            Column::left("form"),
            Column::left("about"),
            Column::left("id"),
        ])
        .captioned("Filings");
        for filing in &research.filings {
            let about = filing.about.join("; ");
            let tone = if filing.is_warning { Tone::Bad } else { Tone::Plain };
            table.push([
                TableCell::from(filing.filed_on.to_string()),
                TableCell::from(filing.form.as_str()),
                TableCell::toned(tone, about),
                TableCell::from(filing.id.as_str()),
            ]);
        }
        doc.table(table);
    }
}

fn describe(doc: &mut Document, framework: &Framework) {
    match (framework.status, framework.writer) {
        (Status::Missing, _) => {
            let why: Vec<&str> = framework.shortfalls.iter().map(|lack| lack.detail.as_str()).collect();
            doc.callout(
                Tone::Warn,
                Text::new().strong("not filled in").plain(format!(": {}", why.join("; "))),
            );
            return;
        }
        (_, Some(Writer::Rules)) => {
            doc.paragraph("Filled in by rules over figures and news, against declared thresholds.");
        }
        _ => {}
    }
    doc.paragraph(framework.summary.as_deref().unwrap_or_default());
    for cell in &framework.cells {
        fill(doc, cell);
    }
    if let Some(call) = &framework.call {
        let cost = call.cost.map(|cost| format!(", {cost} USD")).unwrap_or_default();
        doc.paragraph(Text::new().emphasis(format!(
            "{}: prompt {}, {} call(s), {} tokens in, {} out{cost}",
            call.model, call.prompt_hash, call.calls, call.input_tokens, call.output_tokens
        )));
    }
}

fn fill(doc: &mut Document, cell: &Cell) {
    doc.paragraph(Text::new().strong(cell.title));
    match &cell.missing {
        Some(lack) => {
            doc.paragraph(Text::new().emphasis(format!("missing: {} ({})", lack.detail, kind(lack.kind))));
        }
        None if cell.points.is_empty() => {
            doc.paragraph("Nothing stands out.");
        }
        None => {
            doc.list(cell.points.iter().map(point));
        }
    }
}

fn point(point: &Point) -> Text {
    let mut text = Text::new().plain(&point.text);
    for id in &point.cites {
        text = text.plain(" ").code(id.as_str());
    }
    if !point.unknown_cites.is_empty() {
        let ids: Vec<&str> = point.unknown_cites.iter().map(assize_debate::EvidenceId::as_str).collect();
        text = text.plain(" ").emphasis(format!("(cites what is not there: {})", ids.join(", ")));
    }
    if !point.is_supported {
        text = text.plain(" ").strong("unsupported");
    }
    text
}

fn lacking(lack: &Shortfall) -> Text {
    Text::new().strong(lack.part.name()).plain(format!(": {} ({})", lack.detail, kind(lack.kind)))
}

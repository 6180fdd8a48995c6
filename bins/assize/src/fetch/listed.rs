//! `assize fetch --list`: all sources that there are.

use std::process::ExitCode;

use assize_report::{Cell, Column, Document, Table, Tone};
use assize_wiring::{ListedSource, source_catalogue};
use serde_json::{Value, json};

use crate::{
    arguments::FetchArguments,
    exit::{Failure, Outcome},
    screen::Screen,
};

pub(super) fn run(arguments: &FetchArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    let sources = source_catalogue(arguments.places.keys.as_deref())?;
    let json = json!({ "format_version": 1, "sources": sources.iter().map(entry).collect::<Vec<_>>() });
    screen.show(&page(&sources), &json)?;
    Ok(Outcome::Done.into())
}

fn page(sources: &[ListedSource]) -> Document {
    let mut doc = Document::new(format!("Sources: {}", sources.len()));
    doc.paragraph(
        "What is on is asked unless --sources says otherwise; what is off has terms that are yours to check. \
         Beside them --prices DIR reads a folder of daily price tables (csv-folder).",
    );
    let mut table = Table::new([
        Column::left("source"),
        Column::left("kind"),
        Column::left("host"),
        Column::left("on"),
        Column::left("needs"),
    ]);
    for source in sources {
        let meta = &source.meta;
        let needs = match &source.needs {
            None => Cell::from("–"),
            Some(need) if need.is_there => Cell::toned(Tone::Good, format!("{}: there", need.variable)),
            Some(need) => Cell::toned(Tone::Warn, format!("{}: missing", need.variable)),
        };
        table.push([
            Cell::from(meta.id.to_string()),
            Cell::from(meta.kind.as_str()),
            Cell::from(source.hosts.join(", ")),
            Cell::from(if is_on(source) { "yes" } else { "no" }),
            needs,
        ]);
    }
    doc.table(table);
    doc.heading(2, "Rates and terms");
    doc.list(sources.iter().map(|source| {
        let rate = source.meta.rate.map(|n| format!("{} a second; ", rate(n))).unwrap_or_default();
        format!("{}: {rate}{}", source.meta.id, source.meta.terms)
    }));
    doc
}

/// Requests a second, as short as they can be said.
fn rate(rate: f64) -> String {
    format!("{rate:.2}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn is_on(source: &ListedSource) -> bool {
    source.meta.default_on && source.needs.as_ref().is_none_or(|need| need.is_there)
}

fn entry(source: &ListedSource) -> Value {
    let meta = &source.meta;
    json!({
        "source": meta.id.as_str(),
        "kind": meta.kind.as_str(),
        "hosts": source.hosts,
        "requests_per_second": meta.rate,
        "burst": meta.burst,
        "fresh_for_s": meta.ttl.as_secs(),
        "stale_after_s": meta.stale_after.map(|time| time.as_secs()),
        "terms": meta.terms,
        "needs": source.needs.as_ref().map(|need| json!({
            "name": need.name, "variable": need.variable, "is_there": need.is_there,
        })),
        "default": is_on(source),
    })
}
